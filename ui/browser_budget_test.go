package ui

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"dvala/protocol"
	"dvala/study"
)

// counted counts what is asked of a handler, and the bytes that it answers.
type counted struct {
	http.Handler
	requests, bytes atomic.Int64
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	c.Handler.ServeHTTP(countedWriter{w, c}, r)
}

type countedWriter struct {
	http.ResponseWriter
	c *counted
}

func (w countedWriter) Write(b []byte) (int, error) {
	w.c.bytes.Add(int64(len(b)))
	return w.ResponseWriter.Write(b)
}

// slow makes the network one of 1.6 Mbit/s with 150 ms to and fro and the machine
// four times slower, as Lighthouse has its slow 4G.
func (b *browser) slow() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 200_000, UploadThroughput: 93_750}},
		})
		return err
	}))
}

// The desk's main pages, of a trial with 60 people under way, each loaded as by
// somebody who was never there: what comes over the network, in how many requests,
// and when it can be used on a slow network and a slow machine.
func TestBudgets(t *testing.T) {
	chromiumFor(t)
	m := playground(t)
	for i := range 60 {
		who := m.do(study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(35 + i%20), "sex": protocol.Choice([]string{"female", "male"}[i%2]), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, day(7), "")
		m.do(study.Consent{Version: "1.0", Language: "sv"}, day(7), who)
		m.do(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, day(7), who)
	}
	c := &counted{Handler: handler(t, m)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	for _, page := range []string{"/", "/participants", "/participants/P0002", "/safety", "/stock", "/ledger", "/do/screen"} {
		b := window(t, server.URL)
		b.be("investigator", "sv", "dark")
		b.slow()
		b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
			return err
		}))
		c.requests.Store(0)
		c.bytes.Store(0)
		begun := time.Now()
		b.open(page)
		b.until(`document.readyState === "complete"`, page)
		took := time.Since(begun)
		bytes, requests := c.bytes.Load(), c.requests.Load()
		shown := fmt.Sprintf("%s: %d bytes in %d requests, usable after %v", page, bytes, requests, took.Round(time.Millisecond))
		t.Log(shown)
		if bytes > 150_000 || requests > 6 || took > 15*time.Second {
			t.Errorf("more than 150 kB, 6 requests or 15 s: %s", shown)
		}
	}
}
