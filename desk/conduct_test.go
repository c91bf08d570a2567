package desk_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/identity"
	"dvala/store/blob"
	"dvala/store/people"
	"dvala/study"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// desks is an office with all its parts, of a small trial with two people.
type desks struct {
	*desk.Office
	trial    *desktest.Memory
	people   *people.Store
	files    *blob.Folder
	vault    *identity.Vault
	at       time.Time
	one, two study.Subject
}

func newDesks(t *testing.T) *desks {
	t.Helper()
	d := &desks{trial: desktest.New(t, "../study/testdata/small.yaml", 4), at: desktest.Start}
	d.one, d.two = d.trial.Person(t, d.at), d.trial.Person(t, d.at)
	dir := t.TempDir()
	d.people = must(people.Open(t.Context(), dir))
	t.Cleanup(func() { d.people.Close() })
	now := func() time.Time { return d.at }
	d.vault = identity.New(d.people, must(identity.GenerateMaster(rand.Reader)), rand.Reader, now)
	d.Office, d.files = desk.NewOffice(d.trial, now), blob.NewFolder(dir)
	d.Furnish(desk.Parts{Vault: d.vault, Files: d.files, PersonFiles: d.people, Pending: d.people})
	d.at = d.at.AddDate(0, 0, 1)
	return d
}

func staff(account string, role study.Role, site string) desk.Caller {
	return desk.Caller{Account: account, Name: "Name of " + account, Grants: []desk.Grant{{Role: role, Site: site}}, Session: "s"}
}

func (d *desks) entry(key, do string, data any) desk.Submitted {
	return desk.Submitted{Key: key, Made: d.at.Add(-time.Hour), Zone: "Europe/Stockholm", Do: do, Data: must(json.Marshal(data))}
}

func event(term string, onset time.Time) study.ReportAdverseEvent {
	return study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "headache", Words: study.Words(term), Severity: "mild", Related: "possible", Onset: civil.DateOf(onset), Outcome: "ongoing",
	}}
}

const secret = "huvudvärk efter kaffet hos Birgit"

// ledgerHas says whether a text stands anywhere on the ledger.
func (d *desks) ledgerHas(t *testing.T, text string) bool {
	t.Helper()
	for _, e := range must(d.trial.Entries(t.Context(), 0, 1000)) {
		if bytes.Contains(e.Bytes, []byte(text)) {
			return true
		}
	}
	return false
}

// What waited on a device is filed once, whatever its fate the rest goes on, and
// nothing is thrown away.
func TestSubmit(t *testing.T) {
	d := newDesks(t)
	me := desk.Participant(d.one)
	batch := []desk.Submitted{
		d.entry("k1", "report-adverse-event", event(secret, d.at)),
		d.entry("k2", "no-such-command", map[string]any{"free": secret}),
		d.entry("k3", "lock", struct{}{}),
		d.entry("k4", "report-adverse-event", map[string]any{"words": "x"}),
		d.entry("k5", "report-adverse-event", event("yrsel", d.at)),
	}
	want := []desk.Fate{desk.Accepted, desk.Unfiled, desk.Refused, desk.Unfiled, desk.Accepted}
	got := must(d.Submit(t.Context(), me, batch))
	for i, o := range got {
		if o.Fate != want[i] || o.Key != batch[i].Key || (o.Held != 0) != (o.Err != nil) {
			t.Errorf("entry %d: %s, held as %d, %v", i, o.Fate, o.Held, o.Err)
		}
	}
	if d.ledgerHas(t, "Birgit") || !d.ledgerHas(t, study.SealedMark) {
		t.Error("her words stand on the ledger in the clear")
	}
	again := must(d.Submit(t.Context(), me, batch))
	if again[0].Fate != desk.Repeated || again[4].Fate != desk.Repeated || again[0].Receipt.First != got[0].Receipt.First || again[1].Held != got[1].Held {
		t.Errorf("sent twice: %+v", again)
	}
	anna := staff("anna", study.RoleCoordinator, "main")
	held := must(d.HeldEntries(t.Context(), anna, false))
	if len(held) != 3 || held[0].Entry.Do != "no-such-command" || !strings.Contains(string(held[0].Entry.Data), secret) {
		t.Errorf("held: %+v", held)
	}
	raw := must(d.people.HeldAll(t.Context(), false))
	if strings.Contains(raw[0].Body, "Birgit") || strings.Contains(raw[0].Fault, "Birgit") {
		t.Error("what is held lies in the clear")
	}
	if len(must(d.HeldEntries(t.Context(), staff("bo", study.RoleCoordinator, "elsewhere"), false))) != 0 {
		t.Error("another site sees what is held")
	}
	mended := d.entry("", "report-adverse-event", event("mended", d.at))
	if _, err := d.Refile(t.Context(), anna, held[2].ID, &mended, ""); fault.CodeOf(err) != "reason-missing" {
		t.Errorf("without a reason: %v", err)
	}
	r, err := d.Refile(t.Context(), anna, held[2].ID, &mended, "onset was missing, asked her")
	if err != nil || r.N == 0 || r.Facts[0].Actor != "anna" {
		t.Errorf("filed again: %+v, %v", r, err)
	}
	if err := d.Discard(t.Context(), anna, held[0].ID, "a test of the app"); err != nil {
		t.Error(err)
	}
	if err := d.Discard(t.Context(), anna, held[0].ID, "again"); fault.CodeOf(err) != "held-settled" {
		t.Errorf("settled twice: %v", err)
	}
	if done := must(d.HeldEntries(t.Context(), anna, true)); len(done) != 2 || done[0].Entry.Do == "" {
		t.Errorf("what was settled is gone: %+v", done)
	}
	if _, err := d.Submit(t.Context(), anna, nil); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("staff submit as participants: %v", err)
	}
}

