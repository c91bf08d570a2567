package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Query is a question about data as it stands.
type Query struct {
	ID      uint64  `json:"id" doc:"the entry that raised it"`
	Subject string  `json:"subject"`
	Site    string  `json:"site"`
	About   *uint64 `json:"about,omitempty" doc:"the entry that is asked about"`
	Field   string  `json:"field,omitempty"`
	Rule    string  `json:"rule,omitempty" doc:"that raised it by itself; left out: somebody did"`
	State   string  `json:"state" enum:"open,answered,closed"`
	How     string  `json:"how,omitempty" doc:"it was closed"`
	Since   string  `json:"since" doc:"it was raised, or reopened"`
	Until   string  `json:"until,omitempty" doc:"it was closed"`
	Days    int     `json:"days" doc:"whole days that it has been open, or was"`
	Thread  []Turn  `json:"thread" nullable:"false"`
}

// Turn is one thing said or done about a query.
type Turn struct {
	At   string `json:"at"`
	By   string `json:"by"`
	Role string `json:"role"`
	Kind string `json:"kind"`
	Text string `json:"text,omitempty"`
}

func queryOf(q desk.Questioned, now time.Time) Query {
	out := Query{
		ID: q.ID, Subject: string(q.Subject), Site: q.Site, About: q.About, Field: q.Field, Rule: q.Rule, State: q.State, How: q.How,
		Since: stampOf(q.Since), Until: stampOf(q.Until), Days: int(q.Age(now).Hours() / 24), Thread: []Turn{},
	}
	for _, t := range q.Thread {
		out.Thread = append(out.Thread, Turn{stampOf(t.At), t.By, string(t.Role), string(t.Kind), string(t.Text)})
	}
	return out
}

// Queries is a page of queries.
type Queries struct {
	Queries []Query `json:"queries" nullable:"false"`
	Further
}

// Proposal is what one person wants and another has to approve.
type Proposal struct {
	Entry     uint64           `json:"entry" doc:"by which it is approved or declined"`
	Subject   string           `json:"subject,omitempty" doc:"left out: of the trial as a whole"`
	What      string           `json:"what" doc:"the command"`
	Criteria  []string         `json:"criteria,omitempty" doc:"that are overridden"`
	Version   string           `json:"version,omitempty" doc:"of an amendment"`
	Summary   string           `json:"summary,omitempty" doc:"of an amendment"`
	Changes   []Amending       `json:"changes,omitempty" doc:"of an amendment, in meaning"`
	List      string           `json:"list,omitempty" doc:"the hash of a list that goes on"`
	By        string           `json:"by"`
	Role      string           `json:"role"`
	At        string           `json:"at"`
	Reason    string           `json:"reason,omitempty"`
	Settled   string           `json:"settled,omitempty" enum:"approved,declined" doc:"absent while it waits"`
	SettledBy string           `json:"settled_by,omitempty"`
	SettledAt string           `json:"settled_at,omitempty"`
	Why       string           `json:"why,omitempty"`
	Signature *study.Signature `json:"signature,omitempty"`
	Own       bool             `json:"own" doc:"the caller proposed it herself, and cannot approve it"`
	May       bool             `json:"may" doc:"the caller may approve such a thing"`
}

