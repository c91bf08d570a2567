package api

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Allocation is a request for a place of the list, under minimisation, and the
// place that the custodian's program named. What it holds is in no answer.
type Allocation struct {
	Entry     uint64   `json:"entry" doc:"of the ledger, that asks"`
	Subject   string   `json:"subject"`
	Site      string   `json:"site"`
	Asked     string   `json:"asked"`
	Cell      string   `json:"cell" doc:"whose places are meant"`
	Levels    []string `json:"levels" nullable:"false" doc:"of each factor, in the protocol's order"`
	Slot      *int     `json:"slot,omitempty" doc:"the place; left out while the request waits"`
	Signature string   `json:"signature,omitempty" doc:"of the answer, Ed25519, in hexadecimal"`
	Void      bool     `json:"void,omitempty" doc:"the person left before it was answered"`
}

// Allocations is a page of them.
type Allocations struct {
	Lists       string       `json:"lists" doc:"SHA-256 of the sealed list and of all that extend it, in their order, with spaces between"`
	Allocations []Allocation `json:"allocations" nullable:"false"`
	Further
}

func allocationOf(v desk.AllocationView) Allocation {
	return Allocation{
		Entry: v.Entry, Subject: string(v.Subject), Site: v.Site, Asked: stampOf(v.At), Cell: v.Cell, Levels: v.Levels,
		Slot: v.Slot, Signature: hex.EncodeToString(v.Signature), Void: v.Void,
	}
}

func (s *server) allocations(api huma.API) {
	op := asked("see-allocations", "/allocations", "Requests for a place of the list, under minimisation, and what the custodian's program answered, in the order of the ledger")
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Page
		Site    string `query:"site" doc:"only about people of this site"`
		Waiting bool   `query:"waiting" doc:"only those that wait for an answer"`
	},
	) (*listOut[Allocations], error) {
		out := Allocations{Allocations: []Allocation{}}
		err := s.look(ctx, "see-allocations", "", func(c desk.Caller, st *study.State) error {
			out.Lists = strings.Join(st.Lists(), " ")
			var all []Allocation
			for _, v := range desk.AllocationsAt(st, onlyAt(s.seesAt(c, "see-allocations"), in.Site)) {
				if v.Waiting() || !in.Waiting {
					all = append(all, allocationOf(v))
				}
			}
			part, next, err := paged(all, in.Page, func(a Allocation) string { return numberOf(&a.Entry) })
			out.Allocations, out.Next = append(out.Allocations, part...), next
			return err
		})
		return listed(ctx, out.Next, out), err
	})
}
