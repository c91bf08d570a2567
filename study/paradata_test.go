package study

import (
	"encoding/json"
	"testing"

	"dvala/civil"
)

// How a form was filled in is kept as far as it can be believed, is never a
// reason to refuse an answer, and comes back from the ledger as it went in.
func TestParadata(t *testing.T) {
	s := opened(t)
	for _, c := range []struct {
		told, want string
	}{
		{`{"seconds":94,"width":360,"ratio":2.6251,"view":"one","resumed":true}`, `{"seconds":94,"width":360,"ratio":2.63,"view":"one","resumed":true}`},
		{`{"seconds":-1,"width":1000000,"ratio":0,"view":"both"}`, `null`},
		{`{"seconds":5,"lines":{"isi1":{"px":300,"by":"touch","marks":1}}}`, `{"seconds":5}`}, // no line
		{`null`, `null`},
	} {
		var p *Paradata
		if err := json.Unmarshal([]byte(c.told), &p); err != nil {
			t.Fatal(err)
		}
		def, _ := s.Instrument("isi", "")
		if got, err := json.Marshal(p.kept(def)); err != nil || string(got) != c.want {
			t.Errorf("%s is kept as %s, want %s (%v)", c.told, got, c.want, err)
		}
	}
	def, ok := s.Instrument("lseq", "")
	if !ok {
		def, ok = BuiltIn("lseq", "")
	}
	if !ok {
		t.Fatal("there is no instrument with lines")
	}
	told := &Paradata{Lines: map[string]Line{"lseq1": {315, "touch", 2}, "lseq2": {0, "touch", 1}, "lseq3": {300, "nose", 1}, "other": {300, "keys", 1}}}
	if got := told.kept(def); len(got.Lines) != 1 || got.Lines["lseq1"] != told.Lines["lseq1"] || got.check() != nil {
		t.Errorf("kept: %+v", got)
	}
	// A ledger with it is read again as it was written.
	who := enrolled(t, s, "female")
	facts := do(t, s, Answer{
		Instrument: "csd", Night: civil.DateOf(day(1)), Language: "sv", Answers: json.RawMessage(`{"into-bed":"23:00"}`), Paradata: &Paradata{Seconds: 61, Ratio: 2.625, View: ViewOne},
	}, staff(day(1), who))
	e := must(Encode(facts[0]))
	if back := must(Decode(e)).Event.(Answered); back.Paradata == nil || back.Paradata.Seconds != 61 || back.Paradata.Ratio != 2.63 {
		t.Errorf("on the ledger: %s", e.Bytes)
	}
	// 96 CSS pixels are nominally an inch of 25.4 mm.
	if mm := (Line{Px: 480}).MM(); mm != 127 {
		t.Errorf("480 pixels are %v mm", mm)
	}
}
