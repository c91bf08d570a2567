package watch

import (
	"cmp"
	"slices"
	"time"

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
func Missing(s *study.State, now time.Time) []Gap { return MissingAt(s, now, nil) }

// MissingAt is that of the people of the sites for which yes is said; nil: of all.
func MissingAt(s *study.State, now time.Time, sees func(site string) bool) []Gap {
	g := newGaps(s)
	for _, who := range s.Order {
		p := s.People[who]
		if sees != nil && !sees(p.Site) {
			continue
		}
		missing(s, p, now, s.Tasks(p, now), g.at)
	}
	return g.list()
}

// gaps are what is missing, in the order in which it was met.
type gaps struct {
	of    map[gapKey]*Gap
	order []*Gap
}

type gapKey struct{ visit, instrument string }

// newGaps begins with what the protocol has.
func newGaps(s *study.State) *gaps {
	g := &gaps{of: map[gapKey]*Gap{}}
	for _, v := range s.Latest().Protocol().Visits {
		for _, id := range v.Instruments {
			g.at(v.ID, id)
		}
	}
	return g
}

func (g *gaps) at(visit, id string) *Gap {
	key := gapKey{visit, id}
	if g.of[key] == nil {
		g.of[key] = &Gap{Visit: visit, Instrument: id}
		g.order = append(g.order, g.of[key])
	}
	return g.of[key]
}

func (g *gaps) list() []Gap {
	out := make([]Gap, 0, len(g.order))
	for _, x := range g.order {
		out = append(out, *x)
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(last(a), last(b)) })
	return out
}

// missing adds what one person's tasks that are over lack.
func missing(s *study.State, p *study.Participant, now time.Time, tasks []schedule.Task, at func(visit, id string) *Gap) {
	c := s.ProtocolFor(p, now)
	for _, t := range tasks {
		if t.State == schedule.Excused || now.Before(t.Due) {
			continue
		}
		switch t.Kind {
		case schedule.Visit:
			v, ok := c.Visit(t.Name)
			if !ok {
				continue
			}
			for _, id := range v.Instruments {
				at(v.ID, id).add(s, p.Visits[v.ID][id])
			}
		case schedule.Diary:
			at("", c.Protocol().Diary.Instrument).add(s, p.Diary[t.Date])
		}
	}
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
	for _, it := range itemsOf(s, r) {
		g.Items++
		switch {
		case it.Blank:
			g.Blank++
		case it.NotSure:
			g.NotSure++
		}
	}
}
