package main

import (
	"fmt"
	"strings"

	"dvala/fault"
	"dvala/report/figure"
	"dvala/sleep"
	"dvala/sleep/agree"
)

// scorersReport is how far several scorers agree with each other.
type scorersReport struct {
	Scorers  []string       `json:"scorers"` // as they were named, in order
	Nights   []scorersNight `json:"nights"`
	Scheme   string         `json:"scheme"`
	Pairwise float64        `json:"mean_kappa_pairwise"` // mean over nights of the mean over pairs, over epochs that the two scored
	Listwise float64        `json:"mean_kappa_listwise"` // over epochs that all scored
	Fleiss   *float64       `json:"mean_fleiss,omitempty"`
	Against  []agreeRate    `json:"against_consensus"` // each scorer's kappa with the consensus of all
	Classes  []sleep.Stage  `json:"classes"`
	Pairs    [][]*float64   `json:"kappa_of_two"` // mean over nights of the kappa of two scorers, over epochs that the two scored; absent on the diagonal
	Matrices [][][]int      `json:"matrices"`     // of each scorer: rows consensus, columns scorer, all nights
}

type scorersNight struct {
	Night     string          `json:"night"`
	Pairwise  *float64        `json:"kappa_pairwise,omitempty"`
	Listwise  *float64        `json:"kappa_listwise,omitempty"`
	Fleiss    *float64        `json:"fleiss,omitempty"`
	Epochs    int             `json:"epochs"` // that all scored
	Ties      int             `json:"ties"`
	Consensus sleep.Hypnogram `json:"consensus"`
}

// readSide reads one side's nights.
type readSide func(pattern, column, codes string) (map[string]sleep.Hypnogram, error)

// scorers compares three and more sides over the nights that all of them have.
func (cmd *AgreeCmd) scorers(p *Program, read readSide, failed *int) error {
	sides := make([]map[string]sleep.Hypnogram, len(cmd.Sides))
	for i, pattern := range cmd.Sides {
		nights, err := read(pattern, cmd.RefColumn, cmd.RefMap)
		if err != nil {
			return err
		}
		sides[i] = nights
	}
	single := true
	for _, s := range sides {
		single = single && len(s) == 1
	}
	if single {
		for i := range sides {
			sides[i] = alone(sides[i])
		}
	}
	out, err := compareScorers(cmd.Sides, sides)
	if err != nil {
		return err
	}
	switch cmd.Format {
	case "json":
		err = writeJSON(p.Stdout, out)
	case "html":
		err = scorersHTML(p.Stdout, out)
	default:
		_, err = fmt.Fprint(p.Stdout, scorersText(out))
	}
	if err == nil && *failed > 0 {
		return errPrinted
	}
	return err
}

// compareScorers measures each night that all sides have, in the coarsest scheme
// of all.
func compareScorers(names []string, sides []map[string]sleep.Hypnogram) (scorersReport, error) {
	out := scorersReport{Scorers: names}
	var shared []string
	scheme := agree.FiveStages
	for _, night := range sortedKeys(sides[0]) {
		row := make([]sleep.Hypnogram, 0, len(sides))
		for _, s := range sides {
			if h, ok := s[night]; ok {
				row = append(row, h)
			}
		}
		if len(row) != len(sides) {
			continue
		}
		if err := sameGrid(night, row); err != nil {
			return scorersReport{}, err
		}
		shared = append(shared, night)
		scheme = max(scheme, agree.SchemeOf(row...))
	}
	if len(shared) == 0 {
		return scorersReport{}, fault.New("agree-none", "", "no night is on all %d sides", len(sides)).
			WithHint("--match says which part of a path names the night")
	}
	return out.measure(names, shared, sides, scheme)
}

