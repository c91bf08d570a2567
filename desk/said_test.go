package desk_test

import (
	"encoding/json"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// Programs read what an entry says in English, codes as they are and dates as
// 2026-03-14, whatever languages its parts are said in elsewhere.
func TestAboutIsEnglish(t *testing.T) {
	day, n := civil.On(2026, 3, 14), uint64(7)
	for want, ev := range map[string]study.Event{
		"version 2 · main · from 2026-03-14":       study.AmendmentInForce{Version: "2", Site: "main", From: day},
		"query entry 7 · waived":                   study.QueryClosed{Query: 7, How: "waived"},
		"1 task":                                   study.Missed{Tasks: make([]study.TaskRef, 1)},
		"3 tasks":                                  study.Missed{Tasks: make([]study.TaskRef, 3)},
		"entry 7 · answers.sol · bed-long":         study.QueryRaised{Entry: &n, Field: "answers.sol", Rule: "bed-long"},
		"not eligible: adult, sleeper":             study.Screened{Failed: []string{"adult", "sleeper"}},
		"not eligible":                             study.Screened{},
		"2026-03-14 · sex female · slot 3":         study.Randomised{Date: day, Cell: "sex=female", Slot: 3},
		`entry 7, units: 3 → "x"`:                  study.Corrected{Entry: 7, Field: "units", Old: json.RawMessage("3"), New: json.RawMessage(`"x"`)},
		"entry 7 · by the holder 2":                study.UnblindingGranted{Request: 7, By: "holder", Holder: 2},
		"main · 2 kits · expire 2026-03-14":        study.KitsReceived{Site: "main", Kits: []string{"a", "b"}, Expires: day},
		"main · 1 kit":                             study.KitsReceived{Site: "main", Kits: []string{"a"}},
		"mail, push":                               study.RemindersChanged{Channels: []string{"mail", "push"}},
		"−3600.5 s":                                study.ClockJumped{Seconds: -3600.5},
		"entry 7 · to sponsor · 2026-03-14 19:05Z": study.SeriousReported{Event: 7, To: "sponsor", On: time.Date(2026, 3, 14, 19, 5, 0, 0, time.UTC)},
		"visit-outside-window · visit day-7 counts from 2026-03-14 to …": study.Deviation{Code: "visit-outside-window", Note: "visit day-7 counts from 2026-03-14 to …"},
		"csd · night to 2026-03-14 · late":                               study.Answered{Instrument: "csd", Night: day, Late: true},
		"":                                                               study.PersonLocked{},
	} {
		if got := desk.About(ev); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What the program itself writes onto the ledger is known again: the note of
// every deviation that it finds in random lives, in a phrase of its own, with the
// same words.
func TestOwnSentencesAreKnown(t *testing.T) {
	own := map[string]bool{}
	for _, code := range study.Vocabulary("deviation") {
		own[code] = true
	}
	found := map[string]int{}
	for seed := range uint64(4) {
		l := desktest.NewLives(t, "../study/testdata/small.yaml", seed)
		for range 400 {
			l.Step()
		}
		for _, p := range l.State.People {
			for _, d := range p.Deviations {
				if !own[d.Code] {
					continue
				}
				found[d.Code]++
				if part := desk.Note(d.Note); part.Phrase == "%s" {
					t.Errorf("%s is no sentence that is known: %q", d.Code, d.Note)
				} else if back := (desk.Said{part}).English(); back != d.Note {
					t.Errorf("%q comes back as %q", d.Note, back)
				}
			}
		}
	}
	if len(found) < 2 {
		t.Error("hardly any deviation was found:", found)
	}
	if p := desk.Note("she told it on the telephone"); p.Phrase != "%s" {
		t.Error("somebody's own words pass for the program's")
	}
}
