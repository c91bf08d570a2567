package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/store"
)

// recorded is a small trial of a day ago with accounts, and with something held,
// whose record stands on the ledger.
func recorded(t *testing.T) (dir string, b *background, now *time.Time) {
	t.Helper()
	dir = peopledTrial(t)
	trial, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	rows, err := openPeople(t.Context(), store.In(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	last, _ := trial.State().LastAt()
	at := last.Add(time.Hour)
	now = &at
	clock := func() time.Time { return *now }
	office := desk.NewOffice(trial, clock)
	office.Furnish(desk.Parts{Pending: rows})
	b = &background{trial: trial, where: store.In(dir), office: office, people: rows, now: clock, log: slog.New(slog.DiscardHandler)}
	who := trial.State().Order[0]
	sent := []desk.Submitted{{Key: "k1", Do: "no-such-thing"}, {Key: "k2", Do: "lock"}, {Key: "k3", Do: "no-such-thing-either"}}
	if _, err := office.Submit(t.Context(), desk.Participant(who), sent); err != nil {
		t.Fatal(err)
	}
	if err := b.noteRecord(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, b, now
}

// How the access log stands is put on the ledger once a day, if it went on, and
// after a lock; and a log that is not what it was is not vouched for.
func TestAccessLogIsAnchored(t *testing.T) {
	dir, b, now := recorded(t)
	anchors := func() int { return len(b.trial.State().AccessLog) }
	tick := func() error { return b.noteRecord(t.Context()) }
	if anchors() != 1 || b.trial.State().AccessLog[0].What.Lines != 40 {
		t.Fatalf("%+v", b.trial.State().AccessLog)
	}
	add := func() {
		t.Helper()
		if err := b.people.Write(t.Context(), func(w access.Writer) error {
			return w.AddLog(t.Context(), access.LogEntry{At: *now, Actor: "ada", What: access.LogProved})
		}); err != nil {
			t.Fatal(err)
		}
	}
	add()
	if err := tick(); err != nil || anchors() != 1 {
		t.Errorf("on the same day: %d, %v", anchors(), err)
	}
	*now = now.Add(24 * time.Hour)
	for range 3 {
		if err := tick(); err != nil || anchors() != 2 {
			t.Errorf("the next day: %d, %v", anchors(), err)
		}
	}
	*now = now.Add(24 * time.Hour)
	if err := tick(); err != nil || anchors() != 2 {
		t.Errorf("on a day on which nothing was added: %d, %v", anchors(), err)
	}
	says(t, verb(t, 0, "account", "log", "--dir", dir), "41 lines, unbroken; the first 41 are as entry")
	add()
	execIn(t, dir, "UPDATE access_log SET actor = 'eve' WHERE seq = 3")
	if err := tick(); fault.CodeOf(err) != access.CodeLog || anchors() != 2 {
		t.Errorf("a log that was changed is vouched for: %d, %v", anchors(), err)
	}
}

func execIn(t *testing.T, dir, harm string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "people.db")+"?_pragma=busy_timeout(5000)")
	if err == nil {
		_, err = db.ExecContext(t.Context(), harm)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Whoever writes to people.db, as thoroughly as she likes, is found out by what
// the ledger says: the log's end cut off with its head, the log written anew from
// the first line on, something held taken away, exchanged, or settled unsaid. So
// she is in a backup.
func TestLedgerFindsOutPeople(t *testing.T) {
	whole, _, _ := recorded(t)
	says(t, verb(t, 0, "doctor", "--dir", whole), "40 lines, unbroken; the first 40 are as the ledger says", "3 are kept as the ledger says")
	anew := t.TempDir()
	fillPeople(t, store.In(anew)) // another log of as many lines, with a chain that holds
	log, err := sql.Open("sqlite", filepath.Join(anew, "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for name, c := range map[string]struct{ harm, says string }{
		"cut":       {"DELETE FROM access_log WHERE seq > 35; UPDATE access_head SET seq = 35, hash = (SELECT hash FROM access_log WHERE seq = 35)", "there were 40: the end of the log was cut off"},
		"emptied":   {"DELETE FROM access_log; UPDATE access_head SET seq = 0, hash = ''", "the end of the log was cut off"},
		"anew":      {fmt.Sprintf("ATTACH '%s' AS x; DELETE FROM access_log; INSERT INTO access_log SELECT * FROM x.access_log; UPDATE access_head SET (seq, hash) = (SELECT seq, hash FROM x.access_head)", filepath.Join(anew, "people.db")), "the log was written anew"},
		"gone":      {"DELETE FROM pending WHERE id = 2", "held-missing"},
		"exchanged": {"UPDATE pending SET body = '{\"key\":\"k3\"}' WHERE id = 3", "held-changed"},
		"settled":   {"UPDATE pending SET settled = 1, by_whom = 'eve', outcome = 'discarded', reason = 'x' WHERE id = 1", "the ledger does not say so"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			_ = os.Remove(filepath.Join(dir, ".lock"))
			execIn(t, dir, c.harm)
			says(t, verb(t, 1, "doctor", "--dir", dir), c.says, "hint: ")
			backup := filepath.Join(t.TempDir(), "backup")
			verb(t, 0, "backup", "--dir", dir, backup)
			says(t, verb(t, 1, "doctor", "--dir", backup), c.says)
			if strings.HasPrefix(c.says, "held") || c.says == "the ledger does not say so" {
				return
			}
			says(t, verb(t, 1, "account", "log", "--dir", dir), "access-log")
		})
	}
}
