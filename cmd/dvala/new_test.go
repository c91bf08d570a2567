package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// Each template is a protocol without errors, with the words that were given and
// the trial's length kept; what is there is not overwritten.
func TestNew(t *testing.T) {
	for template, kind := range map[string]protocol.Kind{"parallel": protocol.Parallel, "crossover": protocol.Crossover, "n-of-1": protocol.NOf1} {
		dir := filepath.Join(t.TempDir(), "Åsa's own trial 2")
		var out bytes.Buffer
		p := program(&out)
		p.Now = func() time.Time { return time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC) }
		cmd := NewCmd{Template: template, Dir: dir, Title: `Sleep: "better"`, Zone: "Europe/Helsinki"}
		if err := cmd.Run(p); err != nil {
			t.Fatalf("%s: %v", template, err)
		}
		src := slurp(t, dir, "protocol.yaml")
		c, problems := protocol.Parse(src)
		if problems.Err() != nil {
			t.Fatalf("%s: %v", template, problems)
		}
		got := c.Protocol()
		if got.ID != "sa-s-own-trial-2" || got.Title != `Sleep: "better"` || got.Zone != "Europe/Helsinki" || got.Design.Kind != kind || len(got.Registry) != 0 {
			t.Errorf("%s: %s %s %s %s", template, got.ID, got.Title, got.Zone, got.Design.Kind)
		}
		if got.Dates.Start != (civil.Date{Year: 2027, Month: 2, Day: 1}) || got.Dates.End.Sub(got.Dates.Start) < c.LastDay() {
			t.Errorf("%s: %v", template, got.Dates)
		}
		if !strings.Contains(out.String(), "dvala check "+filepath.Join(dir, "protocol.yaml")) {
			t.Error(out.String())
		}
		if err := cmd.Run(p); err == nil {
			t.Errorf("%s was written over", template)
		}
	}
}

func TestIDOfDirectory(t *testing.T) {
	for name, want := range map[string]string{"my-trial": "my-trial", "2027": "trial-2027", "...": "trial", "A  B": "a-b", strings.Repeat("x", 60): strings.Repeat("x", 40)} {
		if got := idOf(name); got != want {
			t.Errorf("%q gives %q, not %q", name, got, want)
		}
	}
}
