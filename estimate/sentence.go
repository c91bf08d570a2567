package estimate

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"dvala/protocol"
)

// digits writes a number with n significant digits and a true minus sign,
// keeping trailing zeros, without an exponent between 0.0001 and 1e15.
func digits(x float64, n int) string {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return strings.Replace(strconv.FormatFloat(x, 'f', max(n-1, 0), 64), "-", "−", 1)
	}
	return decimals(x, max(n-1-magnitude(x, n), 0))
}

// magnitude is the power of ten of the leading digit of x rounded to n digits.
func magnitude(x float64, n int) int {
	s := strconv.FormatFloat(math.Abs(x), 'e', n-1, 64)
	e, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	return e
}

// decimals writes a number with that many decimals and a true minus sign; what
// rounds to zero has no sign.
func decimals(x float64, n int) string {
	s := strconv.FormatFloat(x, 'f', n, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// together writes numbers that belong together, an estimate and its interval,
// with the same decimals: three significant digits for the largest of them.
func together(xs ...float64) []string {
	largest := 0.0
	for _, x := range xs {
		largest = math.Max(largest, math.Abs(x))
	}
	n := 2
	if largest > 0 {
		n = max(2-magnitude(largest, 3), 0)
	}
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = decimals(x, n)
	}
	return out
}

// pValue writes "p = 0.61" with two digits, "p < 0.001" below that, and
// "p > 0.99" above that.
func pValue(p float64) string {
	switch {
	case p < 0.001:
		return "p < 0.001"
	case p > 0.99:
		return "p > 0.99"
	}
	return "p = " + digits(p, 2)
}

// percentOf writes a level: 0.95 as "95 %".
func percentOf(level float64) string {
	return strconv.FormatFloat(math.Round(level*1e6)/1e4, 'f', -1, 64) + " %"
}

// amount writes a number with its unit.
func amount(number, unit string) string {
	switch unit {
	case "":
		return number
	case "%":
		return number + " percentage points"
	}
	return number + " " + unit
}

// inText is a label within a sentence: its first letter small if the label has
// no other capital before a bracket, so that names and abbreviations keep
// theirs.
func inText(label string) string {
	plain, _, _ := strings.Cut(label, "(")
	if len(plain) < 2 || strings.ToLower(plain[1:]) != plain[1:] {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

var numberWords = []string{"No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"}

// Speak fills in what a result says in plain words: what was found, then what
// the interval rules out and what it does not, against the least difference
// that people notice where one is known. It never calls a wide interval "no
// difference". This is the one wording there is.
func Speak(res *Result) { speakIn(tongue{}, res) }

// speakIn is Speak in a language: the same rules, and so the same verdict of
// the same numbers, in other words.
func speakIn(t tongue, res *Result) {
	if res.Estimate == nil {
		why := firstLower(strings.TrimSuffix(res.Failed, "."))
		if why == "" {
			why = t.say("it could not be computed")
		}
		res.Found, res.Reading = t.say("%s: there is no estimate, because %s.", res.Label, why), ""
	} else {
		res.Found, res.Reading = res.found(t), res.reading(t)
	}
	res.Sentence = strings.TrimSpace(res.Found + " " + res.Reading)
}

// benefit gives the interval turned so that above 0 is better with the
// treatment; that of a ratio on the scale of its logarithm.
func (res *Result) benefit() (low, high float64, ok bool) {
	if res.Low == nil || res.High == nil {
		return 0, 0, false
	}
	low, high = *res.Low, *res.High
	if res.Ratio() {
		low, high = math.Log(low), math.Log(high)
	}
	if res.Better == protocol.Lower {
		low, high = -high, -low
	}
	return low, high, !math.IsNaN(low + high)
}

func firstLower(s string) string {
	if s == "" || len(s) > 1 && strings.ToLower(s[1:2]) != s[1:2] {
		return s
	}
	c, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(string(c)) + s[n:]
}

// found is the first half: what was seen.
func (res *Result) found(t tongue) string {
	e := res.Estimand
	a, b := t.inText(e.Treatment), t.inText(e.Comparator)
	tail := ""
	if res.P != nil {
		tail = t.number(pValue(*res.P))
	}
	low, high, bounded := res.benefit()
	if !bounded {
		n := t.together(*res.Estimate)
		return capital(t.say("%s %s differed by %s %s %s (%s minus %s; %s).", e.Moment, t.who(e), t.amount(n[0], res.Unit), t.on(res.Unit), t.theLabel(res.Label), a, b, tail))
	}
	n := t.together(*res.Estimate, *res.Low, *res.High)
	level := t.number(percentOf(res.Level))
	if tail != "" {
		tail = "; " + tail
	}
	if res.Ratio() {
		return capital(t.say(map[string]string{
			"odds-ratio": "%s the odds of a higher answer on %s with %s were %s times that with %s (%s interval %s to %s%s).",
			"risk-ratio": "%s the share (%s) with %s was %s times that with %s (%s interval %s to %s%s).",
			"rate-ratio": "%s the mean of %s with %s was %s times that with %s (%s interval %s to %s%s).",
		}[res.Summary], e.Moment, res.ratioOf(t), a, n[0], b, level, n[1], n[2], tail))
	}
	label := t.theLabel(res.Label)
	if res.Summary == "risk-difference" || res.Summary == "survival-difference" {
		label = t.say("the share (%s)", t.inText(res.Label))
	}
	if low <= 0 && high >= 0 {
		return capital(t.say("%s %s differed by %s %s %s (%s minus %s; %s interval %s to %s%s).",
			e.Moment, t.who(e), t.amount(n[0], res.Unit), t.on(res.Unit), label, a, b, level, n[1], n[2], tail))
	}
	way := t.say("higher")
	near, far := *res.Low, *res.High
	if *res.Estimate < 0 {
		way, near, far = t.say("lower"), -far, -near
	}
	n = t.together(math.Abs(*res.Estimate), near, far)
	return capital(t.say("%s %s was %s %s with %s than with %s (%s interval %s to %s %s%s).",
		e.Moment, label, t.amount(n[0], res.Unit), way, a, b, level, n[1], n[2], way, tail))
}

// ratioOf is the label as a ratio's sentence has it.
func (res *Result) ratioOf(t tongue) string {
	if res.Summary == "risk-ratio" {
		return t.inText(res.Label)
	}
	return t.theLabel(res.Label)
}

// capital begins a sentence.
func capital(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	c, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(c)) + s[n:]
}

// theLabel puts an article before a name or an abbreviation, as in "on the
// ISI" and "on the Insomnia Severity Index".
func theLabel(label string) string {
	named := func(w string) bool { return w != "" && w[0] >= 'A' && w[0] <= 'Z' }
	w := strings.Fields(label)
	if len(w) > 1 && named(w[0]) && named(w[1]) || len(w) == 1 && label == strings.ToUpper(label) {
		return "the " + label
	}
	return inText(label)
}

// reading is the second half: what the interval allows and what it rules out.
// What the procedure did not confirm is told as what the data look like when
// taken alone, and never as shown.
func (res *Result) reading(t tongue) string {
	low, high, ok := res.benefit()
	if !ok {
		return ""
	}
	w := wording{t, t.inText(res.Estimand.Treatment), t.inText(res.Estimand.Comparator), t.say("the data show")}
	if res.Claim != "confirmed" {
		w.shows = t.say("taken alone, the data point to")
	}
	out := ""
	if res.Matters == nil || *res.Matters <= 0 {
		out = w.unmeasured(low, high)
	} else {
		out = t.leastNoticed(*res.Matters, res.Unit) + ": " + w.measured(low, high, *res.Matters)
	}
	switch {
	case low <= 0 && high >= 0 || res.Analysis != "":
	case res.Place == protocol.Exploratory:
		out += " " + t.say("This was explored and not tested: nothing is claimed from it.")
	case res.Claim == "not tested":
		out += " " + t.say("It was not reached in the order of tests, so nothing is claimed from it.")
	case res.Claim == "not confirmed":
		out += " " + t.say("With all that was tested it is not confirmed.")
	}
	return out
}

// wording holds the words that the two halves of an answer share.
type wording struct {
	tongue
	treatment, comparator, shows string
}

// measured sets the interval, positive being a benefit, against the least
// difference that people notice.
func (w wording) measured(low, high, m float64) string {
	switch {
	case low > 0 && low >= m:
		return w.say("%s a benefit of %s at least as large.", w.shows, w.treatment)
	case low > 0 && high < m:
		return w.say("%s a difference in favour of %s, and rule out one that large.", w.shows, w.treatment)
	case low > 0:
		return w.say("%s a difference in favour of %s; they do not tell whether it is that large.", w.shows, w.treatment)
	case high < 0 && high <= -m:
		return w.say("%s a difference at least as large in favour of %s.", w.shows, w.comparator)
	case high < 0 && low > -m:
		return w.say("%s a difference in favour of %s, smaller than that; such a benefit of %s is ruled out.", w.shows, w.comparator, w.treatment)
	case high < 0:
		return w.say("%s a difference in favour of %s; such a benefit of %s is ruled out.", w.shows, w.comparator, w.treatment)
	case high < m && low > -m:
		return w.say("the data rule such a benefit out, and such a harm as well.")
	case high < m:
		return w.say("the data rule such a benefit out; a harm of that size they do not rule out.")
	case low > -m:
		return w.say("the data are no evidence of a difference and no evidence that there is none, since such a benefit remains possible.")
	}
	return w.say("the data are no evidence of a difference and no evidence that there is none, since such a benefit and such a harm remain possible.")
}

// unmeasured is the answer where nobody knows how much matters.
func (w wording) unmeasured(low, high float64) string {
	shows := capital(w.shows)
	switch {
	case low > 0:
		return w.say("%s a difference in favour of %s. How large a difference people notice is not known here.", shows, w.treatment)
	case high < 0:
		return w.say("%s a difference in favour of %s. How large a difference people notice is not known here.", shows, w.comparator)
	}
	return w.say("That is no evidence of a difference, and no proof that there is none. How large a difference people notice is not known here, so the interval has to be judged by the reader.")
}

// trimmed writes a number as somebody stated it.
func trimmed(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), "-", "−", 1)
}
