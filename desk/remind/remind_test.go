package remind_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/desk/desktest"
	"dvala/desk/remind"
	"dvala/schedule"
	"dvala/study"
)

const small = "../../study/testdata/small.yaml"

// at gives a moment by the clock in Stockholm in March 2026, before the change
// of clocks: the trial begins on Monday the 2nd at 08:00.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour-1, minute, 0, 0, time.UTC)
}

// life is one person's reminders over a span, a tick every few minutes, as they
// would be sent.
type life struct {
	trial *desktest.Memory
	who   study.Subject
	hours func(*remind.Settings) // a change to what the trial knows of hers
	sent  []remind.Sent
	said  []remind.Message
}

func begin(t testing.TB) *life {
	t.Helper()
	trial := desktest.New(t, small, 4)
	who := trial.Person(t, at(2, 8, 0))
	return &life{trial: trial, who: who}
}

func (l *life) tick(now time.Time) []remind.Message {
	var due []remind.Message
	l.trial.View(func(s *study.State) {
		p := remind.About(s, s.People[l.who], l.sent, now)
		if l.hours != nil {
			l.hours(&p.Settings)
		}
		due = remind.Decide(p, now)
	})
	for _, m := range due {
		l.sent = append(l.sent, remind.Sent{Key: m.Key, Subject: l.who, Channel: m.Channels[0], At: now, OK: true})
		l.said = append(l.said, m)
	}
	return due
}

func (l *life) until(from, to time.Time, every time.Duration) {
	for now := from; now.Before(to); now = now.Add(every) {
		l.tick(now)
	}
}

func (l *life) keys(kind remind.Kind) []string {
	var out []string
	for _, m := range l.said {
		if m.Kind == kind {
			out = append(out, m.Key)
		}
	}
	return out
}

// By hand: she wakes at 07:00, so the first reminder comes at 07:30 and the
// second, and last, at 09:00, by the other channel. The diary closes at 12:00.
func TestAMorning(t *testing.T) {
	l := begin(t)
	if due := l.tick(at(3, 7, 29)); len(due) != 0 {
		t.Errorf("reminded before her hour: %+v", due)
	}
	due := l.tick(at(3, 7, 30))
	if len(due) != 1 || due[0].Key != "diary 2026-03-03" || !slices.Equal(due[0].Channels, []remind.Channel{remind.Push, remind.Mail}) {
		t.Fatalf("at her hour: %+v", due)
	}
	if !strings.Contains(due[0].Body, "12:00") {
		t.Errorf("does not say until when: %s", due[0].Body)
	}
	if due := l.tick(at(3, 8, 59)); len(due) != 0 {
		t.Errorf("again too soon: %+v", due)
	}
	due = l.tick(at(3, 9, 0))
	if len(due) != 1 || !due[0].Again || due[0].Channels[0] != remind.Mail {
		t.Fatalf("no second reminder by the other channel: %+v", due)
	}
	l.until(at(3, 9, 1), at(4, 4, 0), 7*time.Minute)
	if got := l.keys(remind.Diary); len(got) != 2 {
		t.Errorf("more than two reminders: %v", got)
	}
}

func TestWhatHasComeIsNotAskedFor(t *testing.T) {
	l := begin(t)
	l.trial.Do(t, study.Answer{Instrument: "csd", Night: civil.On(2026, 3, 3), Language: "sv", Answers: desktest.JSON(map[string]string{"into-bed": "23:00"})}, at(3, 7, 10), l.who)
	if due := l.tick(at(3, 7, 30)); len(due) != 0 {
		t.Errorf("reminded of what has come: %+v", due)
	}
}

// After she has left, nothing more is sent: not within a minute, at once.
func TestNothingAfterLeaving(t *testing.T) {
	l := begin(t)
	l.trial.Do(t, study.Withdraw{From: "follow-up", Why: "no-time"}, at(3, 7, 29), l.who)
	l.until(at(3, 7, 30), at(20, 12, 0), 30*time.Minute)
	if len(l.said) != 0 {
		t.Errorf("sent after she left: %+v", l.said)
	}
}

// After a death is told as an event, nothing goes to her telephone, without anybody
// entering a withdrawal, and nobody is told that she is silent.
func TestNothingAfterADeath(t *testing.T) {
	l := begin(t)
	l.trial.Do(t, study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "cardiac arrest", Severity: "severe", Serious: true, Criteria: []string{study.CriterionDeath}, Related: "unrelated",
		Onset: civil.DateOf(at(3, 7, 0)), End: civil.DateOf(at(3, 7, 0)), Outcome: study.OutcomeFatal,
	}}, at(3, 7, 29), l.who)
	l.until(at(3, 7, 30), at(20, 12, 0), 30*time.Minute)
	if len(l.said) != 0 {
		t.Errorf("sent after she died: %+v", l.said)
	}
}

