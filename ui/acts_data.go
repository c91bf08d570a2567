package ui

import (
	"dvala/schedule"
	"dvala/study"
)

// settling are the acts by which data are asked about, held against their source,
// signed, locked, and let off.
var settling = []act{
	{
		name: "raise-query", title: "Raise a query", verb: "Raise it", done: "The query is raised.", person: true, group: "Data",
		fields: func(f *formFor) []field {
			var out []field
			if f.given("entry") != "" {
				out = append(out, f.fixedNumber("entry", f.t("Entry")))
			}
			if name := f.given("field"); name != "" {
				out = append(out, field{Name: "field", Label: f.t("Field"), Kind: textField, Fixed: true, Value: name})
			}
			return append(out, field{Name: "text", Label: f.t("The question"), Kind: areaField, Need: true})
		},
		offered: consentedIn,
	},
	{
		name: "answer-query", title: "Answer the query", verb: "Answer", done: "The query is answered.", person: true,
		intro: "Say what there is to say. The value itself is corrected where it stands.",
		fields: func(f *formFor) []field {
			return []field{f.fixedNumber("query", f.t("Query")), {Name: "text", Label: f.t("The answer"), Kind: areaField, Need: true}}
		},
	},
	{
		name: "close-query", title: "Close the query", verb: "Close", done: "The query is closed.", person: true, mayReason: true,
		fields: func(f *formFor) []field {
			return []field{f.fixedNumber("query", f.t("Query")), {Name: "waive", Label: f.t("Without an answer, with a reason"), Kind: yesNoField, Need: true, Value: "no"}}
		},
	},
	{
		name: "reopen-query", title: "Take the query up again", verb: "Reopen", done: "The query is open again.", person: true, reason: true,
		fields: func(f *formFor) []field { return []field{f.fixedNumber("query", f.t("Query"))} },
	},
	{
		name: "verify-source", title: "Held against the source", verb: "Confirm", done: "The entry is recorded as held against its source.", person: true,
		fields: func(f *formFor) []field { return []field{f.fixedNumber("entry", f.t("Entry"))} },
	},
	{
		name: "lock-form", title: "Lock the form", verb: "Sign and lock", done: "The form is locked.", person: true, sign: study.MeansResponsibility,
		intro:  "What it says is not corrected any more, unless two people unlock it.",
		fields: func(f *formFor) []field { return []field{f.fixedNumber("entry", f.t("Entry"))} },
	},
	{
		name: "lock-person", title: "Sign and lock this participant", verb: "Sign and lock", done: "The participant is locked.", person: true, group: "Trial",
		sign: study.MeansResponsibility, grave: "I have reviewed what is known of this person, and it is complete and right.",
		offered: func(_ *study.State, p *study.Participant) bool {
			return p.Locked == nil && (p.Completed != nil || !inTrial(p)) && len(p.OpenQueries()) == 0
		},
	},
	{
		name: "unlock", title: "Propose to unlock", verb: "Propose", done: "Proposed: a second person has to approve it.", person: true, reason: true, group: "Trial",
		fields: func(f *formFor) []field {
			return []field{{Name: "what", Label: f.t("What"), Kind: textField, Fixed: true, Value: "person"}}
		},
		offered: func(_ *study.State, p *study.Participant) bool { return p.Locked != nil },
	},
	{
		name: "excuse", title: "Let off a task", verb: "Let off", done: "The task is let off.", person: true, reason: true, group: "Data",
		fields: func(f *formFor) []field {
			return []field{
				{Name: "task", Label: f.t("What"), Kind: choiceField, Need: true, Options: []option{
					{string(schedule.Diary), f.t("kind:diary")}, {string(schedule.Device), f.t("kind:device")}, {string(schedule.Visit), f.t("kind:visit")},
				}},
				{Name: "name", Label: f.t("Name of the visit, or of the device's maker"), Kind: textField},
				{Name: "date", Label: f.t("Night to"), Kind: dateField},
			}
		},
		offered: func(_ *study.State, p *study.Participant) bool {
			return p.Enrolled != nil && inTrial(p) && p.Completed == nil
		},
	},
}
