// Makes an entry of a form: the same command with the same data that the server
// would make of the form itself.

import { today } from "./clock";
import { code } from "./words";
import type { Entry } from "./store";

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "";

export const items = (form: HTMLElement): HTMLElement[] => Array.from(form.querySelectorAll<HTMLElement>("[data-item]"));

// value gives what was answered: undefined if nothing was.
export function value(item: HTMLElement): unknown {
  if (item.hidden && item.dataset.askif) return undefined;
  const none = item.querySelector<HTMLInputElement>(".unsure input");
  if (none?.checked) return { none: "not-sure" };
  const id = item.dataset.item!;
  const field = item.querySelector<HTMLInputElement>('[name="a.' + id + '"]:checked, input[name="a.' + id + '"]:not([type=radio]), textarea[name="a.' + id + '"]');
  const text = field?.value.trim() ?? "";
  if (text === "") return undefined;
  switch (item.dataset.kind) {
    case "yes-no":
      return text === "yes";
    case "clock":
      return text.slice(0, 5);
    case "choice":
    case "text":
      return text;
  }
  const n = Number(text.replace(",", "."));
  return Number.isNaN(n) ? undefined : n;
}

export function answers(form: HTMLElement): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const item of items(form)) {
    const v = value(item);
    if (v !== undefined) out[item.dataset.item!] = v;
  }
  return out;
}

export function entry(form: HTMLFormElement, what: string): Entry {
  const d = form.dataset;
  let data: Record<string, unknown>;
  if (d.do === "answer") {
    data = { instrument: d.instrument, language: document.body.dataset.lang, validated: d.validated === "true", answers: answers(form) };
    if (d.visit) data.visit = d.visit;
    if (d.night) data.night = d.night;
  } else {
    const f = new FormData(form);
    const text = (name: string, otherwise: string) => String(f.get(name) || otherwise).trim();
    data = {
      term: "told by the participant", words: text("words", ""), severity: text("severity", "mild"), serious: f.get("serious") === "yes",
      related: "unassessed", onset: text("onset", ""), outcome: text("outcome", "unknown"),
    };
  }
  return { key: unique(), made: today().toISOString(), zone: zone(), do: d.do!, data, code: code(), what };
}

// unique makes the idempotency key.
function unique(): string {
  if (crypto.randomUUID) return "dev-" + crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  return "dev-" + Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}
