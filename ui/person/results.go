package person

import (
	"encoding/json"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/study"
)

// ownResults is what came of a trial of one person, in her language and for her
// telephone: the answer to what she asked, what of it can be ruled out, her boxes,
// and what else was looked at.
type ownResults struct {
	Question string // what was compared
	Found    string // the difference with its interval
	Reading  string // what that allows and rules out
	Cycles   string // what her cycles alone say
	Failed   bool
	Effect   template.HTML
	Boxes    template.HTML
	Lines    []boxLine
	Others   []told
	Guessed  string
}

// boxLine is one box, what was in it and what she thought.
type boxLine struct {
	N                  int
	Was, Guess, Figure string
}

// ownResults reads the recorded results; nil where there are none.
func (p *Pages) ownResults(v *visit) (*ownResults, error) {
	raw, _, ok, err := p.office.Results(v.r.Context(), v.caller)
	if err != nil || !ok {
		return nil, err
	}
	var r estimate.Results
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fault.Wrap("results-json", "results.json", err)
	}
	out := &ownResults{}
	err = p.me(v, func(s *study.State, person *study.Participant) error {
		proto := inForce(s, person, v.now)
		for _, e := range r.Estimands {
			one := p.ownEffect(v, proto, e)
			if e.Place != protocol.Primary {
				out.Others = append(out.Others, told{one.label + ":", one.difference(p, v.lang)})
				continue
			}
			p.tellPrimary(v, out, one)
			out.Lines = p.boxLines(v, s, person, one)
		}
		return nil
	})
	return out, err
}

// cyclesAlone is how the results name what her cycles say by themselves.
const cyclesAlone = "from the differences within her"

// ownEffect is one estimand's answer with the words for it.
type ownEffect struct {
	estimate.Result
	label, unit  string
	treat, other string // what was compared, named
	arms         map[string]string
	cycles       int
}

func (p *Pages) ownEffect(v *visit, proto protocol.Protocol, r estimate.Result) ownEffect {
	lang := protocol.Language(v.lang)
	e := ownEffect{Result: r, label: r.Label, unit: p.unit(v.lang, r.Unit), arms: armLabels(proto, lang), cycles: proto.Design.Cycles}
	for _, x := range proto.Estimands {
		if x.ID != r.ID {
			continue
		}
		e.treat, e.other = e.arms[x.Treatment.Treatment], e.arms[x.Treatment.Comparator]
		for _, o := range proto.Outcomes {
			if o.ID == x.Variable.Outcome {
				e.label = o.Label.In(lang)
			}
		}
	}
	return e
}

// digitsOf is how many decimals an effect is told with.
func (e ownEffect) digitsOf() int {
	largest := 0.0
	for _, x := range []*float64{e.Estimate, e.Low, e.High} {
		if x != nil {
			largest = math.Max(largest, math.Abs(*x))
		}
	}
	switch {
	case largest < 1:
		return 2
	case largest < 10:
		return 1
	}
	return 0
}

// span writes an interval.
func (e ownEffect) span(lang string, low, high float64) string {
	n := e.digitsOf()
	to := map[string]string{"en": " to ", "sv": " till "}[lang]
	return rounded(lang, low, n) + to + rounded(lang, high, n)
}

// difference tells an estimate with its interval in short.
func (e ownEffect) difference(p *Pages, lang string) string {
	if e.Estimate == nil || e.Low == nil || e.High == nil {
		return p.words.say(lang, "own.res.none")
	}
	return p.words.say(lang, "own.res.short", "x", signed(lang, *e.Estimate, e.digitsOf()), "unit", e.unit, "span", e.span(lang, *e.Low, *e.High))
}

// rounded writes a number; what rounds to nothing has no sign.
func rounded(lang string, x float64, n int) string {
	s := decimal(lang, x, n)
	if strings.Trim(s, "−0,.") == "" {
		return strings.TrimPrefix(s, "−")
	}
	return s
}

// signed writes a difference with its sign.
func signed(lang string, x float64, n int) string {
	s := rounded(lang, x, n)
	if x > 0 && strings.Trim(s, "0,.") != "" {
		return "+" + s
	}
	return s
}

