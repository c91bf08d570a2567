package main

import (
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/notify"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/reminders"
	"dvala/study"
)

// alarmed is a small trial whose staff hear by mail of what cannot wait.
type alarmed struct {
	*desktest.Memory
	*alarms
	tray *letterTray
	at   time.Time
}

func newAlarmed(t *testing.T, slots int) *alarmed {
	t.Helper()
	a := &alarmed{Memory: desktest.New(t, "../../study/testdata/small.yaml", slots), at: desktest.Start, tray: &letterTray{sent: map[string]notify.Letter{}}}
	known, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = known.Close() })
	now := func() time.Time { return a.at }
	svc, err := access.New(access.Config{Store: known, Door: desk.NewOffice(a.Memory, now), Now: now, Rand: strings.NewReader(strings.Repeat("x", 4096)), Origin: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	staffed(t, svc, "ivar", map[string]desk.Grant{
		"anna": {Role: study.RoleCoordinator, Site: "main"}, "ivar": {Role: study.RoleInvestigator}, "away": {Role: study.RoleCoordinator, Site: "elsewhere"},
		"mona": {Role: study.RoleMonitor}, "per": {Role: study.RolePharmacist, Site: "main"}, "stat": {Role: study.RoleStatistician},
	})
	trial, err := store.Open(t.Context(), smallTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	book, err := reminders.Open(t.Context(), trial.Database().Write, trial.Database().Read)
	if err != nil {
		t.Fatal(err)
	}
	a.alarms = &alarms{trial: a.Memory, book: book, mail: a.tray, access: svc, page: func(p string) string { return "https://trial.example" + p }, now: now}
	return a
}

// looks lets the alarms look at a moment, and gives who got a letter since.
func (a *alarmed) looks(t *testing.T, at time.Time) string {
	t.Helper()
	a.at = at
	before, fails := a.tray.tries, a.tray.fails
	clear(a.tray.sent)
	if err := a.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	var who []string
	for _, id := range []string{"anna", "away", "ivar", "mona", "per", "stat"} {
		for to, l := range a.tray.sent {
			if !strings.HasPrefix(to, id+"@") {
				continue
			}
			who = append(who, id)
			for _, secret := range []string{"chamomile", "plainwater", "K-", "broken leg", "Name of", "female"} {
				if strings.Contains(l.Title+l.Body, secret) {
					t.Errorf("%s is told %q", id, secret)
				}
			}
			if !strings.Contains(l.Body, "https://trial.example/") {
				t.Errorf("%s is not told where: %s", id, l.Body)
			}
		}
	}
	if n := a.tray.tries - before; n != len(who)+fails-a.tray.fails {
		t.Errorf("%d letters to %v", n, who)
	}
	return strings.Join(who, " ")
}

// Of a serious event the site hears when it is entered (but for who entered it),
// once six hours are left, and when the protocol's 24 are over, which the monitor
// hears as well: each once, after a restart too. Once it is passed on nobody hears
// any more.
func TestSeriousEventsAreToldOf(t *testing.T) {
	for _, passed := range []bool{false, true} {
		a := newAlarmed(t, 4)
		who := a.Person(t, desktest.Start)
		began := desktest.Start.Add(time.Hour)
		if got := a.looks(t, began); got != "" {
			t.Errorf("before anything: %s", got)
		}
		r, err := a.Tell(t.Context(), study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: "broken leg", Severity: "severe", Serious: true, Criteria: study.SeriousCriteria()[2:3], Related: "unrelated", Onset: civil.DateOf(began), Outcome: "ongoing",
		}}, study.Meta{At: began, Actor: "anna", Role: study.RoleCoordinator, Subject: who})
		if err != nil {
			t.Fatal(err)
		}
		if passed {
			on := began.Add(time.Hour)
			if _, err := a.Tell(t.Context(), study.ReportSerious{SeriousReported: study.SeriousReported{Event: r.First, To: "sponsor", On: on}}, study.Meta{At: on, Actor: "ivar", Role: study.RoleInvestigator, Subject: who}); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range []struct {
			after time.Duration
			want  string
		}{
			{time.Minute, "ivar"},
			{2 * time.Minute, ""},
			{18*time.Hour - time.Second, ""},
			{18 * time.Hour, "anna ivar"},
			{19 * time.Hour, ""},
			{24 * time.Hour, ""}, // not over at that instant
			{24*time.Hour + time.Second, "anna ivar mona"},
			{25 * time.Hour, ""},
			{30 * 24 * time.Hour, ""},
		} {
			again := *a.alarms // as after a restart: nothing but the book is kept
			a.alarms = &again
			want := x.want
			if passed {
				want = ""
			}
			if got := a.looks(t, began.Add(x.after)); got != want {
				t.Errorf("passed on %v, after %s: %q, want %q", passed, x.after, got, want)
			}
			for to, l := range a.tray.sent {
				if sv := strings.HasPrefix(to, "ivar@"); sv != strings.HasPrefix(l.Title, "Allvarlig") || !strings.Contains(l.Body, "2026-03-03 09:00 (Europe/Stockholm)") {
					t.Errorf("%s: %+v", to, l)
				}
			}
		}
	}
}

// Of a list that runs low hears whoever extends it, and of kits whoever receives
// them at the site: each of them one letter of both, once. What could not be sent
// is sent later.
func TestWhatRunsLowIsToldOf(t *testing.T) {
	a := newAlarmed(t, 5)
	at := desktest.Start
	kits := study.ReceiveKits{Site: "main"}
	for _, n := range "abcde" {
		kits.Kits = append(kits.Kits, "K-female-"+string(n))
	}
	a.Do(t, kits, at, "")
	told := map[string]int{}
	for n := 1; n <= 5; n++ {
		who := a.Person(t, at)
		a.Do(t, study.Randomise{}, at, who)
		a.Do(t, study.Dispense{Visit: "day-0"}, at, who)
		if n == 4 {
			a.tray.fails = 1 // one letter does not go, and is tried again
		}
		for range 3 {
			at = at.Add(2 * time.Minute)
			for _, id := range strings.Fields(a.looks(t, at)) {
				if told[id]++; n != 4 {
					t.Errorf("after %d of 5 %s is told", n, id)
				}
			}
		}
	}
	for _, id := range []string{"anna", "ivar", "per"} { // the list is every site's, and not for a role at one
		if told[id] != 1 || len(told) != 3 {
			t.Errorf("%s has %d letters: %v", id, told[id], told)
		}
	}
	kitsOf := map[string]bool{}
	past, err := a.book.Sent(t.Context(), "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range past {
		if id, ofKits := strings.CutPrefix(s.Key, "low main//day-0 of 5 "); ofKits {
			kitsOf[id] = true
		}
	}
	if len(kitsOf) != 3 || !kitsOf["anna"] || !kitsOf["ivar"] || !kitsOf["per"] {
		t.Errorf("of the kits hear %v", kitsOf)
	}
}
