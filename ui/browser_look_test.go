package ui

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
)

// axeSource is axe-core, if DVALA_AXE names it.
var axeSource = sync.OnceValues(func() (string, error) {
	path := os.Getenv("DVALA_AXE")
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	return string(b), err
})

// inspect holds a page that is open against what every page has to be: not wider
// than the window, with its style, nothing too small for a finger or, at a desk,
// for a mouse, and nothing that axe finds serious.
func (b *browser) inspect(name string) {
	b.t.Helper()
	b.until(`document.querySelector("main") && document.readyState === "complete"`, "the page "+name)
	if got := ask1[int64](b, `document.documentElement.scrollWidth`); got > b.width {
		b.t.Errorf("%s is %d wide: %s", name, got, b.sticksOut())
	}
	if got := ask1[string](b, `getComputedStyle(document.querySelector("main")).maxWidth`); !strings.HasSuffix(got, "px") {
		b.t.Errorf("%s has no style: %q", name, got)
	}
	b.targets(name)
	b.axe(name)
	b.picture(name)
}

func (b *browser) sticksOut() string {
	return ask1[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, table")).map(e => e.tagName + "." + e.className + " " + (e.id || e.textContent.trim().slice(0, 20)) + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 4).join("; ")`)
}

// targets finds what is to be pressed and is smaller than it may be. On a
// telephone everything but a link within a sentence is 44 points high; at a desk
// so is everything that acts or is written into, but for what stands in a table's
// row, which as every link is 24 high (WCAG 2.2, 2.5.8): there a mouse is at
// hand, and a table that an expert reads is dense.
func (b *browser) targets(name string) {
	b.t.Helper()
	small := ask1[[]string](b, `Array.from(document.querySelectorAll("a,button,input,select,textarea,summary")).filter(e => {
		const r = e.getBoundingClientRect();
		if (r.width === 0 || e.classList.contains("skip") || e.type === "hidden" || e.closest("svg")) return false;
		const phone = innerWidth < 900, link = e.tagName === "A" && !e.classList.contains("button");
		// A link in the middle of other words (WCAG's exception).
		if (link && getComputedStyle(e).display === "inline" && e.closest("p,li,dd,small,h1,h2,h3,td,th,summary,label") && e.parentElement.textContent.trim() !== e.textContent.trim()) return false;
		const l = e.closest("label") ? e.closest("label").getBoundingClientRect() : r;
		const least = phone || !link && !e.closest("table") ? 43.5 : 23.5;
		return Math.max(r.width, l.width) < 23.5 || Math.max(r.height, l.height) < least;
	}).map(e => e.tagName + "." + e.className + " " + (e.id || e.name || e.textContent).trim().slice(0, 30) + " " + Math.round(e.getBoundingClientRect().width) + "×" + Math.round(e.getBoundingClientRect().height))`)
	for i, s := range small {
		if i == 6 {
			b.t.Errorf("%s: and %d more", name, len(small)-i)
			break
		}
		b.t.Errorf("%s: too small: %s", name, s)
	}
}

// axe reports what axe-core finds that is serious or worse.
func (b *browser) axe(name string) {
	b.t.Helper()
	source := must(axeSource())
	if source == "" {
		return
	}
	var found []string
	text := ask1[string](b, source+`;axe.run(document, {resultTypes: ["violations"], preload: false}).then(
		(r) => JSON.stringify(r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", "))),
		(e) => JSON.stringify([String(e)]))`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("%s: %s", name, f)
	}
}

// twice makes text twice as large, and sees that nothing is cut off, lies beyond
// the window, or makes it scroll in two ways.
func (b *browser) twice(name string) {
	b.t.Helper()
	ask1[bool](b, `(document.documentElement.style.fontSize = "200%", true)`)
	if got := ask1[int64](b, `document.documentElement.scrollWidth`); got > b.width {
		b.t.Errorf("%s with text twice as large is %d wide: %s", name, got, b.sticksOut())
	}
	cut := ask1[[]string](b, `Array.from(document.querySelectorAll("main *, header *, footer *")).filter(e => {
		if (e.closest(".hidden, [hidden], svg") || ["TEXTAREA", "SELECT", "INPUT", "PRE", "IFRAME", "METER"].includes(e.tagName) || e.classList.contains("scroll")) return false;
		const s = getComputedStyle(e);
		return (s.overflowX === "hidden" || s.overflowX === "clip") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 ||
			s.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.hasAttribute("tabindex") && !e.closest("nav") && !["TABLE"].includes(e.tagName);
	}).map(e => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 40))`)
	for _, c := range cut {
		b.t.Errorf("%s with text twice as large cuts off %s", name, c)
	}
	b.picture(name + "-twice")
	ask1[bool](b, `(document.documentElement.style.fontSize = "", true)`)
}

// noAxe says that accessibility was not checked, where it was not.
func noAxe(t *testing.T) {
	if must(axeSource()) == "" {
		t.Log("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
}
