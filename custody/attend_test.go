package custody_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/alloc/design"
	"dvala/custody"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// minimised gives a protocol of two sites that minimises, and its custodian.
func minimised(t testing.TB) (protocol.Checked, *custody.Key) {
	t.Helper()
	k, err := custody.NewKey(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../examples/two-sites/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	src = bytes.Replace(src, []byte(protocol.RecipientPlaceholder), []byte(k.Recipient().String()), 1)
	src = bytes.Replace(src, []byte("slots_per_cell: 80"), []byte("slots_per_cell: 40"), 1)
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	return c, k
}

// ask adds the request of a person, whose factors follow from her number.
func ask(asked []custody.Asked, n int) []custody.Asked {
	site := []string{"north", "south"}[n%2]
	return append(asked, custody.Asked{Turn: seal.Turn{
		Entry: uint64(10 + 3*n), Cell: "site=" + site,
		Levels: []string{site, []string{"female", "male"}[n/2%2], []string{"<15", ">=15"}[n/3%2], []string{"<45", ">=45"}[n/5%2]},
	}})
}

func next(t testing.TB, a *custody.Attendant, asked []custody.Asked) seal.Reply {
	t.Helper()
	r, waits, err := a.Next(asked)
	if err != nil || !waits {
		t.Fatal(waits, err)
	}
	return r
}

func answered(asked []custody.Asked, r seal.Reply) {
	t := &asked[len(asked)-1]
	t.Slot, t.Signature = &r.Slot, r.Signature
}

// Forty people are given slots of their sites: each the arm that follows from the
// factors and the seed, as anybody finds who draws again from the openings; the arms
// are balanced; and an attendant that is begun anew, with its memory or without, gives
// the same answers.
func TestAttendantDrawsAsTheProtocolSays(t *testing.T) {
	c, k := minimised(t)
	s, err := custody.Seal(c, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := custody.Attend(k, s.List, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, waits, err := a.Next(nil); waits || err != nil {
		t.Fatal("answers nobody", waits, err)
	}
	var asked []custody.Asked
	for n := range 40 {
		asked = ask(asked, n)
		r := next(t, a, asked)
		if err := s.List.Header().Live.Check(s.List.Hash(), turnsOf(asked), r); err != nil {
			t.Fatal(err)
		}
		if again := next(t, a, asked); again.Slot != r.Slot || !bytes.Equal(again.Signature, r.Signature) {
			t.Fatal("the same question has another answer")
		}
		if n%10 == 9 {
			fresh, err := custody.Attend(k, s.List, c)
			if err != nil {
				t.Fatal(err)
			}
			if n == 19 {
				fresh.Remember(a.Memory())
			}
			if again := next(t, fresh, asked); again.Slot != r.Slot {
				t.Fatal("begun anew it answers otherwise")
			}
			a = fresh
		}
		if slot, _ := s.List.Slot(r.Slot); slot.Cell != asked[n].Cell {
			t.Fatalf("a slot of %s for %s", slot.Cell, asked[n].Cell)
		}
		answered(asked, r)
	}
	o, err := custody.OpenAll(k, s.List)
	if err != nil {
		t.Fatal(err)
	}
	seed, has := o.Seed()
	if !has {
		t.Fatal("no seed")
	}
	m, err := design.MinimisationOf(c)
	if err != nil {
		t.Fatal(err)
	}
	counts, first := m.Begin(), 0
	for i, x := range asked {
		levels, _ := m.Index(x.Levels)
		arm := counts.Draw(levels, design.Seed(seed).Chance(i))
		if holds, _ := o.Content(*x.Slot); holds != m.Options()[arm].ID {
			t.Errorf("turn %d: %s was given, %s drawn", i, holds, m.Options()[arm].ID)
		}
		counts.Add(levels, arm)
		first += 1 - arm
	}
	if first < 15 || first > 25 {
		t.Errorf("%d of 40 in the first arm", first)
	}
}

func turnsOf(asked []custody.Asked) []seal.Turn {
	var out []seal.Turn
	for _, a := range asked {
		out = append(out, a.Turn)
	}
	return out
}

// A history that was rewritten, an answer that is another's, and a second slot for
// the same request are not to be had from it.
func TestAttendantRefusesAnotherHistory(t *testing.T) {
	c, k := minimised(t)
	s, err := custody.Seal(c, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	begin := func(m []custody.Answered) *custody.Attendant {
		a, err := custody.Attend(k, s.List, c)
		if err != nil {
			t.Fatal(err)
		}
		a.Remember(m)
		return a
	}
	a := begin(nil)
	var asked []custody.Asked
	for n := range 5 {
		asked = ask(asked, n)
		answered(asked, next(t, a, asked))
	}
	memory := a.Memory()
	for name, bend := range map[string]func(x []custody.Asked) []custody.Asked{
		"a request that is gone": func(x []custody.Asked) []custody.Asked { return append(slices.Clone(x[:2]), x[3:]...) },
		"other factors": func(x []custody.Asked) []custody.Asked {
			x[4].Levels = []string{"north", "male", "<15", "<45"}
			return x
		},
		"another slot":                func(x []custody.Asked) []custody.Asked { n := (*x[2].Slot + 1) % 40; x[2].Slot = &n; return x },
		"a signature that is another": func(x []custody.Asked) []custody.Asked { x[1].Signature = x[2].Signature; return x },
		"answers to be given again for other factors": func(x []custody.Asked) []custody.Asked {
			x[4].Slot, x[4].Signature = nil, nil
			x[4].Levels = []string{"north", "female", "<15", ">=45"}
			return x
		},
	} {
		bent := bend(slices.Clone(asked))
		if bent[len(bent)-1].Slot != nil {
			bent = ask(bent, 5)
		}
		if _, _, err := begin(memory).Next(bent); fault.CodeOf(err) != custody.CodeHistory {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Who leaves before the answer came counts for nothing, and holds nobody up.
	asked = ask(asked, 5)
	next(t, a, asked)
	asked[5].Void = true
	asked = ask(asked, 6)
	if r := next(t, a, asked); r.Entry != asked[6].Entry {
		t.Errorf("%+v", r)
	}
}

// When no place of the drawn arm is left it says so without naming the arm, and from
// an extension it goes on; what is left of the earlier list is used no more.
func TestAttendantGoesOnFromAnExtension(t *testing.T) {
	c, k := minimised(t)
	s, err := custody.Seal(c, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := custody.Attend(k, s.List, c)
	if err != nil {
		t.Fatal(err)
	}
	var asked []custody.Asked
	var out error
	for n := 0; out == nil && n < 90; n += 2 { // one site alone
		asked = ask(asked, n)
		r, _, err := a.Next(asked)
		if out = err; err == nil {
			answered(asked, r)
		}
	}
	if fault.CodeOf(out) != custody.CodeExhausted || len(asked) < 30 {
		t.Fatal(len(asked), out)
	}
	for _, arm := range c.Protocol().Arms {
		if strings.Contains(fault.Text(out), arm.ID) {
			t.Error(out)
		}
	}
	more, err := custody.Extend(c, s.List, custody.Extension{Cells: []string{"site=north"}, Slots: 10}, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := seal.Join(s.List, more.List)
	if err != nil {
		t.Fatal(err)
	}
	longer, err := custody.Attend(k, whole, c)
	if err != nil {
		t.Fatal(err)
	}
	longer.Remember(a.Memory())
	if r := next(t, longer, asked); r.Slot < s.List.Len() {
		t.Errorf("slot %d is of the list that ran out", r.Slot)
	}
	if o, err := custody.OpenAll(k, whole); err != nil || o.Len() != whole.Len() {
		t.Error(err)
	}
}

// It is opened by the custodian's key and for its own protocol, and tells nothing of
// itself when it is printed.
func TestAttendRefuses(t *testing.T) {
	c, k := minimised(t)
	s, err := custody.Seal(c, custody.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := custody.NewKey(time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custody.Attend(other, s.List, c); fault.CodeOf(err) != custody.CodeKey {
		t.Error(err)
	}
	a, err := custody.Attend(k, s.List, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, a); strings.Contains(text, "threonate") || !strings.HasPrefix(text, "attendant of the list ") {
			t.Error(text)
		}
	}
	if _, _, err := a.Next([]custody.Asked{{Turn: seal.Turn{Entry: 3, Cell: "site=north", Levels: []string{"north"}}}}); fault.CodeOf(err) != custody.CodeHistory {
		t.Error(err)
	}
}
