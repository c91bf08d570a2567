package table

import (
	"math"
	"strings"
	"testing"

	"dvala/fault"
)

// Three delimiters, a byte-order mark, quotes, short rows and empty ones.
func TestRead(t *testing.T) {
	for _, s := range []string{
		"\xef\xbb\xbfFrom,\"Light (s)\",to\r\na,\"1,5\",b\r\n,,\r\nc\r\n",
		"From;Light (s);to\na;1,5;b\n;;\nc\n",
		"From\tLight (s)\tto\na\t1,5\tb\n\nc\n",
	} {
		table, err := Read([]byte(s))
		if err != nil || !table.Has("from", "light s", "to") || table.Has("bis") {
			t.Fatalf("%q: %v", s, err)
		}
		rows := table.Rows()
		if len(rows) != 2 || *rows[0].Number("light s") != 1.5 || rows[0].Text("until", "to") != "b" || rows[1].Text("to") != "" || rows[1].At(9) != "" {
			t.Errorf("%q: %v", s, rows)
		}
	}
	if _, err := Read(nil); fault.CodeOf(err) != "table-empty" {
		t.Error(err)
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]float64{
		"7": 7, "-0.25": -0.25, "−0,25": -0.25, "1234,5": 1234.5, "1.234,5": 1234.5, "1,234.5": 1234.5, "1 234,5": 1234.5,
		"1 234": 1234, "1,234,567": 1234567, "92 %": 92, "1,5": 1.5, "1e3": 1000,
	} {
		if got := Number(s); got == nil || *got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
	for _, s := range []string{"", "-", "n/a", "NaN", "inf", "1:30", "0x10", "--", "1.2.3"} {
		if got := Number(s); got != nil {
			t.Errorf("%q: %v", s, *got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("von;bis;leicht (s)\n2024-02-07T00:15:00+01:00;2024-02-07T08:05:00+01:00;6120\n"))
	f.Add([]byte("a,\"b\nc\",d\n1,\"2\"\"\",3"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Read(b)
		if err != nil {
			return
		}
		for _, r := range table.Rows() {
			for i := range table.Heading {
				if v := Number(r.At(i)); v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
					t.Fatalf("%q is %v", r.At(i), *v)
				}
			}
		}
		for _, h := range table.Heading {
			if f := Fold(h); Fold(f) != f || strings.Contains(f, "  ") {
				t.Fatalf("%q folds to %q", h, f)
			}
		}
	})
}

// An empty cell between tabs is a cell.
func TestEmptyCellBetweenTabs(t *testing.T) {
	table, err := Read([]byte("a\tb\tc\n1\t\t3\n"))
	if err != nil || table.Rows()[0].Text("b") != "" || table.Rows()[0].Text("c") != "3" {
		t.Errorf("%v %v", table, err)
	}
}
