package desk

import (
	"context"
	"slices"
	"time"

	"dvala/study"
)

// join adds all that is counted at another site.
func (s *sums) join(of *sums) {
	s.flow.plus(of.flow, 1)
	plus(s.excluded, of.excluded, 1)
	plus(s.left, of.left, 1)
	plus(s.deviations, of.deviations, 1)
	plus(s.months, of.months, 1)
	plus(s.needs, of.needs, 1)
	s.corrections += of.corrections
	s.adverse += of.adverse
	s.serious += of.serious
}

// at sums up the sites for which yes is said.
func (b *board) at(sees func(site string) bool) *sums {
	all := newSums()
	for site, of := range b.sites {
		if sees(site) {
			all.join(of)
		}
	}
	return &all
}

// OverviewAt tells how a trial stands at the sites for which yes is said. What is
// planned, and what is of the trial as a whole, stays the whole trial's: a protocol
// plans no number of people a site.
func (o *Office) OverviewAt(s *study.State, sees func(site string) bool) Overview {
	out := overviewHead(s, o.now())
	b := &o.board
	b.book.Look(b, s, out.AsOf, func(func(int) *standing) { out.sum(s, b.at(sees)) })
	return out
}

// FlowAt counts the people of the sites for which yes is said.
func (o *Office) FlowAt(s *study.State, sees func(site string) bool) (f Flow) {
	b := &o.board
	b.book.Look(b, s, AsOf(s, o.now()), func(func(int) *standing) { f = b.at(sees).flowOf() })
	return f
}

// AtAll says whether yes is said for every site of a trial.
func AtAll(s *study.State, sees func(site string) bool) bool {
	for _, site := range s.Protocol.Protocol().Sites {
		if !sees(site.ID) {
			return false
		}
	}
	return true
}

// NeverAt gives those who were asked and never screened, of the sites for which yes
// is said, and of every reason or of one, in the order in which they were logged.
func NeverAt(s *study.State, sees func(site string) bool, why string) (out []Unscreened) {
	i := 0
	for place := range s.Select(study.Selection{Kinds: []study.Kind{study.KindNotScreened}}, 0, false) {
		if i == len(s.NotScreened) {
			break
		}
		x := s.NotScreened[i]
		i++
		if sees(x.Site) && (why == "" || why == x.Why) {
			out = append(out, Unscreened{Entry: place, At: s.WrittenAt(place), Site: x.Site, Why: x.Why})
		}
	}
	return out
}

// Unscreened is somebody of whom nothing more is known than that she was asked, and
// why she was not screened.
type Unscreened struct {
	Entry     uint64
	At        time.Time
	Site, Why string
}

// Untouched is somebody who takes part, and whose telephone was last in touch more
// than a day ago. What waits on it nobody else can know: that it has not been in
// touch is the only sign.
type Untouched struct {
	Subject study.Subject
	Seen    time.Time
}

// Untouched gives those of whom a caller may see that, the longest first; not ok
// where nothing is known of devices.
func (o *Office) Untouched(ctx context.Context, c Caller) (out []Untouched, ok bool, err error) {
	if err := o.See(ctx, c, "see-people", "", func(*study.State) error { return nil }); err != nil || o.parts.Telephones == nil {
		return nil, false, err
	}
	now := o.now()
	seen, err := o.parts.Telephones.LastSeenBefore(ctx, now.Add(-unsyncedAfter))
	if err != nil {
		return nil, false, err
	}
	err = o.See(ctx, c, "see-people", "", func(s *study.State) error {
		for _, who := range s.Order {
			p, at := s.People[who], seen[who]
			if at.IsZero() || s.Locked != nil || !expected(p) {
				continue
			}
			if _, err := As(c, "see-person", who, p.Site, now); err == nil {
				out = append(out, Untouched{who, at})
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(x, y Untouched) int { return x.Seen.Compare(y.Seen) })
	return out, true, err
}
