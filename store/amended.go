package store

import (
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// amended reads the protocol of an amendment, which the ledger names by the hash
// of its file, with the instruments that it may ask.
func (t *Trial) amended(sha256 string, known study.Instruments) (protocol.Checked, bool) {
	raw, err := t.Blob(sha256)
	if err != nil {
		return protocol.Checked{}, false
	}
	c, problems := protocol.Parse(raw, protocol.Instruments(func(id instrument.ID) (*instrument.Definition, bool) {
		return known(id, "")
	}))
	return c, problems.Err() == nil
}

// keep stores the definitions, inside the program, of instruments that a proposed
// protocol asks and the trial has not: they become files of the trial. What
// cannot be read or stored the rules will find missing.
func (t *Trial) keep(items []Item) {
	for _, item := range items {
		c, is := item.Cmd.(study.AmendProtocol)
		if !is {
			continue
		}
		t.mu.RLock()
		s := t.state
		next, ok := t.amended(c.Protocol.SHA256, func(id instrument.ID, version string) (*instrument.Definition, bool) {
			if d, ok := s.Instrument(id, version); ok {
				return d, true
			}
			return study.BuiltIn(id, version)
		})
		var missing []*instrument.Definition
		if ok {
			for _, id := range study.Asked(next) {
				if d, inside := study.BuiltIn(id, ""); inside && !s.Has(id) {
					missing = append(missing, d)
				}
			}
		}
		t.mu.RUnlock()
		for _, d := range missing {
			_, _ = t.PutBlob(string(d.ID)+".json", d.Canonical()) // not stored: the proposal is refused for want of it
		}
	}
}

// fresh gives the state before anything happened.
func (t *Trial) fresh() *study.State {
	s := study.New(t.protocol, t.sealed, t.instruments)
	s.UseProtocols(t.amended)
	s.UseFiles(t.Blob)
	return s
}
