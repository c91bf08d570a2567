package desk_test

import (
	"slices"
	"testing"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// Who has not consented to information that is in force is told among what needs
// a person, from that day on and until she has.
func TestNeedsConsent(t *testing.T) {
	trial := desktest.New(t, "../study/testdata/small.yaml", 4)
	who := trial.Person(t, desktest.Start)
	trial.Amend(t, "../study/testdata/small.yaml", desktest.Start, civil.On(2026, 3, 4), `version: "1.0"`, `version: "1.1"`)
	needs := func(n int) bool {
		var l desk.Line
		trial.View(func(s *study.State) { l = desk.NewLine(s, s.People[who], desktest.Start.AddDate(0, 0, n)) })
		return slices.Contains(l.Needs, desk.NeedConsent)
	}
	if needs(1) || !needs(2) {
		t.Error(needs(1), needs(2))
	}
	trial.Do(t, study.Consent{Version: "1.1", Language: "sv"}, desktest.Start.AddDate(0, 0, 2), who)
	if needs(2) {
		t.Error("after she has consented")
	}
}
