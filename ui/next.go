package ui

import (
	"cmp"
	"slices"
	"strconv"

	"dvala/civil"
	"dvala/desk"
	"dvala/schedule"
	"dvala/study"
)

// nextLine is something that is due of a person now, or what comes next of her
// visits, and the act by which it is done, if the reader may do it.
type nextLine struct {
	What  string
	Until civil.Date // it counts until this day; zero: no day is said
	On    civil.Date // it is planned for this day; zero: it is now
	Link  string     // below the person's page; empty: there is nothing to do
	Act   string     // what the link does
}

// next gives what is due of somebody now: the diary that can be filled in in time,
// the visits that can be held, the queries that are open. Where there is nothing, it
// gives the visit that is planned first.
func (p *participantPage) next(a *ask, x *study.Participant) (out []nextLine) {
	if i := slices.IndexFunc(p.Forms, func(f openForm) bool { return !f.Late }); i >= 0 {
		out = append(out, nextLine{What: a.t("Diary") + " " + p.Forms[i].Label, Link: p.Forms[i].Link, Act: "Fill in"})
	}
	if p.Enrolled != nil && p.Completed == nil && inTrial(x) {
		for _, v := range p.Visits {
			if p.canHold(v) {
				out = append(out, p.visitLine(v))
			}
		}
	}
	for _, q := range x.Queries {
		if q.OpenNow() {
			out = append(out, queryLine(a, x, q))
		}
	}
	if len(out) > 0 || p.Completed != nil || !inTrial(x) {
		return out
	}
	coming := slices.DeleteFunc(slices.Clone(p.Visits), func(v desk.Visit) bool { return v.State != schedule.Scheduled })
	if len(coming) == 0 {
		return nil
	}
	first := slices.MinFunc(coming, func(x, y desk.Visit) int { return cmp.Compare(x.Day, y.Day) })
	return []nextLine{{What: first.Label, On: first.On}}
}

// canHold says whether a visit can be held today and is not whole.
func (p *participantPage) canHold(v desk.Visit) bool {
	open := v.State == schedule.Open || v.State == schedule.Partial || v.State == schedule.Late
	return open && !v.Planned && !p.Today.Before(v.First) && !v.Last.Before(p.Today)
}

// visitLine leads to the first form of a visit that has not come.
func (p *participantPage) visitLine(v desk.Visit) nextLine {
	l := nextLine{What: v.Label, Until: v.Last}
	i := slices.IndexFunc(v.Forms, func(f desk.Form) bool { return f.Response == nil })
	if i >= 0 && p.CanFill(v) {
		l.Link, l.Act = "do/answer?instrument="+v.Forms[i].Instrument+"&visit="+v.Name, "Fill in"
	}
	return l
}

// queryLine leads to what a query waits for: an answer, or to be closed.
func queryLine(a *ask, x *study.Participant, q *study.Query) nextLine {
	id := strconv.FormatUint(q.ID, 10)
	l := nextLine{What: a.t("Query") + " " + id}
	switch {
	case q.State == study.QueryIsAnswered && a.mayOf("close-query", x):
		l.Link, l.Act = "do/close-query?query="+id, "Close"
	case q.State != study.QueryIsAnswered && a.mayOf("answer-query", x):
		l.Link, l.Act = "do/answer-query?query="+id, "Answer"
	}
	return l
}
