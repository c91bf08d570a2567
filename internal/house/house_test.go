package house

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const root = "../.."

// The tree as it stands breaks no wall.
func TestHouseStands(t *testing.T) {
	broken, err := Broken(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
}

// Each rule is seen to fail when it is broken, so that a check that checks
// nothing cannot pass.
func TestBreachesAreSeen(t *testing.T) {
	cases := []struct{ name, file, src, want string }{
		{"unlisted package", "attic/a.go", "// Package attic.\npackage attic\n", "in no room"},
		{"file at the root", "a.go", "// Package x.\npackage x\n", "in no room"},
		{"leads up", "sleep/a.go", "// Package sleep.\npackage sleep\nimport _ \"dvala/study\"\n", "leads up"},
		{"neighbour", "edf/a.go", "// Package edf.\npackage edf\nimport _ \"dvala/wearable/oura\"\n", "no door"},
		{"the report cannot see a list", "report/a.go", "// Package report.\npackage report\nimport _ \"dvala/alloc\"\n", "only custody"},
		{"study cannot open an envelope", "study/a.go", "// Package study.\npackage study\nimport _ \"dvala/seal/open\"\n", "only custody"},
		{"the server cannot reach the custodian", "ui/a.go", "// Package ui.\npackage ui\nimport _ \"dvala/custody\"\n", "only simulate"},
		{"disk in pure code", "stats/lmm/a.go", "// Package lmm.\npackage lmm\nimport _ \"os/exec\"\n", "no I/O"},
		{"old randomness", "stats/a.go", "// Package stats.\npackage stats\nimport _ \"math/rand\"\n", "no I/O"},
		{"clock", "study/a.go", "// Package study.\npackage study\nimport \"time\"\nvar t = time.Now()\n", "time is handed in"},
		{"clock by another name", "study/a.go", "// Package study.\npackage study\nimport tid \"time\"\nvar t = tid.Since\n", "time is handed in"},
		{"global randomness", "stats/a.go", "// Package stats.\npackage stats\nimport \"math/rand/v2\"\nvar x = rand.IntN(2)\n", "generator is handed in"},
		{"secret randomness in science", "stats/a.go", "// Package stats.\npackage stats\nimport _ \"crypto/rand\"\n", "must not be reproducible"},
		{"no package comment", "sleep/a.go", "package sleep\n", "no package comment"},
		{"long file", "sleep/a.go", "// Package sleep.\npackage sleep\n" + strings.Repeat("//\n", 700), "without a reason"},
		{"long function", "study/a.go", "// Package study.\npackage study\nfunc f() {\n" + strings.Repeat("\n", 90) + "}\n", "without a reason"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			broken, err := Broken(fstest.MapFS{c.file: {Data: []byte(c.src)}})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(broken, "\n"), c.want) {
				t.Errorf("not seen: want %q in %q", c.want, broken)
			}
		})
	}
}

// What is allowed is not called a breach.
func TestAllowedDoors(t *testing.T) {
	ok := fstest.MapFS{
		"custody/a.go":    {Data: []byte("// Package custody.\npackage custody\nimport (\n_ \"crypto/rand\"\n_ \"dvala/alloc\"\n_ \"dvala/seal/open\"\n)\n")},
		"wearable/o/a.go": {Data: []byte("// Package o.\npackage o\nimport _ \"dvala/sleep\"\n")},
		"estimate/a.go":   {Data: []byte("// Package estimate.\npackage estimate\nimport (\n_ \"dvala/alloc/design\"\n_ \"os\"\n)\n")},
		"stats/lmm/a.go":  {Data: []byte("// Package lmm.\npackage lmm\nimport \"math/rand/v2\"\nvar r = rand.New(rand.NewPCG(1, 2))\nvar s *rand.Rand\n")},
		"cmd/dvala/a.go":  {Data: []byte("// Command dvala.\npackage main\nimport _ \"dvala/custody\"\n")},
		"stats/a_test.go": {Data: []byte("package stats\nimport _ \"os\"\n")},
	}
	broken, err := Broken(ok)
	if err != nil || len(broken) > 0 {
		t.Errorf("%v %q", err, broken)
	}
}

// A tree without Go files is an error, not a pass.
func TestNothingIsAnError(t *testing.T) {
	if _, err := Broken(fstest.MapFS{"README.md": {}}); err == nil {
		t.Error("an empty tree passed")
	}
}
