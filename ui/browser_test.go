package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dvala/internal/house/looks"
)

// chromium is the one browser of this package's tests. Each test has windows of
// its own in it, with cookies of their own.
var chromium struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

func startChromium() {
	path, ok := looks.Chromium()
	if !ok {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("lang", "en-GB"))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(alloc)
	chromium.ctx, chromium.stop = ctx, func() { stop(); stopAlloc() }
	chromium.err = chromedp.Do(ctx, chromedp.Navigate("about:blank"))
}

// browser is a window before the pages of a trial.
type browser struct {
	t     *testing.T
	ctx   context.Context
	url   string
	width int64
	// axeElsewhere says that axe looks at the same pages in another window.
	axeElsewhere bool
}

// newBrowser opens a window before a handler.
func newBrowser(t *testing.T, h http.Handler) *browser {
	t.Helper()
	chromiumFor(t)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return window(t, server.URL)
}

func chromiumFor(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	chromium.once.Do(startChromium)
	switch {
	case chromium.err != nil:
		t.Fatal(chromium.err)
	case chromium.ctx == nil && os.Getenv("DVALA_NO_SKIP") != "":
		t.Fatal("Chromium is not installed")
	case chromium.ctx == nil:
		t.Skip("Chromium is not installed: the pages were not looked at in a browser")
	}
}

// window opens a window before an address, whose cookies are its own.
func window(t *testing.T, url string) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, url: url}
	b.size(1440, 900)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // each window is in front
		_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	return b
}

// size makes the window a telephone's or a desk's.
func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.width = width
	b.do(chromedp.EmulateViewport(width, height))
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, a := range actions {
		if err := chromedp.Do(b.ctx, a); err != nil {
			b.t.Fatal(err)
		}
	}
}

// ask1 asks the page, and waits for a promise to be kept.
func ask1[T any](b *browser, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.300s: %v", script, err)
	}
	return v
}

// be is somebody, in a language and a light.
func (b *browser) be(who, lang, theme string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + "/static/style.css"))
	ask1[bool](b, `document.cookie = "`+asCookie+`=`+who+`;path=/"; document.cookie = "`+langCookie+`=`+lang+`;path=/"; document.cookie = "`+themeCookie+`=`+theme+`;path=/"; true`)
}

// open goes to a page, and waits until it is there.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + path))
}

// until waits for a script to say yes. The page may go away while it is asked.
func (b *browser) until(script, what string) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+script+")")); err == nil && v {
			return
		}
	}
	b.t.Fatal(what, "did not come:", ask1[string](b, "location.href + ' ' + document.activeElement.outerHTML.slice(0, 200) + ' ' + document.body.innerText.slice(0, 600)"))
}

// at waits for a page by its path, and an old one of the same path not to be
// taken for it: whoever leads there marks the old one with left.
func (b *browser) at(path string) {
	b.t.Helper()
	b.until(`location.pathname === `+quoted(path)+` && document.readyState === "complete" && !globalThis.left`, path)
}

// press clicks what a selector names and lets the page that it leads to come.
func (b *browser) press(selector, to string) {
	b.t.Helper()
	if !ask1[bool](b, `(globalThis.left = true, ((e) => e ? (e.click(), true) : false)(document.querySelector(`+quoted(selector)+`)))`) {
		b.t.Fatal("nothing to press at", selector, "on", ask1[string](b, "location.href + ' ' + document.body.innerText.slice(0, 600)"))
	}
	b.at(to)
}

// fill writes into a field, as if it had been typed.
func (b *browser) fill(name, value string) {
	b.t.Helper()
	ok := ask1[bool](b, `((e) => { if (!e) return false; if (e.type === "radio" || e.type === "checkbox") { e.checked = true; } else { e.value = `+quoted(value)+`; } e.dispatchEvent(new Event("input", {bubbles: true})); return true; })(
		document.querySelector(`+quoted(`[name="`+name+`"][value="`+value+`"]:is([type=radio],[type=checkbox])`)+`) ?? document.querySelector(`+quoted(`[name="`+name+`"]:not([type=radio],[type=checkbox],[type=hidden])`)+`))`)
	if !ok {
		b.t.Fatal("no field", name, "on", ask1[string](b, "location.href"))
	}
}

// bring puts a file into a file field.
func (b *browser) bring(name, file string, content []byte) {
	b.t.Helper()
	raw := must(json.Marshal(content)) // base64
	ask1[bool](b, `((e) => { const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(atob(`+string(raw)+`), (c) => c.charCodeAt(0))], `+quoted(file)+`)); e.files = d.files; return e.files.length === 1; })(document.querySelector(`+quoted(`[type=file][name="`+name+`"]`)+`))`)
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	return ask1[string](b, `(document.querySelector(`+quoted(selector)+`) ?? {textContent: ""}).textContent.trim().replace(/\s+/g, " ")`)
}

func quoted(s string) string { return string(must(json.Marshal(s))) }

// picture keeps a screenshot in the folder that DVALA_SHOTS names.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("DVALA_SHOTS")
	if dir == "" {
		return
	}
	raw, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// shotName is a page's address as a file's name.
func shotName(lang, theme string, width int64, page string) string {
	return fmt.Sprintf("%s-%s-%d%s", lang, theme, width, strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(page))
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
