package store

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// place makes empty places for trials on one of the stores.
type place func(t testing.TB) Where

// onBoth runs a test on SQLite and on PostgreSQL: one conformance suite.
func onBoth(t *testing.T, test func(t *testing.T, place place)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, func(t testing.TB) Where { return In(t.TempDir()) }) })
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Start(t)
		test(t, func(t testing.TB) Where { return Where{Database: server.URL(t), Blobs: t.TempDir()} })
	})
}

// begun makes a trial in a place, gives it its first entry, and gives the place
// with the key, so that it can be opened again.
func begun(t testing.TB, w Where) (*Trial, Where) {
	t.Helper()
	s := files()
	s.Key = must(ledger.GenerateKey(rand.Reader, "small-trial"))
	w.Key = s.Key.Secret()
	trial, err := CreateAt(ctx, w, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	do(t, trial, openCommand(trial, s), at(0, ""))
	return trial, w
}

// What was done is there when the trial is opened again, to write or to read,
// and the checkpoint is of all of it.
func TestConformReopen(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, w := begun(t, place(t))
		live(t, trial, 5)
		beside := must(ReadAt(ctx, w))
		defer beside.Close()
		do(t, trial, screen(7), at(13, ""))
		if err := beside.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		digest := must(trial.State().Digest())
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
		again := must(OpenAt(ctx, w))
		defer again.Close()
		if got := must(again.State().Digest()); got != digest {
			t.Error("opened again, it is another state")
		}
		c, err := ledger.OpenCheckpoint(again.Checkpoint(), again.PublicKey())
		if err != nil || c.Size != again.State().Entries || c.Root != again.State().Root() {
			t.Error(c, err)
		}
		p, err := ledger.ProveInclusion(c.Size, 3, again)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckInclusion(p, c, must(again.Entries(ctx, 3, 1))[0]); err != nil {
			t.Error(err)
		}
		if _, err := CreateAt(ctx, w, files()); fault.CodeOf(err) != "store-exists" && fault.CodeOf(err) != ledger.CodeKey {
			t.Error(err)
		}
	})
}

// A refused command leaves nothing behind and disturbs no other of its group,
// and a key is done once however often it comes.
func TestConformRefusalsAndKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, _ := begun(t, place(t))
		who := do(t, trial, screen(0), keyed(at(0, ""), "s1")).Subject
		rs := must(trial.DoAll(ctx, []Item{
			{study.Consent{Version: "1.0", Language: "sv"}, at(0, who)},
			{study.Randomise{}, at(0, who)},
			{study.Enrol{Zone: "Europe/Stockholm"}, at(0, who)},
			{screen(2), at(0, "P0001")},
			{study.Randomise{}, at(0, who)},
			{screen(0), keyed(at(0, ""), "s1")},
		}))
		var codes []string
		for _, r := range rs {
			codes = append(codes, string(fault.CodeOf(r.Err)))
		}
		if got := fmt.Sprint(codes); got != "[ not-enrolled  subject-unasked  ]" {
			t.Error(got)
		}
		if !rs[5].Repeated || rs[5].Subject != who {
			t.Errorf("%+v", rs[5])
		}
		n := night(trial, start0(1), 3)
		n.Source.SHA256 = "00" + n.Source.SHA256[2:]
		if _, err := trial.Do(ctx, n, at(1, who)); fault.CodeOf(err) != "blob-missing" {
			t.Error(err)
		}
	})
}

// Projections that grew fact by fact are those that are made anew, and an entry
// cannot be changed by the plain way.
func TestConformProjections(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, _ := begun(t, place(t))
		live(t, trial, 7)
		grown := dump(t, trial)
		if err := trial.Rebuild(ctx); err != nil {
			t.Fatal(err)
		}
		if anew := dump(t, trial); anew != grown {
			t.Errorf("grown:\n%s\nanew:\n%s", grown, anew)
		}
		var late int
		if err := trial.db.Read.QueryRow("SELECT count(*) FROM tasks WHERE arrived IS NOT NULL").Scan(&late); err != nil || late == 0 {
			t.Error("no task is told to have arrived:", late, err)
		}
		for _, bad := range []string{"UPDATE entries SET bytes = bytes", "DELETE FROM entries"} {
			if _, err := trial.db.Write.Exec(bad); err == nil {
				t.Error("done:", bad)
			}
		}
	})
}

