package study

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"dvala/fault"
)

// written are the commands that can be written down, by name. That which begins
// a trial is not among them: it follows from the protocol and the sealed list.
var written = map[string]func([]byte) (Command, error){
	"screen":                 readAs[Screen],
	"consent":                readAs[Consent],
	"enrol":                  readAs[Enrol],
	"randomise":              readAs[Randomise],
	"dispense":               readAs[Dispense],
	"return":                 readAs[Return],
	"answer":                 readAs[Answer],
	"record-night":           readAs[RecordNight],
	"take-dose":              readAs[TakeDose],
	"note-event":             readAs[NoteEvent],
	"report-adverse-event":   readAs[ReportAdverseEvent],
	"note-deviation":         readAs[NoteDeviation],
	"correct":                readAs[Correct],
	"withdraw":               readAs[Withdraw],
	"complete":               readAs[Complete],
	"record-dry-run":         readAs[RecordDryRun],
	"lock":                   readAs[Lock],
	"open-allocations":       readAs[OpenAllocations],
	"record-report":          readAs[RecordReport],
	"approve":                readAs[Approve],
	"decline":                readAs[Decline],
	"override-eligibility":   readAs[OverrideEligibility],
	"change-wake":            readAs[ChangeWake],
	"change-zone":            readAs[ChangeZone],
	"change-language":        readAs[ChangeLanguage],
	"change-reminders":       readAs[ChangeReminders],
	"close-tasks":            readAs[CloseTasks],
	"excuse":                 readAs[Excuse],
	"note-clock-jump":        readAs[NoteClockJump],
	"confirm-clock":          readAs[ConfirmClock],
	"note-access-log":        readAs[NoteAccessLog],
	"note-held":              readAs[NoteHeld],
	"record-held-settled":    readAs[RecordHeldSettled],
	"raise-query":            readAs[RaiseQuery],
	"answer-query":           readAs[AnswerQuery],
	"close-query":            readAs[CloseQuery],
	"reopen-query":           readAs[ReopenQuery],
	"lock-form":              readAs[LockForm],
	"lock-person":            readAs[LockPerson],
	"unlock":                 readAs[Unlock],
	"sign":                   readAs[Sign],
	"verify-source":          readAs[VerifySource],
	"amend-protocol":         readAs[AmendProtocol],
	"put-amendment-in-force": readAs[PutAmendmentInForce],
	"log-not-screened":       readAs[LogNotScreened],
	"close-screening":        readAs[CloseScreening],
	"record-erasure":         readAs[RecordErasure],
	"update-adverse-event":   readAs[UpdateAdverseEvent],
	"report-serious":         readAs[ReportSerious],
	"record-medication":      readAs[RecordMedication],
	"report-pregnancy":       readAs[ReportPregnancy],
	"follow-pregnancy":       readAs[FollowPregnancy],
	"report-device-incident": readAs[ReportDeviceIncident],
	"review-deviation":       readAs[ReviewDeviation],

	"extend-list":        readAs[ExtendList],
	"receive-kits":       readAs[ReceiveKits],
	"note-kit":           readAs[NoteKit],
	"replace-kit":        readAs[ReplaceKit],
	"request-unblinding": readAs[RequestUnblinding],
	"grant-unblinding":   readAs[GrantUnblinding],
	"confirm-unblinding": readAs[ConfirmUnblinding],
	"answer-allocation":  readAs[AnswerAllocation],
}

// CommandNames gives the names that ReadCommand knows, in order.
func CommandNames() []string { return slices.Sorted(maps.Keys(written)) }

// Blank gives the empty command of a name, for whoever describes the form of its
// data.
func Blank(name string) (Command, bool) {
	read, ok := written[name]
	if !ok {
		return nil, false
	}
	cmd, err := read(nil)
	return cmd, err == nil
}

// AboutPerson says whether a command can be about a person who has a code.
func AboutPerson(cmd Command) bool { return aboutWhom(cmd) != theTrial }

// AboutTrial says whether a command can be about the trial as a whole, or about
// a person who has no code yet.
func AboutTrial(cmd Command) bool { return aboutWhom(cmd) != onePerson }

// NameOf gives the name of a command that can be written down, and of the one
// that begins a trial.
func NameOf(cmd Command) string {
	if _, is := cmd.(Open); is {
		return "open"
	}
	return hyphenated(reflect.TypeOf(cmd).Name())
}

// hyphenated writes a Go name as commands are named: ReportAdverseEvent is
// report-adverse-event.
func hyphenated(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ReadCommand reads a command by its name and its data, a JSON object whose
// members are called as in the event that it leads to. A member that is missing
// is a problem, for nothing is not the same as 0; so is one that is not known.
// No data are those of a command that has none. All problems of the data that
// can be told at once are in the error, a fault.List.
func ReadCommand(name string, data []byte) (Command, error) {
	read, ok := written[name]
	if !ok {
		return nil, fault.List{fault.New("command-unknown", "do", "%.60q is not a command", name).
			WithHint("doc/formats/commands.md names them all")}
	}
	if len(data) == 0 {
		data = []byte("{}")
	}
	return read(data)
}

func readAs[T Command](raw []byte) (Command, error) {
	if raw == nil {
		return *new(T), nil // blank
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, fault.List{fault.New("command-form", "data", "is not a JSON object")}
	}
	var v T
	var l fault.List
	known := map[string]bool{}
	eachMember(reflect.TypeOf(v), func(name string, needed, anything bool) {
		known[name] = true
		value, there := members[name]
		if nothing := string(value) == "null" && !anything; needed && (!there || nothing) {
			l.Addf("command-member", "data."+name, "is missing")
		}
	})
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !known[name] {
			l.Addf("command-member", "data", "%.60q is not known here", name).
				WithHint("one of %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	if l.Err() != nil {
		return nil, l
	}
	if err := strict(raw, &v); err != nil {
		l.Merge("command-form", "data", err)
		for _, p := range l {
			if p.Place == "" {
				p.Place = "data"
			}
		}
		return nil, l
	}
	return v, nil
}

// eachMember gives the members of a struct as JSON, those of embedded structs
// among them; whether they must be there; and whether they may hold anything,
// null too.
func eachMember(t reflect.Type, give func(name string, needed, anything bool)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			eachMember(f.Type, give)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		give(name, options != "omitempty" && options != "omitzero", f.Type == reflect.TypeFor[json.RawMessage]())
	}
}
