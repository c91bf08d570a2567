// Package fitbit reads sleep logs as Google Takeout exports them (files named
// sleep-2026-11-01.json) and as the Web API sends them, versions 1 and 1.2:
//
//	[{"logId": 1, "startTime": "2026-11-22T23:10:30.000", "type": "stages",
//	  "levels": {"data": [{"dateTime": "…", "level": "light", "seconds": 300}, …],
//	             "shortData": [{"dateTime": "…", "level": "wake", "seconds": 60}, …]}}]
//	{"sleep": [ … ], "pagination": { … }}
//
// A log of type stages has wake, light, deep and rem in steps of 30 s; wakes of
// up to three minutes stand apart in shortData and are laid over the rest. A log
// of type classic has asleep, restless and awake in minutes: asleep is S, and
// restless is W with awake, because Fitbit itself counts both to minutesAwake
// and neither to minutesAsleep. A log typed in by hand gives its bounds and
// totals, and no hypnogram: nothing was measured.
//
// Times are clock figures without an offset. They run on through a change of
// clocks as if there were none, which the end of the log does not; the figures
// of the levels are therefore read as time elapsed since the start, unless the
// levels fit each other better by the clock.
//
// doc/formats/wearables.md has the codes and the oddities.
package fitbit

import (
	"strings"

	"dvala/sleep"
)

// Levels is what the names of levels mean; others are unscored.
var Levels = map[string]sleep.Stage{
	"wake": sleep.W, "light": sleep.Light, "deep": sleep.N3, "rem": sleep.R,
	"asleep": sleep.Asleep, "restless": sleep.W, "awake": sleep.W,
}

// minuteValues is what the values of version 1 mean.
var minuteValues = map[string]sleep.Stage{"1": sleep.Asleep, "2": sleep.W, "3": sleep.W}

// Recognise says whether a file is one of Fitbit's that are read here, by its
// first bytes.
func Recognise(head []byte, name string) bool {
	s := string(head)
	return strings.Contains(s, `"dateOfSleep"`) || strings.Contains(s, "sleep_log_entry_id")
}
