package person

import (
	"net/url"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// questionnaire shows one instrument of a visit.
func (p *Pages) questionnaire(v *visit) (answer, error) {
	return p.showQuestionnaire(v, nil, nil)
}

func (p *Pages) showQuestionnaire(v *visit, given url.Values, problems map[string]string) (answer, error) {
	a := answerPage{Action: v.r.URL.Path, Key: p.newKey(v.r), Visit: v.r.PathValue("visit"), Problems: problems, Lang: protocol.Language(v.lang)}
	title := "visit.title"
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		planned, ok := s.Visit(person, a.Visit)
		id := v.r.PathValue("instrument")
		if !ok || !slices.Contains(planned.Instruments, id) {
			return fault.New("page-unknown", v.r.URL.Path, "there is no such form")
		}
		d, err := definition(s, id)
		if err != nil {
			return err
		}
		t, ok := schedule.Find(s.Tasks(person, v.now), schedule.Key{Kind: schedule.Visit, Name: a.Visit})
		if ok {
			a.Opens, a.Closes = t.Opens, t.Closes
			a.Done = !slices.Contains(t.Missing, id)
			a.Closed = v.now.Before(t.Opens) || !v.now.Before(t.Closes)
		}
		a.Closed = a.Closed || !ok
		a.Label = planned.Label.In(a.Lang)
		a.Form = p.newForm(v.lang, d, inForce(s, person, v.now), given)
		a.Count = len(a.Form.Items)
		return nil
	})
	return answer{page: "form", title: title, data: a}, err
}

// saveQuestionnaire takes an instrument of a visit as a form sends it.
func (p *Pages) saveQuestionnaire(v *visit) (answer, error) {
	var def *instrument.Definition
	err := p.me(v, func(s *study.State, _ *study.Participant) (err error) {
		def, err = definition(s, v.r.PathValue("instrument"))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	answers, problems := readForm(def, v.form)
	if problems.Err() != nil {
		return p.showQuestionnaire(v, v.form, p.tellProblems(v.lang, problems))
	}
	return p.give(v, study.Answer{
		Instrument: string(def.ID), Visit: v.r.PathValue("visit"), Language: protocol.Language(v.lang), Validated: v.form.Get("validated") == "yes", Paradata: readParadata(v.form),
	}, answers)
}

func today(v *visit) civil.Date { return civil.DateOf(v.now.In(v.zone)) }
