// Visual analogue lines. There is no handle until the line is touched, and
// nothing on it but its ends: no ticks, no number, no colour. An untouched line
// is a missing answer.

import { make, t } from "./words";
import { slide } from "./slide";

export function lines(): void {
  for (const vas of document.querySelectorAll<HTMLElement>("[data-vas]")) line(vas);
}

// told says how a line was when it was marked: its length in CSS pixels, with
// what, and how often. A drag is one mark.
let dragged = 0;
function told(before: string, track: HTMLElement, by: string): string {
  const marks = Number(before.split(" ")[2] || 0);
  const same = by !== "keys" && performance.now() - dragged < 250;
  if (by !== "keys") dragged = performance.now();
  return [Math.round(track.getBoundingClientRect().width), by, Math.max(1, same ? marks : marks + 1)].join(" ");
}

function line(vas: HTMLElement): void {
  const plain = vas.querySelector<HTMLElement>(".plain")!;
  const input = plain.querySelector("input")!;
  const low = Number(input.min);
  const high = Number(input.max);
  const legend = vas.closest("fieldset")?.querySelector("legend")?.textContent?.trim() ?? "";
  const handle = make("span", { class: "handle" });
  const track = make("div", {
    class: "track", role: "slider", tabindex: "0", "aria-valuemin": String(low), "aria-valuemax": String(high),
    "aria-label": legend + ": " + vas.dataset.low + " – " + vas.dataset.high,
  }, make("span", { class: "stroke" }), handle);
  const clear = make("button", { type: "button", class: "quiet clear" }, t("line.clear"));
  input.type = "hidden";
  plain.hidden = true;
  const get = () => (input.value === "" ? undefined : Number(input.value));
  const paint = () => {
    const v = get();
    handle.hidden = v === undefined;
    clear.hidden = v === undefined;
    if (v !== undefined) handle.style.left = ((100 * (v - low)) / (high - low)).toFixed(2) + "%";
    track.setAttribute("aria-valuenow", String(v ?? low));
    track.setAttribute("aria-valuetext", v === undefined ? t("line.unset") : String(v));
  };
  const how = make("input", { type: "hidden", name: "p." + vas.closest<HTMLElement>("[data-item]")?.dataset.item });
  const set = (v: number | undefined, by = "") => {
    input.value = v === undefined ? "" : String(v);
    how.value = v === undefined ? "" : told(how.value, track, by);
    paint();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  slide(track, { span: () => [low, high], least: low, most: high, grid: 1, big: 10, get, set, first: () => Math.round((low + high) / 2) });
  clear.onclick = () => {
    set(undefined);
    track.focus();
  };
  input.addEventListener("restored", paint);
  vas.append(how, track, clear);
  paint();
}
