package exchange

import (
	"testing"

	"dvala/protocol"
)

// A visit that an amendment brings stands among those of the beginning by its day;
// those keep their order and their words.
func TestMerged(t *testing.T) {
	first := []protocol.Visit{{ID: "a", Day: 0}, {ID: "b", Day: 7}}
	for _, c := range []struct {
		name  string
		later []protocol.Visit
		want  string
	}{
		{"none", nil, "ab"},
		{"moved", []protocol.Visit{{ID: "a", Day: 0}, {ID: "b", Day: 9}}, "ab"},
		{"one between", []protocol.Visit{{ID: "a", Day: 0}, {ID: "c", Day: 3}, {ID: "b", Day: 7}}, "acb"},
		{"one gone", []protocol.Visit{{ID: "b", Day: 7}}, "ab"},
	} {
		got := ""
		for _, v := range mergedVisits(first, c.later) {
			got += v.ID
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
