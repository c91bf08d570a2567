package study

import (
	"bytes"
	"os"
	"testing"

	"dvala/ledger"
)

// testdata/ledger-0.1.jsonl was written by the program as it was before any
// member was added to the format of its first version. It must be read for ever,
// and written again byte for byte.
func TestOldLedgerIsReadable(t *testing.T) {
	s := newState(t)
	lines := bytes.Split(bytes.TrimSpace(must(os.ReadFile("testdata/ledger-0.1.jsonl"))), []byte("\n"))
	for i, line := range lines {
		f, err := s.Replay(ledger.Entry{Index: uint64(i), Bytes: line})
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if again := must(Encode(f)); !bytes.Equal(again.Bytes, line) {
			t.Errorf("%s\n%s", line, again.Bytes)
		}
	}
	p := s.People["P0001"]
	if s.Entries != 21 || s.Reported == nil || p.Completed == nil || p.Doses[p.Randomised.Date.Add(1)].Units != 2 || len(p.Adverse) != 1 {
		t.Errorf("%d entries, %+v", s.Entries, p)
	}
}
