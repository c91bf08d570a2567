package estimate

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dvala/protocol"
)

// checked reads a protocol of testdata.
func checked(t testing.TB, name string, change ...string) protocol.Checked {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(b), change...)
}

// parsed reads a protocol's text after replacing the old texts by the new.
func parsed(t testing.TB, text string, change ...string) protocol.Checked {
	t.Helper()
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(text, change[i]) {
			t.Fatalf("the fixture does not hold %q", change[i])
		}
		text = strings.ReplaceAll(text, change[i], change[i+1])
	}
	c, problems := protocol.Parse([]byte(text))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// reference gives a path below the folder of reference data, which lies beside
// the project.
func reference(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("DVALA_REFERENCE")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if filepath.Dir(dir) == dir {
				t.Fatal("no go.mod above the test")
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	path := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s not found; set DVALA_REFERENCE to the reference data", filepath.Join(parts...))
	}
	return path
}

// goldenTable reads a CSV of the golden statistics by column.
func goldenTable(t testing.TB, parts ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(reference(t, append([]string{"golden", "stats"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, v := range r {
			m[rows[0][i]] = strings.TrimSpace(v)
		}
		out = append(out, m)
	}
	return out
}

// goldenValue reads expected.json and walks to a value.
func goldenValue(t testing.TB, name, path string) any {
	t.Helper()
	b, err := os.ReadFile(reference(t, "golden", "stats", name, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for _, k := range strings.Split(path, "/") {
		switch x := v.(type) {
		case map[string]any:
			w, ok := x[k]
			if !ok {
				t.Fatalf("%s has no %s", name, path)
			}
			v = w
		case []any:
			i, err := strconv.Atoi(k)
			if err != nil || i >= len(x) {
				t.Fatalf("%s ends before %s", name, path)
			}
			v = x[i]
		}
	}
	return v
}

func goldenNumber(t testing.TB, name, path string) float64 {
	t.Helper()
	x, ok := goldenValue(t, name, path).(float64)
	if !ok {
		t.Fatalf("%s: %s is no number", name, path)
	}
	return x
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func near(t testing.TB, what string, got *float64, want, tol float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is absent, want %.12g", what, want)
		return
	}
	if !(math.Abs(*got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s is %.15g, want %.15g", what, *got, want)
	}
}

func mustJSON(t testing.TB, r Results) []byte {
	t.Helper()
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
