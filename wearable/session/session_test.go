package session

import (
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := civil.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// at gives a clock time of 23 November 2026 in Stockholm; hours before 0 are of
// the day before.
func at(t testing.TB, hours float64) time.Time {
	return time.Date(2026, 11, 23, 0, 0, 0, 0, zone(t, "Europe/Stockholm")).Add(time.Duration(hours * float64(time.Hour)))
}

func some(v float64) *float64 { return &v }

func session(t testing.TB, name string, from, to float64, spans ...Span) Session {
	kind := wearable.Short
	if to-from > 3 {
		kind = wearable.Long
	}
	return Session{Record: name, Kind: kind, Start: at(t, from), End: at(t, to), Spans: spans}
}

func span(t testing.TB, from, to float64, s sleep.Stage) Span { return Span{at(t, from), at(t, to), s} }

func nights(t testing.TB, ss ...Session) wearable.Result {
	return Nights(Report{Vendor: "test", Sessions: ss}, Options{Zone: "Europe/Stockholm"})
}

// By hand: 23:00 light, 23:30 to 23:33 wake laid over it, a gap from 00:00, deep
// to 01:00.
func TestSpansBecomeEpochs(t *testing.T) {
	r := nights(t, session(t, "a", -1, 4, span(t, -1, 0, sleep.Light), span(t, 0.5, 4, sleep.N3), span(t, -0.5, -0.45, sleep.W)))
	if len(r.Nights) != 1 || r.Nights[0].Main.String() != "60L 6W 54L 60? 420N3" || len(r.Warnings) > 0 {
		t.Fatalf("%v %v", r.Nights, r.Warnings)
	}
}

// Bounds off the grid move to the nearest epoch and nothing is lost or told
// twice.
func TestSpansOffTheGrid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var spans []Span
		from := at(t, -1)
		start := from
		for range rapid.IntRange(1, 20).Draw(rt, "n") {
			to := from.Add(time.Duration(rapid.IntRange(31, 3600).Draw(rt, "s")) * time.Second)
			spans = append(spans, Span{from, to, rapid.SampledFrom([]sleep.Stage{sleep.W, sleep.Light, sleep.N3, sleep.R}).Draw(rt, "stage")})
			from = to
		}
		s := Session{Record: "a", Start: start, End: from, Spans: spans}
		h, err := s.hypnogram()
		if err != nil {
			rt.Fatal(err)
		}
		if h.Count(sleep.Unscored) > 0 {
			rt.Fatalf("%v", h)
		}
		for _, stage := range sleep.Stages() {
			want, bounds := time.Duration(0), 0
			for _, sp := range spans {
				if sp.Stage == stage {
					want += sp.To.Sub(sp.From)
					bounds++
				}
			}
			if off := time.Duration(h.Count(stage))*h.Epoch() - want; off.Abs() > time.Duration(bounds+1)*30*time.Second {
				rt.Fatalf("%v is off by %v", stage, off)
			}
		}
	})
}

// No hypnogram is made up of totals; the bounds stay.
func TestTotalsOnly(t *testing.T) {
	s := session(t, "a", -1, 7)
	s.Stated = sleep.Totals{TIBMin: some(480), TSTMin: some(430)}
	r := nights(t, s)
	n := r.Nights[0]
	if !n.Main.IsEmpty() || *n.Stated.TSTMin != 430 || !n.LightsOff.Equal(at(t, -1)) || !n.LightsOn.Equal(at(t, 7)) || n.Status != sleep.Worn {
		t.Errorf("%+v", n)
	}
	s.Stated.TSTMin = some(0)
	if r := nights(t, s); len(r.Nights) != 0 || r.Decisions[0].Why != "no sleep in it" {
		t.Errorf("%+v", r)
	}
}

