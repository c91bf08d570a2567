//go:build !windows

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dvala/civil"
	"dvala/custody"
	"dvala/sleep"
	"dvala/store"
	"dvala/study"
	"dvala/wearable/oura"
)

// hand is a clock that goes, and is set forward by the test's hand: the wall's and
// the one that cannot be set go together, so that nobody takes it for a clock that
// jumped.
type hand struct {
	mu    sync.Mutex
	base  time.Time
	began time.Time
}

func newHand(at time.Time) *hand { return &hand{base: at, began: time.Now()} }

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.base.Add(time.Since(h.began))
}

func (h *hand) running() time.Duration { return time.Duration(h.Now().UnixNano()) }

func (h *hand) set(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.base.Add(time.Since(h.began)); at.After(now) {
		h.base, h.began = at, time.Now()
	}
}

// serveOwn is dvala serve on an empty folder, on that clock.
func serveOwn(t *testing.T, dir string, clock *hand) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := localOrigin(listener.Addr())
	open := func(ctx context.Context, trial *store.Trial) (*servedDesk, error) {
		d := &servedDesk{trial: trial, where: store.In(trial.Dir()), wall: clock.Now, origin: origin, told: io.Discard, log: slog.New(slog.DiscardHandler)}
		d.clock = newClockGuard(trial, clockOf(trial, clock.Now), clock.running, d.log)
		d.now = d.clock.wall.Now
		return d, d.open(ctx)
	}
	c := &ServeCmd{PlaceFlags: PlaceFlags{Dir: dir}}
	h, done, err := c.first(t.Context(), &Program{Now: clock.Now, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}, open)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	t.Cleanup(func() { s.Close(); done() })
	return origin
}

// life is one person's trial of her own, lived through in a browser as narrow as a
// telephone.
type life struct {
	*newcomer
	clock  *hand
	zone   *time.Location
	lang   string
	device devpage.ScriptIdentifier
	helper string            // the helper's folder, on the helper's machine
	holds  map[string]string // what is in each box, by its number, as the helper packed it
	sums   map[string][]float64
}

// at sets the hour of the server and of the telephone.
func (l *life) at(day civil.Date, hour, minute int) {
	l.Helper()
	l.clock.set(day.At(civil.Clock(60*hour+minute), l.zone))
	script := fmt.Sprintf(`(() => { const Real = globalThis.RealDate ??= Date, begun = Real.now(), at = () => %d + (Real.now() - begun);
		globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(at()); } static now() { return at(); } }; })()`, l.clock.Now().UnixMilli())
	err := chromedp.Do(l.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if l.device != "" {
			if _, err := cdp.Call(ctx, t, devpage.RemoveScriptToEvaluateOnNewDocument, devpage.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: l.device}); err != nil {
				return err
			}
		}
		r, err := cdp.Call(ctx, t, devpage.AddScriptToEvaluateOnNewDocument, devpage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		if err == nil {
			l.device = r.Identifier
		}
		return err
	}))
	if err != nil {
		l.Fatal(err)
	}
}

// send sends a form as the page that is open would, and gives where it led.
func (l *life) send(path string, fields map[string]string) string {
	l.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		l.Fatal(err)
	}
	got := askPage[string](l.newcomer, `fetch(`+inQuotes(path)+`, {method: "POST", body: new URLSearchParams(`+string(raw)+`)}).then(async (r) => r.status + " " + new URL(r.url).pathname + " " + (r.status < 400 ? "" : (await r.text()).slice(0, 3000)))`)
	if !strings.HasPrefix(got, "200 ") {
		l.Fatalf("%s on %v: %s", path, l.clock.Now().In(l.zone), got)
	}
	return strings.Fields(got)[1]
}

// say gives the text of its language.
func (l *life) say(swedish, english string) string {
	if l.lang == "sv" {
		return swedish
	}
	return english
}

// quality is how well she sleeps of what she takes, by the box and the night: of
// the treatment 4, 5, 4 on the nights that count; of what it is compared with 2,
// 3, 2 in the first pair of boxes and 2, 3, 3 in the second. So the pairs differ by
// 2 and by 5/3, and the boxes by 11/6.
func quality(arm string, box, night int) float64 {
	q := float64(night % 2)
	switch {
	case strings.HasPrefix(arm, "treatment-"):
		return q + 4
	case box > 2 && night == 4:
		return 3
	}
	return q + 2
}

