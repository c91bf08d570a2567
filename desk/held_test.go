package desk_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// heldOn gives what the ledger says was held of a person.
func (d *desks) heldOn(who study.Subject) (out []study.HeldEntry) {
	d.trial.View(func(s *study.State) { out = slices.Clone(s.People[who].Held) })
	return out
}

func (d *desks) entries() (n uint64) {
	d.trial.View(func(s *study.State) { n = s.Entries })
	return n
}

// What came and could not be filed is a fact on the ledger, once however often it
// is sent, with a digest of what is kept and nothing of what it said; and so is
// what became of it.
func TestHeldIsOnTheLedger(t *testing.T) {
	d := newDesks(t)
	me, anna := desk.Participant(d.one), staff("anna", study.RoleCoordinator, "main")
	batch := []desk.Submitted{
		d.entry("device-1", "no-such-command", map[string]any{"free": secret}),
		d.entry("device-2", "report-adverse-event", map[string]any{"words": secret}),
		d.entry("nyckel från Birgit "+strings.Repeat("x", 90), "lock", struct{}{}),
	}
	got := must(d.Submit(t.Context(), me, batch))
	must(d.Submit(t.Context(), me, batch))
	on := d.heldOn(d.one)
	if len(on) != 3 || on[0].Command != "" || on[1].Command != "report-adverse-event" || on[1].Sent != "device-2" || !on[1].Made.Equal(batch[1].Made) {
		t.Fatalf("%+v", on)
	}
	if !strings.HasPrefix(on[2].Sent, "sha256:") || d.ledgerHas(t, "Birgit") || d.ledgerHas(t, "huvudv") {
		t.Error("the ledger holds what was sent")
	}
	for i, h := range must(d.people.HeldAll(t.Context(), false)) {
		if sum := sha256.Sum256([]byte(h.Body)); on[i].SHA256 != hex.EncodeToString(sum[:]) || on[i].Number != h.ID || h.ID != got[i].Held {
			t.Errorf("%d: %+v", i, on[i])
		}
	}
	mended := d.entry("", "report-adverse-event", event("mended", d.at))
	r := must(d.Refile(t.Context(), anna, on[1].Number, &mended, "onset was missing, asked her"))
	if err := d.Discard(t.Context(), anna, on[0].Number, "a test of Birgit's"); err != nil {
		t.Fatal(err)
	}
	on = d.heldOn(d.one)
	if on[1].How != study.HeldFiled || on[1].FiledAs == nil || *on[1].FiledAs != r.First || on[1].By != "anna" || on[0].How != study.HeldDiscarded || on[0].By != "anna" || on[2].How != "" {
		t.Errorf("%+v", on)
	}
	if d.ledgerHas(t, "Birgit") || !strings.HasPrefix(on[0].Reason, study.SealedMark) {
		t.Errorf("why it was discarded stands in the clear: %q", on[0].Reason)
	}
	ulla := staff("ulla", study.RoleAuditor, "")
	if waits := must(d.HeldEntries(t.Context(), ulla, false)); len(waits) != 1 {
		t.Errorf("an auditor sees %d", len(waits))
	}
	if err := d.Discard(t.Context(), ulla, on[2].Number, "no"); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("an auditor discards: %v", err)
	}
	page := must(d.Trail(t.Context(), anna, desk.TrailQuery{Subject: d.one, Kinds: []study.Kind{study.KindHeld, study.KindHeldSettled}}))
	if len(page.Entries) != 5 {
		t.Errorf("%d lines in the trail", len(page.Entries))
	}
}

// Nobody writes of held entries on the ledger but the office.
func TestHeldIsNotaCommandOfAnybody(t *testing.T) {
	d := newDesks(t)
	note := study.NoteHeld{Held: study.Held{Number: 1, Codes: []string{"x"}, SHA256: strings.Repeat("0", 64)}}
	for _, c := range []desk.Caller{desk.Participant(d.one), staff("anna", study.RoleCoordinator, "main"), staff("ada", study.RoleAdministrator, "")} {
		for _, cmd := range []study.Command{note, study.RecordHeldSettled{HeldSettled: study.HeldSettled{Number: 1, How: study.HeldDiscarded}}} {
			if _, err := d.Do(t.Context(), c, desk.Request{Cmd: cmd, Subject: d.one, Key: "some-key", Reason: "x"}); fault.CodeOf(err) != desk.CodeForbidden {
				t.Errorf("%s gives %T: %v", c.Account, cmd, err)
			}
		}
	}
}