func TestTotalsThatDoNotAddUpAreTold(t *testing.T) {
	s := session(t, "a", -1, 4, span(t, -1, 4, sleep.Light))
	s.Stated = sleep.Totals{LightMin: some(301), N3Min: some(20)}
	if r := nights(t, s); len(r.Warnings) != 1 || r.Warnings[0].Code != "test-total" || r.Warnings.Err() != nil || *r.Nights[0].Stated.N3Min != 20 {
		t.Errorf("%v", r.Warnings)
	}
}

// A night in two parts: means weigh by time in bed, totals add up, one that a
// part does not state is not stated.
func TestParts(t *testing.T) {
	a, b := session(t, "a", -1, 3, span(t, -1, 3, sleep.Light)), session(t, "b", 3.5, 5.5, span(t, 3.5, 5.5, sleep.R))
	a.Stated, b.Stated = sleep.Totals{TSTMin: some(240), N3Min: some(0), SEPct: some(99)}, sleep.Totals{TSTMin: some(120)}
	a.Measured = sleep.Measures{HeartRateMeanBPM: some(60), HeartRateLowestBPM: some(50), SleepScore: some(70)}
	b.Measured = sleep.Measures{HeartRateMeanBPM: some(54), HeartRateLowestBPM: some(51), SleepScore: some(90)}
	a.Model, b.Model = "watch", "watch"
	r := Nights(Report{Vendor: "test", Sessions: []Session{b, a}, Days: map[civil.Date]Day{
		civil.On(2026, 11, 23): {Measured: sleep.Measures{Steps: some(4000)}},
		civil.On(2026, 11, 24): {Measured: sleep.Measures{Steps: some(5000)}},
		civil.On(2026, 11, 25): {Status: sleep.Battery},
		civil.On(2026, 11, 26): {},
	}}, Options{})
	if len(r.Nights) != 3 || r.Nights[1].Status != sleep.NoData || r.Nights[2].Status != sleep.Battery {
		t.Fatalf("%+v", r)
	}
	n := r.Nights[0]
	if n.Main.String() != "480L 60? 240R" || *n.Stated.TSTMin != 360 || n.Stated.N3Min != nil || n.Stated.SEPct != nil || n.Zone != "+01:00" || n.Source.Model != "watch" {
		t.Errorf("%+v %+v", n, n.Stated)
	}
	if m := n.Measured; *m.HeartRateMeanBPM != 58 || *m.HeartRateLowestBPM != 50 || *m.SleepScore != 70 || *m.Steps != 4000 {
		t.Errorf("%+v", m)
	}
}

// After a flight east a nap lies in another zone than the night; where that
// makes it another night's, it is left out and said, and the night stays.
func TestTravel(t *testing.T) {
	home, away := time.FixedZone("", 3600), time.FixedZone("", 9*3600)
	night := Session{Record: "n", Kind: wearable.Long, Start: time.Date(2026, 11, 22, 23, 0, 0, 0, home), End: time.Date(2026, 11, 23, 7, 0, 0, 0, home)}
	night.Spans = []Span{{night.Start, night.End, sleep.Asleep}}
	nap := Session{Record: "p", Start: time.Date(2026, 11, 23, 16, 0, 0, 0, away), End: time.Date(2026, 11, 23, 17, 0, 0, 0, away)}
	nap.Spans = []Span{{nap.Start, nap.End, sleep.Asleep}}
	early := nap
	early.Record, early.Start, early.End = "q", nap.Start.Add(-18*time.Hour), nap.End.Add(-18*time.Hour)
	early.Spans = []Span{{early.Start, early.End, sleep.Asleep}}
	r := Nights(Report{Vendor: "test", Sessions: []Session{night, nap, early}}, Options{})
	if len(r.Nights) != 2 || r.Nights[0].Main.IsEmpty() || !r.Warnings.Has("test-nap") || r.Warnings.Err() != nil {
		t.Errorf("%+v %v", r.Nights, r.Warnings)
	}
	if in := Nights(Report{Vendor: "test", Sessions: []Session{night, nap}}, Options{Zone: "Europe/Stockholm"}); len(in.Warnings) != 0 {
		t.Errorf("%v", in.Warnings)
	}
}

