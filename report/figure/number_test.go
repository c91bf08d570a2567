package figure

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Written out by hand.
func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Three(12.345), "12.3"},
		{Three(-0.0012345), "−0.00123"},
		{Three(0), "0.0"},
		{Three(9.996), "10.0"},
		{Three(999.6), "1000"},
		{Three(123456), "123,456"},
		{Three(0.9996), "1.00"},
		{Fixed(-0.04, 1), "0.0"},
		{Fixed(math.NaN(), 1), "–"},
		{Fixed(1234, 0), "1234"},
		{Fixed(-12345.6, 1), "−12,345.6"},
		{Fixed(1e308, 2), "1.00 × 10^308"},
		{Given(6), "6"},
		{Given(0.5), "0.5"},
		{Given(-1.25), "−1.25"},
		{Given(1.0 / 3), "0.333"},
		{P(0.61), "= 0.61"},
		{P(0.613), "= 0.61"},
		{P(0.0421), "= 0.042"},
		{P(0.00213), "= 0.0021"},
		{P(0.0009), "< 0.001"},
		{P(0), "< 0.001"},
		{P(1), "> 0.99"},
		{P(0.0999), "= 0.10"},
		{P(0.05), "= 0.050"},
		{P(0.99), "= 0.99"},
		{P(2), "–"},
		{P(math.NaN()), "–"},
		{CountOf(25, 40), "25 (63\u202f%)"},
		{CountOf(1, 3), "1 (33\u202f%)"},
		{CountOf(1, 300), "1 (0.3\u202f%)"},
		{CountOf(0, 0), "0 (–)"},
		{Maybe(nil), "–"},
		{PCell(nil), "–"},
		{Trim("2.50"), "2.5"},
		{Trim("2.00"), "2"},
		{Trim("200"), "200"},
		{Coord(-0.001), "0"},
		{Coord(1.005), "1"},
		{Coord(12.3456), "12.35"},
		{Coord(math.Inf(1)), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if d := Decimals(0.412, -1.18, 2.04); d != 2 {
		t.Errorf("an estimate and its interval: %d decimals", d)
	}
}

// A p-value is never 0 and never 1, has no hyphen, and larger p read no smaller.
func TestPProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		s := P(p)
		if strings.Trim(s, "=<> 0.") == "" || strings.Contains(s, "1.0") || strings.Contains(s, "-") {
			t.Fatalf("P(%v) = %q", p, s)
		}
	})
}

func TestFixedNeverWritesNegativeZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, d := rapid.Float64Range(-1e6, 1e6).Draw(t, "v"), rapid.IntRange(0, 6).Draw(t, "d")
		s := Fixed(v, d)
		if strings.HasPrefix(s, Minus) && strings.Trim(s[len(Minus):], "0.") == "" {
			t.Fatalf("%v with %d decimals: %q", v, d, s)
		}
		if strings.Contains(s, "-") {
			t.Fatalf("a hyphen: %q", s)
		}
	})
}
