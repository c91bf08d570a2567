package study

import (
	"testing"
	"time"

	"dvala/civil"
	"dvala/schedule"
)

func jobs(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: "jobs", Role: RoleSystem, Subject: who}
}

// What was not done is stored once, with the time at which it was over; what the
// staff let her off is not, and what arrives later all the same counts.
func TestTasksAreClosed(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	if facts := do(t, s, CloseTasks{}, jobs(day(1), who)); len(facts) != 0 {
		t.Error("something is over on the first day:", facts)
	}
	off := TaskRef{Task: schedule.Diary, Date: civil.DateOf(day(1))}
	refuse(t, s, "reason-missing", Excuse{off}, staff(day(1), who))
	refuse(t, s, "task-unknown", Excuse{TaskRef{Task: schedule.Visit, Name: "day-9"}}, because(staff(day(1), who)))
	do(t, s, Excuse{off}, because(staff(day(1), who)))
	refuse(t, s, "task-done", Excuse{off}, because(staff(day(1), who)))
	facts := do(t, s, CloseTasks{}, jobs(day(5), who))
	var nights []civil.Date
	for _, x := range facts[0].Event.(Missed).Tasks {
		if x.Task == schedule.Diary {
			nights = append(nights, x.Date)
		}
	}
	if len(nights) != 2 || nights[0] != civil.DateOf(day(2)) || nights[1] != civil.DateOf(day(3)) {
		t.Error("missed are", nights)
	}
	if again := do(t, s, CloseTasks{}, jobs(day(5), who)); len(again) != 0 {
		t.Error("closed twice:", again)
	}
	p := s.People[who]
	before := len(s.Missed(p))
	late := herself(day(5), who)
	late.Made = day(2)
	do(t, s, Answer{Instrument: "csd", Night: civil.DateOf(day(2)), Language: "sv", Answers: diaryAnswers(20)}, late)
	if len(s.Missed(p)) != before-1 || len(p.Lapsed) != before {
		t.Error("what waited on the device is missed still, or was never")
	}
}

// A journey moves what is due, and what is entered without a zone is of where
// she is; a change of hours moves the morning.
func TestSettings(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	p := s.People[who]
	refuse(t, s, "zone-unknown", ChangeZone{ZoneChanged{Zone: "Nowhere", From: civil.DateOf(day(1))}}, staff(day(1), who))
	refuse(t, s, "setting-past", ChangeZone{ZoneChanged{Zone: "Asia/Tokyo", From: civil.DateOf(day(-3))}}, staff(day(1), who))
	do(t, s, ChangeZone{ZoneChanged{Zone: "Asia/Tokyo", From: civil.DateOf(day(2)), To: civil.DateOf(day(3))}}, staff(day(1), who))
	diary := func(n int) schedule.Task {
		x, ok := schedule.Find(s.Tasks(p, day(1)), schedule.Key{Kind: schedule.Diary, Date: civil.DateOf(day(n))})
		if !ok {
			t.Fatal("no diary of day", n)
		}
		return x
	}
	// 12:00 in Tokyo is 04:00 in Stockholm, eight hours earlier.
	if home, away := diary(1), diary(2); away.Due.Sub(home.Due) != 16*time.Hour || diary(4).Due.Sub(home.Due) != 72*time.Hour {
		t.Error(home.Due, away.Due, diary(4).Due)
	}
	if f := do(t, s, Answer{Instrument: "csd", Night: civil.DateOf(day(2)), Language: "sv", Answers: diaryAnswers(20)}, staff(day(2).Add(-6*time.Hour), who)); f[0].Zone != "Asia/Tokyo" || f[0].Event.(Answered).Late {
		t.Error(f[0].Zone, "at ten in the morning there")
	}
	refuse(t, s, "clock-form", ChangeWake{WakeChanged{24 * 60, civil.DateOf(day(4))}}, staff(day(3), who))
	do(t, s, ChangeWake{WakeChanged{14 * 60, civil.DateOf(day(5))}}, staff(day(3), who))
	if before, after := diary(4), diary(5); after.Opens.Sub(before.Opens) != 31*time.Hour || after.Due.Sub(before.Due) != 31*time.Hour {
		t.Error("the morning of who gets up at two:", after.Opens, after.Due)
	}
	r := p.Reminders(civil.DateOf(day(5)))
	if r.Morning != 14*60+30 || r.Quiet.Within(r.Morning) || r.Quiet.Within(r.Evening) || r.Language != "sv" {
		t.Errorf("%+v", r)
	}
	do(t, s, ChangeReminders{RemindersChanged{Channels: []string{}}}, staff(day(3), who))
	do(t, s, ChangeLanguage{LanguageChanged{"en"}}, staff(day(3), who))
	if r := p.Reminders(civil.DateOf(day(5))); len(r.Channels) != 0 || r.Language != "en" {
		t.Errorf("%+v", r)
	}
}

// Doses are tasks of the evenings of treatment; who left the treatment is let off.
func TestEvenings(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(3), who))
	p := s.People[who]
	all := s.Evenings(p, day(5))
	if len(all) != 7 || all[0].On != p.Randomised.Date || all[0].State != schedule.Missed || all[1].State != schedule.Late || all[2].State != schedule.Scheduled {
		t.Errorf("%d evenings, %+v", len(all), all[0])
	}
	do(t, s, TakeDose{DoseTaken{Date: p.Randomised.Date, Units: 2}}, staff(day(5), who))
	do(t, s, Withdraw{From: FromTreatment, Why: "other"}, because(staff(day(5), who)))
	all = s.Evenings(p, day(9))
	if all[0].State != schedule.Complete || all[1].State != schedule.Missed || all[4].State != schedule.Excused {
		t.Error(all[0].State, all[1].State, all[4].State)
	}
}

// Of who is locked nothing is closed any more, and asking for it is no fault: a job
// asks again and again.
func TestTasksOfTheLockedStay(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	do(t, s, LockPerson{}, signing(day(1), who))
	system := Meta{At: day(9), Actor: "dvala", Role: RoleSystem, Subject: who}
	if facts := do(t, s, CloseTasks{}, system); len(facts) != 0 {
		t.Errorf("%+v", facts)
	}
	f := File{SHA256: anyHash, Bytes: 1}
	do(t, s, RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(9), ""))
	do(t, s, Lock{}, signing(day(9), ""))
	if facts := do(t, s, CloseTasks{}, system); len(facts) != 0 {
		t.Errorf("%+v", facts)
	}
}

// A dose that is told later than a morning may be filled in is of somebody's
// memory, or of a count: it stands, and says so.
func TestDosesToldAfterwards(t *testing.T) {
	s := opened(t)
	who := randomisedOn(t, s, 3)
	for at, want := range map[int]bool{3: false, 4: false, 5: true, 6: true} { // backfill_days: 1
		date := civil.DateOf(day(6).AddDate(0, 0, 3-at))
		f := do(t, s, TakeDose{DoseTaken{Date: date, Units: 2}}, herself(day(6), who))[0]
		if got := f.Event.(DoseTaken).Retrospective; got != want || s.People[who].Doses[date].Retrospective != want {
			t.Errorf("%d days behind: %v", at-3, got)
		}
	}
	told := TakeDose{DoseTaken{Date: civil.DateOf(day(7)), Units: 2, Retrospective: true}}
	if f := do(t, s, told, herself(day(7), who))[0]; f.Event.(DoseTaken).Retrospective {
		t.Error("whoever tells it says how late it is")
	}
}
