// Package ledger keeps the facts of a trial: an append-only list of entries, a
// hash tree over them, and signed checkpoints that say how far it had grown.
//
// It knows envelopes only: who, when, what kind of fact, about whom. What a
// kind means, and what its data holds, is the business of dvala/study.
//
// An entry is the bytes of one event in this form, without white space, the
// members in this order, subject, reason and key left out when empty:
//
//	{"seq":7,"time":"2026-03-01T06:12:09.000214Z","zone":"Europe/Stockholm",
//	 "actor":"anna","role":"nurse","kind":"…","subject":"P-0007",
//	 "reason":"…","key":"…","data":{…}}
//
// What is hashed is always those stored bytes, never an encoding made again.
// Entry number n is leaf n of the tree of RFC 6962: SHA-256 of a zero byte and
// the entry. A checkpoint is origin (the trial's name), number of entries and
// root of the tree, in the text form of C2SP tlog-checkpoint, signed as a note.
//
// The package does no I/O, reads no clock and makes no randomness of its own.
package ledger

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"

	"dvala/fault"
)

// MaxEntry is the greatest length of an entry in bytes. What is larger belongs
// in a file that the entry names by its hash.
const MaxEntry = 1 << 20

// Codes of the problems this package reports.
const (
	CodeEntry     fault.Code = "ledger-entry"     // an entry is not an event in canonical form
	CodeHash      fault.Code = "ledger-hash"      // an entry does not have the hash written beside it
	CodeFormat    fault.Code = "ledger-format"    // the file is not a ledger of a version we read
	CodeTruncated fault.Code = "ledger-truncated" // the file ends too early
	CodeRoot      fault.Code = "ledger-root"      // the entries do not give the root that was signed
	CodeSignature fault.Code = "ledger-signature" // a checkpoint is not signed by the ledger's key
	CodeHistory   fault.Code = "ledger-history"   // an earlier checkpoint is not the beginning of this ledger
	CodeKey       fault.Code = "ledger-key"       // a signing or public key cannot be read
)

// TimeLayout is the one form of an entry's time: UTC to the microsecond.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

// Entry is one entry as it is stored and hashed.
type Entry struct {
	Index uint64 // place in the ledger, from 0
	Bytes []byte // canonical bytes of one event; never changed once made
}

// Hash gives the leaf hash of the entry.
func (e Entry) Hash() Hash { return LeafHash(e.Bytes) }

// Event decodes the entry. The event's Seq is checked to be the entry's Index.
func (e Entry) Event() (Event, error) {
	ev, err := Decode(e.Bytes)
	if err != nil {
		return Event{}, err
	}
	if ev.Seq != e.Index {
		return Event{}, fault.New(CodeEntry, place(e.Index), "says it is entry %d", ev.Seq)
	}
	return ev, nil
}

// Event is the envelope of one fact.
type Event struct {
	Seq     uint64          // place in the ledger, from 0
	Time    time.Time       // when it was written down; UTC, whole microseconds
	Zone    string          // IANA zone of the person or site it is about
	Actor   string          // who did it: a name of a user or program, never of a participant
	Role    string          // in which role
	Kind    string          // what kind of fact
	Subject string          // participant code, or empty
	Reason  string          // why, where a reason is asked for
	Key     string          // idempotency key of the command it came from; never twice on a ledger
	Data    json.RawMessage // a JSON object
}

