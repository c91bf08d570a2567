package epochs

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/sleep"
)

// Map says which codes of a table mean which stage. Numbers mean different
// stages to different programs, so a table of numbers needs its map named.
type Map struct {
	Name   string                 `json:"name"`
	About  string                 `json:"about,omitempty"`
	Column string                 `json:"column,omitempty"` // that holds the codes, where the map knows it
	Fold   bool                   `json:"fold,omitempty"`   // letter case does not matter; the codes here are in lower case
	Codes  map[string]sleep.Stage `json:"codes"`
}

//go:embed maps.json
var mapsJSON []byte

// Maps lists the maps that have names.
func Maps() []Map {
	var all []Map
	if err := json.Unmarshal(mapsJSON, &all); err != nil {
		panic("epochs: maps.json is damaged: " + err.Error())
	}
	return all
}

// Named gives the map of a name, or makes one of a list such as
// "0=W,1=N1,2=N2,3=N3,5=R,9=?".
func Named(s string) (Map, error) {
	all := Maps()
	for _, m := range all {
		if m.Name == s {
			return m, nil
		}
	}
	if !strings.Contains(s, "=") {
		names := make([]string, len(all))
		for i, m := range all {
			names[i] = m.Name
		}
		return Map{}, fault.New("map-unknown", "map", "there is no map %q", s).
			WithHint("the maps are %s; or write one as in 0=W,1=N1,2=N2,3=N3,4=R,-1=?", strings.Join(names, ", "))
	}
	m := Map{Name: s, Codes: map[string]sleep.Stage{}}
	for _, pair := range strings.Split(s, ",") {
		code, letter, ok := strings.Cut(pair, "=")
		code = strings.TrimSpace(code)
		stage, err := sleep.ParseStage(strings.TrimSpace(letter))
		if _, twice := m.Codes[code]; !ok || err != nil || twice {
			return Map{}, fault.New("map-form", "map", "%q does not map a code to a stage once", pair).
				WithHint("write as in 0=W,1=N1,2=N2,3=N3,4=R,-1=?; the stages are W N1 N2 N3 R L S ?")
		}
		m.Codes[code] = stage
	}
	return m, nil
}

// Stage gives the stage of a code as it stands in a table. Numbers such as 2.0,
// which spreadsheets make of 2, count as the whole number.
func (m Map) Stage(code string) (sleep.Stage, bool) {
	code = strings.TrimSpace(code)
	if m.Fold {
		code = strings.ToLower(code)
	}
	s, ok := m.Codes[code]
	if whole, frac, found := strings.Cut(code, "."); !ok && found && strings.Trim(frac, "0") == "" {
		s, ok = m.Codes[whole]
	}
	return s, ok
}

// Knows says whether all codes are in the map.
func (m Map) Knows(codes []string) bool {
	return !slices.ContainsFunc(codes, func(c string) bool { _, ok := m.Stage(c); return !ok })
}
