// A search that narrows its table while one types: every word has to be in a row.

export function filters(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-filter]")) {
    const table = document.getElementById(box.dataset.filter ?? "");
    if (table instanceof HTMLTableElement) box.addEventListener("input", () => narrow(table, box.value));
  }
}

function narrow(table: HTMLTableElement, search: string): void {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const row of table.tBodies[0].rows) {
    const text = (row.textContent ?? "").toLowerCase();
    row.hidden = !words.every((w) => text.includes(w));
    if (!row.hidden) n++;
  }
  const shown = document.querySelector("[data-shown]");
  if (shown) shown.textContent = String(n);
}
