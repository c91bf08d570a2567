package instrument_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
)

func byID(t testing.TB, id instrument.ID) *instrument.Definition {
	t.Helper()
	d, ok := instrument.ByID(id)
	if !ok {
		t.Fatalf("no instrument %s", id)
	}
	return d
}

// numbered answers the items prefix1, prefix2 … in turn.
func numbered(prefix string, xs ...float64) instrument.Answers {
	a := instrument.Answers{}
	for i, x := range xs {
		a[instrument.ItemID(fmt.Sprintf("%s%d", prefix, i+1))] = instrument.Number(x)
	}
	return a
}

func score(t testing.TB, d *instrument.Definition, a instrument.Answers) instrument.Scores {
	t.Helper()
	s, err := instrument.Score(d, a)
	if err != nil {
		t.Fatalf("%s: %v", d.ID, err)
	}
	return s
}

func wantScore(t testing.TB, s instrument.Scores, id instrument.ScaleID, want float64) {
	t.Helper()
	if v, ok := s.Value(id); !ok || math.Abs(v-want) > 1e-12 {
		r, _ := s.Result(id)
		t.Errorf("got %v, want %s %v", r, id, want)
	}
}

func wantAbsent(t testing.TB, s instrument.Scores, id instrument.ScaleID, why instrument.Absence, answered int) {
	t.Helper()
	r, ok := s.Result(id)
	if !ok || r.Value != nil || r.Absent != why || r.Answered != answered {
		t.Errorf("got %v, want %s absent (%s, %d answered)", r, id, why, answered)
	}
}

// By hand: 3+2+1+4+0+2+3 = 15, the first point of the moderate band.
func TestISI(t *testing.T) {
	d := byID(t, "isi")
	wantScore(t, score(t, d, numbered("isi", 3, 2, 1, 4, 0, 2, 3)), "total", 15)
	wantScore(t, score(t, d, numbered("isi", 0, 0, 0, 0, 0, 0, 0)), "total", 0)
	wantScore(t, score(t, d, numbered("isi", 4, 4, 4, 4, 4, 4, 4)), "total", 28)
	wantAbsent(t, score(t, d, numbered("isi", 3, 2, 1, 4, 0, 2)), "total", instrument.TooFewAnswered, 6)
	wantAbsent(t, score(t, d, nil), "total", instrument.TooFewAnswered, 0)

	total, _ := d.Scale("total")
	for v, want := range map[float64]string{0: "no insomnia of note", 7: "no insomnia of note", 8: "below the threshold", 14: "below the threshold", 15: "moderate insomnia", 21: "moderate insomnia", 22: "severe insomnia", 28: "severe insomnia"} {
		if b, ok := total.BandOf(v); !ok || b.Label.EN != want {
			t.Errorf("%v is %q, want %q", v, b.Label.EN, want)
		}
	}
	if total.Noticeable == nil || total.Noticeable.Value != 6 {
		t.Error("the smallest difference that matters is 6 points (Yang 2009)")
	}
}

// By hand: GTS (60+70+80)/3 = 70; QOS (55+40)/2 = 47.5; AFS (50+50)/2 = 50, as
// usual; BFW (10.5+20+30)/3 = 60.5/3 = 20.1666…
func TestLSEQ(t *testing.T) {
	d := byID(t, "lseq")
	a := numbered("lseq", 60, 70, 80, 55, 40, 50, 50, 10.5, 20, 30)
	s := score(t, d, a)
	wantScore(t, s, "gts", 70)
	wantScore(t, s, "qos", 47.5)
	wantScore(t, s, "afs", 50)
	wantScore(t, s, "bfw", 60.5/3)

	a["lseq5"] = instrument.NotSure()
	s = score(t, d, a)
	wantAbsent(t, s, "qos", instrument.TooFewAnswered, 1)
	wantScore(t, s, "gts", 70) // the other domains do not depend on it
}

