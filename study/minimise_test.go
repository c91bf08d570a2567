package study

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// minimising is the small trial with arms drawn by minimisation over sex and age, a
// list of eight slots, and the secret that its answers are signed with.
func minimising(t testing.TB) (*State, seal.LiveSecret) {
	t.Helper()
	src := string(must(os.ReadFile("testdata/small.yaml")))
	for _, c := range [][2]string{
		{"method: permuted-blocks\n  blocks: [2, 4]\n", "method: minimisation\n"},
		{"strata: [{name: sex}]", "strata: [{name: sex}, {name: age, cuts: [45]}]"},
		{"slots_per_cell: 4", "slots_per_cell: 8"},
	} {
		if !strings.Contains(src, c[0]) {
			t.Fatal(c[0])
		}
		src = strings.Replace(src, c[0], c[1], 1)
	}
	c, problems := protocol.Parse([]byte(src))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	secret := must(seal.NewLiveSecret(rand.NewChaCha8([32]byte{5})))
	sealed := sealedFor(c)
	for len(sealed.Slots) < 8 {
		sealed.Slots = append(sealed.Slots, Slot{Cell: "all"})
	}
	sealed.Live = secret.Live(c.ID(), c.Hash(), []byte("x"))
	s := New(c, sealed, BuiltIn)
	do(t, s, openCommand(s), staff(start, ""))
	return s, secret
}

// answerWith answers a request as the custodian's process would.
func answerWith(s *State, secret seal.LiveSecret, who Subject, slot int) AnswerAllocation {
	var turns []seal.Turn
	for _, a := range s.Allocations() {
		turns = append(turns, a.Turn)
		if a.Subject == who {
			break
		}
	}
	r := secret.Reply(must(seal.ParseHash(anyHash)), turns, slot)
	return AnswerAllocation{Request: r.Entry, Slot: r.Slot, Seen: r.Seen.String(), Signature: hex.EncodeToString(r.Signature)}
}

func minimisedExamples(t testing.TB) []Fact {
	s, secret := minimising(t)
	who := enrolled(t, s, "female")
	return append(do(t, s, Randomise{}, staff(day(3), who)), do(t, s, answerWith(s, secret, who, 5), custodian(day(3), who))...)
}

// To randomise asks for a place; the answer gives it, and nothing else does.
func TestRandomisingAsks(t *testing.T) {
	s, secret := minimising(t)
	who := enrolled(t, s, "female")
	keyed := staff(day(3), who)
	keyed.Key = "randomise-once"
	facts := do(t, s, Randomise{}, keyed)
	if again, err := s.Do(Randomise{}, keyed); err != nil || len(again) != 0 {
		t.Errorf("the same request with the same key: %v %v", again, err)
	}
	asked, is := facts[0].Event.(AllocationRequested)
	if !is || len(facts) != 1 || asked.Cell != "all" || !slices.Equal(asked.Levels, []string{"female", "<45"}) {
		t.Fatalf("%+v", facts)
	}
	p := s.People[who]
	if since, waits := p.WaitsForSlot(); !waits || !since.Equal(facts[0].At) || p.Randomised != nil {
		t.Fatalf("%v %v %+v", since, waits, p.Randomised)
	}
	_, err := s.Do(Randomise{}, staff(day(3), who))
	if fault.CodeOf(err) != "allocation-waits" || !strings.Contains(fault.Text(err), "There is no other way") {
		t.Errorf("asked twice: %v", err)
	}
	if _, err := s.Do(Dispense{Visit: "day-0"}, staff(day(3), who)); fault.CodeOf(err) != "not-randomised" {
		t.Errorf("a kit while she waits: %v", err)
	}
	m := custodian(day(3), who)
	m.Key = "attend-4"
	got := do(t, s, answerWith(s, secret, who, 2), m)
	if len(got) != 2 || got[1].Event.(Randomised).Slot != 2 || p.Randomised == nil || s.Taken["all"] != 1 {
		t.Fatalf("%+v", got)
	}
	if again, err := s.Do(answerWith(s, secret, who, 2), m); err != nil || len(again) != 0 {
		t.Errorf("the same answer with the same key: %v %v", again, err)
	}
	if _, waits := p.WaitsForSlot(); waits {
		t.Error("she waits still")
	}
	do(t, s, Dispense{Visit: "day-0"}, staff(day(3), who))
}

