package study

import (
	"encoding/json"
	"testing"

	"dvala/civil"
)

// A ledger of an earlier program has the names of medicines and devices in the
// clear, without what they are coded as: it is read, and written again, as it stands.
func TestMedicinesOfOldLedgers(t *testing.T) {
	for kind, raw := range map[Kind]string{
		KindMedication:     `{"name":"alvedon","dose":"500 mg","start":"2026-03-01","ongoing":true}`,
		KindDeviceIncident: `{"what":"lost","device":"oura","date":"2026-03-04","consequence":"none"}`,
	} {
		ev := must(decoders[kind]([]byte(raw)))
		if again := must(plain(ev)); string(again) != string(must(plain(json.RawMessage(raw)))) {
			t.Errorf("%s was %s", again, raw)
		}
		if err := newState(t).checkForm(ev); err != nil {
			t.Error(kind, err)
		}
	}
	if got := (Medication{Name: "alvedon"}).Called(); got != "alvedon" {
		t.Error(got)
	}
	if got := (Medication{Name: SealedMark + "AA"}).Called(); got != NotCoded {
		t.Error(got)
	}
	s := opened(t)
	who := enrolled(t, s, "female")
	refuse(t, s, "term-missing", RecordMedication{Medication{Ongoing: true}}, staff(day(1), who))
	do(t, s, RecordMedication{Medication{Coded: "N02BE01", Ongoing: true, Start: civil.On(2026, 3, 1)}}, staff(day(1), who))
}
