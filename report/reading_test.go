package report

import (
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/protocol"
)

// What an interval lets one say, case by case, by hand: the smallest difference
// that matters is 6 points and lower is better, so a negative difference speaks
// for the treatment.
func TestReading(t *testing.T) {
	tr := newTrial(positive())
	cases := []struct {
		low, high float64
		want      []string
		never     []string
	}{
		{-9, -7, []string{"only with an advantage that people would notice", "side of Magnesium"}, []string{"no evidence"}},
		{7, 9, []string{"only with a disadvantage", "side of placebo"}, []string{"no evidence"}},
		{-4, -1, []string{"evidence of a difference in favour of Magnesium", "smaller than this", "rule an advantage of Magnesium L-threonate of that size out"}, []string{"no evidence"}},
		{-9, -1, []string{"evidence of a difference in favour of Magnesium", "both with one too small to notice and with one that people notice"}, []string{"no evidence", "rule"}},
		{1, 4, []string{"in favour of placebo", "smaller than this"}, []string{"no evidence"}},
		{1, 9, []string{"in favour of placebo", "both with"}, []string{"no evidence"}},
		{-2, 2, []string{"no evidence of a difference", "in either direction", "evidence that any difference is too small"}, []string{"no evidence that there is none"}},
		{-2, 9, []string{"no evidence of a difference", "rule an advantage of Magnesium L-threonate of that size out", "do not rule out an advantage of placebo"}, []string{"no evidence that there is none"}},
		{-9, 2, []string{"no evidence of a difference, and no evidence that there is none", "rule out an advantage of placebo"}, []string{"evidence that any"}},
		{-9, 9, []string{"no evidence of a difference, and no evidence that there is none", "with none, and with"}, []string{"rule"}},
	}
	for _, c := range cases {
		r := tr.Estimands[0]
		r.Low, r.High, r.Estimate = &c.low, &c.high, pt((c.low+c.high)/2)
		got := strings.ToLower(tr.reading(r))
		for _, w := range c.want {
			if !strings.Contains(got, strings.ToLower(w)) {
				t.Errorf("%v to %v: %q does not say %q", c.low, c.high, got, w)
			}
		}
		for _, w := range c.never {
			if strings.Contains(got, w) {
				t.Errorf("%v to %v: %q says %q", c.low, c.high, got, w)
			}
		}
		// Turned round, the same interval reads the same.
		m := r
		lo, hi, e := -c.high, -c.low, -*r.Estimate
		m.Low, m.High, m.Estimate, m.Better = &lo, &hi, &e, protocol.Higher
		if strings.ToLower(tr.reading(m)) != got {
			t.Errorf("%v to %v: reads otherwise when the scale is turned", c.low, c.high)
		}
		// Where nobody said what matters, nothing is ruled out or called small.
		r.Matters = nil
		got = tr.reading(r)
		if strings.Contains(got, "rule") || strings.Contains(got, "too small") {
			t.Errorf("%v to %v without a smallest difference: %q", c.low, c.high, got)
		}
		if has := strings.Contains(got, "no evidence of a difference"); has != (c.low < 0 && c.high > 0) {
			t.Errorf("%v to %v without a smallest difference: %q", c.low, c.high, got)
		}
	}
}

func TestAnswer(t *testing.T) {
	for _, c := range []struct {
		r    estimate.Results
		want string
	}{
		{null(), "At day 21, the groups differed by 0.41 points on Insomnia Severity Index (Magnesium L-threonate minus placebo; 95\u202f% interval −1.18 to 2.04; p\u00a0=\u00a00.61)."},
		{positive(), "At day 21, Insomnia Severity Index was 2.31 points lower with Magnesium L-threonate than with placebo (95\u202f% interval 0.68 to 3.94 lower; p\u00a0=\u00a00.0061)."},
		{failed(), "Insomnia Severity Index: no estimate. Every value is the same, so there is nothing to compare."},
	} {
		tr := newTrial(c.r)
		if got := tr.answer(tr.Estimands[0]); got != c.want {
			t.Errorf("answer\n%q\nwant\n%q", got, c.want)
		}
	}
}

// A claim is never stronger than its place, and says so where the interval
// alone would tempt.
func TestClaims(t *testing.T) {
	tr := newTrial(positive())
	byID := map[string]estimate.Result{}
	for _, r := range tr.Estimands {
		byID[r.ID] = r
	}
	if got := tr.claim(byID["waso"]); got != "exploratory: not tested" {
		t.Errorf("exploratory: %q", got)
	}
	if got := tr.caution(byID["quality"]); !strings.Contains(got, "was not tested and nothing is claimed") {
		t.Errorf("not tested: %q", got)
	}
	if got := tr.caution(byID["tst"]); got != "" {
		t.Errorf("an interval with zero needs no caution: %q", got)
	}
	harm := byID["isi"]
	harm.Estimate, harm.Low, harm.High = pt(2.0), pt(1.0), pt(3.0)
	if got := tr.claim(harm); got != "difference confirmed, in favour of placebo" {
		t.Errorf("confirmed the other way: %q", got)
	}
	forged := byID["waso"]
	forged.Claim = "confirmed"
	if got := tr.claim(forged); strings.HasPrefix(got, "difference") {
		t.Errorf("an exploratory result confirmed: %q", got)
	}
}

func TestPeople(t *testing.T) {
	tr := newTrial(null())
	all := tr.place(protocol.Primary)
	en, sv := strings.Join(tr.english(all), " "), strings.Join(tr.swedish(all), " ")
	for _, w := range []string{"80 people", "could not tell", "2 points in favour of placebo", "1.2 points in favour of Magnesium", "less than people usually notice"} {
		if !strings.Contains(en, w) {
			t.Errorf("English does not say %q: %s", w, en)
		}
	}
	for _, w := range []string{"80 personer", "inte att skilja åt", "2 poäng till fördel för ”placebo”", "1,2 poäng till fördel för ”Magnesium", "inte märka", "inget medicinskt råd"} {
		if !strings.Contains(sv, w) {
			t.Errorf("Swedish does not say %q: %s", w, sv)
		}
	}
	// 1,234.5 is set the Swedish way.
	if got := swedishNumber("12,345.6"); got != "12\u00a0345,6" {
		t.Errorf("Swedish number: %q", got)
	}
}
