package study

import (
	"encoding/json"

	"dvala/civil"
	"dvala/protocol"
)

// Command is what somebody asks of the trial. Decide turns it into events or
// refuses it with a *fault.Problem; whoever carries it (program, page, job)
// only carries. Subject, actor, time and reason are in Meta.
type Command interface{ command() }

type (
	// Open begins the trial.
	Open struct{ Opened }
	// Screen a person; a new subject code is given by the trial.
	Screen struct {
		Site    string           `json:"site"`
		Answers protocol.Answers `json:"answers"`
	}
	// Consent to the version in force.
	Consent Consented
	// Enrol a person who is eligible and has consented.
	Enrol struct {
		Zone string      `json:"zone"`
		Wake civil.Clock `json:"wake"`
	}
	// Randomise takes the next slot of the person's stratum, or asks for one under
	// minimisation.
	Randomise struct{}
	// Dispense the next kit of the person's slot for a visit.
	Dispense struct {
		Visit string `json:"visit"`
	}
	// Return counts a kit's units.
	Return struct {
		Visit string `json:"visit"`
		Kit   string `json:"kit"`
		Units int    `json:"units"`
	}
	// Answer an instrument, of a visit or of a night.
	Answer struct {
		Instrument string            `json:"instrument"`
		Visit      string            `json:"visit,omitempty"`
		Night      civil.Date        `json:"night,omitzero"`
		Language   protocol.Language `json:"language"`
		Validated  bool              `json:"validated,omitempty"`
		Answers    json.RawMessage   `json:"answers"`
		Confirmed  []string          `json:"confirmed,omitempty"`
		Paradata   *Paradata         `json:"paradata,omitempty"`
	}
	// RecordNight takes a device's night, assembled by a reader.
	RecordNight struct{ NightRecorded }
	// TakeDose records a day's dose.
	TakeDose struct{ DoseTaken }
	// NoteEvent records an intercurrent event.
	NoteEvent struct{ EventOccurred }
	// ReportAdverseEvent records an adverse event.
	ReportAdverseEvent struct{ AdverseEvent }
	// NoteDeviation records a deviation.
	NoteDeviation struct{ Deviation }
	// Correct one field of an earlier entry, with a reason in Meta.
	Correct struct {
		Entry uint64          `json:"entry"`
		Field string          `json:"field"`
		New   json.RawMessage `json:"new"`
	}
	// Withdraw a person.
	Withdraw struct {
		From  string `json:"from"`
		Why   string `json:"why"`
		Words Words  `json:"words,omitempty"`
		// Date is the day of a death; absent, it is today.
		Date civil.Date `json:"date,omitzero"`
	}
	// Complete a person's participation.
	Complete struct{}
	// RecordDryRun names the report on a dummy allocation.
	RecordDryRun struct{ DryRun }
	// OpenAllocations publishes the openings; only after the lock.
	OpenAllocations struct{ AllocationsOpen }
	// RecordReport names the results; only after the openings.
	RecordReport struct{ Reported }
)

func (Open) command()               {}
func (Screen) command()             {}
func (Consent) command()            {}
func (Enrol) command()              {}
func (Randomise) command()          {}
func (Dispense) command()           {}
func (Return) command()             {}
func (Answer) command()             {}
func (RecordNight) command()        {}
func (TakeDose) command()           {}
func (NoteEvent) command()          {}
func (ReportAdverseEvent) command() {}
func (NoteDeviation) command()      {}
func (Correct) command()            {}
func (Withdraw) command()           {}
func (Complete) command()           {}
func (RecordDryRun) command()       {}
func (Lock) command()               {}
func (OpenAllocations) command()    {}
func (RecordReport) command()       {}