// morning fills in the diary of the night to a day; of an arm, or of none.
func (l *life) morning(day civil.Date, box, night int, arm string) {
	l.Helper()
	l.at(day, 7, 30)
	q := 3.0
	if arm != "" {
		q = quality(arm, box, night)
		if night >= 2 { // the first night of a box is not counted
			l.sums[arm] = append(l.sums[arm], q)
		}
	}
	fields := map[string]string{
		"night": day.String(), "key": "diary-" + day.String(), "sure": "yes", "a.into-bed": "22:30", "a.tried-to-sleep": "23:00", "a.sol": strconv.Itoa(10 + night), "a.wakings": "1", "a.waso": strconv.Itoa(12 + day.Day%5),
		"a.final-waking": "06:30", "a.out-of-bed": "07:00", "a.quality": strconv.FormatFloat(q, 'f', -1, 64), "a.dose-taken": "no",
	}
	if arm != "" {
		fields["a.dose-taken"], fields["a.dose-count"], fields["a.dose-time"] = "yes", "2", "22:00"
	}
	if to := l.send("/me/diary", fields); to != "/me/saved" {
		l.Fatalf("the diary of %v leads to %s", day, to)
	}
}

// ring hands in the file of her ring, with all nights up to a day.
func (l *life) ring(first, last civil.Date) {
	l.Helper()
	var docs oura.Documents
	for day := first; !last.Before(day); day = day.Add(1) {
		awake := 10 + day.Day%7*2
		parsed, err := sleep.ParseStages(fmt.Sprintf("20W 180L 120N3 90R 250L %dW %dR 170L 10W", awake, 120-awake), 960)
		if err != nil {
			l.Fatal(err)
		}
		h, err := sleep.NewHypnogram(day.Add(-1).At(23*60, l.zone), 30*time.Second, parsed)
		if err != nil {
			l.Fatal(err)
		}
		doc, err := oura.FromHypnogram("s-"+day.String(), h)
		if err != nil {
			l.Fatal(err)
		}
		docs.Sleep = append(docs.Sleep, doc)
	}
	raw, err := json.Marshal(docs)
	if err != nil {
		l.Fatal(err)
	}
	path := filepath.Join(l.TempDir(), "oura.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		l.Fatal(err)
	}
	l.open("/me/ring")
	l.bring("file", path)
	l.press(l.say("Skicka", "Send"), `document.querySelector(".good, .problem")`, "what became of the file", aMoment)
	if got := l.text(); strings.Contains(got, l.say("kunde inte", "could not")) {
		l.Errorf("of the ring's file: %.600s", got)
	}
}

// One person goes through all of her own trial, in either language: she says what
// she wants to know, her helper makes the key, seals, prints, packs; she comes in,
// consents, has the order drawn, fills in the diary, wears the ring, opens and
// counts each box, says what she thinks was in it, ends it with her name, and
// takes the ledger to the helper, who opens the list; and then her answer is on
// her telephone, with pictures, and is the one that her nights give by hand.
func TestOwnTrialFromFormToAnswer(t *testing.T) {
	for _, lang := range []string{"sv", "en"} {
		t.Run(lang, func(t *testing.T) { liveThrough(t, lang) })
	}
}

func liveThrough(t *testing.T, lang string) {
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	begin := civil.DateOf(time.Now().In(zone)).Add(1)
	clock := newHand(begin.At(8*60, zone))
	dir := filepath.Join(t.TempDir(), "evening-tea")
	l := &life{newcomer: visit(t, serveOwn(t, dir, clock), map[string]string{"sv": "sv-SE", "en": "en-GB"}[lang], 360, 740), clock: clock, zone: zone, lang: lang, helper: t.TempDir(), holds: map[string]string{}, sums: map[string][]float64{}}
	l.at(begin, 8, 1)
	l.plan(begin)
	l.pack()
	l.comeIn()
	draw := begin.Add(7)
	for day := begin.Add(1); !draw.Before(day); day = day.Add(1) {
		l.morning(day, 0, 0, "")
	}
	l.draw(draw)
	last := l.boxes(draw)
	l.ring(begin.Add(1), last)
	l.end(last.Add(3))
	l.open("/me/past")
	l.answered()
	l.record(dir)
}

