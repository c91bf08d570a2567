package person

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// savedPage is the receipt of an entry.
type savedPage struct {
	At      time.Time
	Entry   uint64
	What    string
	Late    bool
	Another *dueLine
}

// saved shows the receipt of one of the person's own entries, and what else
// there is to do.
func (p *Pages) saved(v *visit) (answer, error) {
	entry, err := strconv.ParseUint(v.r.URL.Query().Get("entry"), 10, 62)
	if err != nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "there is no such page")
	}
	s := savedPage{Entry: entry}
	err = p.me(v, func(st *study.State, person *study.Participant) error {
		at, what, late, ok := p.ownEntry(st, person, entry, v.lang)
		if left := v.r.URL.Query().Get("left"); !ok && left != "" { // a withdrawal does not know its entry
			if _, did := person.WithdrewFrom(left); did {
				at, what, ok = v.now, p.words.say(v.lang, "saved.left."+left), true
			}
		}
		if !ok {
			return fault.New("page-unknown", v.r.URL.Path, "there is no such page")
		}
		s.At, s.What, s.Late = at, what, late
		if due := nowDue(p.dueLines(v, st, person, st.Tasks(person, v.now)), v.now); len(due) > 0 {
			s.Another = &due[0]
		}
		return nil
	})
	return answer{page: "saved", title: "saved.title", data: s}, err
}

// ownEntry finds an entry among a person's answers, and says what it is of.
func (p *Pages) ownEntry(s *study.State, person *study.Participant, entry uint64, lang string) (at time.Time, what string, late, ok bool) {
	title := func(id string) string {
		if d, ok := s.Instrument(instrument.ID(id), ""); ok {
			id, _ = p.named(lang, d)
		}
		return id
	}
	for night, r := range person.Diary {
		if r.Entry == entry {
			return r.At, title(r.Answered.Instrument) + ", " + longDate(lang, night), r.Answered.Late, true
		}
	}
	for _, of := range person.Visits {
		for id, r := range of {
			if r.Entry == entry {
				return r.At, title(id), r.Answered.Late, true
			}
		}
	}
	for _, x := range person.AdverseLog {
		if x.Entry == entry && len(x.Versions) > 0 {
			return x.Versions[0].At, p.words.say(lang, "saved.event"), false, true
		}
	}
	return time.Time{}, "", false, false
}

// cardPage is the emergency card.
type cardPage struct {
	Trial, Title, Contact string
	Code                  study.Subject
	Kits                  []study.KitGiven
	Arms                  []string
	Dose                  string
	From                  civil.Date
}

func (p *Pages) card(v *visit) (answer, error) {
	var c cardPage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := inForce(s, person, v.now)
		lang := protocol.Language(v.lang)
		c = cardPage{Trial: proto.ID, Title: proto.Title, Contact: proto.Safety.Contact.In(lang), Code: person.Subject, Kits: slices.Clone(person.Kits)}
		slices.Reverse(c.Kits)
		for _, a := range proto.Arms {
			c.Arms = append(c.Arms, a.Label.In(lang))
		}
		if proto.Dose != nil {
			c.Dose = strconv.Itoa(proto.Dose.PerDay) + " " + p.unit(v.lang, proto.Dose.Unit) + " · " + proto.Dose.When.In(lang)
		}
		if person.Randomised != nil {
			c.From = person.Randomised.Date
		}
		return nil
	})
	return answer{page: "card", title: "card.title", data: c}, err
}

// storedPage says what is stored of a person, and who sees it.
type storedPage struct {
	desk.Stored
	Contact string
}

func (p *Pages) stored(v *visit) (answer, error) {
	var d storedPage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		d = storedPage{Stored: desk.StoredOf(person), Contact: inForce(s, person, v.now).Safety.Contact.In(protocol.Language(v.lang))}
		return nil
	})
	return answer{page: "data", title: "data.title", data: d}, err
}

// pastPage tells which entries have come, and after the trial what they say.
type pastPage struct {
	Lines   []pastLine
	Visits  []pastVisit
	Events  []receipt // of what she told in her own words
	Results bool
	Done    int
	Due     int
	Nights  template.HTML // all of them in one picture
	Scores  []titled
	Given   []given // what she was given, once it is published
	Own     *ownResults
}

