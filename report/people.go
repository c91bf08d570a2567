package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

// people is the summary for those who took part, in English and in Swedish,
// written side by side and not translated word for word. Names of outcomes and
// arms stand as the results give them.
func (t trial) people() section {
	s := section{ID: "people", Title: "For the people who took part"}
	if t.Dummy {
		s.Blocks = append(s.Blocks, block{Text: "Written when the allocation is opened: a dry run has nothing to tell anyone.", Class: "none"})
		return s
	}
	all := t.place(protocol.Primary)
	s.Blocks = append(s.Blocks, block{Sub: "In English", Lang: "en"})
	for _, p := range t.english(all) {
		s.Blocks = append(s.Blocks, block{Text: p, Lang: "en", Class: "people"})
	}
	s.Blocks = append(s.Blocks, block{Sub: "På svenska", Lang: "sv"})
	for _, p := range t.swedish(all) {
		s.Blocks = append(s.Blocks, block{Text: p, Lang: "sv", Class: "people"})
	}
	return s
}

func (t trial) english(all []estimate.Result) []string {
	out := []string{fmt.Sprintf("Thank you. %s people were drawn by lot in this trial, and you were one of them. We asked: %s",
		figure.Int(t.Flow.Randomised), sentence(first1(t.Trial.Question, t.Trial.Title)))}
	if t.Trial.Simulated {
		out[0] = fmt.Sprintf("Nobody took part in this trial: a program made up %s people. This is what such a letter looks like. The question was: %s",
			figure.Int(t.Flow.Randomised), sentence(first1(t.Trial.Question, t.Trial.Title)))
	}
	out = append(out, t.englishFound(all))
	if n := harmed(t.Harms); t.harmsKnown() {
		out = append(out, fmt.Sprintf("%s of them had at least one symptom or illness that was written down while the trial ran, whether or not the treatment caused it. %s",
			figure.Int(n), map[bool]string{true: "None of these was serious.", false: "Some of these were serious; the table of adverse events says which."}[len(t.Harms.Serious) == 0]))
	}
	return append(out, "One trial is seldom the last word. If you wonder what this means for you, ask someone who knows you and your health.")
}

func (t trial) englishFound(all []estimate.Result) string {
	if len(all) == 0 {
		return "The trial had no single main question, so there is no single answer."
	}
	r := all[0]
	s, ok := spanOf(r)
	a, b := t.sides(r)
	if !ok {
		return "The main question could not be answered with the data we got. That is a fact about the trial, not about you."
	}
	if r.Ratio() {
		return "What we found: " + found(r)
	}
	size := spoken(math.Abs(*r.Estimate)) + unit(r.Unit)
	worst, best := spoken(math.Abs(s.low))+unit(r.Unit), spoken(math.Abs(s.high))+unit(r.Unit)
	switch {
	case s.low > 0:
		return fmt.Sprintf("What we found: on %s, %s did better than %s by about %s. Chance blurs such numbers: the true difference may be anything from %s to %s.", r.Label, a, b, size, worst, best) + small(s, r, "That is less than people usually notice.")
	case s.high < 0:
		return fmt.Sprintf("What we found: on %s, %s did better than %s by about %s. Chance blurs such numbers: the true difference may be anything from %s to %s.", r.Label, b, a, size, best, worst) + small(s, r, "That is less than people usually notice.")
	}
	return fmt.Sprintf("What we found: on %s we could not tell %s and %s apart. The true difference may be anything from %s in favour of %s to %s in favour of %s.", r.Label, a, b, worst, b, best, a) + small(s, r, "Either would be less than people usually notice.")
}

// small adds a sentence where the whole interval is smaller than what matters.
func small(s span, r estimate.Result, text string) string {
	if r.Matters != nil && s.high < *r.Matters && s.low > -*r.Matters {
		return " " + text
	}
	return ""
}

// spoken rounds to two figures, as one says a number aloud.
func spoken(v float64) string {
	if v == 0 || bad(v) {
		return "0"
	}
	d := 1 - int(math.Floor(math.Log10(v)))
	s := figure.Fixed(math.Round(v*math.Pow10(d))/math.Pow10(d), min(max(d, 0), 6))
	return figure.Trim(s)
}

func harmed(h estimate.Harms) int {
	n := 0
	for _, a := range h.Arms {
		n += a.AtLeastOne
	}
	return n
}