// plan is the form and what comes of it.
func (l *life) plan(begin civil.Date) {
	l.press(l.say("En person och en medhjälpare", "One person and a helper"), `document.getElementById("takes")`, "the form", aMoment)
	for name, value := range map[string]string{
		"takes": l.say("Citronmeliss", "Lemon balm"), "looks": l.say("Gröna kapslar", "Green capsules"), "days": "4", "washout": "2", "cycles": "2", "start": begin.String(), "zone": "Europe/Stockholm", "helper": "Ove Lind", "phone": "08-465 004 31",
	} {
		l.write(name, value)
	}
	if !askPage[bool](l.newcomer, `(document.querySelector('input[name="ring"]').click(), true)`) {
		l.Fatal("no ring")
	}
	l.press(l.say("Visa planen", "Show me the plan"), `document.querySelector(".plan")`, "the plan", aMoment)
	if src := askPage[string](l.newcomer, `document.getElementById("source").value`); l.lang == "sv" && (!strings.Contains(src, "kapslar om dagen i 4 dagar") || strings.Contains(src, "a day for")) {
		l.Errorf("the protocol speaks another language than she does: %.2000s", src)
	}
	l.press(l.say("Fortsätt med en medhjälpare", "Go on with a helper"), `document.getElementById("key")`, "the steps", aMoment)
	l.look("whole-" + l.lang + "-1-steps")
}

// pack is what the helper does, by the lines that stand on the sheet.
func (l *life) pack() {
	in := func(name string) string { return filepath.Join(l.helper, name) }
	sheet := askPage[string](l.newcomer, `fetch("/first/helper", {method: "POST", body: new FormData(document.querySelector("main form"))}).then((r) => r.text())`)
	for _, want := range []string{"dvala key new -o custodian.key", "dvala seal protocol.yaml", "dvala labels protocol.yaml --key custodian.key --lang " + l.lang, "dvala open --key custodian.key --ledger ledger.dvl", "16 "} {
		if !strings.Contains(sheet, want) {
			l.Errorf("the helper's sheet does not say %q", want)
		}
	}
	l.keep("helper-sheet", sheet)
	key, _, _ := strings.Cut(verb(l.T, 0, "key", "new", "-o", in("custodian.key")), "\n")
	l.write("key", key)
	l.press(l.say("Skriv in i protokollet", "Put it into the protocol"), `document.getElementById("sealed")`, "the place for the list", aMoment)
	if err := os.WriteFile(in("protocol.yaml"), []byte(l.taken()), 0o600); err != nil {
		l.Fatal(err)
	}
	verb(l.T, 0, "seal", in("protocol.yaml"), "--out", l.helper)
	verb(l.T, 0, "labels", in("protocol.yaml"), "--key", in("custodian.key"), "--lang", l.lang, "--sealed", in(sealedListName), "--packing", in(packingListName), "-o", in("labels.html"), "--sheet", in("sheet.html"))
	for _, name := range []string{"labels.html", "sheet.html"} {
		raw, err := os.ReadFile(in(name))
		if err != nil {
			l.Fatal(err)
		}
		l.keep(strings.TrimSuffix(name, ".html"), string(raw))
	}
	secret, err := os.ReadFile(in("custodian.key"))
	if err != nil {
		l.Fatal(err)
	}
	k, err := custody.ParseKey(secret)
	if err != nil {
		l.Fatal(err)
	}
	packing, err := os.ReadFile(in(packingListName))
	if err != nil {
		l.Fatal(err)
	}
	kits, err := custody.ReadPacking(k, packing)
	if err != nil {
		l.Fatal(err)
	}
	for _, kit := range kits {
		l.holds[kit.Number] = kit.Arm
	}
	l.write("name", "Ida Ek")
	l.bring("sealed", in(sealedListName))
	l.press(l.say("Börja prövningen", "Begin the trial"), `location.pathname.startsWith("/me/join/")`, "her way in", aMoment)
}

// keep keeps a printed page among the pictures, and looks at it.
func (l *life) keep(name, page string) {
	dir := os.Getenv("DVALA_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "whole-"+l.lang+"-"+name+".html"), []byte(page), 0o600); err != nil {
		l.Error(err)
	}
}

// comeIn is her way in, to her hours.
func (l *life) comeIn() {
	l.press(l.say("Börja", "Begin"), `location.pathname === "/me/eligible" && document.querySelector("main form")`, "the questions", aMoment)
	for name, value := range map[string]string{"age": "41", "advised_against": "false", "can_keep_boxes_shut": "true"} {
		l.write("q."+name, value)
	}
	l.press(l.say("Fortsätt", "Go on"), `location.pathname === "/me/consent"`, "the consent", aMoment)
	askPage[bool](l.newcomer, `(document.querySelectorAll('input[type="radio"][value="right"]').forEach((e) => e.click()), document.querySelector('[name="agree"]').click(), true)`)
	if askPage[bool](l.newcomer, `document.getElementById("name") !== null`) {
		l.write("name", "Ida Ek")
	}
	l.look("whole-" + l.lang + "-2-consent")
	l.press(l.say("Jag samtycker", "I consent"), `location.pathname !== "/me/consent"`, "that she has consented", aMoment)
	l.open("/me/hours")
	l.write("wake", "07:00")
	l.write("zone", "Europe/Stockholm")
	l.press(l.say("Fortsätt", "Go on"), `location.pathname !== "/me/hours"`, "that she is in", aMoment)
	l.open("/me/trial")
	l.look("whole-" + l.lang + "-3-run-in")
}