// The whole clock moved by whole days moves the dates and nothing else.
func TestShiftedClock(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.IntRange(-60, 60).Draw(rt, "days")
		h := rapid.Float64Range(-6, 0).Draw(rt, "from")
		s := session(t, "a", h, h+7, span(t, h, h+3, sleep.Light), span(t, h+3, h+7, sleep.N3))
		shifted := s
		shifted.Start, shifted.End = s.Start.AddDate(0, 0, days), s.End.AddDate(0, 0, days)
		shifted.Spans = nil
		for _, sp := range s.Spans {
			shifted.Spans = append(shifted.Spans, Span{sp.From.AddDate(0, 0, days), sp.To.AddDate(0, 0, days), sp.Stage})
		}
		// Winter and summer time differ; an offset does not change.
		a := Nights(Report{Vendor: "t", Sessions: []Session{s}}, Options{Zone: "+01:00"}).Nights[0]
		b := Nights(Report{Vendor: "t", Sessions: []Session{shifted}}, Options{Zone: "+01:00"}).Nights[0]
		dst := shifted.Start.Sub(s.Start) != time.Duration(days)*24*time.Hour
		if !dst && (a.Main.String() != b.Main.String() || b.Date != a.Date.Add(days)) {
			rt.Fatalf("%v %v and %v %v", a.Date, a.Main, b.Date, b.Main)
		}
	})
}

func TestImpossible(t *testing.T) {
	for _, s := range []Session{session(t, "back", 7, -1), session(t, "week", 0, 24*7), {Record: "zero"}} {
		if r := nights(t, s); len(r.Nights) > 0 || r.Warnings.Err() == nil {
			t.Errorf("%s: %v", s.Record, r)
		}
	}
	if r := Nights(Report{Vendor: "test"}, Options{Zone: "Mars/Olympus"}); r.Warnings.Err() == nil {
		t.Error("a zone on Mars")
	}
	s := session(t, "a", -1, 4, span(t, -1, 4, sleep.Light))
	s.Stated.TSTMin, s.Measured.HeartRateMeanBPM = some(1e300), some(1e308)
	if r := nights(t, s); len(r.Nights) != 1 || r.Nights[0].Stated != nil || r.Nights[0].Measured != nil {
		t.Errorf("%+v", r)
	}
}

// 02:30 on 25 October 2026 happens twice in Stockholm, on 29 March never.
func TestWall(t *testing.T) {
	w := Wall{Zone: zone(t, "Europe/Stockholm")}
	first, ok1 := w.Read("2026-10-25T02:30:00.000", time.Time{})
	second, ok2 := w.Read("2026-10-25 02:30", first.Add(time.Minute))
	gap, ok3 := w.Read("2026-03-29T02:30:00", time.Time{})
	if !ok1 || !ok2 || !ok3 || first.UTC().Hour() != 0 || second.Sub(first) != time.Hour || gap.Hour() != 3 || w.Guessed {
		t.Errorf("%v %v %v", first, second, gap)
	}
	if told, ok := w.Read("2026-10-25T02:30:00-0400", time.Time{}); !ok || told.UTC().Hour() != 6 || told.Hour() != 7 {
		t.Error(told)
	}
	unknown := Wall{}
	if got, ok := unknown.Read("2026-11-22 11:12PM", time.Time{}); !ok || got.Hour() != 23 || !unknown.Guessed {
		t.Error(got)
	}
	r := Report{Vendor: "v"}
	unknown.Warn(&r)
	if !r.Problems.Has("v-zone") || r.Problems.Err() != nil {
		t.Error(r.Problems)
	}
	for _, s := range []string{"", "yesterday", "0001-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-11-22T23:00:00+99:00", "2026-11-22"} {
		if got, ok := w.Read(s, time.Time{}); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
	if fault.CodeOf(fault.List(nil)) != "" {
		t.Error("an empty list has a code")
	}
}
