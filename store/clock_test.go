package store

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/study"
)

// realTrial makes a trial whose people are not made up.
func realTrial(t *testing.T, w Where) (*Trial, Where) {
	t.Helper()
	s := sealedBy(seal.ByCustodian, files().Protocol)
	s.Key = must(ledger.GenerateKey(rand.Reader, "small-trial"))
	w.Key = s.Key.Secret()
	trial, err := CreateAt(ctx, w, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	open := openCommand(trial, s)
	open.Simulated, open.Sealing, open.Seed = false, seal.ByCustodian, nil
	do(t, trial, open, at(0, ""))
	return trial, w
}

// A jump waits beside the trial while the ledger cannot hold it, and is there
// when the program begins again: one forward is a reason not to believe the
// clock, until it is before that time again, or somebody has confirmed it.
func TestJumpsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		for _, by := range []time.Duration{time.Hour, 365 * 24 * time.Hour, -time.Hour, -365 * 24 * time.Hour} {
			trial, w := realTrial(t, place(t))
			then := start.Add(time.Hour)
			if err := trial.DoubtClock(ctx, then); err != nil {
				t.Error("a clock that nobody set:", err)
			}
			j := desk.Jump{At: then.Add(by), By: by}
			for range 2 {
				if err := trial.KeepJump(ctx, "a b", j); err != nil {
					t.Fatal(err)
				}
			}
			if err := trial.Close(); err != nil {
				t.Fatal(err)
			}
			again, err := OpenAt(ctx, w)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			kept := must(again.KeptJumps(ctx))
			if len(kept) != 1 || kept[0].Server != "a b" || !kept[0].At.Equal(j.At) || kept[0].By != by {
				t.Fatalf("%+v", kept)
			}
			if err := again.DoubtClock(ctx, j.At.Add(time.Minute)); (err != nil) != (by > 0) || by > 0 && fault.CodeOf(err) != desk.CodeClockAhead {
				t.Errorf("set by %v: %v", by, err)
			}
			if err := again.DoubtClock(ctx, then.Add(time.Minute)); err != nil {
				t.Errorf("set by %v and right again: %v", by, err)
			}
			m := study.Meta{At: j.At.Add(time.Minute), Actor: "eva", Role: study.RoleAdministrator, Reason: "by the radio"}
			if again.db.Schema == "" && by > 0 {
				do(t, again, study.ConfirmClock{}, m)
				if err := again.DoubtClock(ctx, m.At.Add(time.Minute)); err != nil {
					t.Errorf("set by %v and confirmed: %v", by, err)
				}
			}
			if err := again.DropJump(ctx, kept[0]); err != nil || len(must(again.KeptJumps(ctx))) > 0 {
				t.Error(err)
			}
		}
	})
}

// A trial may lie still for a month, and within its protocol's dates for half a
// year; what is later somebody has to confirm. That a program ran is a sign of
// life too.
func TestStillness(t *testing.T) {
	trial, _ := realTrial(t, In(t.TempDir()))
	end := trial.Protocol().Protocol().Dates.End.At(0, time.UTC)
	soon := start.AddDate(0, 0, 29)
	for at, doubted := range map[time.Time]bool{
		soon: false, start.AddDate(1, 0, 0): true, end.AddDate(0, 0, -1): end.Sub(start) > 181*24*time.Hour, end.AddDate(0, 2, 0): true,
	} {
		if err := trial.DoubtClock(ctx, at); (err != nil) != doubted {
			t.Errorf("at %v, the trial ending %v: %v", at, end, err)
		}
	}
	if err := trial.SeeClock(ctx, end.AddDate(0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	if err := trial.DoubtClock(ctx, end.AddDate(0, 2, 29)); err != nil {
		t.Error("a program that was running a month ago:", err)
	}
}

// PostgreSQL has a clock of its own: what is stamped far after it is refused,
// whoever confirms what, and what is stamped before it, as what comes from files,
// is taken.
func TestAheadOfDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, _ := realTrial(t, place(t))
		now := time.Now()
		for _, by := range []time.Duration{time.Hour, 365 * 24 * time.Hour} {
			if off, ahead, err := trial.AheadOfDatabase(ctx, now.Add(by)); ahead != (trial.dir == "") || ahead && (off-by).Abs() > time.Minute || err != nil {
				t.Error(off, ahead, err)
			}
			if trial.dir != "" {
				continue
			}
			for _, cmd := range []study.Command{screen(0), study.ConfirmClock{}} {
				before := trial.State().Entries
				_, err := trial.Do(ctx, cmd, study.Meta{At: now.Add(by), Actor: "anna", Role: study.RoleCoordinator, Reason: "why"})
				if fault.CodeOf(err) != desk.CodeClockAhead || !strings.Contains(fault.Text(err), "hint") || trial.State().Entries != before {
					t.Errorf("%T ahead by %v: %v", cmd, by, err)
				}
			}
		}
		do(t, trial, screen(0), at(1, ""))
		do(t, trial, screen(1), study.Meta{At: now, Actor: "anna", Role: study.RoleCoordinator})
	})
}