// brokenStore fails, as a disk that is full.
type brokenStore struct{ *desktest.Memory }

func (brokenStore) Tell(context.Context, study.Command, study.Meta) (desk.Receipt, error) {
	return desk.Receipt{}, errors.New("no space left on device")
}

// What a device sends of who has left is not kept: only that it came, and why it
// was not taken. What she wrote before she left is taken, however late it comes.
func TestSubmitAfterLeaving(t *testing.T) {
	d := newDesks(t)
	me, anna := desk.Participant(d.one), staff("anna", study.RoleCoordinator, "main")
	medicine := func(key string) desk.Submitted {
		return d.entry(key, "record-medication", map[string]any{"name": "alvedon", "ongoing": true, "note": secret})
	}
	before := medicine("m1")
	d.trial.Do(t, study.Withdraw{From: study.FromFollowUp, Why: "other"}, d.at, d.one)
	d.at = d.at.Add(2 * time.Hour)
	got := must(d.Submit(t.Context(), me, []desk.Submitted{before, medicine("m2"), d.entry("m3", "report-adverse-event", event(secret, d.at))}))
	if got[0].Fate != desk.Accepted || got[1].Fate != desk.Refused || got[2].Fate != desk.Accepted {
		t.Fatalf("%+v", got)
	}
	held := must(d.HeldEntries(t.Context(), anna, false))
	if len(held) != 1 || !held[0].Bare || held[0].Entry.Do != "" || len(held[0].Entry.Data) != 0 || !held[0].Entry.Made.IsZero() || !strings.HasPrefix(held[0].Fault, "withdrew") {
		t.Errorf("%+v", held)
	}
	mended := medicine("m4")
	if _, err := d.Refile(t.Context(), anna, held[0].ID, &mended, "asked her"); fault.CodeOf(err) != "held-bare" {
		t.Errorf("what was not kept is filed: %v", err)
	}
	if err := d.Discard(t.Context(), anna, held[0].ID, "she has left"); err != nil {
		t.Error(err)
	}
	for _, h := range must(d.people.HeldAll(t.Context(), true)) {
		if strings.Contains(h.Body, "alvedon") || strings.Contains(h.Body, "dvala1") {
			t.Error(h.Body)
		}
	}
}

func TestSubmitSaysAgainWhenTheStoreFails(t *testing.T) {
	d := newDesks(t)
	o := desk.NewOffice(brokenStore{d.trial}, d.Now)
	o.Furnish(desk.Parts{Pending: d.people})
	got := must(o.Submit(t.Context(), desk.Participant(d.one), []desk.Submitted{d.entry("k", "report-adverse-event", event("x", d.at))}))
	if got[0].Fate != desk.Again || len(must(d.people.HeldAll(t.Context(), false))) != 0 {
		t.Errorf("%+v", got)
	}
}

