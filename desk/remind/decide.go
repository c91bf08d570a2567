package remind

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/schedule"
	"dvala/study"
)

// AgainAfter is how long after the first reminder of a morning the second and
// last one comes.
const AgainAfter = 90 * time.Minute

// Misses is how many mornings in a row without an entry the staff hear of.
const Misses = 3

// doseFor is how long after its hour a reminder of the dose is still of use.
const doseFor = 2 * time.Hour

// Person is what a decision rests on.
type Person struct {
	Subject  study.Subject
	Settings Settings
	Tasks    []schedule.Task // as they stand now
	Active   bool            // enrolled, and neither left nor completed
	Taking   bool            // the dose is to be taken this evening and has not been told
	Sent     []Sent          // of the last days
	Asked    string          // the version of the information that she has not consented to; empty: none
}

// About gathers what the state knows of a person.
func About(s *study.State, p *study.Participant, sent []Sent, now time.Time) Person {
	set := SettingsOf(s, p, now)
	_, left := p.WithdrewFrom("follow-up")
	_, stopped := p.WithdrewFrom("treatment")
	out := Person{
		Subject: p.Subject, Settings: set, Sent: sent,
		Active: p.Enrolled != nil && !left && p.Completed == nil && s.Locked == nil,
	}
	if !out.Active {
		return out
	}
	out.Tasks = s.Tasks(p, now)
	if version, again := s.NeedsConsent(p, now); again {
		out.Asked = version
	}
	if p.Randomised != nil && !stopped && s.Protocol.Protocol().Dose != nil {
		today := civil.DateOf(now.In(set.zone()))
		_, told := p.Doses[today]
		out.Taking = !told && doseDay(s, p, today)
	}
	return out
}

