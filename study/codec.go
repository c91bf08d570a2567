package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/ledger"
)

// Encode gives the ledger entry of a fact. Who, when, where, why and about whom
// are members of the envelope; the payload is its data. What else there is of
// the circumstances (Meta) stands last in the data, under names that no payload
// uses: "meta" for from where, by whose clock and the signature, and "key" for
// the command's idempotency key.
func Encode(f Fact) (ledger.Entry, error) {
	if f.Event == nil {
		return ledger.Entry{}, fault.New("event-kind", place(f.Index), "a fact without an event")
	}
	if err := f.Meta.check(); err != nil {
		return ledger.Entry{}, err
	}
	data, err := encodePayload(f.Event, f.Meta)
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
	f, err := factOf(env)
	if err != nil {
		return Fact{}, err
	}
	again, err := Encode(f)
	if err != nil {
		return Fact{}, err
	}
	if !bytes.Equal(again.Bytes, e.Bytes) {
		return Fact{}, fault.New("event-form", place(e.Index), "is not in canonical form")
	}
	return f, nil
}

// DecodeSigned reads the fact of an entry that Encode has written: one that lies
// under a root which the ledger's key has signed, as the caller has to check.
// What it says is read as strictly; whether it could have been written in
// another way is not asked.
func DecodeSigned(e ledger.Entry) (Fact, error) {
	env, err := ledger.DecodeSigned(e)
	if err != nil {
		return Fact{}, err
	}
	return factOf(env)
}

// factOf reads what an envelope holds.
func factOf(env ledger.Event) (Fact, error) {
	decode, ok := decoders[Kind(env.Kind)]
	if !ok {
		return Fact{}, fault.New("event-kind", place(env.Seq), "%q is not a kind of event", env.Kind).
			WithHint("the ledger may be of a later version of the program")
	}
	payload, m, err := splitTail(env.Data)
	if err != nil {
		return Fact{}, fault.Wrap("event-form", place(env.Seq), err)
	}
	ev, err := decode(payload)
	if err != nil {
		return Fact{}, fault.Wrap("event-form", place(env.Seq), err)
	}
	m.At, m.Zone, m.Actor, m.Role = env.Time, env.Zone, env.Actor, Role(env.Role)
	m.Reason, m.Subject = env.Reason, Subject(env.Subject)
	return Fact{Index: env.Seq, Event: ev, Meta: m}, nil
}

// place names an entry in messages as the ledger does.
func place(index uint64) string { return "entry " + strconv.FormatUint(index, 10) }

