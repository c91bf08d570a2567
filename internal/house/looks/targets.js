// Everything that can be pressed on this page and is not 44 by 44 points large,
// told in a line each. What counts is not how large it is drawn but where a tap
// reaches it: at the middles of the sides and at the corners of a square of that
// size somewhere on it nothing else may lie, be it a neighbour or the area that
// a neighbour takes taps on. Half a point is left for rounding, and a whole one
// where points are tried, since a browser tries whole ones.
//
// The one exception is WCAG's own of 2.5.5, and no wider: a link within a sentence,
// which is an <a> displayed inline whose block of text (a paragraph, an item of a
// list, a dd) says at least three words beside it.
(() => {
  const least = 43.5, half = 21;
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=slider]";
  const inline = (e) => getComputedStyle(e).display.startsWith("inline") || getComputedStyle(e).display === "contents";

  function inSentence(e) {
    if (e.tagName !== "A" || getComputedStyle(e).display !== "inline") return false;
    let block = e.parentElement;
    while (block && inline(block)) block = block.parentElement;
    if (!block || !block.matches("p, li, dd") || block.closest("nav, .crumb, .jump")) return false;
    let said = "";
    const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let t = texts.nextNode(); t; t = texts.nextNode()) {
      let at = t.parentElement;
      if (at.closest(kinds)) continue;
      while (at !== block && inline(at)) at = at.parentElement;
      if (at === block) said += t.data + " ";
    }
    return (said.match(/\p{L}{2,}/gu) ?? []).length >= 3;
  }

  // seen says whether somebody can see it, now or when it has the focus.
  function seen(e) {
    if (!e.checkVisibility({ visibilityProperty: true })) return false;
    const r = e.getBoundingClientRect();
    return r.width > 0 && r.height > 0;
  }

  const labels = (e) => [...(e.labels ?? [])];
  const round = (r) => `${Math.round(r.width)}×${Math.round(r.height)}`;
  const name = (e) => `${e.tagName.toLowerCase()}${e.className && typeof e.className === "string" ? "." + e.className.trim().replace(/\s+/g, ".") : ""} ${JSON.stringify((e.id || e.name || e.textContent).trim().replace(/\s+/g, " ").slice(0, 30))}`;

  // whose says what a tap at a point goes to.
  function whose(x, y) {
    const hit = document.elementFromPoint(x, y);
    if (!hit) return null;
    const near = hit.closest(kinds);
    if (near) return near;
    const label = hit.closest("label");
    return label?.control ?? hit;
  }

  // square tries one that has its middle at a point, and gives what lies over it,
  // or null. Corners are tried as far inside as they are rounded.
  function square(e, x, y, radius) {
    const c = half - 0.3 * Math.min(radius, half);
    for (const [dx, dy] of [[-half, 0], [half, 0], [0, -half], [0, half], [-c, -c], [c, -c], [-c, c], [c, c]]) {
      const hit = whose(x + dx, y + dy);
      if (hit !== e) return { hit, dx, dy };
    }
    return null;
  }

  function small(e) {
    e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    if (e.getBoundingClientRect().right <= 0) e.focus(); // it comes into sight when it is reached by Tab
    const own = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const cell = e.closest("td, th, li");
    const bases = [...labels(e).map((l) => l.getBoundingClientRect()), own, ...(cell ? [cell.getBoundingClientRect()] : [])];
    if (!labels(e).some((l) => l.contains(e))) bases.unshift(bases.splice(bases.indexOf(own), 1)[0]);
    const around = ["::before", "::after"].map((k) => getComputedStyle(e, k)).filter((p) => p.position === "absolute").map((p) => ({ width: parseFloat(p.width) || 0, height: parseFloat(p.height) || 0 }));
    const large = [own, ...labels(e).map((l) => l.getBoundingClientRect()), ...around].some((r) => r.width >= least && r.height >= least);
    let first = large ? null : { hit: null, dx: 0, dy: 0 };
    for (const b of large ? bases : []) {
      const radius = Math.max(...["borderTopLeftRadius", "borderBottomRightRadius"].map((k) => parseFloat(labels(e).length ? getComputedStyle(labels(e)[0])[k] : style[k]) || 0), parseFloat(style.borderTopLeftRadius) || 0);
      for (const x of [b.left + b.width / 2, b.left + half + 0.1, b.right - half - 0.1]) {
        for (const y of [b.top + b.height / 2, b.top + half + 0.1, b.bottom - half - 0.1]) {
          const missed = square(e, x, y, radius);
          first ??= missed;
          if (!missed) return null;
        }
      }
    }
    const by = first.hit && first.hit !== document.documentElement ? name(first.hit) : "nothing";
    return `${name(e)} is ${round(own)}${labels(e).length ? ", its label " + round(labels(e)[0].getBoundingClientRect()) : ""}` + (large ? `; at ${Math.round(first.dx)},${Math.round(first.dy)} from its middle is ${by}` : "");
  }

  const x = scrollX, y = scrollY;
  const inside = [...document.querySelectorAll("body *")].filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight).map((e) => [e, e.scrollLeft, e.scrollTop]);
  const all = [...document.querySelectorAll(kinds)].filter((e) => seen(e) && !inSentence(e));
  const focused = document.activeElement;
  const out = all.map((e) => {
    const s = small(e);
    if (document.activeElement !== focused) document.activeElement.blur();
    return s;
  }).filter((s) => s !== null);
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  for (const [e, left, top] of inside) [e.scrollLeft, e.scrollTop] = [left, top];
  scrollTo(x, y);
  return out;
})()