// By hand, items 1, 2 and 9 reversed: answers 2 4 3 5 3 4 2 3 1 enter as
// 4 2 3 5 3 4 2 3 5, sum 31, mean 31/9, (31/9 − 1)·25 = 22/9·25 = 550/9 = 61.11…
// Best and worst answers give 100 and 0.
func TestRSQ(t *testing.T) {
	for _, id := range []instrument.ID{"rsq-w", "rsq-d"} {
		d := byID(t, id)
		a := numbered("rsq", 2, 4, 3, 5, 3, 4, 2, 3, 1)
		wantScore(t, score(t, d, a), "total", 550.0/9)
		wantScore(t, score(t, d, numbered("rsq", 1, 1, 5, 5, 5, 5, 5, 5, 1)), "total", 100)
		wantScore(t, score(t, d, numbered("rsq", 5, 5, 1, 1, 1, 1, 1, 1, 5)), "total", 0)

		// Five answered, 1 to 5: 4+2+3+5+3 = 17, (17/5 − 1)·25 = 60. Four: no score.
		for _, id := range []instrument.ItemID{"rsq6", "rsq7"} {
			delete(a, id)
		}
		a["rsq8"], a["rsq9"] = instrument.Declined(), instrument.NotSure()
		wantScore(t, score(t, d, a), "total", 60)
		delete(a, "rsq5")
		wantAbsent(t, score(t, d, a), "total", instrument.TooFewAnswered, 4)
	}
}

func poms(ten, ang, fat, dep, vig, con, era []float64) instrument.Answers {
	a := instrument.Answers{}
	for p, xs := range map[string][]float64{"ten": ten, "ang": ang, "fat": fat, "dep": dep, "vig": vig, "con": con, "era": era} {
		for k, v := range numbered(p, xs...) {
			a[k] = v
		}
	}
	return a
}

// By hand: TEN 1+0+2+1+0+1 = 5; ANG 6·1 = 6; FAT 4+3+2+1+0 = 10; DEP 7·0 = 0;
// VIG 3+2+3+2+2 = 12; CON 1+1+0+0+2 = 4; ERA 3+3+2+2 and, reversed, 4−1 and 4−0,
// = 10+3+4 = 17; TMD = (5+0+10+4+6) − (12+17) = 25 − 29 = −4.
func TestPOMS(t *testing.T) {
	d := byID(t, "poms40")
	a := poms([]float64{1, 0, 2, 1, 0, 1}, []float64{1, 1, 1, 1, 1, 1}, []float64{4, 3, 2, 1, 0}, make([]float64, 7), []float64{3, 2, 3, 2, 2}, []float64{1, 1, 0, 0, 2}, []float64{3, 3, 2, 2, 1, 0})
	s := score(t, d, a)
	for id, want := range map[instrument.ScaleID]float64{"tension": 5, "anger": 6, "fatigue": 10, "depression": 0, "vigour": 12, "confusion": 4, "esteem": 17, "tmd": -4} {
		wantScore(t, s, id, want)
	}
	// The ends: every item 4 but vigour and esteem at worst, 4·29 = 116; and −(20+24) = −44.
	four := func(n int) []float64 { return slicesOf(n, 4) }
	worst := poms(four(6), four(6), four(5), four(7), slicesOf(5, 0), four(5), []float64{0, 0, 0, 0, 4, 4})
	wantScore(t, score(t, d, worst), "tmd", 116)
	best := poms(slicesOf(6, 0), slicesOf(6, 0), slicesOf(5, 0), slicesOf(7, 0), four(5), slicesOf(5, 0), []float64{4, 4, 4, 4, 0, 0})
	wantScore(t, score(t, d, best), "tmd", -44)

	delete(a, "ang3")
	s = score(t, d, a)
	wantAbsent(t, s, "anger", instrument.TooFewAnswered, 5)
	wantAbsent(t, s, "tmd", instrument.PartAbsent, 6)
	wantScore(t, s, "tension", 5)
}