// Three mornings without an entry: the staff hear once, and again only of a new
// run. The diary of a morning can be filled in until the next midnight but one.
func TestSilence(t *testing.T) {
	l := begin(t)
	l.until(at(3, 4, 0), at(9, 23, 50), 20*time.Minute)
	alerts := l.keys(remind.Alert)
	if !slices.Equal(alerts, []string{"silent 2026-03-03"}) {
		t.Errorf("the staff heard %v", alerts)
	}
	for _, m := range l.said {
		if m.Kind == remind.Alert && (m.Channels[0] != remind.Mail || m.Link != "/participants/"+string(l.who)) {
			t.Errorf("the alert leads nowhere: %+v", m)
		}
	}
}

func TestDoseReminder(t *testing.T) {
	l := begin(t)
	l.trial.Do(t, study.Randomise{}, at(5, 9, 0), l.who)
	l.until(at(5, 9, 0), at(14, 9, 0), 10*time.Minute)
	got := l.keys(remind.Dose)
	// Seven days of treatment, the day of randomisation being the first.
	if len(got) != 7 || got[0] != "dose 2026-03-05" || got[6] != "dose 2026-03-11" {
		t.Errorf("reminded of the dose on %v", got)
	}
}

// Whatever the hours and the ticks: nothing in the quiet hours, no key twice, at
// most two of a morning, and none before her hour.
func TestNeverInQuietHoursNorTwice(t *testing.T) {
	one := begin(t)
	one.trial.Do(t, study.Randomise{}, at(5, 9, 0), one.who)
	rapid.Check(t, func(rt *rapid.T) {
		var set remind.Settings
		set.Channels = []remind.Channel{remind.Push, remind.Mail}
		set.Morning = civil.Clock(rapid.IntRange(0, 1439).Draw(rt, "morning"))
		set.QuietFrom = civil.Clock(rapid.IntRange(0, 1439).Draw(rt, "from"))
		set.QuietTo = civil.Clock(rapid.IntRange(0, 1439).Draw(rt, "to"))
		set.Evening = civil.Clock(rapid.IntRange(0, 1439).Draw(rt, "evening"))
		l := &life{trial: one.trial, who: one.who, hours: func(s *remind.Settings) { *s = set }}
		zone, _ := civil.Zone(rapid.SampledFrom([]string{"Europe/Stockholm", "America/New_York", "Asia/Kathmandu"}).Draw(rt, "zone"))
		set.Zone = zone
		now := at(5, 9, 1)
		seen := map[string]bool{}
		for now.Before(at(16, 0, 0)) {
			for _, m := range l.tick(now) {
				c := civil.ClockOf(now.In(zone))
				if m.Kind != remind.Alert && set.Quiet(c) {
					rt.Fatalf("%s at %v, in the quiet hours %v to %v", m.Key, c, set.QuietFrom, set.QuietTo)
				}
				if m.Kind == remind.Diary && c < set.Morning && civil.DateOf(now.In(zone)).String() == strings.Fields(m.Key)[1] {
					rt.Fatalf("%s at %v, before %v", m.Key, c, set.Morning)
				}
				if seen[m.Key] {
					rt.Fatalf("%s twice", m.Key)
				}
				seen[m.Key] = true
			}
			now = now.Add(time.Duration(rapid.IntRange(1, 240).Draw(rt, "minutes")) * time.Minute)
		}
	})
}

// Whoever reads a reminder over somebody's shoulder learns nothing of it.
func TestWordsAreNeutral(t *testing.T) {
	l := begin(t)
	l.trial.Do(t, study.Randomise{}, at(3, 7, 0), l.who)
	for _, lang := range []string{"sv", "en"} {
		l.sent, l.said = nil, nil
		l.hours = func(s *remind.Settings) { s.Lang = lang }
		l.until(at(3, 7, 30), at(14, 0, 0), 10*time.Minute)
		kinds := map[remind.Kind]bool{}
		for _, m := range l.said {
			kinds[m.Kind] = true
			text := strings.ToLower(m.Title + " " + m.Body + " " + remind.Say(lang, "mail.why"))
			for _, word := range []string{"sleep", "insomnia", "sömn", "sova", "trial", "studie", "capsule", "kapsel", "magnesium", "tea", "water", "vatten", "chamomile", "placebo", "dose", "dos", "drug", "läkemedel", "small"} {
				if slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" .,:{}", r) }), word) {
					t.Errorf("%q says %q", text, word)
				}
			}
			if strings.ContainsAny(m.Title+m.Body, "{}[]") {
				t.Errorf("a hole in %q", m.Title+m.Body)
			}
		}
		if !kinds[remind.Diary] || !kinds[remind.Form] || !kinds[remind.Dose] {
			t.Errorf("not all kinds were said in %s: %v", lang, kinds)
		}
	}
}

