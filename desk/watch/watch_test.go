package watch

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk/desktest"
	"dvala/instrument"
	"dvala/schedule"
	"dvala/sleep"
	"dvala/study"
)

const small = "../../study/testdata/small.yaml"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func state(m *desktest.Memory) (s *study.State) {
	m.View(func(x *study.State) { s = x })
	return s
}

func diaryOf(t testing.TB, m *desktest.Memory, who study.Subject, at time.Time, a instrument.Answers) {
	t.Helper()
	m.Do(t, study.Answer{Instrument: "csd", Night: civil.DateOf(at), Language: "sv", Answers: must(json.Marshal(a))}, at, who)
}

func night(sol float64, into civil.Clock) instrument.Answers {
	return instrument.Answers{
		"into-bed": instrument.At(into), "tried-to-sleep": instrument.At(into), "sol": instrument.Number(sol),
		"final-waking": instrument.At(7 * 60), "out-of-bed": instrument.At(7*60 + 12), "waso": instrument.Number(5), "wakings": instrument.Number(1),
	}
}

// What is over counts, what is not yet due does not, whoever was let off neither.
func TestCompliance(t *testing.T) {
	m := desktest.New(t, small, 4)
	at := desktest.Start
	who := m.Person(t, at)
	diaryOf(t, m, who, at.AddDate(0, 0, 1), night(11, 22*60))
	s := state(m)
	now := at.AddDate(0, 0, 3).Add(6 * time.Hour)
	people, days := Compliance(s, now)
	k := people[0].ByKind[schedule.Diary]
	if k.Due != 3 || k.Done != 1 || k.Missed != 0 || people[0].Silent != 2 {
		t.Errorf("%+v, silent %d", k, people[0].Silent)
	}
	sum := 0
	for i, d := range days {
		sum += d.ByKind[schedule.Diary].Due
		if i > 0 && days[i-1].Day >= d.Day {
			t.Error("the days are out of order")
		}
	}
	if sum != k.Due {
		t.Errorf("by day %d were due, and by person %d", sum, k.Due)
	}
	for _, g := range Missing(s, now) {
		if g.Visit == "" && (g.Due != 3 || g.Answered != 1 || g.Blank == 0) {
			t.Errorf("%+v", g)
		}
	}
	m.Do(t, study.Excuse{TaskRef: study.TaskRef{Task: schedule.Diary, Date: civil.DateOf(at).Add(2)}}, now, who)
	if people, _ := Compliance(s, now); people[0].ByKind[schedule.Diary].Due != 2 {
		t.Error("a person who is let off is due all the same")
	}
}

func TestEnrolment(t *testing.T) {
	m := desktest.New(t, small, 4)
	at := desktest.Start
	for i := range 5 {
		who := m.Person(t, at.AddDate(0, 0, 7*i))
		if i < 4 {
			m.Do(t, study.Randomise{}, at.AddDate(0, 0, 7*i+3), who)
		}
	}
	r := Enrolment(state(m), at.AddDate(0, 0, 29))
	if len(r.Weeks) != 5 || r.SoFar != 4 || r.PerWeek != 1 || r.Weeks[3].SoFar != 4 || r.Weeks[4].Screened != 1 {
		t.Errorf("%+v", r)
	}
	// Four of eight are left, at one a week.
	if want := civil.DateOf(at).Add(29 + 28); r.Target == 8 && r.Through != want {
		t.Errorf("through on %v, want %v", r.Through, want)
	}
	for i := 1; i < len(r.Weeks); i++ {
		if r.Weeks[i].Planned < r.Weeks[i-1].Planned {
			t.Error("the plan goes down")
		}
	}
}

