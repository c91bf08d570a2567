package custody_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
)

// guarded is an example whose custodian names three holders, of whom two open a
// slot together.
func guarded(t testing.TB, custodian *custody.Key) (protocol.Checked, []*custody.Key) {
	t.Helper()
	holders := []*custody.Key{newKey(t), newKey(t), newKey(t)}
	text := custodian.Recipient().String() + "\n  break_glass:\n    needed: 2\n    holders:\n"
	for i, h := range holders {
		text += fmt.Sprintf("      - {name: Holder %d, recipient: %s}\n", i+1, h.Recipient())
	}
	raw := source(t, "mgt-2024")
	raw = bytes.Replace(raw, []byte(protocol.RecipientPlaceholder), []byte(text), 1)
	c, problems := protocol.Parse(raw)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return c, holders
}

// Two holders send their shares of one slot to the physician, while the
// custodian sleeps: she learns that slot and no other, one share is too few, and
// nobody but her can read what they sent.
func TestBreakGlass(t *testing.T) {
	key, physician := newKey(t), newKey(t)
	c, holders := guarded(t, key)
	l := mustSeal(t, c, custody.Options{}).List
	all, err := custody.OpenAll(key, l)
	if err != nil {
		t.Fatal(err)
	}
	var files [][]byte
	for i, h := range holders {
		file, holder, err := custody.GiveShare(h, l, 3, physician.Recipient())
		if err != nil || holder != i+1 {
			t.Fatalf("holder %d: %v", holder, err)
		}
		files = append(files, file)
	}
	want, _ := all.Content(3)
	for _, two := range [][][]byte{{files[0], files[1]}, {files[2], files[1]}, files} {
		got, err := custody.Receive(physician, l, two...)
		if err != nil || got.Slot != 3 || got.Secret.Reveal() != want {
			t.Errorf("slot %d, %v", got.Slot, err)
		}
	}
	if _, err := custody.Receive(physician, l, files[0]); fault.CodeOf(err) != custody.CodeShare {
		t.Errorf("one share: %v", err)
	}
	if _, err := custody.Receive(physician, l, files[0], files[0]); fault.CodeOf(err) != seal.CodeShare {
		t.Errorf("one share twice: %v", err)
	}
	other, _, err := custody.GiveShare(holders[1], l, 4, physician.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custody.Receive(physician, l, files[0], other); fault.CodeOf(err) != custody.CodeShare {
		t.Errorf("shares of two slots: %v", err)
	}
	for _, k := range append(holders, key) {
		if _, err := custody.Receive(k, l, files...); fault.CodeOf(err) != custody.CodeSlotKey {
			t.Errorf("somebody else read it: %v", err)
		}
	}
	if _, _, err := custody.GiveShare(physician, l, 3, physician.Recipient()); fault.CodeOf(err) != custody.CodeKey {
		t.Errorf("a share of one who holds none: %v", err)
	}
	again := mustSeal(t, c, custody.Options{}).List
	if _, err := custody.Receive(physician, again, files...); fault.CodeOf(err) != custody.CodeForeign {
		t.Errorf("shares of another list: %v", err)
	}
}

// What is given away in an emergency has one length for every slot, whatever it
// holds.
func TestWhatIsGivenHasOneLength(t *testing.T) {
	key, physician := newKey(t), newKey(t)
	c, holders := guarded(t, key)
	l := mustSeal(t, c, custody.Options{}).List
	keys, shares := map[int]bool{}, map[int]bool{}
	for i := 10; i < 60; i++ { // slots of two digits, since the number itself is written
		file, err := custody.HandOver(key, l, i, physician.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		keys[len(file)] = true
		share, _, err := custody.GiveShare(holders[0], l, i, physician.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		shares[len(share)] = true
	}
	if len(keys) != 1 || len(shares) != 1 {
		t.Errorf("keys of lengths %v, shares of %v", keys, shares)
	}
}

// With the arms exchanged and a sealer that forgets, a shared list is the same
// byte for byte, and so is its extension.
func TestSwappedArmsShareAndExtendAlike(t *testing.T) {
	key := newKey(t)
	c, _ := guarded(t, key)
	a := c.Assignments()
	seed := uint64(7)
	make := func(swap [2]string) []byte {
		o := custody.Options{Seed: &seed, Sealer: sealtest.Blank{Holders: 3}, Swap: swap}
		l := mustSeal(t, c, o).List
		more, err := custody.Extend(c, l, custody.Extension{Slots: 6}, o)
		if err != nil {
			t.Fatal(err)
		}
		return append(l.Bytes(), more.List.Bytes()...)
	}
	if !bytes.Equal(make([2]string{}), make([2]string{a[0].ID, a[1].ID})) {
		t.Error("the lists differ")
	}
}

// A request on the ledger says whose slot, to whom and why; the key must be the
// one it names, and what extends the list must be on the ledger too.
func TestRequested(t *testing.T) {
	key, physician := newKey(t), newKey(t)
	c, _ := guarded(t, key)
	l := mustSeal(t, c, custody.Options{}).List
	asked := fact("unblinding-requested", "P0009", fmt.Sprintf(`{"physician":"Dr Ek","recipient":%q}`, physician.Recipient()))
	asked.Reason = "anaphylaxis"
	given := fact("randomised", "P0009", `{"slot":3}`)
	x := trial(t, l, given, asked)
	entry := uint64(2)
	r, err := custody.Requested(x.Log.Entries(), l, &entry, nil)
	if err != nil || r.Subject != "P0009" || r.Slot != 3 || r.Reason != "anaphylaxis" || r.Physician != "Dr Ek" {
		t.Fatalf("%+v %v", r, err)
	}
	if last, err := custody.Requested(x.Log.Entries(), l, nil, nil); err != nil || last != r {
		t.Errorf("%+v %v", last, err)
	}
	if to, err := r.For(""); err != nil || to.String() != physician.Recipient().String() {
		t.Errorf("%v %v", to, err)
	}
	if _, err := r.For(key.Recipient().String()); fault.CodeOf(err) != custody.CodeNoReason {
		t.Errorf("another physician: %v", err)
	}
	early := uint64(1)
	if _, err := custody.Requested(x.Log.Entries(), l, &early, nil); fault.CodeOf(err) != custody.CodeNoReason {
		t.Errorf("an entry that asks nothing: %v", err)
	}
	asked.Reason = ""
	if _, err := custody.Requested(trial(t, l, given, asked).Log.Entries(), l, nil, nil); fault.CodeOf(err) != custody.CodeNoReason {
		t.Errorf("without a reason: %v", err)
	}
}

// extended makes an extension and joins it.
func extended(t testing.TB, c protocol.Checked, l *seal.List, x custody.Extension, o custody.Options) (*seal.List, custody.Sealing) {
	t.Helper()
	more, err := custody.Extend(c, l, x, o)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := seal.Join(l, more.List)
	if err != nil {
		t.Fatal(err)
	}
	return whole, more
}

func takesOn(l *seal.List) ledger.Event {
	return fact("list-extended", "", fmt.Sprintf(`{"sealed_file":{"sha256":%q,"bytes":1}}`, l.Hash()))
}

// A list that runs out goes on: more slots in every cell and more kits for a
// slot whose chain ran out, packed with what that slot holds; all of it opens
// after the lock, and only with a ledger that takes the extension on.
func TestExtend(t *testing.T) {
	key, packer, physician := newKey(t), newKey(t), newKey(t)
	c, holders := guarded(t, key)
	o := custody.Options{Packer: packer.Recipient().String()}
	l := mustSeal(t, c, o).List
	whole, more := extended(t, c, l, custody.Extension{Slots: 8, KitsFor: []int{5}, Kits: 2, Key: key}, o)
	for _, cell := range c.Cells() {
		if n := len(whole.Cell(cell.Key)) - len(l.Cell(cell.Key)); n < 8 {
			t.Errorf("%s got %d slots", cell.Key, n)
		}
	}
	openings, err := custody.OpenAll(key, whole)
	if err != nil || openings.Len() != whole.Len() {
		t.Fatal(err)
	}
	if _, err := seal.ParseOpenings(bytes.NewReader(openings.Bytes()), whole); err != nil {
		t.Error(err)
	}
	added := whole.Chain(5)[len(l.Chain(5)):]
	if len(added) == 0 || len(added)%2 != 0 {
		t.Fatalf("added %v", added)
	}
	kits, err := custody.ReadPacking(packer, more.Packing)
	if err != nil {
		t.Fatal(err)
	}
	holds, _ := openings.Content(5)
	found := 0
	for _, k := range kits {
		slot, ok := whole.KitSlot(k.Number)
		content, _ := openings.Content(slot)
		if _, old := l.KitSlot(k.Number); !ok || old || k.Arm != content {
			t.Errorf("kit %v is in slot %d, which holds %s", k, slot, content)
		}
		if slot == 5 {
			found++
			if k.Arm != holds {
				t.Errorf("an added kit of slot 5 holds %s, not %s", k.Arm, holds)
			}
		}
	}
	if found != len(added) {
		t.Errorf("%d of %d added kits are packed", found, len(added))
	}
	locked := fact("locked", "", `{}`)
	if _, err := custody.Locked(trial(t, l, takesOn(more.List), locked), whole); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]struct {
		facts []ledger.Event
		list  *seal.List
	}{
		"an extension that the ledger does not have": {[]ledger.Event{locked}, whole},
		"without the extension":                      {[]ledger.Event{takesOn(more.List), locked}, l},
		"the first list again":                       {[]ledger.Event{takesOn(l), locked}, whole},
	} {
		if _, err := custody.Locked(trial(t, l, bad.facts...), bad.list); fault.CodeOf(err) != custody.CodeForeign {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A slot of the extension is opened by its holders like any other.
	slot := l.Len() + 1
	one, _, err := custody.GiveShare(holders[0], whole, slot, physician.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := custody.GiveShare(holders[2], whole, slot, physician.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := custody.Receive(physician, whole, one, two)
	if want, _ := openings.Content(slot); err != nil || got.Secret.Reveal() != want {
		t.Errorf("%v", err)
	}
}

// What cannot extend a list is refused.
func TestExtendRefuses(t *testing.T) {
	key := newKey(t)
	c, _ := guarded(t, key)
	l := mustSeal(t, c, custody.Options{}).List
	_, more := extended(t, c, l, custody.Extension{Slots: 4}, custody.Options{})
	seed := uint64(3)
	cell := c.Cells()[0].Key
	for name, x := range map[string]struct {
		list *seal.List
		what custody.Extension
		o    custody.Options
	}{
		"nothing":                 {l, custody.Extension{}, custody.Options{}},
		"an extension by itself":  {more.List, custody.Extension{Slots: 4}, custody.Options{}},
		"a seed for a real trial": {l, custody.Extension{Slots: 4}, custody.Options{Seed: &seed}},
		"a cell that is not":      {l, custody.Extension{Slots: 4, Cells: []string{"moon"}}, custody.Options{}},
		"a cell and no slots":     {l, custody.Extension{Cells: []string{cell}}, custody.Options{}},
		"kits without the key":    {l, custody.Extension{KitsFor: []int{1}, Kits: 1}, custody.Options{}},
		"kits with another key":   {l, custody.Extension{KitsFor: []int{1}, Kits: 1, Key: newKey(t)}, custody.Options{}},
		"no kits":                 {l, custody.Extension{KitsFor: []int{1}, Key: key}, custody.Options{}},
		"kits for no slot":        {l, custody.Extension{KitsFor: []int{99999}, Kits: 1, Key: key}, custody.Options{}},
	} {
		if _, err := custody.Extend(c, x.list, x.what, x.o); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := custody.Seal(withHolderMissing(t, key), custody.Options{}); fault.CodeOf(err) != custody.CodeNoKey {
		t.Errorf("a holder without a key: %v", err)
	}
}

func withHolderMissing(t *testing.T, key *custody.Key) protocol.Checked {
	t.Helper()
	text := key.Recipient().String() + "\n  break_glass:\n    needed: 1\n    holders:\n      - {name: X, recipient: " + protocol.HolderPlaceholder + "}\n"
	c, problems := protocol.Parse([]byte(strings.Replace(string(source(t, "mgt-2024")), protocol.RecipientPlaceholder, text, 1)))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return c
}
