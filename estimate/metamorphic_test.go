package estimate

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dvala/protocol"
	"pgregory.net/rapid"
)

func made(seed uint64) *Data {
	d := ocTrial(rand.New(rand.NewPCG(seed, 99)), -2, 10)
	for i := range d.People {
		d.Nights = append(d.Nights, NightValue{d.People[i].Subject, "diary-sol", 1, -1, 20 + float64(i%7)})
		d.Nights = append(d.Nights, NightValue{d.People[i].Subject, "diary-sol", 1, 18, 15 + float64(i%5)})
		d.Doses = append(d.Doses, Dose{d.People[i].Subject, i % 21, 2})
		d.Adverse = append(d.Adverse, Adverse{Subject: d.People[i].Subject, Term: []string{"headache", "nausea"}[i%2], Day: i % 20})
	}
	d.Screened = 95
	d.Excluded = []Count{{"no consent", 15}}
	return d
}

// The order of the rows of every table changes no byte.
func TestRowOrderChangesNothing(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d := made(1)
	want, err := Analyse(c, d, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	r.Shuffle(len(d.People), func(i, j int) { d.People[i], d.People[j] = d.People[j], d.People[i] })
	r.Shuffle(len(d.Values), func(i, j int) { d.Values[i], d.Values[j] = d.Values[j], d.Values[i] })
	r.Shuffle(len(d.Nights), func(i, j int) { d.Nights[i], d.Nights[j] = d.Nights[j], d.Nights[i] })
	r.Shuffle(len(d.Doses), func(i, j int) { d.Doses[i], d.Doses[j] = d.Doses[j], d.Doses[i] })
	r.Shuffle(len(d.Adverse), func(i, j int) { d.Adverse[i], d.Adverse[j] = d.Adverse[j], d.Adverse[i] })
	before := d.People[0]
	got, err := Analyse(c, d, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(mustJSON(t, want), mustJSON(t, got)) {
		t.Error("shuffled rows gave other results")
	}
	if d.People[0].Subject != before.Subject {
		t.Error("the caller's table was sorted")
	}
	back, err := ParseResults(mustJSON(t, got))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(mustJSON(t, back), mustJSON(t, got)) {
		t.Error("reading results.json and writing it again changed it")
	}
}

// Swapping the arms of everybody turns the estimate round; a shift of the
// outcome and its baseline leaves it; a change of unit scales it.
func TestRelabelShiftScale(t *testing.T) {
	c := checked(t, "parallel.yaml")
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		shift := rapid.Float64Range(-50, 50).Draw(rt, "shift")
		scale := rapid.Float64Range(0.1, 10).Draw(rt, "scale")
		d, swapped, moved := made(seed), made(seed), made(seed)
		for i := range swapped.People {
			swapped.People[i].Group = map[string]string{"drug-x": "pill-y", "pill-y": "drug-x"}[d.People[i].Group]
		}
		for i := range moved.Values {
			moved.Values[i].X = scale*moved.Values[i].X + shift
		}
		for i := range moved.Nights {
			moved.Nights[i].X = scale*moved.Nights[i].X + shift
		}
		for _, e := range c.InOrder() {
			a, b, m := Answer(c, d, e), Answer(c, swapped, e), Answer(c, moved, e)
			if a.Failed != "" {
				rt.Fatalf("%s: %s", e.ID, a.Failed)
			}
			close := func(what string, got, want float64) {
				if math.Abs(got-want) > 1e-6*math.Max(1, math.Abs(want)) {
					rt.Errorf("%s, %s: %v, want %v", e.ID, what, got, want)
				}
			}
			close("swapped", *b.Estimate, -*a.Estimate)
			close("swapped p", *b.P, *a.P)
			close("swapped g", *b.G, -*a.G)
			close("moved", *m.Estimate, scale**a.Estimate)
			close("moved g", *m.G, *a.G)
			close("moved p", *m.P, *a.P)
		}
	})
}