// draw has the order drawn, not without the boxes.
func (l *life) draw(day civil.Date) {
	l.at(day, 8, 0)
	l.open("/me")
	l.look("whole-" + l.lang + "-4-home")
	l.press(l.say("Till lottningen", "To the draw"), `location.pathname === "/me/trial"`, "the draw", aMoment)
	l.look("whole-" + l.lang + "-5-draw")
	askPage[bool](l.newcomer, `(document.querySelector('[name="ready"]').click(), true)`)
	l.press(l.say("Lotta ordningen", "Draw the order"), `document.querySelector(".kit b")`, "the first box's number", aMoment)
	l.look("whole-" + l.lang + "-6-box")
}

// boxes is all that is between the draw and the last box's end, which it gives.
func (l *life) boxes(draw civil.Date) (last civil.Date) {
	for n := range 4 {
		opens := draw.Add(6 * n)
		if n > 0 {
			l.morning(opens, 0, 0, "")
		}
		l.at(opens, 8, 30)
		l.open("/me/trial")
		number := askPage[string](l.newcomer, `document.querySelector(".kit b").textContent.trim()`)
		arm, ok := l.holds[number]
		if !ok {
			l.Fatalf("box %d is said to be number %q, which nobody has packed", n+1, number)
		}
		l.press(l.say("Numret stämmer", "The number is right"), `!document.querySelector(".kit b")`, "that it is open", aMoment)
		for night := 1; night <= 4; night++ {
			l.morning(opens.Add(night), n+1, night, arm)
		}
		last = opens.Add(4)
		l.at(last, 9, 0)
		l.open("/me/trial")
		l.write("left", "0")
		if n == 0 {
			l.look("whole-" + l.lang + "-7-count")
		}
		l.press(l.say("Spara", "Save"), `!document.getElementById("left")`, "that it is counted", aMoment)
		guess := map[int]string{0: "active", 1: "comparator", 2: "dont-know", 3: "active"}[n]
		l.send(fmt.Sprintf("/me/visit/end-%d/guess", n+1), map[string]string{"key": fmt.Sprintf("guess-%d", n), "a.arm": guess, "a.confidence": "2"})
		if n < 3 {
			l.morning(last.Add(1), 0, 0, "") // washed out
		}
		l.at(last.Add(min(1, 3-n)), 9, 30)
		if l.open("/me/past"); strings.Contains(askPage[string](l.newcomer, `document.querySelector("main").innerHTML`), "<svg") && n < 3 {
			l.Error("with boxes ahead her nights are shown")
		}
	}
	return last
}

// end ends it, and is the helper's second turn.
func (l *life) end(day civil.Date) {
	l.at(day, 10, 0)
	l.open("/me")
	l.press(l.say("Avsluta och se hur det gick", "End it and see"), `document.getElementById("name")`, "where she ends it", aMoment)
	l.look("whole-" + l.lang + "-8-close")
	l.write("name", "Ida Ek")
	l.press(l.say("Skriv under och avsluta", "Sign and end it"), `document.getElementById("openings")`, "the helper's turn", time.Minute)
	l.look("whole-" + l.lang + "-9-helper")
	raw := askPage[string](l.newcomer, `fetch("/me/trial/ledger").then((r) => r.arrayBuffer()).then((b) => btoa(Array.from(new Uint8Array(b), (c) => String.fromCharCode(c)).join("")))`)
	var given []byte
	if err := json.Unmarshal([]byte(inQuotes(raw)), &given); err != nil {
		l.Fatal(err)
	}
	path := filepath.Join(l.helper, "ledger.dvl")
	if err := os.WriteFile(path, given, 0o600); err != nil {
		l.Fatal(err)
	}
	l.open("/me/trial/helper")
	l.look("whole-" + l.lang + "-10-sheet")
	l.open("/me/trial")
	l.bring("openings", path)
	l.press(l.say("Visa mig svaret", "Show me the answer"), `document.querySelector(".problem")`, "that this is another file", aMoment)
	verb(l.T, 0, "open", "--key", filepath.Join(l.helper, "custodian.key"), "--sealed", filepath.Join(l.helper, sealedListName), "--ledger", path)
	l.bring("openings", filepath.Join(l.helper, openingsName))
	l.press(l.say("Visa mig svaret", "Show me the answer"), `location.pathname === "/me/past" && document.querySelector(".results")`, "the answer", time.Minute)
}

