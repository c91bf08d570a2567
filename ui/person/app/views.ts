// One question at a time, or all on one page; remembered.

import { items } from "./entry";
import { byId, t } from "./words";

export function views(f: HTMLFormElement): void {
  const parts = () => {
    const out: HTMLElement[] = [];
    const night = byId("night");
    if (night) out.push(night);
    for (const item of items(f)) if (!item.dataset.night && !item.hidden) out.push(item);
    return out;
  };
  const all = (): HTMLElement[] => [...(byId("night") ? [byId("night")!] : []), ...items(f).filter((i) => !i.dataset.night)];
  let one = innerWidth < 700;
  try {
    one = (localStorage.getItem("dvala-view") ?? (one ? "one" : "page")) === "one";
  } catch {
    // without storage the width decides
  }
  let at = 0;
  const toggle = byId("view")!;
  const [prev, next, send] = [byId("prev")!, byId("next")!, byId("send")!];
  const progress = byId("progress")!;
  const tools = byId("tools")!;
  tools.hidden = f.hidden || all().length < 3;
  const stand = () => (one ? f.append(tools) : f.prepend(tools)); // out of the way, or before all the questions
  const paint = (move: boolean) => {
    const steps = parts();
    at = Math.max(0, Math.min(at, steps.length - 1));
    for (const e of all()) e.classList.toggle("aside", one && e !== steps[at]);
    f.classList.toggle("one", one);
    byId("night")?.querySelector("h2")?.classList.toggle("hidden", one); // the night is named above
    toggle.textContent = one ? t("page") : t("one");
    prev.hidden = !one || at === 0;
    next.hidden = !one || at >= steps.length - 1;
    send.hidden = one && at < steps.length - 1;
    progress.hidden = !one;
    progress.textContent = t("step", { n: at + 1, of: steps.length });
    if (move && one) {
      scrollTo(0, 0);
      const legend = steps[at].querySelector<HTMLElement>("legend, h2");
      legend?.setAttribute("tabindex", "-1");
      legend?.focus({ preventScroll: true });
    }
  };
  const go = (by: number) => {
    at += by;
    paint(true);
  };
  prev.onclick = () => go(-1);
  next.onclick = () => go(1);
  toggle.onclick = () => {
    one = !one;
    try {
      localStorage.setItem("dvala-view", one ? "one" : "page");
    } catch {
      // not remembered, then
    }
    at = 0;
    stand();
    paint(true);
  };
  f.addEventListener("show", (e) => {
    const step = parts().indexOf((e as CustomEvent<HTMLElement>).detail);
    if (step < 0) return;
    at = step;
    paint(true);
  });
  // A tap on an answer goes on by itself, with the way back beside it; a key
  // does not, because arrows pass over answers.
  f.addEventListener("click", (e) => {
    const input = e.target as HTMLInputElement;
    if (!one || input.type !== "radio" || (e as PointerEvent).detail === 0 || !next || next.hidden) return;
    if ((e as PointerEvent).pointerType === "" && !(e as PointerEvent).isTrusted) return;
    if ((e as PointerEvent).clientX === 0 && (e as PointerEvent).clientY === 0) return;
    setTimeout(() => go(1), 150);
  });
  f.addEventListener("whole", (e) => {
    if (one && !next.hidden && parts()[at] === (e.target as HTMLElement).closest("[data-item]")) setTimeout(() => go(1), 150);
  });
  f.addEventListener("input", () => paint(false));
  f.addEventListener("keydown", (e) => {
    const at = e.target as HTMLElement;
    if (one && e.key === "Enter" && at.tagName === "INPUT" && !next.hidden) {
      e.preventDefault();
      go(1);
    }
  });
  stand();
  paint(false);
}

