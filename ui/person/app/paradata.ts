// How a form was filled in: how long it was in sight, on what kind of window, and
// how long its lines were. Nothing of what was answered.

let begun = 0; // when it came to the front, by a clock that is not set
let before = 0; // milliseconds of earlier sittings
let resumed = false;

const sitting = (): number => before + (document.visibilityState === "visible" ? performance.now() - begun : 0);

export function watchForm(f: HTMLFormElement): void {
  begun = performance.now();
  const had = f.querySelector<HTMLInputElement>('input[name="p.seconds"]')!;
  before = 1000 * Number(had.value || 0);
  resumed = before > 0;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") begun = performance.now();
    else before += performance.now() - begun;
  });
  const tell = () => (had.value = String(Math.round(sitting() / 1000)));
  f.addEventListener("input", tell, true);
  f.addEventListener("submit", tell, true);
}

interface Line {
  px: number;
  by: string;
  marks: number;
}

export function paradata(f: HTMLFormElement): Record<string, unknown> {
  const lines: Record<string, Line> = {};
  for (const i of f.querySelectorAll<HTMLInputElement>('.vas input[name^="p."]')) {
    const [px, by, marks] = i.value.split(" ");
    if (i.value) lines[i.name.slice(2)] = { px: Number(px), by, marks: Number(marks) };
  }
  const out: Record<string, unknown> = {
    seconds: Math.max(1, Math.round(sitting() / 1000)), width: Math.round(innerWidth), ratio: Math.round(devicePixelRatio * 100) / 100,
    view: f.classList.contains("one") ? "one" : "page",
  };
  if (resumed) out.resumed = true;
  if (Object.keys(lines).length) out.lines = lines;
  return out;
}
