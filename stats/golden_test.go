package stats_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The golden cases are answers of R programs, kept beside the project rather
// than in it. DVALA_REFERENCE names their folder; without one these tests are
// skipped, and the packages' own small fixtures remain.

func golden(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("DVALA_REFERENCE")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "golden", "stats"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("golden case %s not found; set DVALA_REFERENCE to compare with R", strings.Join(parts, "/"))
	}
	return path
}

// tree is decoded JSON with a way to walk it by dotted path.
type tree struct {
	t testing.TB
	v any
}

func expected(t testing.TB, name string) tree {
	t.Helper()
	b, err := os.ReadFile(golden(t, name, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return tree{t, v}
}

func (n tree) at(path string) tree {
	n.t.Helper()
	v := n.v
	for _, k := range strings.Split(path, "/") {
		switch x := v.(type) {
		case map[string]any:
			w, ok := x[k]
			if !ok {
				n.t.Fatalf("golden case has no %s in %s", k, path)
			}
			v = w
		case []any:
			i, err := strconv.Atoi(k)
			if err != nil || i >= len(x) {
				n.t.Fatalf("golden case has no %s in %s", k, path)
			}
			v = x[i]
		default:
			n.t.Fatalf("golden case ends before %s in %s", k, path)
		}
	}
	return tree{n.t, v}
}

func (n tree) has(key string) bool {
	m, ok := n.v.(map[string]any)
	if !ok {
		return false
	}
	_, ok = m[key]
	return ok
}

func (n tree) num(path string) float64 {
	n.t.Helper()
	f, ok := n.at(path).v.(float64)
	if !ok {
		n.t.Fatalf("golden case: %s is %v, not a number", path, n.at(path).v)
	}
	return f
}

func (n tree) str(path string) string { s, _ := n.at(path).v.(string); return s }

func (n tree) list(path string) []tree {
	a, ok := n.at(path).v.([]any)
	if !ok {
		return []tree{n.at(path)}
	}
	out := make([]tree, len(a))
	for i, v := range a {
		out[i] = tree{n.t, v}
	}
	return out
}

func (n tree) nums(path string) []float64 {
	n.t.Helper()
	var out []float64
	for _, v := range n.list(path) {
		f, ok := v.v.(float64)
		if !ok {
			f = math.NaN()
		}
		out = append(out, f)
	}
	return out
}

// table is a CSV file by column name.
type table struct {
	n    int
	cols map[string][]string
}

func readCSV(t testing.TB, parts ...string) table {
	t.Helper()
	f, err := os.Open(golden(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := table{n: len(rows) - 1, cols: map[string][]string{}}
	for j, name := range rows[0] {
		for _, r := range rows[1:] {
			out.cols[name] = append(out.cols[name], strings.TrimSpace(r[j]))
		}
	}
	return out
}

// num gives a column as numbers, NaN where the cell is empty.
func (d table) num(name string) []float64 {
	out := make([]float64, d.n)
	for i, s := range d.cols[name] {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			v = math.NaN()
		}
		out[i] = v
	}
	return out
}

// keep drops the rows for which ok is false.
func (d table) keep(ok func(i int) bool) table {
	out := table{cols: map[string][]string{}}
	for i := range d.n {
		if !ok(i) {
			continue
		}
		out.n++
		for k, c := range d.cols {
			out.cols[k] = append(out.cols[k], c[i])
		}
	}
	return out
}

func filled(name string, d table) table {
	return d.keep(func(i int) bool { return d.cols[name][i] != "" && d.cols[name][i] != "NA" })
}

// near checks a relative difference, absolute where the wanted value is 0.
func near(t testing.TB, what string, got, want, tol float64) {
	t.Helper()
	if math.IsNaN(want) {
		t.Errorf("%s: nothing to compare with", what)
		return
	}
	d := math.Abs(got - want)
	if math.Abs(want) > 1e-12 {
		d /= math.Abs(want)
	}
	if !(d <= tol) {
		t.Errorf("%s: got %.15g, want %.15g (off by %.2g, allowed %.0e)", what, got, want, d, tol)
	}
}

func nearAll(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		near(t, fmt.Sprintf("%s[%d]", what, i), got[i], want[i], tol)
	}
}

// num2 gives one cell as a number.
func (d table) num2(name string, i int) float64 {
	v, err := strconv.ParseFloat(d.cols[name][i], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}
