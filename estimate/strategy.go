package estimate

import (
	"slices"

	"dvala/protocol"
)

// The strategies of ICH E9(R1) as this version carries them out:
//
//	treatment-policy    every value counts, whatever happened
//	hypothetical        values that the event touched are left out, and the
//	                    model speaks for what they would have been, taking them
//	                    to be missing at random
//	while-on-treatment  values up to the event count; at a visit after it, the
//	                    last one before it stands in
//	composite           what the event touches is the value that the protocol
//	                    states, whether or not something was recorded
//	principal-stratum   the complier effect, for an event of the treatment arm
//
// What is measured on a day tells of the evening before it: an event from day
// f to day t touches what is measured on days f+1 to t+1, and without a t all
// that comes after f.
const (
	treatmentPolicy  = "treatment-policy"
	hypothetical     = "hypothetical"
	whileOnTreatment = "while-on-treatment"
	composite        = "composite"
	principalStratum = "principal-stratum"
)

// death is the intercurrent event that is terminal: there is no value after it, so
// that no strategy counts one (package protocol refuses treatment-policy for it).
const death = "died"

func removes(strategy string) bool { return strategy == hypothetical || strategy == whileOnTreatment }

// happened gives the events of a person as an estimand counts them. A death is one
// of its own where the estimand names it; where it does not, it ends the treatment
// and the person's part in the trial, as stopping and withdrawing do.
func (r *run) happened(s *set, subject string) []Intercurrent {
	all := r.index.events[subject]
	i := slices.IndexFunc(all, func(x Intercurrent) bool { return x.Event == death })
	if i < 0 || slices.ContainsFunc(s.estimand.Events, func(e protocol.Event) bool { return e.Event == death }) {
		return all
	}
	out := slices.Clone(all)
	for _, as := range []string{"stopped-dose", "withdrew"} {
		x := all[i]
		x.Event = as
		out = append(out, x)
	}
	return out
}

// takenOut says whether a strategy leaves out what was measured on a day
// counted from randomisation, and after which event.
func (r *run) takenOut(s *set, subject string, day int) (event string, out bool) {
	if len(s.estimand.Events) == 0 {
		return "", false
	}
	for _, x := range r.happened(s, subject) {
		i := slices.IndexFunc(s.estimand.Events, func(e protocol.Event) bool { return e.Event == x.Event })
		if i < 0 || day <= x.From {
			continue
		}
		switch s.estimand.Events[i].Strategy {
		case hypothetical:
			if x.To == nil || day <= *x.To+1 {
				return x.Event, true
			}
		case whileOnTreatment:
			return x.Event, true
		}
	}
	return "", false
}

// standsFor gives the value that a composite strategy puts in the place of what
// was or would have been measured on a day.
func (r *run) standsFor(s *set, subject string, day int) (x float64, ok bool) {
	for _, ev := range s.estimand.Events {
		if ev.Strategy != composite || ev.Value == nil {
			continue
		}
		for _, e := range r.happened(s, subject) {
			if e.Event == ev.Event && day > e.From && (e.To == nil || day <= *e.To+1) {
				return *ev.Value, true
			}
		}
	}
	return 0, false
}

// onTreatmentUntil gives the day of the first event that ends a person's
// treatment under the while-on-treatment strategy.
func (r *run) onTreatmentUntil(s *set, subject string) (day int, ok bool) {
	for _, x := range r.happened(s, subject) {
		for _, e := range s.estimand.Events {
			if e.Event == x.Event && e.Strategy == whileOnTreatment && (!ok || x.From < day) {
				day, ok = x.From, true
			}
		}
	}
	return day, ok
}
