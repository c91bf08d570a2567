package report

import (
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/voice"
)

// The first screen says what the results say of themselves, set for print.
func TestAnswer(t *testing.T) {
	for _, c := range []struct {
		r              estimate.Results
		found, reading string
	}{
		{null(), "After 21 days the groups differed by 0.41 points on the Insomnia Severity Index (Magnesium L-threonate minus placebo; 95\u202f% interval −1.18 to 2.04; p\u00a0=\u00a00.61).", "the data rule such a benefit out, and such a harm as well"},
		{positive(), "After 21 days the Insomnia Severity Index was 2.31 points lower with Magnesium L-threonate than with placebo (95\u202f% interval 0.68 to 3.94 lower; p\u00a0=\u00a00.0061).", "and rule out one that large"},
		{failed(), "Insomnia Severity Index: there is no estimate, because every value is the same, so there is nothing to compare.", ""},
	} {
		f := newTrial(c.r).first()
		if f.Answer != c.found {
			t.Errorf("answer\n%q\nwant\n%q", f.Answer, c.found)
		}
		if !strings.Contains(f.Reading, c.reading) {
			t.Errorf("reading %q, want %q", f.Reading, c.reading)
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
	if got := tr.meant(byID["quality"]); !strings.Contains(got, "not reached in the order of tests, so nothing is claimed") {
		t.Errorf("not tested: %q", got)
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
	// 12,345.6 is set the Swedish way.
	if got := voice.In("sv").Fixed(12345.6, 1); got != "12\u00a0345,6" {
		t.Errorf("Swedish number: %q", got)
	}
}
