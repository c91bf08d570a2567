package simulate

import (
	"math"
	"math/rand/v2"

	"dvala/civil"
	"dvala/instrument"
)

// Fill answers an instrument as the person would whose sleep has this true
// severity (ISI points). Known instruments are filled so that their score
// follows the severity; any other with rated items is filled by each item's
// better direction. now is how the person feels at this moment, a standard
// normal draw that all her answers of one sitting share.
func (m Model) Fill(r *rand.Rand, p Person, def *instrument.Definition, severity, now float64, since float64) instrument.Answers {
	switch def.ID {
	case "isi":
		return m.fillISI(r, def, severity)
	case "guess":
		return fillGuess(r, def, since)
	}
	// Well is 0 for the average sleeper of the trial, positive for a better one.
	well := (14-severity)/7 + 0.5*now
	if def.Recall.Kind == instrument.ComparesWithUsual {
		well = since/5 + 0.4*now // against how it was before, not against others
	}
	a := instrument.Answers{}
	for _, it := range def.Items {
		switch it.Kind {
		case instrument.Rating, instrument.Adjective, instrument.VAS:
			if chance(r, 0.0008) {
				continue // left out by mistake
			}
			a[it.ID] = instrument.Number(rate(r, it, well))
		}
	}
	return a
}

// rate answers one rated item: half-way on its line for the average person,
// moved by how well she is.
func rate(r *rand.Rand, it instrument.Item, well float64) float64 {
	mid, spread := 0.5, 0.16
	if it.Kind == instrument.Adjective {
		mid, spread = 0.3, 0.18 // most adjectives of distress are answered low
		if it.Better == instrument.HigherBetter {
			mid = 0.5
		}
	}
	way := 1.0
	if it.Better == instrument.LowerBetter {
		way = -1
	}
	x := clamp(mid+way*0.09*well+spread*r.NormFloat64(), 0, 1)
	lo, hi := float64(it.Min), float64(it.Max)
	v := lo + x*(hi-lo)
	if it.Kind == instrument.VAS {
		return math.Round(v)
	}
	return clamp(math.Round(v), lo, hi)
}

// fillISI draws a total around the severity and spreads it over the items one
// point at a time, so that the total is what was drawn.
func (m Model) fillISI(r *rand.Rand, def *instrument.Definition, severity float64) instrument.Answers {
	total := int(clamp(math.Round(severity+m.AnswerSD*r.NormFloat64()), 0, 28))
	points := make([]int, len(def.Items))
	for total > 0 {
		i := r.IntN(len(points))
		if points[i] < def.Items[i].Max {
			points[i]++
			total--
		}
	}
	a := instrument.Answers{}
	for i, it := range def.Items {
		a[it.ID] = instrument.Number(float64(points[i]))
	}
	return a
}

// fillGuess says which arm the person thinks she had: those who feel better
// since the start lean to the active one, whatever they had.
func fillGuess(r *rand.Rand, def *instrument.Definition, since float64) instrument.Answers {
	a := instrument.Answers{}
	for _, it := range def.Items {
		switch {
		case it.Kind == instrument.Choice && len(it.Choices) >= 3:
			pick := 2 // don't know
			if chance(r, 0.62) {
				pick = 1
				if chance(r, clamp(0.42+0.05*since, 0.05, 0.95)) {
					pick = 0
				}
			}
			a[it.ID] = instrument.Said(it.Choices[pick].Code)
		case it.Kind == instrument.Rating:
			a[it.ID] = instrument.Number(float64(it.Min + r.IntN(3)))
		}
	}
	return a
}

