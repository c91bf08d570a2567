package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/schedule"
)

// Kinds of facts about how a person lives and wants to be reached.
const (
	KindWakeChanged      Kind = "wake-changed"
	KindZoneChanged      Kind = "zone-changed" // she moves, or travels for a while
	KindLanguageChanged  Kind = "language-changed"
	KindRemindersChanged Kind = "reminders-changed"
)

type (
	// ChangeWake sets when the person usually gets up, from a date on.
	ChangeWake struct{ WakeChanged }
	// WakeChanged moves her mornings.
	WakeChanged struct {
		Wake civil.Clock `json:"wake"`
		From civil.Date  `json:"from"`
	}
	// ChangeZone sets where the person is, from a date on, or between two.
	ChangeZone struct{ ZoneChanged }
	// ZoneChanged moves what is due to another zone. A night is in the zone of the
	// date of waking up. Without an end it holds until further notice.
	ZoneChanged struct {
		Zone string     `json:"zone"`
		From civil.Date `json:"from"`
		To   civil.Date `json:"to,omitzero"`
	}
	// ChangeLanguage sets the language in which she is addressed.
	ChangeLanguage struct{ LanguageChanged }
	// LanguageChanged says in which.
	LanguageChanged struct {
		Language protocol.Language `json:"language"`
	}
	// ChangeReminders sets how and when she wants to be reminded.
	ChangeReminders struct{ RemindersChanged }
	// RemindersChanged is all of it, and takes the place of what was before.
	RemindersChanged struct {
		Channels []string     `json:"channels"` // mail, push, calendar, in order of preference; none: no reminders
		Morning  *civil.Clock `json:"morning,omitempty"`
		Evening  *civil.Clock `json:"evening,omitempty"`
		Quiet    *Quiet       `json:"quiet,omitempty"`
	}
	// Quiet hours, in which nothing is sent; they may go over midnight.
	Quiet struct {
		From civil.Clock `json:"from"`
		To   civil.Clock `json:"to"`
	}
)

func (ChangeWake) command()         {}
func (ChangeWake) about() whom      { return onePerson }
func (ChangeWake) leads() Kind      { return KindWakeChanged }
func (ChangeZone) command()         {}
func (ChangeZone) about() whom      { return onePerson }
func (ChangeZone) leads() Kind      { return KindZoneChanged }
func (ChangeLanguage) command()     {}
func (ChangeLanguage) about() whom  { return onePerson }
func (ChangeLanguage) leads() Kind  { return KindLanguageChanged }
func (ChangeReminders) command()    {}
func (ChangeReminders) about() whom { return onePerson }
func (ChangeReminders) leads() Kind { return KindRemindersChanged }
func (WakeChanged) Kind() Kind      { return KindWakeChanged }
func (ZoneChanged) Kind() Kind      { return KindZoneChanged }
func (LanguageChanged) Kind() Kind  { return KindLanguageChanged }
func (RemindersChanged) Kind() Kind { return KindRemindersChanged }

// Reminders is how a person wants to be reminded, with what follows from her
// wake time where she has not said.
type Reminders struct {
	Channels         []string
	Morning, Evening civil.Clock
	Quiet            Quiet
	Language         protocol.Language
}

// Of what is not said: half an hour after getting up, an hour and a half before
// the usual bedtime fifteen hours later, and quiet from ten to six.
const (
	afterWaking   = 30
	beforeEvening = 13*60 + 30
)

// Reminders gives what holds on a date.
func (p *Participant) Reminders(on civil.Date) Reminders {
	wake := p.WakeOn(on)
	r := Reminders{
		Channels: []string{"push", "mail"}, Language: p.Language(),
		Morning: (wake + afterWaking) % (24 * 60), Evening: (wake + beforeEvening) % (24 * 60), Quiet: Quiet{22 * 60, 6 * 60},
	}
	if r.Quiet.Within(r.Morning) || r.Quiet.Within(r.Evening) {
		r.Quiet = Quiet{(wake + 15*60) % (24 * 60), (wake + 23*60) % (24 * 60)} // of who lives by other hours
	}
	if s := p.Asked; s != nil {
		r.Channels = s.Channels
		if s.Morning != nil {
			r.Morning = *s.Morning
		}
		if s.Evening != nil {
			r.Evening = *s.Evening
		}
		if s.Quiet != nil {
			r.Quiet = *s.Quiet
		}
	}
	return r
}

// Within says whether a time of day is in the quiet hours.
func (q Quiet) Within(c civil.Clock) bool {
	if q.From <= q.To {
		return q.From <= c && c < q.To
	}
	return c >= q.From || c < q.To
}

// WakeOn gives when the person usually gets up, on a date.
func (p *Participant) WakeOn(on civil.Date) civil.Clock {
	for _, w := range slices.Backward(p.Wakes) {
		if !on.Before(w.From) {
			return w.Wake
		}
	}
	if p.Enrolled != nil {
		return p.Enrolled.Wake
	}
	return 7 * 60
}

// Language gives the language in which the person is addressed: as she last set
// it, or consented in.
func (p *Participant) Language() protocol.Language {
	switch n := len(p.Consents); {
	case p.Speaks != "":
		return p.Speaks
	case n > 0:
		return p.Consents[n-1].Language
	}
	return "en"
}

// ZoneName gives the zone that the person is in on a date.
func (p *Participant) ZoneName(on civil.Date) string {
	for _, z := range slices.Backward(p.Zones) {
		if !on.Before(z.From) && (z.To.IsZero() || !z.To.Before(on)) {
			return z.Zone
		}
	}
	if p.Enrolled != nil {
		return p.Enrolled.Zone
	}
	return ""
}

