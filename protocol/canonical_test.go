package protocol_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"dvala/protocol"
)

var goodFiles = append([]string{"testdata/good.yaml", "testdata/cross.yaml"}, examples...)

// The canonical form is itself a protocol file, with itself as canonical form
// and the same hash.
func TestCanonicalIsFixed(t *testing.T) {
	for _, name := range goodFiles {
		c := parse(t, read(t, name))
		again := parse(t, c.Canonical())
		if !bytes.Equal(again.Canonical(), c.Canonical()) || again.Hash() != c.Hash() {
			t.Errorf("%s: the canonical form of the canonical form is another", name)
		}
		if !json.Valid(c.Canonical()) || bytes.ContainsAny(c.Canonical(), "\n") {
			t.Errorf("%s: the canonical form is no JSON on one line", name)
		}
	}
}

// The bytes stay what they are from release to release: a change here changes
// the hash of every sealed protocol. The listing was read field by field
// against doc/formats/protocol.md.
func TestCanonicalBytes(t *testing.T) {
	got := string(parse(t, read(t, "testdata/cross.yaml")).Canonical())
	golden(t, "testdata/cross.canonical.json", got)
}

// The page of the format shows the hash of that very file.
func TestCanonicalInPage(t *testing.T) {
	page := string(read(t, "../doc/formats/protocol.md"))
	if !strings.Contains(page, parse(t, read(t, "testdata/cross.yaml")).HashHex()) {
		t.Error("doc/formats/protocol.md shows another hash")
	}
}

// What a writer is free to choose changes nothing: the order of fields,
// comments, space, the style of quotes and of lists, a field written as
// nothing instead of left out.
func TestCanonicalIgnoresStyle(t *testing.T) {
	for _, name := range goodFiles {
		src := read(t, name)
		want := parse(t, src).HashHex()
		var doc yaml.Node
		if err := yaml.Load(src, &doc); err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(r *rapid.T) {
			shuffled := restyle(r, doc.Content[0])
			out, err := yaml.Dump(shuffled, yaml.WithIndent(rapid.IntRange(2, 8).Draw(r, "indent")), yaml.WithLineWidth(-1))
			if err != nil {
				r.Fatal(err)
			}
			if rapid.Bool().Draw(r, "comment") {
				out = append([]byte("# "+rapid.StringMatching(`[a-z &*:{}-]{0,40}`).Draw(r, "words")+"\n\n"), out...)
			}
			c, problems := protocol.Parse(out)
			if problems.Err() != nil {
				r.Fatalf("%s\n%s", problems.Text(), out)
			}
			if c.HashHex() != want {
				r.Fatalf("the hash has changed:\n%s", out)
			}
		})
	}
}

// restyle copies a node with its fields in another order and its values in
// another style.
func restyle(r *rapid.T, n *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.ShortTag() == "!!str" && !strings.Contains(n.Value, "\n") {
			out.Style = rapid.SampledFrom([]yaml.Style{yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle}).Draw(r, "quotes")
		}
	case yaml.SequenceNode:
		out.Style = rapid.SampledFrom([]yaml.Style{0, yaml.FlowStyle}).Draw(r, "list")
		for _, c := range n.Content {
			out.Content = append(out.Content, restyle(r, c))
		}
	case yaml.MappingNode:
		order := make([]int, len(n.Content)/2)
		for i := range order {
			order[i] = i
		}
		out.Style = rapid.SampledFrom([]yaml.Style{0, yaml.FlowStyle}).Draw(r, "fields")
		for _, i := range rapid.Permutation(order).Draw(r, "order") {
			out.Content = append(out.Content, restyle(r, n.Content[2*i]), restyle(r, n.Content[2*i+1]))
		}
	}
	return out
}

