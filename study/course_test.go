package study

import (
	"testing"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
)

// amend puts a version into force at the one site from a day.
func amend(t *testing.T, s *State, version string, now, from int, pairs ...string) {
	t.Helper()
	next := parsed(t, amendedText(t, append([]string{`version: "1"`, `version: "` + version + `"`}, pairs...)...))
	was := s.protocols
	file := File{SHA256: next.HashHex(), Bytes: 9}
	s.UseProtocols(func(sha string, known Instruments) (protocol.Checked, bool) {
		if sha == file.SHA256 {
			return next, true
		}
		return was(sha, known)
	})
	c := AmendProtocol{Protocol: file, ProtocolHash: next.HashHex(), Version: version, Summary: "another schedule"}
	n := do(t, s, c, because(investigator(day(now), "")))[0].Index
	ivar := investigator(day(now), "")
	ivar.Actor = "ivar"
	do(t, s, Approve{n}, ivar)
	do(t, s, PutAmendmentInForce{AmendmentInForce{version, "main", civil.DateOf(day(from))}}, investigator(day(now), ""))
}

// What is taken on a day is judged by the version of the day that it is about,
// not by that of the moment: the night before an amendment can be told after it.
func TestTakenByTheVersionOfTheDay(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	amend(t, s, "2", 1, 5, "closes_at: \"12:00\"", "closes_at: \"10:00\"",
		"devices:\n  - {vendor: oura, from_day: -2, to_day: 7}\n", "", "instruments: [isi, kss], return", "instruments: [isi], return")
	do(t, s, Randomise{}, staff(day(3), who))
	p := s.People[who]
	at := func(n, hour int) Meta {
		m := staff(day(n), who)
		m.At = m.At.Add(time.Duration(hour-8) * time.Hour)
		return m
	}
	diary := func(n int) Answer {
		return Answer{Instrument: "csd", Night: civil.DateOf(day(n)), Language: "sv", Answers: diaryAnswers(20)}
	}
	for _, c := range []struct {
		n, hour int
		late    bool
	}{{4, 11, false}, {5, 11, true}, {6, 9, false}} {
		a := do(t, s, diary(c.n), at(c.n, c.hour))[0].Event.(Answered)
		if a.Late != c.late {
			t.Errorf("day %d at %d: late is %v", c.n, c.hour, a.Late)
		}
		task, ok := schedule.Find(s.Tasks(p, day(20)), schedule.Key{Kind: schedule.Diary, Date: civil.DateOf(day(c.n))})
		if !ok || task.Tardy != c.late || task.State != schedule.Complete {
			t.Errorf("day %d: the task says otherwise: %+v", c.n, task)
		}
	}
	do(t, s, ringNight(t, civil.DateOf(day(4)), 3), at(6, 10)) // the ring's last night comes late
	refuse(t, s, "device-unknown", ringNight(t, civil.DateOf(day(5)), 3), at(6, 10))
	refuse(t, s, "instrument-not-asked", Answer{Instrument: "kss", Visit: "day-7", Language: "sv", Answers: []byte(`{"kss":3}`)}, at(10, 8))
	do(t, s, isiAt("day-7", 1), at(10, 8))
	if r := s.ArrivedAt(p, schedule.Key{Kind: schedule.Visit, Name: "day-7"}); !r.Complete {
		t.Error("the visit wants what its version does not ask")
	}
	do(t, s, Complete{}, at(10, 9))
}

// A visit that an amendment brings is asked of whom its day is ahead; one that
// it takes out stays with who has begun it.
func TestVisitTakenOut(t *testing.T) {
	s := opened(t)
	early, late := enrolled(t, s, "female"), enrolled(t, s, "male")
	midst := "  - {id: day-4, label: {en: Midst, sv: Mitt}, day: 4, before: 2, instruments: [isi, kss]}\ndiary: {"
	amend(t, s, "2", 1, 2, "diary: {", midst)
	do(t, s, Randomise{}, staff(day(3), early))
	do(t, s, Randomise{}, staff(day(3), late))
	do(t, s, isiAt("day-4", 1), staff(day(5), early))
	amend(t, s, "3", 5, 6)
	if _, ok := s.Visit(s.People[late], "day-4"); ok {
		t.Error("a visit that is taken out is asked all the same")
	}
	refuse(t, s, "visit-unknown", isiAt("day-4", 1), staff(day(6), late))
	do(t, s, Answer{Instrument: "kss", Visit: "day-4", Language: "sv", Answers: []byte(`{"kss":3}`)}, staff(day(6), early))
	if task, ok := schedule.Find(s.Tasks(s.People[early], day(6)), schedule.Key{Kind: schedule.Visit, Name: "day-4"}); !ok || task.State != schedule.Complete {
		t.Error(task, ok)
	}
}

func isiAt(visit string, each int) Answer {
	return Answer{Instrument: "isi", Visit: visit, Language: "sv", Answers: isiAnswers(each)}
}
