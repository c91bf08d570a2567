package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/ledger"
)

var noon = time.Date(2026, 3, 1, 11, 12, 9, 214_999, time.UTC)

func event(n int) ledger.Event {
	return ledger.Event{
		Seq: uint64(n), Time: noon.Add(time.Duration(n) * time.Minute), Zone: "Europe/Stockholm", Actor: "anna",
		Role: "nurse", Kind: "answered", Subject: "P-0007", Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)),
	}
}

// An event is written in one fixed form, and the time is cut, not rounded.
func TestEntryBytes(t *testing.T) {
	e, err := ledger.Encode(ledger.Event{
		Seq: 7, Time: noon.In(time.FixedZone("", 3600)), Zone: "Europe/Stockholm", Actor: "anna", Role: "nurse",
		Kind: "answered", Data: json.RawMessage(` { "a<b" : [ 1 , 2.50 , "å" ] } `),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"seq":7,"time":"2026-03-01T11:12:09.000214Z","zone":"Europe/Stockholm","actor":"anna","role":"nurse",` +
		`"kind":"answered","data":{"a<b":[1,2.50,"å"]}}`
	if string(e.Bytes) != want {
		t.Errorf("got  %s\nwant %s", e.Bytes, want)
	}
	ev, err := e.Event()
	if err != nil || ev.Kind != "answered" || string(ev.Data) != `{"a<b":[1,2.50,"å"]}` {
		t.Errorf("read back %+v, %v", ev, err)
	}
}

// Whatever two readers could understand differently is refused.
func TestDecodeRefuses(t *testing.T) {
	good, err := ledger.Encode(event(1))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"white space":         {`"seq":1`, `"seq": 1`},
		"white space in data": {`{"n":1}`, `{"n":1 }`},
		"another order":       {`"seq":1,`, ``},
		"unknown member":      {`"data":`, `"extra":1,"data":`},
		"member twice":        {`"data":`, `"kind":"x","data":`},
		"member in capitals":  {`"kind":`, `"Kind":`},
		"twice in data":       {`{"n":1}`, `{"n":1,"n":2}`},
		"twice but for case":  {`{"n":1}`, `{"n":1,"N":2}`},
		"time with offset":    {`09.000214Z`, `09.000214+00:00`},
		"time in nanoseconds": {`09.000214Z`, `09.000214999Z`},
		"no kind":             {`"kind":"answered"`, `"kind":""`},
		"data not an object":  {`{"n":1}`, `[1]`},
		"data absent":         {`,"data":{"n":1}`, ``},
		"trailing":            {`{"n":1}}`, `{"n":1}} `},
		"escaped needlessly":  {`anna`, `\u0061nna`},
		"not UTF-8":           {`anna`, "ann\xff"},
		"empty subject":       {`"P-0007"`, `""`},
		"nothing":             {string(good.Bytes), ``},
		"too deep":            {`{"n":1}`, `{"n":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`},
	} {
		raw := strings.Replace(string(good.Bytes), change[0], change[1], 1)
		if raw == string(good.Bytes) {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if ev, err := ledger.Decode([]byte(raw)); err == nil {
			t.Errorf("%s: read %+v", name, ev)
		} else if fault.CodeOf(err) != ledger.CodeEntry {
			t.Errorf("%s: code %q of %v", name, fault.CodeOf(err), err)
		}
	}
}

// Encode refuses what could not be read back.
func TestEncodeRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*ledger.Event){
		"no kind":      func(e *ledger.Event) { e.Kind = "" },
		"no time":      func(e *ledger.Event) { e.Time = time.Time{} },
		"year 12000":   func(e *ledger.Event) { e.Time = e.Time.AddDate(10000, 0, 0) },
		"not UTF-8":    func(e *ledger.Event) { e.Reason = "\xc3" },
		"not JSON":     func(e *ledger.Event) { e.Data = json.RawMessage(`{"a":}`) },
		"not object":   func(e *ledger.Event) { e.Data = json.RawMessage(`null`) },
		"key twice":    func(e *ledger.Event) { e.Data = json.RawMessage(`{"a":{"b":1,"B":2}}`) },
		"much too big": func(e *ledger.Event) { e.Reason = strings.Repeat("x", ledger.MaxEntry) },
	} {
		ev := event(0)
		spoil(&ev)
		if _, err := ledger.Encode(ev); fault.CodeOf(err) != ledger.CodeEntry {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The frontier gives the same stored hashes and roots as x/mod's own code,
// which is what the Go checksum database runs on.
func TestFrontierAgainstTlog(t *testing.T) {
	var theirs []tlog.Hash
	reader := tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(places))
		for i, p := range places {
			out[i] = theirs[p]
		}
		return out, nil
	})
	var f ledger.Frontier
	if want := ledger.Hash(sha256.Sum256(nil)); f.Root() != want {
		t.Fatal("the empty tree's root is not SHA-256 of nothing")
	}
	for n := range 300 {
		raw := []byte(fmt.Sprintf("entry %d", n))
		want, err := tlog.StoredHashes(int64(n), raw, reader)
		if err != nil {
			t.Fatal(err)
		}
		if at := ledger.StoredHashes(uint64(n)); at != uint64(len(theirs)) {
			t.Fatalf("entry %d is to be stored from %d, not %d", n, at, len(theirs))
		}
		theirs = append(theirs, want...)
		next, got := f.Append(raw)
		f = next
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("entry %d: other hashes to store", n)
		}
		root, err := tlog.TreeHash(int64(n+1), reader)
		if err != nil || f.Root() != root {
			t.Fatalf("after entry %d: another root", n)
		}
		again, err := ledger.NewFrontier(uint64(n+1), reader)
		if err != nil || again.Root() != root || again.Size() != f.Size() {
			t.Fatalf("after entry %d: frontier read back differs (%v)", n, err)
		}
	}
}

// The tree of RFC 6962: root values of its widely used test inputs, as given in
// the tests of google/certificate-transparency (merkle_tree_test, "reference
// roots").
func TestReferenceRoots(t *testing.T) {
	leaves := []string{
		"", "\x00", "\x10", "\x20\x21", "\x30\x31", "\x40\x41\x42\x43",
		"\x50\x51\x52\x53\x54\x55\x56\x57",
		"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
	}
	want := map[int]string{
		1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var f ledger.Frontier
	for i, leaf := range leaves {
		f, _ = f.Append([]byte(leaf))
		root := f.Root()
		if got := fmt.Sprintf("%x", root[:]); got != want[i+1] {
			t.Errorf("%d leaves: %s, want %s", i+1, got, want[i+1])
		}
	}
}

// Proofs hold for what they prove, and for nothing else.
func TestProofs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 120).Draw(t, "size")
		old := rapid.IntRange(0, size).Draw(t, "old")
		index := rapid.IntRange(0, size-1).Draw(t, "index")
		var l ledger.Log
		var early ledger.Checkpoint
		for n := range size {
			if n == old {
				early = l.Checkpoint("x")
			}
			if _, err := l.Append(event(n)); err != nil {
				t.Fatal(err)
			}
		}
		if old == size {
			early = l.Checkpoint("x")
		}
		late := l.Checkpoint("x")
		in, err := ledger.ProveInclusion(late.Size, uint64(index), &l)
		if err != nil {
			t.Fatal(err)
		}
		e := l.Entries()[index]
		if err := ledger.CheckInclusion(in, late, e); err != nil {
			t.Fatal(err)
		}
		other := ledger.Entry{Index: e.Index, Bytes: bytes.Replace(e.Bytes, []byte("anna"), []byte("anne"), 1)}
		if ledger.CheckInclusion(in, late, other) == nil {
			t.Fatal("another entry passed")
		}
		con, err := ledger.ProveConsistency(early.Size, late.Size, &l)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckConsistency(con, early, late); err != nil {
			t.Fatal(err)
		}
		early.Root[3] ^= 1
		if err := ledger.CheckConsistency(con, early, late); fault.CodeOf(err) != ledger.CodeHistory {
			t.Fatalf("another history passed: %v", err)
		}
	})
}

// A file is named by an object under a member that ends in file or files.
func TestFiles(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	ev := ledger.Event{Data: json.RawMessage(`{"night":{"source_files":[{"sha256":"` + sum + `","name":"a.json","bytes":12}]},` +
		`"file":{"sha256":"` + sum + `","bytes":0},"profile":{"name":"x"},"digest":{"sha256":"zz"}}`)}
	got, err := ev.Files()
	if err != nil || len(got) != 2 || got[0].Bytes != 0 || got[1].Name != "a.json" || got[1].Bytes != 12 {
		t.Fatalf("got %+v, %v", got, err)
	}
	ev.Data = json.RawMessage(`{"file":{"sha256":"ABC","bytes":1}}`)
	if _, err := ev.Files(); fault.CodeOf(err) != ledger.CodeEntry {
		t.Fatalf("a bad hash passed: %v", err)
	}
}
