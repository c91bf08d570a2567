package agree

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/sleep"
	"pgregory.net/rapid"
)

func golden(t testing.TB, v any, name string) {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(dir, "golden", "sleep", name))
	if err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func stages(t testing.TB, s string) []sleep.Stage {
	t.Helper()
	code := map[rune]sleep.Stage{'W': sleep.W, '1': sleep.N1, '2': sleep.N2, '3': sleep.N3, 'R': sleep.R, '?': sleep.Unscored, 'A': sleep.Unscored, 'L': sleep.Light, 'D': sleep.N3}
	out := make([]sleep.Stage, 0, len(s))
	for _, c := range s {
		stage, ok := code[c]
		if !ok {
			t.Fatalf("unknown letter %q", c)
		}
		out = append(out, stage)
	}
	return out
}

func near(t testing.TB, what string, got float64, ok bool, want, eps float64) {
	t.Helper()
	if !ok || math.Abs(got-want) > eps {
		t.Errorf("%s = %v (%v), want %v", what, got, ok, want)
	}
}

// The first two by two table of Feinstein & Cicchetti 1990, by hand: 40, 9, 6,
// 45 of 100.
func TestByHand(t *testing.T) {
	m := Matrix{TwoStates, [][]int{{40, 9}, {6, 45}}}
	k, ok := m.Kappa()
	near(t, "kappa", k, ok, (0.85-(0.49*0.46+0.51*0.54))/(1-(0.49*0.46+0.51*0.54)), 1e-12)
	v, ok := m.PABAK()
	near(t, "PABAK", v, ok, 0.70, 1e-12)
	b := m.Of(1)
	if b != (Binary{sleep.Asleep, 45, 6, 9, 40}) {
		t.Errorf("%+v", b)
	}
	if _, ok := (Matrix{TwoStates, [][]int{{5, 0}, {0, 0}}}).Kappa(); ok {
		t.Error("kappa of scorers who both know one class only")
	}
}

type boas struct {
	Nights map[string]struct {
		Hum, PSGAI, HBAI string
	}
	Pooled map[string]any `json:"pooled_hum_vs_hb"`
}

// Bitbrain Open Access Sleep: the figures that the data's description states,
// and the rates per stage of an independent computation (boas_agreement.json).
func TestBOAS(t *testing.T) {
	var g boas
	golden(t, &g, "boas_agreement.json")
	ai, hb, three := NewMatrix(FiveStages), NewMatrix(FiveStages), NewMatrix(FiveStages)
	for _, n := range g.Nights {
		hum, psg, head := stages(t, n.Hum), stages(t, n.PSGAI), stages(t, n.HBAI)
		ai.Add(MatrixOf(Pair{Ref: hum, Dev: psg}, FiveStages))
		hb.Add(MatrixOf(Pair{Ref: hum, Dev: head}, FiveStages))
		all := complete([][]sleep.Stage{hum, psg, head}, FiveStages)
		three.Add(MatrixOf(Pair{Ref: all[0], Dev: all[1]}, FiveStages))
	}
	for _, c := range []struct {
		name            string
		m               Matrix
		n               int
		accuracy, kappa float64
	}{{"AI", ai, 119389, 0.8708, 0.778}, {"headband", hb, 114890, 0.8666, 0.768}} {
		if c.m.Total() != c.n {
			t.Errorf("%s: %d epochs, want %d", c.name, c.m.Total(), c.n)
		}
		p, ok := c.m.Accuracy()
		near(t, c.name+" accuracy", p, ok, c.accuracy, 5e-5)
		k, ok := c.m.Kappa()
		near(t, c.name+" kappa", k, ok, c.kappa, 5e-4)
	}
	if p, ok := three.Accuracy(); three.Total() != 114578 || !ok || math.Abs(p-0.8722) > 5e-5 {
		t.Errorf("scored by all three: %d, %v", three.Total(), p)
	}
	k, ok := hb.Kappa()
	near(t, "kappa", k, ok, g.Pooled["kappa"].(float64), 1e-12)
	for i := range FiveStages.Classes() {
		ratesAgree(t, hb.Of(i), g.Pooled["by_stage"].(map[string]any)[string(rune('0'+i))].(map[string]any))
	}
}

func ratesAgree(t *testing.T, b Binary, want map[string]any) {
	for name, f := range map[string]func() (float64, bool){
		"sens": b.Sensitivity, "spec": b.Specificity, "ppv": b.PPV, "npv": b.NPV, "acc": b.Accuracy, "f1": b.F1, "kappa": b.Kappa, "pabak": b.PABAK, "pindex": b.Prevalence,
	} {
		got, ok := f()
		near(t, b.Class.String()+" "+name, got, ok, want[name].(float64), 1e-12)
	}
}

// The 14 nights of Menghini 2021's sample, by an independent computation.
func TestMenghiniSample(t *testing.T) {
	var g struct {
		Subjects map[string]struct {
			Reference, Device string
			Metrics           struct {
				Kappa    float64
				Accuracy float64
			}
		}
		Pooled map[string]any
	}
	golden(t, &g, "menghini_sample_agreement.json")
	pooled := NewMatrix(FourStages)
	for name, s := range g.Subjects {
		m := MatrixOf(Pair{Ref: stages(t, s.Reference), Dev: stages(t, s.Device)}, FourStages)
		k, ok := m.Kappa()
		near(t, name+" kappa", k, ok, s.Metrics.Kappa, 1e-12)
		pooled.Add(m)
	}
	k, ok := pooled.Kappa()
	near(t, "kappa", k, ok, g.Pooled["kappa"].(float64), 1e-12)
	for i := range FourStages.Classes() {
		ratesAgree(t, pooled.Of(i), g.Pooled["by_stage"].(map[string]any)[string(rune('0'+i))].(map[string]any))
	}
}

