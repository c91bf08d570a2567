package api

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Sending is one try at sending something to a person, or to the staff about her.
type Sending struct {
	At      string `json:"at"`
	What    string `json:"what" enum:"diary,form,dose,news,silent,serious,letter" doc:"the sort of message; what it said is not kept"`
	Of      string `json:"of,omitempty" doc:"the date or the visit that it was about"`
	Again   bool   `json:"again" doc:"it was the second of its sort"`
	To      string `json:"to" enum:"participant,staff"`
	Channel string `json:"channel" enum:"push,mail"`
	Taken   bool   `json:"taken" doc:"the service or the mail server took it; that it was read nobody knows"`
}

// Sendings is a page of them, the newest first.
type Sendings struct {
	Sendings []Sending `json:"sendings" nullable:"false"`
	Further
}

func (s *server) sendings(api huma.API) {
	huma.Register(api, asked("see-sendings", "/participants/{subject}/sendings", "What was sent to a participant, and to the staff about her: when, by which way, and whether it was taken"),
		func(ctx context.Context, in *struct {
			Page
			Subject string `path:"subject"`
		},
		) (*listOut[Sendings], error) {
			list, err := s.office.SendingsTo(ctx, desk.CallerOf(ctx), study.Subject(in.Subject))
			if err != nil {
				return nil, problem(err)
			}
			part, next, err := paged(list, in.Page, func(x desk.Sending) string { return strconv.Itoa(x.N) })
			if err != nil {
				return nil, problem(err)
			}
			out := Sendings{Sendings: []Sending{}}
			for _, x := range part {
				to := "participant"
				if x.Staff {
					to = "staff"
				}
				out.Sendings = append(out.Sendings, Sending{stampOf(x.At), x.What, x.Of, x.Again, to, x.Channel, x.Taken})
			}
			out.Next = next
			return listed(ctx, next, out), nil
		})
}
