package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Emergency is a request to tell a physician what somebody takes. What that is
// is in no answer.
type Emergency struct {
	Subject   string `json:"subject"`
	Site      string `json:"site"`
	Entry     uint64 `json:"entry"`
	State     string `json:"state" enum:"waits for the parts,can be read,read"`
	Physician string `json:"physician"`
	Recipient string `json:"recipient" doc:"the physician's public key, to which the parts are sealed"`
	Asked     string `json:"asked"`
	By        string `json:"by"`
	Reason    string `json:"reason,omitempty"`
	Needed    int    `json:"needed,omitempty" doc:"holders who must give their parts, where the custodian does not"`
	Parts     []Part `json:"parts" nullable:"false"`
	Confirmed string `json:"confirmed,omitempty" doc:"when it was read"`
	// Harms are entries alone: who reads emergencies may not read what happened.
	Harms []uint64 `json:"adverse_events" nullable:"false" doc:"entries of the adverse events because of which it was asked"`
}

// Part is what the custodian or a holder has sent.
type Part struct {
	Entry  uint64 `json:"entry"`
	By     string `json:"by" doc:"custodian, or holder"`
	Holder int    `json:"holder,omitempty"`
	At     string `json:"at"`
}

// Emergencies is a page of them.
type Emergencies struct {
	Emergencies []Emergency `json:"emergencies" nullable:"false"`
	Further
}

func emergencyOf(e desk.Emergency) Emergency {
	out := Emergency{
		Subject: string(e.Subject), Site: e.Site, Entry: e.Entry, State: e.State, Physician: e.Physician, Recipient: e.Recipient, Asked: stampOf(e.Asked), By: e.By,
		Reason: e.Reason, Needed: e.Needed, Confirmed: stampOf(e.Confirmed), Parts: []Part{}, Harms: append([]uint64{}, e.Harms...),
	}
	for _, g := range e.Grants {
		out.Parts = append(out.Parts, Part{g.Entry, g.By, g.Holder, stampOf(g.At)})
	}
	return out
}

func (s *server) emergencies(api huma.API) {
	op := asked("see-emergencies", "/emergencies", "Requests to tell a physician what somebody takes, and what has come of them, in the order of the ledger")
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Page
		Site    string `query:"site" doc:"only about people of this site"`
		Waiting bool   `query:"waiting" doc:"only those that nobody has read yet"`
	},
	) (*listOut[Emergencies], error) {
		out := Emergencies{Emergencies: []Emergency{}}
		err := s.look(ctx, "see-emergencies", "", func(c desk.Caller, st *study.State) error {
			sees := onlyAt(s.seesAt(c, "see-emergencies"), in.Site)
			part, next, err := entriesOf(in.Page, func(place uint64) func(func(desk.Emergency) bool) {
				return func(yield func(desk.Emergency) bool) {
					for e := range desk.EmergenciesFrom(st, place, sees) {
						if (e.State != desk.EmergencyRead || !in.Waiting) && !yield(e) {
							return
						}
					}
				}
			}, func(e desk.Emergency) uint64 { return e.Entry })
			for _, e := range part {
				out.Emergencies = append(out.Emergencies, emergencyOf(e))
			}
			out.Next = next
			return err
		})
		if err == nil {
			out.Emergencies, err = revealed(ctx, s, out.Emergencies, func(e Emergency) string { return e.Subject })
		}
		return listed(ctx, out.Next, out), err
	})
	folder := asked("see-emergencies", "/emergencies/{entry}/folder", "All that the custodian, the holders and the physician need of one request, as a zip file (doc/sealing.md): nothing in it can be read without a key that the trial does not hold")
	folder.OperationID = "see-emergency-folder"
	huma.Register(api, folder, func(ctx context.Context, in *struct {
		Entry uint64 `path:"entry" doc:"that asks"`
	},
	) (*rawOut, error) {
		_, raw, err := s.office.EmergencyFolder(ctx, desk.CallerOf(ctx), in.Entry)
		if err != nil {
			return nil, problem(err)
		}
		return &rawOut{"application/zip", raw}, nil
	})
}
