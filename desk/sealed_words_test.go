package desk_test

import (
	"testing"

	"dvala/desk"
	"dvala/study"
)

// What a participant types of her medicines and devices lies under her key: the
// ledger has it nowhere in the clear, whoever may read words sees it, and with the
// key it is gone. What it is coded as stays, for tables count by it.
func TestMedicinesAndDevicesAreHerWords(t *testing.T) {
	d := newDesks(t)
	me := desk.Participant(d.one)
	got := must(d.Submit(t.Context(), me, []desk.Submitted{
		d.entry("k1", "record-medication", map[string]any{"name": secret, "dose": secret, "ongoing": true, "coded": "N05CH01"}),
		d.entry("k2", "report-device-incident", map[string]any{"what": "lost", "device": secret, "date": "2026-03-03", "consequence": "none", "coded": "oura"}),
	}))
	if got[0].Fate != desk.Accepted || got[1].Fate != desk.Accepted {
		t.Fatalf("%+v", got)
	}
	if d.ledgerHas(t, secret) || !d.ledgerHas(t, "N05CH01") {
		t.Error("her words are in the clear, or what they are coded as is not")
	}
	anna := staff("anna", study.RoleCoordinator, "main")
	anna.Strong = d.at
	read := func() (name, dose, device study.Words) {
		var m study.Medication
		var i study.DeviceIncident
		d.trial.View(func(s *study.State) {
			p := s.People[d.one]
			m, i = p.Medications[0].What, p.Incidents[0].What
		})
		if m.Called() != "N05CH01" || i.Called() != "oura" {
			t.Error("tables call them", m.Called(), i.Called())
		}
		shown := func(w string) study.Words {
			text, _ := must2(d.Words(t.Context(), anna, d.one, w))
			return study.Words(text)
		}
		return shown(m.Name), shown(m.Dose), shown(i.Device)
	}
	if name, dose, device := read(); name != secret || dose != secret || device != secret {
		t.Error("who may read words reads", name, dose, device)
	}
	if err := d.Forget(t.Context(), anna, d.one, "she asked"); err != nil {
		t.Fatal(err)
	}
	if name, dose, device := read(); name == secret || dose == secret || device == secret {
		t.Error("they can be read after the key is destroyed")
	}
}
