package estimate

import (
	"math"

	"dvala/instrument"
	"dvala/protocol"
	"dvala/stats/dist"
	"dvala/study"
)

// The instrument and item that ask which treatment a person thinks she had.
const (
	guessInstrument = "guess"
	guessItem       = instrument.ItemID("arm")
)

// guessOptions names the answers of the guess by arm: the treatment, the
// comparator, and not knowing. They are only defined for a trial of two arms.
func (b *births) guessOptions(*study.State) []GuessOption {
	if b.p.Blinding.GuessVisit == "" || !b.parallel() || len(b.p.Arms) != 2 {
		return nil
	}
	out := make([]GuessOption, 2, 3)
	for _, a := range b.p.Arms {
		i := 0
		if a.Role == protocol.Comparator {
			i = 1
		}
		out[i] = GuessOption{Arm: a.ID, Label: a.Label.In("en")}
	}
	return append(out, GuessOption{Label: "does not know"})
}

// guess takes what the person guessed at the visit that asks it.
func (b *births) guess(p *study.Participant) {
	r := p.Visits[b.p.Blinding.GuessVisit][guessInstrument]
	if r == nil {
		return
	}
	option := 2 // not sure, declined and "I don't know" are all not knowing
	switch code, _ := r.Answers[guessItem].Text(); code {
	case "active":
		option = 0
	case "comparator":
		option = 1
	}
	b.out.Guesses = append(b.out.Guesses, Guess{string(p.Subject), option})
}

// guesses gives what people believed, by arm, with Bang's blinding index
//
//	BI = (right − wrong)/n,  var = {p(1−p) + q(1−q) + 2pq}/n
//
// p and q being the shares of right and wrong among the n who answered, those
// who do not know included. 1 is that all guessed right, 0 is chance, −1 that
// all guessed wrong. The interval is the normal one.
//
// Source: Bang, Ni & Davis 2004, doi:10.1016/j.cct.2003.10.016.
func (r *run) guesses() *GuessTable {
	if len(r.data.Guesses) == 0 || len(r.data.GuessOptions) == 0 {
		return nil
	}
	t := &GuessTable{}
	for _, o := range r.data.GuessOptions {
		t.Options = append(t.Options, o.Label)
	}
	group := r.groupOf()
	for _, a := range r.p.Arms {
		counts := make([]int, len(r.data.GuessOptions))
		for _, g := range r.data.Guesses {
			if group[g.Subject] == a.ID && g.Option >= 0 && g.Option < len(counts) {
				counts[g.Option]++
			}
		}
		right, wrong := 0, 0
		for k, o := range r.data.GuessOptions {
			switch o.Arm {
			case "":
			case a.ID:
				right += counts[k]
			default:
				wrong += counts[k]
			}
		}
		bi, low, high := bang(right, wrong, total(counts), r.level)
		t.Arms = append(t.Arms, a.ID)
		t.Counts = append(t.Counts, counts)
		t.Index, t.Low, t.High = append(t.Index, bi), append(t.Low, low), append(t.High, high)
	}
	return t
}

// bang is Bang's index with its interval; of nobody it is 0 within the widest
// interval there is.
func bang(right, wrong, n int, level float64) (bi, low, high float64) {
	if n == 0 {
		return 0, -1, 1
	}
	p, q := float64(right)/float64(n), float64(wrong)/float64(n)
	bi = p - q
	half := dist.NormalQuantile(0.5+level/2) * math.Sqrt((p*(1-p)+q*(1-q)+2*p*q)/float64(n))
	return bi, math.Max(bi-half, -1), math.Min(bi+half, 1)
}
