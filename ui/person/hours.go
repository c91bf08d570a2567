package person

import (
	"slices"

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

func (p *Pages) hours(v *visit) (answer, error) {
	var h hoursPage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		h = p.hoursOf(v, s, person)
		return nil
	})
	if err == nil && h.Enrolled {
		return answer{to: "/me/settings"}, nil
	}
	return answer{page: "hours", title: "hours.title", data: h}, err
}

func (p *Pages) settings(v *visit) (answer, error) {
	var h hoursPage
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		h = p.hoursOf(v, s, person)
		return nil
	})
	return answer{page: "settings", title: "settings.title", data: h}, err
}

// saveHours enrols the person in the zone she is in, with her usual hour of
// waking, and keeps how she wants to be reminded.
func (p *Pages) saveHours(v *visit) (answer, error) {
	said, err := readHours(v)
	if err != nil {
		return answer{}, err
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
	said, err := readHours(v)
	if err != nil {
		return answer{}, err
	}
	var cmds []study.Command
	err = p.me(v, func(s *study.State, person *study.Participant) error {
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

func readHours(v *visit) (said, error) {
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
	out := said{zone: v.form.Get("zone")}
	if _, err := civil.Zone(out.zone); err != nil {
		l.Merge("zone-unknown", "zone", err)
	}
	wake := clock("wake")
	if wake == nil {
		l.Addf("clock-form", "wake", "no time of day")
	} else {
		out.wake = *wake
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
	return out, l.Err()
}
