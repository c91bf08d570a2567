package watch

import (
	"cmp"
	"slices"
	"time"

	"dvala/instrument"
	"dvala/schedule"
	"dvala/study"
)

// Gap is what is not there of one instrument at one visit, or of the diary
// (Visit is empty).
type Gap struct {
	Visit, Instrument string
	Due               int // people, or nights, for whom it is over
	Answered          int // whole or in part
	Items             int // that were to be answered in those forms
	Blank             int // of these, not answered
	NotSure           int // said to be unknown, or not told: an answer, but no value
}

// Missing counts what is not there of visits and diaries whose time is over,
// in the order of the protocol's visits, the diary last. An item that is asked
// only after another counts where it is answered or not asked for that reason.
func Missing(s *study.State, now time.Time) []Gap {
	of := map[[2]string]*Gap{}
	var order []*Gap
	at := func(visit, id string) *Gap {
		key := [2]string{visit, id}
		if of[key] == nil {
			of[key] = &Gap{Visit: visit, Instrument: id}
			order = append(order, of[key])
		}
		return of[key]
	}
	proto := s.Latest().Protocol()
	for _, v := range proto.Visits {
		for _, id := range v.Instruments {
			at(v.ID, id)
		}
	}
	for _, who := range s.Order {
		p := s.People[who]
		for _, t := range s.Tasks(p, now) {
			if t.State == schedule.Excused || now.Before(t.Due) {
				continue
			}
			switch t.Kind {
			case schedule.Visit:
				v, ok := s.ProtocolFor(p, now).Visit(t.Name)
				if !ok {
					continue
				}
				for _, id := range v.Instruments {
					at(v.ID, id).add(s, p.Visits[v.ID][id])
				}
			case schedule.Diary:
				at("", s.ProtocolFor(p, now).Protocol().Diary.Instrument).add(s, p.Diary[t.Date])
			}
		}
	}
	out := make([]Gap, 0, len(order))
	for _, g := range order {
		out = append(out, *g)
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(last(a), last(b)) })
	return out
}

func last(g Gap) int {
	if g.Visit == "" {
		return 1
	}
	return 0
}

func (g *Gap) add(s *study.State, r *study.Response) {
	g.Due++
	if r == nil {
		return
	}
	g.Answered++
	d, ok := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !ok {
		return
	}
	for i := range d.Items {
		it := &d.Items[i]
		a, there := r.Answers[it.ID]
		switch {
		case there && (a.IsNotSure() || a.IsDeclined()):
			g.Items++
			g.NotSure++
		case there:
			g.Items++
		case !it.Optional && it.AskIf == nil:
			g.Items++
			g.Blank++
		}
	}
}
