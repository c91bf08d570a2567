package api

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"dvala/desk"
	"dvala/study"
)

// Person is all that is known of one person.
type Person struct {
	Line
	Failed      []string               `json:"failed" nullable:"false" doc:"criteria that are not met"`
	Consents    []Consent              `json:"consents" nullable:"false"`
	Tasks       []Task                 `json:"missing_tasks" nullable:"false" doc:"late or missed"`
	Forms       []Form                 `json:"forms" nullable:"false"`
	Device      []Night                `json:"device_nights" nullable:"false"`
	DoseByDate  map[string]int         `json:"doses_by_date"`
	Kits        []Kit                  `json:"kits" nullable:"false"`
	Events      []study.EventOccurred  `json:"intercurrent_events" nullable:"false"`
	AdverseList []study.AdverseEvent   `json:"adverse" nullable:"false"`
	Departures  []study.Deviation      `json:"departures" nullable:"false" doc:"deviations from the protocol"`
	Corrections []study.CorrectionMade `json:"corrections" nullable:"false"`
	Withdrawn   []study.Withdrew       `json:"withdrawn" nullable:"false"`
	Signatures  []Signed               `json:"signatures" nullable:"false" doc:"given about her or a form of hers, by staff"`

	Screening   []Answer                      `json:"screening" nullable:"false" doc:"what she answered at screening, in words"`
	Enrolled    string                        `json:"enrolled,omitempty" doc:"the day"`
	Completed   *study.Completed              `json:"completed,omitempty"`
	Closed      *study.ScreeningClosed        `json:"screening_closed,omitempty" doc:"she will not be enrolled"`
	Erased      bool                          `json:"erased,omitempty" doc:"the key to her identity and words is destroyed"`
	Harms       []Harm                        `json:"harms" nullable:"false" doc:"her adverse events, each with its entry, its versions and the clock of a serious one"`
	Strayed     []Strayed                     `json:"strayed" nullable:"false" doc:"her deviations, each with its entry and how it was judged"`
	Medications []Noted[study.Medication]     `json:"medications" nullable:"false"`
	Pregnancies []PregnancyKnown              `json:"pregnancies" nullable:"false"`
	Incidents   []Noted[study.DeviceIncident] `json:"device_incidents" nullable:"false"`
	Unblindings []Emergency                   `json:"unblindings" nullable:"false" doc:"that a physician was told, and never what"`
	Queries     []Query                       `json:"queries" nullable:"false"`
	Proposals   []Proposal                    `json:"proposals" nullable:"false" doc:"about her, that wait for a second person"`
	LockedForms []uint64                      `json:"locked_forms" nullable:"false" doc:"their entries"`
	Locked      *Signed                       `json:"locked,omitempty" doc:"by whom, once all about her is locked"`
	Verified    []Verified                    `json:"verified" nullable:"false" doc:"what was held against its source"`
	Excused     []Lapse                       `json:"excused" nullable:"false" doc:"tasks that she need not do"`
}

// Answer is a question and what was answered, in words.
type Answer struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Noted is something that was noted of a person, as it stands after corrections.
type Noted[T any] struct {
	Entry uint64 `json:"entry"`
	At    string `json:"at"`
	What  T      `json:"what"`
}

func notedOf[T any](list []study.Entered[T]) []Noted[T] {
	out := make([]Noted[T], len(list))
	for i, x := range list {
		out[i] = Noted[T]{x.Entry, stampOf(x.At), x.What}
	}
	return out
}

// PregnancyKnown is a pregnancy, and what became of it.
type PregnancyKnown struct {
	Noted[study.Pregnancy]
	Followed []study.PregnancyFollowed `json:"followed" nullable:"false"`
	Open     bool                      `json:"open" doc:"it still has to be followed"`
}

// Verified is an entry that was held against its source.
type Verified struct {
	Entry  uint64   `json:"entry"`
	At     string   `json:"at"`
	By     string   `json:"by"`
	Fields []string `json:"fields,omitempty" doc:"left out: all of them"`
}

// Lapse is a task that somebody was let off.
type Lapse struct {
	Task   study.TaskRef `json:"task"`
	Entry  uint64        `json:"entry"`
	At     string        `json:"at"`
	By     string        `json:"by"`
	Reason string        `json:"reason,omitempty"`
}