// By hand: of 40 digits 30 are 0 and 10 are 5; of the 60 of all others 20 and 40.
// X² = 100·(30·40 − 10·20)² / (40·60·50·50) = 16.6667 on 1 degree of freedom, of
// which the upper tail is 4.4557e-5 (erfc(√(X²/2))).
func TestDigitsByHand(t *testing.T) {
	d := Digits{N: 40}
	d.Counts[0], d.Counts[5] = 30, 10
	var all [10]int
	all[0], all[5] = 50, 50
	d.test(all)
	if !d.Tested || d.DF != 1 || math.Abs(d.Chi2-100.0/6) > 1e-9 || math.Abs(d.P-math.Erfc(math.Sqrt(100.0/12))) > 1e-12 {
		t.Errorf("%+v", d)
	}
	few := Digits{N: 3}
	few.Counts[0], few.Counts[5] = 2, 1
	if few.test(all); few.Tested {
		t.Error("tested on expected counts of less than five")
	}
	of := []Digits{{P: 0.01, Tested: true}, {P: 0.04, Tested: true}, {P: 0.03, Tested: true}, {P: 0}}
	holm(of) // R: p.adjust(c(.01,.04,.03), "holm") gives .03 .06 .06
	for i, want := range []float64{0.03, 0.06, 0.06, 0} {
		if math.Abs(of[i].Adjusted-want) > 1e-12 {
			t.Errorf("%d: %v, want %v", i, of[i].Adjusted, want)
		}
	}
}

// Three mornings told alike are shown, two are not; nor are three that differ by
// a minute.
func TestRepeats(t *testing.T) {
	m := desktest.New(t, small, 4)
	at := desktest.Start
	a, b := m.Person(t, at), m.Person(t, at)
	for i := range 3 {
		diaryOf(t, m, a, at.AddDate(0, 0, i+1), night(11, 22*60))
		diaryOf(t, m, b, at.AddDate(0, 0, i+1), night(11+float64(i), 22*60))
	}
	got := Repeats(state(m))
	if len(got) != 1 || got[0].Subject != a || got[0].What != "same-days" || len(got[0].Entries) != 3 {
		t.Errorf("%+v", got)
	}
}

// A questionnaire with one value throughout is shown, unless it is the value
// that ends the scale.
func TestStraightLines(t *testing.T) {
	for each, want := range map[float64]int{0: 0, 2: 1, 4: 0} {
		m := desktest.New(t, small, 4)
		who := m.Person(t, desktest.Start)
		m.Do(t, study.Randomise{}, desktest.Start.AddDate(0, 0, 3), who)
		a := instrument.Answers{}
		for _, id := range []instrument.ItemID{"isi1", "isi2", "isi3", "isi4", "isi5", "isi6", "isi7"} {
			a[id] = instrument.Number(each)
		}
		m.Do(t, study.Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: must(json.Marshal(a))}, desktest.Start.AddDate(0, 0, 3), who)
		if got := Repeats(state(m)); len(got) != want {
			t.Errorf("all %v: %+v", each, got)
		}
	}
}

// A night of another heart, and one asleep while she says that she was up, are
// shown; her own restless nights are not.
func TestWearers(t *testing.T) {
	m := desktest.New(t, small, 4)
	at := desktest.Start
	who := m.Person(t, at)
	zone := must(civil.Zone("Europe/Stockholm"))
	const other, day = 6, 8
	for i := 1; i <= 9; i++ {
		when := at.AddDate(0, 0, i)
		date := civil.DateOf(when)
		start := date.Add(-1).At(23*60, zone)
		if i == day {
			start = date.At(4*60, zone)
		}
		rate, hrv := 55+float64(i%3), 40+float64(i%4)
		if i == other {
			rate, hrv = 78, 15
		}
		stages := make([]sleep.Stage, 84)
		for j := range stages {
			stages[j] = sleep.Light
		}
		n := sleep.Night{
			Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Main: must(sleep.NewHypnogram(start, 5*time.Minute, stages)),
			Source: sleep.Provenance{Vendor: "oura"}, Measured: &sleep.Measures{HeartRateMeanBPM: &rate, RMSSDMeanMS: &hrv},
		}
		file := must(m.PutBlob("ring", []byte{byte(i)}))
		m.Do(t, study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date, Record: must(json.Marshal(n)), Source: file}}, when.Add(12*time.Hour), who)
		diaryOf(t, m, who, when.Add(12*time.Hour+time.Minute), night(float64(i), 22*60))
	}
	got := Wearers(state(m))
	if len(got) != 2 || got[0].Night != civil.DateOf(at).Add(other) || len(got[0].Because) != 2 || got[1].Night != civil.DateOf(at).Add(day) || got[1].Because[0] != "diary-elsewhere" {
		t.Errorf("%+v", got)
	}
}