// answered holds the answer on her telephone against her nights: as many of each
// kind in each pair of boxes, so the difference is that of the plain means.
func (l *life) answered() {
	l.look("whole-" + l.lang + "-11-answer")
	mean := map[bool]float64{}
	for arm, all := range l.sums {
		sum := 0.0
		for _, q := range all {
			sum += q / float64(len(all))
		}
		mean[strings.HasPrefix(arm, "treatment-")] = sum
	}
	diff := mean[true] - mean[false]
	if math.Abs(diff-11.0/6) > 1e-9 {
		l.Fatalf("her nights differ by %v, and were made to differ by 11/6", diff)
	}
	text := askPage[string](l.newcomer, `document.querySelector(".results").innerText`)
	for _, want := range []string{
		l.say("1,8 poäng högre med Citronmeliss än med Placebo", "1.8 points higher with Lemon balm than with Placebo"),
		l.say("Alltså hjälper Citronmeliss dig, minst så mycket", "So Lemon balm helps you, by at least as much"),
		l.say("Räknat bara på skillnaderna", "Reckoned by the differences"), l.say("Ask 4", "Box 4"), l.say("Det går alltså inte att säga om Citronmeliss hjälper dig", "So it cannot be told whether Lemon balm helps you"), l.say("Du gissade", "You guessed"), l.say("Vaken tid efter insomning enligt ringen", "Time awake after falling asleep by the ring"),
	} {
		if !strings.Contains(text, want) {
			l.Errorf("the answer does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, l.say("gick inte att räkna ut", "could not be worked out")) {
		l.Errorf("something could not be worked out:\n%s", text)
	}
	if n := askPage[int](l.newcomer, `document.querySelectorAll(".results svg").length`); n != 2 {
		l.Errorf("%d pictures of the answer", n)
	}
	l.open("/me")
	l.look("whole-" + l.lang + "-12-told")
	if got := askPage[string](l.newcomer, `fetch("/me/trial/report").then((r) => r.text())`); !strings.Contains(got, "95 %") && !strings.Contains(got, "95") {
		l.Error("the report is not there")
	}
}

// record holds what the ledger says of who did what, and the whole of it against
// its hashes.
func (l *life) record(dir string) {
	trial, err := store.Read(l.Context(), dir)
	if err != nil {
		l.Fatal(err)
	}
	defer trial.Close()
	roles := map[study.Kind]study.Role{}
	trial.View(func(s *study.State) {
		entries, err := trial.Entries(l.Context(), 0, s.Entries)
		if err != nil {
			l.Fatal(err)
		}
		for _, e := range entries {
			f, err := study.Decode(e)
			if err != nil {
				l.Fatal(err)
			}
			if f.Actor == "P0001" {
				roles[f.Event.Kind()] = f.Role
			}
		}
		p := s.People["P0001"]
		if len(p.Kits) != 4 || len(p.Deviations) > 0 || len(p.Diary) < 7+4*5 || len(p.Nights["oura"]) == 0 {
			l.Errorf("%d boxes, %d mornings, %d ring nights, deviations %+v", len(p.Kits), len(p.Diary), len(p.Nights["oura"]), p.Deviations)
		}
	})
	for kind, role := range map[study.Kind]study.Role{"randomised": study.RoleCoordinator, "locked": study.RoleInvestigator, "allocations-open": study.RoleCustodian, "reported": study.RoleStatistician, "answered": study.RoleParticipant} {
		if roles[kind] != role {
			l.Errorf("%s was done as %q", kind, roles[kind])
		}
	}
	out := filepath.Join(l.TempDir(), "export")
	if err := trial.Export(l.Context(), out); err != nil {
		l.Fatal(err)
	}
	var told bytes.Buffer
	if err := (&VerifyCmd{Dir: out}).Run(&Program{Now: time.Now, Stdout: &told, Stderr: io.Discard, Stdin: strings.NewReader("")}); err != nil {
		l.Errorf("it does not verify: %v\n%s", err, told.String())
	}
}
