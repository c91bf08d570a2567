package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// StockKit is one kit, by its state. Its number says nothing about what is in it,
// nor about the order in which kits are given out.
type StockKit struct {
	Kit     string `json:"kit"`
	Site    string `json:"site"`
	Visit   string `json:"visit"`
	State   string `json:"state" example:"in stock"`
	Expires string `json:"expires,omitempty"`
	Subject string `json:"subject,omitempty" doc:"who has it, or had it"`
}

// Stock is a page of kits. The counts are of all that fit, and not of the page.
type Stock struct {
	Counts []StockCount `json:"counts" nullable:"false"`
	Kits   []StockKit   `json:"kits" nullable:"false" doc:"by site, visit and number"`
	Further
}

// StockCount is how many kits of a site are in a state.
type StockCount struct {
	Site  string `json:"site"`
	State string `json:"state"`
	N     int    `json:"n"`
}

// Cell is how much of a stratum cell's list is left.
type Cell struct {
	Cell  string `json:"cell"`
	Left  int    `json:"left"`
	Of    int    `json:"of"`
	Low   bool   `json:"low" doc:"a fifth or less is left"`
	Empty bool   `json:"empty" doc:"nobody can be randomised in it"`
}

// Cells is a page of cells.
type Cells struct {
	Cells []Cell `json:"cells" nullable:"false" doc:"in the protocol's order"`
	Further
}

// LowStock is something of which a fifth or less is left.
type LowStock struct {
	Site  string `json:"site,omitempty" doc:"left out: every site's"`
	Cell  string `json:"cell,omitempty" doc:"of slots"`
	Visit string `json:"visit,omitempty" doc:"of kits"`
	Left  int    `json:"left"`
	Of    int    `json:"of"`
}

// LowStocks is a page of them.
type LowStocks struct {
	Low []LowStock `json:"low" nullable:"false"`
	Further
}

func (s *server) stock(api huma.API) {
	huma.Register(api, asked("see-stock", "/stock", "Every kit by its state, site by site, and never by arm"), s.kits)
	huma.Register(api, named("see-cells", "see-stock", "/stock/cells", "How many places of the list are left, by stratum cell"), s.cells)
	huma.Register(api, named("see-low", "see-stock", "/stock/low", "What runs low: a fifth or less is left"), s.lowStock)
}

func (s *server) kits(ctx context.Context, in *struct {
	Page
	Site  string `query:"site" doc:"only of this site"`
	State string `query:"state" doc:"only those that stand so"`
	Visit string `query:"visit" doc:"only those of this visit"`
},
) (*listOut[Stock], error) {
	out := Stock{Counts: []StockCount{}, Kits: []StockKit{}}
	err := s.look(ctx, "see-stock", "", func(c desk.Caller, st *study.State) error {
		sees := onlyAt(s.seesAt(c, "see-stock"), in.Site)
		today := civil.DateOf(desk.AsOf(st, s.office.Now()).In(st.Protocol.Zone()))
		var all []StockKit
		for _, site := range st.Protocol.Protocol().Sites {
			if !sees(site.ID) {
				continue
			}
			n := map[string]int{}
			for _, l := range st.StockOf(site.ID, today) {
				if (in.State == "" || l.State == in.State) && (in.Visit == "" || l.Visit == in.Visit) {
					n[l.State]++
					all = append(all, StockKit{l.Kit, site.ID, l.Visit, l.State, dateOf(l.Expires), string(l.Person)})
				}
			}
			for _, state := range desk.KitStates() {
				if n[state] > 0 {
					out.Counts = append(out.Counts, StockCount{site.ID, state, n[state]})
				}
			}
		}
		part, next, err := paged(all, in.Page, func(k StockKit) string { return k.Kit })
		out.Kits, out.Next = append(out.Kits, part...), next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) cells(ctx context.Context, in *struct{ Page }) (*listOut[Cells], error) {
	out := Cells{Cells: []Cell{}}
	err := s.look(ctx, "see-stock", "", func(_ desk.Caller, st *study.State) error {
		part, next, err := paged(st.CellsLeft(), in.Page, func(c study.CellLeft) string { return c.Cell })
		for _, c := range part {
			out.Cells = append(out.Cells, Cell(c))
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) lowStock(ctx context.Context, in *AtSite) (*listOut[LowStocks], error) {
	out := LowStocks{Low: []LowStock{}}
	err := s.look(ctx, "see-stock", "", func(c desk.Caller, st *study.State) error {
		today := civil.DateOf(desk.AsOf(st, s.office.Now()).In(st.Protocol.Zone()))
		all := desk.LowAt(s.office.Low(st, today), onlyAt(s.seesAt(c, "see-stock"), in.Site))
		part, next, err := paged(all, in.Page, func(l desk.Low) string { return l.Site + "/" + l.Cell + "/" + l.Visit })
		for _, l := range part {
			out.Low = append(out.Low, LowStock(l))
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}
