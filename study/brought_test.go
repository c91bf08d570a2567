package study

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"dvala/civil"
	"dvala/instrument"
	"dvala/protocol"
)

// filesOf gives a trial the files of definitions, and protocols parsed with the
// instruments that they may ask.
func filesOf(s *State, text []byte, definitions ...*instrument.Definition) {
	s.UseFiles(func(sum string) ([]byte, error) {
		for _, d := range definitions {
			if d.SHA256() == sum {
				return d.Canonical(), nil
			}
		}
		return nil, errors.New("no such file")
	})
	s.UseProtocols(func(_ string, known Instruments) (protocol.Checked, bool) {
		c, problems := protocol.Parse(text, protocol.Instruments(func(id instrument.ID) (*instrument.Definition, bool) { return known(id, "") }))
		return c, problems.Err() == nil
	})
}

// evening is an instrument that no program has inside.
func evening(t *testing.T) *instrument.Definition {
	t.Helper()
	return must(instrument.Parse(must(os.ReadFile(filepath.Join("..", "instrument", "testdata", "good", "own.yaml")))))
}

// An amendment brings an instrument with its definition: from the approval on it
// is the trial's, answers are scored by it, and whoever replays the ledger needs
// the files alone, whatever the program has inside.
func TestAmendmentBringsInstrument(t *testing.T) {
	own := evening(t)
	text := amendedText(t, `version: "1"`, `version: "2"`, "day: 7, before: 1, after: 2, instruments: [isi, kss]", "day: 7, before: 1, after: 2, instruments: [isi, kss, evening]")
	c, problems := protocol.Parse(text, protocol.Instruments(func(id instrument.ID) (*instrument.Definition, bool) {
		if id == own.ID {
			return own, true
		}
		return instrument.ByID(id)
	}))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	cmd := AmendProtocol{Protocol: File{SHA256: anyHash, Bytes: 9}, ProtocolHash: c.HashHex(), Version: "2", Summary: "a question more", Instruments: []InstrumentUsed{Used(own)}}

	s := opened(t)
	filesOf(s, text, own)
	who := enrolled(t, s, "female")
	by := because(investigator(day(1), ""))
	none := cmd
	none.Instruments = nil
	refuse(t, s, "amendment-file", none, by) // it asks what is nowhere
	altered := must(instrument.Parse(bytes.Replace(own.Canonical(), []byte(`"version":"`), []byte(`"version":"0.`), 1)))
	other := cmd
	other.Instruments = []InstrumentUsed{Used(altered)}
	refuse(t, s, "amendment-instrument", other, by) // a definition whose file is not there
	known, _ := instrument.ByID("isi")
	again := cmd
	again.Instruments = append(again.Instruments, Used(known))
	filesOf(s, text, own, known)
	refuse(t, s, "amendment-instrument", again, by) // the trial has that one
	n := do(t, s, cmd, by)[0].Index
	if _, ok := s.Instrument("evening", ""); ok || s.Has("evening") {
		t.Error("the trial has it before it is approved")
	}
	ivar := investigator(day(1), "")
	ivar.Actor = "ivar"
	do(t, s, Approve{n}, ivar)
	do(t, s, PutAmendmentInForce{AmendmentInForce{"2", "main", civil.DateOf(day(4))}}, investigator(day(1), ""))
	do(t, s, Randomise{}, staff(day(3), who))
	answer := Answer{Instrument: "evening", Visit: "day-7", Language: "sv", Answers: []byte(`{"calm":4,"tense":2}`)}
	a := do(t, s, answer, staff(day(10), who))[0].Event.(Answered)
	r := s.People[who].Visits["day-7"]["evening"]
	// By hand: calm 4, and tense 2 reversed on 1 to 5 is 4.
	if ease, ok := r.Scores.Value("ease"); a.Version != own.Version || !ok || ease != 8 {
		t.Errorf("%+v %+v", a, r.Scores)
	}
	if got := Files(Proposed{What: "amend-protocol", Details: must(plain(cmd))}); len(got) != 2 || got[1].SHA256 != own.SHA256() {
		t.Error("the definition is no file of the entry:", got)
	}
}

// The definitions inside the program need not be named: they are filled in, and
// stand on the ledger by their hash.
func TestAmendmentBringsBuiltIn(t *testing.T) {
	text := amendedText(t, `version: "1"`, `version: "2"`, "day: 7, before: 1, after: 2, instruments: [isi, kss]", "day: 7, before: 1, after: 2, instruments: [isi, kss, psqi]")
	psqi, _ := instrument.ByID("psqi")
	c := parsed(t, text)
	s := opened(t)
	filesOf(s, text, psqi)
	facts := do(t, s, AmendProtocol{Protocol: File{SHA256: anyHash, Bytes: 9}, ProtocolHash: c.HashHex(), Version: "2", Summary: "one more"}, because(investigator(day(1), "")))
	wants := must(facts[0].Event.(Proposed).wants()).(AmendProtocol)
	if len(wants.Instruments) != 1 || wants.Instruments[0] != Used(psqi) {
		t.Error(wants.Instruments)
	}
}
