package store

import (
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// amended reads the protocol of an amendment, which the ledger names by the hash
// of its file, with the trial's own instruments.
func (t *Trial) amended(sha256 string) (protocol.Checked, bool) {
	raw, err := t.Blob(sha256)
	if err != nil {
		return protocol.Checked{}, false
	}
	c, problems := protocol.Parse(raw, protocol.Instruments(func(id instrument.ID) (*instrument.Definition, bool) {
		return t.instruments(id, "")
	}))
	return c, problems.Err() == nil
}

// fresh gives the state before anything happened.
func (t *Trial) fresh() *study.State {
	s := study.New(t.protocol, t.sealed, t.instruments)
	s.UseProtocols(t.amended)
	s.UseLists(t.Blob)
	return s
}
