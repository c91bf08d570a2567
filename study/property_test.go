package study

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
)

// anyCommand draws a command that may or may not make sense now.
func anyCommand(rt *rapid.T, t testing.TB, s *State, now time.Time) (Command, Meta) {
	who := Subject("")
	if n := len(s.Order); n > 0 {
		who = s.Order[rapid.IntRange(0, n-1).Draw(rt, "who")]
	}
	m := Meta{At: now, Actor: "anna", Role: RoleCoordinator, Subject: who}
	if rapid.Bool().Draw(rt, "reasoned") {
		m.Reason = "because"
	}
	if rapid.IntRange(0, 3).Draw(rt, "keyed") == 0 {
		m.Key = rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "key")
	}
	date := civil.DateOf(now).Add(rapid.IntRange(-3, 1).Draw(rt, "date"))
	small := rapid.IntRange(-1, 6)
	visit := rapid.SampledFrom([]string{"day-0", "day-7", "day-9"}).Draw(rt, "visit")
	file := File{SHA256: anyHash, Bytes: 5}
	m.Signature = &Signature{"Anna Ek", MeansResponsibility, "passkey"}
	nobody := func(c Command) (Command, Meta) { m.Subject = ""; return c, m }
	// Small numbers are drawn more often than large ones; multiplied, they spread
	// over all commands.
	switch rapid.Uint32().Draw(rt, "command") * 2654435761 >> 16 % 25 {
	case 0, 1, 2:
		return nobody(screenCommand(rapid.IntRange(30, 60).Draw(rt, "age"), rapid.SampledFrom([]string{"female", "male"}).Draw(rt, "sex")))
	case 3, 4, 5:
		return Consent{Version: "1.0", Language: "sv"}, m
	case 6, 7, 8:
		return Enrol{Zone: "Europe/Stockholm", Wake: 420}, m
	case 9, 10:
		return Randomise{}, m
	case 11:
		return Dispense{Visit: visit}, m
	case 12:
		kit := "K1000"
		if p := s.People[who]; p != nil && len(p.Kits) > 0 {
			kit = p.Kits[0].Kit
		}
		return Return{Visit: visit, Kit: kit, Units: small.Draw(rt, "units")}, m
	case 13, 14:
		return Answer{Instrument: "isi", Visit: visit, Language: "sv", Answers: isiAnswers(small.Draw(rt, "each"))}, m
	case 15, 16:
		return Answer{Instrument: "csd", Night: date, Language: "en", Answers: diaryAnswers(small.Draw(rt, "sol"))}, m
	case 17:
		return ringNight(t, date, max(0, small.Draw(rt, "n3"))), m
	case 18:
		return TakeDose{DoseTaken{Date: date, Units: small.Draw(rt, "dose")}}, m
	case 19:
		return NoteEvent{EventOccurred{Event: rapid.SampledFrom([]string{EventTravel, EventStoppedDose, "x"}).Draw(rt, "event"), From: date, Note: rapid.String().Draw(rt, "note")}}, m
	case 20:
		return ReportAdverseEvent{AdverseEvent{
			Term: rapid.String().Draw(rt, "term"), Severity: "mild", Related: "possible", Onset: date, Outcome: "unknown",
		}}, m
	case 21:
		c := anyCorrection(rt, s)
		if f, ok := s.facts[c.Entry]; ok {
			m.Subject, m.Reason = f.Subject, "counted again"
		}
		return c, m
	case 22:
		return Withdraw{From: rapid.SampledFrom([]string{"treatment", "follow-up"}).Draw(rt, "from"), Why: "other"}, m
	case 23:
		return Complete{}, m
	}
	if rapid.IntRange(0, 6).Draw(rt, "end") > 3 {
		cmd := conductCommand(rt, s, who, date)
		switch cmd.(type) {
		case LockForm, LockPerson:
			m.Role = RoleInvestigator
		}
		return cmd, m
	}
	if rapid.IntRange(0, 6).Draw(rt, "end") > 0 {
		return NoteDeviation{Deviation{Code: "kit-mix-up", Note: rapid.String().Draw(rt, "note")}}, m
	}
	return nobody(rapid.SampledFrom([]Command{RecordDryRun{DryRun{Results: file, Report: file}}, Lock{Waive: true}, OpenAllocations{AllocationsOpen{file}}, RecordReport{Reported{Results: file, Report: file}}}).Draw(rt, "closing"))
}

