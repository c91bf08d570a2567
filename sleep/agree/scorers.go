package agree

import (
	"cmp"
	"slices"

	"dvala/sleep"
)

// Deletion says which epochs count when several scorers are compared two by two.
type Deletion uint8

// Ways of deletion.
const (
	Pairwise Deletion = iota // those that the two at hand scored
	Listwise                 // those that all of them scored
)

// PairKappas gives Cohen's kappa of every two of several scorings of one night,
// in the order 1-2, 1-3, …, 2-3, …; undefined ones are left out. The rows begin
// with the same epoch; where one ends the others are cut.
func PairKappas(rows [][]sleep.Stage, s Scheme, d Deletion) []float64 {
	rows = cut(rows)
	if d == Listwise {
		rows = complete(rows, s)
	}
	var out []float64
	for i := range rows {
		for j := i + 1; j < len(rows); j++ {
			if k, ok := MatrixOf(Pair{Ref: rows[i], Dev: rows[j]}, s).Kappa(); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

// Fleiss gives Fleiss' kappa of several scorings of one night, over the epochs
// that all of them scored, and how many those are:
//
//	κ = (P̄ − P̄_e) / (1 − P̄_e),
//	P̄ = Σ_i Σ_j n_ij (n_ij − 1) / (N m (m − 1)),  P̄_e = Σ_j (Σ_i n_ij / (N m))²,
//
// n_ij of m scorers putting epoch i of N into class j. It is undefined for
// fewer than two scorers or where all say one class throughout. Source: Fleiss
// 1971, doi:10.1037/h0031619.
func Fleiss(rows [][]sleep.Stage, s Scheme) (kappa float64, n int, ok bool) {
	rows = complete(cut(rows), s)
	m := len(rows)
	if m < 2 || len(rows[0]) == 0 {
		return 0, 0, false
	}
	n = len(rows[0])
	k := len(s.Classes())
	all := make([]int, k)
	agreeing := 0
	for i := range n {
		votes := make([]int, k)
		for _, row := range rows {
			c, _ := s.class(row[i])
			votes[c]++
			all[c]++
		}
		for _, v := range votes {
			agreeing += v * (v - 1)
		}
	}
	p := float64(agreeing) / float64(n*m*(m-1))
	pe := 0.0
	for _, v := range all {
		share := float64(v) / float64(n*m)
		pe += share * share
	}
	if 1-pe < 1e-15 {
		return 0, n, false
	}
	return (p - pe) / (1 - pe), n, true
}

// cut shortens all rows to the shortest.
func cut(rows [][]sleep.Stage) [][]sleep.Stage {
	if len(rows) == 0 {
		return nil
	}
	least := len(rows[0])
	for _, r := range rows {
		least = min(least, len(r))
	}
	out := make([][]sleep.Stage, len(rows))
	for i, r := range rows {
		out[i] = r[:least]
	}
	return out
}

// complete keeps the epochs that all rows scored.
func complete(rows [][]sleep.Stage, s Scheme) [][]sleep.Stage {
	out := make([][]sleep.Stage, len(rows))
	if len(rows) == 0 {
		return out
	}
	for i := range rows[0] {
		all := true
		for _, r := range rows {
			_, ok := s.class(r[i])
			all = all && ok
		}
		if all {
			for k, r := range rows {
				out[k] = append(out[k], r[i])
			}
		}
	}
	return out
}

// Voting is a consensus and how it came about.
type Voting struct {
	Stages []sleep.Stage
	Ties   int       // epochs with no single most frequent stage
	Soft   []float64 // of each scorer: mean soft agreement with the others
}

// Consensus gives for every epoch the stage that most scorers gave it. Of a tie,
// the stage of the most reliable of the tied scorers counts: reliability is a
// scorer's mean soft agreement with the others on this night, the share of the
// most frequent stage's votes that her own stage got. Unscored epochs do not vote;
// an epoch that nobody scored is unscored.
//
// Of two scorers of equal reliability the earlier row counts, so put them in a
// meaningful order. Source: Guillot 2020, doi:10.1109/TNSRE.2020.3011181, whose
// soft agreement looks at all other scorers together as here.
func Consensus(rows [][]sleep.Stage, s Scheme) Voting {
	rows = cut(rows)
	if len(rows) == 0 {
		return Voting{}
	}
	out := Voting{Soft: make([]float64, len(rows)), Stages: make([]sleep.Stage, len(rows[0]))}
	for k := range rows {
		out.Soft[k] = softAgreement(rows, k, s)
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(out.Soft[b], out.Soft[a]) })
	classes := s.Classes()
	for i := range rows[0] {
		votes := votesAt(rows, i, -1, s)
		most := slices.Max(votes)
		if most == 0 {
			continue
		}
		tied := 0
		for _, v := range votes {
			if v == most {
				tied++
			}
		}
		if tied > 1 {
			out.Ties++
		}
		for _, k := range order {
			if c, ok := s.class(rows[k][i]); ok && votes[c] == most {
				out.Stages[i] = classes[c]
				break
			}
		}
	}
	return out
}

// votesAt counts the votes on an epoch, without those of one scorer.
func votesAt(rows [][]sleep.Stage, i, without int, s Scheme) []int {
	votes := make([]int, len(s.Classes()))
	for k, r := range rows {
		if c, ok := s.class(r[i]); ok && k != without {
			votes[c]++
		}
	}
	return votes
}

// softAgreement gives the mean, over the epochs that a scorer and another
// scored, of the votes her stage got from the others per votes of their most
// frequent stage.
func softAgreement(rows [][]sleep.Stage, k int, s Scheme) float64 {
	sum, n := 0.0, 0
	for i := range rows[k] {
		c, ok := s.class(rows[k][i])
		votes := votesAt(rows, i, k, s)
		most := slices.Max(votes)
		if !ok || most == 0 {
			continue
		}
		sum += float64(votes[c]) / float64(most)
		n++
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
