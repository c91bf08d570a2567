package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb"
	"dvala/study"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// What was done is there when the directory is opened again, to write or to
// read, and the checkpoint is of all of it.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	live(t, trial, 5)
	digest := must(trial.State().Digest())
	beside, err := Read(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if got := must(beside.State().Digest()); got != digest {
		t.Error("a reader beside the writer sees another state")
	}
	do(t, trial, screen(7), at(13, ""))
	if err := beside.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	digest = must(trial.State().Digest())
	if got := must(beside.State().Digest()); got != digest {
		t.Error("a refreshed reader sees another state")
	}
	if _, err := beside.Do(ctx, screen(8), at(13, "")); fault.CodeOf(err) != "store-readonly" {
		t.Error(err)
	}
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := trial.Do(ctx, screen(8), at(13, "")); fault.CodeOf(err) != "store-closed" {
		t.Error(err)
	}
	_ = beside.Close()
	alone, err := Read(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := must(alone.State().Digest()); got != digest {
		t.Error("a reader alone sees another state")
	}
	_ = alone.Close()
	again, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := must(again.State().Digest()); got != digest {
		t.Error("opened again, it is another state")
	}
	c, err := ledger.OpenCheckpoint(again.Checkpoint(), again.PublicKey())
	if err != nil || c.Size != again.State().Entries || c.Root != again.State().Root() {
		t.Error(c, err)
	}
	left := must(os.ReadFile(filepath.Join(dir, "checkpoint")))
	if !bytes.Equal(left, again.Checkpoint()) {
		t.Error("another checkpoint was left beside the database")
	}
	if info := must(os.Stat(filepath.Join(dir, "ledger.key"))); info.Mode().Perm() != 0o600 {
		t.Error("the signing key can be read by others:", info.Mode())
	}
	p, err := ledger.ProveInclusion(c.Size, 3, again)
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckInclusion(p, c, must(again.Entries(ctx, 3, 1))[0]); err != nil {
		t.Error(err)
	}
}

// Two processes cannot write to one directory; the second is told why.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	if _, err := Open(ctx, dir); fault.CodeOf(err) != "store-locked" {
		t.Error(err)
	}
	if _, err := Create(ctx, dir, files()); fault.CodeOf(err) != "store-exists" {
		t.Error(err)
	}
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
	if _, err := Open(ctx, t.TempDir()); fault.CodeOf(err) != "store-none" {
		t.Error(err)
	}
}

