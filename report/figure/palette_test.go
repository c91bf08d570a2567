package figure

import (
	"math"
	"strconv"
	"testing"

	"dvala/sleep"
)

type rgb [3]float64 // linear, 0 … 1

func parseColour(t *testing.T, s string) rgb {
	t.Helper()
	if len(s) != 7 || s[0] != '#' {
		t.Fatalf("colour %q", s)
	}
	var c rgb
	for i := range c {
		v, err := strconv.ParseUint(s[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		x := float64(v) / 255
		if x <= 0.04045 { // IEC 61966-2-1
			c[i] = x / 12.92
		} else {
			c[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return c
}

type matrix [3]rgb

func (m matrix) times(c rgb) (out rgb) {
	for i := range out {
		for j := range c {
			out[i] += m[i][j] * c[j]
		}
		out[i] = math.Min(math.Max(out[i], 0), 1)
	}
	return out
}

// Complete deuteranopia and protanopia in linear RGB: Machado, Oliveira and
// Fernandes 2009, doi:10.1109/TVCG.2009.113, table of severity 1.0.
var (
	deuteranopia = matrix{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}
	protanopia   = matrix{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}
	same         = matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
)

// lab gives CIE 1976 L*a*b* under D65.
func lab(c rgb) [3]float64 {
	xyz := [3]float64{
		(0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505,
		0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2],
		(0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089,
	}
	for i, v := range xyz {
		if v > 0.008856 {
			xyz[i] = math.Cbrt(v)
		} else {
			xyz[i] = 7.787*v + 16.0/116
		}
	}
	return [3]float64{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}

// apart is the distance ΔE*ab: about 2 can just be told apart side by side.
func apart(a, b rgb) float64 {
	p, q := lab(a), lab(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

func luminance(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast as WCAG 2 defines it.
func contrast(a, b rgb) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestColoursStayApartForTheColourBlind(t *testing.T) {
	stages := []sleep.Stage{sleep.W, sleep.R, sleep.N1, sleep.Light, sleep.N2, sleep.N3}
	for name, eye := range map[string]matrix{"usual": same, "deuteranopia": deuteranopia, "protanopia": protanopia} {
		for _, dark := range []bool{false, true} {
			pick := func(x Tint) rgb {
				if dark {
					return eye.times(parseColour(t, x.Dark))
				}
				return eye.times(parseColour(t, x.Light))
			}
			for i, a := range stages {
				for _, b := range stages[i+1:] {
					if a == sleep.Light || b == sleep.Light {
						continue // light stands for N1 and N2 together and never beside them
					}
					x, _ := StageTint(a)
					y, _ := StageTint(b)
					if d := apart(pick(x), pick(y)); d < 14 {
						t.Errorf("%s, dark %v: %s and %s are %.1f apart", name, dark, a, b, d)
					}
				}
			}
			paper := eye.times(parseColour(t, map[bool]string{false: ground[0].tint.Light, true: ground[0].tint.Dark}[dark]))
			for _, a := range armTints {
				if c := contrast(pick(a.tint), paper); c < 3 {
					t.Errorf("%s, dark %v: %s has contrast %.1f on paper", name, dark, a.class, c)
				}
			}
			if d := apart(pick(armTints[0].tint), pick(armTints[1].tint)); d < 10 {
				t.Errorf("%s, dark %v: treatment and comparator are %.1f apart", name, dark, d)
			}
		}
	}
}

// Text is legible: WCAG AAA for what is read, AA for what is beside it.
func TestTextContrast(t *testing.T) {
	g := map[string]Tint{}
	for _, x := range ground {
		g[x.name] = x.tint
	}
	for _, c := range []struct {
		on, text string
		least    float64
	}{{"paper", "ink", 7}, {"band", "ink", 7}, {"wash", "ink", 7}, {"paper", "muted", 4.5}, {"wash", "muted", 4.5}, {"paper", "accent", 4.5}} {
		if k := contrast(parseColour(t, g[c.on].Light), parseColour(t, g[c.text].Light)); k < c.least {
			t.Errorf("light: %s on %s has %.1f", c.text, c.on, k)
		}
		if k := contrast(parseColour(t, g[c.on].Dark), parseColour(t, g[c.text].Dark)); k < c.least {
			t.Errorf("dark: %s on %s has %.1f", c.text, c.on, k)
		}
	}
}
