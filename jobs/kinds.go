package jobs

import (
	"time"

	"github.com/riverqueue/river"

	"dvala/desk"
	"dvala/study"
)

// Args is what a job needs to know. Two jobs with equal arguments are one: the
// second is not enqueued while the first waits, runs, or has been done within
// the last days. What may be done again has a Key that tells the two apart.
type Args interface{ river.JobArgs }

// Reminders looks who is due a reminder, and sends it.
type Reminders struct{}

// CloseTasks writes down what became of tasks whose time is over.
type CloseTasks struct{}

// CheckClock holds the clock against the ledger's last entry and the database.
type CheckClock struct{}

// Ingest reads a file that a person's device wrote out, and records its nights.
type Ingest struct {
	Subject study.Subject `json:"subject"`
	Kept    string        `json:"kept"` // where it lies, sealed
	Name    string        `json:"name"` // what it was called, sealed
	Bytes   int64         `json:"bytes"`
}

// DevicePull fetches a consenting person's new nights from a vendor's service.
type DevicePull struct {
	Subject study.Subject `json:"subject"`
	Vendor  string        `json:"vendor"`
}

// DeviceLook looks whose nights are to be fetched, and asks for them. The clock
// asks with no key; a vendor who tells of news, with one of the minute.
type DeviceLook struct {
	Key string `json:"key"`
}

// DeviceHooks sees to it that vendors go on telling of news.
type DeviceHooks struct{}

// Export writes the trial's data for somebody to fetch.
type Export struct {
	What string `json:"what"` // tables, ledger, fhir, odm, dataset-json
	By   string `json:"by"`   // account
	// Grants are what somebody chose to be in a made-up trial; others are what
	// their accounts say when the work is done.
	Grants []desk.Grant `json:"grants,omitempty"`
	Key    string       `json:"key"`
}

// Analyse makes the dry run or the report, and puts it on the ledger.
type Analyse Export

// Sweep takes away what has run out: links, sessions, files made long ago.
type Sweep struct{}

// Backup writes a backup.
type Backup struct {
	Key string `json:"key"`
}

// NoteRecord puts on the ledger what lies beside it and belongs on it: how the
// access log stands, and what is held.
type NoteRecord struct{}

// BackupDue asks for the day's backup when its hour has come.
type BackupDue struct{}

// Simulate plays the trial's protocol with made-up people.
type Simulate Export

// Mail sends one letter. What it says and whom it goes to is worked out when it
// is sent: neither an address nor a link lies in the job.
type Mail struct {
	Message string        `json:"message"` // tells it from others
	Account string        `json:"account,omitempty"`
	Subject study.Subject `json:"subject,omitempty"`
	Purpose string        `json:"purpose,omitempty"` // of a link: sign-in, invitation
	Lang    string        `json:"lang,omitempty"`
	By      string        `json:"by,omitempty"`
}

// Notices looks which emergencies the staff have not been told of, and tells
// them.
type Notices struct{}

// Kind names each.
func (Reminders) Kind() string   { return "reminders" }
func (CloseTasks) Kind() string  { return "close-tasks" }
func (CheckClock) Kind() string  { return "check-clock" }
func (Ingest) Kind() string      { return "ingest" }
func (DevicePull) Kind() string  { return "device-pull" }
func (Export) Kind() string      { return "export" }
func (Analyse) Kind() string     { return "analyse" }
func (DeviceLook) Kind() string  { return "device-look" }
func (DeviceHooks) Kind() string { return "device-hooks" }
func (Notices) Kind() string     { return "notices" }
func (Sweep) Kind() string       { return "sweep" }
func (Backup) Kind() string      { return "backup" }
func (NoteRecord) Kind() string  { return "note-record" }
func (BackupDue) Kind() string   { return "backup-due" }
func (Simulate) Kind() string    { return "simulate" }
func (Mail) Kind() string        { return "mail" }

// ticks are the kinds that the clock enqueues, and how often.
var ticks = map[string]time.Duration{
	"reminders": time.Minute, "close-tasks": 5 * time.Minute, "check-clock": time.Minute, "sweep": time.Hour, "notices": time.Minute, "backup-due": time.Minute,
	"note-record": 5 * time.Minute, "device-look": 15 * time.Minute, "device-hooks": 6 * time.Hour,
}

// patience is how long a job of a kind may take before it is stopped and tried
// again.
func patience(kind string) time.Duration {
	switch kind {
	case "export", "analyse", "backup", "simulate":
		return 6 * time.Hour
	case "ingest", "device-pull":
		return 30 * time.Minute
	}
	return 5 * time.Minute
}
