package person

import (
	"net/http"
	"net/url"
	"strings"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// eventPage is the form for something that happened, in the person's words.
type eventPage struct {
	Key, Today, Contact string
	Onset               string // as it stands in the form
	Told                study.AdverseEvent
	Problem             string
}

func (p *Pages) event(v *visit) (answer, error) { return p.showEvent(v, "") }

func (p *Pages) showEvent(v *visit, problem string) (answer, error) {
	e := eventPage{Key: p.newKey(v.r), Today: today(v).String(), Problem: problem}
	e.Onset = firstOf(v.form.Get("onset"), e.Today)
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		if len(person.Consents) == 0 {
			return fault.New("no-consent", "", "nothing is collected before consent")
		}
		e.Contact = inForce(s, person, v.now).Safety.Contact.In(protocol.Language(v.lang))
		return nil
	})
	e.Told.Words, e.Told.Severity = study.Words(v.form.Get("words")), v.form.Get("severity")
	e.Told.Outcome, e.Told.Serious = v.form.Get("outcome"), v.form.Get("serious") == "yes"
	a := answer{page: "event", title: "event.title", data: e}
	if problem != "" {
		a.status = http.StatusUnprocessableEntity
	}
	return a, err
}

// saveEvent takes what happened. How it hangs together with the treatment is for
// the investigator to say.
func (p *Pages) saveEvent(v *visit) (answer, error) {
	e := study.AdverseEvent{
		Term: study.ToldByHer, Words: study.Words(strings.TrimSpace(v.form.Get("words"))), Severity: firstOf(v.form.Get("severity"), "mild"), Serious: v.form.Get("serious") == "yes",
		Related: "unassessed", Outcome: firstOf(v.form.Get("outcome"), "unknown"),
	}
	if e.Words == "" {
		return p.showEvent(v, p.words.say(v.lang, "problem.term-missing"))
	}
	onset, err := civil.ParseDate(v.form.Get("onset"))
	if err != nil {
		return p.showEvent(v, p.words.say(v.lang, "problem.date-form"))
	}
	e.Onset = onset
	r, err := p.do(v, study.ReportAdverseEvent{AdverseEvent: e})
	if text := p.words.maybe(v.lang, "problem."+string(fault.CodeOf(err))); err != nil && strings.HasPrefix(string(fault.CodeOf(err)), "date-") && text != "" {
		return p.showEvent(v, text) // the day is one that cannot be, and the words are still hers
	}
	if err != nil {
		return answer{}, err
	}
	return answer{to: savedAt(r)}, nil
}

// leavePage offers the three ways of leaving, one of which is to stay.
type leavePage struct {
	Key               string
	From, Why         string // what is chosen in the form
	Treatment, Device bool   // what can still be left
	All, Erase        bool
	Contact           string
	Problem           string
	Leaver            bool
}

func (p *Pages) leave(v *visit) (answer, error) { return p.showLeave(v, "") }

func (p *Pages) showLeave(v *visit, problem string) (answer, error) {
	l := leavePage{Key: p.newKey(v.r), From: v.form.Get("from"), Why: v.form.Get("why"), Problem: problem}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		_, noTreatment := person.WithdrewFrom(study.FromTreatment)
		_, noDevice := person.WithdrewFrom(study.FromDevice)
		_, gone := person.WithdrewFrom(study.FromFollowUp)
		_, erased := person.WithdrewFrom(study.FromIdentifiers)
		l.All = !gone && len(person.Consents) > 0 && person.Completed == nil
		l.Treatment = person.Randomised != nil && !noTreatment && l.All
		l.Device = s.AsksDevice(person) && !noDevice && l.All
		l.Erase = !erased && len(person.Consents) > 0
		l.Leaver = gone
		l.Contact = inForce(s, person, v.now).Safety.Contact.In(protocol.Language(v.lang))
		return nil
	})
	a := answer{page: "leave", title: "leave.title", data: l}
	if problem != "" {
		a.status = http.StatusUnprocessableEntity
	}
	return a, err
}

// saveLeave withdraws the person from what she chose. It asks twice: the second
// time with what follows from it.
func (p *Pages) saveLeave(v *visit) (answer, error) {
	from := v.form.Get("from")
	if from == "" {
		return p.showLeave(v, p.words.say(v.lang, "leave.choose"))
	}
	if v.form.Get("sure") != "yes" {
		return p.showLeave(v, p.words.say(v.lang, "leave.sure-missing"))
	}
	r, err := p.do(v, study.Withdraw{From: from, Why: firstOf(v.form.Get("why"), "not-said")})
	if err != nil {
		return answer{}, err
	}
	return answer{to: savedAt(r) + "&left=" + url.QueryEscape(from)}, nil
}
