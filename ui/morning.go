package ui

import (
	"time"

	"dvala/desk"
	"dvala/study"
)

// morning gives what the first page shows of the people whom the reader may see.
func (a *ask) morning(st *study.State, now time.Time) desk.Day {
	return a.Office.Day(st, now, a.seesAt())
}

// seesAt says at which sites the reader may see people. It is asked once a site.
func (a *ask) seesAt() func(site string) bool {
	known := map[string]bool{}
	return func(site string) bool {
		sees, asked := known[site]
		if !asked {
			sees = a.mayAt("see-person", site)
			known[site] = sees
		}
		return sees
	}
}
