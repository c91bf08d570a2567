package main

import (
	"strings"
	"testing"
	"time"

	"dvala/sleep"
)

// By hand, of W N2 N2 N3 N2 R R W N2: W to N2 twice; N2 to N2, N3, R once each of
// three; R to R and W once each. From sleep onset to the last sleep N2 has three
// bouts of 1 min, 0.5 and 0.5, wake one of 0.5.
func TestFurtherTables(t *testing.T) {
	h, err := sleep.NewHypnogram(time.Date(2026, 1, 1, 23, 0, 0, 0, time.UTC), 30*time.Second,
		[]sleep.Stage{sleep.W, sleep.N2, sleep.N2, sleep.N3, sleep.N2, sleep.R, sleep.R, sleep.W, sleep.N2})
	if err != nil {
		t.Fatal(err)
	}
	a, ok := sleep.ArchitectureOf(h, sleep.Lights{})
	if !ok {
		t.Fatal("nothing scored")
	}
	s := scored{Hypnogram: h, Architecture: a}
	p := s.probabilities()
	if p[sleep.W][sleep.N2] != 1 || p[sleep.N2][sleep.R] != 1.0/3 || p[sleep.R][sleep.W] != 0.5 || len(p[sleep.N3]) != 1 {
		t.Errorf("%v", p)
	}
	want := map[string]string{}
	for _, table := range s.furtherTables() {
		for _, row := range table.Rows {
			var line []string
			for _, c := range row {
				line = append(line, strings.TrimSpace(c.Text+" "+c.Sub))
			}
			want[strings.Join(line, "|")] = table.Caption
		}
	}
	for _, line := range []string{"N2|3|0.7|1.0", "wake|1|0.5|0.5", "N2|0.000 0|0.333 1|0.333 1|0.333 1", "third 1|0.0|1.0|0.3|0.0"} {
		if want[line] == "" {
			t.Errorf("no line %s in %q", line, want)
		}
	}
	if text := s.furtherText(); !strings.Contains(text, "third 3") || !strings.Contains(text, "0.333") {
		t.Error(text)
	}
}
