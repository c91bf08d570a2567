// The texts that scripts say come with the page, in its language.

const table: Record<string, string> = JSON.parse(document.body?.dataset.words || "{}");

export function t(key: string, values: Record<string, string | number> = {}): string {
  let s = table[key] ?? "[" + key + "]";
  for (const name in values) s = s.split("{" + name + "}").join(String(values[name]));
  return s;
}

export function count(key: string, n: number): string {
  return t(key + (n === 1 ? ".one" : ".many"), { n });
}

export const has = (key: string): boolean => key in table;

const two = (n: number): string => String(n).padStart(2, "0");

export function clockOf(d: Date): string {
  return two(d.getHours()) + ":" + two(d.getMinutes());
}

export const dateOf = (d: Date): string => [d.getFullYear(), two(d.getMonth() + 1), two(d.getDate())].join("-");

// minutes of a time of day, and back
export function minutesOf(clock: string): number | undefined {
  const m = /^(\d\d):(\d\d)/.exec(clock);
  return m ? Number(m[1]) * 60 + Number(m[2]) : undefined;
}

export function clockAt(minutes: number): string {
  const m = ((Math.round(minutes) % 1440) + 1440) % 1440;
  return two(Math.floor(m / 60)) + ":" + two(m % 60);
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const name in attributes) e.setAttribute(name, attributes[name]);
  e.append(...inside);
  return e;
}

export const byId = (id: string): HTMLElement | null => document.getElementById(id);
export const code = (): string => document.body.dataset.code || "";
