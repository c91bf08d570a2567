//go:build unix && !linux

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// running is a clock that only runs: it is not set when the machine's is. On
// macOS it goes on while the machine sleeps.
func running() func() time.Duration { return runningBy(unix.CLOCK_MONOTONIC) }
