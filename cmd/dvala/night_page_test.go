package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"dvala/sleep/agree"
)

// balanced reads a page as XML: all that is opened is closed in order, and no id is
// there twice.
func balanced(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local != "id" {
					continue
				}
				if ids[a.Value] {
					t.Errorf("the id %s is there twice", a.Value)
				}
				ids[a.Value] = true
			}
		}
	}
}

func TestScorePage(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for i := range 14 {
		files = append(files, put(t, dir, "<b>"+string(rune('a'+i))+".csv", tableOfEpochs))
	}
	for name, args := range map[string][]string{"few": files[:3], "many": files, "one": files[:1]} {
		page, _, err := runScore(t, append([]string{"--format", "html", "--age", "40"}, args...)...)
		if err != nil {
			t.Fatal(name, err)
		}
		balanced(t, page)
		if n := strings.Count(page, `<figure id="night-`); n != len(args) {
			t.Errorf("%s: %d nights drawn", name, n)
		}
		if got, want := strings.Contains(page, `id="average"`), len(args) > 1; got != want {
			t.Errorf("%s: an average night: %v", name, got)
		}
		for _, want := range []string{`<th scope="col">TST</th>`, `<a href="#night-1">`, "<caption><span>All measures", "<caption><span>Cycles", "<caption><span>Criteria"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: lacks %s", name, want)
			}
		}
		again, _, _ := runScore(t, append([]string{"--format", "html", "--age", "40"}, args...)...)
		if again != page {
			t.Errorf("%s: written twice it differs", name)
		}
	}
}

func TestAgreePage(t *testing.T) {
	dir := t.TempDir()
	for i, device := range []string{"0,600,Wake\n600,5400,Light\n6000,1200,REM\n", "0,1200,Wake\n1200,4800,Light\n6000,1200,REM\n", "0,900,Wake\n900,5100,Light\n6000,1200,Deep\n", "0,300,Wake\n300,5700,Light\n6000,1200,REM\n"} {
		n := string(rune('1' + i))
		put(t, dir, "night"+n+".csv", tableOfEpochs)
		put(t, dir, "night"+n+".ring", "onset,duration,stage\n"+device)
	}
	args := []string{filepath.Join(dir, "*.csv"), filepath.Join(dir, "*.ring"), "--match", "night[0-9]", "--lag", "3"}
	page, _, err := runAgree(t, append(args, "--format", "html")...)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, page)
	for _, want := range []string{`<svg xmlns="http://www.w3.org/2000/svg" class="fig" role="img" id="errors"`, "Called the same, of the epochs of each stage", `<th scope="row">kappa</th>`, `<th scope="row">total sleep time, min</th>`, "<caption><span>Each night by itself", "Lag, epochs", `<th scope="row">night2</th>`} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(page, "<pre") || strings.Contains(page, "NaN") {
		t.Error("preformatted text, or no number")
	}
	if drawn, _, err := runAgree(t, append(args, "--format", "html", "--intervals", "percentile")...); err != nil || drawn == page {
		t.Errorf("the intervals asked for make no difference: %v", err)
	}
	text, _, err := runAgree(t, append(args, "--plot")...)
	if err != nil || !strings.Contains(text, "total sleep time, min: device − reference\n\n") || !strings.Contains(text, "┤") {
		t.Errorf("%v\n%s", err, text)
	}
}

// The interval of a line's height, from those of its two coefficients, is that of
// the textbook: t·s·√(1/n + (x−x̄)²/Sxx). By hand for d = 1, 3, 2, 5, 4 at 1 … 5: slope
// 0.8, residual sum of squares 3.6, s = √1.2, Sxx 10, t(0.975; 3) = 3.18245 (R: qt).
func TestIntervalOfABias(t *testing.T) {
	ref := []float64{1, 2, 3, 4, 5}
	dev := []float64{2, 5, 5, 9, 9}
	d, err := agree.BlandAltman(ref, dev, agree.Reference)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{0, 1, 3, 4.5} {
		want := 3.182446305 * math.Sqrt(1.2*(1.0/5+(x-3)*(x-3)/10))
		if got := halfWidth(d.BiasLine, x, d.RefMean); math.Abs(got-want) > 1e-8 {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
	m := measureDifference{Differences: d, ref: ref, dev: dev}
	m.Proportional = true
	if low, high := m.biasInterval(3); math.Abs(low+high-2*m.BiasAt(3)) > 1e-12 || high <= low {
		t.Errorf("%v to %v", low, high)
	}
	m.Heteroscedastic = true
	for _, x := range []float64{1, 5} {
		low, high := m.LimitsAt(x)
		if l, u := m.limitIntervals(x); l[0] > low || l[1] < low || u[0] > high || u[1] < high {
			t.Errorf("at %v the limits %v, %v lie outside %v, %v", x, low, high, l, u)
		}
	}
}
