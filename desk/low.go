package desk

import (
	"slices"
	"sync"

	"dvala/civil"
	"dvala/study"
)

// Low is something of which a fifth or less is left: slots of a stratum cell,
// or the kits that a site can still hand out at a visit. It knows no arm, and a
// kit that runs out says nothing of one: stock is counted by visit alone.
type Low struct {
	Site  string // of kits, and of a cell that is a site's; empty: every site
	Cell  string // a stratum cell; empty of kits
	Visit string // of kits; empty of a cell
	Left  int
	Of    int // that there were in all
}

// LowNow gives what runs low, cells first, kits by site and visit. A kit is left
// where it is in stock and nobody has it. Of what is wanted for new people alone
// nothing is low once all who were planned are randomised, and nothing at all
// once the database is locked.
func LowNow(s *study.State, today civil.Date) []Low {
	if s.Locked != nil || s.Opened == nil {
		return nil
	}
	taken := 0
	for _, n := range s.Taken {
		taken += n
	}
	full := taken >= s.Latest().Protocol().Design.Participants
	var out []Low
	for _, c := range s.CellsLeft() {
		if (c.Low || c.Empty) && !full {
			out = append(out, Low{Site: siteOfCell(s, c.Cell), Cell: c.Cell, Left: c.Left, Of: c.Of})
		}
	}
	for _, site := range s.Protocol.Protocol().Sites {
		for _, l := range lowKits(s, site.ID, today) {
			if !full || !first(s, l.Visit) {
				out = append(out, l)
			}
		}
	}
	return out
}

// first says whether a visit's kits are handed out to people as they come in.
func first(s *study.State, visit string) bool {
	v, ok := s.Latest().Visit(visit)
	return ok && v.Day <= 0
}

// lowBook keeps what was low when it was last counted: it changes with an entry,
// or with the day.
type lowBook struct {
	mu      sync.Mutex
	entries uint64
	today   civil.Date
	list    []Low
}

// Low gives what LowNow gives.
func (o *Office) Low(s *study.State, today civil.Date) []Low {
	b := &o.low
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.today != today || b.entries != s.Entries {
		b.entries, b.today, b.list = s.Entries, today, LowNow(s, today)
	}
	return slices.Clone(b.list)
}

// siteOfCell gives the site whose list a cell is, where sites have lists of
// their own.
func siteOfCell(s *study.State, key string) string {
	for _, c := range s.Protocol.Cells() {
		if c.Key == key {
			site, _ := c.Site() // none: the cell is every site's
			return site
		}
	}
	return ""
}

// lowKits counts the kits that a site has received, by visit.
func lowKits(s *study.State, site string, today civil.Date) []Low {
	var visits []string
	of := map[string]Low{}
	for _, k := range s.StockOf(site, today) {
		if k.State == study.KitAnnounced {
			continue
		}
		n, known := of[k.Visit]
		if !known {
			visits = append(visits, k.Visit)
			n = Low{Site: site, Visit: k.Visit}
		}
		n.Of++
		if k.State == study.KitInStock {
			n.Left++
		}
		of[k.Visit] = n
	}
	var out []Low
	for _, v := range visits {
		if n := of[v]; float64(n.Left) <= study.LowShare*float64(n.Of) {
			out = append(out, n)
		}
	}
	return out
}

// LowAt gives of what runs low that which somebody is told who may see stock at
// some sites: a cell that is nobody's site is everybody's.
func LowAt(low []Low, sees func(site string) bool) []Low {
	return slices.DeleteFunc(slices.Clone(low), func(l Low) bool { return l.Site != "" && !sees(l.Site) })
}

// KitStates gives the states of kits in a stock, in the order in which they come
// about.
func KitStates() []string {
	return []string{
		study.KitAnnounced, study.KitInStock, study.KitHandedOut, study.KitReturned, study.KitSwapped,
		study.KitLost, study.KitDamaged, study.KitExpired, study.KitRecall,
	}
}
