package main

import (
	"time"

	"golang.org/x/sys/windows"
)

// running is a clock that only runs: it is not set when the machine's is, and
// goes on while the machine sleeps.
func running() func() time.Duration {
	first := windows.DurationSinceBoot()
	return func() time.Duration { return windows.DurationSinceBoot() - first }
}
