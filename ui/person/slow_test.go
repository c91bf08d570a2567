package person

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"dvala/civil"
	"dvala/study"
)

// counter counts what is asked, what is answered, and what is sent to be kept.
type counter struct {
	next                  http.Handler
	requests, bytes, sent atomic.Int64
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	if r.Method == http.MethodPost {
		head := &bytes.Buffer{}
		_ = r.Header.Write(head) // into memory
		c.sent.Add(int64(head.Len()+len(r.Method+r.RequestURI+r.Proto)) + max(r.ContentLength, 0))
	}
	c.next.ServeHTTP(countedWriter{w, c}, r)
}

type countedWriter struct {
	http.ResponseWriter
	c *counter
}

func (w countedWriter) Write(b []byte) (int, error) {
	w.c.bytes.Add(int64(len(b)))
	return w.ResponseWriter.Write(b)
}

// slow makes the network one of 400 kbit/s with 400 ms to and fro, as Lighthouse
// has its slow 3G.
func (b *browser) slow() {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 400, DownloadThroughput: 50_000, UploadThroughput: 50_000}},
		})
		return err
	}))
}

// weak makes the processor a quarter as fast, as Lighthouse has its telephone.
func (b *browser) weak() {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
		return err
	}))
}

// pressed is something that answers a tap on a page, and how one sees that it has.
var pressed = map[string]struct{ what, answered string }{
	"/me/diary":           {`[data-lane="into-bed"]`, `document.getElementById("f-into-bed").value !== "" && document.querySelector("[data-fine=into-bed]") !== null`},
	"/me/visit/day-7/isi": {`.item:not(.aside) .option`, `!document.getElementById("prev").hidden`},
}

// answered taps something on the page that is open, and gives how long it took
// until its effect was there, by the page's own clock from the touch on. On the
// first page that is until the diary is there and can be used.
func (b *browser) answered(page string) time.Duration {
	b.Helper()
	h := &hand{browser: b}
	p, ok := pressed[page]
	if !ok && page != "/me" {
		return 0
	}
	if !ok {
		begun := time.Now()
		h.thumb("a.button.big")
		b.until(`location.pathname === "/me/diary"`, "the diary")
		b.ready()
		return time.Since(begun)
	}
	h.reach(p.what)
	ask[bool](b, `(globalThis.told = new Promise((done) => addEventListener("pointerdown", () => {
		const began = performance.now();
		const look = () => requestAnimationFrame(() => ((`+p.answered+`) ? done(performance.now() - began) : look()));
		look();
	}, {capture: true, once: true})), true)`)
	h.thumb(p.what)
	return time.Duration(ask[float64](b, `globalThis.told`) * float64(time.Millisecond))
}

// limits are about twice what was measured, with the network and the processor as
// above, on a machine with two cores that had other work.
var limits = map[string]struct{ usable, answered time.Duration }{
	"/me":                 {6 * time.Second, 4 * time.Second},
	"/me/diary":           {6 * time.Second, 1200 * time.Millisecond},
	"/me/visit/day-7/isi": {6 * time.Second, 1200 * time.Millisecond},
	"/me/consent":         {6 * time.Second, 0}, // read, and not answered: she has consented
}

// What a telephone loads at first, over the network, and the requests for it; when
// it can be used over a slow network; what the device then keeps for when there is
// none; and what goes over it when a morning or a questionnaire is sent.
func TestBudgets(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	w.set(day(8, 7, 30))
	c := &counter{next: w.handler}
	w.handler = c
	url := w.serve(t)
	for _, page := range []string{"/me", "/me/diary", "/me/visit/day-7/isi", "/me/consent"} {
		if page == "/me/visit/day-7/isi" {
			w.set(day(14, 7, 30))
		}
		b := newBrowser(t, url, 360, 740)
		b.clock(w.clock())
		b.hasTouch()
		b.slow()
		b.weak()
		c.requests.Store(0)
		c.bytes.Store(0)
		begun := time.Now()
		b.open(page)
		took := time.Since(begun)
		bytes, requests := c.bytes.Load(), c.requests.Load()
		b.keepsAll(page)
		all, every := c.bytes.Load(), c.requests.Load()
		t.Logf("first load of %s: %d bytes in %d requests, usable after %v on slow 3G; %d bytes in %d requests with what is kept for when there is no network",
			page, bytes, requests, took.Round(time.Millisecond), all, every)
		if bytes > 60_000 || all > 150_000 || requests > 10 {
			t.Errorf("more than 60 kB at once, 150 kB in all, or 10 requests")
		}
		tap := b.answered(page)
		t.Logf("%s answers a tap after %v, with the processor at a quarter", page, tap.Round(time.Millisecond))
		if limit := limits[page]; took > limit.usable || tap > limit.answered {
			t.Errorf("it can be used after %v and answers a tap after %v", took, tap)
		}
		b.cancel()
	}
	w.set(day(8, 7, 30))
	b := newBrowser(t, url, 360, 740)
	b.clock(w.clock())
	b.onePageFrom(url)
	c.sent.Store(0)
	for id, at := range map[string]string{"into-bed": "22:50", "tried-to-sleep": "23:10", "sol": "20", "final-waking": "06:40", "out-of-bed": "07:00"} {
		b.write("f-"+id, at)
	}
	b.saveWhole()
	b.until(`location.pathname === "/me/saved"`, "the receipt")
	t.Logf("a morning is sent with %d bytes, its head among them", c.sent.Load())
	if n := c.sent.Load(); n <= 0 || n > 10_000 {
		t.Errorf("a morning of %d bytes is sent; 10 kB are the most", n)
	}
	w.state(func(s *study.State) {
		if s.People[who].Diary[civil.On(2026, 3, 10)] == nil {
			t.Error("it is not filed")
		}
	})
}

// keepsAll waits until the device has every page that it was told to keep, and
// what it fetches besides.
func (b *browser) keepsAll(page string) {
	b.Helper()
	b.until(`navigator.serviceWorker.ready.then((r) => r.active.state === "activated")`, "the service worker")
	if page == "/me" {
		b.until(`(async () => { const had = new Set((await (await caches.open((await caches.keys())[0])).keys()).map((r) => { const u = new URL(r.url); return u.pathname + u.search; }));
			return document.getElementById("due").dataset.keep.split(" ").filter(Boolean).every((u) => had.has(u)); })()`, "every page to be kept")
	}
	for last := ""; ; { // and nothing more comes
		now := ask[string](b, `(async () => String((await (await caches.open((await caches.keys())[0])).keys()).length))()`)
		if now == last {
			return
		}
		last = now
		time.Sleep(1500 * time.Millisecond)
	}
}

// onePageFrom opens the diary as one page.
func (b *browser) onePageFrom(url string) {
	b.Helper()
	b.url = url
	b.open("/me")
	b.onePage()
	b.open("/me/diary")
}