// Amending is one thing that an amendment changes in the protocol.
type Amending struct {
	Class string `json:"class"`
	Place string `json:"place" doc:"as in visits[day-7].after"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

func amendingOf(list []protocol.Change) []Amending {
	out := make([]Amending, len(list))
	for i, c := range list {
		out[i] = Amending{string(c.Class), c.Place, c.Old, c.New}
	}
	return out
}

func proposalOf(x *study.Proposing) Proposal {
	out := Proposal{
		Entry: x.Entry, Subject: string(x.Subject), What: x.What, By: x.By, Role: string(x.Role), At: stampOf(x.At), Reason: x.Reason,
		Settled: string(x.Settled), SettledBy: x.SettledBy, SettledAt: stampOf(x.SettledAt), Why: x.Why, Signature: x.Signature,
	}
	switch w := x.Wants.(type) {
	case study.OverrideEligibility:
		out.Criteria = append(out.Criteria, w.Criteria...)
	case study.AmendProtocol:
		out.Version, out.Summary, out.Changes = w.Version, w.Summary, amendingOf(w.Changes)
	case study.ExtendList:
		out.List = w.SealedList.SHA256
	}
	return out
}

// Proposals is a page of proposals.
type Proposals struct {
	Proposals []Proposal `json:"proposals" nullable:"false"`
	Further
}

func (s *server) asking(api huma.API) {
	huma.Register(api, named("see-queries", "see-people", "/queries", "Queries about all whom the caller may see, in the order of the ledger"), s.queries)
	huma.Register(api, named("see-proposals", "see-overview", "/proposals", "What wants two people: what waits for the second, and what became of the rest"), s.proposals)
}

func (s *server) queries(ctx context.Context, in *struct {
	Page
	Site    string `query:"site" doc:"only about people of this site"`
	Subject string `query:"subject" doc:"only about this person"`
	State   string `query:"state" enum:"open,answered,closed" doc:"only those that stand so"`
	Field   string `query:"field" doc:"only about this field"`
},
) (*listOut[Queries], error) {
	out := Queries{Queries: []Query{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		now, sees := desk.AsOf(st, s.office.Now()), onlyAt(s.seesAt(c, "see-person"), in.Site)
		part, next, err := entriesOf(in.Page, func(place uint64) func(func(desk.Questioned) bool) {
			return func(yield func(desk.Questioned) bool) {
				for q := range desk.QuestionedFrom(st, place, sees) {
					if (in.State == "" || q.State == in.State) && (in.Subject == "" || string(q.Subject) == in.Subject) && (in.Field == "" || q.Field == in.Field) && !yield(q) {
						return
					}
				}
			}
		}, func(q desk.Questioned) uint64 { return q.ID })
		for _, q := range part {
			out.Queries = append(out.Queries, queryOf(q, now))
		}
		out.Next = next
		return err
	})
	if err == nil {
		out.Queries, err = revealed(ctx, s, out.Queries, func(q Query) string { return q.Subject })
	}
	return listed(ctx, out.Next, out), err
}

func (s *server) proposals(ctx context.Context, in *struct {
	Page
	Waiting bool `query:"waiting" doc:"only those that nobody has settled"`
},
) (*listOut[Proposals], error) {
	out := Proposals{Proposals: []Proposal{}}
	err := s.look(ctx, "see-overview", "", func(c desk.Caller, st *study.State) error {
		may := func(a desk.Action, who study.Subject) bool {
			site := ""
			if who != "" {
				site = st.People[who].Site
			}
			_, err := desk.As(c, a, who, site, s.office.Now())
			return err == nil || fault.CodeOf(err) == desk.CodeStrong
		}
		part, next, err := entriesOf(in.Page, func(place uint64) func(func(*study.Proposing) bool) {
			return func(yield func(*study.Proposing) bool) {
				for _, x := range st.Proposals {
					hers := x.Subject == "" || may("decline", x.Subject)
					if x.Entry >= place && hers && (x.Open() || !in.Waiting) && !yield(x) {
						return
					}
				}
			}
		}, func(x *study.Proposing) uint64 { return x.Entry })
		for _, x := range part {
			p := proposalOf(x)
			p.Own, p.May = x.By == c.Account, may("approve", x.Subject)
			out.Proposals = append(out.Proposals, p)
		}
		out.Next = next
		return err
	})
	if err == nil {
		out.Proposals, err = revealed(ctx, s, out.Proposals, func(p Proposal) string { return p.Subject })
	}
	return listed(ctx, out.Next, out), err
}
