package figure

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is handed in, the picture of shares is well-formed and the same
// twice; without a step the line lies at 100 %.
func TestStepsHoldAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Steps{ID: anyText(t, "id"), Title: anyText(t, "title"), Width: 640, Height: 280}
		for range rapid.IntRange(0, 3).Draw(t, "arms") {
			a := StepsArm{Label: anyText(t, "label"), Look: Looks([]bool{rapid.Bool().Draw(t, "hollow")})[0], N: rapid.IntRange(0, 99).Draw(t, "n"), End: rapid.Float64().Draw(t, "end")}
			for range rapid.IntRange(0, 4).Draw(t, "steps") {
				a.At = append(a.At, Step{rapid.Float64().Draw(t, "day"), rapid.Float64().Draw(t, "share"), rapid.Float64().Draw(t, "low"), rapid.Float64().Draw(t, "high")})
			}
			s.Arms = append(s.Arms, a)
		}
		one := s.SVG().Inline()
		wellFormed(t, one)
		if strings.Contains(one, "NaN") || strings.Contains(one, "Inf") || one != s.SVG().Inline() {
			t.Fatal("not a number, or not the same twice")
		}
	})
	flat := StepsArm{N: 5, End: 21}
	if d := (Steps{Arms: []StepsArm{flat}}).Describe(); !strings.Contains(d, "100.0 at the end") {
		t.Error(d)
	}
	y := math.NaN()
	flat.corners(Steps{Width: 640, Height: 280, Arms: []StepsArm{flat}}.plot(), func(s Step) float64 { return s.Share }, func(_, at float64) {
		if y = at; y != 22 {
			t.Errorf("the line lies at %v, not at the top", y)
		}
	})
}

// People are drawn once each, behind the mean, and widen the scale.
func TestPeopleBehindMeans(t *testing.T) {
	s := Series{ID: "s", Title: "S", Width: 328, Height: 222, Arms: []SeriesArm{{Label: "A", Look: Looks([]bool{false})[0], Points: []SeriesPoint{
		{Day: 1, N: 3, Mean: ptr(5), People: []float64{1, 5, 9}}, {Day: 2, N: 1, Mean: ptr(4), People: []float64{4}},
	}}}}
	out := s.SVG().Inline()
	if n := strings.Count(out, "h0"); n != 4 || !strings.Contains(out, `class="arm-t person"`) {
		t.Errorf("%d points: %s", n, out)
	}
	if strings.Index(out, "person") > strings.Index(out, "mark") {
		t.Error("people lie before the mean")
	}
	if p, _ := s.plot(); p.y.From > 1 || p.y.To < 9 {
		t.Errorf("scale %+v leaves people out", p.y)
	}
}
