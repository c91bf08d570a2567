package sleep

import (
	"testing"
	"time"
)

func verdicts(a Architecture, s Sleeper) map[string]Verdict {
	out := map[string]Verdict{}
	for _, c := range QualityOf(a, s) {
		out[c.Name] = c.Verdict
	}
	return out
}

func architecture(t testing.TB, runs string) Architecture {
	t.Helper()
	a, ok := ArchitectureOf(mustHypnogram(t, time.Time{}, time.Minute, runs), Lights{})
	if !ok {
		t.Fatal("nothing to measure")
	}
	return a
}

func age(years int) *int { return &years }

// A night made to sit on each limit; the limits are those of the sources.
func TestQualityAtTheLimits(t *testing.T) {
	yes := true
	good := architecture(t, "20W 60N2 20N3 10R 6W 70N2 20R 70N2 20N3 20R 70N2 30R 60N2 6W")
	got := verdicts(good, Sleeper{AgeYears: age(40), Refreshed: &yes})
	for name, want := range map[string]Verdict{
		"onset": Met, "awakenings": Met, "cycling": Met, "refreshed": Met,
		"nsf-onset": Met, "nsf-awakenings": Met, "nsf-waso": Met, "nsf-efficiency": Met, "nsf-duration": Met,
	} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	poor := architecture(t, "61W 60N2 10W 60N2 10W 60N2 15W 60N2 16W 30N2")
	got = verdicts(poor, Sleeper{AgeYears: age(40)})
	for name, want := range map[string]Verdict{
		"onset": NotMet, "awakenings": NotMet, "cycling": NotMet, "refreshed": NotKnown,
		"nsf-onset": NotMet, "nsf-awakenings": NotMet, "nsf-waso": NotMet, "nsf-efficiency": NotMet, "nsf-duration": NotMet,
	} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	between := architecture(t, "45W 100N2 6W 100N2 6W 100N2 20W 70N2")
	for years, want := range map[int]Verdict{22: Undecided, 40: Undecided, 70: Undecided} {
		if got := verdicts(between, Sleeper{AgeYears: age(years)})["nsf-waso"]; got != want {
			t.Errorf("32 minutes awake at %d: %s", years, got)
		}
	}
	if got := verdicts(between, Sleeper{AgeYears: age(40)}); got["nsf-onset"] != Undecided || got["nsf-duration"] != Undecided || got["nsf-awakenings"] != Undecided {
		t.Errorf("between good and poor: %v", got)
	}
}

func TestQualityDependsOnAge(t *testing.T) {
	a := architecture(t, "10W 150N2 13W 150N2 14W 95N2") // 27 min awake in 2 awakenings, 395 min asleep, 91 %
	for _, c := range []struct {
		years            *int
		awakenings, waso Verdict
	}{{age(40), Undecided, Undecided}, {age(70), Met, Met}, {age(15), NotKnown, NotKnown}, {nil, NotKnown, NotKnown}} {
		got := verdicts(a, Sleeper{AgeYears: c.years})
		if got["nsf-awakenings"] != c.awakenings || got["nsf-waso"] != c.waso || got["nsf-onset"] != Met {
			t.Errorf("at %v: %v", c.years, got)
		}
	}
}

// What the device did not tell is unknown, not failed.
func TestQualityOfWhatIsNotTold(t *testing.T) {
	got := verdicts(architecture(t, "10W 400S"), Sleeper{AgeYears: age(40)})
	if got["cycling"] != NotKnown || got["onset"] != Met {
		t.Errorf("%v", got)
	}
	wake := verdicts(architecture(t, "60W"), Sleeper{AgeYears: age(40)})
	if wake["onset"] != NotKnown || wake["nsf-waso"] != NotKnown || wake["nsf-duration"] != NotMet {
		t.Errorf("%v", wake)
	}
}

func TestQualityOfAWeek(t *testing.T) {
	s := Sleeper{AgeYears: age(40)}
	week := QualityOfWeek([][]Criterion{
		QualityOf(architecture(t, "10W 440N2"), s), QualityOf(architecture(t, "40W 440N2"), s), QualityOf(architecture(t, "60W"), s),
	})
	for _, c := range week {
		if c.Met+c.NotMet+c.Undecided+c.Unknown != 3 {
			t.Errorf("%+v", c)
		}
		if c.Name == "onset" && (c.Met != 1 || c.NotMet != 1 || c.Unknown != 1) {
			t.Errorf("%+v", c)
		}
	}
}

func TestNormsSayWhomAndWhence(t *testing.T) {
	if got := Norms("n3_pct", 25); len(got) != 2 || got[0].Place(10) != "below" || got[1].Place(30) != "above" || got[0].Place(20) != "within" {
		t.Errorf("%+v", got)
	}
	if got := Norms("n3_pct", 45); len(got) != 1 {
		t.Errorf("at 45 the textbook alone: %+v", got)
	}
	if got := Norms("waso_spt_min", 45); got != nil {
		t.Errorf("a norm that nobody could read: %+v", got)
	}
	seen := map[string]bool{}
	for _, r := range (Architecture{}).Table() {
		seen[r.Name] = true
	}
	for _, n := range norms {
		if !seen[n.Measure] || n.Source == "" || n.Kind == "" || n.Low >= n.High {
			t.Errorf("%+v", n)
		}
	}
}
