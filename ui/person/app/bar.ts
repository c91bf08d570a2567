// Last night as a bar: one lane for each time, on the same clock, and above them
// what they come to. A lane has no handle until a time is set; tapping sets it,
// dragging and the arrow keys move it, and the fields, which may be folded away,
// always hold the same values.

import { axis, hours, least, most, onAxis, type Axis } from "./axis";
import { field, fine, saysUnsure, type Fine } from "./fine";
import { move, slide, type Rail } from "./slide";
import { further, write as put } from "./stepper";
import { byId, clockAt, count, make, t } from "./words";

const step = 5;
const longest = 960; // minutes that may be spent awake

let sliding = false; // a time is being set on a lane, and not in a field

interface Lane {
  item: string;
  label: string;
  rail: Rail;
  tell(): string;
  fine: Fine[];
}

const number = (id: string): number | undefined => {
  const text = field(id)?.value ?? "";
  return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
};

function write(id: string, text: string): void {
  const f = field(id);
  if (f) put(f, text);
}

const minutes = (id: string): string => {
  const n = number(id);
  return saysUnsure(id) ? t("unsure") : n === undefined ? t("unset") : t("bar.min", { n });
};

// clockLane is a time of day.
function clockLane(a: Axis, item: string, label: string, guess: number): Lane {
  const tell = () => (saysUnsure(item) ? t("unsure") : field(item)?.value || t("unset"));
  const rail: Rail = {
    span: a.span, least, most: most - step, grid: step, big: 12, grab: true, widen: a.widen,
    get: () => onAxis(field(item)?.value || undefined),
    set: (m) => write(item, clockAt(m)),
    first: () => guess,
  };
  return { item, label, rail, tell, fine: [{ item, name: label, told: tell, by: step, move: (sign, times) => move(rail, sign * step * times, "button") }] };
}

// asleepLane stands where she fell asleep, and holds the minutes that it took.
function asleepLane(a: Axis, since: () => number | undefined): Lane {
  const tell = () => minutes("sol");
  const rail: Rail = {
    span: a.span, least, most, grid: step, big: 12, grab: true, widen: a.widen,
    get: () => {
      const [m, n] = [since(), number("sol")];
      return m === undefined || n === undefined ? undefined : m + n;
    },
    set: (m) => {
      const from = since();
      if (from !== undefined) write("sol", String(Math.max(0, Math.min(longest, Math.round(m - from)))));
    },
    first: () => since() ?? 0,
  };
  const f: Fine = { item: "sol", name: t("bar.sol.long"), told: tell, by: step, none: true, move: (sign, times) => further(field("sol")!, sign, times) };
  return { item: "sol", label: t("bar.sol"), rail, tell, fine: [f] };
}

// awakeLane holds how long the night was interrupted: its left end is none, and
// how far it reaches doubles when the handle is left near its right end. How often
// is asked under it, and first: without a waking nobody lay awake.
function awakeLane(changed: () => void): Lane {
  let far = 120;
  const asked = () => byId("i-waso")?.hidden !== true;
  const tell = () => {
    const n = number("wakings");
    const long = field("waso") && (asked() || number("waso")) ? minutes("waso") : "";
    if (!field("wakings")) return long;
    const often = saysUnsure("wakings") ? t("unsure") : n === undefined ? "" : n === 0 ? t("none") : count("bar.times", n);
    if (often && (n === 0 || !asked())) return often;
    return number("waso") !== undefined || saysUnsure("waso") ? [often || t("bar.how-often"), long].join(", ") : often || t("unset");
  };
  const rail: Rail = {
    span: () => [0, far], least: 0, most: longest, grid: step, big: 12, grab: true,
    get: () => number("waso"),
    set: (n) => write("waso", String(n)),
    first: () => step,
    settle: () => {
      while ((rail.get() ?? 0) > far - 15 && far < longest) far *= 2;
      changed();
    },
  };
  const lines: Fine[] = [];
  if (field("wakings")) {
    const told = () => (saysUnsure("wakings") ? t("unsure") : number("wakings") === undefined ? t("unset") : String(number("wakings")));
    lines.push({ item: "wakings", name: t("bar.wakings"), told, by: 1, none: true, move: (sign, times) => further(field("wakings")!, sign, times) });
  }
  if (field("waso")) {
    const hidden = () => !asked();
    lines.push({ item: "waso", name: t("bar.waso.long"), told: () => minutes("waso"), by: step, hidden, move: (sign, times) => further(field("waso")!, sign, times) });
  }
  return { item: field("waso") ? "waso" : "wakings", label: t("bar.waso"), rail, tell, fine: lines };
}

