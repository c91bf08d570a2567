package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func runAgree(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var verbs struct {
		Agree AgreeCmd `cmd:""`
	}
	parser, err := kong.New(&verbs, kong.Exit(func(int) { t.Fatal("the command line was refused") }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(append([]string{"agree", "--bootstrap", "200"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	err = ctx.Run(&Program{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Now: time.Now, Width: 80})
	return out.String(), problems.String(), err
}

// The Bitbrain nights through the verb: both figures that its authors state.
func TestAgreeReferenceNights(t *testing.T) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	psg := filepath.Join(dir, "data", "boas", "sub-*", "eeg", "*psg_events.tsv")
	band := filepath.Join(dir, "data", "boas", "sub-*", "eeg", "*headband_events.tsv")
	for _, c := range []struct {
		name            string
		args            []string
		n               int
		accuracy, kappa float64
	}{
		{"AI", []string{psg, psg, "--match", "sub-[0-9]+", "--device-column", "stage_ai"}, 119389, 0.8708, 0.778},
		{"headband", []string{psg, band, "--match", "sub-[0-9]+"}, 114890, 0.8666, 0.768},
	} {
		out, _, err := runAgree(t, append(c.args, "--format", "json")...)
		var a agreement
		if err != nil || json.Unmarshal([]byte(out), &a) != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if a.Nights != 128 || a.Epochs != c.n || math.Abs(*a.Overall[0].Pooled-c.accuracy) > 5e-5 || math.Abs(*a.Overall[1].Pooled-c.kappa) > 5e-4 {
			t.Errorf("%s: %d nights, %d epochs, accuracy %v, kappa %v", c.name, a.Nights, a.Epochs, *a.Overall[0].Pooled, *a.Overall[1].Pooled)
		}
		if r := a.Overall[1]; !(*r.Low < *r.Pooled && *r.Pooled < *r.High) {
			t.Errorf("%s: kappa %v outside %v to %v", c.name, *r.Pooled, *r.Low, *r.High)
		}
	}
}

// Five scorers of the Dreem Open Datasets through the verb: the means that are
// published.
func TestAgreeScorers(t *testing.T) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	for set, want := range map[string][3]float64{"dodh": {25, 0.701, 0.699}, "dodo": {55, 0.675, 0.665}} {
		args := []string{"--format", "json"}
		for k := 1; k <= 5; k++ {
			args = append(args, filepath.Join(dir, "data", "dod", "scorers", set, "scorer_"+string(rune('0'+k)), "*.json"))
		}
		out, _, err := runAgree(t, args...)
		var r scorersReport
		if err != nil || json.Unmarshal([]byte(out), &r) != nil {
			t.Fatal(err)
		}
		if float64(len(r.Nights)) != want[0] || math.Abs(r.Pairwise-want[1]) > 5e-4 || math.Abs(r.Listwise-want[2]) > 5e-4 {
			t.Errorf("%s: %d nights, %v and %v", set, len(r.Nights), r.Pairwise, r.Listwise)
		}
		sum := 0.0
		for i, row := range r.Pairs {
			if row[i] != nil {
				t.Errorf("%s: scorer %d is compared with herself", set, i)
			}
			for j := range i {
				sum += *row[j] / 10
			}
		}
		// Every night defines every kappa, so the mean of means is the mean.
		if math.Abs(sum-r.Pairwise) > 1e-12 {
			t.Errorf("%s: pairs have a mean of %v, nights of %v", set, sum, r.Pairwise)
		}
		if page, _, err := runAgree(t, append(args[2:], "--format", "html")...); err != nil || strings.Count(page, "against the consensus</h3>") != 5 || strings.Contains(page, "NaN") {
			t.Errorf("%s: the page: %v", set, err)
		}
		for _, s := range r.Against {
			if *s.NightMean < r.Pairwise {
				t.Errorf("%s: %s agrees less with all than two with each other: %v", set, s.Name, *s.NightMean)
			}
		}
	}
}

func TestAgreeForPeople(t *testing.T) {
	dir := t.TempDir()
	for i, device := range []string{"0,600,Wake\n600,5400,Light\n6000,1200,REM\n", "0,1200,Wake\n1200,4800,Light\n6000,1200,REM\n", "0,900,Wake\n900,5100,Light\n6000,1200,Deep\n"} {
		n := string(rune('1' + i))
		put(t, dir, "night"+n+".csv", tableOfEpochs)
		put(t, dir, "night"+n+".ring", "onset,duration,stage\n"+device)
	}
	args := []string{filepath.Join(dir, "*.csv"), filepath.Join(dir, "*.ring")}
	out, _, err := runAgree(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 nights, 720 epochs that both scored, classes W L N3 R", "sensitivity", "total sleep time, min", "device − reference"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	page, _, err := runAgree(t, append(args, "--format", "html")...)
	if err != nil || strings.Count(page, "<svg") < 3 {
		t.Errorf("%v\n%.300s", err, page)
	}
	one, _, err := runAgree(t, filepath.Join(dir, "night1.csv"), filepath.Join(dir, "night2.ring"), "--lag", "5")
	if err != nil || !strings.Contains(one, "1 night, ") {
		t.Errorf("%v\n%s", err, one)
	}
}

func TestAgreeSaysWhyNot(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"a.csv", "b.csv", "c.ring", "d.ring"} {
		put(t, dir, n, tableOfEpochs)
	}
	_, _, err := runAgree(t, filepath.Join(dir, "*.csv"), filepath.Join(dir, "*.ring"))
	if err == nil || !strings.Contains(err.Error(), "no night is on both sides: a, b, c, d") {
		t.Errorf("%v", err)
	}
	_, _, err = runAgree(t, filepath.Join(dir, "*.csv"), filepath.Join(dir, "*.ring"), "--match", "[0-9]{3}")
	if err == nil || !strings.Contains(err.Error(), "two nights are called") && !strings.Contains(err.Error(), "no night is on both sides") {
		t.Errorf("%v", err)
	}
}

func TestScorersAreCalledByWhatTellsThemApart(t *testing.T) {
	for _, c := range []struct{ names, want []string }{
		{[]string{"/data/dodh/scorer_1/*.json", "/data/dodh/scorer_2/*.json", "/data/dodh/scorer_10/*.json"}, []string{"scorer_1", "scorer_2", "scorer_10"}},
		{[]string{"anna.csv", "bo.csv", "carl.csv"}, []string{"anna", "bo", "carl"}},
		{[]string{"a", "a", "a"}, []string{"a", "a", "a"}},
		{[]string{"x/a", "x/b", "y/c"}, []string{"x/a", "x/b", "y/c"}},
	} {
		if got := (scorersReport{Scorers: c.names}).labels(); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.names, got, c.want)
		}
	}
}