func (p *Pages) tellPrimary(v *visit, out *ownResults, e ownEffect) {
	out.Question = p.words.say(v.lang, "own.res.question", "outcome", e.label, "a", e.treat, "b", e.other)
	if e.Estimate == nil || e.Low == nil || e.High == nil {
		out.Failed, out.Found = true, p.words.say(v.lang, "own.res.failed")
		return
	}
	n := e.digitsOf()
	key := "own.res.same"
	switch text := strings.Trim(decimal("en", *e.Estimate, n), "−0."); {
	case text == "":
	case *e.Estimate > 0:
		key = "own.res.higher"
	default:
		key = "own.res.lower"
	}
	out.Found = p.words.say(v.lang, key, "x", decimal(v.lang, math.Abs(*e.Estimate), n), "unit", e.unit, "a", e.treat, "b", e.other, "span", e.span(v.lang, *e.Low, *e.High))
	out.Reading = p.readOwn(v.lang, e)
	for _, t := range e.Terms {
		if strings.HasPrefix(t.Name, cyclesAlone) {
			out.Cycles = p.words.say(v.lang, "own.res.cycles", "x", signed(v.lang, t.Estimate, n), "span", e.span(v.lang, t.Low, t.High))
			alone := e
			alone.Low, alone.High = &t.Low, &t.High
			if reads := p.readOwn(v.lang, alone); reads != out.Reading {
				out.Cycles += " " + reads
			}
		}
	}
	out.Effect = template.HTML(p.drawEffect(v.lang, e)) //nolint:gosec // package figure escapes what it writes
	out.Boxes = template.HTML(p.drawBoxes(v.lang, e))   //nolint:gosec // as above
}

// readOwn says what an interval allows and what it rules out, in the direction
// that she would like.
func (p *Pages) readOwn(lang string, e ownEffect) string {
	low, high := *e.Low, *e.High
	if e.Better == protocol.Lower {
		low, high = -high, -low
	}
	pairs := []any{"a", e.treat, "b", e.other}
	if e.Matters == nil {
		switch {
		case low > 0:
			return p.words.say(lang, "own.read.helps", pairs...)
		case high < 0:
			return p.words.say(lang, "own.read.harms", pairs...)
		}
		return p.words.say(lang, "own.read.open", pairs...)
	}
	pairs = append(pairs, "m", decimal(lang, *e.Matters, places(*e.Matters))+" "+e.unit)
	switch m := *e.Matters; {
	case low >= m:
		return p.words.say(lang, "own.read.enough", pairs...)
	case low > 0 && high < m:
		return p.words.say(lang, "own.read.little", pairs...)
	case low > 0:
		return p.words.say(lang, "own.read.some", pairs...)
	case high < 0:
		return p.words.say(lang, "own.read.harms", pairs...)
	case high < m && low > -m:
		return p.words.say(lang, "own.read.neither", pairs...)
	case high < m:
		return p.words.say(lang, "own.read.not-enough", pairs...)
	}
	return p.words.say(lang, "own.read.unclear", pairs...)
}

// boxLines tells of each box what was in it, what she thought and how her nights
// were.
func (p *Pages) boxLines(v *visit, s *study.State, person *study.Participant, e ownEffect) []boxLine {
	if len(e.People) != 1 {
		return nil
	}
	guesses := p.guesses(v, s, person)
	var out []boxLine
	for _, m := range e.People[0].Periods {
		line := boxLine{N: m.Period, Was: e.arms[m.Arm], Guess: guesses[m.Period]}
		if m.Mean != nil {
			line.Figure = p.words.count(v.lang, "own.res.mean", m.N, "x", decimal(v.lang, *m.Mean, max(1, e.digitsOf())), "unit", e.unit)
		}
		out = append(out, line)
	}
	return out
}

// guesses gives what she thought was in each box, by its period.
func (p *Pages) guesses(v *visit, s *study.State, person *study.Participant) map[int]string {
	out := map[int]string{}
	for _, planned := range s.Visits(person) {
		r := person.Visits[planned.ID]["guess"]
		if r == nil {
			continue
		}
		arm, ok := r.Answers["arm"]
		if !ok {
			continue
		}
		said, _ := arm.Text()
		for _, a := range inForce(s, person, v.now).Arms {
			if said == "active" && a.Role == protocol.Treatment || said == "comparator" && a.Role == protocol.Comparator {
				out[planned.Period] = a.Label.In(protocol.Language(v.lang))
			}
		}
	}
	return out
}

