// A rail that answers to taps, drags and keys. Up and down the page still scrolls.

export interface Rail {
  span(): [number, number]; // what its two ends stand for just now
  least: number; // what may be set at all, which may be more than is in sight
  most: number;
  grid: number;
  big: number; // steps of the grid that Shift and the Page keys go
  get(): number | undefined;
  set(v: number, by: string): void;
  first(): number; // where the first press of an arrow key begins
  widen?(side: -1 | 1): void; // the handle is held at an end
  settle?(): void; // the finger has been lifted
  touched?(): void;
  grab?: boolean; // a handle that stands is taken where it is pressed, and a mere tap on it leaves it
}

const near = 22; // pixels around a handle that are the handle
const edge = 10; // pixels before an end that are the end
const again = 300; // milliseconds between two widenings while a handle is held at an end

export function slide(track: HTMLElement, r: Rail): void {
  const place = () => track.getBoundingClientRect();
  const hold = (v: number) => Math.max(r.least, Math.min(r.most, v));
  const at = (x: number): number => {
    const [low, high] = r.span();
    const box = place();
    const v = low + ((high - low) * (x - box.left)) / box.width;
    return hold(Math.max(low, Math.min(high, Math.round(v / r.grid) * r.grid)));
  };
  const handle = (): number | undefined => {
    const v = r.get();
    const [low, high] = r.span();
    const box = place();
    return v === undefined ? undefined : box.left + (box.width * (v - low)) / (high - low);
  };
  let down: { x: number; y: number; off: number; held: boolean } | undefined;
  let drags = false;
  let timer = 0;
  const release = () => {
    clearInterval(timer);
    timer = 0;
  };
  track.addEventListener("pointerdown", (e) => {
    const h = r.grab ? handle() : undefined;
    const held = h !== undefined && Math.abs(e.clientX - h) <= near;
    down = { x: e.clientX, y: e.clientY, off: held ? e.clientX - h! : 0, held };
    drags = false;
    track.setPointerCapture(e.pointerId);
    r.touched?.();
  });
  track.addEventListener("pointermove", (e) => {
    if (!down) return;
    drags ||= Math.abs(e.clientX - down.x) > 6 && Math.abs(e.clientX - down.x) > Math.abs(e.clientY - down.y);
    if (!drags) return;
    const by = e.pointerType || "mouse";
    r.set(at(e.clientX - down.off), by);
    const box = place();
    const side = e.clientX - down.off < box.left + edge ? -1 : e.clientX - down.off > box.right - edge ? 1 : 0;
    if (side === 0 || !r.widen) return release();
    timer ||= setInterval(() => {
      r.widen!(side);
      r.set(hold(r.span()[side < 0 ? 0 : 1]), by);
    }, again) as unknown as number;
  });
  track.addEventListener("pointerup", (e) => {
    release();
    if (down && (drags || !down.held)) r.set(at(e.clientX - down.off), e.pointerType || "mouse");
    if (down) r.settle?.();
    down = undefined;
  });
  track.addEventListener("pointercancel", () => {
    release();
    down = undefined;
  });
  track.addEventListener("focus", () => r.touched?.());
  track.addEventListener("keydown", (e) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -r.big, PageUp: r.big };
    let n = steps[e.key];
    if (n === undefined) return;
    if (e.shiftKey && Math.abs(n) === 1) n *= r.big;
    e.preventDefault();
    move(r, n * r.grid, "keys");
  });
}

// move goes a little further from where the handle stands, or sets it.
export function move(r: Rail, by: number, how: string): void {
  const now = r.get();
  r.set(now === undefined ? r.first() : Math.max(r.least, Math.min(r.most, now + by)), how);
  r.settle?.();
}
