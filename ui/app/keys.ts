// Keys: / to the search, g and a letter to a page, ? for help.

const patience = 1500; // milliseconds between g and its letter
const fields = "input, textarea, select, [contenteditable]";

export function keys(): void {
  let going = 0; // when g was pressed; 0: it was not
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || (e.target instanceof Element && e.target.closest(fields))) return;
    if (going > 0 && Date.now() - going < patience) {
      going = 0;
      follow(e);
      return;
    }
    switch (e.key) {
      case "g":
        going = Date.now();
        break;
      case "?":
        help();
        break;
      case "/":
        e.preventDefault();
        search();
    }
  });
}

function follow(e: KeyboardEvent): void {
  const link = document.querySelector<HTMLAnchorElement>(`nav .side a[data-key="${CSS.escape(e.key)}"]`);
  if (!link) return;
  e.preventDefault();
  location.href = link.href;
}

function help(): void {
  const box = document.getElementById("help");
  if (!(box instanceof HTMLDetailsElement)) return;
  box.open = !box.open;
  if (!box.open) return;
  box.scrollIntoView();
  box.querySelector("summary")?.focus();
}

function search(): void {
  const box = document.querySelector<HTMLInputElement>("[data-search]");
  if (!box) {
    location.href = "/participants";
    return;
  }
  // A moment later, so that the key itself is not typed into the box.
  setTimeout(() => {
    box.focus();
    box.select();
  }, 20);
}
