package study

import (
	"encoding/json"
	"testing"
	"time"

	"dvala/civil"
)

// herself is a command that the person gives by her own device.
func herself(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: string(who), Role: RoleParticipant, Subject: who}
}

func made(m Meta, at time.Time) Meta {
	m.Made = at
	return m
}

// Only the person's own device can say that something was done earlier: for
// staff it would be a way to fill in a night of last week as if that morning, or to
// randomise, to hand out and to withdraw with the date of another day.
func TestOnlyHerDeviceDates(t *testing.T) {
	s := opened(t)
	who := enrolled(t, s, "female")
	night := civil.DateOf(day(1))
	diary := Answer{Instrument: "csd", Night: night, Language: "sv", Answers: diaryAnswers(20)}
	refuse(t, s, "made-role", diary, made(staff(day(6), who), day(1)))
	refuse(t, s, "made-role", Randomise{}, made(staff(day(6), who), day(3)))
	refuse(t, s, "made-role", screenCommand(40, "male"), made(staff(day(6), ""), day(3)))
	// Not even she dates what no device keeps for later.
	next := do(t, s, screenCommand(40, "male"), staff(day(6), ""))[0].Subject
	refuse(t, s, "made-role", Consent{Version: "1.0", Language: "sv"}, made(herself(day(6), next), day(5)))
	do(t, s, Randomise{}, staff(day(6), who))
	refuse(t, s, "made-role", Dispense{Visit: "day-0"}, made(staff(day(7), who), day(6)))
	refuse(t, s, "made-role", TakeDose{DoseTaken{Date: civil.DateOf(day(6)), Units: 1}}, made(staff(day(7), who), day(6)))
	refuse(t, s, "made-role", Withdraw{From: FromTreatment, Why: "other"}, made(because(staff(day(7), who)), day(6)))
	refuse(t, s, "made-role", ringNight(t, civil.DateOf(day(7)), 3), made(Meta{At: day(7), Actor: "x", Role: RoleSystem, Subject: who}, day(6)))

	do(t, s, diary, made(herself(day(7), who), day(1)))
	do(t, s, TakeDose{DoseTaken{Date: civil.DateOf(day(6)), Units: 1}}, made(herself(day(7), who), day(6)))
	// What was held as it came from her device is filed by staff with its time, and
	// says so on the ledger; another kind of command is not.
	filed := made(because(staff(day(8), who)), day(2))
	filed.Refiled = true
	refuse(t, s, "made-role", Dispense{Visit: "day-0"}, filed)
	diary.Night = civil.DateOf(day(2))
	f := do(t, s, diary, filed)[0]
	if again := must(Decode(must(Encode(f)))); !again.Refiled || !again.Made.Equal(day(2)) {
		t.Errorf("%+v", again.Meta)
	}
	var data struct {
		Meta map[string]json.RawMessage `json:"meta"`
	}
	entry := must(must(Encode(f)).Event())
	if err := json.Unmarshal(entry.Data, &data); err != nil || string(data.Meta["refiled"]) != "true" {
		t.Error(string(entry.Data), err)
	}
}
