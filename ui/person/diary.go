package person

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// answerPage is a form that is to be filled in: a diary or a questionnaire.
type answerPage struct {
	Form     formView
	Action   string
	Key      string
	Night    civil.Date // of a diary
	Evening  civil.Date // the day before, on which one went to bed
	Back     bool       // the night is filled in afterwards
	Visit    string
	Label    string // of the visit
	Nights   string // for the scripts: which nights there are, and when each is open
	Opens    time.Time
	Closes   time.Time
	Doubts   []doubt
	Problems map[string]string // by item
	Count    int
	Lang     protocol.Language
	Wake     civil.Clock // about when she wakes, which is where last night's bar is laid
	Closed   bool
	Done     bool
}

// nightLine tells the scripts of one night.
type nightLine struct {
	Night  civil.Date `json:"night"`
	Name   string     `json:"name"`
	Opens  int64      `json:"opens"` // seconds since 1970
	Due    int64      `json:"due"`
	Closes int64      `json:"closes"`
	Done   bool       `json:"done"`
}

// diary shows the morning diary: of the night asked for, or of the one that is
// open, or of the last that can still be filled in.
func (p *Pages) diary(v *visit) (answer, error) {
	return p.showDiary(v, nil, nil, nil)
}

func (p *Pages) showDiary(v *visit, given url.Values, doubts []doubt, problems map[string]string) (answer, error) {
	a := answerPage{Action: "/me/diary", Key: p.newKey(v.r), Doubts: doubts, Problems: problems}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		tasks := s.Tasks(person, v.now)
		a.Nights = nightLines(v, tasks)
		night := today(v)
		t, ok := chosenNight(tasks, firstOf(given.Get("night"), v.r.URL.Query().Get("night")), v.now)
		if ok {
			night = t.On
			a.Night, a.Evening, a.Back = t.On, t.On.Add(-1), civil.DateOf(v.now.In(t.Zone)) != t.On
			a.Opens, a.Closes = t.Opens, t.Closes
			a.Done = t.State == schedule.Complete
		}
		a.Closed = !ok
		a.Wake = person.WakeOn(night)
		d, err := diaryAsked(v, s, person, night)
		if err != nil {
			return err
		}
		a.Form = p.newForm(v.lang, d, inForce(s, person, v.now), given)
		a.Count, a.Lang = len(a.Form.Items), protocol.Language(v.lang)
		return nil
	})
	return answer{page: "form", title: "diary.title", data: a}, err
}

// diaryAsked gives the diary that a person is asked for a night.
func diaryAsked(v *visit, s *study.State, person *study.Participant, night civil.Date) (*instrument.Definition, error) {
	d := s.Diary(person, night)
	if d == nil {
		return nil, fault.New("page-unknown", v.r.URL.Path, "no diary is asked for this night")
	}
	return definition(s, d.Instrument)
}

// chosenNight gives the diary task of a night, or the one to fill in now.
func chosenNight(tasks []schedule.Task, asked string, now time.Time) (schedule.Task, bool) {
	if night, err := civil.ParseDate(asked); err == nil {
		return schedule.Find(tasks, schedule.Key{Kind: schedule.Diary, Date: night})
	}
	var best schedule.Task
	found := false
	for _, t := range schedule.Actionable(tasks, now) {
		if t.Kind == schedule.Diary && (!found || best.State != schedule.Open) {
			best, found = t, true
		}
	}
	return best, found
}

// ahead is how many days of the plan a device is given to work without a
// network.
const ahead = 21

func nightLines(v *visit, tasks []schedule.Task) string {
	lines := []nightLine{}
	for _, t := range tasks {
		if t.Kind != schedule.Diary || t.State == schedule.Excused || t.Opens.After(v.now.AddDate(0, 0, ahead)) || !t.Closes.After(v.now) {
			continue
		}
		lines = append(lines, nightLine{
			Night: t.On, Name: longDate(v.lang, t.On), Opens: t.Opens.Unix(), Due: t.Due.Unix(), Closes: t.Closes.Unix(),
			Done: t.State == schedule.Complete,
		})
	}
	b, err := json.Marshal(lines)
	if err != nil {
		return "[]" // dates and names are always JSON
	}
	return string(b)
}

// saveDiary takes a diary as a form sends it.
func (p *Pages) saveDiary(v *visit) (answer, error) {
	night, err := civil.ParseDate(v.form.Get("night"))
	if err != nil {
		return answer{}, fault.New("night-unknown", "night", "no night is named")
	}
	var def *instrument.Definition
	var zone *time.Location
	err = p.me(v, func(s *study.State, person *study.Participant) error {
		zone = schedule.ZoneOn(s.Protocol, person.Anchor(), night)
		def, err = diaryAsked(v, s, person, night)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	answers, problems := readForm(def, v.form)
	if problems.Err() != nil {
		return p.showDiary(v, v.form, nil, p.tellProblems(v.lang, problems))
	}
	cmd := study.Answer{Instrument: string(def.ID), Night: night, Language: protocol.Language(v.lang), Validated: v.form.Get("validated") == "yes", Paradata: readParadata(v.form)}
	if doubts := p.doubts(v.lang, night, zone, answers); len(doubts) > 0 {
		if v.form.Get("sure") != "yes" {
			return p.showDiary(v, v.form, doubts, nil)
		}
		for _, d := range doubts {
			cmd.Confirmed = append(cmd.Confirmed, d.Code)
		}
	}
	return p.give(v, cmd, answers)
}

// give hands answers in and leads to the receipt.
func (p *Pages) give(v *visit, cmd study.Answer, answers instrument.Answers) (answer, error) {
	raw, err := json.Marshal(answers)
	if err != nil {
		return answer{}, fault.Wrap("answer-form", "answers", err)
	}
	cmd.Answers = raw
	r, err := p.do(v, cmd)
	if err != nil {
		return answer{}, err
	}
	return answer{to: savedAt(r)}, nil
}

// do gives a command in the person's name, with the form's key.
func (p *Pages) do(v *visit, cmd study.Command) (desk.Receipt, error) {
	return p.office.Do(v.r.Context(), v.caller, desk.Request{
		Cmd: cmd, Subject: v.caller.Subject, Zone: v.zoneHere(), Key: v.form.Get("key"),
	})
}

// zoneHere gives the zone that the device says it is in, where that is one.
func (v *visit) zoneHere() string {
	if z := v.form.Get("zone"); z != "" {
		if _, err := civil.Zone(z); err == nil {
			return z
		}
	}
	return ""
}

func savedAt(r desk.Receipt) string {
	q := url.Values{"entry": {strconv.FormatUint(r.First, 10)}}
	return "/me/saved?" + q.Encode()
}

// tellProblems says what does not fit, by item.
func (p *Pages) tellProblems(lang string, l fault.List) map[string]string {
	out := map[string]string{}
	for _, problem := range l {
		item, _, _ := strings.Cut(problem.Place, ".")
		key := "problem." + string(problem.Code)
		if _, ok := p.words.of[key]; !ok {
			key = "problem.answer"
		}
		out[item] = p.words.say(lang, key)
	}
	return out
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