// Of who has left, the ledger has that something came and why it was not taken:
// not as what it came, nor when it was made.
func TestHeldOfWhoHasLeft(t *testing.T) {
	d := newDesks(t)
	d.trial.Do(t, study.Withdraw{From: study.FromFollowUp, Why: "other"}, d.at, d.one)
	d.at = d.at.Add(2 * time.Hour)
	late := d.entry("m2", "record-medication", map[string]any{"name": "alvedon", "ongoing": true})
	must(d.Submit(t.Context(), desk.Participant(d.one), []desk.Submitted{late}))
	on := d.heldOn(d.one)
	if len(on) != 1 || on[0].Command != "" || !on[0].Made.IsZero() || !slices.Equal(on[0].Codes, []string{"withdrew"}) {
		t.Errorf("%+v", on)
	}
}

// Who sends what cannot be filed over and over does not fill the ledger: of one
// person only so much is held in a day, and the rest waits on her device, as that
// of nobody else does.
func TestHeldIsBoundedByTheDay(t *testing.T) {
	d := newDesks(t)
	send := func(who study.Subject, from, n int) (held, again int) {
		var batch []desk.Submitted
		for i := range n {
			batch = append(batch, d.entry(fmt.Sprintf("k%d", from+i), "no-such-command", map[string]any{"n": i}))
		}
		for _, o := range must(d.Submit(t.Context(), desk.Participant(who), batch)) {
			switch {
			case o.Fate == desk.Unfiled:
				held++
			case o.Fate == desk.Again && fault.CodeOf(o.Err) == "held-many":
				again++
			}
		}
		return held, again
	}
	before := d.entries()
	if held, again := send(d.one, 0, 500); held != 200 || again != 300 {
		t.Errorf("%d held, %d again", held, again)
	}
	if n := d.entries() - before; n != 200 || len(must(d.people.HeldAll(t.Context(), false))) != 200 {
		t.Errorf("%d entries", n)
	}
	ok := must(d.Submit(t.Context(), desk.Participant(d.one), []desk.Submitted{d.entry("good", "report-adverse-event", event("x", d.at))}))
	if ok[0].Fate != desk.Accepted {
		t.Errorf("what can be filed is not: %+v", ok)
	}
	if held, _ := send(d.two, 1000, 1); held != 1 {
		t.Error("another person's is not held")
	}
	d.at = d.at.Add(25 * time.Hour)
	if held, again := send(d.one, 200, 100); held != 100 || again != 0 {
		t.Errorf("the next day: %d held, %d again", held, again)
	}
}

// stoppable says nothing more beside the ledger while it is broken.
type stoppable struct {
	desk.Pending
	broken bool
}

func (s *stoppable) Settle(ctx context.Context, id int64, by, outcome, reason string, at time.Time) (bool, error) {
	if s.broken {
		return false, errStopped
	}
	return s.Pending.Settle(ctx, id, by, outcome, reason, at)
}

var errStopped = errors.New("the power failed")

// A program that ends between what lies beside the ledger and the ledger finishes
// at the next start; and one that ended after it had said on the ledger what
// became of something says so beside it when it is asked again.
func TestHeldIsFinished(t *testing.T) {
	d := newDesks(t)
	anna := staff("anna", study.RoleCoordinator, "main")
	kept := must(d.people.Hold(t.Context(), desk.Held{Came: d.at, Account: string(d.one), Subject: d.one, Key: "old", Body: `{"key":"old","do":"lock"}`, Fault: "forbidden lock, forbidden x"}))
	if len(d.heldOn(d.one)) != 0 {
		t.Fatal("it is on the ledger already")
	}
	for range 2 {
		if err := d.HeldDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	on := d.heldOn(d.one)
	if len(on) != 1 || on[0].Number != kept.ID || on[0].Command != "lock" || !slices.Equal(on[0].Codes, []string{"forbidden"}) {
		t.Fatalf("%+v", on)
	}
	p := &stoppable{Pending: d.people, broken: true}
	d.Furnish(desk.Parts{Vault: d.vault, Files: d.files, PersonFiles: d.people, Pending: p})
	if err := d.Discard(t.Context(), anna, kept.ID, "a test"); !errors.Is(err, errStopped) {
		t.Fatal(err)
	}
	p.broken = false
	if err := d.Discard(t.Context(), anna, kept.ID, "a test"); err != nil {
		t.Fatal(err)
	}
	if on := d.heldOn(d.one); on[0].How != study.HeldDiscarded || len(must(d.people.HeldAll(t.Context(), true))) != 1 {
		t.Errorf("%+v", on)
	}
}
