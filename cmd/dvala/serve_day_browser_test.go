package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A demonstration served as it stood on a day is clicked through on a device whose
// clock is today's: somebody in it is asked for her diary, fills it in, and it is
// taken as made when it was, with nothing to doubt.
func TestServedDayInABrowser(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("DVALA_NO_SKIP") != "" {
		t.Fatal("Chromium is not installed")
	}
	if err != nil || testing.Short() {
		t.Skip("no browser: the day was not clicked through")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	if err := (&DemoCmd{Dir: dir, Seed: 5, Participants: 6, Effect: -4, Example: "mgt-2024"}).Run(program(&bytes.Buffer{})); err != nil {
		t.Fatal(err)
	}
	url, _ := served(t, &ServeCmd{PlaceFlags: PlaceFlags{Dir: dir}, Addr: "127.0.0.1:0", Day: "28"})
	alloc, stopAlloc := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	defer stopAlloc()
	ctx, stop := chromedp.NewContext(alloc)
	defer stop()
	run := func(script string) (out string) {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => String(`+script+`))()`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		return out
	}
	open := func(path string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(url+path)); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return run(`document.documentElement.classList.contains("ready")`) == "true" })
	}
	become := func(who string) {
		run(`(await fetch("/sign-in", {method: "POST", body: new URLSearchParams({as: "` + who + `"})})).status`)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 740), chromedp.Navigate(url+"/sign-in")); err != nil {
		t.Fatal(err)
	}
	who := ""
	for i := 1; i <= 6 && who == ""; i++ { // who is between her first and her last day
		become(fmt.Sprintf("P%04d", i))
		open("/me")
		if href := run(`document.querySelector("#due .button")?.getAttribute("href")`); strings.HasPrefix(href, "/me/diary") {
			who = fmt.Sprintf("P%04d", i)
		}
	}
	if who == "" {
		t.Fatal("nobody is asked for a diary on day 28:", run(`document.body.innerText`))
	}
	open("/me/diary")
	if run(`document.getElementById("answers").hidden`) != "false" {
		t.Fatal("the diary is not shown:", run(`document.body.innerText`))
	}
	run(`Object.entries({"into-bed": "22:50", "tried-to-sleep": "23:10", sol: "20", "final-waking": "06:40", "out-of-bed": "07:00"}).forEach(([id, at]) => {
		const f = document.getElementById("f-" + id);
		f.value = at;
		f.dispatchEvent(new Event("input", {bubbles: true}));
	})`)
	run(`document.getElementById("answers").requestSubmit()`) // asks whether the rest is to be left
	run(`document.getElementById("answers").requestSubmit()`)
	await(t, func() bool {
		return strings.HasPrefix(run(`location.pathname + document.readyState`), "/me/savedcomplete")
	})
	become("coordinator")
	said := run(`await (await fetch("/api/v1/participants/` + who + `")).text()`)
	if !strings.Contains(said, `"departures":`) || strings.Contains(said, "device-clock-doubted") {
		t.Errorf("what departs from the protocol: %.3000s", said)
	}
}

// await waits for something of the browser's.
func await(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come")
		}
	}
}
