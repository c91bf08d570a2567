package figure

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
)

// Spectrogram is the power of one channel over time and frequency, on the same
// axis as a Hypnogram of the same width, so that one can stand above the other.
type Spectrogram struct {
	ID, Title string
	Channel   string
	Width     float64     // 720 if 0
	Hours     float64     // length of the axis: that of the hypnogram
	Offset    float64     // hours from the start of the axis to the first column
	Seconds   float64     // of a column
	Step      float64     // Hz from one row to the next, the first being 0
	Density   [][]float64 // µV² per Hz, a column each; nil where there is none
	Top       float64     // Hz; 25 if 0
}

const (
	specTop    = 26.0 // room for the scale of colours
	specHeight = 120.0
)

// shades go from little power to much; each is lighter than the one before, so
// that they can be told apart in grey too.
var shades = []color.NRGBA{{0x0e, 0x13, 0x20, 255}, {0x1b, 0x3a, 0x6b, 255}, {0x4f, 0x8f, 0xc0, 255}, {0xe3, 0xa2, 0x3b, 255}, {0xfb, 0xf3, 0xde, 255}}

// shade gives the colour of a share 0 … 1.
func shade(v float64) color.NRGBA {
	v = min(max(v, 0), 1) * float64(len(shades)-1)
	i := min(int(v), len(shades)-2)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (v-float64(i))*(float64(b)-float64(a)))) }
	a, b := shades[i], shades[i+1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

func (s Spectrogram) top() float64 {
	if s.Top > 0 {
		return s.Top
	}
	return 25
}

// rows is how many frequencies are shown.
func (s Spectrogram) rows() int {
	n := 0
	for _, c := range s.Density {
		n = max(n, len(c))
	}
	if !(s.Step > 0) {
		return 0
	}
	return int(math.Min(float64(n), math.Floor(s.top()/s.Step)+1))
}

// decibels gives 10·log10 of a density; ok is false for none and for 0.
func decibels(v float64) (db float64, ok bool) {
	return 10 * math.Log10(v), v > 0 && !math.IsInf(v, 0)
}

// limits are the 2nd and the 98th percentile of all that is shown, in dB.
func (s Spectrogram) limits() (low, high float64, ok bool) {
	var all []float64
	for _, c := range s.Density {
		for _, v := range c[:min(len(c), s.rows())] {
			if db, ok := decibels(v); ok {
				all = append(all, db)
			}
		}
	}
	if len(all) == 0 {
		return 0, 0, false
	}
	slices.Sort(all)
	low, high = all[len(all)*2/100], all[(len(all)-1)*98/100]
	if high <= low {
		high = low + 1
	}
	return low, high, true
}

// SVG draws the picture.
func (s Spectrogram) SVG() *Canvas {
	width := s.Width
	if !(width > 0) {
		width = 720
	}
	bottom := specTop + specHeight
	c := NewCanvas(s.ID, width, bottom+8, s.Title, s.Describe())
	low, high, ok := s.limits()
	if !ok || !(s.Hours > 0) || !(s.Seconds > 0) {
		c.Text("dim mid", width/2, bottom/2, "no spectrum")
		return c
	}
	x := Scale{0, s.Hours, hypLeft, width - hypRight}
	y := Scale{0, s.top(), bottom, specTop}
	c.Rect("wash", hypLeft, specTop, width-hypRight-hypLeft, specHeight)
	from, to := x.At(s.Offset), x.At(s.Offset+float64(len(s.Density))*s.Seconds/3600)
	clip := c.Local("clip")
	c.Open("clipPath", At("id", clip))
	c.Rect("", hypLeft, specTop, width-hypRight-hypLeft, specHeight)
	c.Close()
	height := float64(s.rows()) * s.Step / s.top() * specHeight
	c.Empty("image", Num("x", from), Num("y", bottom-height), Num("width", to-from), Num("height", height),
		At("preserveAspectRatio", "none"), At("clip-path", "url(#"+clip+")"), At("href", s.raster(low, high)))
	for hz := 0.0; hz <= s.top(); hz += 5 {
		c.Line("axis", hypLeft-4, y.At(hz), hypLeft, y.At(hz))
		c.Text("small end", hypLeft-8, y.At(hz)+4, strconv.Itoa(int(hz)))
	}
	c.Text("small dim", 4, specTop-10, "Hz")
	s.scale(c, width-hypRight, low, high)
	return c
}

// scale draws which colour is how much.
func (s Spectrogram) scale(c *Canvas, right, low, high float64) {
	const wide = 110.0
	unit := " dB re 1 µV²/Hz"
	after := Width(Fixed(high, 0)+unit, 11) + 6
	left := right - after - wide
	id := c.Local("shades")
	c.Open("linearGradient", At("id", id))
	for i, v := range shades {
		c.Empty("stop", At("offset", fmt.Sprintf("%d%%", 100*i/(len(shades)-1))), At("stop-color", fmt.Sprintf("#%02x%02x%02x", v.R, v.G, v.B)))
	}
	c.Close()
	c.Empty("rect", At("fill", "url(#"+id+")"), Num("x", left), Num("y", 6), Num("width", wide), Num("height", 9))
	c.Text("small dim end", left-5, 14.5, Fixed(low, 0))
	c.Text("small dim", left+wide+5, 14.5, Fixed(high, 0)+unit)
	c.Text("small", hypLeft, 14.5, s.Channel)
}

// raster is one pixel a column and frequency, lowest frequency at the foot.
func (s Spectrogram) raster(low, high float64) string {
	rows := s.rows()
	img := image.NewNRGBA(image.Rect(0, 0, len(s.Density), rows))
	for col, spectrum := range s.Density {
		for k, v := range spectrum[:min(len(spectrum), rows)] {
			if db, ok := decibels(v); ok {
				img.SetNRGBA(col, rows-1-k, shade((db-low)/(high-low)))
			}
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return "data:," // cannot happen: the image has an area and the buffer takes all
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// Describe tells the picture in a sentence.
func (s Spectrogram) Describe() string {
	low, high, ok := s.limits()
	if !ok {
		return "No spectrum."
	}
	return fmt.Sprintf("Power of %s from 0 to %g Hz in columns of %g s; colours from %s to %s dB.", s.Channel, s.top(), s.Seconds, Fixed(low, 0), Fixed(high, 0))
}

// Table gives the mean density of bands by hour, in dB.
func (s Spectrogram) Table() Table {
	bands := []struct {
		name     string
		from, to float64
	}{{"0.5–4 Hz", 0.5, 4}, {"4–8 Hz", 4, 8}, {"8–12 Hz", 8, 12}, {"12–16 Hz", 12, 16}, {"16–25 Hz", 16, 25}}
	t := Table{Caption: "Mean power density of " + s.Channel + " by hour, in dB re 1 µV²/Hz", Head: []string{"Hour"}}
	for _, b := range bands {
		t.Head = append(t.Head, b.name)
	}
	if !(s.Seconds > 0) || !(s.Step > 0) {
		return t
	}
	per := int(math.Max(math.Min(math.Round(3600/s.Seconds), 1e6), 1))
	for from := 0; from < len(s.Density); from += per {
		row := []string{fmt.Sprintf("%d–%d", from/per, from/per+1)}
		for _, b := range bands {
			sum, n := 0.0, 0
			for _, c := range s.Density[from:min(from+per, len(s.Density))] {
				for k, v := range c {
					if f := float64(k) * s.Step; f >= b.from && f < b.to {
						sum, n = sum+v, n+1
					}
				}
			}
			cell := Dash
			if db, ok := decibels(sum / float64(max(n, 1))); ok {
				cell = Fixed(db, 1)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
