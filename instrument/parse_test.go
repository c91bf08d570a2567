package instrument_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/instrument"
)

// Every file in testdata/bad names on its first line what is wrong with it.
func TestBadFilesAreNamed(t *testing.T) {
	names, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(names) < 30 {
		t.Fatalf("only %d bad files", len(names))
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var code fault.Code
		var line int
		if _, err := fmt.Sscanf(string(b), "# wants: %s on line %d", &code, &line); err != nil {
			t.Fatalf("%s: no wants line: %v", name, err)
		}
		_, err = instrument.Parse(b)
		var l fault.List
		if !errors.As(err, &l) {
			t.Errorf("%s: accepted, or not a list: %v", name, err)
			continue
		}
		found := false
		for _, p := range l {
			found = found || p.Code == code && p.Line == line
		}
		if !found {
			t.Errorf("%s: want %s on line %d, got\n%s", name, code, line, l.Text())
		}
	}
}

// All problems of a file come at once.
func TestAllProblemsAtOnce(t *testing.T) {
	b := read(t, "testdata/good/own.yaml")
	s := strings.NewReplacer("words: own", "words: mine", "status: free", "status: gratis", "rule: mean", "rule: median").Replace(string(b))
	_, err := instrument.Parse([]byte(s))
	var l fault.List
	if !errors.As(err, &l) || !l.Has("words") || !l.Has("licence-status") || !l.Has("scale-rule") {
		t.Fatalf("want three problems, got %v", err)
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The canonical bytes read back to themselves, and do not depend on how a file
// is laid out.
func TestCanonical(t *testing.T) {
	own, err := instrument.Parse(read(t, "testdata/good/own.yaml"))
	if err != nil {
		t.Fatal(fault.Text(err))
	}
	for _, d := range append(instrument.All(), own) {
		again, err := instrument.Parse(d.Canonical())
		if err != nil {
			t.Fatalf("%s: canonical bytes refused: %v", d.ID, err)
		}
		if !bytes.Equal(again.Canonical(), d.Canonical()) || again.SHA256() != d.SHA256() {
			t.Errorf("%s: canonical bytes changed on reading them back", d.ID)
		}
		var byJSON instrument.Definition
		if err := json.Unmarshal(d.Canonical(), &byJSON); err != nil || byJSON.SHA256() != d.SHA256() {
			t.Errorf("%s: the JSON door differs: %v", d.ID, err)
		}
	}
	s := strings.Replace(string(read(t, "testdata/good/own.yaml")), "recall: {days: 1, kind: absolute, basis: {certainty: ours}}",
		"recall:\n  basis:\n    certainty: \"ours\" # said otherwise\n  kind: 'absolute'\n  days: 1", 1)
	other, err := instrument.Parse([]byte(s))
	if err != nil || other.SHA256() != own.SHA256() {
		t.Errorf("layout changed the hash: %v", err)
	}
}

// JSON cannot make a definition that Parse refuses.
func TestNoSecondDoor(t *testing.T) {
	var d instrument.Definition
	if err := json.Unmarshal([]byte(`{"id":"isi","version":"1"}`), &d); err == nil {
		t.Fatal("an unchecked definition came through JSON")
	}
	if _, err := instrument.Score(&instrument.Definition{ID: "isi"}, nil); fault.CodeOf(err) != "definition-unchecked" {
		t.Fatalf("a handmade definition was scored: %v", err)
	}
}

// What the definitions say of themselves agrees with the facts they rest on:
// sizes, ranges, recall. Numbers typed in from the sources named in each file.
func TestCatalogue(t *testing.T) {
	days := func(n int) *int { return &n }
	for _, c := range []struct {
		id     instrument.ID
		items  int
		scales int // not counting inner steps
		days   *int
		kind   instrument.RecallKind
	}{
		{"isi", 7, 1, days(14), instrument.Absolute},
		{"lseq", 10, 4, days(1), instrument.ComparesWithUsual},
		{"rsq-w", 9, 1, days(7), instrument.Absolute},
		{"rsq-d", 9, 1, days(0), instrument.Absolute},
		{"poms40", 40, 8, days(0), instrument.Absolute},
		{"psqi", 18, 8, days(30), instrument.Absolute},
		{"ess", 8, 1, nil, instrument.Absolute},
		{"kss", 1, 1, days(0), instrument.Absolute},
		{"csd", 9, 0, days(1), instrument.Absolute},
		{"csd-dvala", 31, 0, days(1), instrument.Absolute},
		{"guess", 3, 0, nil, instrument.Absolute},
	} {
		d, ok := instrument.ByID(c.id)
		if !ok {
			t.Fatalf("%s is missing", c.id)
		}
		if len(d.Items) != c.items || len(d.ScoreVariables()) != c.scales || d.Recall.Kind != c.kind {
			t.Errorf("%s: %d items, %d scores, recall %s", c.id, len(d.Items), len(d.ScoreVariables()), d.Recall.Kind)
		}
		if (d.Recall.Days == nil) != (c.days == nil) || c.days != nil && *d.Recall.Days != *c.days {
			t.Errorf("%s: recall days", c.id)
		}
		for _, v := range d.Variables() {
			if v.Label.SV == "" || v.Label.EN == "" {
				t.Errorf("%s %s: not labelled in both languages", c.id, v.Name)
			}
			if v.Role == instrument.ScoreRole && (v.Min == nil || v.Max == nil || v.Unit == "" || v.Better == "") {
				t.Errorf("%s %s: a score without range, unit or direction", c.id, v.Name)
			}
		}
		for _, it := range d.Items {
			if it.Question.EN != "" && it.Question.SV == "" {
				t.Errorf("%s %s: no Swedish question", c.id, it.ID)
			}
		}
	}
	if len(instrument.All()) != 11 {
		t.Errorf("%d instruments, and 11 are listed here", len(instrument.All()))
	}
}

// Where a fact was not found or not checked, the definition says so.
func TestUncertaintyIsSaid(t *testing.T) {
	for _, c := range []struct {
		id    instrument.ID
		scale instrument.ScaleID
		want  instrument.Certainty
	}{{"isi", "total", instrument.NotFound}, {"lseq", "qos", instrument.NotFound}, {"poms40", "anger", instrument.NotFound}, {"rsq-w", "total", instrument.Read}} {
		d, _ := instrument.ByID(c.id)
		s, _ := d.Scale(c.scale)
		if s.Missing.Basis.Certainty != c.want {
			t.Errorf("%s: missing rule is said to be %s, want %s", c.id, s.Missing.Basis.Certainty, c.want)
		}
	}
	poms, _ := instrument.ByID("poms40")
	for _, it := range poms.Items {
		if it.Reverse && it.Basis.Certainty != instrument.Derived {
			t.Errorf("%s: which esteem items are reversed is derived", it.ID)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, pat := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml", "data/*.yaml"} {
		names, _ := filepath.Glob(pat)
		if len(names) == 0 {
			f.Fatalf("no seeds in %s", pat)
		}
		for _, n := range names {
			f.Add(read(f, n))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := instrument.Parse(b)
		if err != nil {
			var l fault.List
			if !errors.As(err, &l) || len(l.Errors()) == 0 {
				t.Fatalf("not a list of problems: %v", err)
			}
			return
		}
		again, err := instrument.Parse(d.Canonical())
		if err != nil || !bytes.Equal(again.Canonical(), d.Canonical()) {
			t.Fatalf("canonical bytes do not read back: %v\n%s", err, d.Canonical())
		}
		instrument.Show(d, "sv", nil)
		if _, err := instrument.Score(d, nil); err != nil {
			t.Fatalf("no answers at all must score to absences: %v", err)
		}
	})
}

// The examples of the format pages are files that the program reads.
func TestFormatPages(t *testing.T) {
	example := func(page string) []byte {
		s := string(read(t, filepath.Join("..", "doc", "formats", page)))
		_, s, ok := strings.Cut(s, "```yaml\n")
		s, _, ok2 := strings.Cut(s, "```")
		if !ok || !ok2 {
			t.Fatalf("%s has no example", page)
		}
		return []byte(s)
	}
	if _, err := instrument.Parse(example("instrument.md")); err != nil {
		t.Error(fault.Text(err))
	}
	kss, _ := instrument.ByID("kss")
	if _, err := instrument.ParseWording(example("wording.md"), kss); err != nil {
		t.Error(fault.Text(err))
	}
}