// Morning fills the diary of a night from what was true: people round clock
// times to five minutes, recall long latencies as longer and forget short
// awakenings.
func Morning(r *rand.Rand, d Day, t Truth, units, planned int, def *instrument.Definition) instrument.Answers {
	told := map[instrument.ItemID]instrument.Answer{}
	clock := func(minutes float64) instrument.Answer {
		m := int(math.Round((minutes+18*60)/5)) * 5
		return instrument.At(civil.Clock(((m % 1440) + 1440) % 1440))
	}
	wakings := 0.0
	if t.Awakenings > 0 {
		wakings = float64(r.IntN(min(t.Awakenings, 4) + 1))
	}
	told["into-bed"] = clock(d.BedMin)
	told["tried-to-sleep"] = clock(d.TryMin)
	told["sol"] = instrument.Number(roundTo(clamp(t.SOLMin*math.Exp(0.15+0.25*r.NormFloat64()), 1, 240), 5))
	told["wakings"] = instrument.Number(wakings)
	waso := 0.0
	if wakings > 0 {
		waso = max(1, roundTo(clamp(t.WASOMin*math.Exp(-0.3+0.35*r.NormFloat64()), 1, 300), 5))
		told["waso"] = instrument.Number(waso)
	}
	told["final-waking"] = clock(d.TryMin + t.FinalWakeMin)
	told["out-of-bed"] = clock(d.TryMin + d.Plan.InBedMin + 4)
	told["quality"] = instrument.Number(scaleTo(d.Quality, 1, 5))
	told["sleep-aid"] = instrument.Bool(chance(r, 0.015))
	told["dose-taken"] = instrument.Bool(units > 0)
	if units > 0 {
		told["dose-count"] = instrument.Number(float64(units))
		told["dose-time"] = clock(d.BedMin - 60 - 30*r.Float64())
	}
	told["naps"] = instrument.Number(b2f(d.NapMin > 0))
	if d.NapMin > 0 {
		told["nap-min"] = instrument.Number(d.NapMin)
	}
	told["stress"] = instrument.Number(math.Round(d.Stress))
	told["screens-min"] = instrument.Number(roundTo(min(d.ScreensMin, 120), 5))
	told["evening-light"] = instrument.Number(math.Round(clamp(d.EveningLight*0.4, 0, 4)))
	told["winding-down-min"] = instrument.Number(roundTo(d.WindDownMin, 5))
	told["caffeine"] = instrument.Number(d.CaffeineCups)
	if d.CaffeineCups > 0 {
		told["caffeine-last"] = clock(-60*(4-min(3, d.CaffeineLate)*2) - 30*r.Float64())
	}
	told["alcohol"] = instrument.Number(d.Drinks)
	if d.Drinks > 0 {
		told["alcohol-last"] = clock(120 + 90*r.Float64())
	}
	told["exercise-min"] = instrument.Number(d.ExerciseMin)
	if d.ExerciseMin > 0 {
		told["exercise-late"] = instrument.Bool(chance(r, 0.2))
	}
	told["last-meal"] = clock(60 + 90*r.Float64())
	told["last-meal-size"] = instrument.Number(float64(1 + r.IntN(3)))
	told["magnesium-food"] = instrument.Number(math.Round(4 * d.Magnesium))
	told["magnesium-other"] = instrument.Bool(chance(r, 0.02))
	told["energy"] = instrument.Number(math.Round(d.Energy))
	told["productivity"] = instrument.Number(math.Round(d.Productivity))
	a := instrument.Answers{}
	for _, it := range def.Items {
		v, ok := told[it.ID]
		switch {
		case !ok:
		case planned == 0 && (it.ID == "dose-taken" || it.ID == "dose-count" || it.ID == "dose-time"):
		case it.Kind != instrument.Clock && chance(r, 0.006):
			a[it.ID] = instrument.NotSure()
		default:
			a[it.ID] = v
		}
	}
	return drop(def, a)
}

// drop takes out what is asked only after another answer that was not given.
func drop(def *instrument.Definition, a instrument.Answers) instrument.Answers {
	for _, it := range def.Items {
		if it.AskIf == nil {
			continue
		}
		if v, ok := a[it.AskIf.Item].Number(); !ok || v < it.AskIf.AtLeast {
			delete(a, it.ID)
		}
	}
	return a
}

func roundTo(x, step float64) float64 { return math.Round(x/step) * step }

// scaleTo puts a 0 … 10 feeling on a whole-number scale.
func scaleTo(x, lo, hi float64) float64 { return clamp(math.Round(lo+x/10*(hi-lo)), lo, hi) }
