package person

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
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
		b.slow()
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
		if bytes > 60_000 || all > 150_000 || requests > 10 || took > 8*time.Second {
			t.Errorf("more than 60 kB at once, 150 kB in all, 10 requests or 8 s")
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
