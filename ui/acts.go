package ui

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// acts are the commands that staff give by a form, by name. What is about a
// person's answers is in answers.go, and about one entry in corrections.go.
var acts = byName(
	act{
		name: "screen", title: "Screen a person", verb: "Save the screening", done: "The screening is saved.",
		intro:  "The person gets a code. No name is asked here. Whether the criteria are met is told after saving.",
		fields: screeningFields,
	},
	act{
		name: "consent", title: "Record a consent", verb: "Record the consent", done: "The consent is recorded.", person: true, group: "Trial",
		intro: "Only after the person has read the information in force, had all questions answered, and signed.", fields: consentFields,
		offered: func(_ *study.State, p *study.Participant) bool { return p.Eligible() && p.Closed == nil && inTrial(p) },
		due: func(s *study.State, p *study.Participant, now time.Time) bool {
			_, again := s.NeedsConsent(p, now)
			return again || len(p.Consents) == 0
		},
	},
	act{
		name: "enrol", title: "Enrol", verb: "Enrol", done: "Enrolled: the run-in begins today.", person: true, group: "Trial", fields: enrolFields,
		offered: func(_ *study.State, p *study.Participant) bool {
			return len(p.Consents) > 0 && p.Enrolled == nil && inTrial(p)
		},
	},
	act{
		name: "randomise", title: "Randomise", verb: "Randomise now", done: "Randomised.", person: true, group: "Trial",
		intro: "The next place on the sealed list of the person's stratum is the person's from then on. Nobody here learns what it holds.",
		grave: "The criteria are met, and the person wants to go on.",
		offered: func(s *study.State, p *study.Participant) bool {
			return p.Enrolled != nil && p.Randomised == nil && inTrial(p) && !s.Protocol.Minimises()
		},
	},
	act{
		name: "ask-for-place", gives: "randomise", title: "Ask to randomise", verb: "Ask for a place now", person: true, group: "Trial",
		done:  "A place is asked for. The custodian's program answers it; until then the person waits.",
		intro: "The custodian's program is asked for a place of the list, by the person's factors. It answers within seconds while it runs; while it does not, randomising waits. Nobody here learns what the place holds.",
		grave: "The criteria are met, and the person wants to go on.",
		offered: func(s *study.State, p *study.Participant) bool {
			return p.Enrolled != nil && p.Randomised == nil && inTrial(p) && s.Protocol.Minimises() && p.Allocation == nil
		},
	},
	act{
		name: "dispense", title: "Hand out a kit", verb: "Hand out", done: "The kit is recorded as handed out.", person: true, group: "Kits",
		fields: func(f *formFor) []field {
			return []field{f.visit("visit", func(v protocol.Visit) bool { return v.Dispense })}
		},
		offered: onTreatment,
	},
	act{
		name: "return", title: "Count back a kit", verb: "Save the count", done: "The count is saved.", person: true, group: "Kits", fields: returnFields,
		offered: func(_ *study.State, p *study.Participant) bool {
			return slices.ContainsFunc(p.Kits, func(k study.KitGiven) bool { return k.Returned == nil })
		},
	},
	act{
		name: "take-dose", title: "Record a dose", verb: "Save", done: "The dose is saved.", person: true, group: "Data", fields: doseFields,
		offered: func(s *study.State, p *study.Participant) bool {
			return onTreatment(s, p) && s.Protocol.Protocol().Dose != nil
		},
	},
	act{
		name: "note-event", title: "Note an intercurrent event", verb: "Save", done: "The event is noted.", person: true, group: "Data", fields: eventFields,
		offered: func(_ *study.State, p *study.Participant) bool { return p.Randomised != nil && inTrial(p) },
	},
	act{
		name: "report-adverse-event", title: "Report an adverse event", verb: "Save the report", done: "The adverse event is recorded.", person: true, group: "Safety",
		intro:  "Serious is what is fatal, threatens life, needs or prolongs a stay in hospital, disables for long, or harms an unborn child. What is serious is passed on within the protocol's hours.",
		fields: adverseFields, implies: ofDeath, offered: func(_ *study.State, p *study.Participant) bool { return len(p.Consents) > 0 },
	},
	act{
		name: "note-deviation", title: "Note a deviation", verb: "Save", done: "The deviation is noted.", person: true, group: "Safety", fields: deviationFields,
	},
	act{
		name: "withdraw", title: "Record a withdrawal", verb: "Record it", done: "The withdrawal is recorded.", person: true, reason: true, group: "Trial",
		intro: "What has been collected stays. A person need not give a reason; write what is known, without the person's name.", fields: withdrawFields,
		offered: func(_ *study.State, p *study.Participant) bool {
			return len(p.Consents) > 0 && inTrial(p) && p.Completed == nil
		},
	},
	act{
		name: "complete", title: "Complete the trial for this person", verb: "Complete", done: "Completed.", person: true, group: "Trial",
		intro: "After the last visit. Late entries and corrections still count until the lock.",
		offered: func(_ *study.State, p *study.Participant) bool {
			return p.Randomised != nil && p.Completed == nil && inTrial(p)
		},
	},
	act{
		name: "answer", title: "Fill in a form", verb: "Save the answers", done: "The answers are saved.", person: true, fields: answerFields,
		intro: "Enter what the person said or wrote. What was not answered stays empty: that is something else than 0.",
	},
	act{
		name: "correct", title: "Correct an entry", verb: "Save the correction", done: "The correction is saved. What stood there before stays to be seen.",
		person: true, reason: true, fields: correctFields,
	},
	act{
		name: "confirm-clock", title: "Confirm the clock", verb: "The clock is right", done: "The clock is confirmed.", reason: true, home: "/accounts",
		intro: "Compare the time that this page shows with a telephone first: what is entered by a clock that is ahead stays, and nothing can follow before that time.",
		fields: func(f *formFor) []field {
			return []field{{Name: "server", Label: f.t("Server, if not all"), Kind: textField}}
		},
	},
	act{
		name: "lock", title: "Lock the database", verb: "Lock", done: "The database is locked.",
		intro: "From then on nothing about a participant can be added. The dry run has shown what the report will look like.",
		grave: "All data are in, the queries are settled, and the dry run was read.", mayReason: true, sign: study.MeansResponsibility, home: "/end",
		fields: func(f *formFor) []field {
			return []field{{Name: "waive", Label: f.t("Although participants are not locked one by one, with a reason"), Kind: yesNoField, Need: true, Value: "no"}}
		},
	},
)

