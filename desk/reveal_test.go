package desk_test

import (
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// Words that a correction names, as JSON within the entry, are read by who may.
func TestCorrectedWordsAreRead(t *testing.T) {
	d := newDesks(t)
	anna := staff("anna", study.RoleCoordinator, "main")
	told := must(d.Do(t.Context(), desk.Participant(d.one), desk.Request{Cmd: event(secret, d.at), Subject: d.one, Key: "w1"}))
	must(d.Do(t.Context(), anna, desk.Request{
		Cmd: study.Correct{Entry: told.First, Field: "words", New: desktest.JSON("efter teet")}, Subject: d.one, Reason: "asked her", Key: "w2",
	}))
	q := desk.TrailQuery{Subject: d.one, Kinds: []study.Kind{study.KindCorrected}}
	if e := must(d.Trail(t.Context(), anna, q)).Entries[0]; !strings.Contains(e.About, secret) || !strings.Contains(e.About, "efter teet") || !strings.Contains(string(e.Data), secret) {
		t.Errorf("staff read %q, %s", e.About, e.Data)
	}
	e := must(d.Trail(t.Context(), staff("stina", study.RoleStatistician, ""), q)).Entries[0]
	if strings.Contains(e.About+string(e.Data), study.SealedMark) || !strings.Contains(e.About, desk.Withheld) {
		t.Errorf("a statistician reads %q, %s", e.About, e.Data)
	}
}
