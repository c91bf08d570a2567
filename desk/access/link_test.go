package access_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

func TestLinkWorksOnceAndForAQuarter(t *testing.T) {
	o := newOffice(t, nil)
	o.staff(t, "anna", study.RoleCoordinator, "lund")
	h := must(o.LinkFor(t.Context(), access.Shell(), "anna"))
	var wg sync.WaitGroup
	won := make(chan string, 20)
	for range 20 {
		wg.Go(func() {
			if st, err := o.Redeem(t.Context(), access.Visit{Addr: strings.Repeat("x", len(won)+1)}, tokenOf(h.URL)); err == nil {
				won <- st.Token
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("a link let %d in", len(won))
	}
	late := must(o.LinkFor(t.Context(), access.Shell(), "anna"))
	o.clock.pass(15*time.Minute + time.Second)
	if _, err := o.Redeem(t.Context(), access.Visit{}, tokenOf(late.URL)); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("after a quarter of an hour: %v", err)
	}
	first, second := must(o.LinkFor(t.Context(), access.Shell(), "anna")), must(o.LinkFor(t.Context(), access.Shell(), "anna"))
	if _, err := o.Redeem(t.Context(), access.Visit{}, tokenOf(first.URL)); err == nil {
		t.Error("the earlier of two links still works")
	}
	must(o.Redeem(t.Context(), access.Visit{}, tokenOf(second.URL)))
}

func TestInvitation(t *testing.T) {
	o := newOffice(t, nil)
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	bo := o.caller(t, o.staff(t, "bo", study.RoleCoordinator, "umea"))
	if _, err := o.Invite(t.Context(), bo, "P0001", "sv"); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("a coordinator of another site invites: %v", err)
	}
	h := must(o.Invite(t.Context(), anna, "P0001", "sv"))
	typed := strings.ToLower(strings.ReplaceAll(h.Code, "-", " "))
	st := must(o.Redeem(t.Context(), access.Visit{}, typed))
	if c := o.caller(t, st); c.Subject != "P0001" || c.Lang != "sv" || c.Name != "" || !c.Has(study.RoleParticipant, "") || len(c.Grants) != 1 {
		t.Errorf("the participant is %+v", c)
	}
	for _, again := range []string{h.Code, tokenOf(h.URL)} {
		if _, err := o.Redeem(t.Context(), access.Visit{Addr: "again"}, again); fault.CodeOf(err) != access.CodeDenied {
			t.Errorf("used twice: %v", err)
		}
	}
}

// Nothing that a stranger is told depends on who takes part.
func TestNoEnumeration(t *testing.T) {
	o := newOffice(t, nil)
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	used := must(o.Invite(t.Context(), anna, "P0001", "sv"))
	must(o.Redeem(t.Context(), access.Visit{}, used.Code))
	gone := must(o.Invite(t.Context(), anna, "P0002", "sv"))
	o.clock.pass(20 * 24 * time.Hour)
	var said []string
	for i, code := range []string{used.Code, gone.Code, "ABCD-EFGH-JKLM", "", tokenOf(gone.URL), strings.Repeat("a", 43)} {
		_, err := o.Redeem(t.Context(), access.Visit{Addr: string(rune('a' + i))}, code)
		said = append(said, fault.Text(err))
	}
	for i, who := range []string{"anna@clinic.example", "nobody@clinic.example", "P0001", "P0999", "anna"} {
		if err := o.RequestLink(t.Context(), access.Visit{Addr: string(rune('a' + i))}, who); err != nil {
			t.Errorf("asking for %s: %v", who, err)
		}
	}
	for _, s := range said {
		if s != said[0] {
			t.Errorf("two answers: %q and %q", said[0], s)
		}
	}
	o.Close()
	if len(o.post.sent) != 2 || o.post.sent["anna"] == "" || o.post.sent["P0001"] == "" {
		t.Errorf("sent: %v", o.post.sent)
	}
	st := must(o.Redeem(t.Context(), access.Visit{}, tokenOf(o.post.sent["P0001"])))
	if c := o.caller(t, st); c.Subject != "P0001" {
		t.Errorf("her own link makes her %+v", c)
	}
}

func TestLockOutGrows(t *testing.T) {
	o := newOffice(t, nil)
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	guess := func(addr string) error {
		_, err := o.Redeem(t.Context(), access.Visit{Addr: addr}, "ABCD-EFGH-JKLM")
		return err
	}
	for range 5 {
		if err := guess("evil"); fault.CodeOf(err) != access.CodeDenied {
			t.Fatal(err)
		}
	}
	if err := guess("evil"); fault.CodeOf(err) != access.CodeWait {
		t.Errorf("the sixth guess in a row: %v", err)
	}
	h := must(o.Invite(t.Context(), anna, "P0001", "sv"))
	if _, err := o.Redeem(t.Context(), access.Visit{Addr: "evil"}, h.Code); fault.CodeOf(err) != access.CodeWait {
		t.Errorf("a right guess while locked out: %v", err)
	}
	must(o.Redeem(t.Context(), access.Visit{Addr: "home"}, h.Code)) // nobody else is locked out
	o.clock.pass(2 * time.Second)
	if err := guess("evil"); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("after the wait: %v", err)
	}
	for _, c := range []struct {
		n    int
		wait time.Duration
	}{{4, 0}, {5, time.Second}, {6, 2 * time.Second}, {10, 32 * time.Second}, {30, 15 * time.Minute}} {
		if got := access.LockFor(c.n); got != c.wait {
			t.Errorf("after %d failures: %s, want %s", c.n, got, c.wait)
		}
	}
}

