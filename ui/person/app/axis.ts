// The clock that last night is drawn on: minutes from midnight before waking, from
// ten hours before the person usually wakes to two hours after, and wider as soon
// as a time stands near its end. The shorter the axis, the less a thumb must aim.

import { clockAt, make, minutesOf } from "./words";

export const least = -9 * 60; // 15:00
export const most = 15 * 60;
const before = 10 * 60;
const after = 2 * 60;
const room = 30; // minutes that a handle has to itself before an end
const usual = 7 * 60;

export interface Axis {
  span(): [number, number];
  wake: number;
  percent(m: number): string;
  widen(side: -1 | 1): void;
  fit(times: (number | undefined)[]): void;
}

export function axis(wakes: string | undefined, changed: () => void): Axis {
  const w = minutesOf(wakes ?? "");
  const wake = w === undefined || w > 13 * 60 ? usual : w;
  const hour = (m: number, up: boolean) => (up ? Math.ceil(m / 60) : Math.floor(m / 60)) * 60;
  let from = Math.max(least, hour(wake - before, false));
  let to = Math.min(most, hour(wake + after, true));
  const bounds = (a: number, b: number) => {
    a = Math.max(least, a);
    b = Math.min(most, b);
    if (a === from && b === to) return;
    from = a;
    to = b;
    changed();
  };
  return {
    wake,
    span: () => [from, to],
    percent: (m) => ((100 * (Math.max(from, Math.min(to, m)) - from)) / (to - from)).toFixed(2) + "%",
    widen: (side) => (side < 0 ? bounds(from - 60, to) : bounds(from, to + 60)),
    fit: (times) => {
      let [a, b] = [from, to];
      for (const m of times) {
        if (m === undefined) continue;
        if (m < a + room) a = hour(m - room, false);
        if (m > b - room) b = hour(m + room, true);
      }
      bounds(a, b);
    },
  };
}

// hours writes the hours on a scale: as many as there is room to read.
export function hours(place: HTMLElement, a: Axis): void {
  const [from, to] = a.span();
  const every = to - from > 16 * 60 ? 180 : 120;
  place.replaceChildren();
  for (let m = Math.ceil((from + 20) / every) * every; m <= to - 20; m += every) {
    const mark = make("span", {}, clockAt(m).slice(0, 2));
    mark.style.left = a.percent(m);
    place.append(mark);
  }
}

// onAxis puts a time of day among the minutes of the night.
export function onAxis(clock: string | undefined): number | undefined {
  const m = clock === undefined ? undefined : minutesOf(clock);
  return m === undefined ? undefined : m >= most ? m - 1440 : m;
}