// Nothing written as nothing is the same as left out; and what is said
// otherwise is another protocol.
func TestCanonicalTellsApart(t *testing.T) {
	src := string(read(t, "testdata/cross.yaml"))
	want := parse(t, []byte(src)).HashHex()
	same := [][2]string{
		{"  run_in_days: 7", "  run_in_days: 7\n\n  # a remark"},
		{"sites:", "devices: []\nspirit:\nsites:"},
		{"start: 2026-02-01", "start: 2026-02-01, end:"},
		{"alpha: 0.05", "alpha: 5.0e-2"},
		{"title: A small crossover", "title: >-\n  A small\n  crossover"},
		{"day: 0, period: 1", "day: 0, before: 0, return: false, period: 1"},
		{"multiplicity: {alpha", "sponsor: {name: \"\"}\nmultiplicity: {alpha"},
	}
	for _, x := range same {
		if got := parse(t, []byte(replace(t, src, x[0], x[1]))).HashHex(); got != want {
			t.Errorf("%q changes the hash", x[1])
		}
	}
	other := [][2]string{
		{"A small crossover", "A Small crossover"},
		{"alpha: 0.05", "alpha: 0.049"},
		{"arms: [tablet, dummy], ratio: 1", "arms: [tablet, dummy], ratio: 2"},
		{"blocks: [4, 6]", "blocks: [6, 4]"},
		{"day: 0, period: 1", "day: 0, before: 1, period: 1"},
		{"min: 0, max: 120", "min: 1, max: 120"},
	}
	for _, x := range other {
		c, problems := protocol.Parse([]byte(replace(t, src, x[0], x[1])))
		if !c.IsZero() && c.HashHex() == want {
			t.Errorf("%q does not change the hash\n%s", x[1], problems.Text())
		}
	}
}

func replace(t *testing.T, src, from, to string) string {
	t.Helper()
	if strings.Count(src, from) != 1 {
		t.Fatalf("%q stands there %d times", from, strings.Count(src, from))
	}
	return strings.Replace(src, from, to, 1)
}

// Hostile input is refused quickly, with a code.
func TestHostile(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, src := range map[string]string{
		"empty": "", "space": " \n", "null": "~", "scalar": "hello", "list": "[1, 2]", "two": "dvala: 1\n---\ndvala: 1\n",
		"huge": many("#", protocol.MaxBytes+1), "deep": many("[", 100_000), "deep fields": many("{a: ", 50_000),
		"indents": many("- ", 100_000), "not utf-8": "id: \xff\xfe", "nul": "id: \x00",
		"bomb":      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n",
		"self":      "id: &a [*a]\n",
		"same keys": many("id: x\n", 100_000), "unknown keys": many("k: v\n", 100_000),
		"many cells": strings.Replace(string(read(t, "testdata/good.yaml")), "cuts: [40]", "cuts: ["+many("1, ", 50_000)+"1]", 1),
	} {
		start := time.Now()
		c, problems := protocol.Parse([]byte(src))
		if problems.Err() == nil || !c.IsZero() {
			t.Errorf("%s: no error", name)
			continue
		}
		if problems.Errors()[0].Code == "" {
			t.Errorf("%s: no code", name)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

// SPIRIT: an item is open until a field or free text answers it.
func TestUnanswered(t *testing.T) {
	if got := len(protocol.SpiritItems()); got != 53 {
		t.Errorf("%d rows; SPIRIT 2025 has 34 items in 53", got)
	}
	open := func(src string) map[string]bool {
		out := map[string]bool{}
		for _, i := range protocol.Unanswered(parse(t, []byte(src))) {
			out[i.Number] = true
		}
		return out
	}
	src := string(read(t, "testdata/good.yaml"))
	got := open(src)
	for number, want := range map[string]bool{"1a": false, "1b": true, "4": false, "7b": false, "11": false, "22": false, "30": true} {
		if got[number] != want {
			t.Errorf("%s: open %v", number, got[number])
		}
	}
	if open(replace(t, src, "  11: Three", "  30: Approved.\n  11: Three"))["30"] {
		t.Error("free text does not answer an item")
	}
	if !open(replace(t, src, ", interests: None", ""))["7b"] {
		t.Error("an empty field answers an item")
	}
}

// FuzzParse: no input makes Parse fail otherwise than by its list, and what it
// lets through survives its own canonical form.
func FuzzParse(f *testing.F) {
	for _, name := range goodFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	files, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	f.Add(read(f, "testdata/cross.canonical.json"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, problems := protocol.Parse(src)
		if c.IsZero() != (problems.Err() != nil) {
			t.Fatal("a Checked comes exactly when there are no errors")
		}
		for _, p := range problems {
			if p.Code == "" || p.Message == "" {
				t.Fatalf("a problem without code or message: %+v", p)
			}
		}
		if c.IsZero() {
			return
		}
		again, problems := protocol.Parse(c.Canonical())
		if problems.Err() != nil || again.Hash() != c.Hash() {
			t.Fatalf("the canonical form is another protocol: %s\n%s", problems.Text(), c.Canonical())
		}
		protocol.Unanswered(c)
		if len(c.Cells()) == 0 || len(c.Assignments()) < 2 {
			t.Fatal("nothing can be drawn")
		}
	})
}
