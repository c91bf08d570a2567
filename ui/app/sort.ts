// Tables that sort by the column whose heading is pressed: numbers as numbers,
// words as the page's language orders them.

import { figures } from "./figures";

const lang = document.documentElement.lang;
const collator = new Intl.Collator(lang, { numeric: true });

type Value = number | string;

export function sorts(within: ParentNode = document): void {
  for (const table of within.querySelectorAll<HTMLTableElement>("table[data-sort]")) {
    const heads = table.tHead?.rows[0]?.cells;
    if (!heads) continue;
    [...heads].forEach((head, at) => {
      if (head.textContent?.trim()) heading(table, heads, head, at);
    });
  }
}

function heading(table: HTMLTableElement, heads: HTMLCollectionOf<HTMLTableCellElement>, head: HTMLTableCellElement, at: number): void {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const h of heads) h.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => (down ? -1 : 1) * order(valueOf(a.cells[at]), valueOf(b.cells[at])));
    table.tBodies[0].append(...rows);
  });
}

function valueOf(cell: HTMLTableCellElement | undefined): Value {
  const copy = cell?.cloneNode(true) as HTMLElement | undefined;
  if (copy) figures(copy);
  const text = copy?.textContent?.trim() ?? "";
  const share = /^(\d+)\/(\d+)$/.exec(text); // what came of what was due: the share
  if (share) return Number(share[1]) / Number(share[2]);
  const plain = text.replace("−", "-").replace(/[\s%]/g, "");
  const number = Number(lang === "sv" ? plain.replace(",", ".") : plain.replaceAll(",", ""));
  return text !== "" && !Number.isNaN(number) ? number : text;
}

function order(a: Value, b: Value): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
