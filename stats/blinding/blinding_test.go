package blinding_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dvala/stats/blinding"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %.12f, not %.12f", what, got, want)
	}
}

// The example that BlindingIndex.jl (JuliaHealth, after the R package BI)
// prints: 48, 4 and 330 of the treatment arm guessed treatment, placebo and
// nothing; 22, 30 and 319 of the placebo arm. James 0.896 (SE 0.011; 0.875 to
// 0.918); Bang 0.115 (0.018) and 0.022 (0.019).
func TestPublishedExample(t *testing.T) {
	j, ok := blinding.James([2][2]int{{48, 22}, {4, 30}}, [2]int{330, 319}, 0.95)
	if !ok {
		t.Fatal("undefined")
	}
	near(t, "James", j.Value, 0.896, 5e-4)
	near(t, "its error", j.SE, 0.011, 5e-4)
	near(t, "low", j.Low, 0.875, 5e-4)
	near(t, "high", j.High, 0.918, 5e-4)
	b := blinding.Bang(48, 4, 382, 0.95)
	near(t, "Bang", b.Value, 0.115, 5e-4)
	near(t, "its error", b.SE, 0.018, 5e-4)
	b = blinding.Bang(30, 22, 371, 0.95)
	near(t, "Bang of placebo", b.Value, 0.022, 5e-4)
	near(t, "its error", b.SE, 0.019, 5e-4)
}

// Three tables to 1e-11 against an R program that writes out the paper's sums
// over cells, and its variance, instead of the closed form here; a numerical
// gradient in R gives the same variance.
func TestJamesAgainstThePaper(t *testing.T) {
	for _, c := range []struct {
		guessed   [2][2]int
		unknown   [2]int
		value, se float64
	}{
		{[2][2]int{{48, 22}, {4, 30}}, [2]int{330, 319}, 0.896414342629, 0.010917577007},
		{[2][2]int{{82, 27}, {25, 29}}, [2]int{170, 83}, 0.747927537452, 0.021737398130},
		{[2][2]int{{10, 6}, {5, 12}}, [2]int{5, 2}, 0.450759668508, 0.078631841775},
	} {
		j, ok := blinding.James(c.guessed, c.unknown, 0.95)
		if !ok {
			t.Fatal("undefined")
		}
		near(t, "index", j.Value, c.value, 1e-11)
		near(t, "error", j.SE, c.se, 1e-11)
	}
}

// By hand: 10 right, 5 wrong, 5 do not know of 20: 0.25, variance
// (0.5·0.5 + 0.25·0.75 + 2·0.5·0.25)/20 = 0.034375.
func TestBangByHand(t *testing.T) {
	b := blinding.Bang(10, 5, 20, 0.95)
	near(t, "index", b.Value, 0.25, 1e-15)
	near(t, "error", b.SE, math.Sqrt(0.034375), 1e-15)
	if b := blinding.Bang(0, 0, 0, 0.95); b.Value != 0 || b.Low != -1 || b.High != 1 {
		t.Error("of nobody nothing is known")
	}
	if b := blinding.Bang(8, 0, 8, 0.95); b.Value != 1 || b.High != 1 {
		t.Error("all right is 1")
	}
}

// The corners: all right is 0, chance is ½, nobody knows is 1; the rest is
// undefined.
func TestJamesAtItsCorners(t *testing.T) {
	for _, c := range []struct {
		guessed [2][2]int
		unknown [2]int
		want    float64
	}{
		{[2][2]int{{20, 0}, {0, 20}}, [2]int{}, 0},
		{[2][2]int{{10, 10}, {10, 10}}, [2]int{}, 0.5},
		{[2][2]int{{0, 20}, {20, 0}}, [2]int{}, 1},
		{[2][2]int{}, [2]int{20, 20}, 1},
	} {
		j, ok := blinding.James(c.guessed, c.unknown, 0.95)
		if !ok {
			t.Fatalf("%v undefined", c)
		}
		near(t, "index", j.Value, c.want, 1e-12)
	}
	if _, ok := blinding.James([2][2]int{}, [2]int{}, 0.95); ok {
		t.Error("an index of nobody")
	}
	if _, ok := blinding.James([2][2]int{{9, 0}, {0, 0}}, [2]int{}, 0.95); ok {
		t.Error("an index of one arm")
	}
}

// To rename the arms changes nothing; ten times as many people with the same
// shares have the same index and an error smaller by √10; it stays in its range.
func TestJamesInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := func(what string) int { return rapid.IntRange(0, 40).Draw(rt, what) }
		g, u := [2][2]int{{n("a"), n("b")}, {n("c"), n("d")}}, [2]int{n("e"), n("f")}
		one, ok := blinding.James(g, u, 0.95)
		named, same := blinding.James([2][2]int{{g[1][1], g[1][0]}, {g[0][1], g[0][0]}}, [2]int{u[1], u[0]}, 0.95)
		if ok != same || math.Abs(one.Value-named.Value) > 1e-12 || math.Abs(one.SE-named.SE) > 1e-9 {
			rt.Fatalf("%+v, and with the arms renamed %+v", one, named)
		}
		if !ok {
			return
		}
		many, _ := blinding.James([2][2]int{{10 * g[0][0], 10 * g[0][1]}, {10 * g[1][0], 10 * g[1][1]}}, [2]int{10 * u[0], 10 * u[1]}, 0.95)
		if math.Abs(one.Value-many.Value) > 1e-12 || math.Abs(one.SE-many.SE*math.Sqrt(10)) > 1e-8 {
			rt.Fatalf("%+v, of ten times as many %+v", one, many)
		}
		if one.Low < 0 || one.High > 1 || one.Value < -1e-12 {
			rt.Fatalf("%+v", one)
		}
	})
}

// By hand: three people of four guesses each, 3 right and 1 wrong, 2 right, 1
// right and 3 wrong: BI = 2/12, residuals 4/3, 4/3 and −8/3, variance
// 3/2·(32/3)/144 = 1/9. With one guess each it is Bang's but for K/(K−1).
func TestBangOver(t *testing.T) {
	three := []blinding.Person{{Right: 3, Wrong: 1, N: 4}, {Right: 2, N: 4}, {Right: 1, Wrong: 3, N: 4}}
	b := blinding.BangOver(three, 0.8) // t of 2 degrees of freedom: 1.88561808316413
	if math.Abs(b.Value-1.0/6) > 1e-15 || math.Abs(b.SE-1.0/3) > 1e-15 || math.Abs(b.High-(1.0/6+1.88561808316413/3)) > 1e-12 {
		t.Errorf("%+v", b)
	}
	var people []blinding.Person
	for i := range 20 {
		switch {
		case i < 10:
			people = append(people, blinding.Person{Right: 1, N: 1})
		case i < 15:
			people = append(people, blinding.Person{Wrong: 1, N: 1})
		default:
			people = append(people, blinding.Person{N: 1})
		}
	}
	one, over := blinding.Bang(10, 5, 20, 0.95), blinding.BangOver(people, 0.95)
	if over.Value != one.Value || math.Abs(over.SE-one.SE*math.Sqrt(20.0/19)) > 1e-14 {
		t.Errorf("%+v, Bang %+v", over, one)
	}
	if w := blinding.BangOver(append(three[:1:1], blinding.Person{}), 0.95); w.Low != -1 || w.High != 1 || w.Value != 0.5 {
		t.Errorf("one person over people: %+v", w)
	}
}
