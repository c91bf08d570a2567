package study

import (
	"fmt"
	"maps"
	"slices"

	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
)

// Instruments gives the definition of an instrument: that of a version, or the
// one in force where the version is "".
type Instruments func(id instrument.ID, version string) (*instrument.Definition, bool)

// BuiltIn gives the instruments inside the program.
func BuiltIn(id instrument.ID, version string) (*instrument.Definition, bool) {
	d, ok := instrument.ByID(id)
	if !ok || version != "" && d.Version != version {
		return nil, false
	}
	return d, true
}

// Among gives the instruments of a list, which has one definition a name.
func Among(definitions ...*instrument.Definition) Instruments {
	byID := map[instrument.ID]*instrument.Definition{}
	for _, d := range definitions {
		byID[d.ID] = d
	}
	return func(id instrument.ID, version string) (*instrument.Definition, bool) {
		d, ok := byID[id]
		if !ok || version != "" && d.Version != version {
			return nil, false
		}
		return d, true
	}
}

// Asked gives the names of the instruments that a protocol asks, each once, in
// order: those of its visits and its diary.
func Asked(c protocol.Checked) []instrument.ID {
	p := c.Protocol()
	found := map[instrument.ID]bool{}
	for _, v := range p.Visits {
		for _, id := range v.Instruments {
			found[instrument.ID(id)] = true
		}
	}
	if p.Diary != nil {
		found[instrument.ID(p.Diary.Instrument)] = true
	}
	for _, q := range p.Population.Screening {
		if q.Scored != nil {
			found[instrument.ID(q.Scored.Instrument)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// InstrumentUsed names an instrument of the trial by the file of its
// definition, in canonical form: by it, and no other, answers are scored.
type InstrumentUsed struct {
	ID         string `json:"id"`
	Version    string `json:"version"`
	Definition File   `json:"definition_file"`
}

// Used names a definition as an opening entry does.
func Used(d *instrument.Definition) InstrumentUsed {
	return InstrumentUsed{
		ID: string(d.ID), Version: d.Version,
		Definition: File{SHA256: d.SHA256(), Bytes: int64(len(d.Canonical())), Name: string(d.ID) + ".json"},
	}
}

// Instrument gives an instrument of the trial, by which its answers are scored.
func (s *State) Instrument(id instrument.ID, version string) (*instrument.Definition, bool) {
	if d, ok := s.added[id]; ok {
		return d, version == "" || d.Version == version
	}
	return s.instruments(id, version)
}

// Has says whether the trial has an instrument: it began with it, or an approved
// amendment brought it. What the program has inside besides is not the trial's.
func (s *State) Has(id instrument.ID) bool {
	if _, ok := s.added[id]; ok || s.Opened == nil {
		return ok
	}
	return slices.ContainsFunc(s.Opened.Instruments, func(u InstrumentUsed) bool { return u.ID == string(id) })
}

// used names the instruments that the protocol asks, as they are at hand.
func (s *State) used() ([]InstrumentUsed, error) {
	var l fault.List
	var out []InstrumentUsed
	for _, id := range Asked(s.Protocol) {
		d, ok := s.instruments(id, "")
		if !ok {
			l.Addf("instrument-unknown", "instruments", "there is no instrument %q at hand, and the protocol asks it", id)
			continue
		}
		out = append(out, Used(d))
	}
	return out, l.Err()
}

// checkInstruments says where the definitions at hand are not those that the
// opening entry names. Scored by others, the same answers could give other
// numbers, and nobody would see why.
func (s *State) checkInstruments(l *fault.List, named []InstrumentUsed) {
	want, err := s.used()
	if err != nil {
		l.Merge("instrument-unknown", "instruments", err)
		return
	}
	if len(named) != len(want) {
		l.Addf("opened-instruments", "instruments", "names %d definitions; the protocol asks %d instruments", len(named), len(want))
		return
	}
	for i, w := range want {
		if named[i] != w {
			l.Addf("opened-instruments", fmt.Sprintf("instruments[%d]", i), "names %.60q of version %.60q by a definition other than the one at hand, %s of version %s",
				named[i].ID, named[i].Version, w.ID, w.Version).
				WithHint("the trial keeps its own definitions: restore them from a backup, or from the export")
		}
	}
}
