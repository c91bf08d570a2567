package study

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
)

// examples are one fact of every kind.
func examples(t testing.TB) []Fact {
	s := newState(t)
	f := File{SHA256: anyHash, Bytes: 1, Name: "ring.json"}
	var out []Fact
	add := func(cmd Command, m Meta) { out = append(out, do(t, s, cmd, m)...) }
	add(openCommand(s), staff(start, ""))
	add(screenCommand(40, "female"), staff(day(0), ""))
	const who Subject = "P0001"
	add(Consent{Version: "1.0", Language: "sv"}, staff(day(0), who))
	add(Enrol{Zone: "Europe/Stockholm", Wake: 420}, staff(day(0), who))
	add(Randomise{}, staff(day(3), who))
	add(Dispense{Visit: "day-0"}, staff(day(3), who))
	keyed := staff(day(3), who)
	keyed.Key = `a "key" <b>`
	add(Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: isiAnswers(2)}, keyed)
	add(Answer{Instrument: "csd", Night: civil.DateOf(day(3)), Language: "sv", Answers: diaryAnswers(20)}, staff(day(3), who))
	add(ringNight(t, civil.DateOf(day(4)), 12), staff(day(4), who))
	add(TakeDose{DoseTaken{Date: civil.DateOf(day(4)), Units: 3}}, staff(day(4), who))
	add(NoteEvent{EventOccurred{Event: EventTravel, From: civil.DateOf(day(4)), To: civil.DateOf(day(5))}}, staff(day(5), who))
	add(ReportAdverseEvent{AdverseEvent{Term: "huvudvärk", Severity: "mild", Related: "possible", Onset: civil.DateOf(day(4)), Outcome: "recovered"}}, staff(day(5), who))
	why := staff(day(6), who)
	why.Reason = "told on the phone"
	add(Correct{Entry: 9, Field: "units", New: json.RawMessage("2")}, why)
	add(Withdraw{From: "treatment", Why: "other"}, why)
	add(Return{Visit: "day-7", Kit: "K1000", Units: 4}, staff(day(10), who))
	add(Complete{}, staff(day(10), who))
	add(RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(11), ""))
	add(Lock{Waive: true}, because(signing(day(11), "")))
	add(OpenAllocations{AllocationsOpen{f}}, staff(day(11), ""))
	add(RecordReport{Reported{Results: f, Report: f}}, staff(day(11), ""))
	return out
}

// Every kind goes to the ledger and comes back the same, and its files are
// found there by a reader that knows nothing of studies. An opening names the
// protocol, the list, and the definitions of its three instruments.
func TestCodecRoundTrip(t *testing.T) {
	seen := map[Kind]bool{}
	for _, f := range slices.Concat(examples(t), conductExamples(t), kitExamples(t), minimisedExamples(t)) {
		e := must(Encode(f))
		back, err := Decode(e)
		if err != nil {
			t.Fatalf("%s: %v", e.Bytes, err)
		}
		// The fast way, of entries that are signed, reads the same.
		if fast, err := DecodeSigned(e); err != nil || !reflect.DeepEqual(fast, back) {
			t.Errorf("%s: %+v %v", e.Bytes, fast, err)
		}
		again := must(Encode(back))
		if !bytes.Equal(again.Bytes, e.Bytes) || !reflect.DeepEqual(back.Meta, f.Meta) {
			t.Errorf("%s\n%s\n%+v\n%+v", e.Bytes, again.Bytes, back.Meta, f.Meta)
		}
		seen[f.Event.Kind()] = true
		files := must(must(e.Event()).Files())
		want := map[Kind]int{KindOpened: 5, KindNightRecorded: 1, KindDryRun: 2, KindAllocationsOpen: 1, KindReported: 2, KindListExtended: 1, KindUnblindingGranted: 1}[f.Event.Kind()]
		want += len(Files(f.Event)) * map[bool]int{f.Event.Kind() == KindProposed: 1}[true]
		if len(files) != want {
			t.Errorf("%s names %d files, found %d", f.Event.Kind(), want, len(files))
		}
	}
	for kind := range decoders {
		if !seen[kind] {
			t.Errorf("no example of %s", kind)
		}
	}
}

