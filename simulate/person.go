package simulate

import (
	"math"
	"math/rand/v2"

	"dvala/civil"
)

// Model is what the made-up world believes. Default gives the one that the
// demonstration uses; doc/methods/simulated-sleepers.md says why each number.
type Model struct {
	// Effect is the true difference on the ISI at the end of treatment,
	// treatment minus comparator, in points (negative is better sleep). It acts
	// on the sleeper and so on all that follows from how she sleeps.
	Effect float64
	// Drift is what happens to the ISI in any arm over the treatment: hope,
	// attention and regression to the mean.
	Drift float64
	// HalfTime is the days after which half of effect and drift are there.
	HalfTime float64

	SeverityMean, SeveritySD float64 // ISI at screening
	AnswerSD                 float64 // of an ISI total beside its true value

	DiaryKept, RingWorn, DoseTaken float64 // mean probabilities, by person
	Leaves                         float64 // share who leave before the end
	Harms                          float64 // adverse events a person and week
	Corrects                       float64 // share of people who correct an answer once
	Travels                        float64 // share who travel to another zone
}

// Default is the world of the demonstration.
func Default() Model {
	return Model{
		Effect: 0, Drift: -3.2, HalfTime: 6,
		SeverityMean: 14.5, SeveritySD: 3.4, AnswerSD: 1.6,
		DiaryKept: 0.91, RingWorn: 0.93, DoseTaken: 0.95,
		Leaves: 0.08, Harms: 0.09, Corrects: 0.1, Travels: 0.05,
	}
}

// Person is a made-up participant: what she is, not what happens to her.
type Person struct {
	Number   int
	Age      int
	Female   bool
	Language string
	Severity float64 // true ISI before treatment
	Response float64 // her share of drift and effect; mean 1

	Bed, Rise   float64 // habitual, minutes after 18:00 of the evening before
	WeekendLate float64 // minutes later before free days
	Deep, REM   float64 // factors of N3 and REM
	CycleMin    float64
	Caffeine    float64 // cups a day, mean
	Drinks      float64 // units of alcohol a day, mean
	Diet        float64 // magnesium-rich food, 0 … 1

	DiaryKept, RingWorn, DoseTaken float64
	LeavesOn                       int // day of treatment; 0: stays
	LeavesAll                      bool
	Corrects, Travels              bool
	Pulse                          float64 // resting, 1/min
	RMSSD                          float64 // ms
}

// NewPerson draws participant number n of a world.
func (m Model) NewPerson(seed uint64, n, treatmentDays int) Person {
	r := Stream(seed, "person", n)
	p := Person{Number: n, Language: "sv"}
	p.Age = 35 + r.IntN(21)
	p.Female = chance(r, 0.62)
	if chance(r, 0.3) {
		p.Language = "en"
	}
	p.Severity = within(r, m.SeverityMean, m.SeveritySD, 4, 27)
	p.Response = within(r, 1, 0.6, -0.6, 2.6)
	p.Bed = within(r, 305, 40, 190, 430) // 23:05
	p.Rise = p.Bed + within(r, 468, 32, 380, 570)
	p.WeekendLate = within(r, 38, 25, -10, 120)
	old := float64(p.Age-45) / 10
	p.Deep = within(r, 0.96-0.06*old, 0.18, 0.4, 1.6)
	p.REM = within(r, 1, 0.12, 0.6, 1.4)
	p.CycleMin = within(r, 93, 6, 78, 112)
	p.Caffeine = within(r, 2.6, 1.4, 0, 7)
	p.Drinks = max(0, within(r, 0.35, 0.5, -1, 2.5))
	p.Diet = r.Float64()
	p.DiaryKept = share(r, m.DiaryKept)
	p.RingWorn = share(r, m.RingWorn)
	p.DoseTaken = share(r, m.DoseTaken)
	if chance(r, m.Leaves) {
		p.LeavesOn = 2 + r.IntN(max(1, treatmentDays-3))
		p.LeavesAll = chance(r, 0.6)
	}
	p.Corrects = chance(r, m.Corrects)
	p.Travels = chance(r, m.Travels)
	p.Pulse = within(r, 58, 6, 44, 78)
	p.RMSSD = clamp(logNormal(r, 36, 0.4), 10, 120)
	return p
}

// share draws a person's own probability around a mean, most people near it
// and a few far below.
func share(r *rand.Rand, mean float64) float64 {
	return clamp(mean+0.06*r.NormFloat64()-0.25*math.Pow(r.Float64(), 12), 0.05, 0.995)
}

// grown is how much of a slow change is there after so many days: 0 on day 0,
// towards 1.
func (m Model) grown(day float64) float64 {
	if day <= 0 {
		return 0
	}
	return 1 - math.Exp2(-day/m.HalfTime)
}

