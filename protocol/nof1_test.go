package protocol_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/protocol"
)

const nof1 = "../examples/nof1/protocol.yaml"

// The cycles of one person give every order of the arms in each, and no other:
// two arms in four cycles give 2⁴ orders of eight periods, each cycle holding
// each arm once.
func TestOrdersOfCycles(t *testing.T) {
	c := parse(t, read(t, nof1))
	all := c.Assignments()
	if len(all) != 16 {
		t.Fatalf("%d orders, not 16", len(all))
	}
	seen := map[string]bool{}
	for _, a := range all {
		order := strings.Join(a.Arms, " ")
		if a.Ratio != 1 || len(a.Arms) != 8 || seen[order] {
			t.Fatalf("%+v", a)
		}
		seen[order] = true
		for k := range 4 {
			if a.Arms[2*k] == a.Arms[2*k+1] {
				t.Errorf("%s takes one arm twice in cycle %d", a.ID, k+1)
			}
		}
		if s, ok := c.Sequence(a.ID); !ok || !slices.Equal(s.Arms, a.Arms) {
			t.Errorf("%s is not found by its name", a.ID)
		}
	}
	first := c.Protocol().Arms[0].ID
	starts := 0
	for _, a := range all {
		if a.Arms[0] == first {
			starts++
		}
	}
	if starts != 8 {
		t.Errorf("the first cycle begins with %s in %d of 16 orders", first, starts)
	}
	if s, _ := c.Sequence("order-12211221"); !slices.Equal(s.Arms[:4], []string{"bisglycinate-200mg", "cellulose-filler", "cellulose-filler", "bisglycinate-200mg"}) {
		t.Errorf("%v", s.Arms)
	}
}

// What a trial in cycles may not say.
func TestCyclesRefused(t *testing.T) {
	src := read(t, nof1)
	for _, c := range []struct {
		old, is string
		code    fault.Code
	}{
		{"cycles: 4", "cycles: 1", "cycles"},
		{"cycles: 4", "cycles: 3", "cycles"},
		{"  periods: 8 ", "  periods: 7 ", "cycles"},
		{"  participants: 1", "  sequences: [{id: one-way, arms: [bisglycinate-200mg], ratio: 1}]\n  participants: 1", "cycles"},
		{"method: within-cycles", "method: permuted-blocks", "method-misfit"},
		{"method: within-cycles", "method: within-cycles\n  blocks: [4]", "method-misfit"},
		{"kind: n-of-1}", "kind: ancova}", "model-misfit"},
		{"  cycles: 4", "  cycles: 0", "sequences-few"},
	} {
		_, problems := protocol.Parse(bytes.Replace(src, []byte(c.old), []byte(c.is), 1))
		if !problems.Errors().Has(c.code) {
			t.Errorf("%s for %s: no %s in\n%s", c.is, c.old, c.code, problems.Text())
		}
	}
	many := bytes.Replace(bytes.Replace(src, []byte("cycles: 4"), []byte("cycles: 13"), 1), []byte("periods: 8"), []byte("periods: 26"), 1)
	if _, problems := protocol.Parse(many); problems.Err() == nil {
		t.Error("thirteen cycles pass")
	}
}
