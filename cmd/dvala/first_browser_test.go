//go:build !windows

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dvala/internal/house/looks"
	"dvala/store"
	"dvala/study"
)

// newcomer is somebody before the pages of the program itself, as it was started.
type newcomer struct {
	*testing.T
	ctx   context.Context
	url   string
	width int64
}

// visit opens a browser in a language before a program that runs.
func visit(t *testing.T, url, lang string, width, height int64) *newcomer {
	t.Helper()
	path, ok := looks.Chromium()
	if !ok && os.Getenv("DVALA_NO_SKIP") != "" {
		t.Fatal("Chromium is not installed")
	}
	if !ok {
		t.Skip("Chromium is not installed: the first run was not walked through in a browser")
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("lang", lang), chromedp.Flag("accept-lang", lang))...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { stop(); stopAlloc() })
	v := &newcomer{T: t, ctx: ctx, url: url, width: width}
	for _, first := range []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, on *chromedp.Target) error {
		_, err := cdp.Call(ctx, on, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // the window in front
		return err
	})} {
		if err := chromedp.Do(ctx, first); err != nil {
			t.Fatal(err)
		}
	}
	v.open("/")
	return v
}

func (v *newcomer) open(path string) {
	v.Helper()
	if err := chromedp.Do(v.ctx, chromedp.Navigate(v.url+path)); err != nil {
		v.Fatal(err)
	}
}

func askPage[T any](v *newcomer, script string) T {
	v.Helper()
	got, err := chromedp.Run(v.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatalf("%.200s: %v", script, err)
	}
	return got
}