// Erasing makes her words and files unreadable and leaves the ledger as it was.
func TestErasedWordsAndFiles(t *testing.T) {
	d := newDesks(t)
	me, anna := desk.Participant(d.one), staff("anna", study.RoleCoordinator, "main")
	must(d.Submit(t.Context(), me, []desk.Submitted{d.entry("k1", "report-adverse-event", event(secret, d.at))}))
	plain := bytes.Repeat([]byte("her ring's nights "), 9000)
	f := must(d.PutFile(t.Context(), me, d.one, "ring.zip", bytes.NewReader(plain)))
	if again := must(d.PutFile(t.Context(), me, d.one, "ring.zip", bytes.NewReader(plain))); again != f {
		t.Errorf("the same file again is %+v, and was %+v", again, f)
	}
	if other := must(d.PutFile(t.Context(), anna, d.two, "ring.zip", bytes.NewReader(plain))); other.SHA256 == f.SHA256 {
		t.Error("two people's files look the same")
	}
	if _, err := d.PutFile(t.Context(), me, d.two, "x", strings.NewReader("x")); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("a file put in another's name: %v", err)
	}
	if _, err := d.OpenFile(t.Context(), desk.Participant(d.two), d.one, f); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("another reads her file: %v", err)
	}
	r := must(d.OpenFile(t.Context(), anna, d.one, f))
	if got := must(io.ReadAll(r)); !bytes.Equal(got, plain) {
		t.Error("the file does not come back")
	}
	r.Close()
	read := func(c desk.Caller) string {
		page := must(d.Trail(t.Context(), c, desk.TrailQuery{Subject: d.one, Kinds: []study.Kind{study.KindAdverseEvent}}))
		return page.Entries[0].About + string(page.Entries[0].Data)
	}
	if got := read(anna); strings.Count(got, secret) != 1 {
		t.Errorf("staff read %s", got)
	}
	if got := read(staff("stina", study.RoleStatistician, "")); strings.Contains(got, secret) || !strings.Contains(got, desk.Withheld) {
		t.Errorf("a statistician reads %s", got)
	}
	root := string(d.trial.Checkpoint())
	if err := d.vault.Erase(t.Context(), d.one); err != nil {
		t.Fatal(err)
	}
	if got := read(anna); strings.Contains(got, secret) || !strings.Contains(got, desk.Erased) {
		t.Errorf("after erasing staff read %s", got)
	}
	if _, err := d.OpenFile(t.Context(), anna, d.one, f); fault.CodeOf(err) != "person-erased" {
		t.Errorf("after erasing the file opens: %v", err)
	}
	if string(d.trial.Checkpoint()) != root {
		t.Error("the ledger changed")
	}
}

func TestHistoryTrailAndProof(t *testing.T) {
	d := newDesks(t)
	me, anna := desk.Participant(d.one), staff("anna", study.RoleCoordinator, "main")
	first := must(d.Submit(t.Context(), me, []desk.Submitted{d.entry("k1", "report-adverse-event", event(secret, d.at))}))[0].Receipt.First
	for i, sev := range []string{"moderate", "severe"} {
		d.at = d.at.Add(time.Hour)
		must(d.Do(t.Context(), anna, desk.Request{
			Cmd: study.Correct{Entry: first, Field: "severity", New: desktest.JSON(sev)}, Subject: d.one, Reason: "asked her, " + sev, Key: "c" + sev,
		}))
		got := must(d.History(t.Context(), anna, d.one, first, "severity"))
		if len(got) != i+2 {
			t.Fatalf("history: %+v", got)
		}
	}
	got := must(d.History(t.Context(), me, d.one, first, "severity"))
	for i, want := range []struct{ was, is, who, why string }{
		{"", `"mild"`, string(d.one), ""}, {`"mild"`, `"moderate"`, "anna", "asked her, moderate"}, {`"moderate"`, `"severe"`, "anna", "asked her, severe"},
	} {
		if g := got[i]; string(g.Old) != want.was || string(g.New) != want.is || g.Actor != want.who || g.Reason != want.why || g.At.IsZero() || g.Zone == "" || g.Role == "" {
			t.Errorf("change %d: %+v", i, g)
		}
	}
	if _, err := d.History(t.Context(), desk.Participant(d.two), d.one, first, ""); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("another participant reads the history: %v", err)
	}
	if _, err := d.History(t.Context(), desk.Participant(d.two), d.two, first, ""); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("another participant reads the history as her own: %v", err)
	}
	changes := must(d.Trail(t.Context(), anna, desk.TrailQuery{Changed: true, Newest: true, Limit: 1}))
	if len(changes.Entries) != 1 || !changes.More || changes.Entries[0].Reason != "asked her, severe" {
		t.Errorf("the latest change: %+v", changes)
	}
	next := must(d.Trail(t.Context(), anna, desk.TrailQuery{Changed: true, Newest: true, Limit: 1, From: changes.Next}))
	if len(next.Entries) != 1 || next.Entries[0].Reason != "asked her, moderate" {
		t.Errorf("the one before: %+v", next)
	}
	own := must(d.Trail(t.Context(), me, desk.TrailQuery{Subject: d.one}))
	for _, e := range own.Entries {
		if e.Subject != d.one {
			t.Errorf("a participant's trail has %+v", e)
		}
	}
	pharm := must(d.Trail(t.Context(), staff("petra", study.RolePharmacist, "main"), desk.TrailQuery{Kinds: []study.Kind{study.KindAdverseEvent}}))
	if e := pharm.Entries[0]; e.Data != nil || e.About != desk.Withheld {
		t.Errorf("a pharmacist reads %+v", e)
	}
	proofs(t, d, first)
}