// Dreem Open Datasets, five scorers: both published means of pairwise kappa, and
// Fleiss' kappa of every night.
func TestDOD(t *testing.T) {
	var yasa struct {
		Records map[string]struct{ Stages string }
	}
	golden(t, &yasa, "dod_hypnograms_yasa.json")
	var g struct {
		Records map[string]struct {
			N      int
			Fleiss float64
		}
		MeanFleiss map[string]float64 `json:"mean_fleiss"`
		MeanPair   map[string]float64 `json:"mean_pair_kappa"`
	}
	golden(t, &g, "dod_interscorer.json")
	published := map[string]float64{"dodh": 0.701, "dodo": 0.675}
	for set, pairwise := range published {
		fleiss, list, pair, nights := 0.0, 0.0, 0.0, 0
		for name, want := range g.Records {
			if !strings.HasPrefix(name, set+"/") {
				continue
			}
			var rows [][]sleep.Stage
			for k := range 5 {
				rows = append(rows, stages(t, yasa.Records[set+"/scorer_"+string(rune('1'+k))+"/"+strings.TrimPrefix(name, set+"/")].Stages))
			}
			f, n, ok := Fleiss(rows, FiveStages)
			near(t, name, f, ok, want.Fleiss, 1e-12)
			if n != want.N {
				t.Errorf("%s: %d epochs, want %d", name, n, want.N)
			}
			fleiss += f
			list += mean(PairKappas(rows, FiveStages, Listwise))
			pair += mean(PairKappas(rows, FiveStages, Pairwise))
			nights++
		}
		near(t, set+" Fleiss", fleiss/float64(nights), true, g.MeanFleiss[set], 1e-12)
		near(t, set+" over epochs all scored", list/float64(nights), true, g.MeanPair[set], 1e-12)
		near(t, set+" with pairwise deletion", pair/float64(nights), true, pairwise, 5e-4)
	}
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// Three scorers by hand: epoch 3 is a tie of N1, N2 and R. The second scorer
// agrees most with the others on the rest, so hers counts.
func TestConsensusByHand(t *testing.T) {
	rows := [][]sleep.Stage{stages(t, "WW12?3"), stages(t, "WW22?2"), stages(t, "W2R2?2")}
	v := Consensus(rows, FiveStages)
	if !slices.Equal(v.Stages, stages(t, "WW22?2")) || v.Ties != 1 {
		t.Errorf("%v, soft %v", v, v.Soft)
	}
	for k, want := range []float64{0.6, 0.8, 0.6} {
		near(t, "soft agreement", v.Soft[k], true, want, 1e-12)
	}
}

func TestAgreementInvariants(t *testing.T) {
	rows := rapid.SliceOfN(rapid.SampledFrom(sleep.Stages()), 1, 300)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rows.Draw(t, "a"), rows.Draw(t, "b")
		n := min(len(a), len(b))
		a, b = a[:n], b[:n]
		for _, s := range []Scheme{FiveStages, FourStages, TwoStates} {
			m, back := MatrixOf(Pair{Ref: a, Dev: b}, s), MatrixOf(Pair{Ref: b, Dev: a}, s)
			k1, ok1 := m.Kappa()
			k2, ok2 := back.Kappa()
			if ok1 != ok2 || math.Abs(k1-k2) > 1e-12 || ok1 && k1 > 1+1e-12 {
				t.Fatalf("kappa %v and %v with the scorers exchanged", k1, k2)
			}
			two := MatrixOf(Pair{Ref: twice(a), Dev: twice(b)}, s)
			if k, ok := two.Kappa(); ok != ok1 || math.Abs(k-k1) > 1e-12 {
				t.Fatalf("kappa %v, with the epoch halved %v", k1, k)
			}
			if p, ok := MatrixOf(Pair{Ref: a, Dev: a}, s).Accuracy(); ok && p != 1 {
				t.Fatalf("a scorer agrees with herself in %v", p)
			}
			for i := range s.Classes() {
				c := m.Of(i)
				if c.TP+c.FN+c.FP+c.TN != m.Total() || c.TN < 0 {
					t.Fatalf("%+v of %d", c, m.Total())
				}
			}
		}
	})
}

func twice(row []sleep.Stage) []sleep.Stage {
	var out []sleep.Stage
	for _, s := range row {
		out = append(out, s, s)
	}
	return out
}

func TestPairsMeetByTheClock(t *testing.T) {
	start := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	make := func(at time.Time, epoch time.Duration, runs string) sleep.Hypnogram {
		row, err := sleep.ParseStages(runs, 5760)
		if err != nil {
			t.Fatal(err)
		}
		h, err := sleep.NewHypnogram(at, epoch, row)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	ref := make(start, 30*time.Second, "4W 6N2")
	dev := make(start.Add(2*time.Minute), time.Minute, "2L 10W")
	p, err := MakePair("a", ref, dev)
	if err != nil || sleep.FormatStages(p.Ref) != "6N2" || sleep.FormatStages(p.Dev) != "4L 2W" || p.Scheme != FourStages {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := MakePair("a", ref, make(start.Add(time.Hour), 30*time.Second, "4W")); err == nil {
		t.Error("scorings of different times were compared")
	}
	if p, err := MakePair("a", ref, make(time.Time{}, 30*time.Second, "9S")); err != nil || len(p.Ref) != 9 || p.Scheme != TwoStates {
		t.Errorf("without a clock: %+v, %v", p, err)
	}
}
