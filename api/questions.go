package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Page asks for a part of a list.
type Page struct {
	After string `query:"after" doc:"the last of the page before; left out: from the beginning"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type ofPerson struct {
	Subject string `path:"subject" doc:"the participant's code" example:"P0001"`
}

// asked is one question: where it is asked, under which action, in a word.
func asked(action desk.Action, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: string(action), Method: http.MethodGet, Path: base + path, Summary: summary,
		Tags: []string{"questions"}, Extensions: map[string]any{actionMark: string(action)}, Errors: []int{401, 403, 404, 429, 503},
	}
}

// questions gives every question its path.
func (s *server) questions(api huma.API) {
	huma.Register(api, asked("see-overview", "/overview", "The trial at a glance"), s.overview)
	huma.Register(api, asked("see-people", "/participants", "Everyone screened, a line each"), s.people)
	huma.Register(api, asked("see-person", "/participants/{subject}", "All that is known of one person"), s.person)
	huma.Register(api, asked("see-tasks", "/participants/{subject}/tasks", "What is planned for a person, and how it stands"), s.tasks)
	huma.Register(api, asked("see-stock", "/stock", "Every kit by its state, site by site"), s.stock)
	huma.Register(api, asked("see-own", "/me", "What is due now, and what has come"), s.me)
	huma.Register(api, asked("see-protocol", "/protocol", "The protocol in its canonical form"), s.protocol)
	huma.Register(api, asked("see-ledger", "/ledger", "Entries of the ledger, as they are stored; of those that are not for the reader's role the hash, kind and time"), s.ledger)
	huma.Register(api, asked("see-checkpoint", "/ledger/checkpoint", "The last signed checkpoint"), s.checkpoint)
}

// look asks the office, in the name of who is signed in.
func (s *server) look(ctx context.Context, a desk.Action, who study.Subject, see func(desk.Caller, *study.State) error) error {
	caller, err := signedIn(ctx)
	if err != nil {
		return problem(err)
	}
	if err := s.office.See(ctx, caller, a, who, func(st *study.State) error { return see(caller, st) }); err != nil {
		return problem(err)
	}
	return nil
}

type overviewOut struct{ Body Overview }

func (s *server) overview(ctx context.Context, _ *struct{}) (*overviewOut, error) {
	out := &overviewOut{}
	return out, s.look(ctx, "see-overview", "", func(_ desk.Caller, st *study.State) error {
		out.Body = overviewOf(s.office.Overview(st))
		return nil
	})
}

type peopleOut struct {
	Link string `header:"Link" doc:"the next page, if there is one (RFC 8288)"`
	Body People
}

// People is a page of the people.
type People struct {
	Participants []Line `json:"participants" nullable:"false"`
	Next         string `json:"next,omitempty" doc:"ask for the next page after this one"`
}

func (s *server) people(ctx context.Context, in *struct {
	Page
	Need string `query:"need" doc:"only those who need this"`
},
) (*peopleOut, error) {
	out := &peopleOut{Body: People{Participants: []Line{}}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		now := s.office.Now()
		first, err := after(st, in.After)
		if err != nil {
			return err
		}
		sees := map[string]bool{}
		for _, site := range st.Protocol.Protocol().Sites {
			_, err := desk.As(c, "see-people", "", site.ID, now)
			sees[site.ID] = err == nil
		}
		s.office.Lines(st, desk.AsOf(st, now), func(line func(int) desk.Line) {
			for place := first; place < len(st.Order); place++ {
				l := line(place)
				if !sees[l.Site] || in.Need != "" && !slices.Contains(l.Needs, in.Need) {
					continue
				}
				if len(out.Body.Participants) == in.Limit {
					out.Body.Next = out.Body.Participants[in.Limit-1].Subject
					out.Link = "<" + base + "/participants?after=" + out.Body.Next + `>; rel="next"`
					return
				}
				out.Body.Participants = append(out.Body.Participants, lineOf(l))
			}
		})
		return nil
	})
	return out, err
}

// after gives the place of whoever comes after somebody in the order of screening.
func after(st *study.State, code string) (int, error) {
	if code == "" {
		return 0, nil
	}
	p, ok := st.People[study.Subject(code)]
	if !ok {
		return 0, fault.New("subject-unknown", "after", "nobody here has this code")
	}
	return p.Place() + 1, nil
}

type personOut struct{ Body Person }

func (s *server) person(ctx context.Context, in *ofPerson) (*personOut, error) {
	out := &personOut{}
	who := study.Subject(in.Subject)
	err := s.look(ctx, "see-person", who, func(c desk.Caller, st *study.State) error {
		p, ok := desk.NewPerson(st, who, desk.AsOf(st, s.office.Now()), languageOf(c))
		if !ok {
			return fault.New("subject-unknown", "subject", "nobody here has this code")
		}
		out.Body = personOf(p)
		return nil
	})
	if err == nil {
		if out.Body, err = desk.Reveal(ctx, s.office, desk.CallerOf(ctx), who, out.Body); err != nil {
			err = problem(err)
		}
	}
	return out, err
}

type tasksOut struct {
	Body struct {
		Tasks []Task `json:"tasks" nullable:"false"`
	}
}

func (s *server) tasks(ctx context.Context, in *ofPerson) (*tasksOut, error) {
	out := &tasksOut{}
	out.Body.Tasks = []Task{}
	who := study.Subject(in.Subject)
	return out, s.look(ctx, "see-tasks", who, func(_ desk.Caller, st *study.State) error {
		for _, t := range st.Tasks(st.People[who], desk.AsOf(st, s.office.Now())) {
			out.Body.Tasks = append(out.Body.Tasks, taskOf(t))
		}
		return nil
	})
}

type meOut struct{ Body Me }

func (s *server) me(ctx context.Context, _ *struct{}) (*meOut, error) {
	out := &meOut{Body: Me{Tasks: []Task{}}}
	who := desk.CallerOf(ctx).Subject
	return out, s.look(ctx, "see-own", who, func(_ desk.Caller, st *study.State) error {
		p, ok := st.People[who]
		if !ok {
			return fault.New(desk.CodeForbidden, "", "this is for a participant")
		}
		now := s.office.Now()
		out.Body.Subject, out.Body.Stage = string(who), desk.StageOf(p)
		for _, t := range st.Tasks(p, now) {
			if !now.Before(t.Opens) {
				out.Body.Tasks = append(out.Body.Tasks, taskOf(t))
			}
		}
		return nil
	})
}

type rawOut struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *server) protocol(ctx context.Context, in *struct {
	Version string `query:"version" doc:"which version, by its name; without one that which the trial began with"`
},
) (*rawOut, error) {
	out := &rawOut{ContentType: "application/json"}
	return out, s.look(ctx, "see-protocol", "", func(_ desk.Caller, st *study.State) error {
		for _, c := range st.Versions() {
			if in.Version == "" || c.Protocol().Version == in.Version {
				out.Body = c.Canonical()
				return nil
			}
		}
		return fault.New("version-unknown", "version", "the protocol has no version %.60q", in.Version)
	})
}

type ledgerOut struct{ Body Ledger }

func (s *server) ledger(ctx context.Context, in *struct {
	From  uint64 `query:"from" doc:"the first entry asked for, from 0"`
	Limit uint64 `query:"limit" minimum:"1" maximum:"1000" default:"100"`
},
) (*ledgerOut, error) {
	caller, err := signedIn(ctx)
	if err != nil {
		return nil, problem(err)
	}
	entries, size, err := s.office.Ledger(ctx, caller, in.From, in.Limit)
	if err != nil {
		return nil, problem(err)
	}
	out := &ledgerOut{Body: Ledger{Size: size, Entries: []Entry{}}}
	for _, e := range entries {
		out.Body.Entries = append(out.Body.Entries, Entry{Index: e.Index, Hash: e.Hash.String(), Kind: string(e.Kind), At: stampOf(e.At), Bytes: string(e.Bytes)})
	}
	if next := in.From + uint64(len(entries)); next < size {
		out.Body.Next = &next
	}
	return out, nil
}

func (s *server) checkpoint(ctx context.Context, _ *struct{}) (*rawOut, error) {
	caller, err := signedIn(ctx)
	if err != nil {
		return nil, problem(err)
	}
	signed, err := s.office.Checkpoint(ctx, caller)
	if err != nil {
		return nil, problem(err)
	}
	return &rawOut{"text/plain; charset=utf-8", signed}, nil
}

// stampOf writes an instant; nothing of none.
func stampOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