func TestBucketsAreShared(t *testing.T) {
	o := newOffice(t, nil)
	other := must(access.New(access.Config{Store: o.store, Door: o.Door, Now: o.Now, Rand: o.Rand, Origin: o.Origin}))
	b := access.Bucket{Every: time.Second, Burst: 4}
	taken := 0
	for i := range 10 {
		s := []*access.Service{o.Service, other}[i%2]
		if s.Allow(t.Context(), "x", b) == nil {
			taken++
		}
	}
	if taken != 4 {
		t.Errorf("two servers let %d through together, want 4", taken)
	}
	o.clock.pass(2 * time.Second)
	for want := range 3 {
		if err := other.Allow(t.Context(), "x", b); (err == nil) != (want < 2) {
			t.Errorf("two seconds later, number %d: %v", want, err)
		}
	}
}

// An invitation is mailed to a participant's own address by who may invite her,
// is shown to nobody, and stands in place of one that was handed over; an
// account that was closed gets nothing.
func TestMailedInvitation(t *testing.T) {
	var waits []access.LinkOrder
	o := newOffice(t, func(c *access.Config) {
		c.Later = func(_ context.Context, l access.LinkOrder) error { waits = append(waits, l); return nil }
	})
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	bo := o.caller(t, o.staff(t, "bo", study.RoleCoordinator, "umea"))
	if err := o.MailInvitation(t.Context(), bo, "P0001", "sv"); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("a coordinator of another site invites: %v", err)
	}
	if err := o.MailInvitation(t.Context(), anna, "P0003", "sv"); fault.CodeOf(err) != "no-address" {
		t.Errorf("without an address: %v", err)
	}
	earlier := must(o.Invite(t.Context(), anna, "P0001", "sv"))
	if err := o.MailInvitation(t.Context(), anna, "P0001", "sv"); err != nil {
		t.Fatal(err)
	}
	if want := []access.LinkOrder{{Account: "P0001", Subject: "P0001", Purpose: access.ForInvitation, Lang: "sv", By: "anna"}}; !slices.Equal(waits, want) {
		t.Fatalf("%+v", waits)
	}
	for range 2 { // the job is done twice: the newest works
		if err := o.MailLink(t.Context(), waits[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Redeem(t.Context(), access.Visit{Addr: "a"}, earlier.Code); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("the one that was handed over still works: %v", err)
	}
	st := must(o.Redeem(t.Context(), access.Visit{Addr: "b"}, tokenOf(o.post.sent["P0001"])))
	if c := o.caller(t, st); c.Subject != "P0001" || c.Lang != "sv" {
		t.Errorf("%+v", c)
	}
	if err := o.CloseAccount(t.Context(), access.Shell(), "bo", "left"); err != nil {
		t.Fatal(err)
	}
	if err := o.MailLink(t.Context(), access.LinkOrder{Account: "bo", Purpose: access.ForSignIn}); err != nil || o.post.sent["bo"] != "" {
		t.Error("a closed account is sent a link:", err)
	}
	if err := o.MailLink(t.Context(), access.LinkOrder{Account: "nobody", Purpose: access.ForSignIn}); err != nil || o.post.sent["nobody"] != "" {
		t.Error("nobody is sent a link:", err)
	}
}
