package person

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// asked are the requests of a whole browser, by host: its pages, their scripts,
// its service workers, and whatever it does by itself.
type asked struct {
	mu    sync.Mutex
	hosts map[string]int
	paths []string
}

// proxy stands between a browser and everything else: it answers for the world
// itself, writes down all that is asked, and leads nowhere else.
func (w *world) proxy(t testing.TB) (address string, a *asked) {
	t.Helper()
	a = &asked{hosts: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.hosts[r.Host]++
		a.paths = append(a.paths, r.URL.Path)
		a.mu.Unlock()
		if r.Method == http.MethodConnect || r.Host != home {
			http.Error(rw, "there is nothing else", http.StatusBadGateway)
			return
		}
		r.URL = &url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, a
}

const home = "127.0.0.1:8765"

// itself are the hosts that Chromium asks on its own account, for its updates, its
// sign-in and its guesses at forms, whatever page is open.
var itself = []string{"accounts.google.com:443", "clients2.google.com", "clients2.google.com:443", "content-autofill.googleapis.com:443", "update.googleapis.com", "update.googleapis.com:443"}

// Every page, with its scripts, its service worker and what that keeps, asks
// nothing of any other host; and nothing is run or styled that stands in a page.
func TestNothingFromElsewhere(t *testing.T) {
	for _, p := range everywhere(t) {
		if p.name != "in" && p.name != "fresh" && p.name != "afterwards" {
			continue
		}
		address, a := p.world.proxy(t)
		b := newDevice(t, "http://"+home, 360, 740,
			chromedp.ProxyServer(address), chromedp.Flag("proxy-bypass-list", "<-loopback>"), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
		b.clock(p.world.clock())
		for _, path := range p.pages {
			b.visit(path, "sv")
			if n := ask[int](b, `document.querySelectorAll("script:not([src]), style, [style], iframe, object, embed, base").length - document.querySelectorAll("#bar [style], .track [style], .hours [style], .whole [style], .handle").length`); n > 0 {
				t.Errorf("%s holds %d things that stand in the page", path, n)
			}
		}
		// A page that was there before its worker is in nobody's hands until it is opened
		// again; that the worker is there is what is waited for.
		if !ask[bool](b, `Promise.race([navigator.serviceWorker.ready.then(() => true), new Promise((done) => setTimeout(() => done(false), 60000))])`) {
			t.Errorf("%s: the service worker did not come", p.name)
		}
		b.cancel()
		a.mu.Lock()
		for host, n := range a.hosts {
			if host != home && !slices.Contains(itself, host) {
				t.Errorf("%s: %s was asked %d times", p.name, host, n)
			}
		}
		if a.hosts[home] < len(p.pages) || !slices.Contains(a.paths, "/me/sw.js") {
			t.Errorf("%s: the record of requests is not whole: %v", p.name, a.hosts)
		}
		a.mu.Unlock()
	}
}
