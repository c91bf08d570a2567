package person

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// homePage is what is due now, and the way to everything else.
type homePage struct {
	Step       string // of coming in, where that is not finished
	Due        []dueLine
	Next       string // what comes next, in a sentence
	Started    bool   // enrolled
	Day        string // which of the treatment this is, in a sentence
	Over       bool   // completed or left
	Left       bool
	Contact    string
	Plan       string // for the scripts: what is due when, without a network
	Keep       []string
	DiaryDone  int
	DiaryDue   int
	Results    bool
	CanInstall bool
	Zone       string // by which she is reminded; empty: she is not
	Key        string
	Own        *ownDue // of a trial that she runs
}

// dueLine is one thing to do.
type dueLine struct {
	Kind   string `json:"kind"`
	Href   string `json:"href"`
	Text   string `json:"text"`
	Button string `json:"button"`
	Opens  int64  `json:"opens"`
	Due    int64  `json:"due"`
	Closes int64  `json:"closes"`
	Done   bool   `json:"done"`
	Night  string `json:"night,omitempty"`
	late   bool
}

func (p *Pages) home(v *visit) (answer, error) {
	var h homePage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := inForce(s, person, v.now)
		h.Contact, h.Step = proto.Safety.Contact.In(protocol.Language(v.lang)), stepOf(s, person, v.now)
		h.Started = person.Enrolled != nil
		_, h.Left = person.WithdrewFrom("follow-up")
		h.Over = h.Left || person.Completed != nil
		if _, again := s.NeedsConsent(person, v.now); again && h.Step == "consent" {
			h.Step = "again" // the information has changed: nothing else is asked meanwhile
		}
		h.Results = desk.Feedback(s, person, v.now)
		if h.Step == "" {
			h.Own = p.ownNow(v, s, person)
		}
		if h.Started && !h.Over {
			h.Zone, h.Key = schedule.ZoneOn(s.Protocol, person.Anchor(), today(v)).String(), p.newKey(v.r)
		}
		tasks := s.Tasks(person, v.now)
		lines := p.dueLines(v, s, person, tasks)
		h.Due = nowDue(lines, v.now)
		h.Next = p.next(v, tasks)
		if h.Step != "" {
			lines = []dueLine{}
		}
		h.Plan = asText(lines)
		h.Keep = kept(lines)
		h.DiaryDone, h.DiaryDue = diaryShare(tasks)
		h.Day = p.dayOf(v, s, person)
		return nil
	})
	return answer{page: "home", title: "home.title", data: h}, err
}

// dayOf says how far somebody has come with what she takes, and after the last of
// it until when she is asked. A day of taking begins with the evening's dose on the
// day of randomisation; between two periods nothing is said.
func (p *Pages) dayOf(v *visit, s *study.State, person *study.Participant) string {
	day, ok := schedule.DayOf(s.Protocol, person.Anchor(), today(v))
	if !ok || person.Randomised == nil || day < 0 {
		return ""
	}
	of := s.ProtocolFor(person, v.now)
	design, what := of.Protocol().Design, p.words.say(v.lang, "home.treatment")
	if dose := of.Protocol().Dose; dose != nil {
		what = p.unit(v.lang, dose.Unit)
	}
	periods := max(design.Periods, 1)
	for n := range periods {
		if in := day - of.PeriodStart(n+1); in >= 0 && in < design.TreatmentDays {
			return p.words.say(v.lang, "home.day", "day", n*design.TreatmentDays+in+1, "of", periods*design.TreatmentDays, "what", what)
		}
	}
	if after := of.LastDay() - day; after >= 0 && day >= of.PeriodStart(periods) {
		return p.words.say(v.lang, "home.day.after", "what", what, "day", longDate(v.lang, today(v).Add(after)))
	}
	return ""
}