// In the night to 29 March clocks go forward in Stockholm: 07:30 is 05:30 UTC
// then, and 06:30 the day before.
func TestReminderFollowsTheClock(t *testing.T) {
	set := remind.Settings{Lang: "en", Channels: []remind.Channel{remind.Mail}, Morning: 450}
	for _, c := range []struct {
		day civil.Date
		utc string
	}{{civil.On(2026, 3, 28), "06:30"}, {civil.On(2026, 3, 29), "05:30"}} {
		zone, _ := civil.Zone("Europe/Stockholm")
		set.Zone = zone
		task := schedule.Task{
			Key: schedule.Key{Kind: schedule.Diary, Date: c.day}, On: c.day, Zone: zone, State: schedule.Open,
			Opens: c.day.At(240, zone), Due: c.day.At(720, zone), Closes: c.day.At(1439, zone),
		}
		want, _ := time.Parse("2006-01-02 15:04", c.day.String()+" "+c.utc)
		p := remind.Person{Subject: "P0001", Settings: set, Tasks: []schedule.Task{task}, Active: true}
		if len(remind.Decide(p, want.Add(-time.Minute))) != 0 || len(remind.Decide(p, want)) != 1 {
			t.Errorf("on %v not at %s UTC", c.day, c.utc)
		}
	}
}

// The calendar is one that RFC 5545 allows: lines of at most 75 octets that end
// in CRLF, every BEGIN with its END, and no word of what is studied.
func TestCalendar(t *testing.T) {
	l := begin(t)
	var file []byte
	l.trial.View(func(s *study.State) {
		file = remind.Calendar("small-trial", "sv", "https://example.org/"+strings.Repeat("long/", 30), remind.SettingsOf(s, s.People[l.who], at(3, 5, 0)), s.Tasks(s.People[l.who], at(3, 5, 0)), at(3, 5, 0))
	})
	text := string(file)
	for i, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("line %d has %d octets", i, len(line))
		}
	}
	for _, part := range []string{"VCALENDAR", "VEVENT", "VALARM"} {
		if n := strings.Count(text, "BEGIN:"+part+"\r\n"); n == 0 || n != strings.Count(text, "END:"+part+"\r\n") {
			t.Errorf("%s does not close: %d", part, n)
		}
	}
	// Mornings of days −2 to 7 from 5 March on: 3 to 12 March, at 07:30 in Stockholm.
	if !strings.Contains(text, "DTSTART:20260303T063000Z\r\n") || strings.Count(text, "UID:diary-") != 10 {
		t.Errorf("the mornings are not there:\n%s", text)
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	if !strings.Contains(unfolded, strings.Repeat("long/", 30)) {
		t.Error("a folded line does not unfold")
	}
}

// The server writes to browsers' own push services and to no other address that
// a device may name.
func TestPushServices(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc": true, "https://updates.push.services.mozilla.com/wpush/v2/x": true,
		"https://web.push.apple.com/Q": true, "https://wns2-par02p.notify.windows.com/w/?token=x": true,
		"http://fcm.googleapis.com/x": false, "https://127.0.0.1/": false, "https://fcm.googleapis.com.evil.example/": false,
		"https://fcm.googleapis.com:8443/": false, "https://a@fcm.googleapis.com/": false, "https://push.apple.com.example/": false, "": false,
	} {
		if got := (remind.Subscription{Endpoint: endpoint}).Known(); got != want {
			t.Errorf("%q: %v", endpoint, got)
		}
	}
}

// The information changes from 5 March on: on that day she is told of it at her
// hour, on the 8th once more, and until she has consented anew no entry is asked
// for; afterwards they are as before.
func TestChangedInformation(t *testing.T) {
	l := begin(t)
	l.trial.Amend(t, small, at(3, 6, 0), civil.On(2026, 3, 5), `version: "1.0"`, `version: "1.1"`)
	l.until(at(3, 4, 0), at(5, 4, 0), 10*time.Minute)
	if got := l.keys(remind.News); len(got) != 0 {
		t.Errorf("told before its day: %v", got)
	}
	diaries := len(l.keys(remind.Diary))
	l.until(at(5, 4, 0), at(20, 4, 0), 10*time.Minute)
	if got := l.keys(remind.News); !slices.Equal(got, []string{"news 1.1", "news 1.1 again"}) {
		t.Error(got)
	}
	if got := l.keys(remind.Diary); len(got) != diaries || diaries != 4 {
		t.Errorf("asked for what is not taken: %v", got)
	}
	for _, s := range l.sent {
		if s.Key == "news 1.1" && !s.At.Equal(at(5, 7, 30)) || s.Key == "news 1.1 again" && !s.At.Equal(at(8, 7, 30)) {
			t.Error(s.Key, s.At)
		}
	}
	for _, m := range l.said {
		if m.Kind == remind.News && (m.Link != "/me/consent" || m.Title != "Det finns något nytt att läsa") {
			t.Errorf("%+v", m)
		}
	}

	l = begin(t)
	l.trial.Amend(t, small, at(3, 6, 0), civil.On(2026, 3, 4), `version: "1.0"`, `version: "1.1"`)
	l.trial.Do(t, study.Consent{Version: "1.1", Language: "sv"}, at(4, 7, 0), l.who)
	if due := l.tick(at(4, 7, 30)); len(due) != 1 || due[0].Kind != remind.Diary {
		t.Errorf("after she has consented: %+v", due)
	}
}
