package exchange

import (
	"slices"
	"strings"
	"testing"

	"dvala/study"
)

// A form whose page told how it was filled in has a row, and each of its lines
// another, with the nominal length: 96 CSS pixels are an inch of 25.4 mm.
func TestParadataAsRows(t *testing.T) {
	c, s, _ := played(t, 4)
	x := &export{checked: c, p: c.Protocol(), state: s}
	for _, who := range s.Order {
		for _, r := range s.People[who].Diary {
			r.Answered.Paradata = nil
		}
	}
	for _, who := range s.Order {
		p := s.People[who]
		for _, v := range c.Protocol().Visits {
			if r := p.Visits[v.ID]["isi"]; r != nil {
				r.Answered.Paradata = &study.Paradata{Seconds: 94, Ratio: 2.63, View: study.ViewOne, Lines: map[string]study.Line{"b": {Px: 480, By: "keys", Marks: 3}, "a": {Px: 315, By: "touch", Marks: 1}}}
				var got []string
				for _, row := range x.paradata().rows {
					var line []string
					for _, c := range row {
						line = append(line, c.text)
					}
					got = append(got, strings.Join(line[5:], " "))
				}
				want := []string{"isi 94  2.63 one no     ", "isi 94  2.63 one no a 315 83.3 touch 1", "isi 94  2.63 one no b 480 127 keys 3"}
				if !slices.Equal(got, want) {
					t.Errorf("%q", got)
				}
				return
			}
		}
	}
	t.Fatal("nobody filled in a form")
}
