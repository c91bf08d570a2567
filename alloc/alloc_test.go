package alloc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"dvala/alloc"
	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
)

// example reads one of the protocols that ship with the program.
func example(t testing.TB, name string) protocol.Checked {
	t.Helper()
	raw, err := os.ReadFile("../examples/" + name + "/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(raw)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return c
}

func draw(t testing.TB, c protocol.Checked, seed uint64) *alloc.List {
	t.Helper()
	l, err := alloc.Draw(c, rand.New(rand.NewPCG(seed, 7)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func assignments(l *alloc.List) []string {
	var out []string
	for i := range l.Len() {
		a, _ := l.Assignment(i)
		out = append(out, a)
	}
	return out
}

// The list of an example protocol is one that its design admits, every kit is
// in it once, and each kit holds what the slot is assigned in the kit's period.
func TestListOfExamples(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover"} {
		c := example(t, name)
		d, err := design.Of(c)
		if err != nil {
			t.Fatal(err)
		}
		l := draw(t, c, 1)
		plain, err := l.Plain()
		if err != nil {
			t.Fatal(err)
		}
		packing, err := l.Packing()
		if err != nil {
			t.Fatal(err)
		}
		contents := map[string]string{}
		for _, p := range packing {
			if contents[p.Kit] != "" {
				t.Errorf("%s: kit %s twice", name, p.Kit)
			}
			contents[p.Kit] = p.Arm
		}
		cells := map[string][]string{}
		for i, p := range plain {
			got, _ := l.Assignment(i)
			cells[p.Cell] = append(cells[p.Cell], got)
			a := find(c, got)
			for _, k := range p.Kits {
				v, ok := c.Visit(k.Visit)
				if !ok || !v.Dispense {
					t.Fatalf("%s: a kit for the visit %q", name, k.Visit)
				}
				if want := a.Arms[min(max(v.Period, 1), len(a.Arms))-1]; contents[k.Number] != want {
					t.Errorf("%s: slot %d (%s), visit %s: kit holds %s", name, i, got, k.Visit, contents[k.Number])
				}
			}
		}
		if len(cells) != len(c.Cells()) {
			t.Errorf("%s: %d cells of %d", name, len(cells), len(c.Cells()))
		}
		for cell, ids := range cells {
			if err := d.Admits(ids); err != nil {
				t.Errorf("%s: cell %s: %v", name, cell, err)
			}
			if len(ids) < c.Protocol().Randomisation.SlotsPerCell {
				t.Errorf("%s: cell %s has %d slots", name, cell, len(ids))
			}
		}
	}
}

func find(c protocol.Checked, id string) protocol.Assignment {
	for _, a := range c.Assignments() {
		if a.ID == id {
			return a
		}
	}
	return protocol.Assignment{}
}

// Exchanging the arms exchanges them and nothing else; doing it twice gives the
// list back.
func TestSwap(t *testing.T) {
	c := example(t, "mgt-2024")
	a, b := c.Assignments()[0].ID, c.Assignments()[1].ID
	l := draw(t, c, 3)
	s, err := l.Swap(a, b)
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.Swap(b, a)
	if err != nil {
		t.Fatal(err)
	}
	one, two := assignments(l), assignments(s)
	for i := range one {
		if one[i] == two[i] {
			t.Fatalf("slot %d kept its arm", i)
		}
	}
	if !slices.Equal(one, assignments(back)) {
		t.Error("swapped twice it differs")
	}
	p, _ := l.Plain()
	q, _ := s.Plain()
	for i := range p {
		if p[i].Cell != q[i].Cell || !slices.Equal(p[i].Kits, q[i].Kits) {
			t.Fatalf("slot %d: more than the arm changed", i)
		}
	}
	if _, err := l.Swap(a, "nobody"); fault.CodeOf(err) != alloc.CodeList {
		t.Errorf("an unknown arm: %v", err)
	}
}

// The number of a kit tells nothing about its arm: over many lists the mean rank
// of the kits of one arm is the middle, and so is the share of odd numbers
// (within 4.5 standard errors).
func TestKitsSayNothing(t *testing.T) {
	c := example(t, "mgt-2024")
	first := c.Assignments()[0].ID
	var n, sum, odd float64
	for seed := range uint64(40) {
		packing, err := draw(t, c, seed).Packing()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packing {
			if p.Arm != first {
				continue
			}
			var number int
			if _, err := fmt.Sscan(strings.Replace(p.Kit, "-", "", 1)[:7], &number); err != nil {
				t.Fatal(err)
			}
			n++
			sum += float64(number) / 1e7
			odd += float64(number % 2)
		}
	}
	if math.Abs(sum/n-0.5) > 4.5*math.Sqrt(1/12.0/n) {
		t.Errorf("mean rank %.4f of %g kits", sum/n, n)
	}
	if math.Abs(odd/n-0.5) > 4.5*0.5/math.Sqrt(n) {
		t.Errorf("share of odd numbers %.4f of %g kits", odd/n, n)
	}
}

// A list neither prints nor encodes what it holds.
func TestPrintsNothing(t *testing.T) {
	c := example(t, "mgt-2024")
	l := draw(t, c, 1)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		got := fmt.Sprintf(format, l)
		for _, a := range c.Assignments() {
			if strings.Contains(got, a.ID) {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
	if raw, err := json.Marshal(l); err == nil || bytes.Contains(raw, []byte("slots")) {
		t.Errorf("encodes as %s", raw)
	}
	p, _ := l.Plain()
	if got := fmt.Sprintf("%+v", p); strings.Contains(got, c.Assignments()[0].ID) {
		t.Error("plain slots print their secret")
	}
}

func TestDrawRefusesNothing(t *testing.T) {
	if _, err := alloc.Draw(protocol.Checked{}, rand.New(rand.NewPCG(1, 1))); fault.CodeOf(err) != design.CodeDesign {
		t.Errorf("no protocol: %v", err)
	}
}
