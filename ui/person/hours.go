package person

import (
	"net/http"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// hoursPage asks when the person wakes and how she wants to be reminded, when
// she comes in and whenever she likes.
type hoursPage struct {
	Key      string
	Wake     string
	Settings settingsView
	Enrolled bool
	Saved    bool
	Problems map[string]string // by field
}

// settingsView are a person's settings as a form holds them.
type settingsView struct {
	Zone, Morning, Evening, QuietFrom, QuietTo string
	Push, Mail                                 bool
	CanPush, HasDose                           bool
}

// hoursOf gives a person's hours as they are, or as they would be.
func (p *Pages) hoursOf(v *visit, s *study.State, person *study.Participant) hoursPage {
	set := remind.SettingsOf(s, person, v.now)
	return hoursPage{
		Key: p.newKey(v.r), Wake: person.WakeOn(today(v)).String(), Enrolled: person.Enrolled != nil, Saved: v.r.URL.Query().Get("saved") != "",
		Settings: settingsView{
			Zone: set.Zone.String(), Morning: set.Morning.String(), Evening: set.Evening.String(), QuietFrom: set.QuietFrom.String(), QuietTo: set.QuietTo.String(),
			Push: person.Asked != nil && slices.Contains(set.Channels, remind.Push), Mail: slices.Contains(set.Channels, remind.Mail),
			CanPush: p.opt.PushKey != "", HasDose: s.Protocol.Protocol().Dose != nil,
		},
	}
}

func (p *Pages) hours(v *visit) (answer, error) { return p.showHours(v, "hours", nil) }

func (p *Pages) settings(v *visit) (answer, error) { return p.showHours(v, "settings", nil) }

// showHours shows one of the two forms, as things are, or, with what is wrong
// beside it, as it was filled in.
func (p *Pages) showHours(v *visit, page string, problems fault.List) (answer, error) {
	var h hoursPage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		h = p.hoursOf(v, s, person)
		return nil
	})
	a := answer{page: page, title: page + ".title"}
	if len(problems) > 0 {
		h.asSaid(v)
		h.Problems, a.status = p.tellProblems(v.lang, problems), http.StatusUnprocessableEntity
	} else if page == "hours" && h.Enrolled && err == nil {
		return answer{to: "/me/settings"}, nil
	}
	a.data = h
	return a, err
}

// asSaid puts into the form what stood in it when it was sent.
func (h *hoursPage) asSaid(v *visit) {
	said, set := v.form.Get, &h.Settings
	h.Wake = said("wake")
	set.Zone, set.Morning, set.Evening, set.QuietFrom, set.QuietTo = said("zone"), said("morning"), said("evening"), said("quiet_from"), said("quiet_to")
	set.Push, set.Mail = said(string(remind.Push)) == "yes", said(string(remind.Mail)) == "yes"
}

// saveHours enrols the person in the zone she is in, with her usual hour of
// waking, and keeps how she wants to be reminded.
func (p *Pages) saveHours(v *visit) (answer, error) {
	said, problems := readHours(v)
	if len(problems) > 0 {
		return p.showHours(v, "hours", problems)
	}
	if _, err := p.do(v, study.Enrol{Zone: said.zone, Wake: said.wake}); err != nil {
		return answer{}, err
	}
	if err := p.again(v, "reminders", study.ChangeReminders{RemindersChanged: said.reminders}); err != nil {
		return answer{}, err
	}
	return answer{to: "/me/ring?first=yes"}, nil
}

// saveSettings changes what is other than it was.
func (p *Pages) saveSettings(v *visit) (answer, error) {
	said, problems := readHours(v)
	if len(problems) > 0 {
		return p.showHours(v, "settings", problems)
	}
	var cmds []study.Command
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		if person.Enrolled == nil {
			return fault.New("not-enrolled", "", "nothing is planned yet")
		}
		day := today(v)
		if person.WakeOn(day) != said.wake {
			cmds = append(cmds, study.ChangeWake{WakeChanged: study.WakeChanged{Wake: said.wake, From: day}})
		}
		if schedule.ZoneOn(s.Protocol, person.Anchor(), day).String() != said.zone {
			cmds = append(cmds, study.ChangeZone{ZoneChanged: study.ZoneChanged{Zone: said.zone, From: day}})
		}
		lang := protocol.Language(v.lang)
		if person.Language() != lang && slices.Contains(inForce(s, person, v.now).Languages, lang) {
			cmds = append(cmds, study.ChangeLanguage{LanguageChanged: study.LanguageChanged{Language: lang}})
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	for _, cmd := range append(cmds, study.ChangeReminders{RemindersChanged: said.reminders}) {
		if err := p.again(v, study.NameOf(cmd), cmd); err != nil {
			return answer{}, err
		}
	}
	return answer{to: "/me/settings?saved=yes"}, nil
}

// moved has the plan and the reminders follow her into another zone, from today.
func (p *Pages) moved(v *visit) (answer, error) {
	zone := v.form.Get("zone")
	if _, err := civil.Zone(zone); err != nil {
		return answer{}, fault.New("zone-unknown", "zone", "%.60q is no time zone", zone)
	}
	_, err := p.do(v, study.ChangeZone{ZoneChanged: study.ZoneChanged{Zone: zone, From: today(v)}})
	return answer{to: "/me"}, err
}

// again gives a further command of the same form, under a key that follows from
// the form's.
func (p *Pages) again(v *visit, what string, cmd study.Command) error {
	key := v.form.Get("key")
	if key != "" {
		v.form.Set("key", key+"-"+what)
		defer v.form.Set("key", key)
	}
	_, err := p.do(v, cmd)
	return err
}

// said is what a form of hours says.
type said struct {
	wake      civil.Clock
	zone      string
	reminders study.RemindersChanged
}

func readHours(v *visit) (said, fault.List) {
	var l fault.List
	clock := func(name string) *civil.Clock {
		text := v.form.Get(name)
		if text == "" {
			return nil
		}
		c, err := civil.ParseClock(text)
		if err != nil {
			l.Add(fault.New("clock-form", name, "no time of day"))
			return nil
		}
		return &c
	}
	out := said{zone: strings.TrimSpace(v.form.Get("zone"))}
	if _, err := civil.Zone(out.zone); err != nil {
		l.Addf("zone-unknown", "zone", "%.60q is no time zone", out.zone)
	}
	if wake := clock("wake"); wake != nil {
		out.wake = *wake
	} else if v.form.Get("wake") == "" {
		l.Addf("clock-form", "wake", "no time of day")
	}
	out.reminders = study.RemindersChanged{Channels: []string{}, Morning: clock("morning"), Evening: clock("evening")}
	for _, c := range []remind.Channel{remind.Push, remind.Mail} {
		if v.form.Get(string(c)) == "yes" {
			out.reminders.Channels = append(out.reminders.Channels, string(c))
		}
	}
	if from, to := clock("quiet_from"), clock("quiet_to"); from != nil && to != nil {
		out.reminders.Quiet = &study.Quiet{From: *from, To: *to}
	}
	return out, l
}
