package study

import (
	"encoding/json"

	"dvala/civil"
	"dvala/protocol"
)

// Kind names a kind of event as it stands on the ledger.
type Kind string

// The kinds, in the order in which a trial meets them.
const (
	KindOpened          Kind = "opened"           // the trial: protocol and sealed list, by hash; always the first entry
	KindScreened        Kind = "screened"         // answers, and whether the rules let the person in
	KindConsented       Kind = "consented"        // to a version, in a language
	KindEnrolled        Kind = "enrolled"         // the run-in begins
	KindRandomised      Kind = "randomised"       // the next slot of the stratum
	KindDispensed       Kind = "dispensed"        // a kit of the slot's chain
	KindReturned        Kind = "returned"         // capsules counted
	KindAnswered        Kind = "answered"         // an instrument at a visit, or the diary of a night
	KindNightRecorded   Kind = "night-recorded"   // a device's night, assembled from a stored file
	KindDoseTaken       Kind = "dose-taken"       // what a day's dose came to
	KindEventOccurred   Kind = "event-occurred"   // an intercurrent event
	KindAdverseEvent    Kind = "adverse-event"    //
	KindDeviation       Kind = "deviation"        // from the protocol
	KindCorrected       Kind = "corrected"        // one field of an earlier event; the old value stays
	KindWithdrew        Kind = "withdrew"         //
	KindCompleted       Kind = "completed"        // the last visit is done
	KindDryRun          Kind = "dry-run"          // report made on a dummy allocation, by hash
	KindLocked          Kind = "locked"           // no fact about a participant after this
	KindAllocationsOpen Kind = "allocations-open" // the custodian's openings, by hash
	KindReported        Kind = "reported"         // results and report, by hash
)

// Event is what happened: one of the payload types below.
type Event interface{ Kind() Kind }

// File names stored bytes by their hash. Wherever a payload names one, the
// JSON key ends in "file".
type File struct {
	SHA256 string `json:"sha256"` // 64 lower-case hex digits
	Bytes  int64  `json:"bytes"`
	Name   string `json:"name,omitempty"` // what it was called when it came
}

// Subject is a participant's code, P0001 and on, given at screening.
type Subject string

// Opened is the first entry of every ledger.
type Opened struct {
	Trial        string `json:"trial"`
	Protocol     File   `json:"protocol_file"`
	ProtocolHash string `json:"protocol_hash"` // of the canonical form
	SealedList   File   `json:"sealed_file"`
	// Sealing is "custodian", or "seed" for a demonstration, whose list anyone
	// can draw again and which is refused for a real trial.
	Sealing string  `json:"sealing"`
	Seed    *uint64 `json:"seed,omitempty"`
	Program string  `json:"program"` // name and version
	Zones   string  `json:"zone_rules"`
	// Instruments are those that the protocol asks, in order of their names. A
	// command leaves them out: they are those at hand when the trial is opened.
	Instruments []InstrumentUsed `json:"instruments,omitempty"`
	// Simulated says that the participants are made up.
	Simulated bool `json:"simulated,omitempty"`
}

// Screened holds the screening answers and what the rules said.
type Screened struct {
	Site     string           `json:"site"`
	Answers  protocol.Answers `json:"answers"`
	Eligible bool             `json:"eligible"`
	Failed   []string         `json:"failed,omitempty"` // criterion IDs
}

// Enrolled begins the run-in; day 0 is planned for Randomise.
type Enrolled struct {
	Zone     string            `json:"zone"`
	Wake     civil.Clock       `json:"wake"` // usual
	Planned  civil.Date        `json:"planned_randomisation"`
	Language protocol.Language `json:"language"`
}

// Randomised gives the participant a slot. It says nothing about the arm.
type Randomised struct {
	Date civil.Date `json:"date"` // day 0, in the participant's zone
	Cell string     `json:"cell"` // stratum cell key
	Slot int        `json:"slot"` // index in the sealed list, from 0
}

// Dispensed hands out a kit of the slot's chain.
type Dispensed struct {
	Visit string     `json:"visit"`
	Kit   string     `json:"kit"`
	Date  civil.Date `json:"date"`
}

// Returned counts what came back of a kit.
type Returned struct {
	Visit string     `json:"visit"`
	Kit   string     `json:"kit"`
	Units int        `json:"units"`
	Date  civil.Date `json:"date"`
}

// Answered is one filled-in instrument: of a visit, or of a night (the diary).
type Answered struct {
	Instrument string            `json:"instrument"`
	Version    string            `json:"version"` // of the definition
	Visit      string            `json:"visit,omitempty"`
	Night      civil.Date        `json:"night,omitzero"` // date of waking
	Date       civil.Date        `json:"date"`           // local date it was filled in
	Language   protocol.Language `json:"language"`
	Validated  bool              `json:"validated"`      // the licensed wording was shown
	Late       bool              `json:"late,omitempty"` // after the visit's planned day, or after the diary's hour
	Answers    json.RawMessage   `json:"answers"`        // instrument.Answers, canonical JSON
	// Retrospective says that it is of a morning before the one on which it was
	// filled in.
	Retrospective bool `json:"retrospective,omitempty"`
	// Confirmed are the doubts (rules of queries) that the person was shown and
	// held to be right all the same.
	Confirmed []string `json:"confirmed,omitempty"`
	// Paradata is how the form was filled in, where its page told.
	Paradata *Paradata `json:"paradata,omitempty"`
}

