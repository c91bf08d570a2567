// The fields of last night beside its bar: there for whoever would rather write,
// folded away on a telephone so that the bar and the way on are in sight together.
// Somebody who uses a keyboard finds them open, and what a person chose is
// remembered.

import { byId, make, t } from "./words";

const name = "dvala-times";

function chosen(): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // then the width decides
  }
}

export function fold(f: HTMLFormElement): void {
  const times = byId("times");
  const place = byId("bar");
  if (!times || !place || !byId("f-into-bed")) return;
  const button = make("button", { type: "button", class: "quiet fold", "aria-controls": "times" });
  let open = (chosen() ?? (innerWidth < 700 ? "folded" : "open")) === "open" || times.querySelector(".problem") !== null;
  const paint = () => {
    times.hidden = !open;
    button.textContent = open ? t("times.fold") : t("times.open");
    button.setAttribute("aria-expanded", String(open));
  };
  button.onclick = () => {
    open = !open;
    try {
      localStorage.setItem(name, open ? "open" : "folded");
    } catch {
      // not remembered, then
    }
    paint();
    if (open) times.querySelector("input")?.focus();
  };
  f.addEventListener("keydown", (e) => {
    if (open || e.key !== "Tab" || chosen() === "folded") return;
    open = true;
    paint();
  });
  place.after(button);
  paint();
}