func personOf(p desk.Person) Person {
	out := Person{
		Line: lineOf(p.Line), Failed: append([]string{}, p.Failed...), Consents: []Consent{}, Tasks: []Task{}, Forms: []Form{},
		Device: []Night{}, DoseByDate: map[string]int{}, Kits: kitsOf(p.Kits), Events: append([]study.EventOccurred{}, p.Events...),
		AdverseList: append([]study.AdverseEvent{}, p.Adverse...), Departures: append([]study.Deviation{}, p.Deviations...),
		Corrections: append([]study.CorrectionMade{}, p.Corrections...), Withdrawn: append([]study.Withdrew{}, p.Withdrawn...),
		Signatures: signedOf(p.Signatures), Screening: []Answer{}, Harms: []Harm{}, Strayed: []Strayed{}, Pregnancies: []PregnancyKnown{},
		Unblindings: []Emergency{}, Queries: []Query{}, Proposals: []Proposal{}, LockedForms: []uint64{}, Verified: []Verified{}, Excused: []Lapse{},
	}
	for _, a := range p.Screening {
		out.Screening = append(out.Screening, Answer{a.Question, a.Answer})
	}
	for _, c := range p.Consents {
		out.Consents = append(out.Consents, Consent{c.Version, string(c.Language), stampOf(c.At)})
	}
	for _, t := range p.Missing {
		out.Tasks = append(out.Tasks, taskOf(t))
	}
	for _, v := range p.Visits {
		for _, f := range v.Forms {
			if f.Response != nil {
				out.Forms = append(out.Forms, formOf(f.Response))
			}
		}
	}
	for _, n := range p.ByNight {
		if n.Diary != nil {
			out.Forms = append(out.Forms, formOf(n.Diary))
		}
		if n.Device != nil {
			record, err := json.Marshal(n.Device.Night)
			if err == nil {
				out.Device = append(out.Device, Night{n.Vendor, n.Date.String(), n.Device.Entry, n.Device.Superseded, record})
			}
		}
		if n.Dose != nil {
			out.DoseByDate[n.Evening.String()] = n.Dose.Units
		}
	}
	return out
}

// about adds what is kept of a person beside what she and her devices gave.
func (out *Person) about(st *study.State, p *study.Participant, now time.Time) {
	out.Closed, out.Completed, out.Erased = p.Closed, p.Completed, p.Erased
	if p.Enrolled != nil {
		out.Enrolled = p.EnrolledOn.String()
	}
	for _, r := range p.AdverseLog {
		out.Harms = append(out.Harms, harmOf(desk.NewHarm(st, p, r, now)))
	}
	for _, d := range desk.StrayedOf(p) {
		out.Strayed = append(out.Strayed, strayedOf(d))
	}
	out.Medications, out.Incidents = notedOf(p.Medications), notedOf(p.Incidents)
	for _, g := range p.Pregnancies {
		out.Pregnancies = append(out.Pregnancies, PregnancyKnown{
			Noted[study.Pregnancy]{g.Entry, stampOf(g.At), g.What}, append([]study.PregnancyFollowed{}, g.Followed...), g.Open(),
		})
	}
	for _, u := range p.Unblindings {
		out.Unblindings = append(out.Unblindings, emergencyOf(desk.NewEmergency(p, u)))
	}
	for _, q := range p.Queries {
		out.Queries = append(out.Queries, queryOf(desk.NewQuestioned(p, q), now))
	}
	for _, w := range st.Waiting(p.Subject) {
		out.Proposals = append(out.Proposals, proposalOf(w))
	}
	out.locks(st, p)
}

// locks tells what of a person is locked, verified and let off.
func (out *Person) locks(st *study.State, p *study.Participant) {
	out.LockedForms = append(out.LockedForms, p.LockedForms...)
	if x := p.Locked; x != nil {
		since, stale := st.StaleSince(p.Subject, *x)
		out.Locked = &signedOf([]study.SigningNow{{Signing: *x, Stale: stale, Since: since}})[0]
	}
	for _, entry := range slices.Sorted(maps.Keys(p.Verified)) {
		v := p.Verified[entry]
		out.Verified = append(out.Verified, Verified{entry, stampOf(v.At), v.By, slices.Clone(v.Fields)})
	}
	for _, l := range p.LetOff {
		out.Excused = append(out.Excused, Lapse{l.Task, l.Entry, stampOf(l.At), l.By, l.Reason})
	}
}
