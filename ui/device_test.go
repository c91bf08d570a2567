package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/study"
)

type telephones map[study.Subject]desk.Device

func (t telephones) Device(_ context.Context, who study.Subject) (desk.Device, error) {
	return t[who], nil
}

func (t telephones) LastSeenBefore(_ context.Context, since time.Time) (map[study.Subject]time.Time, error) {
	out := map[study.Subject]time.Time{}
	for who, d := range t {
		if !d.Seen.IsZero() && d.Seen.Before(since) {
			out[who] = d.Seen
		}
	}
	return out, nil
}

// The page of a person says whether the diary is on her home screen and when her
// telephone was last in touch; where that is more than a day ago, that something
// may be waiting on it.
func TestTelephoneOfAPerson(t *testing.T) {
	m := playground(t)
	h, office := built(t, m, house{})
	who := study.Subject("")
	for _, x := range m.state.Order {
		if p := m.state.People[x]; p.Enrolled != nil && p.Completed == nil && inTrial(p) {
			who = x
		}
	}
	if who == "" {
		t.Fatal("nobody takes part")
	}
	now := office.Now()
	for _, x := range []struct {
		device    desk.Device
		says, not string
	}{
		{desk.Device{}, "not on the home screen, as far as is known; never in touch", "may be waiting"},
		{desk.Device{Installed: now.Add(-72 * time.Hour), Seen: now.Add(-2 * time.Hour)}, "on the home screen since", "may be waiting"},
		{desk.Device{Installed: now.Add(-72 * time.Hour), Seen: now.Add(-25 * time.Hour)}, "more than a day ago: what was filled in may be waiting on it", "never in touch"},
	} {
		office.Furnish(desk.Parts{Telephones: telephones{who: x.device}})
		body := get(t, h, "/participants/"+string(who), as("coordinator")).Body.String()
		if !strings.Contains(body, x.says) || strings.Contains(body, x.not) {
			t.Errorf("%+v: %q or %q", x.device, x.says, x.not)
		}
	}
	if _, _, err := office.DeviceOf(t.Context(), desk.Participant(who), who); err == nil {
		t.Error("what is for the staff is told to a participant")
	}
	office.Furnish(desk.Parts{})
	if body := get(t, h, "/participants/"+string(who), as("coordinator")).Body.String(); strings.Contains(body, "in touch") {
		t.Error("of made-up people's telephones something is told")
	}
}
