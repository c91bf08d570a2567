package access

import (
	"context"
	"net/http"
	"time"

	"dvala/desk"
	"dvala/study"
)

// An invitation for many lets the same person answer twice. The browser in which
// somebody has answered keeps a mark, random and made for this alone; the store
// keeps its hash beside the answers' code. By it she is told, when she comes again,
// that she has answered, and staff see that two answers came from one device. It
// says nothing of the device or the person, and two people may share one.

// deviceCookie holds the mark.
const deviceCookie = "dvala-device"

// deviceLasting is as long as an invitation can be open.
const deviceLasting = longestDays * 24 * time.Hour

// longestMark bounds what a browser may say it was given.
const longestMark = 64

func deviceOf(r *http.Request) string {
	if c, err := r.Cookie(deviceCookie); err == nil && len(c.Value) <= longestMark {
		return c.Value
	}
	return ""
}

// mark gives the browser's, or a new one.
func (s *Service) mark(v Visit) (string, error) {
	if v.Device != "" {
		return v.Device, nil
	}
	return s.token()
}

// AnsweredOn gives the codes of those who have answered in a visit's browser.
func (s *Service) AnsweredOn(ctx context.Context, v Visit) ([]study.Subject, error) {
	if v.Device == "" {
		return nil, nil
	}
	came, err := s.Store.ArrivalsOn(ctx, hashOf(v.Device))
	out := make([]study.Subject, len(came))
	for i, a := range came {
		out[i] = a.Subject
	}
	return out, err
}

// SharedDevices gives a short mark to each of those who answered on a device on
// which somebody else, or she herself, answered too; the same device, the same
// mark.
func (s *Service) SharedDevices(ctx context.Context, by desk.Caller) (map[study.Subject]string, error) {
	if _, err := s.Door.Allow(by, "see-people", "", ""); err != nil {
		return nil, err
	}
	came, err := s.Store.ArrivalsOn(ctx, "")
	on := map[string]int{}
	for _, a := range came {
		on[a.Device]++
	}
	out := map[study.Subject]string{}
	for _, a := range came {
		if on[a.Device] > 1 {
			out[a.Subject] = shortMark(a.Device)
		}
	}
	return out, err
}

// shortMark is for the eye; a hash of what is random is random.
func shortMark(hash string) string { return hash[:min(6, len(hash))] }

// ForgetDevice takes a person's device away, when what could name her is erased.
func (s *Service) ForgetDevice(ctx context.Context, who study.Subject) error {
	return s.Store.Write(ctx, func(w Writer) error { return w.ForgetDevice(ctx, who) })
}
