// A pad to draw a signature on, beside the typed name. What is drawn is kept as
// strokes, so that the server makes a picture of it and of nothing else.

import { byId, make, t } from "./words";

const wide = 1000; // units of a stroke
const high = 300;
const most = 4000; // points

export function sign(): void {
  const place = byId("pad");
  const ink = byId("ink") as HTMLInputElement | null;
  if (!place || !ink) return;
  place.hidden = false;
  const canvas = make("canvas", { width: String(wide), height: String(high), "aria-label": t("pad"), role: "img" });
  const clear = make("button", { type: "button", class: "quiet" }, t("pad.clear"));
  const pen = canvas.getContext("2d")!;
  let strokes: string[][] = [];
  let points = 0;
  let last: [number, number] | undefined;
  const name = byId("name") as HTMLInputElement | null;
  const keep = () => {
    if (name) name.required = strokes.length === 0; // either is enough
    ink.value = strokes.map((s) => s.join(" ")).join(";");
    clear.hidden = strokes.length === 0;
  };
  const put = (e: PointerEvent) => {
    if (points >= most) return;
    const r = canvas.getBoundingClientRect();
    const to = (v: number, size: number, end: number) => Math.max(0, Math.min(end, Math.round((v * end) / size)));
    const at: [number, number] = [to(e.clientX - r.left, r.width, wide), to(e.clientY - r.top, r.height, high)];
    if (last && last[0] === at[0] && last[1] === at[1]) return;
    pen.beginPath();
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 5;
    pen.lineCap = "round";
    pen.moveTo(...(last ?? at));
    pen.lineTo(...at);
    pen.stroke();
    strokes[strokes.length - 1].push(at.join(","));
    points++;
    last = at;
  };
  canvas.addEventListener("pointerdown", (e) => {
    canvas.setPointerCapture(e.pointerId);
    strokes.push([]);
    last = undefined;
    put(e);
    last ??= [0, 0];
  });
  canvas.addEventListener("pointermove", (e) => {
    if (last) put(e);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      last = undefined;
      strokes = strokes.filter((s) => s.length > 0);
      keep();
    });
  }
  clear.onclick = () => {
    strokes = [];
    points = 0;
    pen.clearRect(0, 0, wide, high);
    keep();
  };
  place.append(canvas, clear);
  keep();
}
