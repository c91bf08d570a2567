package ledger_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/ledger"
)

func newKey(t testing.TB, origin string) *ledger.Key {
	t.Helper()
	k, err := ledger.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// exported gives a ledger of n entries as a file, and its key.
func exported(t testing.TB, n int) ([]byte, *ledger.Key, *ledger.Log) {
	t.Helper()
	key := newKey(t, "mgt-2024")
	var l ledger.Log
	for i := range n {
		if _, err := l.Append(event(i)); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := key.Sign(l.Checkpoint("mgt-2024"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ledger.WriteExport(&b, key.Public(), ledger.Each(l.Entries()), signed); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), key, &l
}

// What is written is read back, byte for byte, whatever the number of entries.
func TestExportRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 2, 37} {
		raw, _, l := exported(t, n)
		x, err := ledger.ReadExport(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%d entries: %v", n, err)
		}
		if x.Checkpoint != l.Checkpoint("mgt-2024") || x.Log.Root() != l.Root() {
			t.Fatalf("%d entries: another checkpoint", n)
		}
		var again bytes.Buffer
		if err := ledger.WriteExport(&again, x.Key, ledger.Each(x.Log.Entries()), x.Signed); err != nil || !bytes.Equal(again.Bytes(), raw) {
			t.Fatalf("%d entries: written again it differs (%v)", n, err)
		}
	}
}

// Every bit of every byte of the file is guarded, and damage inside an entry
// names that entry.
func TestExportEveryByte(t *testing.T) {
	raw, _, _ := exported(t, 5)
	var entryAt []int // for each byte, the entry it is in, or -1
	entry, inEntries := 0, false
	for _, line := range bytes.SplitAfter(raw, []byte("\n")) {
		isEntry := bytes.Contains(line, []byte(` {"seq":`))
		for range line {
			if isEntry {
				entryAt = append(entryAt, entry)
			} else {
				entryAt = append(entryAt, -1)
			}
		}
		if isEntry {
			entry++
			inEntries = true
		}
	}
	if !inEntries || entry != 5 {
		t.Fatalf("the file holds %d entries", entry)
	}
	for i := range raw {
		for bit := range 8 {
			if testing.Short() && bit != i%8 {
				continue
			}
			bent := bytes.Clone(raw)
			bent[i] ^= 1 << bit
			_, err := ledger.ReadExport(bytes.NewReader(bent))
			if err == nil {
				t.Fatalf("byte %d, bit %d (%q) changed unseen", i, bit, raw[max(0, i-20):min(len(raw), i+20)])
			}
			var l fault.List
			if !errors.As(err, &l) || l[0].Code == "" || l[0].Place == "" {
				t.Fatalf("byte %d: no code or place in %v", i, err)
			}
			if n := entryAt[i]; n >= 0 && l[0].Place != fmt.Sprintf("entry %d", n) {
				t.Fatalf("byte %d is in entry %d; the first problem is %v", i, n, l[0])
			}
		}
	}
}

// A copy that ends early is refused wherever it ends.
func TestExportTruncated(t *testing.T) {
	raw, _, _ := exported(t, 3)
	for n := range raw {
		if _, err := ledger.ReadExport(bytes.NewReader(raw[:n])); fault.CodeOf(err) == "" {
			t.Fatalf("%d of %d bytes: %v", n, len(raw), err)
		}
	}
	if _, err := ledger.ReadExport(bytes.NewReader(append(bytes.Clone(raw), "more\n"...))); err == nil {
		t.Error("something after the end passed")
	}
}

// Entries left out, moved, or changed together with their hash are found.
func TestExportRewritten(t *testing.T) {
	raw, _, _ := exported(t, 6)
	lines := strings.SplitAfter(string(raw), "\n")
	without := strings.Join(append(append([]string{}, lines[:5]...), lines[6:]...), "")
	if _, err := ledger.ReadExport(strings.NewReader(without)); fault.CodeOf(err) != ledger.CodeEntry {
		t.Errorf("an entry left out: %v", err)
	}
	last := strings.Join(append(append([]string{}, lines[:8]...), lines[9:]...), "")
	if _, err := ledger.ReadExport(strings.NewReader(last)); fault.CodeOf(err) != ledger.CodeRoot {
		t.Errorf("the last entry left out: %v", err)
	}
	_, body, _ := strings.Cut(strings.TrimSuffix(lines[5], "\n"), " ")
	changed := strings.Replace(body, "anna", "anne", 1)
	swapped := append([]string{}, lines...)
	swapped[5] = ledger.LeafHash([]byte(changed)).String() + " " + changed + "\n"
	if _, err := ledger.ReadExport(strings.NewReader(strings.Join(swapped, ""))); fault.CodeOf(err) != ledger.CodeRoot {
		t.Errorf("an entry changed with its hash: %v", err)
	}
}

// A line without end is refused with bounded memory.
func TestExportHuge(t *testing.T) {
	raw, _, _ := exported(t, 1)
	head := string(raw[:bytes.Index(raw, []byte("\n\n"))+2])
	_, err := ledger.ReadExport(strings.NewReader(head + strings.Repeat("x", 3*ledger.MaxEntry)))
	if fault.CodeOf(err) != ledger.CodeFormat {
		t.Errorf("got %v", err)
	}
	_, err = ledger.ReadExport(strings.NewReader(head + strings.Repeat("x\n", 1000)))
	var l fault.List
	if !errors.As(err, &l) || len(l) > 110 {
		t.Errorf("%d problems", len(l))
	}
}

// An earlier checkpoint is shown to be the beginning; one of a rewritten
// history, another ledger or another key is not.
func TestExtends(t *testing.T) {
	raw, key, l := exported(t, 20)
	x, err := ledger.ReadExport(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(k *ledger.Key, c ledger.Checkpoint) []byte {
		signed, err := k.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	for _, n := range []uint64{0, 1, 7, 16, 20} {
		root, err := ledger.RootAt(n, l)
		if err != nil {
			t.Fatal(err)
		}
		early := ledger.Checkpoint{Origin: "mgt-2024", Size: n, Root: root}
		if got, err := x.Extends(sign(key, early)); err != nil || got != early {
			t.Errorf("checkpoint of %d entries: %v", n, err)
		}
		early.Root[0] ^= 1
		if _, err := x.Extends(sign(key, early)); fault.CodeOf(err) != ledger.CodeHistory {
			t.Errorf("another root of %d entries: %v", n, err)
		}
	}
	later := ledger.Checkpoint{Origin: "mgt-2024", Size: 21}
	if _, err := x.Extends(sign(key, later)); fault.CodeOf(err) != ledger.CodeHistory {
		t.Errorf("a checkpoint of more entries: %v", err)
	}
	if _, err := x.Extends(sign(newKey(t, "mgt-2024"), l.Checkpoint("mgt-2024"))); fault.CodeOf(err) != ledger.CodeSignature {
		t.Errorf("another key: %v", err)
	}
}

// A key survives being written down, prints only its public half, and signs
// only for its own ledger.
func TestKey(t *testing.T) {
	k := newKey(t, "mgt-2024")
	again, err := ledger.ParseKey(k.Secret()+"\n", k.Public().String()+"\n")
	if err != nil || again.Public().String() != k.Public().String() {
		t.Fatalf("read back: %v", err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if s := fmt.Sprintf(format, k); strings.Contains(s, k.Secret()[30:60]) || !strings.Contains(s, "mgt-2024") {
			t.Errorf("%s prints %s", format, s)
		}
	}
	if _, err := ledger.ParseKey(k.Secret(), newKey(t, "mgt-2024").Public().String()); fault.CodeOf(err) != ledger.CodeKey {
		t.Errorf("a public key of another: %v", err)
	}
	if _, err := k.Sign(ledger.Checkpoint{Origin: "other"}); fault.CodeOf(err) != ledger.CodeKey {
		t.Errorf("signed for another ledger: %v", err)
	}
	for _, origin := range []string{"", "a b", "a+b"} {
		if _, err := ledger.GenerateKey(rand.Reader, origin); fault.CodeOf(err) != ledger.CodeKey {
			t.Errorf("a key named %q: %v", origin, err)
		}
	}
}

// C2SP tlog-checkpoint: origin, size in decimals, root in base64, each on a line.
func TestCheckpointText(t *testing.T) {
	c := ledger.Checkpoint{Origin: "mgt-2024", Size: 12}
	if want := "mgt-2024\n12\n" + strings.Repeat("A", 43) + "=\n"; c.Text() != want {
		t.Errorf("got %q", c.Text())
	}
}

func FuzzDecode(f *testing.F) {
	for i := range 3 {
		e, err := ledger.Encode(event(i))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Bytes)
	}
	f.Add([]byte(`{"seq":0,"time":"2026-03-01T11:12:09.000214Z","zone":"","actor":"","role":"","kind":"x","data":{"a":[{},"\u2028",1e9]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ev, err := ledger.Decode(raw)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		again, err := ledger.Encode(ev)
		if err != nil || !bytes.Equal(again.Bytes, raw) {
			t.Fatalf("read %q, written %q (%v)", raw, again.Bytes, err)
		}
		_, _ = ev.Files()
	})
}

func FuzzReadExport(f *testing.F) {
	raw, key, l := exported(f, 4)
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Add([]byte("dvala-ledger 1\n"))
	signed, err := key.Sign(l.Checkpoint("mgt-2024"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := ledger.ReadExport(bytes.NewReader(raw))
		_, _ = ledger.OpenCheckpoint(raw, key.Public())
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := ledger.WriteExport(&b, x.Key, ledger.Each(x.Log.Entries()), x.Signed); err != nil || !bytes.Equal(b.Bytes(), raw) {
			t.Fatalf("accepted what is not written so (%v)", err)
		}
	})
}

// excerpted writes some entries of a ledger of n.
func excerpted(t testing.TB, n int, places ...uint64) ([]byte, *ledger.Log) {
	t.Helper()
	_, key, l := exported(t, n)
	signed, err := key.Sign(l.Checkpoint("mgt-2024"))
	if err != nil {
		t.Fatal(err)
	}
	var some []ledger.Entry
	for _, p := range places {
		some = append(some, l.Entries()[p])
	}
	var b bytes.Buffer
	if err := ledger.WriteExcerpt(&b, key.Public(), some, l, signed); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), l
}

// An excerpt holds the entries it was made of and no others, and nothing of it can
// be changed: every byte that is bent is found out.
func TestExcerpt(t *testing.T) {
	raw, l := excerpted(t, 9, 0, 3, 8)
	x, err := ledger.ReadExcerpt(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Entries) != 3 || x.Entries[1].Index != 3 || !bytes.Equal(x.Entries[2].Bytes, l.Entries()[8].Bytes) || x.Checkpoint.Size != 9 {
		t.Errorf("%+v", x)
	}
	header := bytes.Index(raw, []byte("\n\n"))
	for i := header; i < len(raw); i++ {
		bent := bytes.Clone(raw)
		bent[i] ^= 1
		if got, err := ledger.ReadExcerpt(bytes.NewReader(bent)); err == nil || len(got.Entries) > 0 {
			t.Fatalf("byte %d bent from %q is taken", i, raw[i])
		}
	}
	if _, err := ledger.ReadExcerpt(bytes.NewReader(bytes.Replace(raw, []byte("dvala-excerpt 1"), []byte("dvala-ledger 1"), 1))); fault.CodeOf(err) != ledger.CodeFormat {
		t.Error(err)
	}
	one, _ := excerpted(t, 1, 0)
	if x, err := ledger.ReadExcerpt(bytes.NewReader(one)); err != nil || len(x.Entries) != 1 {
		t.Errorf("of a ledger of one entry: %v", err)
	}
	out, _ := excerpted(t, 9, 3, 0)
	if _, err := ledger.ReadExcerpt(bytes.NewReader(out)); fault.CodeOf(err) != ledger.CodeFormat {
		t.Errorf("out of order: %v", err)
	}
}

func FuzzReadExcerpt(f *testing.F) {
	raw, _ := excerpted(f, 9, 0, 3, 8)
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	one, _ := excerpted(f, 1, 0)
	f.Add(one)
	f.Add([]byte("dvala-excerpt 1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if x, err := ledger.ReadExcerpt(bytes.NewReader(raw)); err != nil && (fault.CodeOf(err) == "" || len(x.Entries) > 0) {
			t.Fatalf("%v, with %d entries", err, len(x.Entries))
		}
	})
}

// Appending in memory: encoding, hashing, growing the tree.
func BenchmarkAppend(b *testing.B) {
	ev := event(0)
	b.ReportAllocs()
	var l ledger.Log
	for b.Loop() {
		if _, err := l.Append(ev); err != nil {
			b.Fatal(err)
		}
	}
}

// Reading and verifying an export of 10,000 entries.
func BenchmarkReadExport(b *testing.B) {
	raw, _, _ := exported(b, 10_000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := ledger.ReadExport(bytes.NewReader(raw)); err != nil {
			b.Fatal(err)
		}
	}
}

// Many bytes flipped at random in a larger ledger: each is found and named.
func TestExportFlipMany(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	raw, _, _ := exported(t, 400)
	g := mrand.New(mrand.NewPCG(1, 2))
	for range 300 {
		i, with := g.IntN(len(raw)), byte(1+g.IntN(255))
		bent := bytes.Clone(raw)
		bent[i] ^= with
		if _, err := ledger.ReadExport(bytes.NewReader(bent)); err == nil {
			t.Fatalf("byte %d changed unseen", i)
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
		if _, err := ledger.ReadExport(bytes.NewReader(raw)); fault.CodeOf(err) != fault.Code(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
