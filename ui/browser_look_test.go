package ui

import (
	"encoding/base64"
	"strings"
	"testing"

	"dvala/internal/house/looks"
)

// inspect holds a page that is open against what every page has to be: not wider
// than the window, with its style, nothing smaller than a thumb, and nothing that
// axe finds serious.
func (b *browser) inspect(name string) {
	b.t.Helper()
	b.until(`document.querySelector("main") && document.readyState === "complete"`, "the page "+name)
	if got := ask1[int64](b, `document.documentElement.scrollWidth`); got > b.width {
		b.t.Errorf("%s is %d wide: %s", name, got, b.sticksOut())
	}
	if got := ask1[string](b, `getComputedStyle(document.querySelector("main")).maxWidth`); !strings.HasSuffix(got, "px") {
		b.t.Errorf("%s has no style: %q", name, got)
	}
	b.told(name, looks.Targets)
	b.axe(name)
	b.picture(name)
}

func (b *browser) sticksOut() string {
	return ask1[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, table")).map(e => e.tagName + "." + e.className + " " + (e.id || e.textContent.trim().slice(0, 20)) + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 4).join("; ")`)
}

// told reports what a script tells of a page, a line each, and no more than six.
func (b *browser) told(name, script string) {
	b.t.Helper()
	found := ask1[[]string](b, script)
	for i, f := range found {
		if i == 6 {
			b.t.Errorf("%s: and %d more", name, len(found)-i)
			break
		}
		b.t.Errorf("%s: %s", name, f)
	}
}

// axe reports what axe-core finds that is serious or worse.
func (b *browser) axe(name string) {
	b.t.Helper()
	if script := must(looks.Axe()); script != "" && !b.axeElsewhere {
		b.told(name, script)
	}
}

// light turns a page that is open from dark to light: the server writes one class
// for either, and nothing but colours hangs on it.
func (b *browser) light(name string) {
	b.t.Helper()
	if !ask1[bool](b, `((root) => root.className === "dark" && (root.className = "light", true))(document.documentElement)`) {
		b.t.Errorf("%s is not dark", name)
	}
	if must(looks.Axe()) != "" && !b.axeElsewhere {
		b.told(name, looks.AxeColours)
	}
	b.picture(name)
}

// twice makes text twice as large, and sees that nothing is lost.
func (b *browser) twice(name string) {
	b.t.Helper()
	b.told(name+" with text twice as large", looks.Lost)
}

// noAxe says that accessibility was not checked, where it was not.
func noAxe(t *testing.T) {
	if must(looks.Axe()) == "" {
		t.Log("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
}

// written shows a page that stands nowhere.
func (b *browser) written(page string) {
	b.t.Helper()
	b.open("data:text/html;base64," + base64.StdEncoding.EncodeToString([]byte(`<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">`+page)))
}

// The look at targets sees what it is there to see: one that is too small, one whose
// area a neighbour takes, one that is only drawn small, a link within a sentence,
// and a link that has a line for itself.
func TestTargetsAreSeen(t *testing.T) {
	chromiumFor(t)
	b := window(t, "")
	for name, c := range map[string]struct{ page, finds string }{
		"large":             {`<button>a</button>`, ""},
		"low":               {`<button style="height:30px">a</button>`, `button "a" is 60×30`},
		"narrow":            {`<button style="width:30px">a</button>`, `button "a" is 30×50`},
		"area in ::after":   {`<style>button::after{content:"";position:absolute;inset:-12px 0}</style><p><button style="height:30px;position:relative">a</button>`, ""},
		"areas that meet":   {`<style>button{display:block;height:30px!important;position:relative}button::after{content:"";position:absolute;inset:-12px 0}</style><button>a</button><button>b</button>`, `button "a" is 60×30; at`},
		"border unseen":     {`<button style="height:30px;box-sizing:content-box;border:10px solid transparent;background-clip:padding-box">a</button>`, ""},
		"label":             {`<label style="display:inline-block;width:80px;height:50px"><input type="checkbox"> so</label>`, ""},
		"label that is low": {`<label style="display:inline-block;width:80px;height:24px"><input type="checkbox" name="c"> so</label>`, `input "c" is 13×13, its label 80×24`},
		"in a sentence":     {`<p>Somebody has asked for <a href="#">more</a> of it.</p>`, ""},
		"by itself":         {`<p><a href="#">more</a></p>`, `a "more"`},
		"in a list of two":  {`<p>3 of 4 · <a href="#">more</a></p>`, `a "more"`},
		"in a cell":         {`<table><td>This is said in a table and not in prose <a href="#">more</a></table>`, `a "more"`},
		"covered":           {`<div style="position:relative"><button>a</button><div style="position:absolute;inset:0">veil</div></div>`, `button "a" is 60×50`},
		"rounded":           {`<button style="border-radius:25px">a</button>`, ""},
	} {
		b.written(`<style>button{width:60px;height:50px;padding:0;border:0}body{margin:60px}</style>` + c.page)
		found := strings.Join(ask1[[]string](b, looks.Targets), "\n")
		if (c.finds == "") != (found == "") || !strings.Contains(found, c.finds) {
			t.Errorf("%s: found %q, want %q", name, found, c.finds)
		}
	}
}

// So does the look at larger text.
func TestLossesAreSeen(t *testing.T) {
	chromiumFor(t)
	b := window(t, "")
	b.size(360, 740)
	for name, c := range map[string]struct{ page, finds string }{
		"nothing":       {`<p>Some words that may wrap.</p>`, ""},
		"too wide":      {`<p style="width:15rem">words</p>`, "it is "},
		"cut at a side": {`<p style="white-space:nowrap;overflow:hidden">words that hardly fit into the line</p>`, "cut off"},
		"cut below":     {`<p style="height:40px;overflow:hidden">words that hardly fit into the line</p>`, "cut off"},
		"over others":   {`<p style="height:20px;margin:0">words that hardly fit into the line, and go on</p><p style="margin:0">others</p>`, "lies over"},
		"out of reach":  {`<div style="overflow-x:auto"><p style="width:30rem">words</p></div>`, "scrolls where no key leads"},
		"within reach":  {`<div tabindex="0" style="overflow-x:auto"><p style="width:30rem">words</p></div>`, ""},
	} {
		b.written(`<main>` + c.page + `</main>`)
		found := strings.Join(ask1[[]string](b, looks.Lost), "\n")
		if (c.finds == "") != (found == "") || !strings.Contains(found, c.finds) {
			t.Errorf("%s: found %q, want %q", name, found, c.finds)
		}
	}
}
