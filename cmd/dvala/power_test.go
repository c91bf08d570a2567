package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/stats/power"
)

// planned runs the verb as the command line would, and reads its JSON.
func planned(t *testing.T, args ...string) powerReport {
	t.Helper()
	var out, err bytes.Buffer
	if code := run(append([]string{"power", "--format", "json"}, args...), strings.NewReader(""), &out, &err); code != 0 {
		t.Fatalf("exit %d: %s", code, err.String())
	}
	var r powerReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	magnesium = filepath.Join("..", "..", "examples", "mgt-2024", "protocol.yaml")
	evening   = filepath.Join("..", "..", "examples", "crossover", "protocol.yaml")
)

// Expected from R's pt: 1 − pt(q, df, ncp) + pt(−q, df, ncp) with q = qt(.975, df).
// The first is what the example's protocol says of itself: 2.5 points with 80 %.
func TestPowerFormula(t *testing.T) {
	a := planned(t, magnesium, "--effect", "-2.5", "--sd", "4.8", "--r", "0.6", "--lost", "0").Formula
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %.12g, want %.12g", what, got, want)
		}
	}
	near("ANCOVA", a.Power, 0.819671170000408)
	if a.Size != 102 {
		t.Errorf("size %d, want 2 × 51", a.Size)
	}
	b := planned(t, magnesium, "--estimand", "ring-deep-last-week", "--effect", "10", "--between-sd", "18", "--within-sd", "15", "--r", "0.5", "--phi", "0.2").Formula
	near("nights by Oura", b.Power, 0.416369197055448)
	if len(b.Other) != 2 {
		t.Fatalf("%+v", b.Other)
	}
	near("by Fitbit", b.Other[0].Power, 0.264823656210415)
	near("by Apple", b.Other[1].Power, 0.219173446552304)
	c := planned(t, evening, "--within-sd", "30", "--effect", "15").Formula
	near("crossover", c.Power, 0.540348495156022)
	if !c.Exact {
		t.Error("the crossover's formula is exact")
	}
	d := planned(t, magnesium, "--estimand", "quality-last-week", "--effect", "0.5", "--between-sd", "1", "--within-sd", "1.2", "--diary-after-90", "0.2").Formula
	if *d.Kept > 0.75 || *d.Kept < 0.7 || *d.Slope != 1 { // 0.2^(18/90) = 0.725
		t.Errorf("a diary that fades: %v kept, slope %v", *d.Kept, *d.Slope)
	}
}

// Responders, ordered answers and events: by R's power.prop.test (strict) and the
// formulas of Whitehead 1993 and Schoenfeld 1983 on pnorm.
func TestPowerFormulaOfCategories(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %.12g, want %.12g", what, got, want)
		}
	}
	a := planned(t, magnesium, "--estimand", "response-day-21", "--share", "30", "--effect", "25").Formula
	near("responders", a.Power, 0.576087731820616)
	if a.Size != 180 { // 81 an arm
		t.Errorf("size %d, want 162 over 0.9", a.Size)
	}
	b := planned(t, magnesium, "--estimand", "stay-to-day-21", "--share", "15", "--hazard-ratio", "0.5").Formula
	near("events", b.Power, 0.181881268069904)
	src, err := os.ReadFile(magnesium)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, c := range [][2]string{
		{"variable: {outcome: waking, visit: day-21}", "variable: {outcome: waking, visit: day-21}\n    #"},
		{"    source: {instrument: lseq, score: bfw}\n    unit: mm\n    better: higher\n", "    source: {instrument: lseq, score: bfw}\n    unit: mm\n    better: higher\n    kind: ordinal\n"},
	} {
		if !strings.Contains(text, c[0]) {
			t.Fatalf("the example does not hold %q", c[0])
		}
		text = strings.Replace(text, c[0], c[1], 1)
	}
	at := strings.Index(text, "  - id: waking-day-21")
	text = text[:at] + strings.Replace(strings.Replace(text[at:], "summary: mean-difference", "summary: odds-ratio", 1), "model: {kind: ancova, strata: true}", "model: {kind: ordinal, strata: true}", 1)
	file := filepath.Join(t.TempDir(), "ordered.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := planned(t, file, "--estimand", "waking-day-21", "--shares", "20,50,20,10", "--effect", "1.8", "--participants", "200", "--lost", "0").Formula
	near("ordered answers", c.Power, 0.612513145698879)
}

