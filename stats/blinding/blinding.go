// Package blinding says how well a trial kept people from knowing what they
// took, from what they guessed: the indices of James (one for the trial) and of
// Bang (one for each arm). doc/methods/blinding.md has the method.
package blinding

import (
	"math"

	"dvala/stats/dist"
)

// Index is a blinding index with its standard error and interval.
type Index struct {
	Value, SE float64
	Low, High float64
}

// Bang gives the index of one arm:
//
//	BI = (right − wrong)/n,  var = {p(1−p) + q(1−q) + 2pq}/n
//
// p and q being the shares of right and wrong among the n who answered, those
// who do not know included. 1 is that all guessed right, 0 is chance, −1 that
// all guessed wrong. Of nobody it is 0 within the widest interval there is.
//
// Source: Bang, Ni & Davis 2004, doi:10.1016/j.cct.2003.10.016.
func Bang(right, wrong, n int, level float64) Index {
	if n == 0 {
		return Index{Low: -1, High: 1}
	}
	p, q := float64(right)/float64(n), float64(wrong)/float64(n)
	return within(p-q, math.Sqrt((p*(1-p)+q*(1-q)+2*p*q)/float64(n)), -1, level)
}

// Person is one person's guesses of periods with one treatment.
type Person struct{ Right, Wrong, N int }

// BangOver gives Bang's index where people guessed several times, as at the end
// of each of their periods, whose guesses are alike within a person:
//
//	BI = Σ(right − wrong)/Σn,  var = K/(K−1)·Σ{right − wrong − BI·n}²/(Σn)²
//
// over K people, with t on K − 1 degrees of freedom. Of fewer than two people who
// guessed it has the widest interval there is.
//
// Invariant (TestBangOver): with one guess each it is Bang, but for K/(K−1) and t.
func BangOver(people []Person, level float64) Index {
	k, n, d := 0, 0, 0
	for _, p := range people {
		if p.N > 0 {
			k, n, d = k+1, n+p.N, d+p.Right-p.Wrong
		}
	}
	if n == 0 {
		return Index{Low: -1, High: 1}
	}
	value := float64(d) / float64(n)
	if k < 2 {
		return Index{Value: value, Low: -1, High: 1}
	}
	var ss float64
	for _, p := range people {
		e := float64(p.Right-p.Wrong) - value*float64(p.N)
		ss += e * e
	}
	se := math.Sqrt(float64(k) / float64(k-1) * ss / float64(n) / float64(n))
	half := dist.TQuantile(0.5+level/2, float64(k-1)) * se
	return Index{Value: value, SE: se, Low: math.Max(value-half, -1), High: math.Min(value+half, 1)}
}

// James gives the index of a trial of two arms, from how many of each arm
// guessed each: guessed[i][j] said arm i and had arm j, and unknown[j] had arm j
// and did not know.
//
//	BI = {1 + d + (1 − d)·K}/2,  K = (D_o − D_e)/D_e
//
// d is the share who do not know; D_o and D_e are the observed and expected
// disagreement of guess and arm among the others, a right guess weighing 0 and a
// wrong one ½. With a = 1 − d, O = ½ Σ p_ij over wrong guesses and E = ½ (p_1· q_2
// + p_2· q_1), rows and columns without those who do not know, this is
//
//	BI = 1 − a + a²·O/(2E)
//
// whose variance is that of the multinomial by the delta method, as in the
// paper. 1 is that nobody knows or dares to guess, ½ is guessing by chance, 0
// that all guessed right. It is undefined of nobody, and where all who guessed
// had one arm and guessed it.
//
// Source: James et al. 1996, doi:10.1002/(SICI)1097-0258(19960715)15:13<1421::AID-SIM266>3.0.CO;2-H.
func James(guessed [2][2]int, unknown [2]int, level float64) (Index, bool) {
	n := unknown[0] + unknown[1]
	for _, row := range guessed {
		n += row[0] + row[1]
	}
	if n == 0 {
		return Index{}, false
	}
	var p [2][2]float64
	var row, col [2]float64
	a := 0.0
	for i := range 2 {
		for j := range 2 {
			p[i][j] = float64(guessed[i][j]) / float64(n)
			a += p[i][j]
			col[j] += p[i][j]
		}
	}
	if a == 0 {
		return within(1, 0, 0, level), true
	}
	// The paper's rows are the guesses of all, and nobody who does not know is in
	// them.
	for i := range 2 {
		row[i] = p[i][0] + p[i][1]
	}
	const wrong = 0.5
	o := wrong * (p[0][1] + p[1][0])
	e := wrong * (row[0]*col[1] + row[1]*col[0])
	if e == 0 {
		return Index{}, false
	}
	mean, square := 0.0, 0.0
	for i := range 2 {
		for j := range 2 {
			w := 0.0
			if i != j {
				w = wrong
			}
			slope := -1 + a*o/e + a*a*w/(2*e) - a*a*o/(2*e*e)*wrong*(col[1-i]+row[1-j])
			mean += p[i][j] * slope
			square += p[i][j] * slope * slope
		}
	}
	return within(1-a+a*a*o/(2*e), math.Sqrt(max(0, square-mean*mean)/float64(n)), 0, level), true
}

// within gives the normal interval, no wider than the index can be.
func within(value, se, least, level float64) Index {
	half := dist.NormalQuantile(0.5+level/2) * se
	return Index{Value: value, SE: se, Low: math.Max(value-half, least), High: math.Min(value+half, 1)}
}
