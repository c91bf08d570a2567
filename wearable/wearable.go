// Package wearable assembles what devices report into nights. Each vendor has a
// reader of its own in a package below; what they share is here: how the
// periods of sleep that a device saw become one night with its naps, which of
// two overlapping reports counts, and how that is told.
//
// The rules, for every vendor:
//
//  1. A period that the person deleted or rejected, and one with no sleep in
//     it, is dropped.
//  2. Of two reports with the same name the one read later counts. Of two that
//     overlap by more than half of the shorter: the longer, if it is more than
//     twice as long (a fragment must not win over the night); else the newer
//     algorithm; else the one the person edited; else the one read later.
//  3. A period belongs to the night its middle lies in: 15:00 to 15:00, by the
//     clock of its own zone or of the one given.
//  4. The main sleep of a night is all of its long periods. If it has none, it
//     is the longest short one whose middle lies between 20:00 and 10:00.
//  5. A short period no more than an hour from the main sleep is joined to it.
//     What lies between joined periods is unscored: the device did not say.
//  6. All else is a nap.
//
// Every step is told as a Decision. doc/formats/wearables.md has the vendors'
// codes and the reasons.
package wearable

import (
	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
)

// Result is what a reader makes of one source.
type Result struct {
	Nights    []sleep.Night // in order of date
	Decisions []Decision    // in order of date, then of reading
	Warnings  fault.List
}

// Action is what became of a record.
type Action string

// The actions.
const (
	Kept       Action = "kept"       // the main sleep, alone
	Merged     Action = "merged"     // part of a main sleep of several
	Nap        Action = "nap"        // kept apart
	Dropped    Action = "dropped"    // not used
	Superseded Action = "superseded" // another report of the same sleep counts
)

// Decision says what became of one record and why.
type Decision struct {
	Night  civil.Date `json:"night"`
	Record string     `json:"record"` // the source's own name of it
	Action Action     `json:"action"`
	Why    string     `json:"why"`
}
