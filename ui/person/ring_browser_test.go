package person

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
	"dvala/wearable"
)

// standing is a ring that stands as it is told to, and a file with something of
// everything.
type standing struct{ link Link }

func (r *standing) Link(context.Context, study.Subject) (Link, error) { return r.link, nil }
func (r *standing) Begin(context.Context, desk.Caller) (string, error) {
	return "https://ring.example/authorize?a=b&c=d", nil
}
func (r *standing) Finish(context.Context, desk.Caller, string, string, string) error { return nil }
func (r *standing) Fetch(context.Context, desk.Caller) (Took, error) {
	night := civil.On(2026, 3, 3)
	return Took{
		New: 3, Corrected: 1, Again: 2, Outside: 400, Empty: 1, Others: []string{"apple", "garmin"}, Unread: 2,
		Records: []wearable.Decision{{Night: night, Action: wearable.Merged}, {Night: night, Action: wearable.Merged}, {Night: night, Action: wearable.Nap}, {Night: night, Action: wearable.Superseded}, {Night: night, Action: wearable.Dropped}},
	}, nil
}

func (r *standing) Disconnect(context.Context, study.Subject) error {
	r.link.Since = time.Time{}
	return nil
}

type noFile struct{}

func (noFile) Upload(context.Context, desk.Caller, string, io.Reader) (Took, error) {
	return Took{}, nil
}

// The ring's page in all its states fits a telephone, and its buttons a thumb;
// the vendor's page is a link, since no form leads to another host.
func TestRingInABrowser(t *testing.T) {
	ring := &standing{}
	w := newWorld(t, smallTrial(), Options{Ring: ring, Upload: noFile{}})
	w.person(t)
	w.set(day(1, 12, 30))
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	look := func(name string) {
		t.Helper()
		b.ready()
		if got := ask[int64](b, `document.documentElement.scrollWidth`); got > 360 {
			t.Errorf("%s is %d wide", name, got)
		}
		b.targets(name)
		b.picture("ring-" + name)
	}
	for _, lang := range languages {
		for name, link := range map[string]Link{
			"none": {}, "free": {Ready: true}, "ended": {Ready: true, Since: w.clock(), NeedsHer: true}, "connected": {Ready: true, Since: w.clock(), Last: w.clock(), Automatic: true},
		} {
			ring.link = link
			b.open("/me/ring?lang=" + lang)
			look(name + "-" + lang)
		}
		ring.link = Link{Ready: true, Since: w.clock()}
		b.open("/me/ring?lang=" + lang)
		b.press(`form:has([value="fetch"]) button`)
		b.until(`document.querySelectorAll(".good li").length === 12`, "what became of the nights")
		look(fmt.Sprintf("took-%s", lang))
		b.press(`form:has([value="disconnect"]) button`)
		b.until(`document.querySelector('[value="connect"]')`, "a ring that is not connected")
		b.ready()
		b.press(`form:has([value="connect"]) button`)
		b.until(`document.querySelector('a[href="https://ring.example/authorize?a=b&c=d"]')`, "the way to the vendor's page")
		look("go-" + lang)
	}
}
