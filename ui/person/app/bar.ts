// Last night as a bar: one lane for each time, on the same clock, and above them
// what they come to. A lane has no handle until a time is set; tapping sets it,
// dragging and the arrow keys move it, and the fields under the bar always hold
// the same values.

import { byId, clockAt, make, minutesOf, t } from "./words";

const from = -7 * 60; // 17:00
const to = 14 * 60;
const step = 5;

interface Lane {
  item: string;
  label: string;
  get(): number | undefined; // minutes from midnight before waking
  set(m: number): void;
  tell(): string;
  hidden?(): boolean; // not asked, or nowhere to stand
  first?(): number; // where the first press of an arrow key begins
}

const middle = (a?: number, b?: number): number | undefined => (a === undefined || b === undefined || b <= a ? undefined : (a + b) / 2);

const field = (id: string): HTMLInputElement | null => byId("f-" + id) as HTMLInputElement | null;

// onAxis puts a time of day on the axis.
function onAxis(clock: string | undefined): number | undefined {
  const m = clock === undefined ? undefined : minutesOf(clock);
  if (m === undefined) return undefined;
  return m > to + 60 ? m - 1440 : m;
}

const number = (id: string): number | undefined => {
  const text = field(id)?.value ?? "";
  return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
};

function write(id: string, text: string): void {
  const f = field(id);
  if (!f || f.value === text) return;
  f.value = text;
  f.dispatchEvent(new Event("input", { bubbles: true }));
}

function clockLane(item: string, label: string): Lane {
  return {
    item, label,
    get: () => onAxis(field(item)?.value || undefined),
    set: (m) => write(item, clockAt(m)),
    tell: () => field(item)?.value || t("unset"),
  };
}

export function bar(): void {
  const place = byId("bar");
  if (!place || !field("into-bed")) return;
  const bed = clockLane("into-bed", t("bar.bed"));
  const tried = clockLane("tried-to-sleep", t("bar.try"));
  const wake = clockLane("final-waking", t("bar.wake"));
  const up = clockLane("out-of-bed", t("bar.up"));
  const asleep: Lane = {
    item: "sol", label: t("bar.sol"),
    get: () => {
      const a = tried.get() ?? bed.get();
      const n = number("sol");
      return a === undefined || n === undefined ? undefined : a + n;
    },
    set: (m) => {
      const a = tried.get() ?? bed.get();
      if (a !== undefined) write("sol", String(Math.max(0, Math.min(960, Math.round(m - a)))));
    },
    tell: () => {
      const n = number("sol");
      return n === undefined ? t("unset") : t("bar.min", { n });
    },
  };
  const awake: Lane = { // the right end of the piece that is drawn in the middle of the night
    item: "waso", label: t("bar.waso"),
    get: () => {
      const [m, n] = [middle(asleep.get(), wake.get()), number("waso")];
      return m === undefined || n === undefined ? undefined : m + n / 2;
    },
    set: (v) => {
      const m = middle(asleep.get(), wake.get());
      if (m !== undefined) write("waso", String(Math.max(0, Math.min(960, Math.round((2 * (v - m)) / step) * step))));
    },
    tell: () => {
      const n = number("waso");
      return n === undefined ? t("unset") : t("bar.min", { n });
    },
    first: () => (middle(asleep.get(), wake.get()) ?? 0) + step,
    hidden: () => byId("i-waso")?.hidden === true || middle(asleep.get(), wake.get()) === undefined,
  };
  const lanes = [bed, tried, asleep, awake, wake, up].filter((l) => field(l.item));
  const whole = make("div", { class: "whole", "aria-hidden": "true" });
  const scale = make("div", { class: "hours", "aria-hidden": "true" });
  for (let h = -6; h <= 12; h += 3) {
    const mark = make("span", {}, clockAt(h * 60).slice(0, 2));
    mark.style.left = percent(h * 60);
    scale.append(mark);
  }
  place.append(make("p", { class: "hint" }, t("bar.hint")), scale, whole);
  const draw: (() => void)[] = [];
  for (const l of lanes) draw.push(lane(place, l, () => paint()));
  const paint = () => {
    for (const d of draw) d();
    compose(whole, bed.get(), tried.get(), asleep.get(), wake.get(), up.get());
  };
  place.closest("form")?.addEventListener("input", paint); // after what is asked has been shown or hidden
  paint();
}

