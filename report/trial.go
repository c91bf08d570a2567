package report

import (
	"strings"
	"unicode/utf8"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/report/voice"
)

// trial is the results with what every section asks of them: names and looks
// of arms.
type trial struct {
	voice.Voice
	estimate.Results
	looks     map[string]figure.Look
	inEnglish *trial // of a report in Swedish, the results as they were
}

func newTrial(r estimate.Results) trial { return newTrialIn(voice.Voice{}, r) }

// newTrialIn is newTrial with its words in a voice.
func newTrialIn(v voice.Voice, r estimate.Results) trial {
	t := trial{Voice: v, Results: r, looks: map[string]figure.Look{}}
	comparator := make([]bool, len(r.Arms))
	for i, a := range r.Arms {
		comparator[i] = a.Role == protocol.Comparator
	}
	for i, l := range figure.Looks(comparator) {
		t.looks[r.Arms[i].ID] = l
	}
	return t
}

// crossover says that people had several treatments in turn.
func (t trial) crossover() bool { return t.Trial.Design != protocol.Parallel && t.Trial.Design != "" }

// label is what an arm or a sequence is called.
func (t trial) label(id string) string {
	for _, list := range [][]estimate.ArmInfo{t.Arms, t.Sequences} {
		for _, a := range list {
			if a.ID == id && a.Label != "" {
				return a.Label
			}
		}
	}
	return id
}

func (t trial) labels(arms []estimate.ArmInfo) []string {
	out := make([]string, len(arms))
	for i, a := range arms {
		out[i] = t.label(a.ID)
	}
	return out
}

// look is how an arm is drawn; one that the trial does not list is drawn as a
// comparator.
func (t trial) look(id string) figure.Look {
	if l, ok := t.looks[id]; ok {
		return l
	}
	return figure.Looks([]bool{true})[0]
}

// groups are what was randomised to: arms, or sequences of a crossover.
func (t trial) groups() []estimate.ArmInfo {
	if t.crossover() && len(t.Sequences) > 0 {
		return t.Sequences
	}
	return t.Arms
}

// title is the page's, which stands in the tab and on a printed page's edge.
func (t trial) title() string {
	name := first1(t.Trial.Title, t.Trial.ID, t.Say("Trial report"))
	switch {
	case t.Dummy:
		return t.Say("Dry run: %s", name)
	case t.Trial.Simulated:
		return t.Say("Simulated: %s", name)
	}
	return name
}

func (t trial) banners() []banner {
	var out []banner
	if t.Dummy {
		out = append(out, banner{
			"dummy", t.Say("Dry run on a dummy allocation: no number here says anything about the arms."),
			t.Say("People were put into arms by a list made for this purpose alone, so that tables and figures could be settled before anyone knows who had what."),
		})
	}
	if t.Trial.Simulated {
		out = append(out, banner{
			"simulated", t.Say("Simulated: the participants are made up."),
			t.Say("A program drew them, with an effect it was told. Nothing here says anything about people."),
		})
	}
	return out
}

// design in words.
func (t trial) design() string {
	switch t.Trial.Design {
	case protocol.Parallel:
		return t.Say("Randomised parallel-group trial")
	case protocol.Crossover:
		return t.Say("Randomised crossover trial")
	case protocol.NOf1:
		return t.Say("Series of N-of-1 trials")
	}
	return t.Say("Trial")
}

// place lists the results of one place, in their order.
func (t trial) place(p protocol.Place) []estimate.Result {
	var out []estimate.Result
	for _, r := range t.Estimands {
		if r.Place == p {
			out = append(out, r)
		}
	}
	return out
}

// sides gives the names of the two arms of a difference as they stand within a
// sentence: the treatment first.
func (t trial) sides(r estimate.Result) (treatment, comparator string) {
	if len(r.Arms) >= 2 {
		return within(t.label(r.Arms[0].Arm)), within(t.label(r.Arms[1].Arm))
	}
	treatment, comparator = t.Say("the treatment"), t.Say("the comparator")
	for i := len(t.Arms) - 1; i >= 0; i-- {
		if t.Arms[i].Role == protocol.Comparator {
			comparator = within(t.label(t.Arms[i].ID))
		} else {
			treatment = within(t.label(t.Arms[i].ID))
		}
	}
	return treatment, comparator
}

// first1 gives the first text that is not blank.
func first1(texts ...string) string {
	for _, s := range texts {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// capital begins a sentence.
func capital(s string) string {
	for i, r := range s {
		if !voice.IsMark(r) {
			return s[:i] + strings.ToUpper(string(r)) + s[i+len(string(r)):]
		}
	}
	return s
}

// within is a label inside a sentence: its first letter small, unless another
// capital shows that it is a name or an abbreviation.
func within(label string) string {
	if r, n := utf8.DecodeRuneInString(label); voice.IsMark(r) {
		return label[:n] + within(label[n:])
	}
	_, n := utf8.DecodeRuneInString(label)
	if n >= len(label) || strings.ToLower(label[n:]) != label[n:] {
		return label
	}
	return strings.ToLower(label[:n]) + label[n:]
}

// hyphens puts back those that belong to the words.
var hyphens = strings.NewReplacer("follow up", "follow-up", "run in ", "run-in ")

// plain turns a code of the data ("visit-outside-window") into words. What has
// spaces or capitals is words already.
func (t trial) plain(code string) string {
	if t.IsSwedish() || strings.Contains(code, " ") || strings.ToLower(code) != code {
		return capital(code)
	}
	return capital(hyphens.Replace(strings.NewReplacer("-", " ", "_", " ").Replace(code)))
}

// reasons tells counts in a line: "Adverse event (2); Moved (1)".
func (t trial) reasons(cs []estimate.Count) string {
	var parts []string
	for _, c := range cs {
		parts = append(parts, t.plain(c.What)+" ("+t.Int(c.N)+")")
	}
	if len(parts) == 0 {
		return figure.Dash
	}
	return strings.Join(parts, "; ")
}

func total(cs []estimate.Count) int {
	n := 0
	for _, c := range cs {
		n += c.N
	}
	return n
}

// yes tells what may be unknown.
func yes(b *bool) string {
	switch {
	case b == nil:
		return "unknown"
	case *b:
		return "yes"
	}
	return "no"
}
