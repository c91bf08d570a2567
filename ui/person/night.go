package person

import (
	"html/template"
	"slices"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/instrument/diary"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// ownNight draws a night of the person's own and tells it in numbers, from the
// device where there is one and from the diary.
func (p *Pages) ownNight(lang string, person *study.Participant, night civil.Date, zone *time.Location) (template.HTML, []told) {
	var picture template.HTML
	var out []told
	hours := func(key string, min *float64) {
		if min != nil {
			out = append(out, told{p.words.say(lang, key), p.span(lang, *min)})
		}
	}
	if h, ok := ringNight(person, night); ok {
		title := p.words.say(lang, "past.picture", "day", longDate(lang, night))
		picture = template.HTML(p.drawNight(lang, "n"+night.String(), title, h.Main, zone)) //nolint:gosec // package figure escapes what it writes
		if a, ok := h.Architecture(); ok {
			hours("past.ring", a.TSTMin)
		}
	}
	if r, ok := person.Diary[night]; ok {
		n, _ := diary.Read(night, zone, r.Answers)
		hours("past.slept", n.TSTMin)
		hours("past.inbed", n.TIBMin)
	}
	return picture, out
}

// ringNight gives the device's night to a date, where one has a main sleep.
func ringNight(person *study.Participant, night civil.Date) (sleep.Night, bool) {
	for _, of := range person.Nights {
		if r, ok := of[night]; ok && !r.Night.Main.IsEmpty() {
			return r.Night, true
		}
	}
	return sleep.Night{}, false
}

// barOf gives a night for the picture of all.
func barOf(person *study.Participant, night civil.Date, zone *time.Location) nightBar {
	b := nightBar{night: night}
	if r, ok := person.Diary[night]; ok {
		n, _ := diary.Read(night, zone, r.Answers)
		if n.IntoBed != nil && n.OutOfBed != nil && n.IntoBed.Before(*n.OutOfBed) {
			b.bed = [2]time.Time{*n.IntoBed, *n.OutOfBed}
		}
		if n.Onset != nil && n.FinalWaking != nil && n.Onset.Before(*n.FinalWaking) {
			b.asleep = [][2]time.Time{{*n.Onset, *n.FinalWaking}}
		}
	}
	if h, ok := ringNight(person, night); ok {
		if start, timed := h.Main.Start(); timed {
			b.asleep = asleepOf(h.Main, start)
		}
	}
	return b
}

// asleepOf gives the runs of sleep of a hypnogram.
func asleepOf(h sleep.Hypnogram, start time.Time) [][2]time.Time {
	var out [][2]time.Time
	awake := func(s sleep.Stage) bool { return s == sleep.W || s == sleep.Unscored }
	for i := 0; i < h.Len(); {
		j := i
		for j < h.Len() && awake(h.At(j)) == awake(h.At(i)) {
			j++
		}
		if !awake(h.At(i)) {
			out = append(out, [2]time.Time{start.Add(time.Duration(i) * h.Epoch()), start.Add(time.Duration(j) * h.Epoch())})
		}
		i = j
	}
	return out
}

// scorePictures draws each score that was given at two visits or more.
func (p *Pages) scorePictures(v *visit, s *study.State, person *study.Participant) []titled {
	lang := protocol.Language(v.lang)
	var order []string
	bars := map[string][]scoreBar{}
	scales := map[string]instrument.Scale{}
	for _, planned := range s.Protocol.Protocol().Visits {
		for _, id := range planned.Instruments {
			r := person.Visits[planned.ID][id]
			d, ok := s.Instrument(instrument.ID(id), "")
			if r == nil || !ok {
				continue
			}
			for _, score := range r.Scores {
				scale, known := d.Scale(score.Scale)
				if !known || score.Value == nil || !(scale.Range[0] < scale.Range[1]) {
					continue
				}
				key := id + " " + string(score.Scale)
				if !slices.Contains(order, key) {
					order = append(order, key)
				}
				scales[key] = *scale
				bars[key] = append(bars[key], scoreBar{planned.Label.In(lang), *score.Value, decimal(v.lang, *score.Value, places(*score.Value)) + " " + shortUnit(p, v.lang, scale.Unit)})
			}
		}
	}
	var out []titled
	for i, key := range order {
		if len(bars[key]) > 1 {
			title := scales[key].Label.In(v.lang)
			out = append(out, titled{title, template.HTML(drawScores("s"+string(rune('a'+i%26)), title, scales[key].Range, bars[key]))}) //nolint:gosec // package figure escapes what it writes
		}
	}
	return out
}

// shortUnit is a unit beside a bar: points need none.
func shortUnit(p *Pages, lang, unit string) string {
	if unit == "points" {
		return ""
	}
	return p.unit(lang, unit)
}

// given is what a person had in a period.
type given struct {
	Period int
	Label  string
}

// givenTo names what a person had, period by period.
func givenTo(s *study.State, a protocol.Assignment, lang protocol.Language) []given {
	var out []given
	for i, id := range a.Arms {
		if arm, ok := s.Protocol.Arm(id); ok {
			out = append(out, given{i + 1, arm.Label.In(lang)})
		}
	}
	return out
}

// titled is a picture and what it shows.
type titled struct {
	Title   string
	Picture template.HTML
}
