package figure

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"dvala/sleep"
	"pgregory.net/rapid"
)

func ptr(v float64) *float64 { return &v }

// wellFormed reads a picture as XML and gives the names of its elements.
func wellFormed(t interface {
	Helper()
	Fatalf(string, ...any)
}, svg string,
) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	var names []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%.300s", err, svg)
		}
		if s, ok := tok.(xml.StartElement); ok {
			names = append(names, s.Name.Local)
		}
	}
}

func anyText(t *rapid.T, name string) string {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `"><script>x</script>`, "a & b", "\x00\xff\u202e", strings.Repeat("long", 40)})).Draw(t, name)
}

func anyNumber(t *rapid.T, name string) *float64 {
	if rapid.Bool().Draw(t, name+" is there") {
		return ptr(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0})).Draw(t, name))
	}
	return nil
}

// Whatever is handed in, a picture is well-formed, has a title and a
// description, holds no element of the input's making, and comes out alike
// twice.
func TestPicturesHoldAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]float64{328, 800}).Draw(t, "width")
		var row []ForestRow
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			row = append(row, ForestRow{
				Label: anyText(t, "label"), Note: anyText(t, "note"), Value: anyText(t, "value"),
				Estimate: anyNumber(t, "e"), Low: anyNumber(t, "l"), High: anyNumber(t, "h"), Band: rapid.Float64Range(0, 1e9).Draw(t, "band"),
			})
		}
		box := Box{Head: anyText(t, "head"), Lines: []string{anyText(t, "line"), "\t" + anyText(t, "line")}}
		var points []SeriesPoint
		for i := range rapid.IntRange(0, 15).Draw(t, "points") {
			points = append(points, SeriesPoint{Day: i*rapid.IntRange(1, 3).Draw(t, "gap") - 7, N: i, Mean: anyNumber(t, "m"), Low: anyNumber(t, "pl"), High: anyNumber(t, "ph")})
		}
		look := Looks([]bool{false, true})
		shares := rapid.SliceOfN(rapid.Float64(), 0, 8).Draw(t, "shares")
		for name, draw := range map[string]func() *Canvas{
			"forest": Forest{ID: anyText(t, "id"), Title: anyText(t, "title"), Width: width, Axis: anyText(t, "axis"), Left: anyText(t, "left"), Right: "r", Rows: row}.SVG,
			"flow":   Flow{ID: "f", Title: "t", Width: width, Assessed: box, Excluded: box, Randomised: box, Stages: []string{"A", "B"}, Columns: [][]Box{{box, box}, {box}, {}}}.SVG,
			"series": Series{ID: "s", Title: "t", Width: 328, Height: 220, Unit: anyText(t, "unit"), Arms: []SeriesArm{{Label: anyText(t, "arm"), Look: look[0], Points: points}, {Look: look[1], Points: points}}}.SVG,
			"night":  Night{ID: "n", Title: "t", Width: 400, Height: 280, Arm: anyText(t, "arm"), From: "lights off", StepMin: rapid.Float64Range(-1, 30).Draw(t, "step"), Nights: []int{3, 2, 0, 1}, Shares: map[sleep.Stage][]float64{sleep.N2: shares, sleep.Unscored: shares}}.SVG,
		} {
			one := draw().Inline()
			names := wellFormed(t, one)
			if one != draw().Inline() {
				t.Fatalf("%s: two drawings differ", name)
			}
			for _, n := range names {
				if !strings.Contains(" svg title desc g line rect circle path text defs pattern ", " "+n+" ") {
					t.Fatalf("%s: element %q", name, n)
				}
			}
			if !strings.Contains(one, "<title") || !strings.Contains(one, "<desc") || strings.Contains(one, "NaN") || strings.Contains(one, "Inf") {
				t.Fatalf("%s: %.400s", name, one)
			}
		}
	})
}

// A small picture, byte for byte: what changes here changes in every report.
// To accept a change: DVALA_GOLDEN=write go test ./report/figure
func TestForestBytes(t *testing.T) {
	f := Forest{
		ID: "Primary", Title: "Difference in ISI", Width: 640, Axis: "Difference (points)", Left: "in favour of A", Right: "in favour of B",
		Rows: []ForestRow{{Label: "ISI <28>", Note: "at day 21", Value: "−2.31 (−3.94 to −0.68)", Estimate: ptr(-2.31), Low: ptr(-3.94), High: ptr(-0.68), Band: 6}},
	}
	wellFormed(t, string(f.SVG().File()))
	got := []byte(f.SVG().Inline() + "\n")
	wellFormed(t, string(got))
	name := filepath.Join("testdata", "forest.svg")
	if os.Getenv("DVALA_GOLDEN") == "write" {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("differs from %s:\n%s", name, got)
	}
}

