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
// comparator, and not knowing. They are only defined for a trial of two arms, or
// of two treatments that everybody has.
func (b *births) guessOptions(*study.State) []GuessOption {
	if b.p.Blinding.GuessVisit == "" || len(b.p.Arms) != 2 {
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

// guess takes what the person guessed at the visit that asks it, about the
// treatment of the visit's period. Who takes both treatments over and over is
// asked at the end of each period, and every one of these is taken.
func (b *births) guess(p *study.Participant) {
	for _, v := range b.p.Visits {
		each := b.p.Design.Kind == protocol.NOf1 && v.Period > 0
		if v.ID != b.p.Blinding.GuessVisit && !each {
			continue
		}
		r := p.Visits[v.ID][guessInstrument]
		if r == nil {
			continue
		}
		option := 2 // not sure, declined and "I don't know" are all not knowing
		switch code, _ := r.Answers[guessItem].Text(); code {
		case "active":
			option = 0
		case "comparator":
			option = 1
		}
		b.out.Guesses = append(b.out.Guesses, Guess{Subject: string(p.Subject), Period: max(v.Period, 1), Option: option})
	}
}

// guesses gives what people believed, by arm, with Bang's blinding index of each
// arm and, where everybody guessed once, James's of the trial (package blinding).
func (r *run) guesses() *GuessTable {
	if len(r.data.Guesses) == 0 || len(r.data.GuessOptions) == 0 {
		return nil
	}
	t := &GuessTable{Each: r.p.Design.Kind == protocol.NOf1}
	for _, o := range r.data.GuessOptions {
		t.Options = append(t.Options, o.Label)
	}
	group := r.groupOf()
	for _, a := range r.p.Arms {
		counts := make([]int, len(r.data.GuessOptions))
		var people []blinding.Person
		last := ""
		for _, g := range r.data.Guesses { // by person
			if r.arm(group[g.Subject], g.Period) != a.ID || g.Option < 0 || g.Option >= len(counts) {
				continue
			}
			if g.Subject != last {
				people, last = append(people, blinding.Person{}), g.Subject
			}
			counts[g.Option]++
			p := &people[len(people)-1]
			p.N++
			switch r.data.GuessOptions[g.Option].Arm {
			case "":
			case a.ID:
				p.Right++
			default:
				p.Wrong++
			}
		}
		b := bang(people, t.Each, r.level)
		t.Arms = append(t.Arms, a.ID)
		t.Counts = append(t.Counts, counts)
		t.Index, t.Low, t.High = append(t.Index, b.Value), append(t.Low, b.Low), append(t.High, b.High)
	}
	if !t.Each {
		t.James = r.james(t.Counts)
	}
	return t
}

// bang is Bang's index of one arm. Several guesses of each of several people are
// alike within a person, and those of one person are all there is.
func bang(people []blinding.Person, each bool, level float64) blinding.Index {
	if each && len(people) > 1 {
		return blinding.BangOver(people, level)
	}
	var all blinding.Person
	for _, p := range people {
		all.Right, all.Wrong, all.N = all.Right+p.Right, all.Wrong+p.Wrong, all.N+p.N
	}
	return blinding.Bang(all.Right, all.Wrong, all.N, level)
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
