package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/watch"
	"dvala/schedule"
	"dvala/study"
)

// Enrolment is how many came, week by week, beside the plan.
type Enrolment struct {
	Target  int     `json:"target"`
	SoFar   int     `json:"so_far" doc:"randomised"`
	PerWeek float64 `json:"per_week" doc:"over the last four whole weeks"`
	Through string  `json:"through,omitempty" doc:"when the target is reached if it goes on like that"`
	Weeks   []Week  `json:"weeks" nullable:"false"`
	Further
}

// Week is what one week brought.
type Week struct {
	Begins     string  `json:"begins" doc:"a Monday"`
	Screened   int     `json:"screened"`
	Randomised int     `json:"randomised"`
	SoFar      int     `json:"so_far" doc:"randomised up to its end"`
	Planned    float64 `json:"planned,omitempty" doc:"that should have been randomised by then"`
}

// Kept is what was due of a kind, and what came.
type Kept struct {
	Due     int `json:"due"`
	Done    int `json:"done"`
	Tardy   int `json:"tardy" doc:"of these done, after the time"`
	Missed  int `json:"missed" doc:"it is too late"`
	Partial int `json:"partial"`
}

func keptOf(in map[schedule.Kind]watch.Kept) map[string]Kept {
	out := map[string]Kept{}
	for k, x := range in {
		if x.Due > 0 {
			out[string(k)] = Kept{x.Due, x.Done, x.Tardy, x.Missed, x.Partial}
		}
	}
	return out
}

// Complying is how one person complies, by kind of task.
type Complying struct {
	Subject string          `json:"subject"`
	Site    string          `json:"site"`
	ByKind  map[string]Kept `json:"by_kind"`
	Silent  int             `json:"silent" doc:"days on which nothing at all has come that was due"`
}

// Compliance is a page of people.
type Compliance struct {
	People []Complying `json:"participants" nullable:"false" doc:"in the order of screening"`
	Further
}

// OnDay is how all comply on one day of the trial.
type OnDay struct {
	Day    int             `json:"day" doc:"from randomisation"`
	ByKind map[string]Kept `json:"by_kind"`
}

// ComplianceByDay is a page of days.
type ComplianceByDay struct {
	Days []OnDay `json:"days" nullable:"false"`
	Further
}

// Gap is what is not there of one instrument at one visit, or of the diary.
type Gap struct {
	Visit      string `json:"visit,omitempty" doc:"left out: the diary"`
	Instrument string `json:"instrument"`
	Due        int    `json:"due" doc:"people, or nights, for whom it is over"`
	Answered   int    `json:"answered" doc:"whole or in part"`
	Items      int    `json:"items" doc:"that were to be answered in those forms"`
	Blank      int    `json:"blank" doc:"of these, not answered"`
	NotSure    int    `json:"not_sure" doc:"said to be unknown, or not told"`
}

// Gaps is a page of what is missing.
type Gaps struct {
	Gaps []Gap `json:"gaps" nullable:"false" doc:"in the order of the visits, the diary last"`
	Further
}

// watching gives how complete the data are.
func (s *server) watching(api huma.API) {
	huma.Register(api, named("see-enrolment", "see-people", "/enrolment", "Enrolment by week, beside the plan"), s.enrolment)
	huma.Register(api, named("see-compliance", "see-people", "/compliance", "What was due and what came, person by person"), s.compliance)
	huma.Register(api, named("see-compliance-by-day", "see-people", "/compliance/days", "What was due and what came, by day of the trial, all together"), s.complianceByDay)
	huma.Register(api, named("see-missing", "see-people", "/missing", "What is missing, by visit and instrument, all together"), s.missing)
	s.signs(api)
}

func (s *server) enrolment(ctx context.Context, in *struct{ Page }) (*listOut[Enrolment], error) {
	out := Enrolment{Weeks: []Week{}}
	err := s.look(ctx, "see-people", "", func(_ desk.Caller, st *study.State) error {
		r := s.watched.Enrolment(st, desk.AsOf(st, s.office.Now()))
		out.Target, out.SoFar, out.PerWeek, out.Through = r.Target, r.SoFar, r.PerWeek, dateOf(r.Through)
		part, next, err := paged(r.Weeks, in.Page, func(w watch.Week) string { return w.Begins.String() })
		for _, w := range part {
			out.Weeks = append(out.Weeks, Week{w.Begins.String(), w.Screened, w.Randomised, w.SoFar, w.Planned})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) compliance(ctx context.Context, in *AtSite) (*listOut[Compliance], error) {
	out := Compliance{People: []Complying{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		first, err := after(st, in.After)
		if err != nil {
			return err
		}
		sees := onlyAt(s.seesAt(c, "see-person"), in.Site)
		people, _ := s.watched.Compliance(st, desk.AsOf(st, s.office.Now()))
		for _, x := range people {
			if st.People[x.Subject].Place() < first || !sees(x.Site) {
				continue
			}
			if len(out.People) == in.Limit {
				out.Next = out.People[in.Limit-1].Subject
				return nil
			}
			out.People = append(out.People, Complying{string(x.Subject), x.Site, keptOf(x.ByKind), x.Silent})
		}
		return nil
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) complianceByDay(ctx context.Context, in *struct{ Page }) (*listOut[ComplianceByDay], error) {
	out := ComplianceByDay{Days: []OnDay{}}
	err := s.look(ctx, "see-people", "", func(_ desk.Caller, st *study.State) error {
		_, days := s.watched.Compliance(st, desk.AsOf(st, s.office.Now()))
		part, next, err := paged(days, in.Page, func(d watch.Day) string { return strconv.Itoa(d.Day) })
		for _, d := range part {
			out.Days = append(out.Days, OnDay{d.Day, keptOf(d.ByKind)})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) missing(ctx context.Context, in *struct{ Page }) (*listOut[Gaps], error) {
	out := Gaps{Gaps: []Gap{}}
	err := s.look(ctx, "see-people", "", func(_ desk.Caller, st *study.State) error {
		gaps := s.watched.Missing(st, desk.AsOf(st, s.office.Now()))
		part, next, err := paged(gaps, in.Page, func(g watch.Gap) string { return strings.Trim(g.Visit+"/"+g.Instrument, "/") })
		for _, g := range part {
			out.Gaps = append(out.Gaps, Gap{g.Visit, g.Instrument, g.Due, g.Answered, g.Items, g.Blank, g.NotSure})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}