// conductCommand draws a command of a trial's conduct about somebody.
func conductCommand(rt *rapid.T, s *State, who Subject, date civil.Date) Command {
	n := uint64(rapid.IntRange(0, 30).Draw(rt, "what"))
	if p := s.People[who]; p != nil {
		var known []uint64
		for _, q := range p.Queries {
			known = append(known, q.ID)
		}
		for _, r := range p.AdverseLog {
			known = append(known, r.Entry)
		}
		for _, w := range s.Waiting(who) {
			known = append(known, w.Entry)
		}
		if len(known) > 0 {
			n = rapid.SampledFrom(known).Draw(rt, "known")
		}
	}
	text := Words(rapid.StringN(0, 9, 40).Draw(rt, "text"))
	return rapid.SampledFrom([]Command{
		CloseScreening{ScreeningClosed{NotWilling, text}},
		RecordErasure{},
		UpdateAdverseEvent{AdverseEventUpdated{n, headache}},
		ReportSerious{SeriousReported{n, "sponsor", start}},
		RecordMedication{Medication{Name: string(text), Start: date, Ongoing: true}},
		ReportPregnancy{Pregnancy{"partner", date, date, text}},
		ReportDeviceIncident{DeviceIncident{"lost", "oura", date, "harm", text, ""}},
		ReviewDeviation{DeviationReviewed{n, CategoryMajor, ""}},
		RaiseQuery{Text: text},
		AnswerQuery{QueryAnswered{n, text}},
		CloseQuery{n, len(text) > 3},
		ReopenQuery{QueryReopened{n}},
		LockForm{FormLocked{n}},
		LockPerson{},
		Unlock{Unlocked{What: OfPerson}},
		Approve{n},
		Decline{n},
		Sign{Signed{OfPerson, 0}},
		VerifySource{SourceVerified{n, nil}},
		ChangeWake{WakeChanged{civil.Clock(n * 47), date}},
		ChangeZone{ZoneChanged{"Asia/Tokyo", date, date.Add(2)}},
		CloseTasks{},
		Excuse{TaskRef{Task: "diary", Date: date}},
		Withdraw{From: FromDevice, Why: "other"},
		Withdraw{From: FromIdentifiers, Why: "other", Words: text},
	}).Draw(rt, "conduct")
}

// Random commands never panic; what Decide lets through and Apply folds is what
// a replay of the encoded entries gives; no slot or kit is given twice.
func TestReplayGivesTheSameState(t *testing.T) {
	kinds := map[Kind]int{}
	rapid.Check(t, func(rt *rapid.T) {
		live, replayed := opened(t), newState(t)
		if err := replayed.Apply(Fact{Meta: completed(live, staff(start, "")), Event: *live.Opened}); err != nil {
			rt.Fatal(err)
		}
		now := start
		first := beginnings(rapid.IntRange(0, 5).Draw(rt, "people"))
		for i := range len(first) + rapid.IntRange(1, 60).Draw(rt, "commands") {
			var cmd Command
			var m Meta
			if i < len(first) {
				cmd, m = first[i].cmd, first[i].m
			} else {
				now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "hours")) * time.Hour)
				cmd, m = anyCommand(rt, t, live, now)
			}
			facts, entries, err := live.Prepare(cmd, m)
			if err != nil {
				continue
			}
			for i := range facts {
				kinds[facts[i].Event.Kind()]++
				if err := live.ApplyEntry(facts[i], entries[i]); err != nil {
					rt.Fatalf("%T was decided and cannot be applied: %v", cmd, err)
				}
				if _, err := replayed.Replay(entries[i]); err != nil {
					rt.Fatalf("%s: %v", entries[i].Bytes, err)
				}
			}
		}
		live.instruments, replayed.instruments = nil, nil // functions compare with nothing
		if !reflect.DeepEqual(live, replayed) {
			rt.Fatalf("%s\n%s", must(live.Dump()), must(replayed.Dump()))
		}
		onlyOnce(rt, live)
	})
	if testing.Short() {
		return // too few runs to meet every kind
	}
	for _, k := range []Kind{KindRandomised, KindDispensed, KindAnswered, KindNightRecorded, KindCorrected, KindWithdrew, KindAdverseEvent} {
		if kinds[k] == 0 {
			t.Errorf("no run came as far as %s", k)
		}
	}
}

// anyCorrection draws a correction, mostly of an entry that can be corrected.
func anyCorrection(rt *rapid.T, s *State) Correct {
	c := Correct{
		Entry: uint64(rapid.IntRange(0, 30).Draw(rt, "entry")),
		Field: rapid.SampledFrom([]string{"answers.isi1", "answers.sol", "answers.age", "units", "term", "from"}).Draw(rt, "field"),
		New:   json.RawMessage(rapid.SampledFrom([]string{"1", "null", "41.0", `"x"`, `"2026-03-05"`, "{}", "["}).Draw(rt, "new")),
	}
	if known := slices.Sorted(maps.Keys(s.facts)); len(known) > 0 && rapid.Bool().Draw(rt, "known") {
		c.Entry = rapid.SampledFrom(known).Draw(rt, "entry that is")
		switch e := s.facts[c.Entry].Event.(type) {
		case Screened:
			c.Field, c.New = "answers.age", json.RawMessage("44")
		case Answered:
			c.Field = map[string]string{"isi": "answers.isi1", "csd": "answers.sol"}[e.Instrument]
		case DoseTaken, Returned:
			c.Field = "units"
		}
	}
	return c
}

