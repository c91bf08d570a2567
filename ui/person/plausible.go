package person

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/instrument/diary"
)

// doubt is something in a diary that is worth a second look. It is asked once;
// what the person then confirms stands.
type doubt struct {
	Code string
	Text string
	Item string // which answer a proposal changes
	Time string // the proposal, as in 23:00; empty where there is none
}

// clockItems are the times of a night, in the order of the night.
var clockItems = []instrument.ItemID{diary.IntoBed, diary.TriedToSleep, diary.FinalWaking, diary.OutOfBed}

// doubts tells what is implausible in a morning's answers, and, where moving
// one time by twelve hours makes all of it plausible, proposes that.
func (p *Pages) doubts(lang string, night civil.Date, zone *time.Location, a instrument.Answers) []doubt {
	n, l := diary.Read(night, zone, a)
	var out []doubt
	for _, problem := range l {
		code := string(problem.Code)
		if _, ok := p.words.of["js.doubt."+code]; !ok {
			continue
		}
		d := doubt{Code: code}
		hours := ""
		if n.TIBMin != nil {
			hours = decimal(lang, *n.TIBMin/60, 0)
		}
		d.Text = p.words.say(lang, "js.doubt."+code, "n", hours)
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil
	}
	if item, clock, ok := proposal(night, zone, a); ok {
		out[0].Item, out[0].Time = string(item), clock.String()
		out[0].Text += " " + p.words.say(lang, "js.meant", "time", clock)
	}
	return out
}

// proposal looks for the one time that, moved by twelve hours, leaves nothing to
// doubt.
func proposal(night civil.Date, zone *time.Location, a instrument.Answers) (instrument.ItemID, civil.Clock, bool) {
	for _, id := range clockItems {
		c, ok := a[id].Clock()
		if !ok {
			continue
		}
		moved := (c + 12*60) % (24 * 60)
		try := instrument.Answers{}
		for k, v := range a {
			try[k] = v
		}
		try[id] = instrument.At(moved)
		if _, l := diary.Read(night, zone, try); len(l) == 0 {
			return id, moved, true
		}
	}
	return "", 0, false
}