// NightRecorded is a device's night. A later one for the same night and vendor
// supersedes it.
type NightRecorded struct {
	Vendor string          `json:"vendor"`
	Night  civil.Date      `json:"night"`       // date of waking
	Record json.RawMessage `json:"record"`      // sleep.Night, canonical JSON
	Source File            `json:"source_file"` // the vendor's document as it came
}

// DoseTaken is what a person says of the dose of a day.
type DoseTaken struct {
	Date  civil.Date `json:"date"` // the evening it belongs to
	Units int        `json:"units"`
	// Retrospective says that it was told later than a morning may be filled in: of
	// memory, or of what was counted. A command leaves it out.
	Retrospective bool `json:"retrospective,omitempty"`
}

// EventOccurred is an intercurrent event, by its name in the protocol.
type EventOccurred struct {
	Event string     `json:"event"`
	From  civil.Date `json:"from"`
	To    civil.Date `json:"to,omitzero"` // absent: until the end
	Note  string     `json:"note,omitempty" words:"hers"`
}

// Deviation from the protocol.
type Deviation struct {
	Code string     `json:"code"` // visit-outside-window, kit-mix-up, consent-late, …
	Note string     `json:"note" words:"hers"`
	Date civil.Date `json:"date"`
	// Category is minor or major, where somebody has judged.
	Category string `json:"category,omitempty"`
}

// Categories of deviations. A major one may touch people's safety or rights, or
// what the trial can show.
const (
	CategoryMinor = "minor"
	CategoryMajor = "major"
)

// Corrected replaces one field of one earlier event. Field is a path into that
// event's JSON ("units", "answers.isi-3"); Old is what stood there.
type Corrected struct {
	Entry uint64          `json:"entry"` // index on the ledger
	Field string          `json:"field"`
	Old   json.RawMessage `json:"old"`
	New   json.RawMessage `json:"new"`
}

// Withdrew from the treatment, or from the trial. The reason given, if any, is
// the fact's Reason.
type Withdrew struct {
	From string     `json:"from"` // treatment, device, follow-up, identifiers
	Why  string     `json:"why"`  // adverse-event, lost-to-follow-up, no-time, moved, not-said, died, other
	Date civil.Date `json:"date"`
	// Words are her own, if she gave any.
	Words Words `json:"words,omitempty"`
}

// Completed says the last visit is done.
type Completed struct {
	Date civil.Date `json:"date"`
}

// DryRun is the report made before the lock on a dummy allocation.
type DryRun struct {
	Results File `json:"results_file"`
	Report  File `json:"report_file"` // in English
	// Translated are the same report in other languages; absent of old.
	Translated []Translation `json:"translated,omitempty"`
}

// AllocationsOpen publishes the custodian's openings.
type AllocationsOpen struct {
	Openings File `json:"openings_file"`
}

// Reported names what the analysis gave.
type Reported struct {
	Results File `json:"results_file"`
	Report  File `json:"report_file"` // in English
	// Translated are the same report in other languages; absent of old.
	Translated []Translation `json:"translated,omitempty"`
}

// Kind methods name each payload's kind.
func (Opened) Kind() Kind          { return KindOpened }
func (Screened) Kind() Kind        { return KindScreened }
func (Consented) Kind() Kind       { return KindConsented }
func (Enrolled) Kind() Kind        { return KindEnrolled }
func (Randomised) Kind() Kind      { return KindRandomised }
func (Dispensed) Kind() Kind       { return KindDispensed }
func (Returned) Kind() Kind        { return KindReturned }
func (Answered) Kind() Kind        { return KindAnswered }
func (NightRecorded) Kind() Kind   { return KindNightRecorded }
func (DoseTaken) Kind() Kind       { return KindDoseTaken }
func (EventOccurred) Kind() Kind   { return KindEventOccurred }
func (AdverseEvent) Kind() Kind    { return KindAdverseEvent }
func (Deviation) Kind() Kind       { return KindDeviation }
func (Corrected) Kind() Kind       { return KindCorrected }
func (Withdrew) Kind() Kind        { return KindWithdrew }
func (Completed) Kind() Kind       { return KindCompleted }
func (DryRun) Kind() Kind          { return KindDryRun }
func (Locked) Kind() Kind          { return KindLocked }
func (AllocationsOpen) Kind() Kind { return KindAllocationsOpen }
func (Reported) Kind() Kind        { return KindReported }

// Role is what a person does in the trial.
type Role string

// The roles of this version.
const (
	RoleParticipant   Role = "participant"
	RoleCoordinator   Role = "coordinator"
	RoleInvestigator  Role = "investigator"
	RolePharmacist    Role = "pharmacist"
	RoleCustodian     Role = "custodian"
	RoleStatistician  Role = "statistician"
	RoleMonitor       Role = "monitor"
	RoleAuditor       Role = "auditor"
	RoleAdministrator Role = "administrator"
	RoleSystem        Role = "system" // a device's upload, the program itself
)

// Fact is an event as it stands on the ledger.
type Fact struct {
	Index uint64 // place on the ledger, from 0
	Meta
	Event Event
}