// What is not the process's own answer to this history is refused, and leaves the
// request as it was.
func TestForeignAnswersAreRefused(t *testing.T) {
	s, secret := minimising(t)
	who, other := enrolled(t, s, "female"), enrolled(t, s, "male")
	do(t, s, Randomise{}, staff(day(3), who))
	do(t, s, Randomise{}, staff(day(3), other))
	right := answerWith(s, secret, who, 2)
	foreign := must(seal.NewLiveSecret(rand.NewChaCha8([32]byte{6})))
	alter := func(f func(*AnswerAllocation)) AnswerAllocation { c := right; f(&c); return c }
	for name, c := range map[string]struct {
		who  Subject
		cmd  AnswerAllocation
		code fault.Code
	}{
		"another key's":              {who, answerWith(s, foreign, who, 2), seal.CodeReply},
		"another slot than signed":   {who, alter(func(c *AnswerAllocation) { c.Slot = 3 }), seal.CodeReply},
		"to another request":         {who, alter(func(c *AnswerAllocation) { c.Request++ }), "allocation-unasked"},
		"of another person":          {other, right, "allocation-unasked"},
		"out of turn":                {other, answerWith(s, secret, other, 1), "allocation-order"},
		"a slot that is none":        {who, answerWith(s, secret, who, 99), "slot-order"},
		"a signature in capitals":    {who, alter(func(c *AnswerAllocation) { c.Signature = strings.ToUpper(c.Signature) }), seal.CodeReply},
		"a signature cut short":      {who, alter(func(c *AnswerAllocation) { c.Signature = c.Signature[2:] }), seal.CodeReply},
		"another history than it is": {who, alter(func(c *AnswerAllocation) { c.Seen = anyHash }), seal.CodeReply},
	} {
		if _, err := s.Do(c.cmd, custodian(day(3), c.who)); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	do(t, s, right, custodian(day(3), who))
	if _, err := s.Do(answerWith(s, secret, other, 2), custodian(day(3), other)); fault.CodeOf(err) != "slot-order" {
		t.Errorf("a slot that is given out: %v", err)
	}
	do(t, s, answerWith(s, secret, other, 0), custodian(day(3), other))
}

// The fold holds a ledger to the same rules: no slot without an answer, none with
// another's, and what was written is read again as it was.
func TestMinimisedLedgerReplays(t *testing.T) {
	s, secret := minimising(t)
	var facts []Fact
	add := func(cmd Command, m Meta) { facts = append(facts, do(t, s, cmd, m)...) }
	who, other := enrolled(t, s, "female"), enrolled(t, s, "male")
	add(Randomise{}, staff(day(3), who))
	add(Randomise{}, staff(day(3), other))
	add(Withdraw{From: FromFollowUp, Why: "other"}, because(staff(day(3), who)))
	add(answerWith(s, secret, other, 7), custodian(day(3), other))
	if s.Allocations()[0].Void != true || s.Allocations()[0].Slot != nil || *s.Allocations()[1].Slot != 7 {
		t.Fatalf("%+v", s.Allocations())
	}
	fresh, _ := minimising(t)
	enrolled(t, fresh, "female")
	enrolled(t, fresh, "male")
	for _, f := range facts {
		if err := fresh.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := must(s.Digest()), must(fresh.Digest()); a != b {
		t.Error("the ledger replayed gives another state")
	}
	for name, bend := range map[string]func(f Fact) (Fact, bool){
		"a slot nobody named": func(f Fact) (Fact, bool) {
			r, is := f.Event.(Randomised)
			r.Slot = 3
			f.Event = r
			return f, is
		},
		"an answer bent": func(f Fact) (Fact, bool) {
			a, is := f.Event.(AllocationAnswered)
			a.Slot = 3
			f.Event = a
			return f, is
		},
	} {
		fresh, _ := minimising(t)
		enrolled(t, fresh, "female")
		enrolled(t, fresh, "male")
		refused := false
		for _, f := range facts {
			bent, is := bend(f)
			if is {
				f = bent
			}
			if err := fresh.Apply(f); err != nil {
				refused = is
				break
			}
		}
		if !refused {
			t.Errorf("%s passes", name)
		}
	}
	bad := staff(day(4), "")
	bad.Subject = other
	if err := fresh.Apply(Fact{Index: fresh.Entries, Meta: must(fresh.complete(bad)), Event: AllocationRequested{Cell: "all", Levels: []string{"male", "<45"}}}); err == nil {
		t.Error("a second request passes")
	}
}

// Who leaves while she waits holds nobody up, and a corrected answer leaves a
// deviation: she is counted as she was when she asked.
func TestLeavingWhileWaiting(t *testing.T) {
	s, secret := minimising(t)
	who, other := enrolled(t, s, "female"), enrolled(t, s, "male")
	do(t, s, Randomise{}, staff(day(3), who))
	do(t, s, Randomise{}, staff(day(3), other))
	facts := do(t, s, Correct{Entry: s.firstOf(t, other), Field: "answers.age", New: []byte("50")}, because(staff(day(3), other)))
	if d, is := facts[len(facts)-1].Event.(Deviation); !is || d.Code != "stratum-wrong" || !strings.Contains(d.Note, ">=45") {
		t.Errorf("%+v", facts)
	}
	late := answerWith(s, secret, who, 1)
	do(t, s, Withdraw{From: FromFollowUp, Why: "other"}, because(staff(day(3), who)))
	if _, err := s.Do(late, custodian(day(3), who)); fault.CodeOf(err) != "allocation-unasked" {
		t.Errorf("an answer for who has left: %v", err)
	}
	do(t, s, answerWith(s, secret, other, 1), custodian(day(3), other))
	if got := s.People[other].Allocation.Levels; !slices.Equal(got, []string{"male", "<45"}) {
		t.Errorf("counted as %v", got)
	}
}

// firstOf gives the entry of a person's screening.
func (s *State) firstOf(t testing.TB, who Subject) uint64 {
	t.Helper()
	for i, f := range s.facts {
		if f.Subject == who && f.Event.Kind() == KindScreened {
			return i
		}
	}
	t.Fatal(who)
	return 0
}

// A list that names no process opens no trial that minimises, and the other way
// about; what has run out says so.
func TestMinimisedListFits(t *testing.T) {
	s, secret := minimising(t)
	bare := s.sealed
	bare.Live = nil
	n := New(s.Protocol, bare, BuiltIn)
	if _, err := n.Do(openCommand(n), staff(start, "")); !strings.Contains(err.Error(), "does not minimise") {
		t.Error(err)
	}
	plain := newState(t)
	plain.sealed.Live = secret.Live("small-trial", seal.Hash{}, []byte("x"))
	if _, err := plain.Do(openCommand(plain), staff(start, "")); !strings.Contains(err.Error(), "does not minimise") {
		t.Error(err)
	}
	var all []Subject
	for i := range 9 {
		all = append(all, enrolled(t, s, []string{"female", "male"}[i%2]))
	}
	for i, who := range all[:8] {
		do(t, s, Randomise{}, staff(day(3), who))
		do(t, s, answerWith(s, secret, who, i), custodian(day(3), who))
	}
	if _, err := s.Do(Randomise{}, staff(day(3), all[8])); fault.CodeOf(err) != "stratum-exhausted" {
		t.Error(err)
	}
}

// The answer to any slot is written in the same number of bytes, but for the slot's
// own digits.
func TestAnswersHaveOneLength(t *testing.T) {
	s, secret := minimising(t)
	who := enrolled(t, s, "female")
	do(t, s, Randomise{}, staff(day(3), who))
	length := 0
	for slot := range 8 {
		facts, entries, err := s.Prepare(answerWith(s, secret, who, slot), custodian(day(3), who))
		if err != nil || len(facts) != 2 {
			t.Fatal(err)
		}
		raw := bytes.Join([][]byte{entries[0].Bytes, entries[1].Bytes}, nil)
		if length == 0 {
			length = len(raw)
		}
		if len(raw) != length {
			t.Errorf("slot %d: %d bytes, and %d before", slot, len(raw), length)
		}
	}
}
