package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"

	"dvala/fault"
	"dvala/seal"
	"dvala/seal/open"
	"dvala/seal/sealtest"
)

// custodian makes a key for tests.
func custodian(t testing.TB) (*age.X25519Identity, seal.Recipient) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.ParseRecipient(id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	return id, r
}

func secret(t testing.TB, text string) seal.Secret {
	t.Helper()
	s, err := seal.NewSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain gives n slots in two cells, two kits each, the secrets by turns.
func plain(t testing.TB, n int, secrets ...string) []seal.Plain {
	kits := seal.KitNumbers(mrand.New(mrand.NewPCG(1, 2)), 2*n)
	out := make([]seal.Plain, n)
	for i := range out {
		out[i] = seal.Plain{
			Cell:   []string{"site=a", "site=b"}[2*i/n],
			Kits:   []seal.Kit{{Number: kits[2*i], Visit: "day-0"}, {Number: kits[2*i+1], Visit: "day-0"}},
			Secret: secret(t, secrets[i%len(secrets)]),
		}
	}
	return out
}

func sealed(t testing.TB, n int, secrets ...string) (*seal.List, *age.X25519Identity) {
	t.Helper()
	id, to := custodian(t)
	h := seal.Header{Trial: "mgt-2024", Protocol: seal.Hash{1, 2, 3}, Custodian: to.String(), Sealing: seal.ByCustodian}
	l, err := seal.New(h, plain(t, n, secrets...), seal.NewSealer(rand.Reader, to))
	if err != nil {
		t.Fatal(err)
	}
	return l, id
}

func openAll(t testing.TB, l *seal.List, id age.Identity) *seal.Openings {
	t.Helper()
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
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// A commitment is SHA-256 over the parts, each preceded by its length. The value
// was computed with Python's hashlib and struct from the same parts:
//
//	part(x) = pack('>I', len(x)) + x
//	sha256(part('dvala/commitment/1') + part('mgt-2024') + part(0…31) + pack('>Q', 3) + part('site=a') + pack('>Q', 2)
//	  + part('4821-7305') + part('day-0') + part('1000-0007') + part('day-0') + part('active') + 32…63)
func TestCommitmentKnownAnswer(t *testing.T) {
	p := seal.Place{
		Trial: "mgt-2024", Index: 3, Cell: "site=a",
		Kits: []seal.Kit{{Number: "4821-7305", Visit: "day-0"}, {Number: "1000-0007", Visit: "day-0"}},
	}
	var nonce [32]byte
	for i := range 32 {
		p.Protocol[i], nonce[i] = byte(i), byte(32+i)
	}
	const want = "5d0e652ceb404432eacf3fc53638cca08a6cb1768a3afbb37ce46441fed7b20e"
	if got := seal.Commit(p, secret(t, "active"), nonce).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Sealed, written, read, opened: the same secrets; and the openings are accepted
// by those who hold no key.
func TestRoundTrip(t *testing.T) {
	l, id := sealed(t, 8, "active", "p")
	again, err := seal.Parse(bytes.NewReader(l.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash() != l.Hash() || !reflect.DeepEqual(again.Header(), l.Header()) || !bytes.Equal(again.Bytes(), l.Bytes()) {
		t.Fatal("read back it differs")
	}
	if got := again.Cells(); fmt.Sprint(got) != "[site=a site=b]" || len(again.Cell("site=b")) != 4 || again.Cell("site=b")[0] != 4 {
		t.Errorf("cells %v", got)
	}
	s, _ := again.Slot(5)
	if i, ok := again.KitSlot(s.Kits[1].Number); !ok || i != 5 {
		t.Errorf("kit of slot 5 found in %d", i)
	}
	o := openAll(t, again, id)
	o, err = seal.ParseOpenings(bytes.NewReader(o.Bytes()), l)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Len() {
		if got, _ := o.Content(i); got != []string{"active", "p"}[i%2] {
			t.Errorf("slot %d holds %q", i, got)
		}
	}
}

// Envelopes and wrapped keys of all secrets have one length, from one byte to
// the longest, and the test sealer has the same lengths.
func TestOneLength(t *testing.T) {
	l, _ := sealed(t, 8, "a", "placebo-and-much-more", strings.Repeat("x", seal.MaxSecret), "ö")
	for i := range l.Len() {
		s, _ := l.Slot(i)
		if len(s.Envelope) != sealtest.EnvelopeLen || len(s.Key) != sealtest.KeyLen {
			t.Errorf("slot %d: envelope of %d bytes and key of %d, want %d and %d", i, len(s.Envelope), len(s.Key), sealtest.EnvelopeLen, sealtest.KeyLen)
		}
	}
	lines := bytes.Split(bytes.TrimSpace(l.Bytes()), []byte("\n"))[2:]
	for i, line := range lines {
		if len(line) != len(lines[0]) {
			t.Errorf("line of slot %d has %d bytes, that of slot 0 %d", i, len(line), len(lines[0]))
		}
	}
}

// The same secret gives other commitments, envelopes and keys each time, even at
// the same place, so that nothing can be told by comparing.
func TestNothingRepeats(t *testing.T) {
	_, to := custodian(t)
	by := seal.NewSealer(rand.Reader, to)
	p := seal.Place{Trial: "x", Index: 0, Cell: "all"}
	seen := map[string]bool{}
	for range 200 {
		s, err := by.Seal(p, secret(t, "active"))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{s.Commitment.String(), string(s.Envelope), string(s.Key)} {
			if seen[part] {
				t.Fatal("something came twice")
			}
			seen[part] = true
		}
	}
}

// Bytes of envelopes and commitments are spread alike whatever is sealed: the
// mean of each of their bits is a half, within 4.5 standard errors, for both of
// two secrets.
func TestBitsSayNothing(t *testing.T) {
	_, to := custodian(t)
	by := seal.NewSealer(rand.Reader, to)
	const n = 1000
	for _, text := range []string{"a", "placebo"} {
		ones := 0
		for i := range n {
			s, err := by.Seal(seal.Place{Trial: "x", Index: i}, secret(t, text))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range append(s.Envelope[:16:16], s.Commitment[:16]...) {
				for ; b > 0; b &= b - 1 {
					ones++
				}
			}
		}
		const bits = n * 32 * 8
		if dev := float64(ones) - bits/2; dev*dev > 4.5*4.5*bits/4 {
			t.Errorf("%s: %d of %d bits are set", text, ones, bits)
		}
	}
}

// No secret stands in the file of the list.
func TestListHoldsNoSecret(t *testing.T) {
	l, _ := sealed(t, 20, "magnesium-l-threonate", "placebo")
	for _, s := range []string{"magnesium", "threonate", "placebo"} {
		if bytes.Contains(l.Bytes(), []byte(s)) {
			t.Errorf("the list holds %q", s)
		}
	}
}

// Neither a secret nor a key shows itself when printed or encoded.
func TestPrintsNothing(t *testing.T) {
	l, id := sealed(t, 2, "active", "placebo")
	s, _ := l.Slot(0)
	k, err := open.Unwrap(s, id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open.Slot(s, k)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{o, o.Secret, &o.Secret, seal.Plain{Secret: o.Secret}, k, struct{ K open.SlotKey }{k}, openAll(t, l, id)} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			got := fmt.Sprintf(format, v)
			if strings.Contains(got, "active") || strings.Contains(got, fmt.Sprintf("%x", "active")) || strings.Contains(got, k.Text()[:16]) {
				t.Errorf("%s of %T prints %s", format, v, got)
			}
		}
		if raw, err := json.Marshal(v); err == nil && bytes.Contains(raw, []byte("active")) {
			t.Errorf("%T encodes as %s", v, raw)
		}
	}
}

// One slot's key opens that slot and no other, another custodian's key opens
// none, and the kits cannot be exchanged between slots.
func TestKeyOpensItsOwn(t *testing.T) {
	l, id := sealed(t, 4, "active", "placebo")
	a, _ := l.Slot(0)
	b, _ := l.Slot(1)
	k, err := open.Unwrap(a, id)
	if err != nil {
		t.Fatal(err)
	}
	k, err = open.ParseSlotKey(k.Text())
	if err != nil {
		t.Fatal(err)
	}
	if o, err := open.Slot(a, k); err != nil || o.Secret.Reveal() != "active" {
		t.Fatalf("its own slot: %v", err)
	}
	if _, err := open.Slot(b, k); fault.CodeOf(err) != seal.CodeEnvelope {
		t.Errorf("another slot: %v", err)
	}
	stranger, _ := custodian(t)
	if _, err := open.Unwrap(a, stranger); fault.CodeOf(err) != seal.CodeEnvelope {
		t.Errorf("a stranger's key: %v", err)
	}
	moved := a
	moved.Kits = b.Kits
	if _, err := open.Slot(moved, k); fault.CodeOf(err) != seal.CodeEnvelope {
		t.Errorf("kits exchanged: %v", err)
	}
	if _, err := open.ParseSlotKey("00ff"); fault.CodeOf(err) != seal.CodeEnvelope {
		t.Errorf("a short key: %v", err)
	}
}

// An opening that says something else is refused, whatever it is that differs.
func TestOpeningIsBound(t *testing.T) {
	l, id := sealed(t, 2, "active", "placebo")
	s, _ := l.Slot(0)
	k, err := open.Unwrap(s, id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open.Slot(s, k)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*seal.Opening, *seal.Place){
		"secret":   func(o *seal.Opening, _ *seal.Place) { o.Secret = secret(t, "placebo") },
		"nonce":    func(o *seal.Opening, _ *seal.Place) { o.Nonce[31] ^= 1 },
		"slot":     func(o *seal.Opening, _ *seal.Place) { o.Slot = 1 },
		"trial":    func(_ *seal.Opening, p *seal.Place) { p.Trial = "other" },
		"protocol": func(_ *seal.Opening, p *seal.Place) { p.Protocol[0] ^= 1 },
		"cell":     func(_ *seal.Opening, p *seal.Place) { p.Cell = "site=b" },
		"kit":      func(_ *seal.Opening, p *seal.Place) { p.Kits = p.Kits[:1] },
		"visit": func(_ *seal.Opening, p *seal.Place) {
			p.Kits = []seal.Kit{p.Kits[0], {Number: p.Kits[1].Number, Visit: "day-7"}}
		},
	} {
		o, p := o, s.Place
		change(&o, &p)
		if err := o.Check(p, s.Commitment); fault.CodeOf(err) != seal.CodeCommitment {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}

// Every bit of the sealed list and of the openings is guarded, and damage in a
// slot names it.
func TestEveryByteNamed(t *testing.T) {
	l, id := sealed(t, 4, "active", "placebo")
	o := openAll(t, l, id)
	files := map[string]struct {
		raw  []byte
		read func([]byte) error
	}{
		"list":     {l.Bytes(), func(b []byte) error { _, err := seal.Parse(bytes.NewReader(b)); return err }},
		"openings": {o.Bytes(), func(b []byte) error { _, err := seal.ParseOpenings(bytes.NewReader(b), l); return err }},
	}
	for name, f := range files {
		line := -2
		for i, c := range f.raw {
			bent := bytes.Clone(f.raw)
			bent[i] ^= 1 << (i % 8)
			err := f.read(bent)
			var bad fault.List
			if !errors.As(err, &bad) {
				t.Fatalf("%s: byte %d changed unseen (%v)", name, i, err)
			}
			if want := fmt.Sprintf("slot %d", line); line >= 0 && bad[0].Place != want {
				t.Fatalf("%s: byte %d is in %s; the first problem is %v", name, i, want, bad[0])
			}
			if c == '\n' {
				line++
			}
		}
		for n := range f.raw {
			if fault.CodeOf(f.read(f.raw[:n])) == "" {
				t.Fatalf("%s: the first %d of %d bytes passed", name, n, len(f.raw))
			}
		}
		if f.read(append(bytes.Clone(f.raw), f.raw[:40]...)) == nil {
			t.Errorf("%s: something after the end passed", name)
		}
	}
}

// A list that does not fit together is refused.
func TestNewRefuses(t *testing.T) {
	_, to := custodian(t)
	good := seal.Header{Trial: "x", Custodian: to.String(), Sealing: seal.BySeed}
	for name, spoil := range map[string]func(*seal.Header, []seal.Plain){
		"a kit twice":           func(_ *seal.Header, p []seal.Plain) { p[1].Kits = p[0].Kits },
		"a wrong kit number":    func(_ *seal.Header, p []seal.Plain) { p[1].Kits = []seal.Kit{{Number: "1234-5678"}} },
		"cells mixed":           func(_ *seal.Header, p []seal.Plain) { p[3].Cell = p[0].Cell; p[1].Cell = "z" },
		"no trial":              func(h *seal.Header, _ []seal.Plain) { h.Trial = "" },
		"no custodian":          func(h *seal.Header, _ []seal.Plain) { h.Custodian = "age1" },
		"sealed by nobody":      func(h *seal.Header, _ []seal.Plain) { h.Sealing = "" },
		"nothing to be sealed ": func(_ *seal.Header, p []seal.Plain) { p[2].Secret = seal.Secret{} },
	} {
		h, p := good, plain(t, 4, "a", "b")
		spoil(&h, p)
		if _, err := seal.New(h, p, seal.NewSealer(rand.Reader, to)); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	var l seal.List
	if json.Unmarshal([]byte(`{}`), &l) == nil {
		t.Error("a list was born of JSON")
	}
	for _, s := range []string{"", strings.Repeat("x", seal.MaxSecret+1), "\xff"} {
		if _, err := seal.NewSecret(s); fault.CodeOf(err) != seal.CodeSecret {
			t.Errorf("a secret of %d bytes: %v", len(s), err)
		}
	}
}

// Openings of another list, or one too few, are not accepted.
func TestOpeningsOfAnother(t *testing.T) {
	one, id := sealed(t, 4, "active", "placebo")
	two, _ := sealed(t, 4, "active", "placebo")
	o := openAll(t, one, id)
	if _, err := seal.ParseOpenings(bytes.NewReader(o.Bytes()), two); fault.CodeOf(err) != seal.CodeCommitment {
		t.Errorf("openings of another list: %v", err)
	}
	if _, err := seal.NewOpenings(one, nil, nil); fault.CodeOf(err) != seal.CodeCommitment {
		t.Errorf("no openings: %v", err)
	}
}

// Both kinds of public key are read, nothing else is.
func TestParseRecipient(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.ParseRecipient(hybrid.Recipient().String())
	if err != nil || r.String() != hybrid.Recipient().String() {
		t.Fatalf("a hybrid key: %v", err)
	}
	s, err := seal.NewSealer(rand.Reader, r).Seal(seal.Place{Trial: "x"}, secret(t, "active"))
	if err != nil {
		t.Fatal(err)
	}
	slot := seal.Slot{Place: seal.Place{Trial: "x"}, Sealed: s}
	k, err := open.Unwrap(slot, hybrid)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := open.Slot(slot, k); err != nil || o.Secret.Reveal() != "active" {
		t.Fatalf("a hybrid envelope: %v", err)
	}
	for _, text := range []string{"", "age1", hybrid.String(), "ssh-ed25519 AAAA"} {
		_, err := seal.ParseRecipient(text)
		if fault.CodeOf(err) != seal.CodeRecipient {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	_, to := custodian(b)
	by := seal.NewSealer(rand.Reader, to)
	s := secret(b, "active")
	for b.Loop() {
		if _, err := by.Seal(seal.Place{Trial: "x"}, s); err != nil {
			b.Fatal(err)
		}
	}
}

// Each kind of bad file has an example, named by the code it is refused with.
func TestBadFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.dvl")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d files found: %v", len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(filepath.Base(name), "--")
		if _, err := seal.Parse(bytes.NewReader(raw)); fault.CodeOf(err) != fault.Code(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
