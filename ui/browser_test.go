package ui

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is a Chromium with one window.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string
}

func newBrowser(t *testing.T, h http.Handler) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("Chromium is not installed: the pages were not looked at in a browser")
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	limit, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	alloc, cancel := chromedp.NewExecAllocator(limit, options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	return &browser{t, ctx, server.URL}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, a := range actions {
		if err := chromedp.Do(b.ctx, a); err != nil {
			b.t.Fatal(err)
		}
	}
}

func ask1[T any](b *browser, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// be is somebody, in a language and a light.
func (b *browser) be(who, lang, theme string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + "/static/style.css"))
	ask1[bool](b, `document.cookie = "`+asCookie+`=`+who+`;path=/"; document.cookie = "`+langCookie+`=`+lang+`;path=/"; document.cookie = "`+themeCookie+`=`+theme+`;path=/"; true`)
}

// until waits for a script to say yes.
func (b *browser) until(script, what string) {
	b.t.Helper()
	for range 100 {
		if ask1[bool](b, script) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatal(what, "did not come:", ask1[string](b, "location.href + ' ' + document.activeElement.outerHTML.slice(0, 200) + ' ' + document.activeElement.value"))
}

// On a telephone and on a desk, in both languages, light and dark: no page is
// wider than the window, none is without its style, and axe finds nothing
// serious. DVALA_SHOTS names a folder for pictures of all of them.
func TestInBrowser(t *testing.T) {
	b := newBrowser(t, handler(t, playground(t)))
	shots, axe := os.Getenv("DVALA_SHOTS"), []byte(nil)
	if path := os.Getenv("DVALA_AXE"); path != "" {
		axe = must(os.ReadFile(path))
	} else {
		t.Log("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
	for _, c := range []struct {
		width, height int64
		lang, theme   string
	}{{360, 740, "sv", "dark"}, {1440, 900, "en", "light"}, {360, 740, "en", "light"}, {1440, 900, "sv", "dark"}} {
		b.do(chromedp.EmulateViewport(c.width, c.height))
		b.be("investigator", c.lang, c.theme)
		for _, page := range somePages {
			b.do(chromedp.Navigate(b.url + page))
			name := c.lang + "-" + c.theme + "-" + map[int64]string{360: "360"}[c.width] + strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(page)
			if got := ask1[int64](b, `document.documentElement.scrollWidth`); got > c.width {
				t.Errorf("%s is %d wide", name, got)
			}
			if got := ask1[string](b, `getComputedStyle(document.querySelector("main")).maxWidth`); got != "1290px" {
				t.Errorf("%s has no style: %q", name, got)
			}
			if axe != nil {
				b.axe(name, axe)
			}
			if shots != "" {
				picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(shots, name+".png"), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// axe reports what axe-core finds that is serious or worse.
func (b *browser) axe(name string, source []byte) {
	b.t.Helper()
	ask1[bool](b, string(source)+";true")
	ask1[bool](b, `(globalThis.found = null, axe.run(document, {resultTypes: ["violations"], preload: false}).then(
		(r) => { globalThis.found = JSON.stringify(r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", "))); },
		(e) => { globalThis.found = JSON.stringify([String(e)]); }), true)`)
	b.until(`globalThis.found !== null`, "what axe found")
	var found []string
	if err := json.Unmarshal([]byte(ask1[string](b, `globalThis.found`)), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("%s: %s", name, f)
	}
}

// A coordinator's day by the keyboard alone: she goes to the participants,
// narrows them by a search, opens one, randomises her, and hands out the kit.
func TestDayByKeyboard(t *testing.T) {
	m := playground(t)
	b := newBrowser(t, handler(t, m))
	b.do(chromedp.EmulateViewport(1440, 900))
	b.be("coordinator", "en", "light")
	b.do(chromedp.Navigate(b.url+"/"), chromedp.KeyEvent("g"), chromedp.KeyEvent("p"))
	b.until(`location.pathname === "/participants" && document.readyState === "complete"`, "the table of participants")
	b.do(chromedp.KeyEvent("/"))
	b.until(`document.activeElement.id === "q"`, "the search")
	b.do(chromedp.KeyEvent("P0003"))
	b.until(`document.querySelectorAll("#people tbody tr:not([hidden])").length === 1`, "one row")
	b.tabTo(`document.activeElement.textContent === "P0003"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname === "/participants/P0003" && document.readyState === "complete"`, "the person's page")
	b.tabTo(`document.activeElement.textContent === "Randomise"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.endsWith("/do/randomise") && document.readyState === "complete"`, "the form")
	b.tabTo(`document.activeElement.name === "grave"`)
	b.do(chromedp.KeyEvent(" "))
	b.tabTo(`document.activeElement.textContent === "Randomise now"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.includes("/entry/") && document.readyState === "complete"`, "the receipt")
	b.tabTo(`document.activeElement.textContent === "Hand out a kit"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.endsWith("/do/dispense") && document.readyState === "complete"`, "the form of the kit")
	b.tabTo(`document.activeElement.textContent === "Hand out"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`document.querySelector(".large b") !== null && location.search === "?did=dispense" && document.readyState === "complete"`, "the kit")
	if got, want := ask1[string](b, `document.querySelector(".large b").textContent`), m.state.People["P0003"].Kits[0].Kit; got != want {
		t.Errorf("kit %q is shown, and %q was handed out", got, want)
	}
	b.do(chromedp.KeyEvent("?"))
	b.until(`document.getElementById("help").open`, "the help")
}

// tabTo presses Tab until something has the focus.
func (b *browser) tabTo(script string) {
	b.t.Helper()
	for range 120 {
		b.do(chromedp.KeyEvent("\t"))
		if ask1[bool](b, script) {
			return
		}
	}
	b.t.Fatal("nothing is reached by Tab that fits", script)
}
