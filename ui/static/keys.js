// Keys: / to the search, g and a letter to a page, ? for help. Nothing else
// here needs a script.
"use strict";
(() => {
  let going = 0;
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
    if (going && Date.now() - going < 1500) {
      going = 0;
      const link = document.querySelector(`nav a[data-key="${CSS.escape(e.key)}"]`);
      if (link) { e.preventDefault(); link.click(); }
      return;
    }
    if (e.key === "g") { going = Date.now(); return; }
    if (e.key === "?") {
      const help = document.getElementById("help");
      help.open = !help.open;
      if (help.open) help.scrollIntoView();
      return;
    }
    if (e.key === "/") {
      e.preventDefault();
      const search = document.querySelector("[data-search]");
      if (search) { search.focus(); search.select(); } else { location.href = "/participants"; }
    }
  });
})();
