package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/sleep"
	"dvala/study"
	"dvala/ui/person"
	vendors "dvala/wearable/recognise"
)

// nightDoor is as much of the office as the nights of a device go through.
type nightDoor interface {
	Do(ctx context.Context, c desk.Caller, r desk.Request) (desk.Receipt, error)
	See(ctx context.Context, c desk.Caller, a desk.Action, who study.Subject, look func(*study.State) error) error
	PutFile(ctx context.Context, c desk.Caller, who study.Subject, name string, r io.Reader) (study.File, error)
}

// asked is what a trial asks of a person's devices.
type asked struct {
	left  bool // the person stopped wearing devices, or taking part
	zone  string
	spans map[string]nightSpan // by vendor
	have  map[string]map[civil.Date]*study.RecordedNight
}

// nightSpan is the nights of a device, by the day of waking up, the last included.
type nightSpan struct{ first, last civil.Date }

func (s nightSpan) has(d civil.Date) bool { return !d.Before(s.first) && !s.last.Before(d) }

// askedOf reads from the trial which nights it takes of a person.
func askedOf(s *study.State, who study.Subject, now time.Time) (asked, error) {
	a := asked{spans: map[string]nightSpan{}, have: map[string]map[civil.Date]*study.RecordedNight{}}
	p, ok := s.People[who]
	if !ok || p.Enrolled == nil || len(p.Consents) == 0 {
		return a, fault.New("not-enrolled", "", "nights are taken after enrolment")
	}
	for _, what := range []string{study.FromDevice, study.FromFollowUp, study.FromIdentifiers} {
		_, left := p.WithdrewFrom(what)
		a.left = a.left || left
	}
	a.zone = s.Protocol.Zone().String()
	if name := p.ZoneName(civil.DateOf(now)); name != "" {
		a.zone = name
	}
	zone, err := civil.Zone(a.zone)
	if err != nil {
		return a, err
	}
	consented, today := civil.DateOf(p.Consents[0].At.In(zone)), civil.DateOf(now.In(zone))
	for _, d := range s.Protocol.Protocol().Devices {
		if _, twice := a.spans[d.Vendor]; twice {
			continue
		}
		w := nightSpan{consented.Add(1), today}
		if p.Randomised != nil {
			if from := p.Randomised.Date.Add(d.FromDay); w.first.Before(from) {
				w.first = from
			}
			if to := p.Randomised.Date.Add(d.ToDay); to.Before(w.last) {
				w.last = to
			}
		}
		a.spans[d.Vendor] = w
		a.have[d.Vendor] = maps.Clone(p.Nights[d.Vendor])
	}
	return a, nil
}

// wanted parts what a reader found: nights of a device and a span that the
// trial asks for, and what became of their records. What is not wanted is
// counted.
func (a asked) wanted(found []vendors.Found, took *person.Took) []sleep.Night {
	var out []sleep.Night
	for _, f := range found {
		w, ok := a.spans[f.Vendor]
		if !ok {
			if len(f.Result.Nights) > 0 {
				took.Others = append(took.Others, f.Vendor)
			}
			continue
		}
		for _, n := range f.Result.Nights {
			switch {
			case !w.has(n.Date):
				took.Outside++
			case n.Main.IsEmpty() && n.Stated == nil:
				took.Empty++
			default:
				out = append(out, n)
			}
		}
		for _, d := range f.Result.Decisions {
			if w.has(d.Night) {
				took.Records = append(took.Records, d)
			}
		}
		took.Unread += len(f.Result.Warnings)
		if f.Err != nil {
			took.Unread++
		}
	}
	return out
}

// news leaves out the nights that are on the ledger as they are now.
func (a asked) news(nights []sleep.Night, took *person.Took) []sleep.Night {
	return slices.DeleteFunc(nights, func(n sleep.Night) bool {
		old := a.have[n.Source.Vendor][n.Date]
		same := old != nil && sameNight(old.Night, n)
		if same {
			took.Again++
		}
		return same
	})
}

// give records nights through the office, in the caller's name. One that the
// ledger has otherwise is a new version of it. What the trial's rules refuse is
// counted, and the others stand.
func (a asked) give(ctx context.Context, door nightDoor, c desk.Caller, who study.Subject, nights []sleep.Night, file study.File, took *person.Took) error {
	for _, n := range nights {
		old := a.have[n.Source.Vendor][n.Date]
		n.Source.SHA256 = file.SHA256
		record, err := json.Marshal(n)
		if err != nil {
			return fault.Wrap("night-form", n.Date.String(), err)
		}
		_, err = door.Do(ctx, c, desk.Request{
			Subject: who, Zone: a.zone, Key: keyOfNight(who, record, old), Read: true,
			Cmd: study.RecordNight{NightRecorded: study.NightRecorded{Vendor: n.Source.Vendor, Night: n.Date, Record: record, Source: file}},
		})
		switch code := fault.CodeOf(err); {
		case code == "key-reused": // somebody else gave the same night meanwhile
			took.Again++
		case err == nil && old != nil:
			took.Corrected++
		case err == nil:
			took.New++
		case code == "night-future", code == "before-consent", code == "night-outside", code == "stopped-device":
			took.Outside++
		default:
			return err
		}
	}
	return nil
}

// sameNight says whether two nights differ in nothing but the file they came in.
func sameNight(a, b sleep.Night) bool {
	a.Source.SHA256, b.Source.SHA256 = "", ""
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// keyOfNight is the idempotency key of a night: of what it says, and of what it
// replaces.
func keyOfNight(who study.Subject, record []byte, old *study.RecordedNight) string {
	h := sha256.New()
	h.Write([]byte(string(who) + "\x00"))
	h.Write(record)
	if old != nil {
		h.Write([]byte("\x00" + old.Source.SHA256))
	}
	return "night-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// usable says whether anything at all came of the files.
func usable(found []vendors.Found) bool {
	for _, f := range found {
		if len(f.Result.Nights) > 0 || f.Err == nil && len(f.Result.Decisions) > 0 {
			return true
		}
	}
	return false
}
