package estimate

import (
	"dvala/instrument"
	"dvala/protocol"
	"dvala/stats/blinding"
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

// guesses gives what people believed, by arm, with Bang's blinding index of each
// arm and James's of the trial (package blinding).
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
		b := blinding.Bang(right, wrong, total(counts), r.level)
		t.Arms = append(t.Arms, a.ID)
		t.Counts = append(t.Counts, counts)
		t.Index, t.Low, t.High = append(t.Index, b.Value), append(t.Low, b.Low), append(t.High, b.High)
	}
	t.James = r.james(t.Counts)
	return t
}

// james is the index of the whole trial, from how many of each arm guessed each.
func (r *run) james(counts [][]int) *BlindingIndex {
	if len(counts) != 2 || len(r.data.GuessOptions) != 3 {
		return nil
	}
	var guessed [2][2]int
	var unknown [2]int
	for had, row := range counts {
		for k, o := range r.data.GuessOptions {
			switch o.Arm {
			case "":
				unknown[had] += row[k]
			case r.p.Arms[had].ID:
				guessed[had][had] += row[k]
			default:
				guessed[1-had][had] += row[k]
			}
		}
	}
	j, ok := blinding.James(guessed, unknown, r.level)
	if !ok {
		return nil
	}
	return &BlindingIndex{Value: j.Value, Low: j.Low, High: j.High}
}
