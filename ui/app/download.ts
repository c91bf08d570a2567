// Tables that can be taken away as they are shown: what a search has hidden is
// left out, and so is what stands folded in a cell, and a column without a name.

import { figures } from "./figures";
import { word } from "./words";

export function downloads(within: ParentNode = document): void {
  for (const table of within.querySelectorAll<HTMLTableElement>("table[data-download]")) {
    const link = document.createElement("a");
    link.textContent = word("file");
    link.href = "#";
    link.download = table.dataset.download ?? "";
    link.addEventListener("click", () => {
      link.href = made(table);
    });
    const p = document.createElement("p");
    p.className = "note take";
    p.append(link);
    (table.closest(".scroll") ?? table).after(p);
  }
  for (const link of within.querySelectorAll<HTMLAnchorElement>("a[data-of]")) {
    const table = document.getElementById(link.dataset.of ?? "");
    if (table instanceof HTMLTableElement) follows(link, table);
  }
}

// A table that the server gives as a file gives its own, unless a box has narrowed
// what is shown.
function follows(link: HTMLAnchorElement, table: HTMLTableElement): void {
  const whole = link.href;
  link.addEventListener("click", () => {
    link.removeAttribute("download");
    link.href = whole;
    if (![...table.tBodies[0].rows].some((r) => r.hidden)) return;
    link.download = `${table.id.replace(/^t-/, "")}.csv`;
    link.href = made(table);
  });
}

const made = (table: HTMLTableElement): string => URL.createObjectURL(new Blob([csv(table)], { type: "text/csv;charset=utf-8" }));

export function csv(table: HTMLTableElement): string {
  const named = [...(table.tHead?.rows[0]?.cells ?? [])].map((h) => told(h, ".hidden") !== "");
  const rows = [...table.rows].filter((r) => !r.hidden);
  return rows.map((r) => [...r.cells].filter((_, i) => named[i] ?? true).map(cell).join(",")).join("\r\n") + "\r\n";
}

// told is what a cell shows, without some of it.
function told(of: HTMLTableCellElement, without: string): string {
  const copy = of.cloneNode(true) as HTMLTableCellElement;
  for (const x of copy.querySelectorAll(without)) x.remove();
  figures(copy);
  for (const x of copy.querySelectorAll("br, div, p")) x.before(" ");
  return (copy.textContent ?? "").trim().replace(/\s+/g, " ");
}

// cell is one for the file. What a spreadsheet would take for a formula, and what
// begins with an apostrophe, gets one before it; a number stays one.
function cell(of: HTMLTableCellElement): string {
  let text = told(of, "details, meter, input, button, select");
  if (/^[=+\-@\t\r']/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text)) text = `'${text}`;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