// A refused command leaves nothing behind and disturbs no other of its group.
func TestRefusalsDisturbNobody(t *testing.T) {
	trial := opened(t, t.TempDir())
	who := do(t, trial, screen(0), at(0, "")).Subject
	rs, err := trial.DoAll(ctx, []Item{
		{study.Consent{Version: "1.0", Language: "sv"}, at(0, who)},
		{study.Randomise{}, at(0, who)},
		{study.Enrol{Zone: "Europe/Stockholm"}, at(0, who)},
		{screen(2), at(0, "P0001")},
		{study.Randomise{}, at(0, who)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, r := range rs {
		codes = append(codes, string(fault.CodeOf(r.Err)))
	}
	if got := fmt.Sprint(codes); got != "[ not-enrolled  subject-unasked ]" {
		t.Error(got)
	}
	if rs[4].N != 2 { // with the deviation of being early
		t.Errorf("%+v", rs[4])
	}
	n := night(trial, start0(1), 3)
	n.Source.SHA256 = "00" + n.Source.SHA256[2:]
	if _, err := trial.Do(ctx, n, at(1, who)); fault.CodeOf(err) != "blob-missing" {
		t.Error(err)
	}
}

// What is rehearsed comes out as it will when it is done, and leaves nothing.
func TestRehearse(t *testing.T) {
	trial := opened(t, t.TempDir())
	live(t, trial, 2)
	before := must(trial.State().Digest())
	items := []Item{
		{screen(3), keyed(at(13, ""), "r1")},
		{study.Consent{Version: "1.0", Language: "sv"}, keyed(at(13, "P0003"), "r2")},
		{study.Randomise{}, keyed(at(13, "P0003"), "r3")},
		{screen(3), keyed(at(13, ""), "r1")},
	}
	tried := must(trial.Rehearse(ctx, items, nil, nil))
	if must(trial.State().Digest()) != before || trial.State().People["P0003"] != nil {
		t.Fatal("a rehearsal has changed the state")
	}
	done := must(trial.DoAll(ctx, items))
	for i := range items {
		a, b := tried[i], done[i]
		if a.N != b.N && !a.Repeated || a.Repeated != b.Repeated || fault.CodeOf(a.Err) != fault.CodeOf(b.Err) || b.N > 0 && !a.Repeated && a.First != b.First {
			t.Errorf("%d: rehearsed %+v, done %+v", i, a, b)
		}
	}
	if fault.CodeOf(done[2].Err) != "not-enrolled" || !done[3].Repeated {
		t.Errorf("%+v", done)
	}
}

// Openings that are not those of the sealed list are never published: there is
// no second time.
func TestForeignOpenings(t *testing.T) {
	trial := opened(t, t.TempDir())
	f := must(trial.PutBlob("r", []byte("{}")))
	do(t, trial, study.RecordDryRun{DryRun: study.DryRun{Results: f, Report: f}}, at(20, ""))
	signed := at(20, "")
	signed.Reason, signed.Signature = "nobody else was there", &study.Signature{Name: "Anna Ek", Meaning: study.MeansResponsibility, Method: "passkey"}
	do(t, trial, study.Lock{Waive: true}, signed)
	for _, raw := range []string{"", "rubbish", "dvala-openings 1\n{}\n"} {
		f := must(trial.PutBlob("openings.dvl", []byte(raw)))
		_, err := trial.Do(ctx, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: f}}, at(20, ""))
		if fault.CodeOf(err) == "" || trial.State().Openings != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// The same key is done once, whoever asks again and however often, and the
// caller is told what it led to.
func TestSameKeyOnce(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	first := do(t, trial, screen(0), keyed(at(0, ""), "s1"))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r, err := trial.Do(ctx, screen(0), keyed(at(0, ""), "s1"))
			if err != nil || !r.Repeated || r.First != first.First || r.Subject != first.Subject {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	wg.Wait()
	rs := must(trial.DoAll(ctx, []Item{{screen(1), keyed(at(0, ""), "s2")}, {screen(1), keyed(at(0, ""), "s2")}}))
	if rs[0].Repeated || !rs[1].Repeated || rs[1].Subject != rs[0].Subject {
		t.Errorf("%+v", rs)
	}
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	again := must(Open(ctx, dir))
	defer again.Close()
	if r := do(t, again, screen(0), keyed(at(9, ""), "s1")); !r.Repeated || r.Subject != first.Subject {
		t.Errorf("%+v", r)
	}
}

// Many callers at once: every slot and kit is given once, and what each caller
// was told is what the ledger says.
func TestConcurrentRandomisation(t *testing.T) {
	trial := opened(t, t.TempDir())
	const n = 100
	var items []Item
	for i := range n {
		items = append(items, Item{screen(i), at(0, "")})
	}
	var next []Item
	for _, r := range must(trial.DoAll(ctx, items)) {
		next = append(
			next, Item{study.Consent{Version: "1.0", Language: "sv"}, at(0, r.Subject)},
			Item{study.Enrol{Zone: "Europe/Stockholm"}, at(0, r.Subject)},
		)
	}
	must(trial.DoAll(ctx, next))
	var mu sync.Mutex
	told := map[int]study.Subject{}
	var wg sync.WaitGroup
	for i := range 5 * n {
		wg.Go(func() {
			who := trial.Order()[i%n]
			r, err := trial.Do(ctx, study.Randomise{}, at(3, who))
			if fault.CodeOf(err) == "randomised-already" {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			slot := r.Facts[0].Event.(study.Randomised).Slot
			if told[slot] != "" {
				t.Errorf("slot %d was given to %s and %s", slot, told[slot], who)
			}
			told[slot] = who
		})
	}
	wg.Wait()
	if len(told) != n {
		t.Errorf("%d slots for %d people", len(told), n)
	}
	trial.View(func(s *study.State) {
		for slot, who := range told {
			if s.People[who].Randomised.Slot != slot {
				t.Error(who, "was told another slot than the ledger has")
			}
		}
	})
}

// Projections that grew fact by fact are those that are made anew.
func TestRebuildIsIncremental(t *testing.T) {
	trial := opened(t, t.TempDir())
	live(t, trial, 7)
	conduct(t, trial)
	grown := dump(t, trial)
	if err := trial.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if anew := dump(t, trial); anew != grown {
		t.Errorf("grown:\n%s\nanew:\n%s", grown, anew)
	}
	for _, table := range projections {
		var n int
		if err := trial.db.Read.QueryRow("SELECT count(*) FROM " + table.Name).Scan(&n); err != nil || n == 0 {
			t.Errorf("%s has %d rows: %v", table.Name, n, err)
		}
	}
	// The rows say what the fold says, counted in another way.
	var done, left int
	row := trial.db.Read.QueryRow("SELECT count(completed_on), count(left_trial_on) FROM participants")
	if err := row.Scan(&done, &left); err != nil || done != 4 || left != 3 {
		t.Error(done, left, err)
	}
	var units int
	if err := trial.db.Read.QueryRow("SELECT sum(units) FROM doses").Scan(&units); err != nil || units != 7 {
		t.Error("after seven corrections from 3 to 1:", units, err)
	}
}

// conduct does to one more person what changes rows beside her answers:
// another zone, other hours, a harm in versions, a deviation that is judged.
func conduct(t *testing.T, trial *Trial) {
	t.Helper()
	var last time.Time
	trial.View(func(s *study.State) { last, _ = s.LastAt() })
	m := study.Meta{At: last.Add(time.Hour), Actor: "anna", Role: study.RoleCoordinator}
	m.Subject = do(t, trial, screen(98), m).Subject
	do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, m)
	do(t, trial, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, m)
	from := civil.DateOf(m.At)
	do(t, trial, study.ChangeZone{ZoneChanged: study.ZoneChanged{Zone: "Asia/Tokyo", From: from}}, m)
	do(t, trial, study.ChangeWake{WakeChanged: study.WakeChanged{Wake: 15 * 60, From: from}}, m)
	harm := study.AdverseEvent{Term: "headache", Severity: "mild", Related: "possible", Onset: from.Add(-1), Outcome: "ongoing"}
	first := do(t, trial, study.ReportAdverseEvent{AdverseEvent: harm}, m)
	harm.Severity = "severe"
	do(t, trial, study.UpdateAdverseEvent{AdverseEventUpdated: study.AdverseEventUpdated{Event: first.First, AdverseEvent: harm}}, m)
	dev := do(t, trial, study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up"}}, m)
	do(t, trial, study.ReviewDeviation{DeviationReviewed: study.DeviationReviewed{Entry: dev.First, Category: study.CategoryMinor}}, m)
	do(t, trial, study.CloseTasks{}, m)
}

// dump gives all projections as text.
func dump(t *testing.T, trial *Trial) string {
	t.Helper()
	var b bytes.Buffer
	for _, table := range projections {
		rows := must(trial.db.Read.Query("SELECT * FROM " + table.Name + " ORDER BY 1, 2, 3, 4"))
		columns := must(rows.Columns())
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, table.Name, values)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// When the disk is full, callers are told that nothing was recorded, the state
// is what is on disk, and once there is room it goes on by itself.
func TestDiskFull(t *testing.T) {
	trial := opened(t, t.TempDir())
	live(t, trial, 2)
	before := must(trial.State().Digest())
	var pages int
	if err := trial.db.Write.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	must(trial.db.Write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)))
	var items []Item
	for i := range 200 {
		items = append(items, Item{screen(i), at(13, "")})
	}
	if _, err := trial.DoAll(ctx, items); fault.CodeOf(err) != "store-write" {
		t.Fatal("a full disk gave", err)
	}
	if must(trial.State().Digest()) != before {
		t.Error("a failed commit has changed the state")
	}
	must(trial.db.Write.Exec("PRAGMA max_page_count = 1000000"))
	for _, r := range must(trial.DoAll(ctx, items)) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

// An entry, a hash or a file that was changed by hand is found, and named.
func TestDamageIsFound(t *testing.T) {
	for name, spoil := range map[string]string{
		"an entry changed":   "DROP TRIGGER entries_stay; UPDATE entries SET bytes = replace(bytes, 'anna', 'bert') WHERE seq = 2",
		"an entry removed":   "DROP TRIGGER entries_remain; DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
		"a hash changed":     "UPDATE hashes SET hash = zeroblob(32) WHERE place = 3",
		"no checkpoint":      "DELETE FROM checkpoints",
		"an old checkpoint":  "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)",
		"another checkpoint": "UPDATE checkpoints SET signed = (SELECT signed FROM checkpoints WHERE size = 1)",
	} {
		dir := t.TempDir()
		trial := opened(t, dir)
		do(t, trial, screen(0), at(0, ""))
		who := do(t, trial, screen(1), at(0, "")).Subject
		do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, at(0, who))
		if err := trial.Close(); err != nil {
			t.Fatal(err)
		}
		db := must(sqldb.Writer(filepath.Join(dir, "trial.db")))
		must(db.Exec(spoil))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ctx, dir); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Read(ctx, dir); fault.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":   func([]byte) []byte { return nil },
		"cut":     func(b []byte) []byte { return b[:len(b)/2+7] },
		"rubbish": func(b []byte) []byte { return bytes.Repeat([]byte("rubbish"), 1000) },
		"spoiled": func(b []byte) []byte { clear(b[4096:]); return b },
	} {
		dir := t.TempDir()
		if err := opened(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "trial.db")
		if err := os.WriteFile(path, spoil(must(os.ReadFile(path))), 0o600); err != nil {
			t.Fatal(err)
		}
		for way, open := range map[string]func(context.Context, string) (*Trial, error){"Read": Read, "Open": Open} {
			if _, err := open(ctx, dir); fault.CodeOf(err) != "store-damaged" {
				t.Errorf("%s a database that is %s: %v", way, name, err)
			}
		}
	}
	// By the plain way, an entry cannot be changed at all.
	trial := opened(t, t.TempDir())
	if _, err := trial.db.Write.Exec("UPDATE entries SET bytes = x'00'"); err == nil {
		t.Error("an entry was changed")
	}
	if _, err := trial.db.Write.Exec("DELETE FROM entries"); err == nil {
		t.Error("an entry was removed")
	}
}
