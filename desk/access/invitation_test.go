package access_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// intake gives codes to whoever answers, one to a key.
type intake struct {
	mu    sync.Mutex
	codes map[string]study.Subject
	fails bool
}

func (i *intake) ScreenOneself(_ context.Context, c desk.Caller, _ protocol.Answers, key string) (study.Subject, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fails {
		return "", errors.New("the disk is full")
	}
	if _, err := desk.As(c, "screen-oneself", "", c.Grants[0].Site, time.Time{}); err != nil {
		return "", err
	}
	if i.codes[key] == "" {
		i.codes[key] = study.Subject(fmt.Sprintf("P%04d", len(i.codes)+1))
	}
	return i.codes[key], nil
}

func withIntake(t *testing.T) (office, *intake) {
	i := &intake{codes: map[string]study.Subject{}}
	return newOffice(t, func(c *access.Config) { c.Screening = i }), i
}

func lund(most int) access.Asked { return access.Asked{Site: "lund", Lang: "sv", Most: most, Days: 14} }

// Somebody who has the link or the code comes in without a code of her own, can
// do nothing but look at the protocol and answer, and is then herself.
func TestScreeningOneself(t *testing.T) {
	o, _ := withIntake(t)
	ctx := t.Context()
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	bo := o.caller(t, o.staff(t, "bo", study.RoleCoordinator, "umea"))
	if _, err := o.InviteToScreen(ctx, bo, lund(1)); fault.CodeOf(err) != desk.CodeForbidden {
		t.Errorf("a coordinator of another site invites: %v", err)
	}
	h := must(o.InviteToScreen(ctx, anna, lund(2)))
	st := must(o.Redeem(ctx, access.Visit{Addr: "a"}, strings.ToLower(h.Code)))
	c := o.caller(t, st)
	if c.Subject != "" || c.Method != access.MethodScreening || c.Lang != "sv" || len(c.Grants) != 1 || c.Grants[0] != (desk.Grant{Role: study.RoleParticipant, Site: "lund"}) {
		t.Errorf("who was invited is %+v", c)
	}
	other := o.caller(t, must(o.Redeem(ctx, access.Visit{Addr: "b"}, tokenOf(h.URL))))
	if mine := must(o.Mine(ctx, c)); len(mine) != 1 || other.Account == c.Account {
		t.Errorf("she sees %d sessions, and is the same as another: %s, %s", len(mine), c.Account, other.Account)
	}
	done, who, err := o.Screen(ctx, access.Visit{Addr: "a", Token: st.Token}, c, "sv", nil)
	if err != nil || who != "P0001" {
		t.Fatal(who, err)
	}
	if me := o.caller(t, done); me.Subject != who || me.Lang != "sv" {
		t.Errorf("she is %+v", me)
	}
	if old := o.caller(t, st); !old.Nobody() {
		t.Errorf("the session from before lives on as %+v", old)
	}
	if list := must(o.Invitations(ctx, anna)); len(list) != 1 || list[0].Used != 1 || len(list[0].Came) != 1 || list[0].Came[0] != who || list[0].CodeHash != "" {
		t.Errorf("the coordinator sees %+v", list)
	}
	if list := must(o.Invitations(ctx, bo)); len(list) != 0 {
		t.Errorf("another site sees %+v", list)
	}
}

// An invitation lets in no more people than it is for, however many have opened
// it, and nobody after it has run out or was revoked; all are refused alike.
func TestInvitationEnds(t *testing.T) {
	o, _ := withIntake(t)
	ctx := t.Context()
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	few := must(o.InviteToScreen(ctx, anna, lund(3)))
	var callers []desk.Caller
	for n := range 6 {
		callers = append(callers, o.caller(t, must(o.Redeem(ctx, access.Visit{Addr: fmt.Sprint(n)}, few.Code))))
	}
	var wg sync.WaitGroup
	won := make(chan study.Subject, 6)
	for n, c := range callers {
		wg.Go(func() {
			if _, who, err := o.Screen(ctx, access.Visit{Addr: fmt.Sprint(n)}, c, "sv", nil); err == nil {
				won <- who
			}
		})
	}
	wg.Wait()
	if len(won) != 3 {
		t.Errorf("an invitation for three let %d in", len(won))
	}
	late, gone := must(o.InviteToScreen(ctx, anna, lund(1))), must(o.InviteToScreen(ctx, anna, lund(1)))
	waits := must(o.Redeem(ctx, access.Visit{Addr: "w"}, gone.Code))
	if err := o.RevokeInvitation(ctx, anna, gone.ID); err != nil {
		t.Fatal(err)
	}
	if c := o.caller(t, waits); !c.Nobody() {
		t.Errorf("whoever waits before a revoked invitation is %+v", c)
	}
	o.clock.pass(15 * 24 * time.Hour)
	for name, code := range map[string]string{"used up": few.Code, "too old": late.Code, "revoked": gone.Code, "made up": "ABCD-EFGH-JKLM"} {
		if _, err := o.Redeem(ctx, access.Visit{Addr: name}, code); fault.CodeOf(err) != access.CodeDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What could not be written down is sent again and gives one person; a place is
// taken once.
func TestScreeningAgain(t *testing.T) {
	o, i := withIntake(t)
	ctx := t.Context()
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	h := must(o.InviteToScreen(ctx, anna, lund(1)))
	c := o.caller(t, must(o.Redeem(ctx, access.Visit{Addr: "a"}, h.Code)))
	i.fails = true
	if _, _, err := o.Screen(ctx, access.Visit{Addr: "a"}, c, "sv", nil); err == nil {
		t.Error("a full disk took her answers")
	}
	i.fails = false
	first, who, err := o.Screen(ctx, access.Visit{Addr: "a"}, c, "sv", nil)
	if err != nil {
		t.Fatal(err)
	}
	again, same, err := o.Screen(ctx, access.Visit{Addr: "a"}, c, "sv", nil)
	if err != nil || same != who || len(i.codes) != 1 {
		t.Errorf("%s, then %s (%v); %d people", who, same, err, len(i.codes))
	}
	if o.caller(t, first).Subject != who || o.caller(t, again).Subject != who {
		t.Error("she is not herself")
	}
	for _, stranger := range []desk.Caller{{}, anna, o.caller(t, again)} {
		if _, _, err := o.Screen(ctx, access.Visit{Addr: "x"}, stranger, "sv", nil); err == nil {
			t.Errorf("%+v screens herself", stranger)
		}
	}
}

// Guessing codes is slowed down, by address, in the words that a wrong one gets.
func TestCodesAreNotGuessed(t *testing.T) {
	o, _ := withIntake(t)
	slowed := 0
	for n := range 30 {
		_, err := o.Redeem(t.Context(), access.Visit{Addr: "guesser"}, fmt.Sprintf("ABCD-EFGH-%04d", n))
		switch fault.CodeOf(err) {
		case access.CodeWait:
			slowed++
		case access.CodeDenied:
		default:
			t.Fatal(err)
		}
	}
	if slowed < 20 {
		t.Errorf("of thirty guesses at once %d were slowed down", slowed)
	}
}