// drawEffect draws the difference with its interval over what she said would
// count.
func (p *Pages) drawEffect(lang string, e ownEffect) string {
	var ext figure.Extent
	ext.Add(0, *e.Low, *e.High)
	if e.Matters != nil {
		ext.Add(-*e.Matters, *e.Matters)
	}
	pad := (ext.High - ext.Low) * 0.08
	x := figure.Scale{From: ext.Low - pad, To: ext.High + pad, A: 8, B: pictureWide - 8}
	const y, bottom = 40.0, 64.0
	title := p.words.say(lang, "own.pic.effect", "a", e.treat, "b", e.other)
	c := figure.NewCanvas("own-effect", pictureWide, bottom+40, title, e.difference(p, lang))
	if e.Matters != nil {
		c.Rect("band", x.At(-*e.Matters), 14, x.At(*e.Matters)-x.At(-*e.Matters), bottom-14)
	}
	c.Line("axis", x.At(0), 10, x.At(0), bottom)
	ticks, n := figure.Ticks(x.From, x.To, 5)
	for _, at := range ticks {
		c.Line("axis", x.At(at), bottom, x.At(at), bottom+4)
		c.Text("small dim mid", x.At(at), bottom+17, rounded(lang, at, n))
	}
	c.Line("ci", x.At(*e.Low), y, x.At(*e.High), y)
	c.Circle("est", x.At(*e.Estimate), y, 6)
	left, right := p.words.say(lang, "own.pic.better", "a", e.other), p.words.say(lang, "own.pic.better", "a", e.treat)
	if e.Better == protocol.Lower {
		left, right = right, left
	}
	c.Text("small dim", 8, bottom+34, "← "+cut(left, 22))
	c.Text("small dim end", pictureWide-8, bottom+34, cut(right, 22)+" →")
	return c.Inline()
}

// drawBoxes draws the mean of the nights of each box, in the order in which she
// opened them: full of the treatment, hollow of what it was compared with.
func (p *Pages) drawBoxes(lang string, e ownEffect) string {
	if len(e.People) != 1 {
		return ""
	}
	const row, top = 24.0, 6.0
	var ext figure.Extent
	var said []string
	periods := slices.DeleteFunc(slices.Clone(e.People[0].Periods), func(m estimate.PeriodMean) bool { return m.Mean == nil })
	for _, m := range periods {
		ext.Add(*m.Mean)
		said = append(said, p.words.say(lang, "own.box", "n", m.Period)+" ("+e.arms[m.Arm]+"): "+decimal(lang, *m.Mean, max(1, e.digitsOf())))
	}
	if len(periods) == 0 {
		return ""
	}
	pad := math.Max((ext.High-ext.Low)*0.15, 1e-9)
	x := figure.Scale{From: ext.Low - pad, To: ext.High + pad, A: pictureLeft + 54, B: pictureWide - 8}
	bottom := top + row*float64(len(periods))
	c := figure.NewCanvas("own-boxes", pictureWide, bottom+22, p.words.say(lang, "own.pic.boxes", "outcome", e.label), strings.Join(said, "; "))
	for i, m := range periods {
		y := top + row*float64(i) + row/2
		c.Text("dim", 0, y+4, strconv.Itoa(m.Period)+" "+cut(e.arms[m.Arm], 18))
		c.Line("grid", x.A, y, x.B, y)
		if m.Arm == e.treated() {
			c.Circle("est", x.At(*m.Mean), y, 5)
		} else {
			c.Circle("est hollow", x.At(*m.Mean), y, 5)
		}
	}
	ticks, n := figure.Ticks(x.From, x.To, 4)
	for _, at := range ticks {
		c.Line("axis", x.At(at), bottom, x.At(at), bottom+4)
		c.Text("small dim mid", x.At(at), bottom+17, rounded(lang, at, n))
	}
	return c.Inline()
}

// treated is the arm that was the treatment.
func (e ownEffect) treated() string {
	for arm, label := range e.arms {
		if label == e.treat {
			return arm
		}
	}
	return ""
}

// cut shortens what is longer than a picture has room for.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
