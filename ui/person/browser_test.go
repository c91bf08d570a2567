package person

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dvala/internal/house/looks"
)

// one is the browser in which the tests have their windows, each in a context of
// its own that knows nothing of the others.
var one struct {
	once sync.Once
	ctx  context.Context
	end  context.CancelFunc
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if one.end != nil {
		one.end()
	}
	os.Exit(code)
}

// browser is a window of Debian's Chromium before a world.
type browser struct {
	*testing.T
	own     bool // a device of its own, which can be killed and keeps what it kept
	flags   []chromedp.ExecAllocatorOption
	ctx     context.Context
	cancel  context.CancelFunc
	url     string
	dir     string // of its profile
	path    string
	size    [2]int64
	begun   bool
	clockID devpage.ScriptIdentifier
}

func chromium(t *testing.T) string {
	t.Helper()
	path, ok := looks.Chromium()
	if !ok && os.Getenv("DVALA_NO_SKIP") != "" {
		t.Fatal("Chromium is not installed")
	}
	if !ok {
		t.Skip("Chromium is not installed: the pages were not looked at in a browser")
	}
	return path
}

// serve puts a world on the loopback; while it is down, connections are cut.
func (w *world) serve(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.down.Load() {
			if c, _, err := http.NewResponseController(rw).Hijack(); err == nil {
				c.Close()
			}
			return
		}
		if w.cut.Load() && r.Method == http.MethodPost {
			w.deaf(rw, r)
			return
		}
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func newBrowser(t *testing.T, url string, width, height int64) *browser {
	t.Helper()
	b := &browser{T: t, url: url, path: chromium(t), size: [2]int64{width, height}}
	b.start()
	t.Cleanup(func() { b.cancel() })
	return b
}

// newDevice is a telephone of one's own: a browser with a profile on disk.
func newDevice(t *testing.T, url string, width, height int64, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	b := &browser{T: t, own: true, flags: flags, url: url, path: chromium(t), dir: t.TempDir(), size: [2]int64{width, height}}
	b.start()
	t.Cleanup(func() { b.cancel() })
	return b
}

func (b *browser) options() []chromedp.ExecAllocatorOption {
	out := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(b.path), chromedp.NoSandbox, chromedp.Flag("lang", "sv-SE"))
	if b.own {
		out = append(out, chromedp.UserDataDir(b.dir))
	}
	return append(out, b.flags...)
}

// together opens the browser that all windows are in.
func (b *browser) together() context.Context {
	b.Helper()
	one.once.Do(func() {
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), b.options()...)
		ctx, stop := chromedp.NewContext(alloc)
		_, one.err = chromedp.Run(ctx, chromedp.Evaluate[int]("1"))
		one.ctx, one.end = ctx, func() { stop(); stopAlloc() }
	})
	if one.err != nil {
		b.Fatal(one.err)
	}
	return one.ctx
}

// start opens the browser on its profile; what it kept before is there again.
func (b *browser) start() {
	b.Helper()
	if b.own {
		limit, stop := context.WithTimeout(b.Context(), 4*time.Minute)
		alloc, stopAlloc := chromedp.NewExecAllocator(limit, b.options()...)
		ctx, stopCtx := chromedp.NewContext(alloc)
		b.ctx, b.cancel = ctx, func() { stopCtx(); stopAlloc(); stop() }
	} else {
		b.ctx, b.cancel = chromedp.NewContext(b.together(), chromedp.WithNewBrowserContext())
	}
	b.clockID, b.begun = "", false
	b.do(chromedp.EmulateViewport(b.size[0], b.size[1]), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil { // each window is in front
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Stockholm"})
		return err
	}))
}

// scheme sets what the system says of light and dark.
func (b *browser) scheme(dark bool) {
	b.Helper()
	value := map[bool]string{true: "dark", false: "light"}[dark]
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
		})
		return err
	}))
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for _, a := range actions {
		// The first action starts the browser, and must have its whole life.
		limit, cancel := b.ctx, context.CancelFunc(func() {})
		if b.begun {
			limit, cancel = context.WithTimeout(b.ctx, 30*time.Second)
		}
		err := chromedp.Do(limit, a)
		cancel()
		if b.begun = true; err != nil {
			b.Fatal(err)
		}
	}
}

// go to a path and wait until the scripts have run.
func (b *browser) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.url + path))
	b.ready()
}

func (b *browser) ready() {
	b.Helper()
	b.until(`document.documentElement.classList.contains("ready") && document.readyState === "complete"`, "the page")
}

func ask[T any](b *browser, script string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", script, err)
	}
	return v
}

func (b *browser) until(condition, what string) {
	b.Helper()
	end := time.Now().Add(30 * time.Second)
	for time.Now().Before(end) {
		if v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Promise.resolve("+condition+").then(Boolean)", chromedp.EvalAwaitPromise)); err == nil && v {
			return
		}
		time.Sleep(40 * time.Millisecond)
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText.slice(0, 600)"))
	b.Fatalf("%s did not come: %s", what, text)
}

// picture keeps a screenshot in the folder that DVALA_SHOTS names.
func (b *browser) picture(name string) {
	b.Helper()
	dir := os.Getenv("DVALA_SHOTS")
	if dir == "" {
		return
	}
	raw, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o644); err != nil {
		b.Fatal(err)
	}
}

// told reports what a script tells of a page, a line each.
func (b *browser) told(name, script string) {
	b.Helper()
	for _, f := range ask[[]string](b, script) {
		b.Errorf("%s: %s", name, f)
	}
}

// targets finds what is to be tapped and is smaller than 44 points.
func (b *browser) targets(name string) {
	b.Helper()
	b.told(name, looks.Targets)
}

// axe reports what axe-core finds that is serious or worse.
func (b *browser) axe(name string) {
	b.Helper()
	if script := must(looks.Axe()); script != "" {
		b.told(name, script)
	}
}