export function bar(): void {
  const place = byId("bar");
  if (!place || !field("into-bed")) return;
  let paint = () => {};
  const scale = make("div", { class: "hours", "aria-hidden": "true" });
  const a = axis(place.dataset.wake, () => hours(scale, a));
  const bed = clockLane(a, "into-bed", t("bar.bed"), a.wake - 8 * 60);
  const tried = clockLane(a, "tried-to-sleep", t("bar.try"), a.wake - 8 * 60);
  const wake = clockLane(a, "final-waking", t("bar.wake"), a.wake);
  const up = clockLane(a, "out-of-bed", t("bar.up"), a.wake);
  const asleep = asleepLane(a, () => tried.rail.get() ?? bed.rail.get());
  const awake = awakeLane(() => paint());
  const lanes = [bed, tried, asleep, awake, wake, up].filter((l) => field(l.item));
  const whole = make("div", { class: "whole", "aria-hidden": "true" });
  const rows = make("div", { class: "lanes" });
  const tools = make("div", { class: "fine" }, make("p", { class: "hint" }, t("bar.hint")));
  place.append(scale, whole, rows, tools);
  const times = () => lanes.filter((l) => l !== awake).map((l) => l.rail.get());
  const draw = lanes.map((l) => lane(rows, tools, a, l, () => {
    a.fit(times());
    paint();
  }));
  paint = () => {
    for (const d of draw) d();
    compose(whole, a, bed.rail.get(), tried.rail.get(), asleep.rail.get(), wake.rail.get(), up.rail.get());
  };
  a.fit(times());
  hours(scale, a);
  place.closest("form")?.addEventListener("input", () => { // after what is asked has been shown or hidden
    if (!sliding) a.fit(times()); // under a finger the clock stands still
    paint();
  });
  paint();
}

const middle = (a?: number, b?: number): number | undefined => (a === undefined || b === undefined || b <= a ? undefined : (a + b) / 2);

// compose draws the night in one bar: in bed, asleep, and how much of the night
// was spent awake, in the middle, since nobody told when.
function compose(whole: HTMLElement, ax: Axis, bed?: number, tried?: number, asleep?: number, wake?: number, up?: number): void {
  whole.replaceChildren();
  const piece = (kind: string, a?: number, b?: number) => {
    if (a === undefined || b === undefined || b <= a) return;
    const p = make("span", { class: kind });
    p.style.left = ax.percent(a);
    p.style.width = (parseFloat(ax.percent(b)) - parseFloat(ax.percent(a))).toFixed(2) + "%";
    whole.append(p);
  };
  piece("inbed", bed ?? tried, up ?? wake);
  piece("asleep", asleep, wake);
  const waso = number("waso");
  const m = middle(asleep, wake);
  if (waso && m !== undefined && byId("i-waso")?.hidden !== true) piece("awake", m - waso / 2, m + waso / 2);
}

function lane(rows: HTMLElement, tools: HTMLElement, a: Axis, l: Lane, settled: () => void): () => void {
  const told = make("span", { class: "told" });
  const handle = make("span", { class: "handle" });
  const track = make("div", {
    class: "lane", role: "slider", tabindex: "0", "aria-label": l.label, "aria-valuemin": String(l.rail.least), "aria-valuemax": String(l.rail.most), "data-lane": l.item,
  }, make("span", { class: "name", "aria-hidden": "true" }, l.label), told, handle);
  rows.append(track);
  const fines = l.fine.map(fine);
  const [own, set] = [l.rail.settle, l.rail.set];
  l.rail.set = (v, by) => {
    sliding = true;
    set(v, by);
    sliding = false;
  };
  l.rail.settle = () => {
    own?.();
    settled();
  };
  l.rail.touched = () => {
    if (track.classList.contains("last")) return;
    rows.querySelector(".last")?.classList.remove("last");
    track.classList.add("last");
    tools.replaceChildren(...fines.map((f) => f.line));
  };
  slide(track, l.rail);
  return () => {
    const [m, [low, high]] = [l.rail.get(), l.rail.span()];
    const at = m === undefined ? undefined : l.item === "waso" ? (100 * Math.min(m, high)) / (high - low) + "%" : a.percent(m);
    handle.hidden = at === undefined || (l.item === "waso" && number("wakings") === 0);
    if (at) handle.style.left = at;
    track.setAttribute("aria-valuenow", String(Math.round(m ?? low)));
    track.setAttribute("aria-valuetext", l.tell());
    told.textContent = l.tell();
    for (const f of fines) f.paint();
  };
}
