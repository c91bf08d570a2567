package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Fate is what became of an entry that waited on a device.
type Fate struct {
	Key     string   `json:"key"`
	Fate    string   `json:"fate" enum:"accepted,repeated,refused,held,again" doc:"again: nothing is known, send it again; refused and held: kept here as well, and staff see it"`
	Receipt *Receipt `json:"receipt,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
	Held    int64    `json:"held,omitempty" doc:"its number among what is held"`
}

type fatesOut struct {
	Body struct {
		Entries []Fate `json:"entries" nullable:"false"`
	}
}

// entries takes what a person's device has queued, each entry once however
// often it is sent, and tells staff of what could not be filed.
func (s *server) entries(api huma.API) {
	op := done("submit", "submit", http.MethodPost, "/me/entries", "What a device has queued, in its order; each entry is filed once however often it is sent")
	op.MaxBodyBytes = maxCommand
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Body struct {
			Entries []desk.Submitted `json:"entries" maxItems:"500"`
		}
	},
	) (*fatesOut, error) {
		outcomes, err := s.office.Submit(ctx, desk.CallerOf(ctx), in.Body.Entries)
		if err != nil {
			return nil, problem(err)
		}
		out := &fatesOut{}
		out.Body.Entries = make([]Fate, len(outcomes))
		for i, o := range outcomes {
			f := Fate{Key: o.Key, Fate: string(o.Fate), Held: o.Held}
			if o.Err != nil {
				f.Problem = problem(o.Err)
			} else {
				r := receipt(o.Receipt)
				f.Receipt = &r
			}
			out.Body.Entries[i] = f
		}
		return out, nil
	})
	s.held(api)
}

// Held is an entry that could not be filed, whole.
type Held struct {
	ID      int64           `json:"id"`
	Came    string          `json:"came"`
	Subject string          `json:"subject"`
	Fault   string          `json:"fault" doc:"codes of why it could not be filed"`
	Do      string          `json:"do,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	Made    string          `json:"made,omitempty"`
	Erased  bool            `json:"erased,omitempty" doc:"the key it is under is destroyed"`
	Outcome string          `json:"outcome,omitempty" enum:"filed,discarded"`
	By      string          `json:"by,omitempty"`
	Reason  string          `json:"reason,omitempty"`
}

// Holding is a page of what is held.
type Holding struct {
	Held []Held `json:"held" nullable:"false"`
	Further
}

// heldAt leaves what is held of people of one site.
func (s *server) heldAt(ctx context.Context, list []desk.HeldView, site string) (out []desk.HeldView, err error) {
	err = s.office.See(ctx, desk.CallerOf(ctx), "see-held", "", func(st *study.State) error {
		for _, h := range list {
			if p := st.People[h.Subject]; p != nil && p.Site == site {
				out = append(out, h)
			}
		}
		return nil
	})
	return out, err
}

type settling struct {
	ID   int64 `path:"held"`
	Body struct {
		Reason string          `json:"reason"`
		Do     string          `json:"do,omitempty" doc:"with data: file this in its place"`
		Data   json.RawMessage `json:"data,omitempty"`
	}
}

func (s *server) held(api huma.API) {
	huma.Register(api, done("see-held", "see-held", http.MethodGet, "/held", "What came from devices and could not be filed"),
		func(ctx context.Context, in *struct {
			Page
			Settled bool   `query:"settled" doc:"those that were settled, and not those that wait"`
			Site    string `query:"site" doc:"only of people of this site"`
		},
		) (*listOut[Holding], error) {
			out := Holding{Held: []Held{}}
			list, err := s.office.HeldEntries(ctx, desk.CallerOf(ctx), in.Settled)
			if err == nil && in.Site != "" {
				list, err = s.heldAt(ctx, list, in.Site)
			}
			if err != nil {
				return nil, problem(err)
			}
			part, next, err := paged(list, in.Page, func(h desk.HeldView) string { return strconv.FormatInt(h.ID, 10) })
			if err != nil {
				return nil, problem(err)
			}
			for _, h := range part {
				out.Held = append(out.Held, Held{
					h.ID, stampOf(h.Came), string(h.Subject), h.Fault, h.Entry.Do, h.Entry.Data, stampOf(h.Entry.Made), !h.Opened,
					h.Outcome, h.By, h.Reason,
				})
			}
			out.Next = next
			return listed(ctx, next, out), nil
		})
	huma.Register(api, done("settle-held", "file-held", http.MethodPost, "/held/{held}/file", "File what was held, as it came or mended"),
		func(ctx context.Context, in *settling) (*receiptOut, error) {
			var mended *desk.Submitted
			if in.Body.Do != "" {
				mended = &desk.Submitted{Do: in.Body.Do, Data: in.Body.Data}
			}
			r, err := s.office.Refile(ctx, desk.CallerOf(ctx), in.ID, mended, in.Body.Reason)
			if err != nil {
				return nil, problem(err)
			}
			return &receiptOut{receipt(r)}, nil
		})
	huma.Register(api, done("settle-held", "discard-held", http.MethodPost, "/held/{held}/discard", "Settle what was held without filing it; it is kept"),
		func(ctx context.Context, in *settling) (*noBody, error) {
			if err := s.office.Discard(ctx, desk.CallerOf(ctx), in.ID, in.Body.Reason); err != nil {
				return nil, problem(err)
			}
			return &noBody{}, nil
		})
}