type pastLine struct {
	Night   civil.Date
	State   string        // done, late, missed, open
	Picture template.HTML // drawn by package figure, which escapes what it writes
	Told    []told
	Given   string // in the period of this night, of several
	Receipt receipt
}

// receipt is the number of an entry and when it came; without a number there is
// none.
type receipt struct {
	Entry uint64
	At    time.Time
}

type pastVisit struct {
	Label, Title, State string
	Official            string // the instrument's own name, where it has another
	Scores              []told
	Receipt             receipt
}

type told struct{ Name, Value string }

func (p *Pages) past(v *visit) (answer, error) {
	var out pastPage
	arms, _, err := p.office.Given(v.r.Context(), v.caller, v.caller.Subject)
	if err != nil && v.caller.Subject != "" {
		return answer{}, err
	}
	err = p.me(v, func(s *study.State, person *study.Participant) error {
		out.Results = desk.Feedback(s, person, v.now)
		out.Given = givenTo(s, arms, protocol.Language(v.lang))
		tasks := s.Tasks(person, v.now)
		var bars []nightBar
		out.Done, out.Due = diaryShare(tasks)
		for _, t := range slices.Backward(tasks) {
			if t.State == schedule.Scheduled || t.State == schedule.Excused {
				continue
			}
			switch t.Kind {
			case schedule.Diary:
				line := pastLine{Night: t.On, State: p.stateWord(t)}
				if r := person.Diary[t.On]; r != nil {
					line.Receipt = receipt{r.Entry, r.At}
				}
				if out.Results {
					line.Picture, line.Told = p.ownNight(v.lang, person, t.On, t.Zone)
					if n := t.Period; len(out.Given) > 1 && n > 0 && n <= len(out.Given) {
						line.Given = out.Given[n-1].Label
					}
					bars = append(bars, barOf(person, t.On, t.Zone)) // a night of which nothing is known is an empty row
				}
				out.Lines = append(out.Lines, line)
			case schedule.Visit:
				out.Visits = append(out.Visits, p.pastForms(v, s, person, t, out.Results)...)
			}
		}
		for _, x := range slices.Backward(person.AdverseLog) {
			if len(x.Versions) > 0 {
				out.Events = append(out.Events, receipt{x.Entry, x.Versions[0].At})
			}
		}
		if out.Results {
			out.Nights = template.HTML(p.drawNights(v.lang, bars, v.zone)) //nolint:gosec // package figure escapes what it writes
			out.Scores = p.scorePictures(v, s, person)
		}
		return nil
	})
	if err == nil && v.runs {
		out.Own, err = p.ownResults(v)
	}
	return answer{page: "past", title: "past.title", data: out}, err
}

func (p *Pages) stateWord(t schedule.Task) string {
	switch {
	case t.State == schedule.Complete && t.Tardy:
		return "late"
	case t.State == schedule.Complete:
		return "done"
	case t.State == schedule.Missed:
		return "missed"
	}
	return "open"
}

func (p *Pages) pastForms(v *visit, s *study.State, person *study.Participant, t schedule.Task, results bool) []pastVisit {
	var out []pastVisit
	planned, _ := s.Visit(person, t.Name)
	for _, id := range planned.Instruments {
		d, ok := s.Instrument(instrument.ID(id), "")
		if !ok {
			continue
		}
		line := pastVisit{Label: planned.Label.In(protocol.Language(v.lang)), State: "missed"}
		line.Title, line.Official = p.named(v.lang, d)
		r := person.Visits[t.Name][id]
		if r == nil && !p.answerable(d, v.lang) {
			continue // it could not be answered: nothing is missing that she owes
		}
		switch {
		case r != nil && r.Answered.Late:
			line.State = "late"
		case r != nil:
			line.State = "done"
		case v.now.Before(t.Closes):
			line.State = "open"
		}
		if r != nil {
			line.Receipt = receipt{r.Entry, r.At}
		}
		if results && r != nil {
			for _, score := range r.Scores {
				scale, ok := d.Scale(score.Scale)
				if ok && score.Value != nil {
					line.Scores = append(line.Scores, told{scale.Label.In(v.lang), decimal(v.lang, *score.Value, places(*score.Value)) + " " + p.unit(v.lang, scale.Unit)})
				}
			}
		}
		out = append(out, line)
	}
	return out
}

func places(v float64) int {
	if v == float64(int(v)) {
		return 0
	}
	return 1
}
