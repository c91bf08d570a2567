package watch

import (
	"maps"
	"slices"

	"dvala/civil"
	"dvala/instrument"
	"dvala/study"
)

// Repeat is a run of forms that one person answered alike, or one form that she
// answered with the same value throughout.
type Repeat struct {
	Subject    study.Subject
	What       string // same-days, same-visits, straight-line
	Instrument string
	Entries    []uint64   // the forms
	From, To   civil.Date // of same-days
	Visit      string     // of straight-line
	Items      int        // that are alike
}

// Thresholds. A night differs from the next in its minutes; three alike in at
// least four told items have been copied or guessed. A questionnaire of fewer than
// six rated items is answered alike now and then.
const (
	runOfDays  = 3
	toldItems  = 4
	ratedItems = 6
)

// Repeats gives what was answered alike, in the order of screening.
func Repeats(s *study.State) []Repeat {
	var out []Repeat
	for _, who := range s.Order {
		out = append(out, repeatsOf(s, s.People[who])...)
	}
	return out
}

func repeatsOf(s *study.State, p *study.Participant) []Repeat {
	return append(sameDays(s, p), sameForms(s, p)...)
}

// told gives the answers that are values, without words.
func told(s *study.State, r *study.Response) map[instrument.ItemID]float64 {
	out := map[instrument.ItemID]float64{}
	def, ok := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !ok {
		return out
	}
	for i := range def.Items {
		a := r.Answers[def.Items[i].ID]
		if x, ok := a.Number(); ok {
			out[def.Items[i].ID] = x
		} else if c, ok := a.Clock(); ok {
			out[def.Items[i].ID] = float64(c)
		}
	}
	return out
}

func sameDays(s *study.State, p *study.Participant) []Repeat {
	dates := slices.SortedFunc(maps.Keys(p.Diary), civil.Date.Compare)
	var out []Repeat
	for i := 0; i < len(dates); {
		first := told(s, p.Diary[dates[i]])
		j := i + 1
		for j < len(dates) && dates[j].Sub(dates[j-1]) == 1 && len(first) >= toldItems && maps.Equal(first, told(s, p.Diary[dates[j]])) {
			j++
		}
		if j-i >= runOfDays {
			r := Repeat{Subject: p.Subject, What: "same-days", Instrument: p.Diary[dates[i]].Answered.Instrument, From: dates[i], To: dates[j-1], Items: len(first)}
			for _, d := range dates[i:j] {
				r.Entries = append(r.Entries, p.Diary[d].Entry)
			}
			out = append(out, r)
		}
		i = j
	}
	return out
}

// sameForms looks at the questionnaires of visits: with one value throughout
// (unless the values say that nothing is wrong, which is the end of many scales),
// and alike at several visits.
func sameForms(s *study.State, p *study.Participant) []Repeat {
	var out []Repeat
	seen := map[string][]*study.Response{}
	for _, v := range s.Latest().Protocol().Visits {
		for _, id := range v.Instruments {
			r := p.Visits[v.ID][id]
			if r == nil {
				continue
			}
			if n, ok := straight(s, r); ok {
				out = append(out, Repeat{Subject: p.Subject, What: "straight-line", Instrument: id, Entries: []uint64{r.Entry}, Visit: v.ID, Items: n})
			}
			seen[id] = append(seen[id], r)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		of := seen[id]
		first := told(s, of[0])
		if len(of) < runOfDays || len(first) < ratedItems {
			continue
		}
		r := Repeat{Subject: p.Subject, What: "same-visits", Instrument: id, Items: len(first)}
		for _, x := range of {
			if !maps.Equal(first, told(s, x)) {
				r.Entries = nil
				break
			}
			r.Entries = append(r.Entries, x.Entry)
		}
		if r.Entries != nil {
			out = append(out, r)
		}
	}
	return out
}

// straight says whether every rated item of a form has the same value, which is
// at neither end of the items' range.
func straight(s *study.State, r *study.Response) (items int, ok bool) {
	def, found := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !found {
		return 0, false
	}
	var value float64
	ends := true
	for i := range def.Items {
		it := &def.Items[i]
		if it.Kind != instrument.Rating && it.Kind != instrument.Adjective && it.Kind != instrument.VAS {
			continue
		}
		x, there := r.Answers[it.ID].Number()
		if !there {
			continue
		}
		if items > 0 && x != value {
			return 0, false
		}
		value = x
		items++
		if x != float64(it.Min) && x != float64(it.Max) {
			ends = false
		}
	}
	return items, items >= ratedItems && !ends
}