const percent = (m: number): string => ((100 * (Math.max(from, Math.min(to, m)) - from)) / (to - from)).toFixed(2) + "%";

// compose draws the night in one bar: in bed, asleep, and how much of the night
// was spent awake, in the middle, since nobody told when.
function compose(whole: HTMLElement, bed?: number, tried?: number, asleep?: number, wake?: number, up?: number): void {
  whole.replaceChildren();
  const piece = (kind: string, a?: number, b?: number) => {
    if (a === undefined || b === undefined || b <= a) return;
    const p = make("span", { class: kind });
    p.style.left = percent(a);
    p.style.width = (parseFloat(percent(b)) - parseFloat(percent(a))).toFixed(2) + "%";
    whole.append(p);
  };
  piece("inbed", bed ?? tried, up ?? wake);
  piece("asleep", asleep, wake);
  const waso = number("waso");
  const m = middle(asleep, wake);
  if (waso && m !== undefined) piece("awake", m - waso / 2, m + waso / 2);
}

function lane(place: HTMLElement, l: Lane, changed: () => void): () => void {
  const label = make("span", { class: "name" }, l.label);
  const told = make("span", { class: "told" });
  const handle = make("span", { class: "handle" });
  const track = make("div", {
    class: "lane", role: "slider", tabindex: "0", "aria-label": l.label, "aria-valuemin": String(from), "aria-valuemax": String(to), "data-lane": l.item,
  }, handle);
  const row = make("div", { class: "row-of-lane" }, label, told, track);
  place.append(row);
  slide(track, from, to, step, () => l.get(), (m) => {
    l.set(m);
    changed();
  }, l.first ?? guess(l.item));
  return () => {
    const m = l.get();
    row.hidden = l.hidden?.() ?? false;
    handle.hidden = m === undefined;
    if (m !== undefined) handle.style.left = percent(m);
    track.setAttribute("aria-valuenow", String(Math.round(m ?? from)));
    track.setAttribute("aria-valuetext", l.tell());
    told.textContent = l.tell();
  };
}

// guess is where the first press of an arrow key begins: the middle of the
// lane's usual hours, rounded to the hour.
function guess(item: string): number {
  return item === "final-waking" || item === "out-of-bed" ? 7 * 60 : -60;
}

// slide makes an element answer to taps, drags and keys. Up and down the page
// still scrolls.
export function slide(
  track: HTMLElement, low: number, high: number, grid: number,
  get: () => number | undefined, set: (v: number, by: string) => void, first: number | (() => number), big = 12,
): void {
  const at = (x: number): number => {
    const r = track.getBoundingClientRect();
    const v = low + ((high - low) * (x - r.left)) / r.width;
    return Math.max(low, Math.min(high, Math.round(v / grid) * grid));
  };
  let down: { x: number; y: number } | undefined;
  let drags = false;
  track.addEventListener("pointerdown", (e) => {
    down = { x: e.clientX, y: e.clientY };
    drags = false;
    track.setPointerCapture(e.pointerId);
  });
  track.addEventListener("pointermove", (e) => {
    if (!down) return;
    drags ||= Math.abs(e.clientX - down.x) > 6 && Math.abs(e.clientX - down.x) > Math.abs(e.clientY - down.y);
    if (drags) set(at(e.clientX), e.pointerType || "mouse");
  });
  track.addEventListener("pointerup", (e) => {
    if (down) set(at(e.clientX), e.pointerType || "mouse");
    down = undefined;
  });
  track.addEventListener("pointercancel", () => (down = undefined));
  track.addEventListener("keydown", (e) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -big, PageUp: big };
    let n = steps[e.key];
    if (n === undefined) return;
    if (e.shiftKey && Math.abs(n) === 1) n *= big;
    e.preventDefault();
    const now = get();
    set(now === undefined ? (typeof first === "number" ? first : first()) : Math.max(low, Math.min(high, now + n * grid)), "keys");
  });
}