type step struct {
	cmd Command
	m   Meta
}

// beginnings enrols n people and randomises all but the last, so that the random
// commands after it meet people at every stage.
func beginnings(n int) []step {
	var out []step
	for i := range n {
		who := subjectAt(i)
		out = append(
			out, step{screenCommand(40, []string{"female", "male"}[i%2]), staff(start, "")},
			step{Consent{Version: "1.0", Language: "sv"}, staff(start, who)},
			step{Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(start, who)},
		)
		if i+1 < n {
			out = append(out, step{Randomise{}, staff(start, who)}, step{Dispense{Visit: "day-0"}, staff(start, who)})
		}
	}
	return out
}

func completed(s *State, m Meta) Meta {
	m.Zone = s.Protocol.Protocol().Zone
	m.At = wireTime(m.At)
	return m
}

func onlyOnce(rt *rapid.T, s *State) {
	slots, kits := map[int]bool{}, map[string]bool{}
	for _, who := range s.Order {
		p := s.People[who]
		if r := p.Randomised; r != nil {
			if slots[r.Slot] || s.sealed.Slots[r.Slot].Cell != r.Cell {
				rt.Fatal("a slot twice, or of another stratum")
			}
			slots[r.Slot] = true
		}
		for _, k := range p.Kits {
			if kits[k.Kit] {
				rt.Fatal("a kit twice")
			}
			kits[k.Kit] = true
		}
	}
}

// How the facts of different people are interleaved makes no difference to
// what is known of each, as long as slots are given in the same order.
func TestInterleaving(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		one, other := opened(t), opened(t)
		people := []Subject{}
		for _, s := range []*State{one, other} {
			people = people[:0]
			for i := range 4 {
				people = append(people, enrolled(t, s, []string{"female", "male"}[i%2]))
			}
			for _, who := range people {
				do(t, s, Randomise{}, staff(day(3), who))
			}
		}
		script := map[Subject][]step{}
		for _, who := range people {
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				cmd, m := anyCommand(rt, t, one, day(4))
				if !ofPerson(cmd) {
					continue
				}
				switch cmd.(type) {
				case Correct, UpdateAdverseEvent, ReportSerious, ReviewDeviation, AnswerQuery, CloseQuery, ReopenQuery, LockForm, VerifySource, LockPerson, Unlock:
					continue // names an entry by its place, which interleaving moves, or follows from one
				}
				m.Subject, m.Key = who, ""
				script[who] = append(script[who], step{cmd, m})
			}
		}
		for _, who := range people {
			for _, x := range script[who] {
				_, _ = one.Do(x.cmd, x.m)
			}
		}
		for busy := true; busy; {
			busy = false
			for i := len(people) - 1; i >= 0; i-- {
				who := people[i]
				for range min(len(script[who]), rapid.IntRange(1, 3).Draw(rt, "run")) {
					x := script[who][0]
					script[who], busy = script[who][1:], true
					_, _ = other.Do(x.cmd, x.m)
				}
			}
		}
		for _, who := range people {
			a, b := unplaced(one.People[who]), unplaced(other.People[who])
			if !reflect.DeepEqual(a, b) {
				rt.Fatalf("%s\n%s\n%s", who, must(json.Marshal(a)), must(json.Marshal(b)))
			}
		}
	})
}

// unplaced takes the places on the ledger out of what is known of a person.
func unplaced(p *Participant) *Participant {
	for _, of := range p.Visits {
		for _, r := range of {
			r.Entry = 0
		}
	}
	for _, r := range p.Diary {
		r.Entry = 0
	}
	for _, of := range p.Nights {
		for _, n := range of {
			n.Entry = 0
		}
	}
	for _, r := range p.Doses {
		r.Entry = 0
	}
	for _, r := range p.AdverseLog {
		r.Entry = 0
		for i := range r.Versions {
			r.Versions[i].Entry = 0
		}
	}
	p.Queries, p.LockedForms, p.Locked, p.Verified, p.Signatures = nil, nil, nil, nil, nil
	for i := range p.Lapsed {
		p.Lapsed[i].Entry = 0
	}
	for i := range p.LetOff {
		p.LetOff[i].Entry = 0
	}
	for i := range p.Medications {
		p.Medications[i].Entry = 0
	}
	for i := range p.Pregnancies {
		p.Pregnancies[i].Entry = 0
	}
	for i := range p.Incidents {
		p.Incidents[i].Entry = 0
	}
	p.adverseOf, p.deviationOf, p.withdrawnOf, p.notedOf, p.entries = nil, nil, nil, nil, nil
	return p
}
