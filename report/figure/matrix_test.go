package figure

import (
	"strings"
	"testing"
)

// Shares of the rows by hand: 87.5 and 12.5 per cent of 8; a row without epochs has
// none. A share of 7/8 is 0.6 · 0.875 = 0.53 opaque.
func TestErrorMatrix(t *testing.T) {
	m := ErrorMatrix{ID: "m", Title: "Errors", Across: "device", Down: "reference", Classes: []string{"W", "R"}, N: [][]int{{7, 1}, {0, 0}}}
	if got := m.Describe(); got != "Called the same, of the epochs of each stage (rows: reference; columns: device): W 87.5\u202f%, R –." {
		t.Error(got)
	}
	rows := m.Table().Rows
	if rows[0][1] != "7 (87.5\u202f%)" || rows[0][2] != "1 (12.5\u202f%)" || rows[0][3] != "8" || rows[1][1] != "0 (–)" {
		t.Errorf("%q", rows)
	}
	svg := m.SVG().Inline()
	for _, want := range []string{`fill-opacity="0.53"`, `fill-opacity="0.08"`, `fill-opacity="0"`, ">87.5\u202f%<", "<desc"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	if got := (ErrorMatrix{}).Describe(); got != "There are no epochs." {
		t.Error(got)
	}
}