// The interval is drawn where it lies: by hand on an axis of −10 … 10 that runs
// from 216 to 460, zero is at 338 and a unit is 12.2 wide.
func TestForestPlaces(t *testing.T) {
	f := Forest{ID: "x", Width: 640, Span: &[2]float64{-10, 10}, Rows: []ForestRow{{Label: "a", Estimate: ptr(5), Low: ptr(0), High: ptr(10)}}}
	svg := f.SVG().Inline()
	if !strings.Contains(svg, `<line class="ci" x1="338" y1="25" x2="460" y2="25"/>`) {
		t.Error("the interval is not where it should be")
	}
	if !strings.Contains(svg, `x="394.5"`) { // 338 + 5·12.2 − 4.5
		t.Error("the estimate is not where it should be")
	}
}

func TestTablesSayWhatIsDrawn(t *testing.T) {
	s := Series{Title: "X", Unit: "min", Arms: []SeriesArm{
		{Label: "A", Points: []SeriesPoint{{Day: -1, N: 3, Mean: ptr(1.5), Low: ptr(1), High: ptr(2)}, {Day: 2, N: 2, Mean: ptr(12.3)}}},
		{Label: "B", Points: []SeriesPoint{{Day: 2, N: 4}}},
	}}
	tb := s.Table()
	want := [][]string{{"−1", "1.50 (1.00 to 2.00)", "3", "–", "–"}, {"2", "12.3", "2", "–", "4"}}
	if len(tb.Rows) != 2 || strings.Join(tb.Rows[0], "|") != strings.Join(want[0], "|") || strings.Join(tb.Rows[1], "|") != strings.Join(want[1], "|") {
		t.Errorf("%q", tb.Rows)
	}
	n := Night{Arm: "A", StepMin: 30, Nights: []int{1, 3, 4}, Shares: map[sleep.Stage][]float64{sleep.N2: {1, 0.5, 0.25}, sleep.W: {0, 0.5, 0.75}}}
	// Weighed by nights, by hand: hour 0 N2 = (1·1 + 3·0.5)/4 = 62.5 %.
	if got := n.Table().Rows[0]; got[2] != "63\u202f%" || got[1] != "38\u202f%" {
		t.Errorf("%q of %q", got, n.Table().Head)
	}
	if got := n.Table().Rows[1]; got[3] != "4" || got[2] != "25\u202f%" {
		t.Errorf("%q", got)
	}
}

func TestStackIsInTheOrderOfAHypnogram(t *testing.T) {
	sh := map[sleep.Stage][]float64{}
	for _, s := range sleep.Stages() {
		sh[s] = []float64{0.125}
	}
	n := Night{StepMin: 5, Nights: []int{1}, Shares: sh}
	var got []string
	for _, s := range n.Present() {
		got = append(got, s.String())
	}
	if j := strings.Join(got, " "); j != "? W S R N1 L N2 N3" {
		t.Errorf("from the top: %s", j)
	}
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, w := anyText(t, "text"), rapid.Float64Range(5, 300).Draw(t, "width")
		lines := Wrap(s, w, 12)
		if got, want := strings.Join(lines, ""), strings.Join(strings.FieldsFunc(s, breaks), ""); strings.ReplaceAll(got, " ", "") != want {
			t.Fatalf("letters are lost: %q of %q", got, want)
		}
		for _, l := range lines {
			if Width(l, 12) > w && utf8.RuneCountInString(l) > 1 {
				t.Fatalf("%q is wider than %v", l, w)
			}
		}
	})
	if got := strings.Join(Wrap("Allocated to Placebo (n\u00a0=\u00a040)", 130, 12), "|"); got != "Allocated to Placebo|(n\u00a0=\u00a040)" {
		t.Errorf("%q", got)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		n        int
		want     string
	}{
		{-6.7, 6.7, 5, "−5 0 5"}, {0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0"}, {-0.013, 0.021, 4, "−0.01 0.00 0.01 0.02"}, {380, 420, 4, "380 390 400 410 420"}, {3, 3, 4, "3.00"},
	} {
		at, d := Ticks(c.from, c.to, c.n)
		var got []string
		for _, v := range at {
			got = append(got, Fixed(v, d))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v … %v: %v, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestLooksAreTold(t *testing.T) {
	for _, arms := range [][]bool{{false, true}, {true, false}, {false, false, true}, {false, false, false, true}} {
		seen := map[Look]bool{}
		shapes := map[[2]int]bool{}
		for i, l := range Looks(arms) {
			if seen[l] || l.Hollow != arms[i] {
				t.Errorf("%v: look %d is %+v", arms, i, l)
			}
			seen[l] = true
			h := 0
			if l.Hollow {
				h = 1
			}
			if shapes[[2]int{int(l.Shape), h}] {
				t.Errorf("%v: arm %d is told apart by colour alone", arms, i)
			}
			shapes[[2]int{int(l.Shape), h}] = true
		}
	}
}
