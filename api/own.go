package api

import (
	"context"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// StoredAbout is what is stored of a participant.
type StoredAbout struct {
	Screening bool      `json:"screening" doc:"her answers at screening"`
	Consents  []Consent `json:"consents" nullable:"false"`
	Diaries   int       `json:"diaries"`
	Forms     int       `json:"forms"`
	Nights    int       `json:"nights"`
	Doses     int       `json:"doses"`
	Adverse   int       `json:"adverse_events"`
	Entries   int       `json:"entries" doc:"about her, on the ledger"`
	Erased    bool      `json:"erased,omitempty" doc:"the key to her identity and words is destroyed"`
	Contact   string    `json:"contact" doc:"whom to ask"`
}

// PastEntry is something that was asked of a participant, and whether it came.
// What it says is told once she may see it.
type PastEntry struct {
	Kind    string `json:"kind"`
	Name    string `json:"name,omitempty"`
	Date    string `json:"date"`
	State   string `json:"state"`
	Tardy   bool   `json:"tardy,omitempty" doc:"it came, after its time"`
	Period  int    `json:"period,omitempty"`
	Answers []Form `json:"forms,omitempty" doc:"what she told; absent while the trial is blinded"`
}

// Past is a page of it.
type Past struct {
	Results bool        `json:"results" doc:"she may see what she told"`
	Entries []PastEntry `json:"entries" nullable:"false" doc:"the oldest first"`
	Further
}

// GivenArm is what a participant was given, in a period of the trial.
type GivenArm struct {
	Period int    `json:"period" doc:"from 1; of one alone, 1"`
	Arm    string `json:"arm"`
	Label  string `json:"label"`
}

// Given is what a participant was given, once the custodian has published it.
type Given struct {
	Published bool       `json:"published"`
	Arms      []GivenArm `json:"arms" nullable:"false"`
}

// own is what a participant asks about herself.
func (s *server) own(api huma.API) {
	huma.Register(api, named("see-stored", "see-own", "/me/data", "What is stored about the participant who asks"), s.stored)
	huma.Register(api, named("see-past", "see-own", "/me/past", "What was asked of her and what came; what it says once she may see it"), s.past)
	huma.Register(api, named("see-given", "see-own", "/me/given", "What she was given, once it is published"), s.given)
	huma.Register(api, named("get-calendar", "see-own", "/me/calendar", "Her mornings, as a file for her own calendar"), s.calendar)
}

func (s *server) stored(ctx context.Context, _ *struct{}) (*struct{ Body StoredAbout }, error) {
	out := StoredAbout{Consents: []Consent{}}
	err := s.herself(ctx, func(c desk.Caller, st *study.State, p *study.Participant) error {
		d := desk.StoredOf(p)
		out.Screening, out.Diaries, out.Forms, out.Nights, out.Doses, out.Adverse = d.Screening, d.Diaries, d.Forms, d.Nights, d.Doses, d.Adverse
		out.Entries, out.Erased = len(p.Entries()), p.Erased
		out.Contact = st.ProtocolFor(p, s.office.Now()).Protocol().Safety.Contact.In(languageOf(c))
		for _, x := range d.Consents {
			out.Consents = append(out.Consents, Consent{x.Version, string(x.Language), stampOf(x.At)})
		}
		return nil
	})
	return &struct{ Body StoredAbout }{out}, err
}

func (s *server) past(ctx context.Context, in *struct{ Page }) (*listOut[Past], error) {
	out := Past{Entries: []PastEntry{}}
	err := s.herself(ctx, func(_ desk.Caller, st *study.State, p *study.Participant) error {
		now := desk.AsOf(st, s.office.Now())
		out.Results = desk.Feedback(st, p, now)
		var all []schedule.Task
		for _, t := range st.Tasks(p, now) {
			if t.State != schedule.Scheduled && t.State != schedule.Excused {
				all = append(all, t)
			}
		}
		part, next, err := paged(all, in.Page, taskKey)
		for _, t := range part {
			e := PastEntry{Kind: string(t.Kind), Name: t.Name, Date: t.On.String(), State: string(t.State), Tardy: t.Tardy, Period: t.Period}
			if out.Results {
				e.Answers = formsOf(p, t)
			}
			out.Entries = append(out.Entries, e)
		}
		out.Next = next
		return err
	})
	if err == nil {
		if out.Entries, err = desk.Reveal(ctx, s.office, desk.CallerOf(ctx), desk.CallerOf(ctx).Subject, out.Entries); err != nil {
			err = problem(err)
		}
	}
	return listed(ctx, out.Next, out), err
}

// formsOf gives what a person told for a task.
func formsOf(p *study.Participant, t schedule.Task) (out []Form) {
	switch t.Kind {
	case schedule.Diary:
		if r := p.Diary[t.On]; r != nil {
			out = append(out, formOf(r))
		}
	case schedule.Visit:
		for _, id := range slices.Sorted(maps.Keys(p.Visits[t.Name])) {
			out = append(out, formOf(p.Visits[t.Name][id]))
		}
	}
	return out
}

func (s *server) given(ctx context.Context, _ *struct{}) (*struct{ Body Given }, error) {
	caller, err := signedIn(ctx)
	var a protocol.Assignment
	out := Given{Arms: []GivenArm{}}
	if err == nil {
		a, out.Published, err = s.office.Given(ctx, caller, caller.Subject)
	}
	if err != nil {
		return nil, problem(err)
	}
	if !out.Published {
		return &struct{ Body Given }{out}, nil
	}
	err = s.herself(ctx, func(c desk.Caller, st *study.State, _ *study.Participant) error {
		for i, id := range a.Arms {
			g := GivenArm{Period: i + 1, Arm: id}
			for _, arm := range st.Protocol.Protocol().Arms {
				if arm.ID == id {
					g.Label = arm.Label.In(languageOf(c))
				}
			}
			out.Arms = append(out.Arms, g)
		}
		return nil
	})
	return &struct{ Body Given }{out}, err
}

func (s *server) calendar(ctx context.Context, _ *struct{}) (*rawOut, error) {
	out := &rawOut{ContentType: "text/calendar; charset=utf-8"}
	return out, s.herself(ctx, func(c desk.Caller, st *study.State, p *study.Participant) error {
		if p.Enrolled == nil {
			return fault.New("not-enrolled", "", "nothing is planned yet")
		}
		now := desk.AsOf(st, s.office.Now())
		out.Body = remind.Calendar(st.Protocol.ID(), string(languageOf(c)), "", remind.SettingsOf(st, p, now), st.Tasks(p, now), now)
		return nil
	})
}
