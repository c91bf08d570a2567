package swedish

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func marked(s string) string { return "⟦" + s + "⟧" }

// Written by hand.
func TestText(t *testing.T) {
	in := NewReader(map[string]string{"Placebo": "Placebo", "Sleep quality in the diary": "Sömnkvalitet i dagboken", "Magnesium": "Magnesium"}, marked)
	for _, c := range []struct{ english, want string }{
		{"After 21 days", "Efter 21 dagar"},
		{"at days 7, 14 and 21", "dagarna 7, 14 och 21"},
		{"nights 15 to 21 of each period", "nätterna 15 till 21 i varje period"},
		{"In those who take it, after 21 days", "Hos dem som tar den, efter 21 dagar"},
		{"Difference in means, magnesium minus placebo", "Skillnad i medelvärden, magnesium minus placebo"},
		{"no value in period 2: left the trial: no time", "inget värde i period 2: lämnade prövningen: hade inte tid"},
		{"counts as 28.5 points from then on", "räknas som 28,5 poäng från och med då"},
		{"Sleep quality in the diary, at day 21 (points; higher is better)", "Sömnkvalitet i dagboken, dag 21 (poäng; högre är bättre)"},
		{"1. Sleep quality in the diary, at day 21 (points; higher is better). What she wants to know.", "1. Sömnkvalitet i dagboken, dag 21 (poäng; högre är bättre). ⟦What she wants to know.⟧"},
		{"Difference in means, honey minus placebo", "Skillnad i medelvärden, ⟦honey⟧ minus placebo"},
		{"Nobody knows", "⟦Nobody knows⟧"},
		{"12,345.6", "12\u00a0345,6"},
		{"", ""},
	} {
		if got := in.Text(c.english); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.english, got, c.want)
		}
	}
	if in.Understood("Difference in means, honey minus placebo") || !in.Understood("After 21 days") {
		t.Error("what is understood")
	}
}

// A label keeps its own capitals, and a first letter of any alphabet is handled.
func TestLabels(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{InText("Ångest"), "ångest"},
		{InText("REM-sömn"), "REM-sömn"},
		{InText("Återhämtande sömn (RSQ)"), "återhämtande sömn (RSQ)"},
		{InText("\ue000Magnesium\ue001"), "\ue000magnesium\ue001"},
		{Capital("återhämtande"), "Återhämtande"},
		{Capital(""), ""},
		{Unit("points"), "poäng"},
		{Unit("mg/dl"), "mg/dl"},
		{UnitOne("cups"), "kopp"},
		{UnitOne("glasses"), "glas"},
		{Number("−0.5"), "−0,5"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// No text stops the reader, takes it long, or makes it lose its last letter of
// sense: what it gives is text, and never nothing for something.
func FuzzText(f *testing.F) {
	for english := range Words() {
		f.Add(english)
	}
	f.Add(strings.Repeat("a, b and c; ", 300))
	f.Add("%s%s%[9]s")
	f.Add("\xff. \xfe")
	f.Fuzz(func(t *testing.T, s string) {
		in := NewReader(map[string]string{"Placebo": "Placebo"}, marked)
		got := in.Text(s)
		if strings.TrimSpace(s) != "" && got == "" {
			t.Errorf("%q gives nothing", s)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q gives %q", s, got)
		}
		if again := NewReader(map[string]string{"Placebo": "Placebo"}, marked).Text(s); again != got {
			t.Errorf("%q gives %q and %q", s, got, again)
		}
	})
}
