package study

import (
	"encoding/json"
	"testing"
)

// An event that follows from a rule is noted by nobody: unblinding has its own
// three steps, with a signature, a reason and a physician's name. Otherwise who may
// note an event could mark anybody as unblinded, and ask custody for a slot's key.
func TestImpliedEventsAreNotNoted(t *testing.T) {
	s, _ := withLists(t)
	who := randomisedIn(t, s, "female")
	for _, name := range []string{EventUnblinded, EventWithdrew} {
		refuse(t, s, "event-implied", NoteEvent{EventOccurred{Event: name, From: dateOf("2026-03-02"), Note: "x"}}, responsible(day(0), who))
	}
	// Nor does a correction make one of another.
	e := do(t, s, NoteEvent{EventOccurred{Event: EventTravel, From: dateOf("2026-03-02")}}, responsible(day(0), who))[0].Index
	refuse(t, s, "event-implied", Correct{Entry: e, Field: "event", New: json.RawMessage(`"unblinded"`)}, responsible(day(0), who))
	if s.People[who].Unblinded() {
		t.Error("marked without an emergency")
	}
	do(t, s, Correct{Entry: e, Field: "event", New: json.RawMessage(`"ring-lost"`)}, responsible(day(0), who))
}