func byName(all ...act) map[string]act {
	out := map[string]act{}
	for _, a := range slices.Concat(all, conduct, settling, custodial) {
		out[a.name] = a
	}
	return out
}

func inTrial(p *study.Participant) bool {
	_, left := p.WithdrewFrom("follow-up")
	return !left
}

// onTreatment says whether somebody has what is treated with.
func onTreatment(_ *study.State, p *study.Participant) bool {
	_, stopped := p.WithdrewFrom("treatment")
	return p.Randomised != nil && !stopped && inTrial(p) && p.Completed == nil
}

func screeningFields(f *formFor) []field {
	site := field{Name: "site", Label: f.t("Site"), Kind: choiceField, Need: true}
	for _, x := range f.proto.Sites {
		if f.mayAt("screen", x.ID) {
			site.Options = append(site.Options, option{x.ID, x.Name})
		}
	}
	if len(site.Options) == 1 {
		site.Value = site.Options[0].Value
	}
	out := []field{site}
	for _, q := range f.proto.Population.Screening {
		x := field{Name: "answers." + q.Name, Label: f.in(q.Label), Unit: q.Unit, Need: q.AskIf == "", Min: bound(q.Min), Max: bound(q.Max)}
		switch q.Type {
		case "int", "number":
			x.Kind = numberField
		case "bool":
			x.Kind = yesNoField
		default:
			x.Kind = choiceField
			x.Options = f.options(q.Levels...)
		}
		out = append(out, x)
	}
	return out
}