// There is one spelling of every fact, and nothing unknown is passed over.
func TestDecodeIsStrict(t *testing.T) {
	f := Fact{Index: 4, Meta: staff(start, "P0001"), Event: DoseTaken{Date: civil.DateOf(start), Units: 2}}
	f.Zone, f.Key = "Europe/Stockholm", "k1"
	good := string(must(Encode(f)).Bytes)
	if !strings.HasSuffix(good, `"data":{"date":"2026-03-02","units":2,"key":"k1"}}`) {
		t.Fatal(good)
	}
	for _, c := range [][2]string{
		{`"units":2`, `"units":2,"arm":"x"`},
		{`"units":2`, `"units":2.0`},
		{`"units":2`, `"Units":2`},
		{`"date":"2026-03-02","units":2`, `"units":2,"date":"2026-03-02"`},
		{`,"key":"k1"`, `,"key":""`},
		{`{"date":"2026-03-02","units":2,"key":"k1"}`, `{"key":"k1","date":"2026-03-02","units":2}`},
		{`"kind":"dose-taken"`, `"kind":"dose-given"`},
		{`"role":"coordinator"`, `"role":"custodian of all"`},
		{`"zone":"Europe/Stockholm"`, `"zone":"Nowhere"`},
		{`"date":"2026-03-02"`, `"date":"2026-02-30"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatal("nothing to replace:", c[0])
		}
		if _, err := Decode(ledger.Entry{Index: 4, Bytes: []byte(bad)}); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A fact that cannot follow is refused by the fold, however it came there.
func TestReplayRefusesTheImpossible(t *testing.T) {
	facts := examples(t)
	for name, change := range map[string]func(f *Fact){
		"a slot out of order":         func(f *Fact) { mutate(f, func(r *Randomised) { r.Slot++ }) },
		"another kit":                 func(f *Fact) { mutate(f, func(r *Dispensed) { r.Kit = "K1" }) },
		"another verdict":             func(f *Fact) { mutate(f, func(r *Screened) { r.Eligible = false }) },
		"an answer out of range":      func(f *Fact) { mutate(f, func(r *Answered) { r.Answers = json.RawMessage(`{"isi1":9}`) }) },
		"units below zero":            func(f *Fact) { mutate(f, func(r *DoseTaken) { r.Units = -1 }) },
		"an old value that was not":   func(f *Fact) { mutate(f, func(r *Corrected) { r.Old = json.RawMessage("7") }) },
		"a lock of another ledger":    func(f *Fact) { mutate(f, func(r *Locked) { r.Root = strings.Repeat("0", 64) }) },
		"a severity nobody uses":      func(f *Fact) { mutate(f, func(r *AdverseEvent) { r.Severity = "awful" }) },
		"another trial":               func(f *Fact) { mutate(f, func(r *Opened) { r.Trial = "x" }) },
		"a night of another date":     func(f *Fact) { mutate(f, func(r *NightRecorded) { r.Night = r.Night.Add(1) }) },
		"a person that was not there": func(f *Fact) { mutate(f, func(*Consented) { f.Subject = "P0009" }) },
	} {
		s := newState(t)
		refused := false
		for _, f := range facts {
			change(&f)
			if err := s.Apply(f); err != nil {
				refused = true
				break
			}
		}
		if !refused {
			t.Error(name, "was folded in")
		}
	}
}

func mutate[T Event](f *Fact, change func(*T)) {
	if ev, ok := f.Event.(T); ok {
		change(&ev)
		f.Event = ev
	}
}

// FuzzDecode: whatever Decode takes, Encode writes again byte for byte, and the
// fold may refuse it but does not panic.
func FuzzDecode(f *testing.F) {
	for _, fact := range append(examples(f), conductExamples(f)...) {
		f.Add(must(Encode(fact)).Bytes)
	}
	f.Add([]byte(`{"seq":0,"time":"2026-03-01T06:12:09.000214Z","zone":"UTC","actor":"a","role":"system","kind":"completed","data":{"date":""}}`))
	base := examples(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		env, err := ledger.Decode(raw)
		if err != nil {
			return
		}
		e := ledger.Entry{Index: env.Seq, Bytes: raw}
		fact, err := Decode(e)
		if err != nil {
			return
		}
		if again := must(Encode(fact)); !bytes.Equal(again.Bytes, raw) {
			t.Fatalf("%s\n%s", raw, again.Bytes)
		}
		s := newState(t)
		for _, b := range base {
			if fact.Index == b.Index {
				break
			}
			if err := s.Apply(b); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.ApplyEntry(fact, e)
	})
}
