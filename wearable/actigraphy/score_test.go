package actigraphy

import (
	"math"
	"testing"

	"dvala/sleep"
	"pgregory.net/rapid"
)

// series is made-up counts in blocks of a quarter of an hour, busy and quiet, by
// the generator of the C standard's example, so that other programs can make
// the same.
func series(n int) []Minute {
	x := uint32(7)
	out := make([]Minute, n)
	for i := range out {
		x = (1103515245*x + 12345) % (1 << 31)
		v := int(x>>16) % 1000
		switch i / 15 % 4 {
		case 0:
			v *= 3
		case 1:
			v /= 12
		case 2:
			v = max(0, v-850)
		default:
			v /= 3
		}
		out[i] = Minute{float64(v), true}
	}
	return out
}

// The scores of pyActigraphy 1.2.2 (its functions _cole_kripke and rescore, on
// counts with zeros before and after), and of Sadeh's formula in pandas 3.1.1:
// pyActigraphy's own _sadeh takes the logarithm of the minute after the one that
// is scored, and leaves 50 counts out of NATS, and differs in 3 and 12 minutes
// for that; with both done its way there is no difference.
func TestScoresOfOthers(t *testing.T) {
	m := series(240)
	if sum := total(m); sum != 102068 || m[6].Counts != 102 {
		t.Fatalf("the counts are not those that others scored: %v", sum)
	}
	for name, c := range map[string]struct {
		got  []sleep.Stage
		want string
	}{
		"Cole–Kripke, ActiLife's scale":   {ColeKripke(m, ColeKripkeActiLife), "19W 30S 28W 29S 2W 1S 3W 1S 24W 28S 34W 28S 6W 3S 1W 3S"},
		"Cole–Kripke, rescored":           {Webster(ColeKripke(m, ColeKripkeActiLife)), "23W 26S 32W 25S 2W 1S 3W 1S 28W 24S 38W 24S 7W 2S 1W 3S"},
		"Cole–Kripke, the paper's scale":  {ColeKripke(m, ColeKripke1992), "19W 11S 1W 14S 35W 24S 36W 1S 3W 1S 1W 18S 35W 1S 1W 2S 1W 8S 1W 6S 1W 5S 15W"},
		"Sadeh, ActiLife's cap and limit": {Sadeh(m, SadehActiLife), "20W 25S 35W 24S 40W 21S 36W 23S 16W"},
		"Sadeh, the paper's":              {Sadeh(m, Sadeh1994), "24W 1S 7W 13S 40W 16S 47W 14S 46W 2S 1W 1S 1W 6S 1W 2S 18W"},
	} {
		if got := sleep.FormatStages(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	// Of the paper's scale pyActigraphy's rescoring leaves one S between 40 W and
	// another W: it rescores three minutes only where three follow each other. Rule d
	// takes it here, too.
	if got := sleep.FormatStages(Webster(ColeKripke(m, ColeKripke1992))); got != "23W 7S 1W 14S 39W 20S 40W 1S 1W 18S 37W 2S 1W 8S 1W 6S 1W 5S 15W" {
		t.Error(got)
	}
}

func total(m []Minute) float64 {
	sum := 0.0
	for _, v := range m {
		sum += v.Counts
	}
	return sum
}

// By hand. All 0: PS = 7.601. One minute of 300 at the minute scored: AVG 300/11,
// SD 300/√6 = 122.47, ln 301 = 5.707: 7.601 − 1.773 − 6.859 − 4.012 = −5.042. In
// the minute before it the average is the same and the rest 0: 5.828. In the
// minute after it the deviation is there and the logarithm is not: −1.030.
func TestSadehByHand(t *testing.T) {
	m := make([]Minute, 30)
	for i := range m {
		m[i].Known = true
	}
	m[15].Counts = 300
	for limit, want := range map[float64]string{-4: "15S 1W 14S", 0: "15S 6W 9S", -5.05: "30S", -5.04: "15S 1W 14S", 5.83: "10S 11W 9S", 7.7: "30W"} {
		if got := sleep.FormatStages(Sadeh(m, SadehRule{AsleepS: limit})); got != want {
			t.Errorf("limit %v: %s, want %s", limit, got, want)
		}
	}
	// 50 counts are within NATS, 100 are not: 7.601 − 0.065·50/11 − 1.08 is 6.226 two minutes before, 7.306 without NATS.
	m[15].Counts = 50
	if got := sleep.FormatStages(Sadeh(m, SadehRule{AsleepS: 6.3})); got != "10S 11W 9S" {
		t.Error(got)
	}
	m[15].Counts = 100
	if got := sleep.FormatStages(Sadeh(m, SadehRule{AsleepS: 6.3})[:15]); got != "15S" {
		t.Error(got)
	}
}

// By hand: 230·a/1000 ≥ 1 from a = 4.348, so 434 counts are S and 435 W; the
// other weights by the minute they have.
func TestColeKripkeByHand(t *testing.T) {
	for counts, want := range map[float64]string{434: "30S", 435: "15S 1W 14S", 943: "15S 1W 14S", 944: "15S 1W 3S 1W 10S", 1316: "15S 2W 2S 1W 10S", 1400: "14S 3W 2S 1W 10S", 1e6: "13S 7W 10S"} {
		m := make([]Minute, 30)
		for i := range m {
			m[i].Known = true
		}
		m[15].Counts = counts
		if got := sleep.FormatStages(ColeKripke(m, ColeKripkeActiLife)); got != want {
			t.Errorf("%v: %s, want %s", counts, got, want)
		}
	}
}

// A rule of Webster's to a line, at its borders.
func TestWebsterByHand(t *testing.T) {
	for in, want := range map[string]string{
		"3W 5S 3W":            "3W 5S 3W",
		"4W 5S 3W":            "5W 4S 3W",
		"9W 8S":               "10W 7S",
		"10W 8S":              "13W 5S",
		"10W 2S":              "12W",
		"14W 8S":              "17W 5S",
		"15W 8S":              "19W 4S",
		"10W 6S 10W":          "26W",
		"10W 6S 9W":           "13W 3S 9W",
		"10W 7S 10W":          "13W 4S 10W",
		"20W 10S 20W":         "50W",
		"20W 11S 20W":         "24W 7S 20W",
		"20W 10S 19W":         "24W 6S 19W",
		"5W 5? 8S":            "5W 5? 8S",
		"30S":                 "30S",
		"10W 6S 5W 5? 5W 20S": "13W 3S 5W 5? 6W 19S",
	} {
		stages, err := sleep.ParseStages(in, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if got := sleep.FormatStages(Webster(stages)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestScoringInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(rt, "n")
		m := make([]Minute, n)
		for i := range m {
			m[i] = Minute{float64(rapid.SampledFrom([]int{0, 0, 0, 10, 60, 300, 2000}).Draw(rt, "c")), rapid.IntRange(0, 40).Draw(rt, "k") > 0}
		}
		zeros := append(make([]Minute, 8), m...)
		for i := range 8 {
			zeros[i].Known = true
		}
		for _, score := range []func([]Minute) []sleep.Stage{
			func(m []Minute) []sleep.Stage { return Sadeh(m, SadehActiLife) },
			func(m []Minute) []sleep.Stage { return ColeKripke(m, ColeKripkeActiLife) },
		} {
			a, b := score(m), score(zeros)
			if len(a) != n || sleep.FormatStages(a) != sleep.FormatStages(b[8:]) {
				rt.Fatalf("zeros before the first: %v and %v", sleep.FormatStages(a), sleep.FormatStages(b[8:]))
			}
			for i, s := range a {
				if !m[i].Known && s != sleep.Unscored {
					rt.Fatalf("minute %d is %v, and unknown", i, s)
				}
			}
			w := Webster(a)
			for i := range w {
				if w[i] != a[i] && (a[i] != sleep.Asleep || w[i] != sleep.W) {
					rt.Fatalf("rescored %v to %v", a[i], w[i])
				}
			}
		}
		capped := append([]Minute(nil), m...)
		for i := range capped {
			capped[i].Counts = math.Min(capped[i].Counts, 300)
		}
		if a, b := Sadeh(m, SadehActiLife), Sadeh(capped, SadehActiLife); sleep.FormatStages(a) != sleep.FormatStages(b) {
			rt.Fatalf("the cap: %v and %v", a, b)
		}
		strict, mild := Choi(m, Choi2011), Choi(m, ChoiRule{Period: 20, Spike: 2, Window: 30})
		for i := range strict {
			if strict[i] && !mild[i] {
				rt.Fatal("a shorter period finds less")
			}
		}
	})
}