func bound(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func consentFields(f *formFor) []field {
	lang := field{Name: "language", Label: f.t("Language of the information"), Kind: choiceField, Need: true}
	for _, l := range f.proto.Languages {
		lang.Options = append(lang.Options, option{string(l), f.t("language:" + string(l))})
	}
	out := []field{
		{Name: "version", Label: f.t("Version of the information"), Kind: textField, Fixed: true, Value: f.proto.Consent.Version, Need: true},
		lang,
	}
	asked := f.proto.Consent
	for _, q := range asked.Questions {
		x := field{Name: "understood." + q.ID, Label: f.in(q.Ask), Kind: optionField, Need: true}
		for i, o := range q.Options {
			x.Options = append(x.Options, option{strconv.Itoa(i), f.in(o)})
		}
		out = append(out, x)
	}
	for _, o := range asked.Optional {
		out = append(out, field{Name: "optional." + o.ID, Label: f.in(o.Label), Kind: yesNoField, Need: true})
	}
	if asked.Signature == "typed" {
		out = append(out, field{Name: "name", Label: f.t("The person's name, as typed"), Kind: textField, Need: true})
	}
	return out
}

func enrolFields(f *formFor) []field {
	return []field{
		{Name: "zone", Label: f.t("Time zone"), Kind: textField, Value: f.s.Protocol.Zone().String(), Need: true, Hint: f.t("as in Europe/Stockholm")},
		{Name: "wake", Label: f.t("Usually up at"), Kind: clockField, Value: "07:00", Need: true, Hint: f.t("as in 07:00")},
	}
}

// visit is a choice among the visits that fit, the one that is due chosen.
func (f *formFor) visit(name string, fits func(protocol.Visit) bool) field {
	x := field{Name: name, Label: f.t("Visit"), Kind: choiceField, Need: true, Value: f.query.Get(name)}
	for _, v := range f.s.Visits(f.p) {
		if fits(v) {
			x.Options = append(x.Options, option{v.ID, f.in(v.Label)})
		}
	}
	if x.Value == "" {
		for _, t := range f.s.Tasks(f.p, f.Office.Now()) {
			due := t.Kind == schedule.Visit && !f.today.Before(t.First) && !t.Last.Before(f.today)
			if due && slices.ContainsFunc(x.Options, func(o option) bool { return o.Value == t.Name }) {
				x.Value = t.Name
			}
		}
	}
	return x
}

func returnFields(f *formFor) []field {
	kit := field{Name: "kit", Label: f.t("Kit"), Kind: choiceField, Need: true}
	for _, k := range f.p.Kits {
		if k.Returned == nil {
			kit.Options = append(kit.Options, option{k.Kit, k.Kit + " (" + shortDate(f.lang, k.Date) + ")"})
		}
	}
	if len(kit.Options) == 1 {
		kit.Value = kit.Options[0].Value
	}
	unit := ""
	if f.proto.Dose != nil {
		unit = f.proto.Dose.Unit
	}
	return []field{
		f.visit("visit", func(v protocol.Visit) bool { return v.Return || f.p.OffTreatment() }), kit,
		{Name: "units", Label: f.t("Units that came back"), Kind: numberField, Need: true, Unit: unit, Min: "0"},
	}
}

func doseFields(f *formFor) []field {
	return []field{
		{Name: "date", Label: f.t("Evening of"), Kind: dateField, Need: true, Value: f.today.Add(-1).String(), Max: f.today.String()},
		{Name: "units", Label: f.t("Taken"), Kind: numberField, Need: true, Unit: f.proto.Dose.Unit, Min: "0"},
	}
}

func eventFields(f *formFor) []field {
	names := map[string]bool{}
	for _, n := range []string{study.EventStoppedDose, study.EventSleepAid, study.EventTravel, study.EventRingLost} {
		names[n] = true
	}
	for _, e := range f.proto.Estimands {
		for _, v := range e.Events {
			names[v.Event] = v.Event != study.EventWithdrew && v.Event != study.EventDied && v.Event != study.EventUnblinded // follow from acts of their own
		}
	}
	maps.DeleteFunc(names, func(_ string, yes bool) bool { return !yes })
	return []field{
		{Name: "event", Label: f.t("Event"), Kind: choiceField, Need: true, Options: f.options(slices.Sorted(maps.Keys(names))...)},
		{Name: "from", Label: f.t("From"), Kind: dateField, Need: true, Value: f.today.String()},
		{Name: "to", Label: f.t("To"), Kind: dateField, Hint: f.t("empty: until the end")},
		{Name: "note", Label: f.t("Note"), Kind: areaField},
	}
}

func deviationFields(f *formFor) []field {
	return []field{
		{Name: "code", Label: f.t("Deviation"), Kind: textField, Need: true, Hint: f.t("a code in small letters, as in kit-mix-up")},
		{Name: "date", Label: f.t("Date"), Kind: dateField, Need: true, Value: f.today.String()},
		{Name: "note", Label: f.t("Note"), Kind: areaField, Need: true},
	}
}

func withdrawFields(f *formFor) []field {
	from := field{Name: "from", Label: f.t("The person leaves"), Kind: choiceField, Need: true, Options: []option{
		{study.FromTreatment, f.t("the treatment, and stays in the trial")},
		{study.FromDevice, f.t("the ring, and stays in the trial")},
		{study.FromFollowUp, f.t("the trial")},
		{study.FromIdentifiers, f.t("the trial, and name and words are erased")},
	}}
	if f.p.Randomised == nil {
		from.Options = from.Options[1:]
	}
	return []field{
		from,
		{Name: "why", Label: f.t("Why"), Kind: choiceField, Need: true, Options: f.options(study.Vocabulary("why")...), Hint: f.t("of a death, report the adverse event with its fatal outcome: that ends the person's part by itself")},
		{Name: "date", Label: f.t("Died on"), Kind: dateField, Max: f.today.String(), Hint: f.t("of a death alone")},
	}
}
