package sleep

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// reference reads a file of the reference folder into v, or skips the test.
func reference(t testing.TB, v any, parts ...string) {
	t.Helper()
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		root, _ := os.Getwd()
		for root != "/" {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(append([]string{dir}, parts...)...))
	if os.IsNotExist(err) {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// goldenStages reads the one-letter strings of the reference files.
func goldenStages(t testing.TB, s string) []Stage {
	t.Helper()
	code := map[rune]Stage{'W': W, '1': N1, '2': N2, '3': N3, 'R': R, '?': Unscored, 'A': Unscored, 'L': Light, 'D': N3}
	out := make([]Stage, 0, len(s))
	for _, c := range s {
		stage, ok := code[c]
		if !ok {
			t.Fatalf("unknown letter %q", c)
		}
		out = append(out, stage)
	}
	return out
}

type yasaRecord struct {
	Legacy map[string]*float64 `json:"legacy_stats"`
	Labels []int               `json:"trans_labels"`
	Counts [][]int             `json:"trans_counts"`
	Stages string              `json:"stages"`
}

// yasaNames pairs our names with those of YASA's sleep_statistics, where the
// definitions coincide.
var yasaNames = map[string]string{
	"tib_min": "TIB", "spt_min": "SPT", "waso_spt_min": "WASO", "tst_min": "TST", "sol_min": "SOL",
	"n1_min": "N1", "n2_min": "N2", "n3_min": "N3", "rem_min": "REM",
	"n1_pct": "%N1", "n2_pct": "%N2", "n3_pct": "%N3", "rem_pct": "%REM",
	"n1_latency_min": "Lat_N1", "n2_latency_min": "Lat_N2", "n3_latency_min": "Lat_N3", "rem_latency_min": "Lat_REM",
	"se_tib_pct": "SE", "se_spt_pct": "SME",
}

// The 400 scorings of the Dreem Open Datasets against YASA 0.7 (dfddbd5),
// unrounded. YASA knows no lights: its time in bed is the whole record, so the
// lights are told to be where the record begins and ends.
func TestArchitectureAgreesWithYASA(t *testing.T) {
	var golden struct{ Records map[string]yasaRecord }
	reference(t, &golden, "golden", "sleep", "dod_hypnograms_yasa.json")
	start := time.Date(2020, 1, 1, 23, 0, 0, 0, time.UTC)
	compared := 0
	for name, r := range golden.Records {
		h, err := NewHypnogram(start, 30*time.Second, goldenStages(t, r.Stages))
		if err != nil {
			t.Fatal(err)
		}
		end, _ := h.End()
		got := measure(t, h, Lights{start, end})
		for ours, theirs := range yasaNames {
			g, ok := got[ours]
			y := r.Legacy[theirs]
			if y == nil {
				if ok && theirs[:3] == "Lat" {
					t.Errorf("%s: %s = %v where YASA has none", name, ours, g)
				}
				continue
			}
			if !ok || math.Abs(g-*y) > 1e-9*(1+math.Abs(*y)) {
				t.Errorf("%s: %s = %v, YASA's %s %v", name, ours, g, theirs, *y)
			}
			compared++
		}
		transitionsAgree(t, name, r)
	}
	if len(golden.Records) != 400 || compared < 7000 {
		t.Fatalf("only %d nights and %d values compared", len(golden.Records), compared)
	}
}

func transitionsAgree(t *testing.T, name string, r yasaRecord) {
	code := map[int]Stage{0: W, 1: N1, 2: N2, 3: N3, 4: R}
	got := TransitionsOf(goldenStages(t, r.Stages))
	for i, from := range r.Labels {
		for j, to := range r.Labels {
			f, ok1 := code[from]
			to, ok2 := code[to]
			if ok1 && ok2 && got.Count(f, to) != r.Counts[i][j] {
				t.Errorf("%s: %v to %v %d times, YASA %d", name, f, to, got.Count(f, to), r.Counts[i][j])
			}
		}
	}
}

type lunaRecord struct {
	Hypno map[string]any
	Stage map[string]map[string]float64
}

func (r lunaRecord) number(name string) (float64, bool) {
	v, ok := r.Hypno[name].(float64)
	return v, ok
}

// The same 400 scorings against Luna 1.5.1 HYPNO, whose six significant digits
// set the tolerance. Luna takes unscored edges to be outside the lights, as we
// do. It trims two records by rules of its own, and in two more its search for
// the last waking stops at an unscored epoch; those four are left out.
func TestArchitectureAgreesWithLuna(t *testing.T) {
	var golden struct{ Records map[string]lunaRecord }
	reference(t, &golden, "golden", "sleep", "luna_hypno.json")
	var yasa struct{ Records map[string]yasaRecord }
	reference(t, &yasa, "golden", "sleep", "dod_hypnograms_yasa.json")
	names := map[string]string{
		"tst_min": "TST", "waso_spt_min": "WASO", "spt_min": "SPT", "sol_min": "SOL", "lps_min": "SOL_PER",
		"se_tib_pct": "SE", "se_spt_pct": "SME", "rem_latency_onset_min": "REM_LAT", "final_wake_min": "FWT", "tib_min": "TIB",
	}
	compared, odd := 0, map[string]bool{}
	for name, r := range golden.Records {
		y, ok := yasa.Records[name]
		if !ok {
			continue
		}
		h, err := NewHypnogram(time.Time{}, 30*time.Second, goldenStages(t, y.Stages))
		if err != nil {
			t.Fatal(err)
		}
		got := measure(t, h, Lights{})
		if v, ok := r.number("SFI"); ok {
			names["fragmentation_per_h"] = "SFI"
			r.Hypno["SFI"] = v * 60 // Luna's is per minute
		}
		for ours, theirs := range names {
			g, there := got[ours]
			l, ok := r.number(theirs)
			if !ok || !there {
				continue
			}
			if math.Abs(g-l) > 2e-5*(1+math.Abs(l)) {
				t.Logf("%s: %s = %v, Luna's %s %v", name, ours, g, theirs, l)
				odd[name] = true
			}
			compared++
		}
		if !odd[name] {
			compared += boutsAgree(t, name, h, r)
		}
	}
	if compared < 7000 {
		t.Fatalf("only %d values compared", compared)
	}
	if len(odd) > 4 {
		t.Errorf("%d nights differ, known are 4", len(odd))
	}
}

// boutsAgree compares number and mean length of the bouts of sleep stages, which
// Luna takes from the whole record.
func boutsAgree(t *testing.T, name string, h Hypnogram, r lunaRecord) int {
	n := 0
	for _, b := range BoutsOf(h.Stages(), h.Epoch()) {
		l, ok := r.Stage[b.Stage.String()]
		if !ok || b.Stage == W { // Luna's wake leaves out what lies outside the lights
			continue
		}
		if float64(b.N) != l["BOUT_N"] || math.Abs(b.MeanMin-l["BOUT_MN"]) > 2e-5*(1+b.MeanMin) || b.MaxMin != l["BOUT_MX"] {
			t.Errorf("%s: bouts %v, Luna's %v, %v, %v", name, b, l["BOUT_N"], l["BOUT_MN"], l["BOUT_MX"])
		}
		n += 3
	}
	return n
}

// Luna's own cycles on the same 400 scorings: every border but the end of a last
// cycle without REM, which Luna lets last to the end of the record. Four
// scorings differ for reasons that were not found.
func TestLunaCyclesAgreeWithLuna(t *testing.T) {
	var luna struct {
		Records map[string]struct {
			Cycles []struct {
				Start int `json:"NREMC_START"`
				N     int `json:"NREMC_N"`
			}
		}
	}
	reference(t, &luna, "golden", "sleep", "luna_hypno.json")
	var yasa struct{ Records map[string]yasaRecord }
	reference(t, &yasa, "golden", "sleep", "dod_hypnograms_yasa.json")
	compared, odd := 0, 0
	for name, y := range yasa.Records {
		got, want := LunaCycles(goldenStages(t, y.Stages), 30*time.Second), luna.Records[name].Cycles
		same := len(got) == len(want)
		for i := 0; same && i < len(got); i++ {
			same = got[i].Start == want[i].Start-1
			if got[i].Complete || i+1 < len(got) {
				same = same && got[i].End == want[i].Start-1+want[i].N
			}
			compared++
		}
		if !same {
			odd++
			t.Logf("%s: %v, Luna %v", name, got, want)
		}
	}
	if odd > 4 || compared < 1500 {
		t.Errorf("%d scorings differ, known are 4; %d cycles compared", odd, compared)
	}
}
