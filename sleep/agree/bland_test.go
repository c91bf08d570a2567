package agree

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// measuresOf reads the 14 nights' measures of Menghini 2021's sample.
func measuresOf(t *testing.T) map[string][2][]float64 {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "golden", "sleep", "sri_r_sleepmeasures.csv"))
	if err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2][]float64{}
	for c := 2; c+1 < len(rows[0]); c += 2 {
		name := rows[0][c][:len(rows[0][c])-len("_ref")]
		var m [2][]float64
		for _, row := range rows[1:] {
			for k := range m {
				v, err := strconv.ParseFloat(row[c+k], 64)
				if err != nil {
					t.Fatal(err)
				}
				m[k] = append(m[k], v)
			}
		}
		out[name] = m
	}
	return out
}

// Menghini's own R functions on the sample, CI.type classic (golden file
// sri_r_groupDiscr.csv): mean bias, proportional bias, limits, and limits from
// logarithms. To the six decimals printed there.
func TestBlandAltmanAgreesWithMenghini(t *testing.T) {
	m := measuresOf(t)
	compare := func(name string, got Interval, want ...float64) {
		t.Helper()
		for k, g := range []float64{got.Value, got.Low, got.High} {
			if math.Abs(g-want[k]) > 2e-5*(1+math.Abs(want[k])) {
				t.Errorf("%s: %v, want %v", name, got, want)
				return
			}
		}
	}
	of := func(name string) Differences {
		d, err := BlandAltman(m[name][0], m[name][1], Reference)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tst := of("TST")
	if tst.Proportional || tst.Heteroscedastic {
		t.Errorf("TST: %+v", tst)
	}
	compare("TST bias", tst.Bias, 6.75, -6.185353, 19.685353)
	compare("TST lower", tst.Lower, -37.160713, -59.566401, -14.756025)
	compare("TST log", *tst.LogRatio, 0.138645, 0.067987, 0.208958)
	light := of("Light")
	compare("Light bias", light.Bias, 34.535714, 4.013622, 65.057807)
	compare("Light log", *light.LogRatio, 0.492789, 0.245183, 0.725293)
	se := of("SE")
	if !se.Proportional || !se.Heteroscedastic {
		t.Errorf("SE: %+v", se)
	}
	compare("SE b0", se.BiasLine.At0, 58.10191, 27.930023, 88.273797)
	compare("SE b1", se.BiasLine.Slope, -0.651836, -1.00131, -0.302362)
	compare("SE c0", se.SpreadLine.At0, 24.904697, 11.329047, 38.480347)
	compare("SE c1", se.SpreadLine.Slope, -0.256497, -0.41374, -0.099253)
	for name, want := range map[string][4]float64{ // b0, b1, 1.96 SD of residuals, log ratio
		"WASO": {26.126962, -0.798461, 23.757426, 0.936816}, "Deep": {23.698206, -0.651653, 41.183993, 0.926904},
		"REM": {56.143285, -1.026389, 53.675102, 1.236893}, "LightPerc": {102.519773, -1.556953, 21.42129, 0.462448},
		"DeepPerc": {12.92649, -0.923279, 11.054223, 0.955286}, "REMPerc": {18.532035, -1.143631, 14.637736, 1.210758},
	} {
		d := of(name)
		if !d.Proportional || d.Heteroscedastic {
			t.Errorf("%s: proportional %v, heteroscedastic %v", name, d.Proportional, d.Heteroscedastic)
		}
		for k, g := range []float64{d.BiasLine.At0.Value, d.BiasLine.Slope.Value, d.Upper.Value, d.LogRatio.Value} {
			if math.Abs(g-want[k]) > 2e-5*(1+math.Abs(want[k])) {
				t.Errorf("%s: value %d is %v, want %v", name, k, g, want[k])
			}
		}
	}
}

func TestBlandAltmanInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "n")
		values := rapid.SliceOfN(rapid.Float64Range(1, 600), n, n)
		ref, dev := values.Draw(t, "ref"), values.Draw(t, "dev")
		a, err := BlandAltman(ref, dev, Reference)
		if err != nil {
			t.Fatal(err)
		}
		back, up := make([]float64, n), make([]float64, n)
		backRef := make([]float64, n)
		for i := range ref {
			back[n-1-i], backRef[n-1-i], up[i] = dev[i], ref[i], dev[i]+50
		}
		b, _ := BlandAltman(backRef, back, Reference)
		if math.Abs(a.Bias.Value-b.Bias.Value) > 1e-9 || math.Abs(a.SD-b.SD) > 1e-9 {
			t.Fatalf("the order of nights matters: %v %v", a, b)
		}
		c, _ := BlandAltman(ref, up, Reference)
		if math.Abs(c.Bias.Value-a.Bias.Value-50) > 1e-9 || math.Abs(c.SD-a.SD) > 1e-9 {
			t.Fatalf("a constant more: %v %v", a, c)
		}
		low, high := a.LimitsAt(100)
		if !a.Heteroscedastic && !(low <= a.BiasAt(100) && a.BiasAt(100) <= high) {
			t.Fatalf("the bias lies outside its limits: %+v", a)
		}
	})
	if _, err := BlandAltman([]float64{1, 2}, []float64{1, 2}, Mean); err == nil {
		t.Error("two nights were compared")
	}
	if d, err := BlandAltman([]float64{5, 5, 5}, []float64{5, 5, 5}, Mean); err != nil || d.Proportional || d.SD != 0 {
		t.Errorf("all the same: %+v %v", d, err)
	}
}

// A lag that was put in is found, and says so.
func TestLagIsFound(t *testing.T) {
	ref := stages(t, "WWWWWW111222222333333333222222RRRRRRR11222222223333322222RRRRRRRRWWWWW")
	dev := ref[4:]
	lag, ok := FindLag(ref, dev, FiveStages, 10)
	if !ok || lag.Epochs != 4 || lag.Kappa != 1 || lag.AtZero >= 0.9 || lag.Next >= 0.9 {
		t.Errorf("%+v", lag)
	}
	p := Pair{Ref: ref, Dev: dev}.Shift(lag.Epochs)
	if m := MatrixOf(p, FiveStages); m.Total() != len(dev) {
		t.Errorf("%d epochs of %d after the shift", m.Total(), len(dev))
	}
	if _, ok := FindLag(stages(t, "WWWW"), stages(t, "WWWW"), FiveStages, 2); ok {
		t.Error("a lag of nothing but wake")
	}
}

// The mean of 1 … 50 drawn with replacement has a standard error of 2.04, so the
// interval is about 25.5 ± 4.0; the same seed gives the same interval.
func TestBootstrap(t *testing.T) {
	stat := func(draw []int) (float64, bool) {
		sum := 0
		for _, i := range draw {
			sum += i + 1
		}
		return float64(sum) / float64(len(draw)), true
	}
	low, high, ok := Bootstrap(50, 4000, rand.New(rand.NewPCG(1, 2)), stat)
	if !ok || math.Abs(low-21.5) > 0.4 || math.Abs(high-29.5) > 0.4 {
		t.Errorf("%v … %v", low, high)
	}
	again, _, _ := Bootstrap(50, 4000, rand.New(rand.NewPCG(1, 2)), stat)
	if again != low {
		t.Error("the same seed gives another interval")
	}
	if _, _, ok := Bootstrap(50, 100, rand.New(rand.NewPCG(1, 2)), func([]int) (float64, bool) { return 0, false }); ok {
		t.Error("an interval of nothing")
	}
}
