package main

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"
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