// Change is one value that a field was given.
type Change struct {
	Entry     uint64           `json:"entry"`
	Field     string           `json:"field,omitempty"`
	Old       json.RawMessage  `json:"old,omitempty"`
	New       json.RawMessage  `json:"new,omitempty"`
	Actor     string           `json:"actor"`
	Role      string           `json:"role"`
	At        string           `json:"at"`
	Made      string           `json:"made,omitempty"`
	Zone      string           `json:"zone"`
	From      string           `json:"from,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Signature *study.Signature `json:"signature,omitempty"`
}

// TrailLine is an entry of the audit trail.
type TrailLine struct {
	Change
	Kind    string          `json:"kind"`
	Subject string          `json:"subject,omitempty"`
	About   string          `json:"about,omitempty"`
	Data    json.RawMessage `json:"data,omitempty" doc:"absent where it is not for the reader's role"`
}

// Trail is a page of the audit trail.
type Trail struct {
	Entries []TrailLine `json:"entries" nullable:"false"`
	Next    *uint64     `json:"next,omitempty" doc:"where the next page begins"`
}

// record gives the audit trail, the history of a field and the proof of an
// entry.
func (s *server) record(api huma.API) {
	huma.Register(api, asked("see-history", "/participants/{subject}/entries/{entry}/history", "Everything that an entry, or one field of it, ever was"),
		func(ctx context.Context, in *struct {
			Subject string `path:"subject"`
			Entry   uint64 `path:"entry"`
			Field   string `query:"field" doc:"as in a correction: units, answers.isi1; left out: the entry whole"`
		},
		) (*struct{ Body []Change }, error) {
			list, err := s.office.History(ctx, desk.CallerOf(ctx), study.Subject(in.Subject), in.Entry, in.Field)
			if err != nil {
				return nil, problem(err)
			}
			out := &struct{ Body []Change }{[]Change{}}
			for _, c := range list {
				out.Body = append(out.Body, Change{
					c.Entry, c.Field, c.Old, c.New, c.Actor, string(c.Role), stampOf(c.At), stampOf(c.Made), c.Zone, c.From, c.Reason, c.Signature,
				})
			}
			return out, nil
		})
	huma.Register(api, asked("see-trail", "/trail", "The audit trail, as far as the reader's role may see it"),
		func(ctx context.Context, in *struct {
			Subject string    `query:"subject"`
			Kind    []string  `query:"kind" doc:"only these kinds of entries"`
			Actor   string    `query:"actor"`
			Since   time.Time `query:"since"`
			Until   time.Time `query:"until"`
			Changed bool      `query:"changed" doc:"only what changes an earlier entry"`
			Sorted
			Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
		},
		) (*listOut[Trail], error) {
			q := desk.TrailQuery{
				Subject: study.Subject(in.Subject), Actor: in.Actor, Since: in.Since, Until: in.Until, Changed: in.Changed,
				Newest: in.Newest, By: study.By(in.Sort), From: in.From.Entry, Begun: in.From.Given, Limit: in.Limit,
			}
			if q.Subject == "" {
				q.Subject = desk.CallerOf(ctx).Subject // a participant reads her own
			}
			for _, k := range in.Kind {
				q.Kinds = append(q.Kinds, study.Kind(k))
			}
			page, err := s.office.Trail(ctx, desk.CallerOf(ctx), q)
			if err != nil {
				return nil, problem(err)
			}
			out := trailOf(page)
			return &listOut[Trail]{linkTo(ctx, "from", numberOf(out.Next)), out}, nil
		})
	huma.Register(api, asked("see-proof", "/ledger/{entry}/proof", "That an entry is on the ledger that the checkpoint signs: a receipt that can be checked without us"),
		func(ctx context.Context, in *struct {
			Entry uint64 `path:"entry"`
		},
		) (*struct{ Body desk.Proof }, error) {
			p, err := s.office.Prove(ctx, desk.CallerOf(ctx), in.Entry)
			if err != nil {
				return nil, problem(err)
			}
			return &struct{ Body desk.Proof }{p}, nil
		})
}

func trailOf(page desk.TrailPage) Trail {
	out := Trail{Entries: []TrailLine{}}
	for _, e := range page.Entries {
		out.Entries = append(out.Entries, TrailLine{
			Change: Change{
				Entry: e.Index, Actor: e.Actor, Role: string(e.Role), At: stampOf(e.At), Made: stampOf(e.Made), Zone: e.Zone, From: e.From,
				Reason: e.Reason, Signature: e.Signature,
			},
			Kind: string(e.Kind), Subject: string(e.Subject), About: e.About, Data: e.Data,
		})
	}
	if page.More {
		out.Next = &page.Next
	}
	return out
}
