package estimate

import (
	"fmt"

	"dvala/study"
)

// baselineNightsWanted is how many nights a person's baseline should rest on:
// below it the mean says little about her usual sleep.
const baselineNightsWanted = 5

// checks gives what the source verified, then what the tables themselves show.
func (r *run) checks() []Check {
	out := append([]Check(nil), r.data.Checks...)
	if !r.data.Facts.External {
		n := len(r.data.People)
		held := n >= r.p.Design.Participants
		out = append(out, Check{
			What: "as many randomised as planned", Held: &held,
			Detail: fmt.Sprintf("%d randomised, %d planned", n, r.p.Design.Participants),
		})
	}
	done := map[string]bool{}
	for _, e := range r.checked.InOrder() {
		span := e.Variable.BaselineNights
		o, _ := r.checked.Outcome(e.Variable.Outcome)
		from := "the diary"
		if o.Source.Device != "" {
			from = "the device (" + o.Source.Device + ")"
		}
		if span == nil || done[from] {
			continue
		}
		done[from] = true // its other measures come of the same nights
		few, least := 0, -1
		for _, p := range r.data.People {
			n := 0
			for _, x := range r.index.nights[[2]string{p.Subject, e.Variable.Outcome}] {
				if x.Day >= span.From && x.Day <= span.To && (x.Period == 0 || r.parallel()) {
					n++
				}
			}
			if n < baselineNightsWanted {
				few++
			}
			if least < 0 || n < least {
				least = n
			}
		}
		held := few == 0
		out = append(out, Check{
			What: fmt.Sprintf("at least %d baseline nights of %s for everyone", baselineNightsWanted, from), Held: &held,
			Detail: fmt.Sprintf("%d of %d people have fewer; the least is %d", few, len(r.data.People), max(least, 0)),
		})
	}
	return out
}

// qualityChecks tells what the ledger shows of how the data came about.
func qualityChecks(s *study.State) []Check {
	var corrections, corrected, superseded, late, diaries int
	for _, id := range s.Order {
		p := s.People[id]
		if p.Randomised == nil {
			continue
		}
		corrections += len(p.Corrections)
		if len(p.Corrections) > 0 {
			corrected++
		}
		for _, r := range p.Diary {
			diaries++
			if r.Answered.Late {
				late++
			}
		}
		for _, nights := range p.Nights {
			for _, n := range nights {
				superseded += n.Superseded
			}
		}
	}
	return []Check{
		{What: "corrections", Detail: fmt.Sprintf("%d entries corrected, of %d people; the old values and the reasons stand on the ledger", corrections, corrected)},
		{What: "diary entries made late", Detail: fmt.Sprintf("%d of %d", late, diaries)},
		{What: "device nights replaced by a later version", Detail: itoa(superseded)},
	}
}
