// Numbers without a keyboard: a − and a + that can be held, and under them the
// answers that most people give. None is one of them, in words, because an empty
// box is no answer and zero is.

import { make, t } from "./words";
import { hold } from "./hold";

const minutes = [0, 15, 30, 60, 90, 120];
const counts = [0, 1, 2, 3, 4, 5];

// write sets a field as typing would.
export function write(input: HTMLInputElement, text: string): void {
  if (input.value === text) return;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// gait is how far one press of a number goes.
export const gait = (input: HTMLInputElement): number => (Number(input.max) > 100 ? 5 : 1);

// further goes from where a number stands, on the grid of its gait; from an empty
// box, to the first step.
export function further(input: HTMLInputElement, sign: number, times = 1): void {
  const by = gait(input);
  const [low, high] = [Number(input.min), Number(input.max)];
  const now = Number(input.value);
  const whole = sign > 0 ? Math.floor(now / by) : Math.ceil(now / by);
  const next = input.value === "" ? (sign < 0 ? low : Math.max(low, by)) : (whole + sign * times) * by;
  write(input, String(Math.max(low, Math.min(high, next))));
}

export function steppers(f: HTMLElement): void {
  for (const box of f.querySelectorAll<HTMLElement>(".stepper")) {
    const input = box.querySelector("input")!;
    const button = (sign: number, label: string) => {
      const b = make("button", { type: "button", class: "step", "aria-label": label }, sign < 0 ? "−" : "+");
      hold(b, (times) => further(input, sign, times));
      return b;
    };
    box.prepend(button(-1, t("less")));
    input.after(button(1, t("more")));
    box.after(quick(f, box, input));
  }
}

// quick gives the answers that are one tap away.
function quick(f: HTMLElement, box: HTMLElement, input: HTMLInputElement): HTMLElement {
  const legend = box.closest("fieldset")?.querySelector("legend")?.textContent?.trim() ?? "";
  const place = make("div", { class: "quick", role: "group", "aria-label": legend });
  const few = gait(input) === 1;
  const all = (few ? counts : minutes).filter((n) => n >= Number(input.min) && n <= Number(input.max));
  const buttons = all.map((n) => {
    const b = make("button", { type: "button", class: "chip", "data-value": String(n), "aria-pressed": "false" }, n === 0 ? t("none") : String(n));
    b.onclick = (e) => {
      write(input, String(n));
      // A whole answer goes on by itself, as the others do; minutes may want a − or a +.
      if (e.detail > 0 && (few || n === 0)) box.dispatchEvent(new CustomEvent("whole", { bubbles: true }));
    };
    return b;
  });
  const paint = () => {
    for (const b of buttons) b.setAttribute("aria-pressed", String(input.value !== "" && Number(input.value) === Number(b.dataset.value)));
  };
  f.addEventListener("input", paint);
  input.addEventListener("restored", paint);
  paint();
  place.append(...buttons);
  return place;
}
