package study

import (
	"bytes"
	"testing"

	"dvala/fault"
	"dvala/instrument"
)

// later gives a definition of the program's own with something in it said
// otherwise, as a later release might say it.
func later(t *testing.T, id instrument.ID, old, with string) *instrument.Definition {
	t.Helper()
	d, ok := instrument.ByID(id)
	if !ok || !bytes.Contains(d.Canonical(), []byte(old)) {
		t.Fatalf("%s has no %s", id, old)
	}
	out, err := instrument.Parse(bytes.ReplaceAll(d.Canonical(), []byte(old), []byte(with)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A trial is scored by the definitions that it began with. Others are refused,
// whether they have another version or say something else under the same one;
// kept beside the trial, the old ones go on giving the old scores.
func TestDefinitionsStay(t *testing.T) {
	p := checkedProtocol(t)
	var began []*instrument.Definition
	for _, id := range Asked(p) {
		d, _ := instrument.ByID(id)
		began = append(began, d)
	}
	live := New(p, sealedFor(p), BuiltIn)
	opening := do(t, live, openCommand(live), staff(start, ""))[0]
	named := opening.Event.(Opened).Instruments
	if len(named) != 3 || named[1].ID != "isi" || named[1].Definition.SHA256 != began[1].SHA256() {
		t.Fatalf("%+v", named)
	}
	entry := must(Encode(opening))
	for name, isi := range map[string]*instrument.Definition{
		"another version": later(t, "isi", `"version":"1"`, `"version":"2"`),
		"the same one":    later(t, "isi", `"days":14`, `"days":7`),
	} {
		s := New(p, sealedFor(p), Among(began[0], isi, began[2]))
		if _, err := s.Replay(entry); !hasCode(err, "opened-instruments") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(p, sealedFor(p), Among(began[0], began[2])).Replay(entry); !hasCode(err, "instrument-unknown") {
		t.Error("one is gone:", err)
	}
	if _, err := New(p, sealedFor(p), Among(began...)).Replay(entry); err != nil {
		t.Error(err)
	}
	forged := openCommand(live)
	forged.Instruments = append(forged.Instruments, named[:2]...)
	refuse(t, newState(t), "opened-instruments", forged, staff(start, ""))
}

func hasCode(err error, code fault.Code) bool {
	var l fault.List
	l.Merge("", "", err)
	return l.Has(code)
}