// dueLines gives everything that can be done in the coming weeks, each with its
// times, the most pressing first.
func (p *Pages) dueLines(v *visit, s *study.State, person *study.Participant, tasks []schedule.Task) []dueLine {
	lines := []dueLine{}
	for _, t := range tasks {
		if t.State == schedule.Excused || t.Opens.After(v.now.AddDate(0, 0, ahead)) || !t.Closes.After(v.now) {
			continue
		}
		line := dueLine{
			Opens: t.Opens.Unix(), Due: t.Due.Unix(), Closes: t.Closes.Unix(), late: !v.now.Before(t.Due),
		}
		switch t.Kind {
		case schedule.Diary:
			line.Kind, line.Href, line.Night, line.Done = "diary", "/me/diary?night="+t.On.String(), t.On.String(), t.State == schedule.Complete
			line.Text = p.words.say(v.lang, "due.diary", "day", longDate(v.lang, t.On))
			line.Button = p.words.say(v.lang, "due.diary.button")
			lines = append(lines, line)
		case schedule.Visit:
			lines = append(lines, p.visitLines(v, s, person, t, line)...)
		}
	}
	slices.SortStableFunc(lines, func(a, b dueLine) int {
		return cmp.Or(btoi(a.Done)-btoi(b.Done), btoi(a.late)-btoi(b.late), btoi(a.Kind != "diary")-btoi(b.Kind != "diary"), cmp.Compare(a.Due, b.Due))
	})
	return lines
}

func (p *Pages) visitLines(v *visit, s *study.State, person *study.Participant, t schedule.Task, line dueLine) []dueLine {
	planned, ok := s.Visit(person, t.Name)
	if !ok {
		return nil
	}
	var out []dueLine
	for _, id := range planned.Instruments {
		d, ok := s.Instrument(instrument.ID(id), "")
		if !ok || !p.answerable(d, v.lang) {
			continue
		}
		line.Kind, line.Href = "form", "/me/visit/"+t.Name+"/"+id
		line.Done = !slices.Contains(t.Missing, id)
		name, _ := p.named(v.lang, d)
		line.Text = p.words.say(v.lang, "due.form", "form", name, "visit", planned.Label.In(protocol.Language(v.lang)))
		line.Button = p.words.say(v.lang, "due.form.button")
		out = append(out, line)
	}
	return out
}

// answerable says whether there are words to answer: some instruments are
// nothing without their licensed text.
func (p *Pages) answerable(d *instrument.Definition, lang string) bool {
	var w *instrument.Wording
	if p.opt.Wording != nil {
		w, _ = p.opt.Wording(d.ID, d.Version, lang)
	}
	return instrument.Show(d, lang, w).Answerable
}

func nowDue(lines []dueLine, now time.Time) []dueLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l dueLine) bool {
		return l.Done || now.Unix() < l.Opens || now.Unix() >= l.Closes
	})
}

// kept are the pages that a device keeps for when there is no network. The
// diary is one page for all nights.
func kept(lines []dueLine) []string {
	out := []string{"/me", "/me/diary?keep=1", "/me/event", "/me/card", "/me/offline"}
	for _, l := range lines {
		if l.Kind == "form" && !l.Done {
			out = append(out, l.Href)
		}
	}
	return out
}

// next says what comes next.
func (p *Pages) next(v *visit, tasks []schedule.Task) string {
	var best schedule.Task
	found := false
	for _, t := range schedule.In(tasks, schedule.Scheduled) {
		if t.Kind != schedule.Device && t.Opens.After(v.now) && (!found || t.Opens.Before(best.Opens)) {
			best, found = t, true
		}
	}
	if !found {
		return ""
	}
	at := best.Opens.In(best.Zone)
	key := "next." + string(best.Kind)
	return p.words.say(v.lang, key, "day", longDate(v.lang, civil.DateOf(at)), "time", clockTime(at, best.Zone))
}

func diaryShare(tasks []schedule.Task) (done, due int) {
	for _, t := range tasks {
		if t.Kind != schedule.Diary {
			continue
		}
		switch t.State {
		case schedule.Complete:
			done++
			due++
		case schedule.Missed, schedule.Late, schedule.Open, schedule.Partial:
			due++
		}
	}
	return done, due
}

// stepOf gives what is left of coming into the trial: eligible, consent, hours,
// or nothing.
func stepOf(s *study.State, person *study.Participant, now time.Time) string {
	_, left := person.WithdrewFrom("follow-up")
	switch {
	case left || person.Completed != nil:
		return ""
	case !person.Eligible():
		return "not-eligible"
	case !consented(s, person, now):
		return "consent"
	case person.Enrolled == nil:
		return "hours"
	}
	return ""
}

// consented says whether the person has consented to what is in force.
func consented(s *study.State, person *study.Participant, now time.Time) bool {
	n := len(person.Consents)
	return n > 0 && person.Consents[n-1].Version == inForce(s, person, now).Consent.Version
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func asText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null" // plain values are always JSON
	}
	return string(b)
}
