package person

import (
	"html/template"
	"time"

	"dvala/civil"
	"dvala/instrument/diary"
	"dvala/report/figure"
	"dvala/study"
)

// ownNight draws a night of the person's own and tells it in numbers, from the
// device where there is one and from the diary.
func (p *Pages) ownNight(lang string, person *study.Participant, night civil.Date, zone *time.Location) (template.HTML, []told) {
	var picture template.HTML
	var out []told
	hours := func(key string, min *float64) {
		if min != nil {
			h := int(*min+0.5) / 60
			out = append(out, told{p.words.say(lang, key), p.words.say(lang, "past.hours", "h", h, "m", int(*min+0.5)%60)})
		}
	}
	for _, of := range person.Nights {
		r, ok := of[night]
		if !ok || r.Night.Main.IsEmpty() {
			continue
		}
		drawn := figure.Hypnogram{
			ID: "n" + night.String(), Title: p.words.say(lang, "past.picture", "day", longDate(lang, night)), Width: 480, Night: r.Night.Main,
		}
		picture = template.HTML(drawn.SVG().Inline()) //nolint:gosec // package figure escapes what it writes

		if a, ok := r.Night.Architecture(); ok {
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
