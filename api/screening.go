package api

import (
	"context"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Screened is somebody who was screened, and why she did not come in if she did
// not.
type Screened struct {
	Subject  string   `json:"subject"`
	Site     string   `json:"site"`
	At       string   `json:"at"`
	Stage    string   `json:"stage"`
	Eligible bool     `json:"eligible" doc:"by the protocol, or by an override"`
	Failed   []string `json:"failed" nullable:"false" doc:"criteria that are not met, by their names in the protocol"`
	Why      string   `json:"why,omitempty" doc:"the screening was closed without her coming in"`
}

// ScreeningLog is a page of the screening log. The counts are of everybody at
// the sites that the reader sees, or at the one that is asked for; of those
// who were never screened nothing but the site and the reason is kept.
type ScreeningLog struct {
	Flow     Flow       `json:"flow"`
	Never    []Count    `json:"not_screened" nullable:"false" doc:"who were asked and never screened, by why"`
	Screened []Screened `json:"screened" nullable:"false" doc:"in the order of screening"`
	Further
}

func (s *server) screening(api huma.API) {
	op := named("see-screening", "see-people", "/screening", "The screening log: who was screened, when, and why those who did not come in did not")
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Page
		Site string `query:"site" doc:"only of this site"`
	},
	) (*listOut[ScreeningLog], error) {
		out := ScreeningLog{Screened: []Screened{}}
		err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
			first, err := after(st, in.After)
			if err != nil {
				return err
			}
			sees := onlyAt(s.seesAt(c, "see-person"), in.Site)
			if desk.AtAll(st, sees) {
				out.Flow = flowOf(s.office.Flow(st))
			} else {
				out.Flow = flowOf(s.office.FlowAt(st, sees))
			}
			out.Never = neverOf(st, sees)
			for _, who := range st.Order[first:] {
				p := st.People[who]
				if !sees(p.Site) {
					continue
				}
				if len(out.Screened) == in.Limit {
					out.Next = out.Screened[in.Limit-1].Subject
					return nil
				}
				row := Screened{string(who), p.Site, stampOf(p.ScreenedAt), desk.StageOf(p), p.Eligible(), append([]string{}, p.Screening.Failed...), ""}
				if p.Closed != nil {
					row.Why = p.Closed.Why
				}
				out.Screened = append(out.Screened, row)
			}
			return nil
		})
		return listed(ctx, out.Next, out), err
	})
}

// neverOf counts who were asked and never screened, by why.
func neverOf(st *study.State, sees func(site string) bool) []Count {
	n := map[string]int{}
	for _, x := range st.NotScreened {
		if sees(x.Site) {
			n[x.Why]++
		}
	}
	out := []Count{}
	for _, why := range slices.Sorted(maps.Keys(n)) {
		out = append(out, Count{why, n[why]})
	}
	return out
}
