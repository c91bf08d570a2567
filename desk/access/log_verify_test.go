package access_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/store/people"
)

// The end of the access log cannot be cut off unnoticed: the head beside it says
// how long it was. Who changes the head as well, or writes the log anew from some
// line on with a chain that holds, is found out by what was kept elsewhere.
func TestAccessLogIsCut(t *testing.T) {
	lines := func(t *testing.T, n int, detail string) (string, string) {
		t.Helper()
		dir := t.TempDir()
		s := must(people.Open(t.Context(), dir))
		defer s.Close()
		at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
		for i := range n {
			if err := s.Write(t.Context(), func(w access.Writer) error {
				e := access.LogEntry{At: at.Add(time.Duration(i) * time.Minute), Actor: "ada", What: access.LogProved}
				if i >= 4 {
					e.Detail = detail
				}
				return w.AddLog(context.WithoutCancel(t.Context()), e)
			}); err != nil {
				t.Fatal(err)
			}
		}
		_, head, err := access.VerifyLog(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return dir, head
	}
	_, fourth := lines(t, 4, "")
	_, seventh := lines(t, 7, "")
	anchors := []access.LogAnchor{{Lines: 4, Hash: fourth, Where: "entry 9"}, {Lines: 0, Where: "entry 1"}, {Lines: 7, Hash: seventh, Where: "entry 20"}}
	for name, c := range map[string]struct {
		detail, harm string
		anchors      []access.LogAnchor
		says         string // empty: all is well
	}{
		"as it is":           {harm: "", anchors: anchors},
		"without its last 5": {harm: "DELETE FROM access_log WHERE seq > 7", says: "there were 12: the end"},
		"without any":        {harm: "DELETE FROM access_log", says: "there were 12: the end"},
		"with its head cut as well": {
			harm:    "DELETE FROM access_log WHERE seq > 5; UPDATE access_head SET seq = 5, hash = (SELECT hash FROM access_log WHERE seq = 5)",
			anchors: anchors, says: "by entry 20 there were 7",
		},
		"all gone, head too":           {harm: "DELETE FROM access_log; UPDATE access_head SET seq = 0, hash = ''", anchors: anchors, says: "by entry 20 there were 7"},
		"written anew from its fifth":  {detail: "other", anchors: anchors, says: "line 7: is not the one of which entry 20"},
		"the same, and nothing beside": {detail: "other"}, // why it is anchored
		"a head that is another":       {harm: "UPDATE access_head SET hash = (SELECT hash FROM access_log WHERE seq = 11)", says: "the head that is kept beside the log"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := lines(t, 12, c.detail)
			db := must(sql.Open("sqlite", filepath.Join(dir, "people.db")))
			if _, err := db.ExecContext(t.Context(), c.harm); err != nil {
				t.Fatal(err)
			}
			db.Close()
			s := must(people.Open(t.Context(), dir))
			defer s.Close()
			n, _, err := access.VerifyLog(t.Context(), s, c.anchors...)
			if c.says == "" {
				if err != nil || n != 12 {
					t.Errorf("%d, %v", n, err)
				}
				return
			}
			if fault.CodeOf(err) != access.CodeLog || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
