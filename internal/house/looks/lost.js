// What is lost of this page when its text is twice as large: what is cut off, what
// lies beyond the window, and words that lie over other words. It puts the text
// back to its size before it answers.
(() => {
  const root = document.documentElement, wide = innerWidth, out = [];
  const say = (e) => `${e.tagName.toLowerCase()}.${e.className} ${JSON.stringify(e.textContent.trim().replace(/\s+/g, " ").slice(0, 40))}`;
  root.style.fontSize = "200%";
  if (root.scrollWidth > wide) {
    out.push(`it is ${root.scrollWidth} wide: ` + [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide + 1 && !e.closest(".scroll, table, .hidden")).slice(0, 4).map(say).join("; "));
  }
  const own = ["TEXTAREA", "SELECT", "INPUT", "IFRAME", "METER", "PROGRESS", "CANVAS"];
  for (const e of document.querySelectorAll("main *, header *, footer *, nav *")) {
    if (own.includes(e.tagName) || e.closest(".hidden, [hidden], svg, .whole") || e.clientWidth === 0) continue;
    const s = getComputedStyle(e);
    const clips = (o) => o === "hidden" || o === "clip";
    if (clips(s.overflowX) && e.scrollWidth > e.clientWidth + 1 || clips(s.overflowY) && e.scrollHeight > e.clientHeight + 1) out.push(`cut off: ${say(e)}`);
    // What scrolls sideways by itself must be reached by the keyboard.
    if ((s.overflowX === "auto" || s.overflowX === "scroll") && e.scrollWidth > e.clientWidth + 1 && !e.hasAttribute("tabindex") && !e.closest("nav") && e.tagName !== "TABLE" && e.tagName !== "PRE") out.push(`scrolls where no key leads: ${say(e)}`);
  }
  out.push(...over());
  root.style.fontSize = "";
  return out;

  // over finds words over other words: of every line of text the middle is tried.
  function over() {
    const found = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), range = document.createRange();
    const rows = [];
    for (let t = texts.nextNode(); t; t = texts.nextNode()) {
      const at = t.parentElement;
      if (!t.data.trim() || at.closest("details:not([open])") && !at.closest("summary") || at.closest(".hidden, [hidden], svg, option, textarea, .hours, .whole, meter, progress") || !at.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      range.selectNodeContents(t);
      for (const r of range.getClientRects()) if (r.width > 2 && r.height > 2) rows.push({ r, at });
    }
    rows.sort((a, b) => a.r.top - b.r.top);
    for (let i = 0; i < rows.length && found.length < 4; i++) {
      for (let k = i + 1; k < rows.length && rows[k].r.top < rows[i].r.bottom; k++) {
        const a = rows[i].r, b = rows[k].r;
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // Lines of one paragraph may touch: glyphs are lower than their boxes.
        if (x > 3 && y > 0.5 * Math.min(a.height, b.height) && !sticks(rows[i].at) && !sticks(rows[k].at)) found.push(`${say(rows[i].at)} lies over ${say(rows[k].at)}`);
      }
    }
    return found;
  }

  // sticks says whether something is meant to stay over what scrolls under it.
  function sticks(e) {
    for (let a = e; a; a = a.parentElement) if (["sticky", "fixed"].includes(getComputedStyle(a).position)) return true;
    return false;
  }
})()
