package watch

import (
	"maps"
	"slices"
	"time"

	"dvala/desk/tally"
	"dvala/stats/dist"
	"dvala/study"
)

// sign is what in one person's data asks for a look, and her last digits. It goes
// by what is written alone.
type sign struct {
	digits  Digits
	repeats []Repeat
	wearers []Wearer
}

type signBoard struct {
	book  tally.Book[sign]
	all   [10]int
	sites map[string]*Digits
	shown map[int]bool // places of whoever has a repeat or a wearer

	limit float64 // for which digits were last looked through
	swaps uint64  // values that were put in
	made  uint64  // how many of them there were then
	found []Digits
}

// Clear forgets all sums.
func (b *signBoard) Clear() {
	b.all, b.sites, b.shown = [10]int{}, map[string]*Digits{}, map[int]bool{}
	b.swaps++
}

// Make looks at one person's data.
func (b *signBoard) Make(s *study.State, p *study.Participant, _ time.Time) (sign, time.Time) {
	return sign{digitsOf(s, p), repeatsOf(s, p), wearersOf(p)}, time.Time{}
}

// Swap takes one value out of the sums and puts another in.
func (b *signBoard) Swap(p *study.Participant, old, now *sign) {
	if b.sites[p.Site] == nil {
		b.sites[p.Site] = &Digits{Site: p.Site}
	}
	of := b.sites[p.Site]
	add := func(d *Digits, sign int) {
		for i, n := range d.Counts {
			b.all[i] += sign * n
			of.Counts[i] += sign * n
		}
		of.N += sign * d.N
	}
	b.swaps++
	if old != nil {
		add(&old.digits, -1)
	}
	add(&now.digits, 1)
	if len(now.repeats)+len(now.wearers) > 0 {
		b.shown[p.Place()] = true
	} else {
		delete(b.shown, p.Place())
	}
}

// Repeats gives what the function of that name gives.
func (b *Board) Repeats(s *study.State) (out []Repeat) {
	b.look(s, func(x *sign) { out = append(out, x.repeats...) })
	return out
}

// Wearers gives what the function of that name gives.
func (b *Board) Wearers(s *study.State) (out []Wearer) {
	b.look(s, func(x *sign) { out = append(out, x.wearers...) })
	return out
}

func (b *Board) look(s *study.State, each func(*sign)) {
	b.signs.book.Look(&b.signs, s, time.Time{}, func(at func(int) *sign) {
		for _, place := range slices.Sorted(maps.Keys(b.signs.shown)) {
			each(at(place))
		}
	})
}

// LastDigits gives those that the function of that name gives whose adjusted
// p-value is below a limit.
//
// Only the statistic is worked out of everybody. An adjusted p-value is never
// below the p-value itself, and Holm's factor needs how many were tested and how
// many are less likely; so whoever's statistic is under the limit's quantile is
// counted and no more.
func (b *Board) LastDigits(s *study.State, limit float64) (out []Digits) {
	b.signs.book.Look(&b.signs, s, time.Time{}, func(at func(int) *sign) {
		if x := &b.signs; x.swaps != x.made || x.limit != limit {
			x.found, x.made, x.limit = x.lastDigits(s, limit, at), x.swaps, limit
		}
		out = slices.Clone(b.signs.found)
	})
	return out
}

func (b *signBoard) lastDigits(s *study.State, limit float64, at func(int) *sign) []Digits {
	critical := quantiles(limit)
	var people, bySite few
	for _, site := range s.Protocol.Protocol().Sites {
		if d := b.sites[site.ID]; d != nil && d.N > 0 {
			bySite.take(d, &b.all, &critical)
		}
	}
	for place := range s.Order {
		if d := &at(place).digits; d.N > 0 {
			people.take(d, &b.all, &critical)
		}
	}
	holmOf(bySite.unlikely, bySite.tested)
	holmOf(people.unlikely, people.tested)
	return inOrder(slices.DeleteFunc(append(bySite.unlikely, people.unlikely...), func(d Digits) bool { return d.Adjusted >= limit }))
}

// few are those of some that were tested who may be unlikely enough.
type few struct {
	tested   int
	unlikely []Digits
}

func (f *few) take(of *Digits, all *[10]int, critical *[10]float64) {
	chi2, df, ok := of.compare(all)
	if !ok {
		return
	}
	f.tested++
	if chi2 >= critical[df] {
		d := *of
		d.Chi2, d.DF, d.Tested, d.P = chi2, df, true, dist.ChiSquaredUpper(chi2, float64(df))
		f.unlikely = append(f.unlikely, d)
	}
}

// quantiles gives, by degrees of freedom, a value just under that whose upper tail
// is p.
func quantiles(p float64) (out [10]float64) {
	for df := 1; df < len(out); df++ {
		low, high := 0.0, 1.0
		for dist.ChiSquaredUpper(high, float64(df)) > p && high < 1e6 {
			low, high = high, 2*high
		}
		for high-low > 1e-9*high {
			if mid := (low + high) / 2; dist.ChiSquaredUpper(mid, float64(df)) > p {
				low = mid
			} else {
				high = mid
			}
		}
		out[df] = low * (1 - 1e-9)
	}
	return out
}
