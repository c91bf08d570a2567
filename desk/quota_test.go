package desk_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"dvala/desk"
	"dvala/fault"
)

// So much is stored about one person in a day, however often it is sent and by
// whom, at whichever server; another person has her own, and tomorrow is new.
func TestFilesOfADayAreBounded(t *testing.T) {
	d := newDesks(t)
	parts := desk.Parts{Vault: d.vault, Files: d.files, PersonFiles: d.people, Pending: d.people, Quota: d.people, DayBytes: 20 << 20}
	d.Furnish(parts)
	second := desk.NewOffice(d.trial, func() time.Time { return d.at })
	second.Furnish(parts)
	me := desk.Participant(d.one)
	file := func(mb int) io.Reader { return bytes.NewReader(bytes.Repeat([]byte{7}, mb<<20)) }
	for _, o := range []*desk.Office{d.Office, second} {
		must(o.PutFile(t.Context(), me, d.one, "night.edf", file(9)))
	}
	_, err := d.PutFile(t.Context(), me, d.one, "night.edf", file(9))
	var wait desk.Wait
	if fault.CodeOf(err) != desk.CodeQuota || !errors.As(err, &wait) || wait.Rounded() <= 0 || wait.Rounded() > 24*time.Hour {
		t.Errorf("a third of nine in a day of twenty: %v", err)
	}
	must(d.PutFile(t.Context(), desk.Participant(d.two), d.two, "night.edf", file(9)))
	d.at = d.at.AddDate(0, 0, 1)
	must(d.PutFile(t.Context(), me, d.one, "night.edf", file(9)))
}
