package protocol_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/protocol"
)

var update = flag.Bool("update", false, "write the expected reports in testdata anew; read the difference before keeping it")

var examples = []string{"../examples/mgt-2024/protocol.yaml", "../examples/crossover/protocol.yaml", "../examples/nof1/protocol.yaml"}

func read(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func parse(t testing.TB, src []byte) protocol.Checked {
	t.Helper()
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatalf("the protocol has errors:\n%s", problems.Text())
	}
	return c
}

// The examples have no errors, and exactly the weaknesses that their comments own up to.
func TestExamples(t *testing.T) {
	want := map[string][]fault.Code{
		examples[0]: {"unregistered", "wording-needed", "recall-overlap", "custodian-missing"},
		examples[1]: {"unregistered", "custodian-missing"},
		examples[2]: {"unregistered", "custodian-missing"},
	}
	for _, name := range examples {
		c, problems := protocol.Parse(read(t, name))
		if c.IsZero() {
			t.Fatalf("%s:\n%s", name, problems.Text())
		}
		var got []fault.Code
		for _, p := range problems {
			got = append(got, p.Code)
		}
		if len(got) != len(want[name]) {
			t.Fatalf("%s: %v", name, got)
		}
		for i := range got {
			if got[i] != want[name][i] {
				t.Errorf("%s: %v, not %v", name, got, want[name])
			}
		}
	}
}

// Each file in testdata/bad is the good protocol with one thing spoilt, named
// after the code it must lead to, and the report beside it is what a person
// reads. A file is a list of replacements: lines of "- old" and "+ new".
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d bad examples: %v", len(files), err)
	}
	for _, name := range files {
		code := fault.Code(strings.TrimSuffix(filepath.Base(name), ".txt"))
		t.Run(string(code), func(t *testing.T) {
			src := spoil(t, name)
			c, problems := protocol.Parse(src, protocol.File("protocol.yaml"))
			if !problems.Has(code) {
				t.Fatalf("the code is not there:\n%s", problems.Text())
			}
			for _, p := range problems {
				if p.Line == 0 && !strings.HasPrefix(string(p.Code), "yaml") && p.Code != "protocol-empty" && p.Code != "protocol-size" {
					t.Errorf("no line: %s", p.Text())
				}
			}
			if c.IsZero() != (problems.Err() != nil) {
				t.Error("a Checked comes exactly when there are no errors")
			}
			golden(t, strings.TrimSuffix(name, ".txt")+".report", added(t, problems)+"\n")
		})
	}
}

// added leaves out what the good protocol is warned of already, so that a
// report tells of the spoilt thing.
func added(t *testing.T, problems fault.List) string {
	t.Helper()
	_, usual := protocol.Parse(read(t, "testdata/good.yaml"), protocol.File("protocol.yaml"))
	var out fault.List
	for _, p := range problems {
		known := false
		for _, u := range usual {
			known = known || u.Code == p.Code && u.Message == p.Message
		}
		if !known {
			out.Add(p)
		}
	}
	return out.Text()
}

// spoil applies the replacements of a file to the good protocol. A first line
// of "= text" stands for a whole file of that text.
func spoil(t *testing.T, name string) []byte {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(read(t, name)), "\n"), "\n")
	if whole, ok := strings.CutPrefix(lines[0], "= "); ok {
		return []byte(strings.Join(append([]string{whole}, lines[1:]...), "\n") + "\n")
	}
	src := string(read(t, base(lines)))
	var from, to []string
	apply := func() {
		old := strings.Join(from, "\n") + "\n"
		if len(from) == 0 {
			return
		}
		if strings.Count(src, old) != 1 {
			t.Fatalf("%q stands in the good protocol %d times", old, strings.Count(src, old))
		}
		with := ""
		if len(to) > 0 {
			with = strings.Join(to, "\n") + "\n"
		}
		src = strings.Replace(src, old, with, 1)
		from, to = nil, nil
	}
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l, "-"):
			if len(to) > 0 {
				apply()
			}
			from = append(from, strings.TrimPrefix(l[1:], " "))
		case strings.HasPrefix(l, "+"):
			to = append(to, strings.TrimPrefix(l[1:], " "))
		case l == "":
			apply()
		}
	}
	apply()
	return []byte(src)
}

// base gives the protocol that a list of replacements starts from: a line of
// "@ name" names another than the usual one.
func base(lines []string) string {
	if name, ok := strings.CutPrefix(lines[0], "@ "); ok {
		return "testdata/" + name
	}
	return "testdata/good.yaml"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(read(t, name)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// All problems come at once, in the order of the file, and one cause does not
// hide another.
func TestAllAtOnce(t *testing.T) {
	src := string(read(t, "testdata/good.yaml"))
	for _, x := range [][2]string{
		{"version: \"1\"\ntitle", "version: 1.5\ntitle"},
		{"ratio: 2", "ratio: 1.5"},
		{"blocks: [6, 9]", "blocks: [6, 7]"},
		{"visit: week-3,", "visit: week-4,"},
		{"rule: age >= 18", "rule: agee >= 18"},
	} {
		if strings.Count(src, x[0]) != 1 {
			t.Fatalf("%q stands there %d times", x[0], strings.Count(src, x[0]))
		}
		src = strings.Replace(src, x[0], x[1], 1)
	}
	_, problems := protocol.Parse([]byte(src))
	var got []string
	last := 0
	for _, p := range problems.Errors() {
		got = append(got, string(p.Code))
		if p.Line < last {
			t.Errorf("line %d after line %d", p.Line, last)
		}
		last = p.Line
	}
	// The block sizes cannot be judged while a ratio is no number.
	want := "wrong-type arm-ratio criterion-question visit-unknown"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s\n%s", got, want, problems.Text())
	}
}

// The hash is the SHA-256 of the canonical bytes, and these are JSON.
func TestHash(t *testing.T) {
	for _, name := range examples {
		c := parse(t, read(t, name))
		sum := sha256.Sum256(c.Canonical())
		if c.Hash() != sum || c.HashHex() != hex.EncodeToString(sum[:]) {
			t.Error("the hash is of something else")
		}
		var p protocol.Protocol
		d := json.NewDecoder(bytes.NewReader(c.Canonical()))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			t.Error(err)
		}
		if p.ID != c.ID() || len(p.Estimands) != len(c.Protocol().Estimands) {
			t.Error("the canonical form says something else")
		}
	}
}

// A key goes in the placeholder's place and nowhere else.
func TestFillRecipient(t *testing.T) {
	// The public key of the age format's own documentation.
	const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	src := read(t, examples[0])
	filled, err := protocol.FillRecipient(src, key)
	if err != nil {
		t.Fatal(err)
	}
	c := parse(t, filled)
	if got, ok := c.Recipient(); !ok || got != key {
		t.Errorf("got %q", got)
	}
	if _, ok := parse(t, src).Recipient(); ok {
		t.Error("the placeholder passes for a key")
	}
	for _, bad := range []string{"", "age1", key + "\n" + key, "AGE-SECRET-KEY-1", "#" + key} {
		if _, err := protocol.FillRecipient(src, bad); err == nil {
			t.Errorf("%q passes for a key", bad)
		}
	}
	if _, err := protocol.FillRecipient(filled, key); err == nil {
		t.Error("a file without the placeholder was filled")
	}
}