// envelope is Event with its members in the order in which they are written.
type envelope struct {
	Seq     uint64          `json:"seq"`
	Time    string          `json:"time"`
	Zone    string          `json:"zone"`
	Actor   string          `json:"actor"`
	Role    string          `json:"role"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Key     string          `json:"key,omitempty"`
	Data    json.RawMessage `json:"data"`
}

// Encode gives the entry of an event. The time is cut to microseconds; Data may
// hold white space, which is taken out, and nothing else about it is changed.
// Without Data the entry holds an empty object.
func Encode(ev Event) (Entry, error) {
	if err := checkEnvelope(ev); err != nil {
		return Entry{}, err
	}
	for _, s := range []string{ev.Zone, ev.Actor, ev.Role, ev.Kind, ev.Subject, ev.Reason, ev.Key, string(ev.Data)} {
		if !utf8.ValidString(s) {
			return Entry{}, fault.New(CodeEntry, place(ev.Seq), "holds text that is not UTF-8")
		}
	}
	data, err := compactObject(ev.Data)
	if err != nil {
		return Entry{}, fault.Wrap(CodeEntry, place(ev.Seq)+".data", err)
	}
	raw, err := marshal(ev, data)
	if err != nil {
		return Entry{}, fault.Wrap(CodeEntry, place(ev.Seq), err)
	}
	if len(raw) > MaxEntry {
		return Entry{}, fault.New(CodeEntry, place(ev.Seq), "is %d bytes long; an entry has at most %d", len(raw), MaxEntry).
			WithHint("put large content in a file and name it by its hash")
	}
	return Entry{Index: ev.Seq, Bytes: raw}, nil
}

// Decode reads the bytes of an entry. It accepts exactly what Encode writes, so
// that one event has one encoding, and refuses members it does not know, those
// that come twice, and data of which two readers could think differently.
func Decode(raw []byte) (Event, error) {
	if len(raw) > MaxEntry {
		return Event{}, fault.New(CodeEntry, "entry", "is %d bytes long; an entry has at most %d", len(raw), MaxEntry)
	}
	if !utf8.Valid(raw) {
		return Event{}, fault.New(CodeEntry, "entry", "holds text that is not UTF-8")
	}
	if err := checkCompact(raw); err != nil {
		return Event{}, fault.Wrap(CodeEntry, "entry", err)
	}
	var v envelope
	if err := json.Unmarshal(raw, &v); err != nil {
		return Event{}, fault.Wrap(CodeEntry, "entry", err)
	}
	t, err := time.Parse(TimeLayout, v.Time)
	if err != nil {
		return Event{}, fault.New(CodeEntry, place(v.Seq)+".time", "%q is not of the form %s", v.Time, TimeLayout)
	}
	ev := Event{
		Seq: v.Seq, Time: t.UTC(), Zone: v.Zone, Actor: v.Actor, Role: v.Role,
		Kind: v.Kind, Subject: v.Subject, Reason: v.Reason, Key: v.Key, Data: v.Data,
	}
	if err := checkEnvelope(ev); err != nil {
		return Event{}, err
	}
	if len(v.Data) == 0 || v.Data[0] != '{' {
		return Event{}, fault.New(CodeEntry, place(v.Seq)+".data", "is not a JSON object")
	}
	// Written again it must be the same: that leaves no room for another order,
	// another spelling of a string, or a member that was passed over.
	again, err := marshal(ev, v.Data)
	if err != nil || !bytes.Equal(again, raw) {
		return Event{}, fault.New(CodeEntry, place(v.Seq), "is not in canonical form")
	}
	return ev, nil
}

// checkEnvelope checks what an envelope must have to be written.
func checkEnvelope(ev Event) error {
	if ev.Kind == "" {
		return fault.New(CodeEntry, place(ev.Seq), "has no kind")
	}
	if y := ev.Time.UTC().Year(); ev.Time.IsZero() || y < 1 || y > 9999 {
		return fault.New(CodeEntry, place(ev.Seq), "has no time that can be written")
	}
	return nil
}

func marshal(ev Event, data json.RawMessage) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(envelope{
		Seq: ev.Seq, Time: ev.Time.UTC().Truncate(time.Microsecond).Format(TimeLayout), Zone: ev.Zone,
		Actor: ev.Actor, Role: ev.Role, Kind: ev.Kind, Subject: ev.Subject, Reason: ev.Reason, Key: ev.Key, Data: data,
	})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