// measure fills in what the nights that all have say.
func (r scorersReport) measure(names, shared []string, sides []map[string]sleep.Hypnogram, scheme agree.Scheme) (scorersReport, error) {
	r.Scheme, r.Classes = scheme.String(), scheme.Classes()
	with := make([][]float64, len(sides))
	matrices := make([]agree.Matrix, len(sides))
	for k := range matrices {
		matrices[k] = agree.NewMatrix(scheme)
	}
	var pairwise, listwise, fleiss []float64
	two := newPairMeans(len(sides))
	for _, night := range shared {
		var rows [][]sleep.Stage
		for _, s := range sides {
			rows = append(rows, s[night].Stages())
		}
		n, err := scorersOf(night, rows, scheme, sides[0][night])
		if err != nil {
			return scorersReport{}, err
		}
		r.Nights = append(r.Nights, n)
		pairwise, listwise, fleiss = present(pairwise, n.Pairwise), present(listwise, n.Listwise), present(fleiss, n.Fleiss)
		two.add(rows, scheme)
		for k, row := range rows {
			m := agree.MatrixOf(agree.Pair{Ref: n.Consensus.Stages(), Dev: row[:n.Consensus.Len()]}, scheme)
			matrices[k].Add(m)
			with[k] = present(with[k], defined(m.Kappa()))
		}
	}
	r.Pairwise, r.Listwise, r.Pairs = meanOf(pairwise), meanOf(listwise), two.means()
	if len(fleiss) > 0 {
		v := meanOf(fleiss)
		r.Fleiss = &v
	}
	for k, name := range names {
		v := meanOf(with[k])
		r.Against = append(r.Against, agreeRate{Name: name, NightMean: &v, Nights: len(with[k])})
		r.Matrices = append(r.Matrices, matrices[k].N)
	}
	return r, nil
}

// sameGrid wants scorers of one night to have scored the same epochs.
func sameGrid(night string, row []sleep.Hypnogram) error {
	for _, h := range row[1:] {
		a, ok1 := row[0].Start()
		b, ok2 := h.Start()
		if h.Epoch() != row[0].Epoch() || ok1 && ok2 && !a.Equal(b) {
			return fault.New("agree-grid", night, "the scorers' epochs are not the same").WithHint("several scorers must have scored one grid; compare two at a time otherwise")
		}
	}
	return nil
}

func scorersOf(night string, rows [][]sleep.Stage, scheme agree.Scheme, like sleep.Hypnogram) (scorersNight, error) {
	n := scorersNight{Night: night}
	if k := agree.PairKappas(rows, scheme, agree.Pairwise); len(k) > 0 {
		v := meanOf(k)
		n.Pairwise = &v
	}
	if k := agree.PairKappas(rows, scheme, agree.Listwise); len(k) > 0 {
		v := meanOf(k)
		n.Listwise = &v
	}
	f, epochs, ok := agree.Fleiss(rows, scheme)
	n.Fleiss, n.Epochs = defined(f, ok), epochs
	v := agree.Consensus(rows, scheme)
	n.Ties = v.Ties
	start, _ := like.Start()
	h, err := sleep.NewHypnogram(start, like.Epoch(), v.Stages)
	n.Consensus = h
	return n, err
}

func present(to []float64, v *float64) []float64 {
	if v == nil {
		return to
	}
	return append(to, *v)
}

func meanOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(1, len(x)))
}

func scorersText(r scorersReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d scorers, %s that all scored, classes %s\n\n", len(r.Scorers), plural(len(r.Nights), "night"), r.Scheme)
	line := func(label string, v *float64) { fmt.Fprintf(&b, "  %-52s %7s\n", label, rateCell(v)) }
	line("mean kappa of two, over epochs that the two scored", &r.Pairwise)
	line("mean kappa of two, over epochs that all scored", &r.Listwise)
	line("mean Fleiss' kappa", r.Fleiss)
	b.WriteString("\n  kappa with the consensus of all, mean of nights\n")
	for _, s := range r.Against {
		line("  "+shorten(s.Name, 48), s.NightMean)
	}
	ties, epochs := 0, 0
	for _, n := range r.Nights {
		ties += n.Ties
		epochs += n.Consensus.Len()
	}
	fmt.Fprintf(&b, "\n  ties in the consensus: %s of %s epochs\n", figure.Int(ties), figure.Int(epochs))
	return b.String()
}
