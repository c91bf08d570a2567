package estimate

import (
	"fmt"
	"strings"

	"dvala/protocol"
)

// Attributes are the five of ICH E9(R1), in words that a reader knows.
type Attributes struct {
	Treatment  string          `json:"treatment"`  // label of the treatment
	Comparator string          `json:"comparator"` // and of what it is compared with
	Population string          `json:"population"`
	Variable   string          `json:"variable"`
	Events     []EventStrategy `json:"events"`
	Summary    string          `json:"summary"`
	// Moment begins a sentence about the result: "After 21 days".
	Moment string `json:"moment"`
	// Within says that people are compared with themselves.
	Within bool `json:"within,omitempty"`
}

// EventStrategy is an intercurrent event and what is done about it.
type EventStrategy struct {
	Event    string `json:"event"`
	Strategy string `json:"strategy"`
	Means    string `json:"means"`
}

var eventWords = map[string]string{
	"stopped-dose": "stopping the dose", "prohibited-sleep-aid": "a sleep aid that is not allowed", "travel": "travel",
	"ring-lost": "losing the ring", "unblinded": "being unblinded", "withdrew": "withdrawing", "died": "death",
}

func eventOf(code string) string {
	if w := eventWords[code]; w != "" {
		return w
	}
	return words(code)
}

// attributesOf tells an estimand.
func attributesOf(l layout, e protocol.Estimand, o protocol.Outcome) Attributes {
	r := run{layout: l}
	a := Attributes{
		Treatment: l.label(e.Treatment.Treatment), Comparator: l.label(e.Treatment.Comparator),
		Population: "Everyone randomised to either", Variable: variableWords(r, e, o),
		Events: []EventStrategy{}, Moment: r.moment(e.Variable, o), Within: !l.parallel(),
	}
	if a.Within {
		a.Population = "Everyone randomised"
	}
	if e.Model.Kind == "complier" {
		a.Moment = "In those who take it, " + firstLower(a.Moment)
		a.Population = "Those among everyone randomised who would take the treatment as planned if it were given to them (a principal stratum)"
	}
	for _, ev := range e.Events {
		a.Events = append(a.Events, EventStrategy{eventOf(ev.Event), words(ev.Strategy), strategyMeans(ev, e, o)})
	}
	a.Summary = summaryWords(e.Summary, inText(a.Treatment), inText(a.Comparator))
	return a
}

func variableWords(r run, e protocol.Estimand, o protocol.Outcome) string {
	out := o.Label.In("en")
	if o.Source.Event == "" {
		out += ", " + r.when(e.Variable)
	}
	if o.Responder != nil {
		return out + ": " + responderWords(*o.Responder)
	}
	if o.Source.Event != "" {
		return out + ", counted from randomisation to day " + itoa(r.p.Design.TreatmentDays)
	}
	var more []string
	if o.Unit != "" {
		more = append(more, o.Unit)
	}
	switch o.Better {
	case protocol.Lower:
		more = append(more, "lower is better")
	case protocol.Higher:
		more = append(more, "higher is better")
	}
	return out + " (" + strings.Join(more, "; ") + ")"
}

func responderWords(x protocol.Responder) string {
	num := func(f *float64) string { return trimmed(*f) }
	switch {
	case x.Drop != nil:
		return "yes where it is at least " + num(x.Drop) + " lower than at baseline"
	case x.Rise != nil:
		return "yes where it is at least " + num(x.Rise) + " higher than at baseline"
	case x.Below != nil:
		return "yes where it is under " + num(x.Below)
	case x.AtLeast != nil:
		return "yes where it is " + num(x.AtLeast) + " or more"
	}
	return ""
}

func summaryWords(summary, a, b string) string {
	return map[string]string{
		"mean-difference":     "Difference in means, " + a + " minus " + b,
		"risk-difference":     "Difference in the shares who respond, " + a + " minus " + b + ", had everybody been given each",
		"risk-ratio":          "Ratio of the shares who respond, " + a + " to " + b + ", had everybody been given each",
		"odds-ratio":          "Ratio of the odds of a higher answer, " + a + " to " + b,
		"rate-ratio":          "Ratio of mean counts, " + a + " to " + b + ", had everybody been given each",
		"survival-difference": "Difference in the share without the event at the end of treatment, " + a + " minus " + b,
	}[summary]
}

// strategyMeans says what a strategy does to the values.
func strategyMeans(ev protocol.Event, e protocol.Estimand, o protocol.Outcome) string {
	switch ev.Strategy {
	case treatmentPolicy:
		return "values count all the same"
	case hypothetical:
		if e.Model.Missing != "" && e.Model.Missing != "at-random" {
			return "values after it are left out, and taken to have been as " + referenceWords[e.Model.Missing] + " has them"
		}
		return "values after it are left out, and the model speaks for what they would have been"
	case composite:
		if ev.Value != nil {
			unit := o.Unit
			if o.Kind == "binary" {
				unit = ""
			}
			return "counts as " + amount(trimmed(*ev.Value), unit) + " from then on"
		}
	case whileOnTreatment:
		if o.Source.Nightly() {
			return "values count until then"
		}
		return "the last value before it counts"
	case principalStratum:
		return "the effect is told of those who would not have had it"
	}
	return ""
}

// moment begins a sentence with the time point.
func (r *run) moment(v protocol.Variable, o protocol.Outcome) string {
	switch {
	case o.Source.Event != "":
		return "Until day " + itoa(r.p.Design.TreatmentDays)
	case v.Nights != nil:
		return "Over " + r.when(v)
	case len(v.Visits) > 0:
		return "Within people"
	}
	x, _ := r.checked.Visit(v.Visit)
	if x.Day == 1 {
		return "After one day"
	}
	return fmt.Sprintf("After %d days", x.Day)
}
