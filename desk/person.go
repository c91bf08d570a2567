package desk

import (
	"cmp"
	"slices"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// Person is all that is known of one participant.
type Person struct {
	Line
	Screening []Answer
	Failed    []string // criteria, in words
	Consents  []study.ConsentGiven
	Enrolled  *study.Enrolled
	On        civil.Date // of enrolment
	Completed *study.Completed
	Withdrawn []study.Withdrew

	Visits      []Visit
	ByNight     []Night // the latest first
	Kits        []study.KitGiven
	Adverse     []study.AdverseEvent
	Events      []study.EventOccurred
	Deviations  []study.Deviation
	Corrections []study.CorrectionMade
	Missing     []schedule.Task // late or missed
	Signatures  []study.SigningNow
}

// Answer is a question and what was answered.
type Answer struct {
	Question, Answer string
	Field            string // as a correction names it; empty of what is not corrected by itself
}

// Visit is a planned visit and what came of it.
type Visit struct {
	schedule.Task
	Label string
	Forms []Form
}

// Form is one filled-in instrument.
type Form struct {
	Instrument, Title string
	Response          *study.Response // nil where it has not come
	Scores            []Score
	Items             []Answer
}

// Score is one score in words.
type Score struct {
	Label, Value, Unit, Band string
	Absent                   string // why there is none
}

// Night is what is known of one night: diary, device, and the dose of the
// evening before.
type Night struct {
	Date    civil.Date // of waking up
	Day     int
	Diary   *study.Response
	Items   []Answer
	Device  *study.RecordedNight
	Vendor  string
	Dose    *study.DoseRecord
	Evening civil.Date
}

// NewPerson gives everything about one person.
func NewPerson(s *study.State, who study.Subject, now time.Time, lang protocol.Language) (Person, bool) {
	p, ok := s.People[who]
	if !ok {
		return Person{}, false
	}
	out := Person{
		Line: NewLine(s, p, now), Consents: slices.Clone(p.Consents), Enrolled: p.Enrolled, On: p.EnrolledOn,
		Completed: p.Completed, Withdrawn: slices.Clone(p.Leavings()), Kits: slices.Clone(p.Kits),
		Adverse: slices.Clone(p.Adverse), Events: slices.Clone(p.Events),
		Deviations: slices.Clone(p.Deviations), Corrections: slices.Clone(p.Corrections), Signatures: s.SignaturesOf(who),
	}
	proto := s.ProtocolAt(p.Site, p.ScreenedAt).Protocol() // by which she was judged
	for _, q := range proto.Population.Screening {
		if v, ok := p.Screening.Answers[q.Name]; ok {
			text := v.String()
			if yes, is := v.Bool(); is {
				text = map[bool]string{true: "yes", false: "no"}[yes]
			}
			if q.Unit != "" {
				text += " " + q.Unit
			}
			out.Screening = append(out.Screening, Answer{Question: q.Label.In(lang), Answer: text})
		}
	}
	for _, list := range [][]protocol.Criterion{proto.Population.Include, proto.Population.Exclude} {
		for _, c := range list {
			if slices.Contains(p.Screening.Failed, c.ID) {
				out.Failed = append(out.Failed, c.Show.In(lang))
			}
		}
	}
	for _, t := range s.Tasks(p, now) {
		if t.Kind == schedule.Visit {
			out.Visits = append(out.Visits, newVisit(s, p, t, lang))
		}
		if t.State == schedule.Late || t.State == schedule.Missed {
			out.Missing = append(out.Missing, t)
		}
	}
	slices.SortStableFunc(out.Visits, func(a, b Visit) int { return cmp.Compare(a.Day, b.Day) })
	out.ByNight = nights(s, p, lang)
	return out, true
}

func newVisit(s *study.State, p *study.Participant, t schedule.Task, lang protocol.Language) Visit {
	out := Visit{Task: t, Label: t.Name}
	v, ok := s.Visit(p, t.Name)
	if !ok {
		return out
	}
	out.Label = v.Label.In(lang)
	for _, id := range v.Instruments {
		f := Form{Instrument: id, Title: id, Response: p.Visits[v.ID][id]}
		if d, ok := s.Instrument(instrument.ID(id), ""); ok {
			f.Title = d.Title.In(string(lang))
			if f.Response != nil {
				f.Scores = scores(d, f.Response.Scores, lang)
				f.Items = answers(s, f.Response, lang)
			}
		}
		out.Forms = append(out.Forms, f)
	}
	return out
}

func scores(d *instrument.Definition, results instrument.Scores, lang protocol.Language) []Score {
	var out []Score
	for _, r := range results {
		s := Score{Label: string(r.Scale), Absent: string(r.Absent)}
		if scale, ok := d.Scale(r.Scale); ok {
			s.Label, s.Unit = scale.Label.In(string(lang)), scale.Unit
			if r.Value != nil {
				if b, ok := scale.BandOf(*r.Value); ok {
					s.Band = b.Label.In(string(lang))
				}
			}
		}
		if r.Value != nil {
			s.Value = trim(*r.Value)
		}
		out = append(out, s)
	}
	return out
}

// nights gives every night of which anything is known, the newest first.
func nights(s *study.State, p *study.Participant, lang protocol.Language) []Night {
	of := map[civil.Date]*Night{}
	at := func(d civil.Date) *Night {
		if of[d] == nil {
			of[d] = &Night{Date: d, Evening: d.Add(-1)}
			if zero, ok := p.DayZero(); ok {
				of[d].Day = d.Sub(zero)
			}
		}
		return of[d]
	}
	for d, r := range p.Diary {
		n := at(d)
		n.Diary, n.Items = r, answers(s, r, lang)
	}
	for vendor, nights := range p.Nights {
		for d, r := range nights {
			n := at(d)
			n.Device, n.Vendor = r, vendor
		}
	}
	for d, r := range p.Doses {
		at(d.Add(1)).Dose = r
	}
	out := make([]Night, 0, len(of))
	for _, n := range of {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Night) int { return b.Date.Compare(a.Date) })
	return out
}

// answers tells a form item by item, in the order of its definition.
func answers(s *study.State, r *study.Response, lang protocol.Language) []Answer {
	d, ok := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !ok {
		return nil
	}
	var out []Answer
	for i := range d.Items {
		it := &d.Items[i]
		if a, ok := r.Answers[it.ID]; ok {
			out = append(out, Answer{it.Topic.In(string(lang)), tell(it, a, lang), "answers." + string(it.ID)})
		}
	}
	return out
}

// tell says one answer in words.
func tell(it *instrument.Item, a instrument.Answer, lang protocol.Language) string {
	switch {
	case a.IsNotSure():
		return "not sure"
	case a.IsDeclined():
		return "would rather not say"
	case it.Kind == instrument.YesNo:
		if x, _ := a.Number(); x == 1 {
			return "yes"
		}
		return "no"
	}
	if s, ok := a.Text(); ok {
		for _, c := range it.Choices {
			if c.Code == s {
				return c.Text.In(string(lang))
			}
		}
		return s
	}
	x, _ := a.Number()
	for _, m := range it.Anchors {
		if float64(m.At) == x {
			return trim(x) + " (" + m.Text.In(string(lang)) + ")"
		}
	}
	if it.Unit != "" {
		return trim(x) + " " + it.Unit
	}
	return trim(x)
}
