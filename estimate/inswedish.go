package estimate

import (
	"maps"
	"slices"
	"strings"

	"dvala/estimate/swedish"
	"dvala/protocol"
)

// InSwedish gives results whose texts are in Swedish, for a report; the numbers
// are the same. What a result says of itself is spoken anew from its numbers, by
// the rules that Speak has (Found, Reading, Sentence); labels are as the protocol
// says them in Swedish; all other texts are read by the words of package swedish.
// What remains in English is handed to foreign, which may mark it. Codes and
// units stay as they are.
func InSwedish(r Results, said protocol.Said, foreign func(string) string) Results {
	in := reader{swedish.NewReader(withUnits(r, said), foreign)}
	t := &r.Trial
	t.Title, t.Question, t.Methods = in.Text(t.Title), in.Text(t.Question), in.paragraphs(t.Methods)
	r.Arms, r.Sequences = in.arms(r.Arms), in.arms(r.Sequences)
	r.Flow = in.flow(r.Flow)
	r.Baseline = each(r.Baseline, func(b *BaselineRow) { b.Label, b.Level = in.Text(b.Label), in.Text(b.Level) })
	r.Estimands = each(r.Estimands, in.result)
	r.Series = each(r.Series, func(s *Series) { s.Label = in.Text(s.Label) })
	r.Nights = each(r.Nights, func(n *AverageNight) { n.Span = in.Text(n.Span) })
	r.Harms.NotRecorded = in.Text(r.Harms.NotRecorded)
	r.Deviations = each(r.Deviations, func(d *DeviationRow) { d.Code = in.code(d.Code) })
	r.Missing = each(r.Missing, func(m *MissingRow) { m.Label, m.Why = in.Text(m.Label), in.counts(m.Why) })
	if r.Guess != nil {
		g := *r.Guess
		g.Options = in.texts(g.Options)
		r.Guess = &g
	}
	r.Checks = each(r.Checks, func(c *Check) { c.What, c.Detail = in.Text(c.What), in.Text(c.Detail) })
	if r.Habits != nil {
		h := *r.Habits
		in.habits(&h)
		r.Habits = &h
	}
	r.Multiplicity.Note = in.Text(r.Multiplicity.Note)
	r.Multiplicity.Nodes = each(r.Multiplicity.Nodes, func(n *Node) { n.Label = in.Text(n.Label) })
	return r
}

// SensitivityTitleIn names a further analysis for a reader of a language.
func SensitivityTitleIn(l protocol.Language, kind string) string {
	title := SensitivityTitle(kind)
	if l != "sv" {
		return title
	}
	return swedish.NewReader(nil, func(s string) string { return s }).Text(title)
}

// withUnits adds the units of the results to what is known: one that is no word
// of ours is a symbol or a name, and stands as it is.
func withUnits(r Results, said protocol.Said) map[string]string {
	out := map[string]string{}
	add := func(unit string) {
		if unit != "" {
			out[unit] = swedish.Unit(unit)
		}
	}
	for _, e := range r.Estimands {
		add(e.Unit)
	}
	for _, s := range r.Series {
		add(s.Unit)
	}
	for _, b := range r.Baseline {
		add(b.Unit)
	}
	maps.Copy(out, said)
	return out
}

// reader walks through results.
type reader struct{ *swedish.Reader }

// each changes a copy of every element.
func each[T any](in []T, change func(*T)) []T {
	out := slices.Clone(in)
	for i := range out {
		change(&out[i])
	}
	return out
}

func (in reader) texts(ss []string) []string {
	return each(ss, func(s *string) { *s = in.Text(*s) })
}

// code is a code of the data, which the English report tells by its words.
func (in reader) code(s string) string {
	if in.Understood(s) || strings.ContainsAny(s, " ") || strings.ToLower(s) != s {
		return in.Text(s)
	}
	return in.Text(words(s))
}

func (in reader) counts(cs []Count) []Count {
	return each(cs, func(c *Count) { c.What = in.code(c.What) })
}

func (in reader) arms(as []ArmInfo) []ArmInfo {
	return each(as, func(a *ArmInfo) { a.Label = in.Text(a.Label) })
}

func (in reader) flow(f Flow) Flow {
	f.Excluded = in.counts(f.Excluded)
	f.Arms = each(f.Arms, func(a *ArmFlow) {
		a.Stopped, a.Lost, a.NotAnalysed = in.counts(a.Stopped), in.counts(a.Lost), in.counts(a.NotAnalysed)
	})
	return f
}

// term is a coefficient's name, made of names and levels: "visit=day-14:baseline".
// What is not known of it is a code of the protocol, and stands as it is.
func (in reader) term(s string) string {
	if in.Understood(s) {
		return in.Text(s)
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '=' })
	for _, p := range parts {
		if in.Understood(p) {
			s = strings.Replace(s, p, in.Text(p), 1)
		}
	}
	return s
}

// paragraphs are read one by one, and of a list its lines.
func (in reader) paragraphs(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		for _, begin := range []string{"# ", "- ", ""} {
			if rest, ok := strings.CutPrefix(l, begin); ok {
				lines[i] = begin + in.Text(rest)
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}

// result is one answer, and what was estimated besides.
func (in reader) result(r *Result) {
	r.Label, r.When, r.Method, r.Failed = in.Text(r.Label), in.Text(r.When), in.Text(r.Method), in.Text(r.Failed)
	r.MattersFrom, r.Notes, r.Dropped = in.Text(r.MattersFrom), in.texts(r.Notes), in.counts(r.Dropped)
	e := &r.Estimand
	e.Treatment, e.Comparator, e.Population = in.Text(e.Treatment), in.Text(e.Comparator), in.Text(e.Population)
	e.Variable, e.Summary, e.Moment = in.Text(e.Variable), in.Text(e.Summary), in.Text(e.Moment)
	e.Events = each(e.Events, func(v *EventStrategy) {
		v.Event, v.Strategy, v.Means = in.Text(v.Event), in.Text(v.Strategy), in.Text(v.Means)
	})
	r.Terms = each(r.Terms, func(t *Term) { t.Name = in.term(t.Name) })
	r.Times = each(r.Times, func(t *TimePoint) { t.When = in.Text(t.When) })
	r.Fits = each(r.Fits, func(f *Attempt) { f.Model, f.Why = in.Text(f.Model), in.Text(f.Why) })
	if r.Posterior != nil {
		p := *r.Posterior
		p.Prior = in.Text(p.Prior)
		r.Posterior = &p
	}
	r.Sensitivity = each(r.Sensitivity, in.result)
	speakIn(tongue{swedish: true}, r)
}

func (in reader) habits(h *Habits) {
	h.Label, h.Note, h.Failed, h.Dropped = in.Text(h.Label), in.Text(h.Note), in.Text(h.Failed), in.counts(h.Dropped)
	h.Rows = each(h.Rows, func(r *HabitRow) { r.Habit = in.Text(r.Habit) })
}
