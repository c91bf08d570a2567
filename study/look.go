package study

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// FactOf gives a fact that can be corrected, as it stands after corrections.
func (s *State) FactOf(entry uint64) (Fact, bool) {
	f, ok := s.facts[entry]
	return f, ok
}

// FieldValue is one field of a fact that a correction may change, and what
// stands there, as JSON.
type FieldValue struct{ Field, Value string }

// Correctable gives the fields of a fact that a correction may change: those of
// its kind, and those members of its answers that are there.
func Correctable(ev Event) ([]FieldValue, error) {
	var out []FieldValue
	m, err := members(ev)
	if err != nil {
		return nil, err
	}
	for _, name := range correctable[ev.Kind()] {
		head, inner := strings.CutSuffix(name, ".")
		if !inner {
			value, err := fieldOf(ev, name)
			if err != nil {
				return nil, err
			}
			out = append(out, FieldValue{name, string(value)})
			continue
		}
		of, err := membersOf(m[head])
		if err != nil {
			return nil, err
		}
		for _, item := range slices.Sorted(maps.Keys(of)) {
			out = append(out, FieldValue{head + "." + item, string(of[item])})
		}
	}
	return out, nil
}

func membersOf(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if len(raw) == 0 {
		return nil, nil
	}
	return m, json.Unmarshal(raw, &m)
}

// Kinds gives the kinds of events that there are, in order of their names.
func Kinds() []Kind { return slices.Sorted(maps.Keys(decoders)) }
