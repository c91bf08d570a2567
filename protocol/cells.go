package protocol

import (
	"slices"
	"strconv"
	"strings"

	"dvala/fault"
)

// Cell is one combination of the strata's levels; of minimisation, one site. Every
// cell has its own part of the randomisation list.
type Cell struct {
	// Key names the cell: "site=a,sex=female", in the order of the strata in
	// the file; "all" where there are no strata.
	Key    string
	Levels []Level
}

// Level is one stratum's level in a cell.
type Level struct{ Stratum, Level string }

// Site gives the cell's site, when the site is a stratum.
func (c Cell) Site() (string, bool) {
	for _, l := range c.Levels {
		if l.Stratum == siteStratum {
			return l.Level, true
		}
	}
	return "", false
}

const siteStratum = "site"

// Cells gives all cells, the last stratum's level changing fastest.
func (c Checked) Cells() []Cell { return c.c.cells }

// Cell gives a cell by its key.
func (c Checked) Cell(key string) (Cell, bool) {
	return find(c.c.cells, func(x Cell) bool { return x.Key == key })
}

func cellsOf(strata []Stratum) []Cell {
	cells := []Cell{{}}
	for _, s := range strata {
		var next []Cell
		for _, c := range cells {
			for _, l := range s.Levels {
				levels := append(append([]Level(nil), c.Levels...), Level{s.Name, l})
				next = append(next, Cell{Levels: levels})
			}
		}
		cells = next
	}
	for i, c := range cells {
		cells[i].Key = cellKey(c.Levels)
	}
	return cells
}

func cellKey(levels []Level) string {
	if len(levels) == 0 {
		return "all"
	}
	parts := make([]string, len(levels))
	for i, l := range levels {
		parts[i] = l.Stratum + "=" + l.Level
	}
	return strings.Join(parts, ",")
}

// CellOf gives the cell of a person enrolled at a site with these answers.
func (c Checked) CellOf(site string, answers Answers) (Cell, error) {
	levels, err := c.LevelsOf(site, answers)
	if err != nil {
		return Cell{}, err
	}
	if c.Minimises() {
		levels = slices.DeleteFunc(levels, func(l Level) bool { return l.Stratum != siteStratum })
	}
	cell, ok := c.Cell(cellKey(levels))
	if !ok {
		return Cell{}, fault.New("cell-unknown", "", "there is no stratum cell %q", cellKey(levels))
	}
	return cell, nil
}

// LevelsOf gives the level of each stratum of a person enrolled at a site with
// these answers.
func (c Checked) LevelsOf(site string, answers Answers) ([]Level, error) {
	if _, ok := c.Site(site); !ok {
		return nil, fault.New("site-unknown", "site", "the protocol has no site %q", clip(site))
	}
	levels := make([]Level, 0, len(c.c.p.Randomisation.Strata))
	for _, s := range c.c.p.Randomisation.Strata {
		if s.Name == siteStratum {
			levels = append(levels, Level{s.Name, site})
			continue
		}
		v, ok := answers[s.Name]
		if !ok {
			return nil, fault.New("answer-missing", s.Name, "the stratum %s wants an answer that is not there", s.Name)
		}
		l, ok := s.levelOf(v)
		if !ok {
			return nil, fault.New("answer-level", s.Name, "%q is not a level of the stratum %s", v.String(), s.Name)
		}
		levels = append(levels, Level{s.Name, l})
	}
	return levels, nil
}

// levelOf gives the level a value falls in. A number is at or above a cut, or
// below it.
func (s Stratum) levelOf(v Value) (string, bool) {
	if x, ok := v.Number(); ok && len(s.Cuts) > 0 {
		i := 0
		for i < len(s.Cuts) && x >= s.Cuts[i] {
			i++
		}
		return s.Levels[i], true
	}
	text := v.String()
	for _, l := range s.Levels {
		if l == text {
			return l, true
		}
	}
	return "", false
}

// cutLevels names what lies between cuts: "<8", "8..<15", ">=15".
func cutLevels(cuts []float64) []string {
	text := make([]string, len(cuts))
	for i, c := range cuts {
		text[i] = strconv.FormatFloat(c, 'f', -1, 64)
	}
	levels := []string{"<" + text[0]}
	for i := 1; i < len(text); i++ {
		levels = append(levels, text[i-1]+"..<"+text[i])
	}
	return append(levels, ">="+text[len(text)-1])
}
