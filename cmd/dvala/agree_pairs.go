package main

import (
	"dvala/sleep"
	"dvala/sleep/agree"
)

// pairMeans gathers, night by night, the kappa of every two scorers.
type pairMeans [][][]float64

func newPairMeans(scorers int) pairMeans {
	p := make(pairMeans, scorers)
	for i := range p {
		p[i] = make([][]float64, scorers)
	}
	return p
}

// add takes a night, over the epochs that the two at hand scored.
func (p pairMeans) add(rows [][]sleep.Stage, scheme agree.Scheme) {
	for i := range rows {
		for j := i + 1; j < len(rows); j++ {
			for _, v := range agree.PairKappas([][]sleep.Stage{rows[i], rows[j]}, scheme, agree.Pairwise) {
				p[i][j], p[j][i] = append(p[i][j], v), append(p[j][i], v)
			}
		}
	}
}

// means gives the mean of each two, absent where no night defines it.
func (p pairMeans) means() [][]*float64 {
	out := make([][]*float64, len(p))
	for i := range p {
		out[i] = make([]*float64, len(p))
		for j, v := range p[i] {
			if len(v) > 0 {
				m := meanOf(v)
				out[i][j] = &m
			}
		}
	}
	return out
}
