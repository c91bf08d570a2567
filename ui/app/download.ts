// Tables that can be taken away as they are shown: what a search has hidden is
// left out, and so is what stands folded in a cell.

export function downloads(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-download]")) {
    const link = document.createElement("a");
    link.href = "#";
    link.textContent = "CSV";
    link.download = table.dataset.download ?? "";
    link.addEventListener("click", () => {
      link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    });
    const p = document.createElement("p");
    p.className = "note take";
    p.append(link);
    (table.closest(".scroll") ?? table).after(p);
  }
}

function csv(table: HTMLTableElement): string {
  const rows = [...table.rows].filter((r) => !r.hidden);
  return rows.map((r) => [...r.cells].map(plain).join(",")).join("\r\n") + "\r\n";
}

function plain(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLTableCellElement;
  for (const d of copy.querySelectorAll("details")) d.remove();
  const text = (copy.textContent ?? "").trim().replace(/\s+/g, " ");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
