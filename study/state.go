package study

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
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

	DryRuns  []DryRun
	Locked   *Locked
	LockedAt time.Time
	Openings *AllocationsOpen
	Reported *Reported

	slots slots             // the sealed list's public half: cell, kits
	keys  map[string]uint64 // idempotency key → entry
	facts map[uint64]Fact   // those that can be corrected
}

// Participant is one person's trial.
type Participant struct {
	Subject    Subject
	Site       string
	Screening  Screened
	ScreenedAt time.Time

	Consents   []ConsentGiven
	Enrolled   *Enrolled
	EnrolledOn civil.Date

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
	Adverse     []AdverseEvent
	Deviations  []Deviation
	Corrections []CorrectionMade
	Withdrawn   []Withdrew
	Completed   *Completed
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
	Night      sleep.Night
	Source     File
	Superseded int // how many earlier versions it replaced
}

// DoseRecord is a day's dose as it stands after corrections.
type DoseRecord struct {
	Entry uint64
	Units int
}

// CorrectionMade is a correction with its circumstances.
type CorrectionMade struct {
	Corrected
	At     time.Time
	By     string
	Reason string
}