// 1,000 requests at once to randomise 200 people, through three doors where the
// store has several: 200 allocations, each once, each slot once, and what each
// caller was told is what the ledger says.
func TestConformThousandRandomisations(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, w := begun(t, place(t))
		doors := []*Trial{trial}
		if w.Shared() {
			for range 2 {
				doors = append(doors, must(OpenAt(ctx, w)))
				defer doors[len(doors)-1].Close()
			}
		}
		people := enrolled(t, trial, 200)
		told := make([]int, 1000)
		var wg sync.WaitGroup
		for i := range told {
			wg.Go(func() {
				r, err := doors[i%len(doors)].Do(ctx, study.Randomise{}, at(3, people[i%200]))
				switch {
				case fault.CodeOf(err) == "randomised-already":
				case err != nil:
					t.Error(err)
				default:
					told[i] = r.Facts[0].Event.(study.Randomised).Slot + 1
				}
			})
		}
		wg.Wait()
		slots, persons := map[int]bool{}, map[study.Subject]int{}
		for i, slot := range told {
			if slot == 0 {
				continue
			}
			if slots[slot] || persons[people[i%200]] != 0 {
				t.Error("given twice:", slot, people[i%200])
			}
			slots[slot], persons[people[i%200]] = true, slot
		}
		if len(slots) != 200 || len(persons) != 200 {
			t.Errorf("%d slots for %d people", len(slots), len(persons))
		}
		for _, door := range doors {
			if err := door.Refresh(ctx); err != nil {
				t.Fatal(err)
			}
			door.View(func(s *study.State) {
				for who, slot := range persons {
					if s.People[who].Randomised == nil || s.People[who].Randomised.Slot != slot-1 {
						t.Error(who, "was told another slot than the ledger has")
					}
				}
			})
		}
	})
}

// enrolled lets n people come into the trial.
func enrolled(t testing.TB, trial *Trial, n int) []study.Subject {
	t.Helper()
	var first, next []Item
	for i := range n {
		first = append(first, Item{screen(i), at(0, "")})
	}
	var people []study.Subject
	for _, r := range must(trial.DoAll(ctx, first)) {
		people = append(people, r.Subject)
		next = append(next,
			Item{study.Consent{Version: "1.0", Language: "sv"}, at(0, r.Subject)},
			Item{study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, r.Subject)})
	}
	for _, r := range must(trial.DoAll(ctx, next)) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	return people
}

// Several processes' worth of doors to one database: whoever asks sees what the
// others have written once they were told, and all give one history.
func TestSeveralServers(t *testing.T) {
	server := pgtest.Start(t)
	first, w := begun(t, Where{Database: server.URL(t), Blobs: t.TempDir()})
	second := must(OpenAt(ctx, w))
	defer second.Close()
	for i := range 20 {
		writer, reader := first, second
		if i%2 == 1 {
			writer, reader = second, first
		}
		r := do(t, writer, screen(i), at(0, ""))
		if err := reader.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		reader.View(func(s *study.State) {
			if s.People[r.Subject] == nil {
				t.Error(r.Subject, "is not seen by the other")
			}
		})
		if !bytes.Equal(writer.Checkpoint(), reader.Checkpoint()) {
			t.Error("two checkpoints of one ledger")
		}
	}
	if got := must(Trials(ctx, w.Database)); fmt.Sprint(got) != "[small-trial]" {
		t.Error(got)
	}
	w.Key = ""
	if _, err := OpenAt(ctx, w); fault.CodeOf(err) != ledger.CodeKey {
		t.Error("opened to write without the key:", err)
	}
	w.Trial = "another"
	if _, err := ReadAt(ctx, w); fault.CodeOf(err) != "store-none" {
		t.Error(err)
	}
}
