package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/cmd/dvala-verify/audit"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// An amendment is recorded days before its date. From then on the rows of its
// site's people hold the old plan before that date and the new one from it on,
// also of who is randomised afterwards; the dates on which each is due are counted
// by hand. What grew is what is made anew.
func TestConformAmendedPlan(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, w := begun(t, place(t))
		var who []study.Subject
		for i := range 2 {
			p := do(t, trial, screen(i), at(0, "")).Subject
			do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, at(0, p))
			do(t, trial, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, p))
			who = append(who, p)
		}
		do(t, trial, study.Randomise{}, at(3, who[0])) // 5 March: her last visit is on the 12th
		do(t, trial, isi("day-0", 2), at(3, who[0]))
		amend(t, trial, 3, civil.On(2026, 3, 9))
		do(t, trial, study.Randomise{}, at(4, who[1]))
		do(t, trial, isi("day-0", 2), at(4, who[1]))

		// The new version closes the diary at 10, wants no ring and leaves the last
		// visit two more days. 9 March: noon in Stockholm is 11:00 UTC.
		for _, row := range []struct{ kind, date, due, closes string }{
			{"diary", "2026-03-08", "2026-03-08T11:00:00", "2026-03-09T23:00:00"},
			{"diary", "2026-03-09", "2026-03-09T09:00:00", "2026-03-10T23:00:00"},
			{"visit", "", "2026-03-12T23:00:00", "2026-03-16T23:00:00"},
		} {
			var due, closes string
			q := "SELECT due, closes FROM tasks WHERE subject = $1 AND kind = $2 AND date = $3 AND name <> 'day-0'"
			if err := trial.db.Read.QueryRow(q, string(who[0]), row.kind, row.date).Scan(&due, &closes); err != nil ||
				!strings.HasPrefix(due, row.due) || !strings.HasPrefix(closes, row.closes) {
				t.Error(row, due, closes, err)
			}
		}
		for _, p := range who { // the last night of the ring is the one before 9 March
			var last string
			if err := trial.db.Read.QueryRow("SELECT max(date) FROM tasks WHERE subject = $1 AND kind = 'device'", string(p)).Scan(&last); err != nil || last != "2026-03-08" {
				t.Error(p, last, err)
			}
		}

		do(t, trial, isi("day-7", 1), at(10, who[0]))
		grown := dump(t, trial)
		if err := trial.Rebuild(ctx); err != nil {
			t.Fatal(err)
		}
		if anew := dump(t, trial); anew != grown {
			t.Errorf("grown:\n%s\nanew:\n%s", grown, anew)
		}
		digest := must(trial.State().Digest())
		if err := trial.Close(); err != nil {
			t.Fatal(err)
		}
		again := must(OpenAt(ctx, w))
		defer again.Close()
		if got := must(again.State().Digest()); got != digest {
			t.Error("opened again, it is another state")
		}
	})
}

// amend puts a second version of the small trial into force from a date.
func amend(t *testing.T, trial *Trial, day int, from civil.Date) {
	t.Helper()
	text := string(files().Protocol)
	for _, x := range [][2]string{
		{`version: "1"`, `version: "2"`},
		{`closes_at: "12:00"`, `closes_at: "10:00"`},
		{"devices:\n  - {vendor: oura, from_day: -2, to_day: 7}\n", ""},
		{"after: 2", "after: 4"},
	} {
		text = strings.Replace(text, x[0], x[1], 1)
	}
	next, problems := protocol.Parse([]byte(text))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	file := must(trial.PutBlob("protocol.yaml", []byte(text)))
	by := func(name string) study.Meta {
		m := at(day, "")
		m.Actor, m.Role, m.Reason = name, study.RoleInvestigator, "the ring is given up"
		m.Signature = &study.Signature{Name: name, Meaning: study.MeansApproval, Method: "passkey"}
		return m
	}
	n := do(t, trial, study.AmendProtocol{Protocol: file, ProtocolHash: next.HashHex(), Version: "2", Summary: "no ring"}, by("ivar")).First
	do(t, trial, study.Approve{Proposal: n}, by("ines"))
	do(t, trial, study.PutAmendmentInForce{AmendmentInForce: study.AmendmentInForce{Version: "2", Site: "main", From: from}}, by("ivar"))
}