// Without covariates and with everybody there, g and its interval are the exact
// ones of two groups: golden case 08 by way of its first study.
func TestHedgesIsThatOfTwoGroups(t *testing.T) {
	c := checked(t, "parallel.yaml", "model: {kind: ancova, strata: true}", "model: {kind: ancova}", "visit: day21, baseline_visit: day0", "visit: day21")
	e, _ := c.Primary()
	d := &Data{}
	// Two groups with means 102 and 95, SD 15 and 14, 25 and 24 people: spread
	// evenly and scaled to the moments wanted.
	put := func(group string, n int, m, sd float64) {
		var z []float64
		for i := range n {
			z = append(z, float64(i))
		}
		zm, zs := meanSD(z)
		for i := range n {
			id := group + itoa(100+i)
			d.People = append(d.People, Person{Subject: id, Group: group})
			d.Values = append(d.Values, Value{id, "isi-total", "day21", 1, 21, m + sd*(z[i]-*zm) / *zs})
		}
	}
	put("drug-x", 25, 102, 15)
	put("pill-y", 24, 95, 14)
	res := Answer(c, d, e)
	// By R (golden case 08): metafor::escalc, and inversion of pt(t, df, ncp).
	near(t, "g", res.G, 0.474377242872516, 1e-10)
	near(t, "g low", res.GLow, -0.0874182327818261, 1e-7)
	near(t, "g high", res.GHigh, 1.03128115819638, 1e-7)
}

// What cannot be estimated gives a reason and no number.
func TestDegenerateInputsFail(t *testing.T) {
	c := checked(t, "parallel.yaml")
	primary, _ := c.Primary()
	nightly, _ := c.Estimand("tst-nights")
	cases := map[string]struct {
		change func(*Data)
		e      protocol.Estimand
		says   string
	}{
		"nobody":     {func(d *Data) { d.People = nil }, primary, "nobody"},
		"one arm":    {func(d *Data) { d.People = only(d.People, "drug-x") }, primary, "nobody in Placebo"},
		"two people": {func(d *Data) { d.People = append(only(d.People, "drug-x")[:1], only(d.People, "pill-y")[0]) }, primary, ""},
		"constant": {func(d *Data) {
			for i := range d.Values {
				d.Values[i].X = 7
			}
		}, primary, "baseline: the column is a combination"},
		"infinite": {func(d *Data) { d.Values[0].X = math.Inf(1) }, primary, "finite"},
		"NaN":      {func(d *Data) { d.Nights[10].X = math.NaN() }, nightly, "finite"},
		"one night each": {func(d *Data) {
			var keep []NightValue
			for _, n := range d.Nights {
				if n.Day <= 1 {
					keep = append(keep, n)
				}
			}
			d.Nights = keep
		}, nightly, ""},
	}
	for name, k := range cases {
		d := made(3)
		k.change(d)
		res := Answer(c, d, k.e)
		if res.Failed == "" || !strings.Contains(res.Failed, k.says) {
			t.Errorf("%s: failed with %q, want a word of %q", name, res.Failed, k.says)
		}
		if res.Estimate != nil || res.P != nil || res.Low != nil || res.G != nil || len(res.Terms) > 0 {
			t.Errorf("%s: there is a number beside the failure", name)
		}
	}
	res, err := Analyse(c, &Data{}, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	if s := res.Estimands[0].Sentence; !strings.Contains(s, "there is no estimate, because") {
		t.Errorf("an empty trial says: %s", s)
	}
	mustJSON(t, res)
}

func only(people []Person, group string) []Person {
	var out []Person
	for _, p := range people {
		if p.Group == group {
			out = append(out, p)
		}
	}
	return out
}

// People of no arm, and people there twice, are refused.
func TestGroupsAreChecked(t *testing.T) {
	c := checked(t, "parallel.yaml")
	for _, people := range [][]Person{
		{{Subject: "a", Group: ""}},
		{{Subject: "a", Group: "other"}},
		{{Subject: "a", Group: "drug-x"}, {Subject: "a", Group: "pill-y"}},
	} {
		if _, err := Analyse(c, &Data{People: people}, false, Provenance{}); err == nil {
			t.Errorf("%+v was analysed", people)
		}
	}
}
