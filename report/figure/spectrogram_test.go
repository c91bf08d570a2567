package figure

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ramp(columns, rows int) Spectrogram {
	s := Spectrogram{ID: "s", Title: "Spectrogram", Channel: "C4-M1", Hours: float64(columns) / 120, Seconds: 30, Step: 0.25}
	for i := range columns {
		var c []float64
		for k := range rows {
			c = append(c, math.Pow(10, float64(i+k)/100))
		}
		s.Density = append(s.Density, c)
	}
	return s
}

// One pixel a column and frequency, low frequencies at the foot, more power
// lighter.
func TestSpectrogramRaster(t *testing.T) {
	s := ramp(240, 201)
	s.Density[3] = nil
	svg := s.SVG().Inline()
	wellFormed(t, svg)
	_, rest, ok := strings.Cut(svg, "data:image/png;base64,")
	if !ok {
		t.Fatal("no raster")
	}
	b, err := base64.StdEncoding.DecodeString(rest[:strings.IndexByte(rest, '"')])
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != 240 || img.Bounds().Dy() != 101 {
		t.Fatal(err, img.Bounds())
	}
	grey := func(x, y int) uint32 { r, g, b, _ := img.At(x, y).RGBA(); return r + g + b }
	if !(grey(0, 100) < grey(120, 50) && grey(120, 50) < grey(239, 0)) {
		t.Error("the foot of the first column is not darker than the head of the last")
	}
	if _, _, _, a := img.At(3, 50).RGBA(); a != 0 {
		t.Error("a column without a spectrum is painted")
	}
	if !slices.Equal([]byte(svg), []byte(ramp240().SVG().Inline())) {
		t.Error("two drawings differ")
	}
	if !strings.Contains(s.Describe(), "from 0 to 25 Hz in columns of 30 s") {
		t.Error(s.Describe())
	}
}

func ramp240() Spectrogram { s := ramp(240, 201); s.Density[3] = nil; return s }

// By hand: a density of 100 µV²/Hz is 20 dB.
func TestSpectrogramTable(t *testing.T) {
	s := Spectrogram{Channel: "x", Hours: 1, Seconds: 30, Step: 1}
	for range 120 {
		s.Density = append(s.Density, slices.Repeat([]float64{100}, 13))
	}
	tab := s.Table()
	if len(tab.Rows) != 1 || strings.Join(tab.Rows[0], " ") != "0–1 20.0 20.0 20.0 20.0 "+Dash {
		t.Error(tab.Rows)
	}
}

func TestSpectrogramOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Spectrogram{ID: anyText(t, "id"), Title: anyText(t, "title"), Channel: anyText(t, "channel")}
		for _, v := range []*float64{&s.Width, &s.Hours, &s.Offset, &s.Seconds, &s.Step} {
			if n := anyNumber(t, "number"); n != nil {
				*v = min(*n, 1e6)
			}
		}
		for range rapid.IntRange(0, 5).Draw(t, "columns") {
			var c []float64
			for range rapid.IntRange(0, 5).Draw(t, "rows") {
				if n := anyNumber(t, "density"); n != nil {
					c = append(c, *n)
				}
			}
			s.Density = append(s.Density, c)
		}
		wellFormed(t, s.SVG().Inline())
		s.Table()
	})
}
