package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// OwnBox is a box of a trial that its participant runs.
type OwnBox struct {
	N      int    `json:"n"`
	Visit  string `json:"visit" doc:"at which it is opened"`
	Back   string `json:"back,omitempty" doc:"at which it is counted"`
	Opens  string `json:"opens"`
	Ends   string `json:"ends,omitempty"`
	Kit    string `json:"kit,omitempty" doc:"its number, once the order is drawn"`
	Opened bool   `json:"opened"`
	Left   *int   `json:"left,omitempty" doc:"what was in it when it was over"`
}

// OwnCourse is how such a trial stands.
type OwnCourse struct {
	Runs    bool     `json:"runs" doc:"she runs the trial herself; where she does not, nothing else is told"`
	Stage   string   `json:"stage,omitempty" enum:"coming-in,run-in,draw,under-way,close,open,report,told"`
	Planned string   `json:"planned,omitempty" doc:"the day of the draw"`
	Over    string   `json:"over,omitempty" doc:"the last day on which something is taken"`
	Next    int      `json:"next,omitempty" doc:"the box that is to be opened or counted now"`
	Doubts  int      `json:"doubts" doc:"open queries, which keep it from being closed"`
	Boxes   []OwnBox `json:"boxes" nullable:"false"`
}

// OfVisit names a visit of hers.
type OfVisit struct {
	Visit string `path:"visit" maxLength:"100"`
}

// runHerself is what somebody does who runs the trial in which she takes part.
func (s *server) runHerself(api huma.API) {
	const post, run = http.MethodPost, "run-own-trial"
	huma.Register(api, named("see-own-trial", run, "/me/trial", "How the trial stands that she runs herself"), s.ownCourse)
	huma.Register(api, done(run, "draw-order", post, "/me/trial/draw", "Draw the order that the helper sealed"), func(ctx context.Context, _ *struct{}) (*noBody, error) {
		_, err := s.office.Draw(ctx, desk.CallerOf(ctx), "")
		return ended(err)
	})
	huma.Register(api, done(run, "open-box", post, "/me/trial/boxes/{visit}/opened", "Note that a box is opened"), func(ctx context.Context, in *OfVisit) (*noBody, error) {
		_, err := s.office.OpenBox(ctx, desk.CallerOf(ctx), in.Visit, "")
		return ended(err)
	})
	huma.Register(api, done(run, "count-box", post, "/me/trial/boxes/{visit}/counted", "Note how much was left in a box when it was over; visit is the one at its end"), func(ctx context.Context, in *struct {
		OfVisit
		Body struct {
			Units int `json:"units" minimum:"0" maximum:"10000"`
		}
	},
	) (*noBody, error) {
		_, err := s.office.CountBox(ctx, desk.CallerOf(ctx), in.Visit, in.Body.Units, "")
		return ended(err)
	})
	huma.Register(api, done(run, "close-own-trial", post, "/me/trial/close", "Close it when the last period is over: dry run, and lock with her name"), func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" maxLength:"200" doc:"as it is printed beside her signature"`
		}
	},
	) (*noBody, error) {
		return ended(s.office.Close(ctx, desk.CallerOf(ctx), in.Body.Name, ""))
	})
	op := done(run, "bring-openings", http.MethodPut, "/me/trial/openings", "Bring what the helper opened, and have the report made")
	op.MaxBodyBytes = longestAttachment
	huma.Register(api, op, func(ctx context.Context, in *struct {
		RawBody []byte `contentType:"application/octet-stream"`
	},
	) (*noBody, error) {
		return ended(s.office.Bring(ctx, desk.CallerOf(ctx), in.RawBody, ""))
	})
	huma.Register(api, done(run, "conclude-own-trial", post, "/me/trial/report", "Have the report made of what was opened, where a stop kept it from being made"), func(ctx context.Context, _ *struct{}) (*noBody, error) {
		return ended(s.office.Conclude(ctx, desk.CallerOf(ctx), ""))
	})
	s.runResults(api)
}

// ended answers what gives nothing back.
func ended(err error) (*noBody, error) {
	if err != nil {
		return nil, problem(err)
	}
	return &noBody{}, nil
}

// runResults gives what she takes to her helper, and what came of it.
func (s *server) runResults(api huma.API) {
	const run = "run-own-trial"
	type fileOut struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	huma.Register(api, named("see-own-ledger", run, "/me/trial/ledger", "The locked ledger, for the helper"), func(ctx context.Context, _ *struct{}) (*fileOut, error) {
		var b bytes.Buffer
		if err := s.office.ForHelper(ctx, desk.CallerOf(ctx), &b); err != nil {
			return nil, problem(err)
		}
		return &fileOut{"application/octet-stream", b.Bytes()}, nil
	})
	huma.Register(api, named("see-own-results", run, "/me/trial/results", "The recorded results of her trial, as results.json has them"), func(ctx context.Context, _ *struct{}) (*struct{ Body json.RawMessage }, error) {
		raw, _, ok, err := s.office.Results(ctx, desk.CallerOf(ctx))
		if err == nil && !ok {
			err = fault.New("page-unknown", "", "there are no results yet")
		}
		if err != nil {
			return nil, problem(err)
		}
		return &struct{ Body json.RawMessage }{raw}, nil
	})
	huma.Register(api, named("see-own-report", run, "/me/trial/report", "The recorded report of her trial"), func(ctx context.Context, _ *struct{}) (*fileOut, error) {
		_, raw, ok, err := s.office.Results(ctx, desk.CallerOf(ctx))
		if err == nil && !ok {
			err = fault.New("page-unknown", "", "there are no results yet")
		}
		if err != nil {
			return nil, problem(err)
		}
		return &fileOut{"text/html; charset=utf-8", raw}, nil
	})
}

func (s *server) ownCourse(ctx context.Context, _ *struct{}) (*struct{ Body OwnCourse }, error) {
	out := &struct{ Body OwnCourse }{OwnCourse{Boxes: []OwnBox{}}}
	who := desk.CallerOf(ctx).Subject
	return out, s.look(ctx, "run-own-trial", who, func(_ desk.Caller, st *study.State) error {
		if !desk.RunsIt(st, who) {
			return nil
		}
		out.Body.Runs = true
		c := desk.CourseOf(st, st.People[who], s.office.Now())
		out.Body.Stage, out.Body.Doubts = string(c.Stage), c.Doubts
		if !c.Planned.IsZero() {
			out.Body.Planned, out.Body.Over = c.Planned.String(), c.Over.String()
		}
		if c.Next != nil {
			out.Body.Next = c.Next.N
		}
		for _, b := range c.Boxes {
			x := OwnBox{N: b.N, Visit: b.Visit, Back: b.Back, Opens: b.Opens.String(), Kit: b.Kit, Opened: b.Opened, Left: b.Left}
			if !b.Ends.IsZero() {
				x.Ends = b.Ends.String()
			}
			out.Body.Boxes = append(out.Body.Boxes, x)
		}
		return nil
	})
}
