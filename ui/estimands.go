package ui

import (
	"strings"

	"dvala/protocol"
)

// estimandView is an estimand in words: the five attributes of ICH E9(R1), and how
// it is estimated.
type estimandView struct {
	ID, Place   string
	Treatment   string
	Population  string
	Variable    string
	Events      []string
	Summary     string
	Model       string
	Sensitivity []string
	Why         string
	Primary     bool
}

// estimands tells those of a protocol in the reader's words.
func (a *ask) estimands(c protocol.Checked) []estimandView {
	p := c.Protocol()
	arms, visits := map[string]string{}, map[string]string{}
	for _, arm := range p.Arms {
		arms[arm.ID] = a.in(arm.Label)
	}
	for _, v := range p.Visits {
		visits[v.ID] = a.in(v.Label)
	}
	outcomes := map[string]protocol.Outcome{}
	for _, o := range p.Outcomes {
		outcomes[o.ID] = o
	}
	primary, _ := c.Primary()
	var out []estimandView
	for _, e := range c.InOrder() {
		o := outcomes[e.Variable.Outcome]
		v := estimandView{
			ID: e.ID, Place: a.words.tell(a.lang, string(e.Place)), Why: e.Why, Primary: e.ID == primary.ID,
			Treatment:  a.t("%s against %s", arms[e.Treatment.Treatment], arms[e.Treatment.Comparator]),
			Population: a.words.tell(a.lang, e.Population),
			Variable:   a.variable(e.Variable, o, visits),
			Summary:    a.words.tell(a.lang, e.Summary),
			Model:      a.words.coded(a.lang, "model:", e.Model.Kind),
		}
		for _, x := range e.Events {
			says := a.words.coded(a.lang, "event:", x.Event) + ": " + a.words.coded(a.lang, "strategy:", x.Strategy)
			if x.Value != nil {
				says += " (" + number(a.lang, *x.Value) + ")"
			}
			v.Events = append(v.Events, says)
		}
		for _, x := range e.Sensitivity {
			v.Sensitivity = append(v.Sensitivity, a.words.coded(a.lang, "sensitivity:", x.Kind))
		}
		out = append(out, v)
	}
	return out
}

// variable says what is measured, in which unit, when, and how small a difference
// people notice.
func (a *ask) variable(v protocol.Variable, o protocol.Outcome, visits map[string]string) string {
	says := []string{a.in(o.Label)}
	if o.Unit != "" {
		says[0] += " (" + a.words.coded(a.lang, "unit:", o.Unit) + ")"
	}
	var at []string
	for _, id := range append([]string{v.Visit}, v.Visits...) {
		if id != "" {
			at = append(at, visits[id])
		}
	}
	if len(at) > 0 {
		says = append(says, a.t("at")+" "+strings.Join(at, ", "))
	}
	if v.Nights != nil {
		says = append(says, a.t("nights of days %s to %s", minus(v.Nights.From), minus(v.Nights.To)))
	}
	if v.Change {
		says = append(says, a.t("as the change from baseline"))
	}
	if o.Better != "" {
		says = append(says, a.words.coded(a.lang, "better:", string(o.Better)))
	}
	if o.Matters != nil {
		says = append(says, a.t("people notice %s", number(a.lang, *o.Matters)))
	}
	return strings.Join(says, "; ")
}
