package study

import (
	"os"
	"testing"

	"dvala/protocol"
)

// In a trial of one nothing is locked, and so nothing opened or reported, while
// a period is still ahead; nor does a withdrawal keep it shut for ever.
func TestNoResultBeforeTheLastPeriod(t *testing.T) {
	c, problems := protocol.Parse(must(os.ReadFile("../examples/nof1/protocol.yaml")))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	begin := func() (*State, Subject) {
		sealed := Sealed{SHA256: anyHash, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true, Slots: []Slot{{Cell: "all"}}}
		for _, v := range c.Protocol().Visits {
			if v.Dispense {
				sealed.Slots[0].Kits = append(sealed.Slots[0].Kits, Kit{Visit: v.ID, Number: v.ID})
			}
		}
		s := New(c, sealed, BuiltIn)
		do(t, s, openCommand(s), staff(start, ""))
		who := do(t, s, Screen{Site: "home", Answers: protocol.Answers{
			"age": protocol.Int(41), "isi": protocol.Int(12), "kidney_disease": protocol.Bool(false), "can_keep_boxes_shut": protocol.Bool(true),
		}}, staff(day(0), ""))[0].Subject
		do(t, s, Consent{Version: "1.0", Language: "sv"}, staff(day(0), who))
		do(t, s, Enrol{Zone: "Europe/Stockholm", Wake: 7 * 60}, staff(day(0), who))
		f := File{SHA256: anyHash, Bytes: 3}
		do(t, s, RecordDryRun{DryRun{Results: f, Report: f}}, staff(day(0), ""))
		do(t, s, Randomise{}, staff(day(7), who))
		return s, who
	}
	s, who := begin()
	do(t, s, Dispense{"box-1"}, staff(day(7), who))
	refuse(t, s, "period-ahead", Lock{}, investigator(day(8), ""))
	refuse(t, s, "period-ahead", Lock{}, investigator(day(7+84), ""))
	do(t, s, Lock{Waive: true}, because(signing(day(7+85), "")))

	s, who = begin()
	m := staff(day(20), who)
	m.Reason = "she has had enough"
	do(t, s, Withdraw{From: "treatment", Why: "other"}, m)
	do(t, s, Lock{Waive: true}, because(signing(day(21), "")))
}
