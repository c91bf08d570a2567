package voice

import (
	"math"
	"strings"
	"testing"
)

// Written out by hand: a decimal comma, a hard space between thousands, a true
// minus sign, and dates in words.
func TestNumbersInSwedish(t *testing.T) {
	w := In("sv")
	p := 0.0421
	low, high := -1.25, 12345.5
	for _, c := range []struct{ got, want string }{
		{w.Fixed(-1.5, 2), "−1,50"},
		{w.Fixed(-12345.6, 1), "−12\u00a0345,6"},
		{w.Fixed(-0.04, 1), "0,0"},
		{w.Fixed(math.NaN(), 1), "–"},
		{w.Fixed(1.5e300, 2), "1,50 × 10^300"},
		{w.Three(0.0012345), "0,00123"},
		{w.Given(0.5), "0,5"},
		{w.Trim("2,50"), "2,5"},
		{w.Trim("1\u00a0000"), "1\u00a0000"},
		{w.Range(&low, &high, 1), "−1,2 till 12\u00a0345,5"},
		{w.P(0.0001), "< 0,001"},
		{w.P(0.999), "> 0,99"},
		{w.PCell(&p), "0,042"},
		{w.CountOf(12, 40), "12 (30\u202f%)"},
		{w.Percent(0.125, 200), "12,5\u202f%"},
		{w.Date("2026-03-14"), "14\u00a0mars 2026"},
		{w.Date("2026-10-25T12:00:00Z"), "25\u00a0oktober 2026 kl.\u00a012.00.00 UTC"},
		{w.Date("soon"), "soon"},
		{Voice{}.Date("2026-03-14"), "2026-03-14"},
		{Voice{}.Fixed(12345.6, 1), "12,345.6"},
		{w.Say("yes"), "ja"},
		{w.Say("hours from %s", "x"), "timmar från x"},
		{Voice{}.Say("hours from %s", "x"), "hours from x"},
		{w.Say("nobody says this"), "nobody says this"},
		{w.Lang() + Voice{}.Lang() + In("de").Lang(), "svenen"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Marks become elements where these can stand, and are dropped elsewhere.
func TestMarked(t *testing.T) {
	f := Foreign("sleep")
	for _, c := range []struct{ page, want string }{
		{"<p>så: " + f + ".</p>", `<p>så: <span lang="en">sleep</span>.</p>`},
		{"<svg><title>" + f + "</title><desc>" + f + "</desc><text>" + f + "</text></svg><p>" + f + "</p>", `<svg><title>sleep</title><desc>sleep</desc><text><tspan lang="en">sleep</tspan></text></svg><p><span lang="en">sleep</span></p>`},
		{"<svg><text>\ue000deep</text><text>sleep\ue001</text></svg>", `<svg><text><tspan lang="en">deep</tspan></text><text><tspan lang="en">sleep</tspan></text></svg>`},
		{`<div aria-label="` + f + `">a</div>`, `<div aria-label="sleep">a</div>`},
		{"<td>\ue000open</td><td>next</td>", `<td><span lang="en">open</span></td><td>next</td>`},
		{"no marks < here", "no marks < here"},
		{"", ""},
	} {
		if got := Marked(c.page); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.page, got, c.want)
		}
	}
	if Foreign(" ") != " " || Plain(f) != "sleep" {
		t.Error("nothing is marked as foreign, or a mark stays")
	}
}

// Whatever the page, no mark is left and no other letter is lost.
func FuzzMarked(f *testing.F) {
	f.Add("<p>" + Foreign("a") + "</p>")
	f.Add("<\ue000>")
	f.Add("</svg><svg/><title>")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		got := Marked(s)
		if strings.ContainsFunc(got, IsMark) {
			t.Errorf("%q leaves a mark: %q", s, got)
		}
		undo := strings.NewReplacer(`<span lang="en">`, "", "</span>", "", `<tspan lang="en">`, "", "</tspan>", "")
		if undo.Replace(got) != undo.Replace(Plain(s)) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