func slicesOf(n int, x float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// By hand: bed 23:00 to 07:00 is 480 min; 330 min asleep, 68.75 % → C4 2; 5.5 h →
// C3 2; latency 40 min → 2, with 5a = 3 sum 5 → C2 3; 5b–5j 2+3+0+0+1+0+1+2+0 = 9
// → C5 1; C1 2; C6 0; 8+9 = 1+2 = 3 → C7 2; global 2+3+2+2+1+0+2 = 12.
func TestPSQI(t *testing.T) {
	d := byID(t, "psqi")
	a := instrument.Answers{}
	at := func(h, m int) instrument.Answer { return instrument.At(civil.Clock(h*60 + m)) }
	set := func(id string, x float64) { a[instrument.ItemID(id)] = instrument.Number(x) }
	a["bedtime"], a["rising"] = at(23, 0), at(7, 0)
	set("latency", 40)
	set("asleep", 330)
	for i, x := range []float64{3, 2, 3, 0, 0, 1, 0, 1, 2, 0} {
		set("q5"+string(rune('a'+i)), x)
	}
	for id, x := range map[string]float64{"q6": 2, "q7": 0, "q8": 1, "q9": 2} {
		set(id, x)
	}
	s := score(t, d, a)
	for id, want := range map[instrument.ScaleID]float64{"c1": 2, "c2": 3, "c3": 2, "c4": 2, "c5": 1, "c6": 0, "c7": 2, "total": 12} {
		wantScore(t, s, id, want)
	}
	if _, shown := s.Result("efficiency"); shown {
		t.Error("an inner step is among the results")
	}
	// The bounds of the table: 408/480 = 85 % → 0, 407 → 1, 360/480 = 75 % → 1, 312/480 = 65 % → 2, 311 → 3;
	// and of the duration: 7 h → 0, 6 h → 1, 5 h → 2, 4 h 59 → 3.
	for asleep, want := range map[float64][2]float64{408: {0, 1}, 407: {1, 1}, 420: {0, 0}, 419: {0, 1}, 360: {1, 1}, 312: {2, 2}, 311: {3, 2}, 300: {3, 2}, 299: {3, 3}} {
		set("asleep", asleep)
		s := score(t, d, a)
		wantScore(t, s, "c4", want[0])
		wantScore(t, s, "c3", want[1])
	}
	for latency, want := range map[float64]float64{0: 2, 15: 2, 16: 2, 30: 2, 31: 3, 60: 3, 61: 3} { // + 5a = 3: 3, 3, 4, 4, 5, 5, 6
		set("latency", latency)
		wantScore(t, score(t, d, a), "c2", want)
	}
	delete(a, "bedtime")
	s = score(t, d, a)
	wantAbsent(t, s, "c4", instrument.PartAbsent, 0)
	wantAbsent(t, s, "total", instrument.PartAbsent, 6)
}

// By hand: 2+1+0+3+2+0+1+0 = 9.
func TestESSAndKSS(t *testing.T) {
	wantScore(t, score(t, byID(t, "ess"), numbered("ess", 2, 1, 0, 3, 2, 0, 1, 0)), "total", 9)
	wantScore(t, score(t, byID(t, "kss"), instrument.Answers{"kss": instrument.Number(7)}), "kss-score", 7)
}

// A sum that may be filled: 4 and reversed 2 (6 − 2 = 4) make 8; 4 alone stands
// for both, 8, one filled. Comfort 2·8 − 0.5·30 + 1 = 2.
func TestFilledSum(t *testing.T) {
	d, err := instrument.Parse(read(t, "testdata/good/own.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a := instrument.Answers{"calm": instrument.Number(4), "tense": instrument.Number(2), "warm": instrument.Number(30)}
	wantScore(t, score(t, d, a), "ease", 8)
	wantScore(t, score(t, d, a), "comfort", 2)
	delete(a, "tense")
	s := score(t, d, a)
	wantScore(t, s, "ease", 8)
	if r, _ := s.Result("ease"); r.Filled != 1 || r.Answered != 1 || r.Of != 2 {
		t.Errorf("filled answers are not told: %+v", r)
	}
}

// What does not fit its item is refused with the item's name; nothing is scored.
func TestCheck(t *testing.T) {
	isi, own := byID(t, "isi"), (*instrument.Definition)(nil)
	own, err := instrument.Parse(read(t, "testdata/good/own.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    *instrument.Definition
		item instrument.ItemID
		a    instrument.Answer
		code fault.Code
	}{
		{isi, "isi1", instrument.Number(5), "answer-range"},
		{isi, "isi1", instrument.Number(-1), "answer-range"},
		{isi, "isi1", instrument.Number(math.NaN()), "answer-fraction"},
		{isi, "isi1", instrument.Number(math.Inf(1)), "answer-range"},
		{isi, "isi1", instrument.Number(1.5), "answer-fraction"},
		{isi, "isi1", instrument.Said("3"), "answer-kind"},
		{isi, "isi1", instrument.Bool(true), "answer-kind"},
		{isi, "isi1", instrument.Answer{}, "answer-empty"},
		{isi, "isi8", instrument.Number(1), "item-unknown"},
		{own, "supper", instrument.Number(18), "answer-kind"},
		{own, "supper", instrument.Said("25:00"), "answer-kind"},
		{own, "walked", instrument.Number(1), "answer-kind"},
		{own, "place", instrument.Said("moon"), "answer-choice"},
		{own, "place", instrument.Number(1), "answer-choice"},
		{own, "note", instrument.Said(strings.Repeat("å", 201)), "answer-long"},
		{own, "note", instrument.Number(1), "answer-kind"},
	} {
		s, err := instrument.Score(c.d, instrument.Answers{c.item: c.a})
		if fault.CodeOf(err) != c.code || s != nil {
			t.Errorf("%s %+v: got %v, want %s", c.item, c.a, err, c.code)
		}
	}
	l := own.Check(instrument.Answers{"walked": instrument.Bool(false), "walk-min": instrument.Number(20)})
	if l.Err() != nil || !l.Has("item-not-asked") {
		t.Errorf("an answer that was not to be asked is a warning: %v", l)
	}
}

// Unanswered names what is still to be asked: not the optional, not what an
// earlier answer rules out, not what was declined.
func TestUnanswered(t *testing.T) {
	d := byID(t, "csd")
	a := instrument.Answers{"into-bed": instrument.Declined(), "sol": instrument.NotSure(), "wakings": instrument.Number(0)}
	want := "[tried-to-sleep final-waking out-of-bed quality]"
	if got := fmt.Sprint(d.Unanswered(a)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	a["wakings"] = instrument.Number(2)
	if got := fmt.Sprint(d.Unanswered(a)); got != "[tried-to-sleep waso final-waking out-of-bed quality]" {
		t.Errorf("got %s", got)
	}
}

// drawAnswers answers every numeric item, each with a chance of being left out.
func drawAnswers(t *rapid.T, d *instrument.Definition) instrument.Answers {
	a := instrument.Answers{}
	for _, it := range d.Items {
		switch rapid.SampledFrom([]string{"value", "value", "value", "value", "none", "not sure", "declined"}).Draw(t, "how") {
		case "not sure":
			a[it.ID] = instrument.NotSure()
		case "declined":
			a[it.ID] = instrument.Declined()
		case "value":
			switch it.Kind {
			case instrument.Clock:
				a[it.ID] = instrument.At(civil.Clock(rapid.IntRange(0, 1439).Draw(t, "clock")))
			case instrument.YesNo:
				a[it.ID] = instrument.Bool(rapid.Bool().Draw(t, "yes"))
			case instrument.Choice:
				a[it.ID] = instrument.Said(it.Choices[rapid.IntRange(0, len(it.Choices)-1).Draw(t, "choice")].Code)
			case instrument.FreeText:
				a[it.ID] = instrument.Said("words")
			default:
				a[it.ID] = instrument.Number(float64(rapid.IntRange(it.Min, it.Max).Draw(t, "x")))
			}
		}
	}
	return a
}

// mirrored gives the definition with every rating reversed the other way, its
// items in another order, and the answers that mean the same on it.
func mirrored(t *rapid.T, d *instrument.Definition, a instrument.Answers) (*instrument.Definition, instrument.Answers) {
	var m map[string]any
	if err := json.Unmarshal(d.Canonical(), &m); err != nil {
		t.Fatal(err)
	}
	b := instrument.Answers{}
	items := m["items"].([]any)
	for i, it := range d.Items {
		b[it.ID] = a[it.ID]
		if _, there := a[it.ID]; !there {
			delete(b, it.ID)
		}
		if it.Kind != instrument.Rating && it.Kind != instrument.VAS && it.Kind != instrument.Adjective {
			continue
		}
		f := items[i].(map[string]any)
		f["reverse"] = !it.Reverse
		delete(f, "better")
		if x, ok := a[it.ID].Number(); ok {
			b[it.ID] = instrument.Number(float64(it.Min+it.Max) - x)
		}
	}
	m["items"] = rapid.Permutation(items).Draw(t, "order")
	for _, it := range m["items"].([]any) {
		delete(it.(map[string]any), "ask-if") // which looks upwards
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	d2, err := instrument.Parse(raw)
	if err != nil {
		t.Fatalf("%s: %v", d.ID, err)
	}
	return d2, b
}

// Neither the order of items nor mirroring them changes a score; every score is
// in its range; a score is there exactly when enough was answered.
func TestScoreInvariants(t *testing.T) {
	for _, d := range instrument.All() {
		if len(d.Scales) == 0 {
			continue
		}
		t.Run(string(d.ID), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				a := drawAnswers(t, d)
				s, err := instrument.Score(d, a)
				if err != nil {
					t.Fatal(err)
				}
				d2, b := mirrored(t, d, a)
				s2, err := instrument.Score(d2, b)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range s {
					sc, _ := d.Scale(r.Scale)
					v, ok := s.Value(r.Scale)
					v2, ok2 := s2.Value(r.Scale)
					if ok != ok2 || v != v2 {
						t.Fatalf("%s: %v became %v", r.Scale, v, v2)
					}
					if ok && (v < sc.Range[0] || v > sc.Range[1]) {
						t.Fatalf("%s: %v is not in %v", r.Scale, v, sc.Range)
					}
					if ok != (r.Answered >= sc.Missing.AtLeast) || ok == (r.Absent != "") {
						t.Fatalf("%s: %+v with a least of %d", r.Scale, r, sc.Missing.AtLeast)
					}
				}
			})
		})
	}
}

// Answers survive JSON, and the same answers are the same bytes.
func TestAnswersJSON(t *testing.T) {
	a := instrument.Answers{
		"b": instrument.Number(12.5), "a": instrument.At(1410), "d": instrument.Bool(true),
		"c": instrument.NotSure(), "e": instrument.Declined(), "f": instrument.Said("å <&>"),
	}
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back instrument.Answers
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(again) != string(b) || len(back) != len(a) || back["f"] != a["f"] {
		t.Errorf("got %s, want %s", again, b)
	}
	if _, err := json.Marshal(instrument.Answers{"x": {}}); err == nil {
		t.Error("an empty answer was written")
	}
	for _, s := range []string{`{"x":[1]}`, `{"x":null}`, `{"x":{}}`, `{"x":{"none":"x"}}`, `{"x":{"none":"declined","y":"z"}}`, `{"x":1e999}`, `{"x":{"other":"declined"}}`} {
		var a instrument.Answers
		if err := json.Unmarshal([]byte(s), &a); err == nil {
			t.Errorf("%s accepted as %v", s, a)
		}
	}
}

func FuzzScore(f *testing.F) {
	for _, s := range []string{
		`{"isi1":3,"isi2":{"none":"declined"}}`, `{"bedtime":"23:00","rising":"07:00","asleep":330}`,
		`{"lseq1":50.5}`, `{"comments":"words"}`, `{"arm":"dont-know"}`, `{"x":null}`, `[]`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a instrument.Answers
		if json.Unmarshal(b, &a) != nil {
			return
		}
		for _, d := range instrument.All() {
			s, err := instrument.Score(d, a)
			if err != nil {
				if fault.CodeOf(err) == "" {
					t.Fatalf("an error without a code: %v", err)
				}
				continue
			}
			for _, r := range s {
				if (r.Value == nil) == (r.Absent == "") {
					t.Fatalf("neither a score nor a reason, or both: %+v", r)
				}
			}
		}
	})
}
