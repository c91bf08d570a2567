package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/estimate/pool"
)

// threeTrials writes the results of three trials: REML and Knapp and Hartung by
// metafor's rma(c(-2.4, -1.1, -4.6), sei = c(.95, .70, 1.60), test = "knha").
func threeTrials(t *testing.T) []string {
	t.Helper()
	var out []string
	for i, x := range [][2]float64{{-2.4, 0.95}, {-1.1, 0.70}, {-4.6, 1.60}} {
		id := "trial-" + string(rune('a'+i))
		low, high := x[0]-2*x[1], x[0]+2*x[1]
		r := estimate.Results{Format: 1, Trial: estimate.TrialInfo{ID: id}, Estimands: []estimate.Result{{
			ID: "isi", Place: "primary", Label: "Insomnia severity", Unit: "points", Summary: "mean-difference", Better: "lower", Level: 0.95,
			Estimand: estimate.Attributes{Treatment: "magnesium", Comparator: "placebo", Variable: "Insomnia severity, at day 21"},
			Estimate: &x[0], SE: &x[1], Low: &low, High: &high, N: 80,
		}}}
		b, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), id+".json")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func TestPool(t *testing.T) {
	files := threeTrials(t)
	svg := filepath.Join(t.TempDir(), "forest.svg")
	var out, errs bytes.Buffer
	if code := run(append([]string{"pool", "--format", "json", "--svg", svg}, files...), strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatal(errs.String())
	}
	var r pool.Pooled
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want float64 }{
		{r.Random.Estimate, -2.269809312973}, {r.Random.SE, 0.9233582819906}, {r.Random.Low, -6.242699345516}, {r.Tau2, 1.251124251999},
	} {
		if math.Abs(c.got-c.want) > 1e-7 {
			t.Errorf("%.12g, want %.12g", c.got, c.want)
		}
	}
	b, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	var any struct{ XMLName xml.Name }
	if err := xml.Unmarshal(b, &any); err != nil || any.XMLName.Local != "svg" || !bytes.Contains(b, []byte("trial-c")) {
		t.Errorf("the picture: %v, %s", err, any.XMLName.Local)
	}

	out.Reset()
	if code := run(append([]string{"pool"}, files...), strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatal(errs.String())
	}
	for _, want := range []string{"trial-b", "●", "Mean under random effects (REML; Knapp and Hartung)", "One more such trial", "can hardly be estimated"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, out.String())
		}
	}

	out.Reset()
	errs.Reset()
	if code := run([]string{"pool", files[0], files[1] + "#mood", filepath.Join(t.TempDir(), "none.json")}, strings.NewReader(""), &out, &errs); code == 0 {
		t.Fatal("files that give no answer were pooled")
	}
	for _, want := range []string{"no estimand mood", "none.json"} { // all at once
		if !strings.Contains(errs.String(), want) {
			t.Errorf("not told: %q in %s", want, errs.String())
		}
	}
}
