package study

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/sleep"
)

// State is everything that a ledger says, folded: a pure function of the
// checked protocol and the facts in their order. It holds no arm; those are in
// the openings, which only the analysis reads.
type State struct {
	Protocol protocol.Checked
	Entries  uint64 // facts applied
	Opened   *Opened
	OpenedAt time.Time
	// People by code, and in the order of their screening.
	People map[Subject]*Participant
	Order  []Subject
	// Taken is how many slots of each cell are given out.
	Taken map[string]int

	// Amendments that are approved, in their order. Protocol stays that which the
	// trial began with; ProtocolFor gives the one in force.
	Amendments []*Amended
	// ClockJumps of the server.
	ClockJumps []Entered[ClockJumped]
	// ClocksConfirmed are those that an administrator found to be right.
	ClocksConfirmed []Entered[ClockConfirmed]
	// AccessLog is how the access log beside the ledger stood, now and then.
	AccessLog []Entered[AccessLogStood]
	// NotScreened are those who were asked and never came as far as screening.
	NotScreened []NotScreened
	// Proposals that wait for a second person, or did, in their order.
	Proposals []*Proposing

	DryRuns  []DryRun
	Locked   *Locked
	LockedAt time.Time
	Openings *AllocationsOpen
	// Signatures of the trial as a whole.
	Signatures []Signing
	Reported   *Reported

	// Stock is what is known of kits beside whose they are, by number.
	Stock map[string]StockKit

	rehearsed   bool // a dry run was made, and nothing unlocked since
	sealed      Sealed
	lists       []string         // that extend the first, by hash
	extending   string           // the list that was approved by the fact before
	slotOf      map[int]Subject  // who was given a slot
	stocked     map[string]bool  // sites that count their stock
	cells       map[string][]int // slots of each cell, as indices into sealed.Slots
	pools       map[string][]int // of each cell, those of the last list that has it
	turns       []Allocation     // requests for a slot, under minimisation
	instruments Instruments
	added       map[instrument.ID]*instrument.Definition // that amendments brought
	protocols   Protocols                                // where files of amendments are found; nil: nowhere
	keys        map[string]span                          // idempotency key → what it did
	facts       map[uint64]Fact                          // those that can be corrected, as they stand after corrections
	tree        ledger.Frontier                          // of the entries applied
	last        time.Time                                // of the latest entry
	register    register                                 // of the entries applied
	whole       uint64                                   // facts that may have changed how everybody stands
	changes     changes
}

// span is the run of entries that one command led to.
type span struct {
	from, n uint64
	kind    Kind // of the first
	subject Subject
	digest  string // of the command; empty of what was written before there was one
}

// Participant is one person's trial.
type Participant struct {
	Subject    Subject
	Site       string
	Screening  Screened
	ScreenedAt time.Time

	Override   *Overridden      `json:",omitempty"` // of eligibility
	Closed     *ScreeningClosed `json:",omitempty"` // she will not be enrolled
	Erased     bool             `json:",omitempty"` // the key to her identity and words is destroyed
	Consents   []ConsentGiven
	Enrolled   *Enrolled
	EnrolledOn civil.Date

	Allocation *AllocationAsked `json:",omitempty"` // under minimisation: she has asked for a slot
	Randomised *Randomised
	Kits       []KitGiven

	// Visits holds each instrument's answers by visit and instrument ID.
	Visits map[string]map[string]*Response
	// Diary holds the diary by night (date of waking).
	Diary map[civil.Date]*Response
	// Nights holds the device's night in force, by vendor and night.
	Nights map[string]map[civil.Date]*RecordedNight
	Doses  map[civil.Date]*DoseRecord

	Events      []EventOccurred // intercurrent, those implied (withdrawal, stopped dose) included
	Adverse     []AdverseEvent  // each as it stands in its latest version
	AdverseLog  []*AdverseRecord
	Medications []Entered[Medication]
	Pregnancies []PregnancyRecord
	Incidents   []Entered[DeviceIncident]
	Reviews     []Entered[DeviationReviewed]
	Deviations  []Deviation
	Corrections []CorrectionMade
	Withdrawn   []Withdrew
	Completed   *Completed
	Unblindings []Unblinding `json:",omitempty"`

	Wakes  []WakeChanged     // in the order of their being told
	Zones  []ZoneChanged     //
	Speaks protocol.Language // as she last set it; empty: as she consented
	Asked  *RemindersChanged // how she wants to be reminded
	Lapsed []Lapse           // tasks that were closed undone
	LetOff []Lapse           // tasks that she need not do
	Held   []HeldEntry       `json:",omitempty"` // what came from her device and could not be filed

	Queries     []*Query
	LockedForms []uint64 // entries
	Locked      *Signing
	Signatures  []Signing
	Verified    map[uint64]Verification // against the source, by entry

	// Which entries Adverse, Deviations and Withdrawn came from, in step with
	// them; and the events that were noted, before the implied ones are added.
	adverseOf, deviationOf, withdrawnOf []uint64
	leftAt                              time.Time // she left follow-up
	place                               int       // in Order
	entries                             []uint64  // about her
	noted                               []EventOccurred
	notedOf                             []uint64
}

// ConsentGiven is a consent and when it was given.
type ConsentGiven struct {
	Consented
	At time.Time
}

// KitGiven is a kit handed out, with what came back of it.
type KitGiven struct {
	Dispensed
	Returned *int
	Replaced string `json:",omitempty"` // the kit that took its place
}

// Response is a filled-in instrument as it stands after corrections, with its
// scores.
type Response struct {
	Entry    uint64
	At       time.Time
	Answered Answered
	Answers  instrument.Answers
	Scores   instrument.Scores
}

// RecordedNight is a device's night in force.
type RecordedNight struct {
	Entry      uint64
	At         time.Time // when it arrived
	Night      sleep.Night
	Source     File
	Superseded int // how many earlier versions it replaced
}

// DoseRecord is a day's dose as it stands after corrections.
type DoseRecord struct {
	Entry uint64
	At    time.Time // it was told
	Units int
	// Retrospective: it was told too late to be more than memory, or a count.
	Retrospective bool `json:",omitempty"`
}

// CorrectionMade is a correction with its circumstances.
type CorrectionMade struct {
	Corrected
	At     time.Time
	By     string
	Reason string
	Index  uint64 `json:"-"` // the entry that corrects
}
