package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/schedule"
	"dvala/study"
)

// OfPerson names a participant.
type OfPerson struct {
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

func (s *server) overview(ctx context.Context, in *struct {
	Site string `query:"site" doc:"counts of people of this site only; what is planned is the whole trial's"`
},
) (*overviewOut, error) {
	out := &overviewOut{}
	return out, s.look(ctx, "see-overview", "", func(_ desk.Caller, st *study.State) error {
		if in.Site == "" {
			out.Body = overviewOf(s.office.Overview(st))
		} else {
			out.Body = overviewOf(s.office.OverviewAt(st, func(site string) bool { return site == in.Site }))
		}
		return nil
	})
}

// People is a page of the people.
type People struct {
	Participants []Line `json:"participants" nullable:"false"`
	Further
}

func (s *server) people(ctx context.Context, in *struct {
	Page
	Need string `query:"need" doc:"only those who need this"`
	Site string `query:"site" doc:"only of this site"`
},
) (*listOut[People], error) {
	out := People{Participants: []Line{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		now := s.office.Now()
		first, err := after(st, in.After)
		if err != nil {
			return err
		}
		sees := onlyAt(s.seesAt(c, "see-people"), in.Site)
		s.office.Lines(st, desk.AsOf(st, now), func(line func(int) desk.Line) {
			for place := first; place < len(st.Order); place++ {
				l := line(place)
				if !sees(l.Site) || in.Need != "" && !slices.Contains(l.Needs, in.Need) {
					continue
				}
				if len(out.Participants) == in.Limit {
					out.Next = out.Participants[in.Limit-1].Subject
					return
				}
				out.Participants = append(out.Participants, lineOf(l))
			}
		})
		return nil
	})
	return listed(ctx, out.Next, out), err
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

func (s *server) person(ctx context.Context, in *OfPerson) (*personOut, error) {
	out := &personOut{}
	who := study.Subject(in.Subject)
	err := s.look(ctx, "see-person", who, func(c desk.Caller, st *study.State) error {
		now := desk.AsOf(st, s.office.Now())
		p, ok := desk.NewPerson(st, who, now, languageOf(c))
		if !ok {
			return fault.New("subject-unknown", "subject", "nobody here has this code")
		}
		out.Body = personOf(p)
		out.Body.about(st, st.People[who], now)
		return nil
	})
	if err == nil {
		if out.Body, err = desk.Reveal(ctx, s.office, desk.CallerOf(ctx), who, out.Body); err != nil {
			err = problem(err)
		}
	}
	return out, err
}

// Tasks is a page of what is planned for a person.
type Tasks struct {
	Tasks []Task `json:"tasks" nullable:"false"`
	Further
}

func (s *server) tasks(ctx context.Context, in *struct {
	OfPerson
	Page
	State []string `query:"state" doc:"only those that stand so: scheduled, open, partial, complete, late, missed, excused"`
},
) (*listOut[Tasks], error) {
	out := Tasks{Tasks: []Task{}}
	who := study.Subject(in.Subject)
	err := s.look(ctx, "see-tasks", who, func(_ desk.Caller, st *study.State) error {
		all := st.Tasks(st.People[who], desk.AsOf(st, s.office.Now()))
		if len(in.State) > 0 {
			all = slices.DeleteFunc(all, func(t schedule.Task) bool { return !slices.Contains(in.State, string(t.State)) })
		}
		part, next, err := paged(all, in.Page, taskKey)
		for _, t := range part {
			out.Tasks = append(out.Tasks, taskOf(t))
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

// taskKey tells a task from the others of a person.
func taskKey(t schedule.Task) string { return string(t.Kind) + "/" + t.Name + "/" + t.On.String() }

// herself looks at who asks, if she is a participant.
func (s *server) herself(ctx context.Context, see func(desk.Caller, *study.State, *study.Participant) error) error {
	who := desk.CallerOf(ctx).Subject
	return s.look(ctx, "see-own", who, func(c desk.Caller, st *study.State) error {
		p, ok := st.People[who]
		if !ok {
			return fault.New(desk.CodeForbidden, "", "this is for a participant")
		}
		return see(c, st, p)
	})
}

type meOut struct{ Body Me }

func (s *server) me(ctx context.Context, _ *struct{}) (*meOut, error) {
	out := &meOut{Body: Me{Tasks: []Task{}}}
	return out, s.herself(ctx, func(c desk.Caller, st *study.State, p *study.Participant) error {
		now := s.office.Now()
		inForce := st.ProtocolFor(p, now).Protocol()
		_, again := st.NeedsConsent(p, now)
		out.Body.Subject, out.Body.Stage = string(p.Subject), desk.StageOf(p)
		out.Body.Version, out.Body.Consent, out.Body.Agree = inForce.Version, inForce.Consent.Version, again || len(p.Consents) == 0 && p.Eligible()
		out.Body.Kits, out.Body.Contact, out.Body.Settings = kitsOf(p.Kits), inForce.Safety.Contact.In(languageOf(c)), settingsOf(st, p, now)
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

func (s *server) ledger(ctx context.Context, in *struct {
	Sorted
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
},
) (*listOut[Ledger], error) {
	caller, err := signedIn(ctx)
	if err != nil {
		return nil, problem(err)
	}
	around, entries, size, err := s.office.LedgerIn(ctx, caller, desk.LedgerQuery{By: in.order(), From: in.From.at(), Most: in.Limit})
	if err != nil {
		return nil, problem(err)
	}
	out := &listOut[Ledger]{Body: Ledger{Size: size, Entries: []Entry{}}}
	for _, e := range entries {
		out.Body.Entries = append(out.Body.Entries, Entry{Index: e.Index, Hash: e.Hash.String(), Kind: string(e.Kind), At: stampOf(e.At), Bytes: string(e.Bytes)})
	}
	if around.Next != nil {
		out.Body.Next, out.Link = around.Next, linkTo(ctx, "from", numberOf(around.Next))
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

// dateOf writes a date; nothing of none.
func dateOf(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