// Counts over nights: by R's pnorm and the formula of Zhu and Lakkis 2014, with
// 7 nights of which 80 % are measured, 2.5 awakenings in each and a k of 0.5; the
// same as a difference, and Poisson.
func TestPowerFormulaOfCounts(t *testing.T) {
	src, err := os.ReadFile(magnesium)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	swap := func(from int, old, new string) {
		t.Helper()
		if !strings.Contains(text[from:], old) {
			t.Fatalf("the example does not hold %q", old)
		}
		text = text[:from] + strings.Replace(text[from:], old, new, 1)
	}
	swap(0, "    source: {diary: quality}\n    unit: points\n    better: higher\n", "    source: {diary: quality}\n    unit: points\n    better: higher\n    kind: count\n")
	at := strings.Index(text, "  - id: quality-last-week")
	swap(at, "summary: mean-difference", "summary: rate-ratio")
	swap(at, "model: {kind: random-slope, nights: {from: 1, to: 21}, df: kenward-roger, strata: true}", "model: {kind: count}")
	file := filepath.Join(t.TempDir(), "counts.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	a := planned(t, file, "--estimand", "quality-last-week", "--rate", "2.5", "--dispersion", "0.5", "--effect", "0.7", "--kept", "0.8", "--participants", "80", "--lost", "0").Formula
	if math.Abs(a.Power-0.550542888808379) > 1e-9 || a.Size != 194 || *a.Kept != 0.8 {
		t.Errorf("%+v", a)
	}
	b := planned(t, file, "--estimand", "quality-last-week", "--rate", "2.5", "--effect", "0.7", "--kept", "0.8", "--participants", "80", "--lost", "0").Formula
	if math.Abs(b.Power-0.999755720465609) > 1e-9 || !strings.Contains(strings.Join(b.Words, " "), "Poisson") {
		t.Errorf("%+v", b)
	}
}

// Lan and DeMets's boundaries for five looks, as published and by rpact.
func TestSequentialPlan(t *testing.T) {
	for spending, want := range map[string][]float64{
		"obrien-fleming": {4.87689, 3.35701, 2.68028, 2.28982, 2.03103},
		"pocock":         {2.4380, 2.4268, 2.4101, 2.3966, 2.3859},
	} {
		var out, errs bytes.Buffer
		if code := run([]string{"sequential", "--number", "5", "--spending", spending, "--fixed", "100", "--format", "json"}, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatal(errs.String())
		}
		var r looksReport
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		for k, l := range r.Looks {
			if math.Abs(l.Boundary-want[k]) > 1e-4 {
				t.Errorf("%s, look %d: %g, published %g", spending, k+1, l.Boundary, want[k])
			}
		}
		last := r.Looks[4]
		if math.Abs(last.Spent-0.05) > 1e-12 || *last.People != r.Most || r.Most <= 100 || r.Expected >= r.Inflation {
			t.Errorf("%+v", r)
		}
		if text := r.text(); !strings.Contains(text, "100 people without looks become") {
			t.Error(text)
		}
	}
	for code, args := range map[string][]string{
		"stats-argument":   {"--looks", "0.5,0.4,1"},
		"sequential-fixed": {"--fixed", "-3"},
		"sequential-shape": {"--spending", "kim-demets", "--shape", "-1"},
	} {
		var out, errs bytes.Buffer
		if got := run(append([]string{"sequential"}, args...), strings.NewReader(""), &out, &errs); got != 1 || !strings.Contains(errs.String(), "["+code+"]") {
			t.Errorf("%v: exit %d, %s", args, got, errs.String())
		}
	}
}

// A blind look at a staged trial: the size follows the spread (with the normal
// in the place of t: 2·(z+z)²·s²/δ² an arm), no arm is printed, and openings end it.
func TestReestimate(t *testing.T) {
	d, _ := stage(t, nil)
	look := func(args ...string) (resized, string) {
		var out, errs bytes.Buffer
		if code := run(append([]string{"reestimate", d.Dir}, args...), strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatal(errs.String())
		}
		var r resized
		_ = json.Unmarshal(out.Bytes(), &r) // the text is no JSON
		return r, out.String()
	}
	r, _ := look("--format", "json", "--effect", "-2.5", "--lost", "0")
	z := 1.959963984540054 + 1.2815515655446004
	want := 4 * z * z * *r.Left * *r.Left / 6.25
	if r.Randomised != 12 || r.Known < 8 || float64(r.Size) < want || float64(r.Size) > want+8 || r.SizeLess == nil || *r.SizeLess >= r.Size {
		t.Errorf("%+v, the normal gives %g", r, want)
	}
	_, text := look()
	for _, a := range d.checked.Protocol().Arms {
		if strings.Contains(text, a.ID) || strings.Contains(text, a.Label.In("en")) {
			t.Errorf("it names an arm: %s", text)
		}
	}
	if !strings.Contains(text, "SD of everybody together") || !strings.Contains(text, "the protocol has 80") {
		t.Error(text)
	}
	// Half of everybody respond: 0.625 and 0.375 are what ±12.5 points make of it.
	e, _ := d.checked.Estimand("response-day-21")
	half := 0.5
	s, _, err := (&ReestimateCmd{Target: 0.9}).size(d.checked, e, estimate.Blinded{Known: 40, Share: &half}, 25)
	if n, _, err2 := (power.Shares{P1: 0.625, P2: 0.375, Alpha: 0.05}).Size(0.9); err != nil || err2 != nil || s.Size != 2*n {
		t.Errorf("%+v (%v), want %d an arm (%v)", s, err, n, err2)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"reestimate", d.Dir, "--estimand", "energy-last-week", "--effect", "2"}, strings.NewReader(""), &out, &errs); code != 1 || !strings.Contains(errs.String(), "[blinded-summary]") {
		t.Errorf("an odds ratio: exit %d, %s", code, errs.String())
	}
	out.Reset()
	errs.Reset()
	if code := run([]string{"reestimate", d.Dir, "--estimand", "response-day-21", "--effect", "90"}, strings.NewReader(""), &out, &errs); code != 1 || !strings.Contains(errs.String(), "[blinded-share]") {
		t.Errorf("too large a difference: exit %d, %s", code, errs.String())
	}
}

