package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/protocol"
)

// people is the summary for those who took part, in English and in Swedish,
// written side by side and not translated word for word, the language of the
// report first. Names of outcomes and arms stand as the results give them.
func (t trial) people() section {
	s := section{ID: "people", Title: t.Say("For the people who took part")}
	if t.Dummy {
		s.Blocks = append(s.Blocks, block{Text: t.Say("Written when the allocation is opened: a dry run has nothing to tell anyone."), Class: "none"})
		return s
	}
	english := []block{{Sub: "In English", Lang: "en"}}
	e := t
	if t.inEnglish != nil {
		e = *t.inEnglish
	}
	for _, p := range e.english(e.place(protocol.Primary)) {
		english = append(english, block{Text: p, Lang: "en", Class: "people"})
	}
	swedish := []block{{Sub: "På svenska", Lang: "sv"}}
	for _, p := range t.swedish(t.place(protocol.Primary)) {
		swedish = append(swedish, block{Text: p, Lang: "sv", Class: "people"})
	}
	if t.IsSwedish() {
		s.Blocks = append(swedish, english...)
	} else {
		s.Blocks = append(english, swedish...)
	}
	return s
}

func (t trial) english(all []estimate.Result) []string {
	out := []string{fmt.Sprintf("Thank you. %s people were drawn by lot in this trial, and you were one of them. We asked: %s",
		t.Int(t.Flow.Randomised), sentence(first1(t.Trial.Question, t.Trial.Title)))}
	if t.Trial.Simulated {
		out[0] = fmt.Sprintf("Nobody took part in this trial: a program made up %s people. This is what such a letter looks like. The question was: %s",
			t.Int(t.Flow.Randomised), sentence(first1(t.Trial.Question, t.Trial.Title)))
	}
	out = append(out, t.englishFound(all))
	if n := harmed(t.Harms); t.harmsKnown() {
		out = append(out, fmt.Sprintf("%s of them had at least one symptom or illness that was written down while the trial ran, whether or not the treatment caused it. %s",
			t.Int(n), map[bool]string{true: "None of these was serious.", false: "Some of these were serious; the table of adverse events says which."}[len(t.Harms.Serious) == 0]))
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
		return "What we found: " + t.found(r)
	}
	size := t.spoken(math.Abs(*r.Estimate)) + t.unit(r.Unit)
	worst, best := t.spoken(math.Abs(s.low))+t.unit(r.Unit), t.spoken(math.Abs(s.high))+t.unit(r.Unit)
	switch {
	case s.low > 0:
		return fmt.Sprintf("What we found: on %s, %s did better than %s by about %s. Chance blurs such numbers: the true difference may be anything from %s to %s.", r.Label, a, b, size, worst, best) + t.small(s, r, "That is less than people usually notice.")
	case s.high < 0:
		return fmt.Sprintf("What we found: on %s, %s did better than %s by about %s. Chance blurs such numbers: the true difference may be anything from %s to %s.", r.Label, b, a, size, best, worst) + t.small(s, r, "That is less than people usually notice.")
	}
	return fmt.Sprintf("What we found: on %s we could not tell %s and %s apart. The true difference may be anything from %s in favour of %s to %s in favour of %s.", r.Label, a, b, worst, b, best, a) + t.small(s, r, "Either would be less than people usually notice.")
}

// small adds a sentence where the whole interval is smaller than what matters.
func (t trial) small(s span, r estimate.Result, text string) string {
	if r.Matters != nil && s.high < *r.Matters && s.low > -*r.Matters {
		return " " + text
	}
	return ""
}

// spoken rounds to two figures, as one says a number aloud.
func (t trial) spoken(v float64) string {
	if v == 0 || bad(v) {
		return "0"
	}
	d := 1 - int(math.Floor(math.Log10(v)))
	s := t.Fixed(math.Round(v*math.Pow10(d))/math.Pow10(d), min(max(d, 0), 6))
	return t.Trim(s)
}

func harmed(h estimate.Harms) int {
	n := 0
	for _, a := range h.Arms {
		n += a.AtLeastOne
	}
	return n
}
