package custody_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"dvala/alloc/design"
	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) *custody.Key {
	t.Helper()
	k, err := custody.NewKey(noon, false)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// example reads a protocol that ships with the program, with the custodian's key
// put in.
func example(t testing.TB, name string, k *custody.Key) protocol.Checked {
	t.Helper()
	raw := source(t, name)
	if k != nil {
		raw = bytes.Replace(raw, []byte(protocol.RecipientPlaceholder), []byte(k.Recipient().String()), 1)
	}
	c, problems := protocol.Parse(raw)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return c
}

func source(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../examples/" + name + "/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func mustSeal(t testing.TB, c protocol.Checked, o custody.Options) custody.Sealing {
	t.Helper()
	s, err := custody.Seal(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// From the key to the openings: the list that comes out is one that the design
// admits, in every cell, and the packing list agrees with it.
func TestWholeWay(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover", "nof1"} {
		key, packer := newKey(t), newKey(t)
		c := example(t, name, key)
		s := mustSeal(t, c, custody.Options{Packer: packer.Recipient().String()})
		if s.List.Seeded() || s.List.Header().Protocol != seal.Hash(c.Hash()) {
			t.Fatalf("%s: header %+v", name, s.List.Header())
		}
		list, err := seal.Parse(bytes.NewReader(s.List.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		openings, err := custody.OpenAll(key, list)
		if err != nil {
			t.Fatal(err)
		}
		d, err := design.Of(c)
		if err != nil {
			t.Fatal(err)
		}
		arms := map[string]protocol.Assignment{}
		for _, a := range c.Assignments() {
			arms[a.ID] = a
		}
		for _, cell := range list.Cells() {
			var ids []string
			for _, i := range list.Cell(cell) {
				id, _ := openings.Content(i)
				ids = append(ids, id)
			}
			if err := d.Admits(ids); err != nil {
				t.Errorf("%s, %s: %v", name, cell, err)
			}
		}
		kits, err := custody.ReadPacking(packer, s.Packing)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range kits {
			slot, ok := list.KitSlot(k.Number)
			sealed, _ := list.Slot(slot)
			id, _ := openings.Content(slot)
			if !ok || sealed.Cell != k.Cell || !strings.Contains(strings.Join(arms[id].Arms, " "), k.Arm) {
				t.Errorf("%s: kit %v is in slot %d, which holds %s", name, k, slot, id)
			}
			if i > 0 && kits[i-1].Cell == k.Cell && kits[i-1].Number >= k.Number {
				t.Errorf("%s: the packing list is not sorted at %v", name, k)
			}
		}
		if _, err := custody.ReadPacking(key, s.Packing); fault.CodeOf(err) != custody.CodePacking {
			t.Errorf("%s: the custodian's key opened the packer's list: %v", name, err)
		}
		if _, err := custody.OpenAll(packer, list); fault.CodeOf(err) != custody.CodeKey {
			t.Errorf("%s: the packer's key opened the list: %v", name, err)
		}
	}
}

// Two real lists of one protocol differ: nothing but the protocol and secret
// randomness went into them. Two of one seed hold the same and say so.
func TestSecretOrSeeded(t *testing.T) {
	key := newKey(t)
	c := example(t, "mgt-2024", key)
	content := func(s custody.Sealing) string {
		o, err := custody.OpenAll(key, s.List)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(o.Bytes()), "\"slots\"")
		return rest
	}
	once, more := mustSeal(t, c, custody.Options{}), mustSeal(t, c, custody.Options{})
	if content(once) == content(more) {
		t.Error("two lists are the same")
	}
	seed := uint64(42)
	one, two := mustSeal(t, c, custody.Options{Seed: &seed}), mustSeal(t, c, custody.Options{Seed: &seed})
	if !one.List.Seeded() || content(one) != content(two) {
		t.Error("the seed does not give the list, or the list does not say so")
	}
	seed++
	if content(one) == content(mustSeal(t, c, custody.Options{Seed: &seed})) {
		t.Error("another seed gave the same list")
	}
}

// With the arms exchanged and a sealer that forgets, the sealed list is the same
// byte for byte: all else about it is independent of the arms.
func TestSwappedArmsGiveTheSameList(t *testing.T) {
	c := example(t, "mgt-2024", newKey(t))
	a := c.Assignments()
	seed := uint64(7)
	one := mustSeal(t, c, custody.Options{Seed: &seed, Sealer: sealtest.Blank{}})
	two := mustSeal(t, c, custody.Options{Seed: &seed, Sealer: sealtest.Blank{}, Swap: [2]string{a[0].ID, a[1].ID}})
	if !bytes.Equal(one.List.Bytes(), two.List.Bytes()) {
		t.Error("the lists differ")
	}
}

// The sealed list names no arm, and neither does the encrypted packing list.
func TestNoArmInTheOpen(t *testing.T) {
	c := example(t, "mgt-2024", newKey(t))
	s := mustSeal(t, c, custody.Options{})
	for _, a := range c.Assignments() {
		for _, arm := range append(a.Arms, a.ID) {
			for name, raw := range map[string][]byte{"sealed list": s.List.Bytes(), "packing list": s.Packing} {
				if bytes.Contains(raw, []byte(arm)) {
					t.Errorf("the %s holds %q", name, arm)
				}
			}
		}
	}
}

// Without the custodian's key in the protocol nothing is sealed.
func TestSealRefuses(t *testing.T) {
	if _, err := custody.Seal(example(t, "mgt-2024", nil), custody.Options{}); fault.CodeOf(err) != custody.CodeNoKey {
		t.Errorf("no key: %v", err)
	}
	c := example(t, "mgt-2024", newKey(t))
	if _, err := custody.Seal(c, custody.Options{Packer: "age1"}); fault.CodeOf(err) != seal.CodeRecipient {
		t.Errorf("a bad packer: %v", err)
	}
	if _, err := custody.Seal(c, custody.Options{Swap: [2]string{"x", "y"}}); err == nil {
		t.Error("unknown arms swapped")
	}
	if _, err := custody.Seal(protocol.Checked{}, custody.Options{}); fault.CodeOf(err) != custody.CodeForeign {
		t.Errorf("no protocol: %v", err)
	}
}

// A key survives its file, in both kinds, and prints only its public half.
func TestKeyFile(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		k, err := custody.NewKey(noon, hybrid)
		if err != nil {
			t.Fatal(err)
		}
		again, err := custody.ParseKey(k.File())
		if err != nil || again.Recipient().String() != k.Recipient().String() || !bytes.Equal(again.File(), k.File()) {
			t.Fatalf("hybrid %v: %v", hybrid, err)
		}
		lines := strings.Split(strings.TrimSpace(string(k.File())), "\n")
		secret := lines[len(lines)-1]
		if !bytes.Contains(k.File(), []byte("# made: 2026-03-01\n")) || !strings.HasPrefix(secret, "AGE-SECRET-KEY-") {
			t.Errorf("file %q", lines[:len(lines)-1])
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if strings.Contains(fmt.Sprintf(format, k), secret[20:40]) {
				t.Errorf("%s prints the secret", format)
			}
		}
	}
	one := newKey(t)
	for name, raw := range map[string][]byte{
		"nothing":    nil,
		"public key": []byte(one.Recipient().String()),
		"two keys":   append(one.File(), newKey(t).File()...),
		"damaged":    bytes.Replace(one.File(), []byte("AGE-SECRET-KEY-1"), []byte("AGE-SECRET-KEY-1Q"), 1),
	} {
		_, err := custody.ParseKey(raw)
		if fault.CodeOf(err) != custody.CodeKey || strings.Contains(fault.Text(err), "AGE-SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// trial writes a ledger for a list: the facts given after its first entry.
func trial(t testing.TB, l *seal.List, facts ...ledger.Event) ledger.Export {
	t.Helper()
	opened := fmt.Sprintf(`{"trial":%q,"sealed_file":{"sha256":%q,"bytes":1}}`, l.Header().Trial, l.Hash())
	all := append([]ledger.Event{{Kind: "opened", Data: json.RawMessage(opened)}}, facts...)
	var log ledger.Log
	for _, f := range all {
		f.Time = noon
		if _, err := log.Append(f); err != nil {
			t.Fatal(err)
		}
	}
	k, err := ledger.GenerateKey(rand.Reader, l.Header().Trial)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := k.Sign(log.Checkpoint(l.Header().Trial))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ledger.WriteExport(&b, k.Public(), ledger.Each(log.Entries()), signed); err != nil {
		t.Fatal(err)
	}
	x, err := ledger.ReadExport(&b)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func fact(kind, subject, data string) ledger.Event {
	return ledger.Event{Kind: kind, Subject: subject, Data: json.RawMessage(data)}
}

// The list is opened only when its own ledger holds a lock.
func TestLocked(t *testing.T) {
	c := example(t, "mgt-2024", newKey(t))
	l, other := mustSeal(t, c, custody.Options{}).List, mustSeal(t, c, custody.Options{}).List
	if ev, err := custody.Locked(trial(t, l, fact("locked", "", `{}`)), l); err != nil || ev.Seq != 1 {
		t.Errorf("a locked trial: %v", err)
	}
	if _, err := custody.Locked(trial(t, l, fact("screened", "P0001", `{}`)), l); fault.CodeOf(err) != custody.CodeNotLocked {
		t.Errorf("a trial that is running: %v", err)
	}
	// Two people unlocked it: the list stays sealed until it is locked again.
	again := []ledger.Event{fact("locked", "", `{}`), fact("unlocked", "", `{"what":"trial"}`)}
	if _, err := custody.Locked(trial(t, l, again...), l); fault.CodeOf(err) != custody.CodeNotLocked {
		t.Errorf("a trial that was unlocked: %v", err)
	}
	if ev, err := custody.Locked(trial(t, l, append(again, fact("locked", "", `{}`))...), l); err != nil || ev.Seq != 3 {
		t.Errorf("a trial that was locked again: %v", err)
	}
	if _, err := custody.Locked(trial(t, other, fact("locked", "", `{}`)), l); fault.CodeOf(err) != custody.CodeForeign {
		t.Errorf("the ledger of another list: %v", err)
	}
	if _, err := custody.Locked(ledger.Export{Log: &ledger.Log{}}, l); fault.CodeOf(err) != custody.CodeForeign {
		t.Errorf("an empty ledger: %v", err)
	}
}

// In an emergency the physician gets the key of one slot, which opens that slot;
// and the custodian finds the reason on the ledger first.
func TestEmergency(t *testing.T) {
	key, physician := newKey(t), newKey(t)
	c := example(t, "mgt-2024", key)
	l := mustSeal(t, c, custody.Options{}).List
	file, err := custody.HandOver(key, l, 3, physician.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := custody.Receive(physician, l, file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := custody.OpenAll(key, l)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := all.Content(3); got.Slot != 3 || got.Secret.Reveal() != want {
		t.Errorf("slot %d holds %s, want %s", got.Slot, got.Secret.Reveal(), want)
	}
	other := mustSeal(t, c, custody.Options{}).List
	if _, err := custody.Receive(physician, other, file); fault.CodeOf(err) != custody.CodeForeign {
		t.Errorf("with another list: %v", err)
	}
	if _, err := custody.Receive(key, l, file); fault.CodeOf(err) != custody.CodeSlotKey {
		t.Errorf("somebody else received it: %v", err)
	}
	if _, err := custody.HandOver(key, l, l.Len(), physician.Recipient()); fault.CodeOf(err) != custody.CodeSlotKey {
		t.Errorf("a slot that is not there: %v", err)
	}
	given := fact("randomised", "P0009", `{"cell":"x","slot":3}`)
	asks := func(who, data, reason string) ledger.Event {
		ev := fact("unblinding-requested", who, data)
		ev.Reason = reason
		return ev
	}
	whom := fmt.Sprintf(`{"physician":"Dr Ek","recipient":%q}`, physician.Recipient())
	why := asks("P0009", whom, "anaphylaxis")
	noted := fact("event-occurred", "P0009", `{"event":"unblinded","note":"anaphylaxis"}`)
	for name, tc := range map[string]struct {
		facts []ledger.Event
		ok    bool
	}{
		"given, with a reason":    {[]ledger.Event{given, why}, true},
		"without a reason":        {[]ledger.Event{given, asks("P0009", whom, "")}, false},
		"not recorded":            {[]ledger.Event{given}, false},
		"recorded of another":     {[]ledger.Event{given, asks("P0008", whom, "x")}, false},
		"noted as an event":       {[]ledger.Event{given, noted}, false},
		"noted after it is asked": {[]ledger.Event{given, why, noted}, true},
		"no physician":            {[]ledger.Event{given, asks("P0009", fmt.Sprintf(`{"recipient":%q}`, physician.Recipient()), "x")}, false},
		"nobody's key":            {[]ledger.Event{given, asks("P0009", `{"physician":"Dr Ek"}`, "x")}, false},
		"given to nobody":         {[]ledger.Event{why}, false},
		"another slot was given":  {[]ledger.Event{fact("randomised", "P0009", `{"slot":4}`), why}, false},
		"an entry without a slot": {[]ledger.Event{fact("randomised", "P0009", `{}`), why}, false},
	} {
		slot := 3
		ev, err := custody.Requested(trial(t, l, tc.facts...).Log.Entries(), l, nil, &slot)
		if tc.ok && (err != nil || ev.Subject != "P0009" || ev.To != physician.Recipient().String()) || !tc.ok && fault.CodeOf(err) != custody.CodeNoReason {
			t.Errorf("%s: %v, %v", name, ev, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(newKey(f).File())
	f.Add([]byte("# made: \nAGE-SECRET-KEY-1"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := custody.ParseKey(raw)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if again, err := custody.ParseKey(k.File()); err != nil || again.Recipient().String() != k.Recipient().String() {
			t.Fatalf("written again it is not read: %v", err)
		}
	})
}
