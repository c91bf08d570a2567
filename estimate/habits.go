package estimate

import (
	"dvala/instrument"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/habits"
)

// Habits is what a nightly outcome went with: an exploration.
type Habits struct {
	Outcome string     `json:"outcome"`
	Label   string     `json:"label"`
	Unit    string     `json:"unit"`
	Note    string     `json:"note"`
	People  int        `json:"people"`
	Nights  int        `json:"nights"`
	Dropped []Count    `json:"dropped,omitempty"` // nights, by what was missing
	Rows    []HabitRow `json:"rows"`
	Failed  string     `json:"failed,omitempty"`
}

// HabitRow is one habit. Within is the difference on a night with Per more than
// is usual for the person; Between that of people whose usual is Per apart.
type HabitRow struct {
	Habit   string       `json:"habit"`
	Unit    string       `json:"unit,omitempty"`
	Per     float64      `json:"per"`
	Lag     int          `json:"lag,omitempty"`
	Varies  int          `json:"varies"` // people in whom it varied
	Within  *HabitEffect `json:"within,omitempty"`
	Between *HabitEffect `json:"between,omitempty"`
}

// HabitEffect is an effect with its interval; PExplored is adjusted by Benjamini
// and Hochberg over all effects asked.
type HabitEffect struct {
	Estimate  float64  `json:"estimate"`
	SE        float64  `json:"se"`
	Low       float64  `json:"low"`
	High      float64  `json:"high"`
	P         float64  `json:"p"`
	PExplored *float64 `json:"p_explored,omitempty"`
}

// habits explores what the protocol asks, over all nights with a diary, those
// before randomisation included; adjusted for the treatment of the night and
// its number.
func (r *run) habits() *Habits {
	h := r.p.Habits
	if h == nil {
		return nil
	}
	o, _ := r.checked.Outcome(h.Outcome)
	out := &Habits{Outcome: o.ID, Label: o.Label.In("en"), Unit: o.Unit, Note: habits.Exploratory, Rows: []HabitRow{}}
	asked := make([]habits.Habit, len(h.Asked))
	for i, a := range h.Asked {
		asked[i] = habits.Habit{Name: a.Diary, Per: a.Per, Lag: a.Lag}
		if a.Per == 0 {
			asked[i].Per = 1
		}
	}
	nights := r.habitNights(o, h.Asked)
	if len(nights) == 0 {
		out.Failed = "there is no diary to explore"
		return out
	}
	got, err := habits.Explore(nights, asked, habits.Options{Adjust: []string{"treatment", "night"}, Level: r.level})
	if err != nil {
		out.Failed = reason(err)
		return out
	}
	out.People, out.Nights = got.People, got.Nights
	if got.NoOutcome > 0 {
		out.Dropped = append(out.Dropped, Count{"no " + inText(out.Label), got.NoOutcome})
	}
	for i, n := range got.NoHabit {
		if n > 0 {
			out.Dropped = append(out.Dropped, Count{"no answer on " + inText(h.Asked[i].Label.In("en")), n})
		}
	}
	for i, e := range got.Effects {
		out.Rows = append(out.Rows, HabitRow{
			Habit: h.Asked[i].Label.In("en"), Unit: r.itemUnit(h.Asked[i].Diary), Per: e.Per, Lag: e.Lag, Varies: e.Varies,
			Within: habitEffect(e.Within, e.WithinAdjusted), Between: habitEffect(e.Between, e.BetweenAdjusted),
		})
	}
	return out
}

func habitEffect(e *stats.Estimate, q *float64) *HabitEffect {
	if e == nil {
		return nil
	}
	return &HabitEffect{e.Value, e.SE, e.Low, e.High, e.P, q}
}

// habitNights lays out the nights that have a diary, by day from randomisation.
func (r *run) habitNights(o protocol.Outcome, asked []protocol.Habit) []habits.Night {
	type key struct {
		subject string
		day     int
	}
	day := func(v NightValue) int {
		if r.parallel() || v.Period == 0 {
			return v.Day
		}
		return r.checked.PeriodStart(v.Period) + v.Day
	}
	y := map[key]float64{}
	for _, n := range r.data.Nights {
		if n.Outcome == o.ID {
			y[key{n.Subject, day(n)}] = n.X
		}
	}
	place := map[string]int{}
	for i, a := range asked {
		place[a.Diary] = i
	}
	at := map[key]int{}
	var out []habits.Night
	group := r.groupOf()
	treatments := map[string]bool{}
	for _, a := range r.p.Arms {
		treatments[a.ID] = a.Role == protocol.Treatment
	}
	for i := range r.data.Habits {
		v := r.data.Habits[i]
		k := key{v.Subject, day(v)}
		j, ok := at[k]
		if !ok {
			j = len(out)
			at[k] = j
			active := 0.0
			if k.day > 0 && treatments[r.arm(group[v.Subject], max(v.Period, 1))] {
				active = 1
			}
			n := habits.Night{Person: v.Subject, Day: k.day, Habits: make([]*float64, len(asked)), Adjust: []float64{active, float64(k.day)}}
			if x, seen := y[k]; seen {
				n.Y = &x
			}
			out = append(out, n)
		}
		if p, ok := place[v.Outcome]; ok {
			out[j].Habits[p] = &r.data.Habits[i].X
		}
	}
	return out
}

// itemUnit gives the unit of a diary item.
func (r *run) itemUnit(item string) string {
	if r.p.Diary == nil {
		return ""
	}
	d, ok := instrument.ByID(instrument.ID(r.p.Diary.Instrument))
	if !ok {
		return ""
	}
	if it, ok := d.Item(instrument.ItemID(item)); ok {
		return it.Unit
	}
	return ""
}
