package multiple

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Bretz 2009, figure 5: two primaries share the rate, each hands half of its
// part to the other and half to its secondary, which hand theirs across.
func gatekeeping() Graph {
	return Graph{
		Weights:    []float64{0.5, 0.5, 0, 0},
		Transition: [][]float64{{0, 0.5, 0.5, 0}, {0.5, 0, 0, 0.5}, {0, 1, 0, 0}, {1, 0, 0, 0}},
	}
}

func drawGraph(t *rapid.T) Graph {
	m := rapid.IntRange(1, 6).Draw(t, "m")
	part := func(skip int) []float64 {
		v, sum := make([]float64, m), 0.0
		for j := range v {
			if j != skip {
				v[j] = rapid.Float64Range(0, 1).Draw(t, "v")
				sum += v[j]
			}
		}
		for j := range v {
			v[j] /= math.Max(1.05, sum/0.95) // two that hand each other everything leave a ratio of 0 to 0
		}
		return v
	}
	g := Graph{Weights: part(-1)}
	for i := range m {
		g.Transition = append(g.Transition, part(i))
	}
	return g
}

// By hand: H1 gone, H2 has 1/2 + 1/2·1/2; from H2 the way through H1 leads to
// H3: (0 + 1/2·1/2)/(1 − 1/2·1/2) = 1/3, and its own arrow to H4 is (1/2)/(3/4) = 2/3.
func TestAfterByHand(t *testing.T) {
	g, err := gatekeeping().After(0)
	if err != nil {
		t.Fatal(err)
	}
	if !same(g.Weights, []float64{0, 0.75, 0.25, 0}, 1e-15) || !same(g.Transition[1], []float64{0, 0, 1.0 / 3, 2.0 / 3}, 1e-15) {
		t.Errorf("%+v", g)
	}
	for _, bad := range [][]int{{4}, {-1}, {0, 0}} {
		if _, err := gatekeeping().After(bad...); err == nil {
			t.Errorf("%v were rejected", bad)
		}
	}
}

// What is left does not depend on the order of rejection, is a graph again,
// and gives what was adjusted in one go.
func TestAfterInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		m := len(g.Weights)
		if m < 3 {
			t.Skip("too few")
		}
		a, err := g.After(0, 1)
		if err != nil {
			t.Fatal(err)
		}
		b, err := g.After(1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Check(); err != nil {
			t.Fatal(err)
		}
		if !same(a.Weights, b.Weights, 1e-9) {
			t.Fatalf("%v and %v", a.Weights, b.Weights)
		}
		for i := range a.Transition {
			if !same(a.Transition[i], b.Transition[i], 1e-6) {
				t.Fatalf("row %d: %v and %v", i, a.Transition[i], b.Transition[i])
			}
		}
	})
}

// The picture is well-formed whatever the names hold, shows every arrow and
// weight, and says them in words.
func TestSVG(t *testing.T) {
	g := gatekeeping()
	names := []string{`<script>"&`, "sleep time\x00", "a name that is far too long for an ellipse", "d"}
	s, err := g.SVG(Picture{Names: names, Shown: []bool{true, false, false, false}})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, s)
		}
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
	if count["ellipse"] != 4 || count["path"] != 12 || count["text"] != 14 || count["script"] != 0 { // six arrows
		t.Errorf("%v", count)
	}
	if strings.Contains(s, "NaN") || !strings.Contains(s, "1/2 of the error rate") || !strings.Contains(s, "1 to &lt;script&gt;") {
		t.Errorf("%s", s)
	}
	for _, m := range []int{1, 2, 3, 7} {
		h := Graph{Weights: make([]float64, m), Transition: make([][]float64, m)}
		for i := range m {
			h.Transition[i] = make([]float64, m)
			h.Transition[i][(i+1)%m] = 1
		}
		if m == 1 {
			h.Transition[0][0] = 0
		}
		h.Weights[0] = 1
		s, err := h.SVG(Picture{Names: make([]string, m)})
		if err != nil || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("%d: %v\n%s", m, err, s)
		}
	}
	if _, err := g.SVG(Picture{Names: names[:2]}); err == nil {
		t.Error("names were missing")
	}
	if _, err := g.SVG(Picture{Names: names, Shown: []bool{true}}); err == nil {
		t.Error("what is shown was missing")
	}
}

// Two arrows that lead back and forth do not lie on each other.
func TestArrowsPart(t *testing.T) {
	at := circle(2)
	var there, back strings.Builder
	arrow(&there, at[0], at[1], "")
	arrow(&back, at[1], at[0], "")
	if there.String() == back.String() {
		t.Error("one arrow hides the other")
	}
	if d := 2 * bend * math.Hypot(at[1].x-at[0].x, at[1].y-at[0].y); d < 40 {
		t.Errorf("bent by %g only", d)
	}
}

func TestShares(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 0.5: "1/2", 1.0 / 3: "1/3", 0.75: "3/4", 0.1: "1/10", 0.123: "0.123"} {
		if got := share(v); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
}
