// A search that narrows its table while one types: every word has to be in a row.
// A table that has no box of its own, and more rows than one sees at a glance, gets
// one.

import { word } from "./words";

const glance = 5;

export function filters(within: ParentNode = document): void {
  const boxed = new Set<string>();
  for (const box of within.querySelectorAll<HTMLInputElement>("[data-filter]")) {
    const table = document.getElementById(box.dataset.filter ?? "");
    if (!(table instanceof HTMLTableElement)) continue;
    boxed.add(table.id);
    box.addEventListener("input", () => narrow(table, box.value));
  }
  for (const table of within.querySelectorAll<HTMLTableElement>("table[data-download]")) {
    if (table.tHead && !boxed.has(table.id) && table.tBodies[0]?.rows.length > glance) put(table);
  }
}

// put gives a table a box.
function put(table: HTMLTableElement): void {
  const label = document.createElement("label");
  label.className = "narrow";
  label.textContent = word("narrow");
  const box = document.createElement("input");
  box.type = "search";
  box.autocomplete = "off";
  box.addEventListener("input", () => narrow(table, box.value));
  label.append(" ", box);
  (table.closest(".scroll") ?? table).before(label);
}

function narrow(table: HTMLTableElement, search: string): void {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const row of table.tBodies[0].rows) {
    const text = (row.textContent ?? "").toLowerCase();
    row.hidden = !words.every((w) => text.includes(w));
    if (!row.hidden) n++;
  }
  const shown = document.querySelector(`[data-shown="${CSS.escape(table.id)}"]`);
  if (shown) shown.textContent = String(n);
}