// An amendment brings one instrument that the program has inside, whose
// definition the store keeps by itself, and one of the operator's own. The
// directory opens, answers are scored, and the export is verified, where the
// definitions are known by the trial's files alone.
func TestAmendmentBringsInstruments(t *testing.T) {
	own := must(instrument.Parse(must(os.ReadFile(filepath.Join("..", "instrument", "testdata", "good", "own.yaml")))))
	for _, c := range []struct {
		what, asks string
		brings     []*instrument.Definition
	}{
		{"inside the program", "[isi, kss, psqi], return", nil},
		{"the operator's own", "[isi, kss, evening], return", []*instrument.Definition{own}},
	} {
		dir := t.TempDir()
		trial := opened(t, dir)
		text := strings.Replace(strings.Replace(string(files().Protocol), `version: "1"`, `version: "2"`, 1), "[isi, kss], return", c.asks, 1)
		next, problems := protocol.Parse([]byte(text), protocol.Instruments(Start{Instruments: c.brings}.lookup))
		if problems.Err() != nil {
			t.Fatal(problems.Text())
		}
		cmd := study.AmendProtocol{Protocol: must(trial.PutBlob("protocol.yaml", []byte(text))), ProtocolHash: next.HashHex(), Version: "2", Summary: "more is asked"}
		for _, d := range c.brings {
			must(trial.PutBlob("own.json", d.Canonical()))
			cmd.Instruments = append(cmd.Instruments, study.Used(d))
		}
		who := do(t, trial, screen(0), at(0, "")).Subject
		do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, at(0, who))
		do(t, trial, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, who))
		by := func(name string) study.Meta {
			m := at(1, "")
			m.Actor, m.Role, m.Reason = name, study.RoleInvestigator, "more is asked"
			m.Signature = &study.Signature{Name: name, Meaning: study.MeansApproval, Method: "passkey"}
			return m
		}
		n := do(t, trial, cmd, by("ivar")).First
		do(t, trial, study.Approve{Proposal: n}, by("ines"))
		do(t, trial, study.PutAmendmentInForce{AmendmentInForce: study.AmendmentInForce{Version: "2", Site: "main", From: civil.On(2026, 3, 5)}}, by("ivar"))
		do(t, trial, study.Randomise{}, at(3, who))
		if c.brings != nil {
			do(t, trial, study.Answer{Instrument: "evening", Visit: "day-7", Language: "sv", Answers: []byte(`{"calm":4,"tense":2}`)}, at(10, who))
		}
		digest := must(trial.State().Digest())
		if err := trial.Close(); err != nil {
			t.Fatal(err)
		}
		again := must(Open(ctx, dir))
		if got := must(again.State().Digest()); got != digest {
			t.Errorf("%s: opened again, it is another state", c.what)
		}
		for _, u := range again.State().Amendments[0].Instruments {
			if d, ok := again.State().Instrument(instrument.ID(u.ID), u.Version); !ok || d.SHA256() != u.Definition.SHA256 {
				t.Errorf("%s: %s is not by the definition that was approved", c.what, u.ID)
			}
		}
		if len(again.State().Amendments[0].Instruments) != 1 {
			t.Errorf("%s: %v", c.what, again.State().Amendments[0].Instruments)
		}
		export := filepath.Join(t.TempDir(), "export")
		if err := again.Export(ctx, export); err != nil {
			t.Fatal(err)
		}
		if r := audit.Check(os.DirFS(export), audit.Options{}); !r.Sound() {
			t.Error(r.Problems.Text())
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