// proofs checks a receipt, and that it fails for any byte that is changed.
func proofs(t *testing.T, d *desks, entry uint64) {
	t.Helper()
	p := must(d.Prove(t.Context(), desk.Participant(d.one), entry))
	raw := must(json.Marshal(p))
	if _, f, err := desk.CheckProof(raw, d.trial.PublicKey().String()); err != nil || f.Subject != d.one || f.Index != entry {
		t.Fatalf("receipt: %+v, %v", f, err)
	}
	if _, err := d.Prove(t.Context(), desk.Participant(d.two), entry); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("another participant gets her receipt: %v", err)
	}
	for name, harm := range map[string]func(*desk.Proof){
		"entry":      func(p *desk.Proof) { p.Entry++ },
		"bytes":      func(p *desk.Proof) { p.Bytes = p.Bytes[:8] + "AAAA" + p.Bytes[12:] },
		"inclusion":  func(p *desk.Proof) { p.Inclusion = p.Inclusion[1:] },
		"checkpoint": func(p *desk.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n", "\n1", 1) },
	} {
		bad := p
		bad.Inclusion = append([]string(nil), p.Inclusion...)
		harm(&bad)
		if _, _, err := desk.CheckProof(must(json.Marshal(bad)), ""); err == nil {
			t.Errorf("a receipt with another %s is taken", name)
		}
	}
}

func TestClockJumps(t *testing.T) {
	wall, running := desktest.Start, time.Duration(0)
	var jumps []desk.Jump
	c := desk.NewWallClock("here", func() time.Time { return wall }, func() time.Duration { return running }, func(j desk.Jump) { jumps = append(jumps, j) })
	pass := func(d, set time.Duration) { running += d; wall = wall.Add(d + set); c.Now() }
	c.Now()
	pass(time.Hour, 0)
	pass(time.Minute, time.Second) // kept in time
	if len(jumps) != 0 {
		t.Errorf("a clock that is kept jumps: %v", jumps)
	}
	pass(time.Minute, -time.Hour)
	pass(time.Minute, 0)
	pass(time.Minute, 365*24*time.Hour)
	if len(jumps) != 2 || jumps[0].By > -59*time.Minute || jumps[1].By != 365*24*time.Hour {
		t.Errorf("jumps: %v", jumps)
	}
}

