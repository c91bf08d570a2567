package study

import (
	"fmt"

	"dvala/fault"
	"dvala/instrument"
)

// An amendment may ask an instrument that the trial did not begin with. Its
// definition is then a file of the trial like those of the first entry: the
// proposal names it by its hash, so that who approves approves it too, and by
// it, and no other, the answers are scored from then on.

// whole gives the proposal with the definitions of the instruments inside the
// program that the new version asks and the trial has not. On the ledger they are
// named, so that a later program, with others inside, reads the same.
func (c AmendProtocol) whole(s *State) AmendProtocol {
	if len(c.Instruments) > 0 || s.protocols == nil {
		return c
	}
	next, ok := s.protocols(c.Protocol.SHA256, func(id instrument.ID, version string) (*instrument.Definition, bool) {
		if s.Has(id) {
			return s.Instrument(id, version)
		}
		return BuiltIn(id, version)
	})
	if !ok {
		return c
	}
	for _, id := range Asked(next) {
		if d, ok := BuiltIn(id, ""); ok && !s.Has(id) {
			c.Instruments = append(c.Instruments, Used(d))
		}
	}
	return c
}

// brought reads the definitions that an amendment brings.
func (c AmendProtocol) brought(s *State) (map[instrument.ID]*instrument.Definition, error) {
	var l fault.List
	out := map[instrument.ID]*instrument.Definition{}
	for i, u := range c.Instruments {
		at := fmt.Sprintf("instruments[%d]", i)
		d, err := s.definition(u)
		switch {
		case err != nil:
			l.Merge("amendment-instrument", at, err)
		case s.Has(d.ID) || out[d.ID] != nil:
			l.Addf("amendment-instrument", at, "the trial has %q already", u.ID).
				WithHint("an instrument keeps its definition through a trial; another version of it is another instrument, with a name of its own")
		default:
			out[d.ID] = d
		}
	}
	return out, l.Err()
}

// definition reads the file of a definition.
func (s *State) definition(u InstrumentUsed) (*instrument.Definition, error) {
	if err := checkFiles("definition_file", u.Definition); err != nil {
		return nil, err
	}
	if s.sealed.More == nil {
		return nil, fault.New("amendment-instrument", "definition_file", "no file of this trial can be read here")
	}
	raw, err := s.sealed.More(u.Definition.SHA256)
	if err != nil {
		return nil, err
	}
	d, err := instrument.Parse(raw)
	if err != nil {
		return nil, err
	}
	if used := Used(d); used.ID != u.ID || used.Version != u.Version || used.Definition.SHA256 != u.Definition.SHA256 {
		return nil, fault.New("amendment-instrument", "definition_file", "is the definition of %s of version %s, in canonical form of sha256 %s", used.ID, used.Version, used.Definition.SHA256).
			WithHint("store the definition in its canonical form, and name it as it names itself")
	}
	return d, nil
}

// with gives the trial's instruments and further ones, and no others.
func (s *State) with(brought map[instrument.ID]*instrument.Definition) Instruments {
	return func(id instrument.ID, version string) (*instrument.Definition, bool) {
		if d, ok := brought[id]; ok {
			return d, version == "" || d.Version == version
		}
		if !s.Has(id) {
			return nil, false
		}
		return s.Instrument(id, version)
	}
}
