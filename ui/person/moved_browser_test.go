package person

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dvala/civil"
	"dvala/schedule"
	"dvala/study"
)

// travels sets the zone that the device is in.
func (b *browser) travels(zone string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		return err
	}))
}

// Whoever has come into another zone is asked on her first page whether the plan
// shall follow; where clocks agree, and where she has said no, she is not.
func TestMovedIsAsked(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(1, 10, 0))
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	asked := func() string {
		t.Helper()
		b.open("/me")
		return ask[string](b, `document.getElementById("moved").hidden ? "" : document.getElementById("moved").innerText`)
	}
	zone := func() (name string) {
		w.state(func(s *study.State) {
			name = schedule.ZoneOn(s.Protocol, s.People[who].Anchor(), civil.On(2026, 3, 3)).String()
		})
		return name
	}
	if got := asked(); got != "" {
		t.Errorf("at home: %q", got)
	}
	b.travels("Europe/Berlin")
	if got := asked(); got != "" {
		t.Errorf("where clocks agree: %q", got)
	}
	b.travels("America/New_York")
	if got := asked(); !strings.HasPrefix(got, "Du verkar vara i New York.") {
		t.Fatalf("in New York: %q", got)
	}
	b.picture("moved")
	b.targets("moved")
	ask[bool](b, `(document.querySelector("#moved [type=button]").click(), true)`)
	if got := asked(); got != "" || zone() != "Europe/Stockholm" {
		t.Errorf("after no: %q, %s", got, zone())
	}
	b.travels("Europe/Lisbon")
	if got := asked(); !strings.HasPrefix(got, "Du verkar vara i Lisbon.") {
		t.Fatalf("in Lisbon: %q", got)
	}
	ask[bool](b, `(document.querySelector("#moved [type=submit]").click(), true)`)
	for end := time.Now().Add(20 * time.Second); zone() != "Europe/Lisbon"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the plan does not follow:", zone())
		}
	}
	if got := asked(); got != "" {
		t.Errorf("after yes: %q", got)
	}
}
