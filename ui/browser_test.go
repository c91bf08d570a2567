package ui

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// In a real browser, on a telephone and on a desk: no page is wider than the
// window, nothing is refused by the pages' own policy, and the keys lead where
// they say.
func TestInBrowser(t *testing.T) {
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
	server := httptest.NewServer(handler(t, playground(t)))
	defer server.Close()
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	alloc, cancel := chromedp.NewExecAllocator(limit, options...)
	defer cancel()
	ctx, cancel := chromedp.NewContext(alloc)
	defer cancel()
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		for _, a := range actions {
			if err := chromedp.Do(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, width := range []int64{360, 1440} {
		do(chromedp.EmulateViewport(width, 800))
		for _, page := range somePages {
			do(chromedp.Navigate(server.URL + page))
			got, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
			if err != nil {
				t.Fatal(err)
			}
			if int64(got) > width {
				t.Errorf("%s is %d wide in a window of %d", page, got, width)
			}
			style, err := chromedp.Run(ctx, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("main")).maxWidth`))
			if err != nil || style != "1290px" {
				t.Errorf("%s has no style: %q %v", page, style, err)
			}
		}
	}
	do(chromedp.Navigate(server.URL+"/"), chromedp.KeyEvent("g"), chromedp.KeyEvent("l"))
	time.Sleep(300 * time.Millisecond)
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil || !strings.HasSuffix(at, "/ledger") {
		t.Error("g l led to", at, err)
	}
}
