package agree

import (
	"math"

	"dvala/sleep"
)

// Matrix counts epochs by what the reference says (rows) and what the device
// says (columns), in the order of the scheme's classes. Epochs that either left
// unscored are not in it.
type Matrix struct {
	Scheme Scheme
	N      [][]int
}

// NewMatrix gives a matrix of zeros.
func NewMatrix(s Scheme) Matrix {
	k := len(s.Classes())
	n := make([][]int, k)
	for i := range n {
		n[i] = make([]int, k)
	}
	return Matrix{s, n}
}

// MatrixOf counts a pair.
func MatrixOf(p Pair, s Scheme) Matrix {
	m := NewMatrix(s)
	for i := range p.Ref {
		a, ok1 := s.class(p.Ref[i])
		b, ok2 := s.class(p.Dev[i])
		if ok1 && ok2 {
			m.N[a][b]++
		}
	}
	return m
}

// Add adds another matrix of the same scheme.
func (m *Matrix) Add(o Matrix) {
	for i := range m.N {
		for j := range m.N[i] {
			m.N[i][j] += o.N[i][j]
		}
	}
}

// Total gives the epochs that both scored.
func (m Matrix) Total() int {
	sum := 0
	for _, row := range m.N {
		for _, n := range row {
			sum += n
		}
	}
	return sum
}

// sums gives the margins and the trace.
func (m Matrix) sums() (rows, cols []int, trace, total int) {
	k := len(m.N)
	rows, cols = make([]int, k), make([]int, k)
	for i, row := range m.N {
		for j, n := range row {
			rows[i] += n
			cols[j] += n
			total += n
		}
		trace += row[i]
	}
	return rows, cols, trace, total
}

// Accuracy gives the share of epochs on which both agree, p_o = Σ n_ii / n.
func (m Matrix) Accuracy() (p float64, ok bool) {
	_, _, trace, total := m.sums()
	return ratio(trace, total)
}

// Kappa gives Cohen's kappa,
//
//	κ = (p_o − p_e) / (1 − p_e),  p_e = Σ_i n_i· n_·i / n²,
//
// undefined where chance alone gives full agreement (both always say one and
// the same class). Source: Cohen 1960, doi:10.1177/001316446002000104.
func (m Matrix) Kappa() (kappa float64, ok bool) {
	rows, cols, trace, total := m.sums()
	if total == 0 {
		return 0, false
	}
	n := float64(total)
	po, pe := float64(trace)/n, 0.0
	for i := range rows {
		pe += float64(rows[i]) / n * (float64(cols[i]) / n)
	}
	if 1-pe < 1e-15 {
		return 0, false
	}
	return (po - pe) / (1 - pe), true
}

// PABAK gives the prevalence- and bias-adjusted kappa, (k p_o − 1) / (k − 1) of
// k classes: kappa as it would be were all classes equally frequent. Source:
// Byrt 1993, doi:10.1016/0895-4356(93)90018-V.
func (m Matrix) PABAK() (v float64, ok bool) {
	po, ok := m.Accuracy()
	k := float64(len(m.N))
	return (k*po - 1) / (k - 1), ok
}

// Binary is one class against all others.
type Binary struct {
	Class          sleep.Stage
	TP, FN, FP, TN int
}

// Of gives class i of the scheme against all others: TP are the epochs that
// both call so, FN those that only the reference does.
func (m Matrix) Of(i int) Binary {
	rows, cols, _, total := m.sums()
	tp := m.N[i][i]
	return Binary{m.Scheme.Classes()[i], tp, rows[i] - tp, cols[i] - tp, total - rows[i] - cols[i] + tp}
}

// Sensitivity gives TP / (TP + FN), undefined where the reference has none.
func (b Binary) Sensitivity() (float64, bool) { return ratio(b.TP, b.TP+b.FN) }

// Specificity gives TN / (TN + FP).
func (b Binary) Specificity() (float64, bool) { return ratio(b.TN, b.TN+b.FP) }

// PPV gives the positive predictive value, TP / (TP + FP).
func (b Binary) PPV() (float64, bool) { return ratio(b.TP, b.TP+b.FP) }

// NPV gives the negative predictive value, TN / (TN + FN).
func (b Binary) NPV() (float64, bool) { return ratio(b.TN, b.TN+b.FN) }

// Accuracy gives (TP + TN) / n.
func (b Binary) Accuracy() (float64, bool) { return ratio(b.TP+b.TN, b.TP+b.TN+b.FP+b.FN) }

// F1 gives 2 TP / (2 TP + FP + FN), undefined where neither has the class.
func (b Binary) F1() (float64, bool) { return ratio(2*b.TP, 2*b.TP+b.FP+b.FN) }

// Kappa gives Cohen's kappa of the two by two table.
func (b Binary) Kappa() (float64, bool) {
	return Matrix{TwoStates, [][]int{{b.TP, b.FN}, {b.FP, b.TN}}}.Kappa()
}

// PABAK gives 2 p_o − 1.
func (b Binary) PABAK() (float64, bool) {
	p, ok := b.Accuracy()
	return 2*p - 1, ok
}

// Prevalence gives the prevalence index, (TP − TN) / n: how far the class is
// from being as frequent as all others together.
func (b Binary) Prevalence() (float64, bool) { return ratio(b.TP-b.TN, b.TP+b.TN+b.FP+b.FN) }

// MCC gives Matthews's correlation coefficient, undefined where a margin is
// empty.
func (b Binary) MCC() (float64, bool) {
	tp, fn, fp, tn := float64(b.TP), float64(b.FN), float64(b.FP), float64(b.TN)
	d := math.Sqrt(tp+fp) * math.Sqrt(tp+fn) * math.Sqrt(tn+fp) * math.Sqrt(tn+fn)
	if d == 0 {
		return 0, false
	}
	return (tp*tn - fp*fn) / d, true
}

func ratio(n, of int) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}