// doseDay says whether something is taken on a date: from randomisation on for
// the days of treatment, in each period of the design.
func doseDay(s *study.State, p *study.Participant, d civil.Date) bool {
	design := s.Protocol.Protocol().Design
	day := d.Sub(p.Randomised.Date)
	for period := 1; period <= max(design.Periods, 1); period++ {
		if first := s.Protocol.PeriodStart(period); day >= first && day < first+design.TreatmentDays {
			return true
		}
	}
	return false
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Decide gives the messages to send to a person, and about her to the staff,
// at a moment. It sends nothing and changes nothing: asked again before what it
// gave is noted as sent, it gives the same.
func Decide(p Person, now time.Time) []Message {
	if !p.Active {
		return nil
	}
	var out []Message
	if m, ok := p.silent(now); ok {
		out = append(out, m)
	}
	local := now.In(p.Settings.zone())
	if len(p.Settings.Channels) == 0 || p.Settings.Quiet(civil.ClockOf(local)) {
		return out
	}
	if m, ok := p.news(now); ok {
		out = append(out, m)
	}
	for _, t := range p.Tasks {
		if p.Asked != "" {
			break // they are not taken before she has consented anew
		}
		if m, ok := p.ofTask(t, now); ok {
			out = append(out, m)
		}
	}
	if m, ok := p.dose(now); ok {
		out = append(out, m)
	}
	return out
}

// ofTask reminds of a task that is open, in time, and has not arrived.
func (p Person) ofTask(t schedule.Task, now time.Time) (Message, bool) {
	if t.State != schedule.Open && (t.State != schedule.Late && t.State != schedule.Partial || t.Kind != schedule.Visit) {
		return Message{}, false
	}
	if now.Before(t.Opens) || !now.Before(t.Closes) {
		return Message{}, false
	}
	switch t.Kind {
	case schedule.Diary:
		return p.ofDiary(t, now)
	case schedule.Visit:
		return p.ofVisit(t, now)
	}
	return Message{}, false
}

func (p Person) ofDiary(t schedule.Task, now time.Time) (Message, bool) {
	if now.Before(t.On.At(p.Settings.Morning, p.Settings.zone())) {
		return Message{}, false
	}
	key := "diary " + t.On.String()
	first, sent := p.sent(key)
	if !sent {
		return p.message(key, Diary, false, t), true
	}
	again := key + " again"
	if _, twice := p.sent(again); twice || now.Sub(first) < AgainAfter {
		return Message{}, false
	}
	return p.message(again, Diary, true, t), true
}

// ofVisit reminds on the planned day and on the last that counts.
func (p Person) ofVisit(t schedule.Task, now time.Time) (Message, bool) {
	today := civil.DateOf(now.In(p.Settings.zone()))
	if civil.ClockOf(now.In(p.Settings.zone())) < p.Settings.Morning || today.Before(t.On) || len(t.Missing) == 0 {
		return Message{}, false
	}
	key := "form " + t.Name
	if _, sent := p.sent(key); !sent {
		return p.message(key, Form, false, t), true
	}
	again := key + " again"
	if _, twice := p.sent(again); twice || t.Last == t.On || today.Before(t.Last) {
		return Message{}, false
	}
	return p.message(again, Form, true, t), true
}

// newsAgain is how long after the first message about changed information the
// second and last one goes.
const newsAgain = 3 * 24 * time.Hour

// news tells that the information has changed.
func (p Person) news(now time.Time) (Message, bool) {
	if p.Asked == "" || civil.ClockOf(now.In(p.Settings.zone())) < p.Settings.Morning {
		return Message{}, false
	}
	key := "news " + p.Asked
	first, sent := p.sent(key)
	if _, twice := p.sent(key + " again"); twice || sent && now.Sub(first) < newsAgain {
		return Message{}, false
	}
	if sent {
		key += " again"
	}
	m := p.message(key, News, sent, schedule.Task{})
	m.Link = "/me/consent"
	return m, true
}

func (p Person) dose(now time.Time) (Message, bool) {
	if !p.Taking {
		return Message{}, false
	}
	zone := p.Settings.zone()
	today := civil.DateOf(now.In(zone))
	at := today.At(p.Settings.Evening, zone)
	key := "dose " + today.String()
	if _, sent := p.sent(key); sent || now.Before(at) || !now.Before(at.Add(doseFor)) {
		return Message{}, false
	}
	m := p.message(key, Dose, false, schedule.Task{})
	return m, true
}

// silent tells the staff of a run of mornings without an entry, once a run.
func (p Person) silent(now time.Time) (Message, bool) {
	run := 0
	var since civil.Date
	for _, t := range p.Tasks {
		if t.Kind != schedule.Diary || now.Before(t.Closes) {
			continue
		}
		switch t.State {
		case schedule.Missed:
			if run == 0 {
				since = t.On
			}
			run++
		default:
			run = 0
		}
	}
	key := "silent " + since.String()
	if _, told := p.sent(key); told || run < Misses {
		return Message{}, false
	}
	m := Message{
		Key: key, Kind: Alert, Subject: p.Subject, Channels: []Channel{Mail}, Link: "/participants/" + string(p.Subject), run: run, since: since,
	}
	return m.In("en"), true
}

// In gives a message to the staff in the language of whoever reads it; one to a
// person herself is in hers already.
func (m Message) In(lang string) Message {
	if m.Kind != Alert {
		return m
	}
	m.Lang = "en"
	if lang == "sv" {
		m.Lang = "sv"
	}
	m.Title = say(m.Lang, "alert.title", "who", string(m.Subject))
	m.Body = say(m.Lang, "alert.body", "who", string(m.Subject), "n", count(m.run), "since", m.since.String())
	return m
}

// sent gives when a message was sent. A try that every channel refused is none.
func (p Person) sent(key string) (time.Time, bool) {
	for _, s := range p.Sent {
		if s.Key == key && s.OK {
			return s.At, true
		}
	}
	return time.Time{}, false
}

// message puts a reminder into words. The second of its sort goes by the other
// channel first: the first one may not have been seen.
func (p Person) message(key string, kind Kind, again bool, t schedule.Task) Message {
	lang := "en"
	if p.Settings.Lang == "sv" {
		lang = "sv"
	}
	m := Message{
		Key: key, Kind: kind, Again: again, Subject: p.Subject, Channels: slices.Clone(p.Settings.Channels), Lang: lang, Link: "/me",
		Title: say(lang, string(kind)+".title"),
	}
	until := ""
	if !t.Due.IsZero() {
		end := t.Due
		if kind == Form {
			end = t.Closes.Add(-time.Minute)
		}
		until = end.In(p.Settings.zone()).Format("15:04")
		if kind == Form {
			until = civil.DateOf(end.In(p.Settings.zone())).String()
		}
	}
	m.Body = say(lang, string(kind)+".body", "until", until)
	if again && len(m.Channels) == 2 {
		m.Channels[0], m.Channels[1] = m.Channels[1], m.Channels[0]
	}
	return m
}
