package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
)

// Encode gives the ledger entry of a fact. Who, when, where, why and about whom
// are members of the envelope; the payload is its data. The idempotency key of
// the command stands last in the data, under "key", a name that no payload uses.
func Encode(f Fact) (ledger.Entry, error) {
	if f.Event == nil {
		return ledger.Entry{}, fault.New("event-kind", place(f.Index), "a fact without an event")
	}
	if err := f.Meta.check(); err != nil {
		return ledger.Entry{}, err
	}
	data, err := encodePayload(f.Event, f.Key)
	if err != nil {
		return ledger.Entry{}, fault.Wrap("event-form", place(f.Index), err)
	}
	return ledger.Encode(ledger.Event{
		Seq: f.Index, Time: f.At, Zone: f.Zone, Actor: f.Actor, Role: string(f.Role),
		Kind: string(f.Event.Kind()), Subject: string(f.Subject), Reason: f.Reason, Data: data,
	})
}

// Decode reads the fact of a ledger entry. It takes exactly what Encode writes:
// unknown members, other spellings of the same value and unknown kinds are
// refused, so that every program that reads a ledger reads the same.
func Decode(e ledger.Entry) (Fact, error) {
	env, err := e.Event()
	if err != nil {
		return Fact{}, err
	}
	decode, ok := decoders[Kind(env.Kind)]
	if !ok {
		return Fact{}, fault.New("event-kind", place(e.Index), "%q is not a kind of event", env.Kind).
			WithHint("the ledger may be of a later version of the program")
	}
	payload, key, err := splitKey(env.Data)
	if err != nil {
		return Fact{}, fault.Wrap("event-form", place(e.Index), err)
	}
	ev, err := decode(payload)
	if err != nil {
		return Fact{}, fault.Wrap("event-form", place(e.Index), err)
	}
	f := Fact{Index: e.Index, Event: ev, Meta: Meta{
		At: env.Time, Zone: env.Zone, Actor: env.Actor, Role: Role(env.Role),
		Reason: env.Reason, Key: key, Subject: Subject(env.Subject),
	}}
	again, err := Encode(f)
	if err != nil {
		return Fact{}, err
	}
	if !bytes.Equal(again.Bytes, e.Bytes) {
		return Fact{}, fault.New("event-form", place(e.Index), "is not in canonical form")
	}
	return f, nil
}

// place names an entry in messages as the ledger does.
func place(index uint64) string { return "entry " + strconv.FormatUint(index, 10) }

var decoders = map[Kind]func([]byte) (Event, error){
	KindOpened:          decodeAs[Opened],
	KindScreened:        decodeAs[Screened],
	KindConsented:       decodeAs[Consented],
	KindEnrolled:        decodeAs[Enrolled],
	KindRandomised:      decodeAs[Randomised],
	KindDispensed:       decodeAs[Dispensed],
	KindReturned:        decodeAs[Returned],
	KindAnswered:        decodeAs[Answered],
	KindNightRecorded:   decodeAs[NightRecorded],
	KindDoseTaken:       decodeAs[DoseTaken],
	KindEventOccurred:   decodeAs[EventOccurred],
	KindAdverseEvent:    decodeAs[AdverseEvent],
	KindDeviation:       decodeAs[Deviation],
	KindCorrected:       decodeAs[Corrected],
	KindWithdrew:        decodeAs[Withdrew],
	KindCompleted:       decodeAs[Completed],
	KindDryRun:          decodeAs[DryRun],
	KindLocked:          decodeAs[Locked],
	KindAllocationsOpen: decodeAs[AllocationsOpen],
	KindReported:        decodeAs[Reported],
}

func decodeAs[T Event](raw []byte) (Event, error) {
	var v T
	if err := strict(raw, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// strict reads one JSON value and refuses members it has no place for.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// plain is JSON as it is hashed: no white space, no escapes for HTML's sake.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func encodePayload(ev Event, key string) ([]byte, error) {
	raw, err := plain(ev)
	if err != nil || key == "" {
		return raw, err
	}
	quoted, err := plain(key)
	if err != nil {
		return nil, err
	}
	out := bytes.TrimSuffix(raw, []byte("}"))
	if len(out) > 1 {
		out = append(out, ',')
	}
	out = append(out, `"key":`...)
	out = append(out, quoted...)
	return append(out, '}'), nil
}

// splitKey takes the idempotency key off the end of an entry's data.
func splitKey(data []byte) (payload []byte, key string, err error) {
	var has struct {
		Key *string `json:"key"`
	}
	if err := json.Unmarshal(data, &has); err != nil {
		return nil, "", err
	}
	if has.Key == nil {
		return data, "", nil
	}
	quoted, err := plain(*has.Key)
	if err != nil {
		return nil, "", err
	}
	tail := append(append([]byte(`"key":`), quoted...), '}')
	if *has.Key == "" || !bytes.HasSuffix(data, tail) {
		return nil, "", errors.New("the key is not where it is written")
	}
	payload = bytes.TrimSuffix(bytes.TrimSuffix(data, tail), []byte(","))
	return append(bytes.Clone(payload), '}'), *has.Key, nil
}

// Limits of what a command may carry in words.
const (
	maxWord = 200  // characters of a name, code or key
	maxText = 4000 // characters of a note or reason
)

// check says what is wrong with the circumstances of a fact or command.
func (m Meta) check() error {
	var l fault.List
	if m.At.IsZero() || m.At.Year() < 1 || m.At.Year() > 9999 {
		l.Addf("meta-time", "at", "there is no time that can be written")
	}
	if _, err := civil.Zone(m.Zone); err != nil {
		l.Addf("zone-unknown", "zone", "%q is not a time zone", m.Zone).WithHint("use an IANA name, as in Europe/Stockholm")
	}
	if m.Actor == "" {
		l.Addf("meta-actor", "actor", "nobody is named as doing this")
	}
	switch m.Role {
	case RoleParticipant, RoleCoordinator, RoleInvestigator, RolePharmacist, RoleCustodian, RoleStatistician,
		RoleMonitor, RoleAuditor, RoleAdministrator, RoleSystem:
	default:
		l.Addf("meta-role", "role", "%q is not a role", m.Role)
	}
	checkWords(&l, "actor", m.Actor, maxWord)
	checkWords(&l, "key", m.Key, maxWord)
	checkWords(&l, "reason", m.Reason, maxText)
	checkWords(&l, "subject", string(m.Subject), maxWord)
	return l.Err()
}

// checkWords reports text that is too long, is not UTF-8 (it would be stored
// as other text than was given), or holds control characters.
func checkWords(l *fault.List, place, s string, most int) {
	switch {
	case !utf8.ValidString(s):
		l.Addf("text-form", place, "the text is not UTF-8")
	case utf8.RuneCountInString(s) > most:
		l.Addf("text-long", place, "the text has %d characters; %d is the most", utf8.RuneCountInString(s), most)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		l.Addf("text-form", place, "the text holds control characters")
	}
}

// wireTime cuts an instant to what the ledger keeps.
func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
