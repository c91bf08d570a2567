//go:build unix

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// runningBy reads a clock of the system, or, where it has none such, Go's.
func runningBy(clock int32) func() time.Duration {
	began := time.Now()
	var first unix.Timespec
	if err := unix.ClockGettime(clock, &first); err != nil {
		return func() time.Duration { return time.Since(began) }
	}
	return func() time.Duration {
		var now unix.Timespec
		if err := unix.ClockGettime(clock, &now); err != nil {
			return time.Since(began) // it was there at the start
		}
		return time.Duration(now.Nano() - first.Nano())
	}
}
