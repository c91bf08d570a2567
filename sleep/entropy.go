package sleep

import "math"

// entropy gives the Shannon entropy of the shares of stages over all scored
// epochs,
//
//	H = −Σ p_k log2 p_k,
//
// in bits. It is absent where the source did not tell five stages apart, since
// merging two lowers it.
func (v vocabulary) entropy(counts [stageCount]int, scored int) *float64 {
	if !v.n1n2 || scored == 0 {
		return nil
	}
	h := 0.0
	for _, s := range []Stage{W, N1, N2, N3, R} {
		h -= plogp(counts[s], scored)
	}
	return some(h + 0) // no −0
}

// transitionEntropy gives the entropy of the next stage given this one,
//
//	H = −Σ_i π_i Σ_j p_ij log2 p_ij,
//
// π_i being the share of epochs in stage i that have a scored successor. In
// bits per epoch; it depends on the length of the epoch, so compare like with
// like.
func (v vocabulary) transitionEntropy(t Transitions) *float64 {
	if !v.n1n2 {
		return nil
	}
	all, h := 0, 0.0
	for _, from := range []Stage{W, N1, N2, N3, R} {
		all += t.from(from)
	}
	if all == 0 {
		return nil
	}
	for _, from := range []Stage{W, N1, N2, N3, R} {
		n := t.from(from)
		for _, to := range []Stage{W, N1, N2, N3, R} {
			if n > 0 {
				h -= float64(n) / float64(all) * plogp(t.Count(from, to), n)
			}
		}
	}
	return some(h + 0)
}

// plogp gives p log2 p for p = n/of; 0 for n = 0, its limit.
func plogp(n, of int) float64 {
	if n == 0 {
		return 0
	}
	p := float64(n) / float64(of)
	return p * math.Log2(p)
}
