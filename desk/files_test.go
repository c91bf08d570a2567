package desk_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// night is a ring's night of a person whose source is a stored file.
func night(d *desks, f study.File) study.RecordNight {
	date := civil.DateOf(d.at)
	zone := must(civil.Zone("Europe/Stockholm"))
	h := must(sleep.NewHypnogram(date.Add(-1).At(23*60, zone), 5*time.Minute, must(sleep.ParseStages("6W 60L 6N3 6R", 100))))
	n := sleep.Night{Date: date, Zone: "Europe/Stockholm", Main: h, Source: sleep.Provenance{Vendor: "oura"}}
	return study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date, Record: desktest.JSON(n), Source: f}}
}

// A file opens for those who may read about the person it is about, and for
// nobody under another's code; the answer is that of a file that is not there.
func TestFilesOpenUnderTheirOwnPersonOnly(t *testing.T) {
	d := newDesks(t)
	me, other := desk.Participant(d.one), desk.Participant(d.two)
	hers := must(d.PutFile(t.Context(), me, d.one, "ring.json", strings.NewReader("hers")))
	// What the trial stores of itself is not sealed: a list, openings, a key.
	trials := must(d.files.PutFrom(t.Context(), "openings", strings.NewReader("who has which arm"), desk.MaxFile))
	missing := study.File{SHA256: strings.Repeat("0", 64)}
	text := func(c desk.Caller, who study.Subject, f study.File) string {
		t.Helper()
		r, err := d.OpenFile(t.Context(), c, who, f)
		if err == nil {
			defer r.Close()
			return string(must(io.ReadAll(r)))
		}
		if fault.CodeOf(err) != "blob-missing" {
			t.Errorf("refused otherwise than what is not there: %v", err)
		}
		return strings.ReplaceAll(fault.Text(err), f.SHA256, "SUM")
	}
	none := text(me, d.one, missing)
	for name, got := range map[string]string{
		"the trial's file":     text(me, d.one, trials),
		"another's file":       text(other, d.two, hers),
		"a path for a hash":    text(me, d.one, study.File{SHA256: "../identity.key"}),
		"another's, by staff":  text(staff("anna", study.RoleCoordinator, "main"), d.two, hers),
		"the trial's by staff": text(staff("anna", study.RoleCoordinator, "main"), d.one, trials),
	} {
		if strings.ReplaceAll(got, "../identity.key", "SUM") != none {
			t.Errorf("%s: %q, and of what is not there %q", name, got, none)
		}
	}
	if got := text(me, d.one, hers); got != "hers" {
		t.Errorf("her own file: %q", got)
	}
}

// Naming a file that is not hers is no way to read it, nor to have it looked at.
func TestEntriesNameTheirOwnPersonsFiles(t *testing.T) {
	d := newDesks(t)
	me := desk.Participant(d.one)
	trials := must(d.files.PutFrom(t.Context(), "openings", strings.NewReader("who has which arm"), desk.MaxFile))
	if _, err := d.Do(t.Context(), me, desk.Request{Cmd: night(d, trials), Subject: d.one, Key: "n1", Read: true}); fault.CodeOf(err) != "blob-missing" {
		t.Errorf("she names the trial's file as her night's: %v", err)
	}
	hers := must(d.PutFile(t.Context(), me, d.one, "ring.json", bytes.NewReader([]byte("hers"))))
	must(d.Do(t.Context(), me, desk.Request{Cmd: night(d, hers), Subject: d.one, Key: "n2", Read: true}))
	// Before there was a vault files lay unsealed; entries say whose they are.
	d.trial.Do(t, night(d, trials), d.at, d.two)
	if r, err := d.OpenFile(t.Context(), desk.Participant(d.two), d.two, trials); err != nil {
		t.Errorf("a file from before there was a vault: %v", err)
	} else {
		r.Close()
	}
	if _, err := d.OpenFile(t.Context(), me, d.one, trials); fault.CodeOf(err) != "blob-missing" {
		t.Errorf("another's unsealed file: %v", err)
	}
	d.trial.Do(t, night(d, trials), d.at, d.one)
	if _, err := d.OpenFile(t.Context(), desk.Participant(d.two), d.two, trials); fault.CodeOf(err) != "blob-missing" {
		t.Errorf("a file that two people's entries name: %v", err)
	}
}

// Of who has not consented, or has left, no file is kept; before consent come its
// own papers, for it names them.
func TestFilesAreOfWhoTakesPart(t *testing.T) {
	d := newDesks(t)
	put := func(who study.Subject, name string, n int) error {
		_, err := d.PutFile(t.Context(), desk.Participant(who), who, name, bytes.NewReader(make([]byte, n)))
		return err
	}
	asked := d.trial.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(40), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}, d.at, "")
	for name, want := range map[string]fault.Code{"ring.zip": "no-consent", "x": "no-consent", "signature.svg": "", "consent-1.0.html": ""} {
		if err := put(asked, name, 99); fault.CodeOf(err) != want {
			t.Errorf("%s before consent: %v", name, err)
		}
	}
	if err := put(asked, "night.svg", 5<<20); fault.CodeOf(err) != "no-consent" {
		t.Errorf("five megabytes before consent: %v", err)
	}
	d.trial.Do(t, study.Withdraw{From: study.FromFollowUp, Why: "other"}, d.at, d.one)
	if err := put(d.one, "ring.zip", 99); fault.CodeOf(err) != "withdrew" {
		t.Errorf("after she left: %v", err)
	}
	if err := put(d.two, "ring.zip", 99); err != nil {
		t.Error(err)
	}
}