// SeverityOn gives the person's true ISI on a day of treatment that lasts so
// many days, with or without the treatment. Effect and drift are scaled so as
// to be whole on the last day for the average person.
func (m Model) SeverityOn(p Person, day, lastDay int, treated bool) float64 {
	g := m.grown(float64(day)) / m.grown(float64(lastDay))
	s := p.Severity + p.Response*m.Drift*g
	if treated {
		s += m.Effect * g
	}
	return s
}

// Day is what a person does before a night, and how the night comes out. It is
// what is true; the ring and the diary each see it in their own way.
type Day struct {
	Night civil.Date // date of waking
	Free  bool       // the next day is free

	Stress, ScreensMin, EveningLight, WindDownMin float64
	CaffeineCups, CaffeineLate, Drinks            float64
	ExerciseMin, Magnesium                        float64
	NapMin                                        float64
	Energy, Productivity, Quality, Rested         float64 // 0 … 10
	BedMin, TryMin                                float64 // after 18:00 of the evening
	Plan                                          Plan
}

// DayOf draws what a person does on the evening before a night, and the plan
// of the night, from her true ISI on that day. Stress carries over from day to
// day; yesterday is nil on the first.
func (m Model) DayOf(r *rand.Rand, p Person, night civil.Date, severity float64, yesterday *Day) Day {
	d := Day{Night: night}
	wd := night.Weekday()
	d.Free = wd == 0 || wd == 6 // the night to a Saturday or Sunday
	carried := 0.0
	if yesterday != nil {
		carried = 0.5 * (yesterday.Stress - 4)
	}
	d.Stress = clamp(4+carried+0.08*(severity-14)+1.5*r.NormFloat64(), 0, 10)
	if d.Free {
		d.Stress = clamp(d.Stress-0.8, 0, 10)
	}
	d.ScreensMin = clamp(logNormal(r, 55, 0.6), 0, 240)
	d.EveningLight = clamp(4.5+1.8*r.NormFloat64(), 0, 10)
	d.WindDownMin = clamp(20+18*r.NormFloat64()-1.5*(d.Stress-4), 0, 120)
	d.CaffeineCups = math.Round(clamp(p.Caffeine+0.9*r.NormFloat64(), 0, 9))
	d.CaffeineLate = math.Floor(d.CaffeineCups * 0.35 * r.Float64() * 1.6)
	d.Drinks = math.Round(clamp(p.Drinks*2*r.ExpFloat64()*0.5+b2f(d.Free)*r.ExpFloat64()*0.8-0.3, 0, 8))
	if chance(r, 0.35) {
		d.ExerciseMin = math.Round(within(r, 40, 15, 10, 120)/5) * 5
	}
	d.Magnesium = clamp(p.Diet+0.2*r.NormFloat64(), 0, 1)
	if chance(r, 0.08) {
		d.NapMin = math.Round(within(r, 30, 15, 10, 90))
	}
	late := 25 * r.NormFloat64()
	if d.Free {
		late += p.WeekendLate
	}
	d.BedMin = p.Bed + late
	d.TryMin = d.BedMin + clamp(10*r.ExpFloat64(), 0, 60)
	rise := p.Rise + 0.6*late + 18*r.NormFloat64()
	if d.Free {
		rise += 25
	}
	bad := severity - 14 + 0.9*(d.Stress-4)
	d.Plan = Plan{
		InBedMin: clamp(rise-d.TryMin, 200, 660),
		SOLMin: clamp(logNormal(r, 15*math.Exp(0.045*bad+0.05*d.CaffeineLate+0.002*(d.ScreensMin-55)-0.005*(d.WindDownMin-20)-
			0.002*d.NapMin), 0.5), 1, 150),
		RisesMin:   clamp(6*r.ExpFloat64(), 0, 60),
		WakesPerH:  clamp(0.9+0.055*bad+0.12*d.Drinks+0.25*r.NormFloat64(), 0.1, 4),
		WakeMin:    3.2 * math.Exp(0.03*bad),
		DeepFactor: clamp(p.Deep*(1+0.002*(d.ExerciseMin-15))*math.Exp(-0.012*bad)+0.1*r.NormFloat64(), 0.15, 2),
		REMFactor:  clamp(p.REM-0.05*d.Drinks+0.07*r.NormFloat64(), 0.4, 1.6),
		CycleMin:   p.CycleMin,
	}
	return d
}

// Feel sets how the day after the night feels, from how much she slept.
func (d *Day) Feel(r *rand.Rand, tstMin, wasoMin, severity float64) {
	good := 0.012*(tstMin-400) - 0.012*(wasoMin-40) - 0.09*(severity-14)
	d.Quality = clamp(5.2+good+1.1*r.NormFloat64(), 0, 10)
	d.Rested = clamp(0.6*d.Quality+2+0.9*r.NormFloat64(), 0, 10)
	d.Energy = clamp(0.5*d.Rested+2.8-0.15*(d.Stress-4)+0.9*r.NormFloat64(), 0, 10)
	d.Productivity = clamp(0.6*d.Energy+2.2+0.9*r.NormFloat64(), 0, 10)
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