var decoders = map[Kind]func([]byte) (Event, error){
	KindOpened:              decodeAs[Opened],
	KindScreened:            decodeAs[Screened],
	KindConsented:           decodeAs[Consented],
	KindEnrolled:            decodeAs[Enrolled],
	KindRandomised:          decodeAs[Randomised],
	KindDispensed:           decodeAs[Dispensed],
	KindReturned:            decodeAs[Returned],
	KindAnswered:            decodeAs[Answered],
	KindNightRecorded:       decodeAs[NightRecorded],
	KindDoseTaken:           decodeAs[DoseTaken],
	KindEventOccurred:       decodeAs[EventOccurred],
	KindAdverseEvent:        decodeAs[AdverseEvent],
	KindDeviation:           decodeAs[Deviation],
	KindCorrected:           decodeAs[Corrected],
	KindWithdrew:            decodeAs[Withdrew],
	KindCompleted:           decodeAs[Completed],
	KindDryRun:              decodeAs[DryRun],
	KindLocked:              decodeAs[Locked],
	KindAllocationsOpen:     decodeAs[AllocationsOpen],
	KindQueryRaised:         decodeAs[QueryRaised],
	KindQueryAnswered:       decodeAs[QueryAnswered],
	KindQueryClosed:         decodeAs[QueryClosed],
	KindQueryReopened:       decodeAs[QueryReopened],
	KindFormLocked:          decodeAs[FormLocked],
	KindPersonLocked:        decodeAs[PersonLocked],
	KindUnlocked:            decodeAs[Unlocked],
	KindSigned:              decodeAs[Signed],
	KindSourceVerified:      decodeAs[SourceVerified],
	KindWakeChanged:         decodeAs[WakeChanged],
	KindZoneChanged:         decodeAs[ZoneChanged],
	KindLanguageChanged:     decodeAs[LanguageChanged],
	KindRemindersChanged:    decodeAs[RemindersChanged],
	KindMissed:              decodeAs[Missed],
	KindExcused:             decodeAs[Excused],
	KindClockJumped:         decodeAs[ClockJumped],
	KindClockConfirmed:      decodeAs[ClockConfirmed],
	KindAccessLog:           decodeAs[AccessLogStood],
	KindHeld:                decodeAs[Held],
	KindHeldSettled:         decodeAs[HeldSettled],
	KindReported:            decodeAs[Reported],
	KindProposed:            decodeAs[Proposed],
	KindApproved:            decodeAs[Approved],
	KindDeclined:            decodeAs[Declined],
	KindAmendmentInForce:    decodeAs[AmendmentInForce],
	KindNotScreened:         decodeAs[NotScreened],
	KindScreeningClosed:     decodeAs[ScreeningClosed],
	KindErased:              decodeAs[Erased],
	KindAdverseEventUpdated: decodeAs[AdverseEventUpdated],
	KindSeriousReported:     decodeAs[SeriousReported],
	KindMedication:          decodeAs[Medication],
	KindPregnancy:           decodeAs[Pregnancy],
	KindPregnancyFollowed:   decodeAs[PregnancyFollowed],
	KindDeviceIncident:      decodeAs[DeviceIncident],
	KindDeviationReviewed:   decodeAs[DeviationReviewed],

	KindListExtended:        decodeAs[ListExtended],
	KindKitsReceived:        decodeAs[KitsReceived],
	KindKitNoted:            decodeAs[KitNoted],
	KindKitReplaced:         decodeAs[KitReplaced],
	KindUnblindingRequested: decodeAs[UnblindingRequested],
	KindUnblindingGranted:   decodeAs[UnblindingGranted],
	KindUnblindingConfirmed: decodeAs[UnblindingConfirmed],
	KindAllocationRequested: decodeAs[AllocationRequested],
	KindAllocationAnswered:  decodeAs[AllocationAnswered],
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

// encodePayload writes an event's data: its members, and after them what Meta
// holds beyond the envelope, and the key.
func encodePayload(ev Event, m Meta) ([]byte, error) {
	raw, err := plain(ev)
	if err != nil {
		return raw, err
	}
	tail, err := m.tail()
	if err != nil || tail == "" {
		return raw, err
	}
	out := bytes.TrimSuffix(raw, []byte("}"))
	if len(out) > 1 {
		out = append(out, ',')
	}
	return append(out, tail+"}"...), nil
}

// tail gives what stands last in an entry's data: "meta" and "key", names that
// no payload uses, each where there is any.
func (m Meta) tail() (string, error) {
	var parts []string
	if x, any := m.extra(); any {
		raw, err := plain(x)
		if err != nil {
			return "", err
		}
		parts = append(parts, `"meta":`+string(raw))
	}
	if m.Key != "" {
		raw, err := plain(m.Key)
		if err != nil {
			return "", err
		}
		parts = append(parts, `"key":`+string(raw))
	}
	return strings.Join(parts, ","), nil
}

// splitTail takes the circumstances off the end of an entry's data.
func splitTail(data []byte) (payload []byte, m Meta, err error) {
	var has struct {
		Key  *string         `json:"key"`
		Meta json.RawMessage `json:"meta"`
	}
	if err := json.Unmarshal(data, &has); err != nil {
		return nil, m, err
	}
	if has.Meta != nil {
		var x extra
		if err := strict(has.Meta, &x); err != nil {
			return nil, m, err
		}
		m.From, m.Made, m.Refiled, m.Read, m.Digest, m.Signature = x.From, x.Made, x.Refiled, x.Read, x.Digest, x.Signature
	}
	if has.Key != nil {
		if m.Key = *has.Key; m.Key == "" {
			return nil, m, errors.New("the key is empty")
		}
	}
	tail, err := m.tail()
	if err != nil || tail == "" {
		return data, m, err
	}
	rest, ok := bytes.CutSuffix(data, []byte(tail+"}"))
	if !ok {
		return nil, m, errors.New("the key or the circumstances are not where they are written")
	}
	payload = bytes.TrimSuffix(rest, []byte(","))
	return append(bytes.Clone(payload), '}'), m, nil
}

// wireTime cuts an instant to what the ledger keeps.
func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