// until waits for a page that says yes to a script; pages may go away meanwhile.
func (v *newcomer) until(script, what string, patience time.Duration) {
	v.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if yes, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !globalThis.left && !!(`+script+`)`)); err == nil && yes {
			return
		}
	}
	v.Fatal(what, "did not come:", askPage[string](v, `location.href + " " + document.body.innerText.slice(0, 800)`))
}

// press presses a button by what stands on it, as a person finds it.
func (v *newcomer) press(text, then, what string, patience time.Duration) {
	v.Helper()
	if !askPage[bool](v, `((e) => e ? (globalThis.left = true, e.click(), true) : false)([...document.querySelectorAll("header button, header a, main a, main button")].find((e) => e.checkVisibility() && e.textContent.trim().replace(/\s+/g, " ").startsWith(`+inQuotes(text)+`)))`) {
		v.Fatalf("no %q is there to press: %s", text, askPage[string](v, `document.body.innerText.slice(0, 800)`))
	}
	v.until(then, what, patience)
}

func (v *newcomer) text() string { v.Helper(); return askPage[string](v, `document.body.innerText`) }

// look holds the page against what every page must be.
func (v *newcomer) look(name string) {
	v.Helper()
	if got := askPage[int64](v, `document.documentElement.scrollWidth`); got > v.width {
		v.Errorf("%s is %d wide", name, got)
	}
	scripts := []string{looks.Targets, looks.Lost}
	if axe, err := looks.Axe(); err != nil {
		v.Error(err)
	} else if axe != "" {
		scripts = append(scripts, axe)
	}
	for _, script := range scripts {
		for _, f := range askPage[[]string](v, script) {
			v.Errorf("%s: %s", name, f)
		}
	}
	dir := os.Getenv("DVALA_SHOTS")
	if dir == "" {
		return
	}
	raw, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "firstrun-"+name+".png"), raw, 0o644)
	}
	if err != nil {
		v.Error(err)
	}
}

func inQuotes(s string) string {
	b, _ := json.Marshal(s) // a string always can be written
	return string(b)
}

// serveEmpty starts the program on a folder in which there is nothing.
func serveEmpty(t *testing.T) (p *process, dir, url string) {
	t.Helper()
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	dir = filepath.Join(t.TempDir(), "evening-tea")
	p = started(t, "serve", "--dir", dir, "--addr", "127.0.0.1:0")
	if !strings.Contains(p.line, "no trial yet") {
		t.Errorf("it says %q", p.line)
	}
	return p, dir, emptyIn.FindStringSubmatch(p.line)[1]
}

var emptyIn = regexp.MustCompile(`no trial yet: (http://\S+)/ `)

const aMoment, aPlay = 20 * time.Second, 4 * time.Minute

// A newcomer starts the program in an empty folder, and comes by its pages alone
// from a template to the report of a trial with made-up people.
func TestFirstRunToTheReport(t *testing.T) {
	p, dir, url := serveEmpty(t)
	v := visit(t, url, "en-GB", 1440, 900)
	v.look("1-choose")
	v.press("Two groups", `document.getElementById("source")`, "the protocol", aMoment)
	if got := askPage[string](v, `document.getElementById("source").value`); !strings.Contains(got, "\nid: evening-tea\n") {
		t.Errorf("the protocol is not the folder's own: %.300s", got)
	}
	v.look("2-edit")
	v.press("Check", `document.querySelector(".sound")`, "that there are no problems", aMoment)
	begun := time.Now()
	v.press("Try it with made-up people, to the report", `document.querySelector("[data-live]")`, "the wait", aMoment)
	v.until(`location.pathname === "/sign-in"`, "the trial", aPlay)
	t.Logf("from the template to the trial's end: %v", time.Since(begun).Round(time.Second))
	v.look("4-who")
	v.press("Read the report", `location.pathname === "/report"`, "the report's page", aMoment)
	v.look("5-report")
	v.open("/report.html")
	v.until(`document.querySelector("h1")`, "the report", aMoment)
	if got := v.text(); !strings.Contains(got, "95 % interval") && !strings.Contains(got, "95 %") {
		t.Errorf("the report gives no interval: %.600s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, tryOutDir, reportFile)); err != nil {
		t.Error(err)
	}
	// What was tried stands in the way of nothing: from its desk she comes back to
	// her protocol, and can look at it again, also another day.
	v.open("/sign-in")
	v.press("Back to beginning it for real", `document.getElementById("source")`, "her protocol again", aMoment)
	v.look("6-tried")
	p.end(t, syscall.SIGTERM)
	p = started(t, "serve", "--dir", dir, "--addr", "127.0.0.1:0")
	v.url = emptyIn.FindStringSubmatch(p.line)[1]
	v.open("/")
	v.press("Look at it again", `document.querySelector(".back a")`, "what was tried", aMoment)
	v.press("Back to beginning it for real", `document.getElementById("source")`, "her protocol once more", aMoment)
	p.end(t, syscall.SIGTERM)
}

// One person who wants to try something on herself starts the program in an empty
// folder, says what, sees the plan, and goes away. When the program runs again she
// goes on where she was. Her helper, on a machine of her own, makes the key, seals
// the order of the boxes and prints their labels by the verbs that the page names;
// everything else she does in the browser, until she has consented to her own
// trial. The secret half of the key is refused and not kept.
func TestFirstRunOfOneWithAHelper(t *testing.T) {
	p, dir, url := serveEmpty(t)
	v := visit(t, url, "sv-SE", 360, 740)
	v.look("nof1-1-choose")
	v.press("En person och en medhjälpare", `document.getElementById("takes")`, "the form", aMoment)
	v.look("nof1-2-form")
	for name, value := range map[string]string{"takes": "Citronmeliss", "looks": "Gröna kapslar", "days": "5", "washout": "2", "cycles": "2", "zone": "Nowhere/Here", "helper": "Ove Lind", "phone": "08-465 004 31"} {
		v.write(name, value)
	}
	v.press("In English", `document.documentElement.lang === "en" && document.getElementById("takes").value === "Citronmeliss"`, "the form as it was, in English", aMoment)
	v.press("På svenska", `document.documentElement.lang === "sv" && document.getElementById("helper").value === "Ove Lind"`, "the form in Swedish", aMoment)
	v.press("Visa planen", `document.querySelector('.problem') && document.getElementById("zone").getAttribute("aria-invalid")`, "what is wrong, at its field", aMoment)
	v.look("nof1-3-wrong")
	v.write("zone", "Europe/Stockholm")
	v.press("Visa planen", `document.querySelector(".plan")`, "the plan", aMoment)
	v.look("nof1-4-plan")
	for _, want := range []string{"Citronmeliss", "Placebo", "4 askar, var och en för 5 dagar", "2 dagar då du inte tar något", "Sömnkvalitet i dagboken"} {
		if !strings.Contains(v.text(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, v.text())
		}
	}
	if !askPage[bool](v, `(document.getElementById("source").value = document.getElementById("source").value.replace("matters: 0.5", "matters: 0.7"), true)`) {
		t.Fatal("no protocol to change")
	}
	v.press("Fortsätt med en medhjälpare", `document.getElementById("key")`, "the steps", aMoment)
	v.look("nof1-5-steps")
	helper := t.TempDir()
	told := verb(t, 0, "key", "new", "-o", filepath.Join(helper, "custodian.key"))
	v.bring("keyfile", filepath.Join(helper, "custodian.key"))
	v.press("Skriv in i protokollet", `document.querySelector(".warn")`, "the refusal of the secret half", aMoment)
	secret, err := os.ReadFile(filepath.Join(helper, "custodian.key"))
	if err != nil {
		t.Fatal(err)
	}
	p.end(t, syscall.SIGTERM) // and another day
	kept, err := os.ReadFile(filepath.Join(dir, firstDraft))
	if err != nil || strings.Contains(string(kept), "SECRET-KEY") || !strings.Contains(string(secret), "SECRET-KEY") {
		t.Fatalf("what is kept: %s, %v", kept, err)
	}
	p = started(t, "serve", "--dir", dir, "--addr", "127.0.0.1:0")
	v.url = emptyIn.FindStringSubmatch(p.line)[1]
	v.open("/")
	key, _, _ := strings.Cut(told, "\n")
	v.write("key", "Nyckeln är "+key+" sade hon")
	v.press("Skriv in i protokollet", `document.getElementById("sealed")`, "the place for the list", aMoment)
	v.look("nof1-6-sealed")
	file := filepath.Join(helper, "protocol.yaml")
	if err := os.WriteFile(file, []byte(v.taken()), 0o600); err != nil {
		t.Fatal(err)
	}
	verb(t, 0, "seal", file, "--out", helper)
	verb(t, 0, "labels", file, "--key", filepath.Join(helper, "custodian.key"), "--lang", "sv", "--sealed", filepath.Join(helper, sealedListName),
		"--packing", filepath.Join(helper, packingListName), "-o", filepath.Join(helper, "labels.html"), "--sheet", filepath.Join(helper, "sheet.html"))

	v.write("name", "Ida Ek")
	v.bring("sealed", file)
	v.press("Börja prövningen", `document.querySelector(".warn")`, "that this is no list", aMoment)
	v.look("nof1-3-wrong")
	if got := v.text(); !strings.Contains(got, "inte en förseglad lista") || strings.Contains(got, "dvala-begin-") {
		t.Errorf("of a file that is no list it says %.400s", got)
	}
	v.bring("sealed", filepath.Join(helper, sealedListName))
	v.press("Börja prövningen", `location.pathname.startsWith("/me/join/")`, "her way in", aMoment)
	v.look("nof1-7-way-in")
	v.press("Börja", `location.pathname === "/me/eligible" && document.querySelector("main form")`, "the questions", aMoment)
	v.look("nof1-8-eligible")
	for name, value := range map[string]string{"age": "41", "advised_against": "false", "can_keep_boxes_shut": "true"} {
		v.write("q."+name, value)
	}
	v.press("Fortsätt", `location.pathname === "/me/consent"`, "the consent", aMoment)
	v.look("nof1-9-consent")
	if got := v.text(); !strings.Contains(got, "Citronmeliss") || !strings.Contains(got, "din medhjälpare vet vilken som är vilken") {
		t.Errorf("what she consents to: %.600s", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == firstDraft }) {
		t.Errorf("the draft is still there: %v", err)
	}
	p.end(t, syscall.SIGTERM)
	trial, err := store.Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	trial.View(func(s *study.State) {
		c := s.Protocol.Protocol()
		if x := s.People["P0001"]; x == nil || !x.Eligible() || s.Opened.Simulated || c.Custodian.Recipient != key || *c.Outcomes[0].Matters != 0.7 {
			t.Errorf("the trial is another: %+v, %+v", x, c.Custodian)
		}
	})
}

// write fills in a field, or chooses among some, by its name.
func (v *newcomer) write(name, value string) {
	v.Helper()
	if !askPage[bool](v, `(() => {
		const all = [...document.getElementsByName(`+inQuotes(name)+`)], one = all.find((e) => e.value === `+inQuotes(value)+` && e.type === "radio");
		if (one) return one.click(), true;
		const field = all.find((e) => !["radio", "hidden"].includes(e.type));
		if (field) field.value = `+inQuotes(value)+`;
		return field !== undefined;
	})()`) {
		v.Fatalf("there is no %s on %s", name, v.text())
	}
}

// taken is the file that the page gives away.
func (v *newcomer) taken() string {
	v.Helper()
	return askPage[string](v, `fetch("/first/file", {method: "POST", body: new FormData(document.querySelector("main form"))}).then((r) => r.text())`)
}

// bring puts a file from disk into a field.
func (v *newcomer) bring(name, path string) {
	v.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		v.Fatal(err)
	}
	raw, err := json.Marshal(b) // base64
	if err != nil {
		v.Fatal(err)
	}
	askPage[bool](v, `((e) => { const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(atob(`+string(raw)+`), (c) => c.charCodeAt(0))], "sealed-list.dvl")); e.files = d.files; return true; })(document.getElementsByName(`+inQuotes(name)+`)[0])`)
}
