package seal_test

import (
	"bytes"
	"crypto/rand"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"dvala/fault"
	"dvala/seal"
	"dvala/seal/open"
)

// shared is a list whose keys are shared among n holders, of whom needed open.
func shared(t testing.TB, slots, needed, n int) (*seal.List, *age.X25519Identity, []*age.X25519Identity) {
	t.Helper()
	id, to := custodian(t)
	h := seal.Header{Trial: "mgt-2024", Protocol: seal.Hash{1, 2, 3}, Custodian: to.String(), Sealing: seal.ByCustodian}
	h.Holders.Needed = needed
	var ids []*age.X25519Identity
	var holders []seal.Recipient
	for range n {
		hid, r := custodian(t)
		ids, holders = append(ids, hid), append(holders, r)
		h.Holders.Recipients = append(h.Holders.Recipients, r.String())
	}
	l, err := seal.New(h, plain(t, slots, "active", "placebo"), seal.NewSharingSealer(rand.Reader, to, needed, holders))
	if err != nil {
		t.Fatal(err)
	}
	return l, id, ids
}

func parsed(t testing.TB, raw []byte) *seal.List {
	t.Helper()
	l, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Two of three holders open one slot, and what is in it is what the custodian
// would have found; one of them does not, and the shares of one slot open no
// other.
func TestHoldersOpenOneSlot(t *testing.T) {
	made, id, holders := shared(t, 4, 2, 3)
	l := parsed(t, made.Bytes())
	if !bytes.HasPrefix(l.Bytes(), []byte("dvala-sealed-list 2\n")) || l.Header().Holders.Needed != 2 {
		t.Errorf("%.60s", l.Bytes())
	}
	openings := openAll(t, l, id)
	for i := range l.Len() {
		s, _ := l.Slot(i)
		var shares []seal.Share
		for h, hid := range holders {
			share, err := open.UnwrapShare(s, h, hid)
			if err != nil {
				t.Fatal(err)
			}
			shares = append(shares, share)
			if _, err := open.UnwrapShare(s, (h+1)%3, hid); fault.CodeOf(err) != seal.CodeShare {
				t.Errorf("a share of another holder: %v", err)
			}
		}
		for _, two := range [][]seal.Share{{shares[0], shares[1]}, {shares[2], shares[0]}, shares} {
			key, err := open.Combine(two)
			if err != nil {
				t.Fatal(err)
			}
			o, err := open.Slot(s, key)
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := openings.Content(i); o.Secret.Reveal() != want {
				t.Errorf("slot %d holds %s, not %s", i, o.Secret.Reveal(), want)
			}
			for j := range l.Len() {
				other, _ := l.Slot(j)
				if _, err := open.Slot(other, key); (err == nil) != (i == j) {
					t.Errorf("the shares of slot %d on slot %d: %v", i, j, err)
				}
			}
		}
		one, err := open.Combine(shares[:1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open.Slot(s, one); fault.CodeOf(err) != seal.CodeEnvelope {
			t.Errorf("one share of two opened slot %d: %v", i, err)
		}
	}
}

// Every share, key and envelope has one length, whatever the slot holds.
func TestSharesOfOneLength(t *testing.T) {
	l, _, _ := shared(t, 6, 2, 3)
	first, _ := l.Slot(0)
	for i := range l.Len() {
		s, _ := l.Slot(i)
		for h := range s.Shares {
			if len(s.Shares[h]) != len(first.Shares[0]) {
				t.Errorf("slot %d: a share of %d bytes", i, len(s.Shares[h]))
			}
		}
	}
}

// extension adds two slots to each cell, and a kit to slot 1.
func extension(t testing.TB, l *seal.List, added string) *seal.List {
	t.Helper()
	h := l.Header()
	h.Extends, h.First, h.Holders = l.Hash(), l.Len(), seal.Holders{}
	_, to := custodian(t)
	h.Custodian = to.String()
	kits := seal.KitNumbers(mrand.New(mrand.NewPCG(uint64(l.Len()), 9)), 5)
	one := 1
	p := []seal.Plain{
		{Cell: "site=a", Kits: []seal.Kit{{Number: kits[0], Visit: "day-0"}}, Secret: secret(t, "active")},
		{Cell: "site=a", Kits: []seal.Kit{{Number: kits[1], Visit: "day-0"}}, Secret: secret(t, "placebo")},
		{Cell: "site=b", Kits: []seal.Kit{{Number: kits[2], Visit: "day-0"}}, Secret: secret(t, "active")},
		{Cell: "site=a", Kits: []seal.Kit{{Number: kits[4], Visit: "day-0"}}, Secret: secret(t, added), For: &one},
	}
	next, err := seal.New(h, p, seal.NewSealer(rand.Reader, to))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, next.Bytes())
}

// A list goes on in another: slots, cells and chains of kits are those of both,
// and the last file's hash stands for all, since it names the one before.
func TestJoin(t *testing.T) {
	first, _ := sealed(t, 4, "active", "placebo") // slot 1 holds placebo
	second := extension(t, first, "placebo")
	l, err := seal.Join(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() != 8 || l.Hash() != second.Hash() || len(l.Parts()) != 2 {
		t.Errorf("%v", l)
	}
	if got := l.Cell("site=a"); !slices.Equal(got, []int{0, 1, 4, 5}) {
		t.Errorf("site=a has %v", got)
	}
	if got := l.Cell("site=b"); !slices.Equal(got, []int{2, 3, 6}) {
		t.Errorf("site=b has %v", got)
	}
	added, _ := l.Slot(7)
	chain := l.Chain(1)
	if len(chain) != 3 || chain[2] != added.Kits[0] {
		t.Errorf("the chain of slot 1 is %v", chain)
	}
	if slot, ok := l.KitSlot(added.Kits[0].Number); !ok || slot != 1 {
		t.Errorf("the added kit belongs to slot %d", slot)
	}
	third := extension(t, l, "placebo")
	if _, err := seal.Join(first, second, third); err != nil {
		t.Error(err)
	}
	if m, err := seal.Join(l, third); err != nil || m.Len() != 12 || len(m.Parts()) != 3 {
		t.Error(err)
	}
	for name, lists := range map[string][]*seal.List{
		"one left out":      {first, third},
		"one twice":         {first, second, second},
		"in another order":  {first, third, second},
		"no first":          {second, third},
		"of another's list": {third, first},
	} {
		if _, err := seal.Join(lists[0], lists[1:]...); fault.CodeOf(err) != seal.CodeExtension {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Openings are of the whole list; an extension by itself has none, and kits that
// were added with something else in them are found once it is opened.
func TestOpeningsOfExtended(t *testing.T) {
	first, id := sealed(t, 4, "active", "placebo")
	for _, c := range []struct {
		more string
		code fault.Code
	}{{"placebo", ""}, {"active", seal.CodeCommitment}} {
		h := first.Header()
		h.Extends, h.First = first.Hash(), first.Len()
		one := 1
		r, err := seal.ParseRecipient(h.Custodian)
		if err != nil {
			t.Fatal(err)
		}
		next, err := seal.New(h, []seal.Plain{
			{Cell: "site=a", Kits: []seal.Kit{{Number: seal.KitNumbers(mrand.New(mrand.NewPCG(7, 7)), 1)[0], Visit: "day-0"}}, Secret: secret(t, c.more), For: &one},
		}, seal.NewSealer(rand.Reader, r))
		if err != nil {
			t.Fatal(err)
		}
		l, err := seal.Join(first, next)
		if err != nil {
			t.Fatal(err)
		}
		var all []seal.Opening
		for i := range l.Len() {
			s, _ := l.Slot(i)
			k, err := open.Unwrap(s, id)
			if err != nil {
				t.Fatal(err)
			}
			o, err := open.Slot(s, k)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, o)
		}
		o, err := seal.NewOpenings(l, all, nil)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s added to placebo: %v", c.more, err)
		}
		if err == nil {
			if _, err := seal.ParseOpenings(bytes.NewReader(o.Bytes()), l); err != nil {
				t.Error(err)
			}
			if _, err := seal.ParseOpenings(bytes.NewReader(o.Bytes()), first); err == nil {
				t.Error("openings of the whole passed for the first list")
			}
		}
		if _, err := seal.NewOpenings(next, all[4:], nil); fault.CodeOf(err) != seal.CodeExtension {
			t.Errorf("an extension opened by itself: %v", err)
		}
	}
}

// What cannot be an extension or a sharing is refused.
func TestSecondVersionRefuses(t *testing.T) {
	first, _ := sealed(t, 4, "active", "placebo")
	_, to := custodian(t)
	zero, far := 0, 9
	kit := []seal.Kit{{Number: seal.KitNumbers(mrand.New(mrand.NewPCG(8, 7)), 1)[0], Visit: "day-0"}}
	good := first.Header()
	good.Extends, good.First, good.Custodian = first.Hash(), first.Len(), to.String()
	for name, spoil := range map[string]func(*seal.Header, *seal.Plain){
		"no beginning":      func(h *seal.Header, _ *seal.Plain) { h.First = 0 },
		"extends nothing":   func(h *seal.Header, _ *seal.Plain) { h.Extends = seal.Hash{} },
		"kits for no slot":  func(_ *seal.Header, p *seal.Plain) { p.For = &far },
		"kits for and none": func(_ *seal.Header, p *seal.Plain) { p.For, p.Kits = &zero, nil },
		"too many needed": func(h *seal.Header, _ *seal.Plain) {
			h.Holders = seal.Holders{Needed: 2, Recipients: []string{to.String()}}
		},
		"a holder twice": func(h *seal.Header, _ *seal.Plain) {
			h.Holders = seal.Holders{Needed: 1, Recipients: []string{to.String(), to.String()}}
		},
		"shares that are none": func(h *seal.Header, _ *seal.Plain) {
			h.Holders = seal.Holders{Needed: 1, Recipients: []string{to.String()}}
		},
		"a holder of no key": func(h *seal.Header, _ *seal.Plain) { h.Holders = seal.Holders{Needed: 1, Recipients: []string{"age1"}} },
	} {
		h, p := good, seal.Plain{Cell: "site=a", Kits: kit, Secret: secret(t, "active")}
		spoil(&h, &p)
		if _, err := seal.New(h, []seal.Plain{p}, seal.NewSealer(rand.Reader, to)); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A list of the second version under the first one's name, and the reverse.
	second := extension(t, first, "placebo")
	for _, raw := range [][]byte{
		bytes.Replace(second.Bytes(), []byte("list 2\n"), []byte("list 1\n"), 1),
		bytes.Replace(first.Bytes(), []byte("list 1\n"), []byte("list 2\n"), 1),
	} {
		if _, err := seal.Parse(bytes.NewReader(raw)); err == nil || !strings.Contains(err.Error(), "dvala-sealed-list") {
			t.Errorf("%v", err)
		}
	}
}