// dateAt gives the date of an instant where the person is at home. It is by that
// date that her journeys are looked up.
func (p *Participant) dateAt(t time.Time) civil.Date {
	zone, err := civil.Zone(p.Enrolled.Zone)
	if err != nil {
		return civil.DateOf(t.UTC())
	}
	return civil.DateOf(t.In(zone))
}

// stays gives journeys and moves as the schedule takes them.
func (p *Participant) stays() []schedule.Stay {
	var out []schedule.Stay
	for _, z := range p.Zones {
		zone, err := civil.Zone(z.Zone)
		if err != nil {
			continue
		}
		to := z.To
		if to.IsZero() {
			to = civil.On(2999, 12, 31)
		}
		out = append(out, schedule.Stay{From: z.From, To: to, Zone: zone})
	}
	return out
}

// setting refuses a setting of who is not in the trial, or of days long gone.
func (d *decision) setting(from civil.Date) error {
	if d.p.Enrolled == nil {
		return d.enrolled()
	}
	if err := d.inTrial(); err != nil {
		return err
	}
	var l fault.List
	if !from.IsZero() && from.Before(d.today().Add(-settingDays)) {
		l.Addf("setting-past", "from", "%v is more than %d days ago", from, settingDays).
			WithHint("what was entered then stands in the zone and by the hours of its day")
	}
	return l.Err()
}

// settingDays is how late a journey can still be told.
const settingDays = 3

func (c ChangeWake) decide(d *decision) ([]Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return one(c.WakeChanged, d.setting(c.From))
}

func (e WakeChanged) check() error {
	var l fault.List
	checkClock(&l, "wake", e.Wake)
	checkDate(&l, "from", e.From)
	return l.Err()
}

func (e WakeChanged) fold(_ *State, p *Participant, _ Fact) error {
	p.Wakes = append(p.Wakes, e)
	return nil
}

func (c ChangeZone) decide(d *decision) ([]Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return one(c.ZoneChanged, d.setting(c.From))
}

func (e ZoneChanged) check() error {
	var l fault.List
	if _, err := civil.Zone(e.Zone); err != nil {
		l.Addf("zone-unknown", "zone", "%.60q is not a time zone", e.Zone).WithHint("use an IANA name, as in Europe/Stockholm")
	}
	checkDate(&l, "from", e.From)
	if !e.To.IsZero() {
		checkDate(&l, "to", e.To)
		if e.To.Before(e.From) {
			l.Addf("date-order", "to", "ends on %v, before it begins on %v", e.To, e.From)
		}
	}
	return l.Err()
}

func (e ZoneChanged) fold(_ *State, p *Participant, _ Fact) error {
	p.Zones = append(p.Zones, e)
	return nil
}

func (c ChangeLanguage) decide(d *decision) ([]Event, error) {
	if len(d.p.Consents) == 0 {
		return nil, d.consented()
	}
	return one(c.LanguageChanged, d.language(c.LanguageChanged.Language))
}

func (e LanguageChanged) fold(_ *State, p *Participant, _ Fact) error {
	p.Speaks = e.Language
	return nil
}

func (c ChangeReminders) decide(d *decision) ([]Event, error) {
	if len(d.p.Consents) == 0 {
		return nil, d.consented()
	}
	return one(c.RemindersChanged, c.check())
}

func (e RemindersChanged) check() error {
	var l fault.List
	for i, c := range e.Channels {
		oneOf(&l, "channels", c, vocabulary["channel"]...)
		if slices.Contains(e.Channels[:i], c) {
			l.Addf("duplicate", "channels", "%.60q stands there twice", c)
		}
	}
	for _, x := range []struct {
		place string
		at    *civil.Clock
	}{{"morning", e.Morning}, {"evening", e.Evening}} {
		if x.at != nil {
			checkClock(&l, x.place, *x.at)
		}
	}
	if e.Quiet != nil {
		checkClock(&l, "quiet.from", e.Quiet.From)
		checkClock(&l, "quiet.to", e.Quiet.To)
	}
	return l.Err()
}

func (e RemindersChanged) fold(_ *State, p *Participant, _ Fact) error {
	p.Asked = &e
	return nil
}

func checkClock(l *fault.List, place string, c civil.Clock) {
	if c < 0 || c >= 24*60 {
		l.Addf("clock-form", place, "%d minutes after midnight is not a time of day", int(c))
	}
}

// Anchor gives what a person's plan hangs on in a trial that was never amended;
// State.Anchor gives it in any.
func (p *Participant) Anchor() schedule.Anchor {
	var a schedule.Anchor
	if p.Enrolled == nil {
		return a
	}
	a.Enrolled = p.EnrolledOn
	if zone, err := civil.Zone(p.Enrolled.Zone); err == nil {
		a.Zone = zone
	}
	a.Stays, a.Wake = p.stays(), p.Enrolled.Wake
	for _, w := range p.Wakes {
		a.Wakes = append(a.Wakes, schedule.Wake{From: w.From, At: w.Wake})
	}
	if p.Randomised != nil {
		a.Randomised = p.Randomised.Date
	}
	if w, ok := p.WithdrewFrom(FromFollowUp); ok {
		a.Left = w.Date
	}
	if w, ok := p.WithdrewFrom(FromDevice); ok {
		a.LeftDevice = w.Date
	}
	if w, ok := p.WithdrewFrom(FromTreatment); ok {
		a.LeftTreatment = w.Date
	}
	return a
}
