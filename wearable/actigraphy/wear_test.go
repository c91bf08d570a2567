package actigraphy

import (
	"fmt"
	"strings"
	"testing"

	"dvala/sleep"
)

// counts makes minutes of runs: "90x0 2x50" is ninety of 0 and two of 50; a
// question mark is unknown.
func counts(t testing.TB, runs string) []Minute {
	t.Helper()
	var out []Minute
	for _, r := range strings.Fields(runs) {
		var n int
		var what string
		if _, err := fmt.Sscanf(strings.Replace(r, "x", " ", 1), "%d %s", &n, &what); err != nil {
			t.Fatal(r, err)
		}
		m := Minute{Known: what != "?"}
		if m.Known {
			if _, err := fmt.Sscan(what, &m.Counts); err != nil {
				t.Fatal(err)
			}
		}
		for range n {
			out = append(out, m)
		}
	}
	return out
}

// away tells the runs not worn, as from+length.
func away(off []bool) string {
	s := ""
	for i := 0; i < len(off); i++ {
		if !off[i] {
			continue
		}
		j := i
		for j < len(off) && off[j] {
			j++
		}
		s += fmt.Sprintf("%d+%d ", i, j-i)
		i = j
	}
	return strings.TrimSpace(s)
}

// A sentence of Choi's rule to a line, at its borders.
func TestChoiByHand(t *testing.T) {
	for in, want := range map[string]string{
		"5x9 89x0 5x9":                   "",
		"5x9 90x0 5x9":                   "5+90",
		"5x9 45x0 2x999 45x0 5x9":        "5+92",
		"5x9 45x0 3x9 45x0 5x9":          "",
		"5x9 30x0 2x9 60x0 5x9":          "5+92",
		"5x9 29x0 2x9 60x0 5x9":          "",
		"5x9 29x0 2x9 90x0 5x9":          "36+90",
		"5x9 45x0 1x9 1x0 1x9 45x0 5x9":  "", // one zero between two movements is movement: three minutes
		"45x0 1x9 45x0":                  "0+91",
		"5x9 60x0 1x? 60x0":              "",
		"5x9 60x0 1x9 40x0 1x9 60x0 5x9": "5+162",
		"200x9":                          "",
		"":                               "",
	} {
		if got := away(Choi(counts(t, in), Choi2011)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestTroianoByHand(t *testing.T) {
	for in, want := range map[string]string{
		"5x9 59x0 5x9":             "",
		"5x9 60x0 5x9":             "5+60",
		"5x9 30x0 2x100 30x0 5x9":  "5+62",
		"5x9 30x0 1x101 30x0 5x9":  "",
		"5x9 30x0 3x9 30x0 5x9":    "",
		"5x9 30x0 2x9 1x101 40x0":  "",
		"5x9 60x0 2x9 5x101":       "5+60",
		"2x9 60x0":                 "2+60",
		"5x9 40x0 1x? 40x0 5x9":    "",
		"5x9 58x0 1x9 1x0 1x9 5x0": "5+66",
	} {
		if got := away(Troiano(counts(t, in), Troiano2008)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestBoutsByHand(t *testing.T) {
	for in, want := range map[string]string{
		"30W 160S 30W":               "[{30 190 true}]",
		"30W 159S 30W":               "[]",
		"30W 4S 1W 200S 30W":         "[{35 235 true}]",
		"30W 100S 9W 100S 30W":       "[{30 239 true}]",
		"30W 100S 10W 100S 30W":      "[]",
		"30W 200S 10W 60S 30W":       "[{30 230 true} {240 300 false}]",
		"30W 60S 60W 200S 30W":       "[{30 90 false} {150 350 true}]",
		"30W 60S 61W 200S 30W":       "[{151 351 true}]",
		"30W 40S 50W 40S 50W 200S":   "[{30 70 false} {120 160 false} {210 410 true}]",
		"30W 29S 10W 200S":           "[{69 269 true}]",
		"30W 200S 1? 200S":           "[{30 230 true} {231 431 true}]",
		"30W 200S 3W":                "[{30 233 true}]",
		"30W 600S 300W 45S 30W 600S": "[{30 630 true} {930 975 false} {1005 1605 true}]",
	} {
		stages, err := sleep.ParseStages(in, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(Bouts(stages, TudorLocke)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