// A clock that is set forward by an hour or a year is recorded and not believed,
// until it is set back or somebody who may confirms it. One that is set back is
// recorded, and the ledger itself refuses what would come before its last entry.
func TestClockSetForwardIsNotTrusted(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, 365 * 24 * time.Hour, -time.Hour, -365 * 24 * time.Hour} {
		d := newDesks(t)
		running, set := time.Duration(0), time.Duration(0)
		began := d.at
		var jumps []desk.Jump
		clock := desk.NewWallClock("a", func() time.Time { return began.Add(running + set) }, func() time.Duration { return running }, func(j desk.Jump) { jumps = append(jumps, j) })
		office := desk.NewOffice(d.trial, clock.Now)
		office.Furnish(desk.Parts{Vault: d.vault, Clock: clock})
		keys := 0
		give := func(role study.Role, cmd study.Command, who study.Subject) error {
			keys++
			_, err := office.Do(t.Context(), staff("anna", role, ""), desk.Request{Cmd: cmd, Subject: who, Reason: "as the radio says", Key: fmt.Sprint(by, keys)})
			return err
		}
		note := func() error {
			running += time.Minute
			return give(study.RoleCoordinator, study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up", Date: civil.DateOf(began)}}, d.one)
		}
		if err := note(); err != nil {
			t.Fatal(err)
		}
		set = by
		want := desk.CodeClockAhead
		if by < 0 {
			want = "clock-backwards"
		}
		for range 2 {
			if err := note(); fault.CodeOf(err) != want || !strings.Contains(fault.Text(err), "hint") {
				t.Errorf("set by %v: %v", by, err)
			}
		}
		if len(jumps) != 1 || jumps[0].By != by {
			t.Errorf("set by %v: %v", by, jumps)
		}
		set = time.Second
		if err := note(); err != nil {
			t.Errorf("set by %v and right again: %v", by, err)
		}
		if by < 0 {
			continue
		}
		set = by
		if err := give(study.RoleCoordinator, study.ConfirmClock{}, ""); fault.CodeOf(err) != desk.CodeForbidden {
			t.Error("confirmed by a coordinator:", err)
		}
		if err := note(); fault.CodeOf(err) != want {
			t.Errorf("set by %v once more: %v", by, err)
		}
		if err := give(study.RoleAdministrator, study.ConfirmClock{ClockConfirmed: study.ClockConfirmed{Server: "b"}}, ""); err != nil || office.ClockTrusted() == nil {
			t.Error("another server's clock was confirmed:", err)
		}
		if err := give(study.RoleAdministrator, study.ConfirmClock{}, ""); err != nil {
			t.Fatal(err)
		}
		err, confirmed := note(), 0
		if d.trial.View(func(s *study.State) { confirmed = len(s.ClocksConfirmed) }); err != nil || confirmed != 2 {
			t.Errorf("set by %v and confirmed: %d, %v", by, confirmed, err)
		}
	}
}

// The signer is asked, and what the request itself says of name and method
// counts for nothing.
type signer struct{ asked []string }

func (s *signer) Signature(_ context.Context, c desk.Caller, typed, meaning string) (*study.Signature, error) {
	s.asked = append(s.asked, typed)
	return &study.Signature{Name: c.Name, Meaning: meaning, Method: "passkey"}, nil
}

func TestSignaturesComeFromTheSigner(t *testing.T) {
	d := newDesks(t)
	s := &signer{}
	d.Furnish(desk.Parts{Signer: s})
	anna := staff("anna", study.RoleCoordinator, "main")
	r := must(d.Do(t.Context(), anna, desk.Request{
		Cmd: study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up", Date: civil.DateOf(d.at)}}, Subject: d.one, Key: "x",
		Signature: &study.Signature{Name: "Somebody Else", Meaning: "review", Method: "forged"}, SignedID: "anna",
	}))
	if got := r.Facts[0].Signature; got == nil || got.Name != "Name of anna" || got.Method != "passkey" || len(s.asked) != 1 {
		t.Errorf("signed by %+v", got)
	}
}

// A clock that stood before the last entry when the program began was wrong: that
// it is set forward is not held against it.
func TestWrongClockIsSetRight(t *testing.T) {
	set, running := -time.Hour, time.Duration(0)
	var jumps []desk.Jump
	c := desk.NewWallClock("a", func() time.Time { return desktest.Start.Add(running + set) }, func() time.Duration { return running }, func(j desk.Jump) { jumps = append(jumps, j) })
	c.Now()
	c.Wrong()
	set = 0
	c.Now()
	if err := c.Trust(); err != nil || len(jumps) != 1 || !jumps[0].Wrong {
		t.Error(jumps, err)
	}
	set = time.Hour
	c.Now()
	if err := c.Trust(); fault.CodeOf(err) != desk.CodeClockAhead || jumps[1].Wrong {
		t.Error("set forward once more:", jumps, err)
	}
}
