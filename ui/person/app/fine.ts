// Under the bar, in one place that does not move, what the thumb cannot do on it:
// five minutes more or less for the row touched last, none, and not sure.

import { byId, make, t } from "./words";
import { hold } from "./hold";
import { write } from "./stepper";

export interface Fine {
  item: string; // whose field it sets
  name: string;
  told(): string;
  move(sign: number, times: number): void;
  by: number;
  none?: boolean; // zero is an answer of its own
  hidden?(): boolean;
}

export const field = (id: string): HTMLInputElement | null => byId("f-" + id) as HTMLInputElement | null;
const unsure = (item: string): HTMLInputElement | null => byId("i-" + item)?.querySelector<HTMLInputElement>(".unsure input") ?? null;

export const saysUnsure = (item: string): boolean => unsure(item)?.checked === true;

// fine makes the line of buttons of one field, and gives what draws it anew.
export function fine(f: Fine): { line: HTMLElement; paint(): void } {
  const step = (sign: number) => {
    const text = (sign < 0 ? "−" : "+") + (f.by > 1 ? f.by : "");
    const b = make("button", { type: "button", class: "quiet nudge", "aria-label": f.name + " " + text }, text);
    hold(b, (times) => f.move(sign, times));
    return b;
  };
  const toggle = (word: string, press: () => void) => {
    const b = make("button", { type: "button", class: "quiet chip", "aria-pressed": "false", "aria-label": f.name + ": " + t(word) }, t(word));
    b.onclick = press;
    return b;
  };
  const told = make("b", {});
  const none = f.none ? toggle("none", () => write(field(f.item)!, "0")) : undefined;
  const box = unsure(f.item);
  const not = box ? toggle("unsure", () => box.click()) : undefined;
  const line = make("div", { class: "fine-line", "data-fine": f.item }, make("span", { class: "fine-name" }, f.name, told), step(-1), step(1));
  line.append(...[none, not].filter((b) => b !== undefined));
  return {
    line,
    paint: () => {
      line.hidden = f.hidden?.() ?? false;
      told.textContent = f.told();
      none?.setAttribute("aria-pressed", String(field(f.item)?.value === "0"));
      not?.setAttribute("aria-pressed", String(box?.checked === true));
    },
  };
}
