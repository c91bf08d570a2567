// A button that goes on while it is held, faster the longer, so that an hour is
// not a dozen taps. A finger that scrolls over it does nothing, and a key or a
// screen reader's press counts once.

const wait = 400; // milliseconds before it goes on by itself
const pace = 140;
const soon = 5; // repeats before it goes faster

export function hold(button: HTMLElement, step: (times: number) => void): void {
  let timer = 0;
  let repeats = 0;
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const next = () => {
    repeats++;
    step(repeats > soon ? 3 : 1);
    timer = setTimeout(next, pace) as unknown as number;
  };
  button.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    repeats = 0;
    stop();
    timer = setTimeout(next, wait) as unknown as number;
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur"]) button.addEventListener(end, stop);
  button.addEventListener("contextmenu", (e) => e.preventDefault());
  button.addEventListener("click", () => {
    stop();
    const held = repeats > 0;
    repeats = 0;
    if (!held) step(1);
  });
}
