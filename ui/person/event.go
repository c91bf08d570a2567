package person

import (
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
	Told                study.AdverseEvent
	Problem             string
}

func (p *Pages) event(v *visit) (answer, error) { return p.showEvent(v, "") }

func (p *Pages) showEvent(v *visit, problem string) (answer, error) {
	e := eventPage{Key: p.newKey(v.r), Today: today(v).String(), Problem: problem}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		if len(person.Consents) == 0 {
			return fault.New("no-consent", "", "nothing is collected before consent")
		}
		e.Contact = inForce(s, person, v.now).Safety.Contact.In(protocol.Language(v.lang))
		return nil
	})
	e.Told.Words, e.Told.Severity = study.Words(v.form.Get("words")), v.form.Get("severity")
	return answer{page: "event", title: "event.title", data: e}, err
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
	if err != nil {
		return answer{}, err
	}
	return answer{to: savedAt(r)}, nil
}

// leavePage offers the three ways of leaving, one of which is to stay.
type leavePage struct {
	Key               string
	Treatment, Device bool // what can still be left
	All, Erase        bool
	Contact           string
	Problem           string
	Leaver            bool
}

func (p *Pages) leave(v *visit) (answer, error) { return p.showLeave(v, "") }

func (p *Pages) showLeave(v *visit, problem string) (answer, error) {
	l := leavePage{Key: p.newKey(v.r), Problem: problem}
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
	return answer{page: "leave", title: "leave.title", data: l}, err
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
