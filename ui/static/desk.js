// What makes the desk quicker, and what it can do without: keys, a search that
// narrows a table while one types, tables that sort and can be taken away as
// they are shown, and work whose progress moves by itself.
"use strict";
(() => {
  // Keys: / to the search, g and a letter to a page, ? for help.
  let going = 0;
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
    if (going && Date.now() - going < 1500) {
      going = 0;
      const link = document.querySelector(`nav .side a[data-key="${CSS.escape(e.key)}"]`);
      if (link) { e.preventDefault(); location.href = link.href; }
      return;
    }
    if (e.key === "g") { going = Date.now(); return; }
    if (e.key === "?") {
      const help = document.getElementById("help");
      help.open = !help.open;
      if (help.open) { help.scrollIntoView(); help.querySelector("summary").focus(); }
      return;
    }
    if (e.key === "/") {
      e.preventDefault();
      const search = document.querySelector("[data-search]");
      // A moment later, so that the key itself is not typed into the box.
      if (search) setTimeout(() => { search.focus(); search.select(); }, 20);
      else location.href = "/participants";
    }
  });

  // A search that narrows its table.
  for (const box of document.querySelectorAll("[data-filter]")) {
    const table = document.getElementById(box.dataset.filter);
    if (!table) continue;
    const shown = document.querySelector("[data-shown]");
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((w) => text.includes(w));
        if (!row.hidden) n++;
      }
      if (shown) shown.textContent = n;
    });
  }

  // Tables that sort by the column whose heading is pressed.
  const value = (cell) => {
    const text = cell ? cell.textContent.trim() : "";
    const number = Number(text.replace("−", "-").replace(/[\s%]/g, "").replace(",", "."));
    return text !== "" && !Number.isNaN(number) ? number : text;
  };
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
  for (const table of document.querySelectorAll("table[data-sort]")) {
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const h of table.tHead.rows[0].cells) h.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (down ? -1 : 1) * order(value(a.cells[at]), value(b.cells[at])));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // Tables that can be taken away as they are shown.
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  for (const table of document.querySelectorAll("table[data-download]")) {
    const p = document.createElement("p");
    p.className = "note";
    const link = document.createElement("a");
    link.href = "#";
    link.textContent = "CSV";
    link.download = table.dataset.download;
    link.addEventListener("click", () => {
      const rows = [...table.rows].filter((r) => !r.hidden);
      const csv = rows.map((r) => [...r.cells].map((c) => {
        const plain = c.cloneNode(true);
        for (const d of plain.querySelectorAll("details")) d.remove();
        return quoted(plain.textContent.trim().replace(/\s+/g, " "));
      }).join(",")).join("\r\n") + "\r\n";
      link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    });
    p.append(link);
    (table.closest(".scroll") || table).after(p);
  }

  // Work whose progress moves: the page is asked again while something runs.
  const live = document.querySelector("[data-live]");
  if (live) setTimeout(() => location.reload(), 1500);
})();
