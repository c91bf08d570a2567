package api

import (
	"context"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// StockedKit is one kit as its site sees it: where it is, and nothing of what is
// in it.
type StockedKit struct {
	Kit     string `json:"kit"`
	Site    string `json:"site"`
	Visit   string `json:"visit"`
	State   string `json:"state" enum:"announced,in stock,handed out,returned,replaced,lost,damaged,expired,recalled"`
	Expires string `json:"expires,omitempty" format:"date"`
	Person  string `json:"person,omitempty" doc:"who has it, or had it"`
}

type stockOut struct {
	Body struct {
		Kits []StockedKit `json:"kits" nullable:"false"`
		Next string       `json:"next,omitempty" doc:"after which the next page begins"`
	}
}

// stock lists the kits of the sites that the caller may see, site by site, by
// visit and number.
func (s *server) stock(ctx context.Context, in *struct {
	Page
	Site  string `query:"site" doc:"of this site alone"`
	State string `query:"state" doc:"in this state alone"`
},
) (*stockOut, error) {
	out := &stockOut{}
	var kits []StockedKit
	err := s.look(ctx, "see-stock", "", func(c desk.Caller, st *study.State) error {
		now := s.office.Now()
		today := civil.DateOf(desk.AsOf(st, now).In(st.Protocol.Zone()))
		for _, site := range st.Protocol.Protocol().Sites {
			if _, err := desk.As(c, "see-stock", "", site.ID, now); err != nil || in.Site != "" && in.Site != site.ID {
				continue
			}
			for _, l := range st.StockOf(site.ID, today) {
				kits = append(kits, StockedKit{l.Kit, site.ID, l.Visit, l.State, l.Expires.String(), string(l.Person)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	page, next, err := part(kits, in.Page, func(k StockedKit) string { return k.Site + "/" + k.Kit }, func(k StockedKit) bool {
		return in.State == "" || in.State == k.State
	})
	if err != nil {
		return nil, problem(err)
	}
	out.Body.Kits, out.Body.Next = append([]StockedKit{}, page...), next
	return out, nil
}
