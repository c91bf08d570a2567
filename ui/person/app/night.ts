// The same look at a morning's answers as the server's (package
// instrument/diary), in minutes and without clock changes, so that it can be
// asked at once and without a network. A test holds one against the other.

import { clockAt, minutesOf } from "./words";

export interface Night {
  bed?: string;
  tried?: string;
  final?: string;
  up?: string;
  sol?: number;
  wakings?: number;
  waso?: number;
}

export interface Doubt {
  code: string;
  hours?: number;
}

const longest = 14 * 60;
const windowStart = 15 * 60;
type Time = number | undefined;

// place finds the minutes, counted from midnight before waking, that the four
// times stand for: each in the window from 15:00 to 15:00, or on the other side
// of its edge if only that brings all in order within 14 hours.
function place(clocks: (string | undefined)[]): Time[] {
  const choices = clocks.map((c) => {
    const m = c === undefined ? undefined : minutesOf(c);
    if (m === undefined) return [];
    return m >= windowStart ? [[m - 1440, 0], [m, 10]] : [[m, 0], [m - 1440, 10]];
  });
  let best: Time[] | undefined;
  let bestCost = 0;
  let bestSpan = 0;
  const now: Time[] = [];
  const attempt = (i: number, cost: number): void => {
    if (i === choices.length) {
      const given = now.filter((x): x is number => x !== undefined);
      const ordered = given.every((x, k) => k === 0 || x >= given[k - 1]);
      const span = given.length ? given[given.length - 1] - given[0] : 0;
      if (ordered && span <= longest && (!best || cost < bestCost || (cost === bestCost && span < bestSpan))) {
        best = now.slice();
        bestCost = cost;
        bestSpan = span;
      }
      return;
    }
    if (choices[i].length === 0) {
      now[i] = undefined;
      attempt(i + 1, cost);
      return;
    }
    for (const [at, more] of choices[i]) {
      now[i] = at;
      attempt(i + 1, cost + more);
    }
  };
  attempt(0, 0);
  return best ?? choices.map((c) => (c.length ? c[0][0] : undefined));
}

const after = (a: Time, b: Time): boolean => a !== undefined && b !== undefined && a > b;

export function doubts(n: Night): Doubt[] {
  const [bed, tried, final, up] = place([n.bed, n.tried, n.final, n.up]);
  const out: Doubt[] = [];
  if (n.wakings === 0 && n.waso !== undefined && n.waso > 0) out.push({ code: "waso-no-waking" });
  const waso = n.wakings === 0 && n.waso === undefined ? 0 : n.waso;
  if (after(bed, up)) out.push({ code: "bed-after-rising" });
  else if (after(bed, tried)) out.push({ code: "bed-after-trying" });
  else if (bed !== undefined && up !== undefined && up - bed > longest) out.push({ code: "bed-long", hours: Math.round((up - bed) / 60) });
  if (after(tried, final)) out.push({ code: "trying-after-waking" });
  if (after(final, up)) out.push({ code: "waking-after-rising" });
  if (tried !== undefined && n.sol !== undefined && final !== undefined && tried <= final) {
    const spt = final - tried - n.sol;
    if (spt <= 0 || (waso !== undefined && spt <= waso)) out.push({ code: "sleep-none" });
  }
  return out;
}

// meant looks for the one time that, moved by twelve hours, leaves nothing to
// doubt.
export function meant(n: Night): { which: "bed" | "tried" | "final" | "up"; time: string } | undefined {
  for (const which of ["bed", "tried", "final", "up"] as const) {
    const m = n[which] === undefined ? undefined : minutesOf(n[which]!);
    if (m === undefined) continue;
    const time = clockAt(m + 720);
    if (doubts({ ...n, [which]: time }).length === 0) return { which, time };
  }
  return undefined;
}