// Played trials are the same however many at a time, and the formula stands
// beside them.
func TestPowerByPlaying(t *testing.T) {
	if testing.Short() {
		t.Skip("plays four trials")
	}
	args := []string{magnesium, "--effect", "-9", "--sd", "4.8", "--participants", "12", "--simulate", "2"}
	one := planned(t, append(args, "--workers", "1")...)
	two := planned(t, append(args, "--workers", "2")...)
	a, _ := json.Marshal(one)
	b, _ := json.Marshal(two)
	if !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	if one.Formula == nil || one.Simulation.Trials != 2 || one.Simulation.Participants != 12 || one.Participants != 12 {
		t.Errorf("%s", a)
	}
	var text strings.Builder
	if err := one.text(&text); err != nil || !strings.Contains(text.String(), "By formula: isi-day-21") || !strings.Contains(text.String(), "2 times with 12 people from seed 1") {
		t.Errorf("%v: %s", err, text.String())
	}
}

func TestPowerRefuses(t *testing.T) {
	for _, c := range []struct{ code, args string }{
		{"power-what", ""},
		{"power-estimand", "--estimand nothing --sd 3"},
		{"power-spread", "--within-sd 3"},
		{"power-effect", "--estimand ring-deep-last-week --between-sd 3 --within-sd 2"},
		{"power-effect", "--estimand ring-deep-last-week --effect 4 --between-sd 3 --within-sd 2 --simulate 5"},
		{"power-plan", "--sd 3 --lost 1"},
		{"power-plan", "--simulate -1"},
		{"stats-argument", "--sd 3 --effect 0"},
		{"stats-argument", "--sd 3 --target 1.2"},
		{"stats-too-few", "--sd 3 --participants 4"},
	} {
		var out, err bytes.Buffer
		args := append([]string{"power", magnesium}, strings.Fields(c.args)...)
		if code := run(args, strings.NewReader(""), &out, &err); code != 1 || !strings.Contains(err.String(), "["+c.code+"]") {
			t.Errorf("%s: exit %d, %s, want %s", c.args, code, err.String(), c.code)
		}
	}
}
