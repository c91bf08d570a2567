package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/examples"
	"dvala/protocol"
	"dvala/ui"
)

var ownToday = civil.On(2026, 11, 27)

func ownMaker(dir string) *firstRun {
	return &firstRun{dir: dir, p: &Program{Now: func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }}}
}

// What she says gives a protocol without a problem, whatever the words, in either
// language, and its boxes never overlap.
func TestOwnProtocol(t *testing.T) {
	f := ownMaker(t.TempDir())
	word := rapid.Map(rapid.StringMatching(`[A-Za-zåäöÅÄÖ"'{}:#&*!|>%@\\-][A-Za-z0-9åäö "'{}:#,&*\\-]{2,40}`), func(s string) string { return strings.Join(strings.Fields(s), " ") }) // as the form reads it
	number := func(low, high int) *rapid.Generator[string] {
		return rapid.Map(rapid.IntRange(low, high), strconv.Itoa)
	}
	rapid.Check(t, func(r *rapid.T) {
		o := ui.Own{
			Takes: word.Draw(r, "takes"), Compared: "B " + word.Draw(r, "compared"), Unit: word.Draw(r, "unit"), Looks: word.Draw(r, "looks"), Helper: word.Draw(r, "helper"),
			Phone: "08-465 004 30", PerDay: number(1, 20).Draw(r, "perday"), Days: number(3, 60).Draw(r, "days"), Washout: number(0, 60).Draw(r, "washout"),
			Cycles: number(2, 8).Draw(r, "cycles"), Matters: "0,5", Start: ownToday.Add(rapid.IntRange(0, 700).Draw(r, "start")).String(), Zone: "Europe/Stockholm",
			When: rapid.SampledFrom([]string{"bedtime", "evening", "morning"}).Draw(r, "when"), Outcome: rapid.SampledFrom([]string{"quality", "latency", "awake"}).Draw(r, "outcome"),
			Lang: rapid.SampledFrom([]string{"sv", "en"}).Draw(r, "language"), Ring: rapid.SampledFrom([]string{"", "yes"}).Draw(r, "ring"),
		}
		if l := o.Wrong(ownToday); len(l) > 0 {
			r.Fatalf("%+v: %s", o, l.Text())
		}
		src, err := f.Protocol(o)
		if err != nil {
			r.Fatalf("%v\n%s", err, src)
		}
		c, problems := protocol.Parse([]byte(src))
		if c.IsZero() || problems.Has("contact-no-number") {
			r.Fatal(problems.Text())
		}
		p := c.Protocol()
		if p.Arms[0].Label.In(protocol.Language(o.Lang)) != o.Takes || p.Custodian.Name != o.Helper || p.Dose.Unit != o.Unit {
			r.Fatalf("her words are other words: %+v", p.Arms)
		}
	})
}

// Said with the example's numbers, the protocol is the example's in all that makes
// the design.
func TestOwnProtocolIsTheExample(t *testing.T) {
	src, err := examples.Protocol("nof1")
	if err != nil {
		t.Fatal(err)
	}
	want, problems := protocol.Parse(src)
	if want.IsZero() {
		t.Fatal(problems)
	}
	f := ownMaker(t.TempDir())
	o := f.Begun("en")
	o.Takes, o.Looks, o.Helper, o.Phone, o.Ring = "Magnesium", "White capsules", "Ida", "08-465 004 30", "yes"
	text, err := f.Protocol(o)
	if err != nil {
		t.Fatal(err)
	}
	got, problems := protocol.Parse([]byte(text))
	if got.IsZero() {
		t.Fatal(problems)
	}
	g, w := got.Protocol(), want.Protocol()
	g.Design.SampleSize, w.Design.SampleSize = "", ""
	for i := range w.Visits {
		w.Visits[i].Label, g.Visits[i].Label = nil, nil
	}
	for _, x := range []struct {
		what      string
		got, want any
	}{
		{"design", g.Design, w.Design},
		{"visits", g.Visits, w.Visits},
		{"diary", g.Diary, w.Diary},
		{"devices", g.Devices, w.Devices},
		{"randomisation", g.Randomisation, w.Randomisation},
		{"blinding", g.Blinding, w.Blinding},
		{"nights", g.Estimands[0].Variable.Nights, w.Estimands[0].Variable.Nights},
		{"model", g.Estimands[0].Model, w.Estimands[0].Model},
		{"events", g.Estimands[0].Events, w.Estimands[0].Events},
	} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("%s:\n%+v\nand in the example\n%+v", x.what, x.got, x.want)
		}
	}
}

// Everything that is wrong is told at once, each at its field.
func TestOwnWrong(t *testing.T) {
	o := ownMaker(t.TempDir()).Begun("sv")
	o.Takes, o.Compared, o.Days, o.Cycles, o.Zone, o.Phone, o.Start, o.Matters = "Te", "te", "2", "many", "Nowhere/Here", "112", "2026-11-26", "-1"
	l := o.Wrong(ownToday)
	var at []string
	for _, x := range l {
		at = append(at, x.Place)
	}
	for _, field := range []string{"compared", "days", "cycles", "zone", "phone", "start", "matters", "looks", "helper"} {
		if !strings.Contains(" "+strings.Join(at, " ")+" ", " "+field+" ") {
			t.Errorf("nothing is said of %s, of %v", field, at)
		}
	}
	if len(at) != 9 {
		t.Errorf("%d problems: %v", len(at), at)
	}
}

// How far somebody has come is kept beside where the trial will be; what cannot be
// read is as if there were nothing, and a folder that holds something else is no
// place to begin.
func TestFirstDraft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "trial")
	f := ownMaker(dir)
	if _, ok := f.Kept(); ok || !noTrialYet(dir) {
		t.Error("there is a draft already")
	}
	d := ui.Draft{Step: "own", Own: ui.Own{Takes: "Te"}}
	if err := f.Keep(d); err != nil {
		t.Fatal(err)
	}
	if got, ok := ownMaker(dir).Kept(); !ok || got != d || !noTrialYet(dir) {
		t.Errorf("kept: %+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, firstDraft), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Kept(); ok {
		t.Error("half a draft is taken for one")
	}
	if err := f.Forget(); err != nil || f.Forget() != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil || noTrialYet(dir) {
		t.Error("somebody's letter is no trial to come:", err)
	}
}

// What was tried keeps nobody from beginning in the same folder, is kept until
// then, and goes as the trial begins; somebody's own folder of that name stays.
func TestTryOutMakesRoom(t *testing.T) {
	dir := t.TempDir()
	f := ownMaker(dir)
	put := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(f.tried(), name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(f.tried(), 0o755); err != nil {
		t.Fatal(err)
	}
	put("letter.txt")
	if err := f.dropTried(); err != nil || f.Tried() {
		t.Error("somebody's own folder is taken for what was tried:", err)
	}
	if _, err := os.Stat(filepath.Join(f.tried(), "letter.txt")); err != nil {
		t.Error("somebody's letter is gone:", err)
	}
	put(demoMark)
	if f.Tried() || !noTrialYet(dir) {
		t.Error("half of it is taken for a trial")
	}
	put("trial.db")
	if !f.Tried() || !noTrialYet(dir) {
		t.Error("what was tried is not found, or stands in the way")
	}
	if err := f.dropTried(); err != nil || f.Tried() {
		t.Error("it is still there:", err)
	}
}
