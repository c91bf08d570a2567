package ui

import (
	"cmp"
	"slices"
	"strconv"

	"dvala/civil"
	"dvala/study"
)

// conduct are the acts around a trial: who never came in, what happens beside
// the treatment, harms as they go on, kits that are lost, emergencies, and what
// wants two people.
var conduct = []act{
	{
		name: "log-not-screened", home: "/screening", title: "Log somebody who was not screened", verb: "Log", done: "It is in the screening log.",
		intro: "Who was asked and never came as far as screening: without a code, without a name, and without a word more.", fields: notScreenedFields,
	},
	{
		name: "close-screening", title: "Close the screening", verb: "Close", done: "The screening is closed.", person: true, group: "Trial",
		fields: func(f *formFor) []field { return append(notScreenedFields(f)[1:], f.note()) },
		offered: func(_ *study.State, p *study.Participant) bool {
			return p.Enrolled == nil && p.Closed == nil
		},
	},
	{
		name: "override-eligibility", title: "Propose to let the person in all the same", verb: "Propose", done: "Proposed: an investigator has to approve it.",
		intro: "An investigator other than you has to sign it, and it is a deviation.", person: true, reason: true, group: "Trial",
		fields: func(f *formFor) []field {
			return []field{{Name: "criteria", Label: f.t("Criteria not met"), Kind: wordsField, Fixed: true, Value: joined(f.p.Screening.Failed)}}
		},
		offered: func(_ *study.State, p *study.Participant) bool { return !p.Eligible() && p.Closed == nil },
	},
	{
		name: "update-adverse-event", title: "Follow up the adverse event", verb: "Save the new version", done: "The new version is saved; the earlier ones stay.",
		person: true, fields: updateFields, implies: ofDeath,
	},
	{
		name: "report-serious", title: "The serious event was passed on", verb: "Save", done: "It is recorded as passed on.", person: true,
		fields: func(f *formFor) []field {
			return []field{
				f.fixedNumber("event", f.t("Adverse event")),
				{Name: "to", Label: f.t("To whom"), Kind: listField, Need: true, Options: f.options("sponsor", "authority", "ethics-committee", "safety-board", "other")},
				{Name: "on", Label: f.t("When"), Kind: momentField, Need: true, Zone: f.zone, Value: f.now.In(f.zone).Format(momentForm)},
			}
		},
	},
	{
		name: "record-medication", title: "Record a medicine", verb: "Save", done: "The medicine is recorded.", person: true, group: "Safety", fields: medicineFields, offered: consentedIn,
	},
	{
		name: "report-pregnancy", title: "Report a pregnancy", verb: "Save", done: "The pregnancy is recorded, and is followed to its end.", person: true, group: "Safety",
		fields: func(f *formFor) []field {
			return []field{
				{Name: "whose", Label: f.t("Whose"), Kind: choiceField, Need: true, Options: f.options("participant", "partner")},
				{Name: "known", Label: f.t("Known since"), Kind: dateField, Need: true, Max: f.today.String()},
				{Name: "due", Label: f.t("Expected on"), Kind: dateField},
				f.note(),
			}
		},
		offered: func(_ *study.State, p *study.Participant) bool { return len(p.Consents) > 0 },
	},
	{
		name: "follow-pregnancy", title: "Follow up the pregnancy", verb: "Save", done: "The follow-up is saved.", person: true,
		fields: func(f *formFor) []field {
			return []field{
				f.fixedNumber("pregnancy", f.t("Pregnancy")),
				{Name: "date", Label: f.t("Date"), Kind: dateField, Need: true, Value: f.today.String()},
				{Name: "outcome", Label: f.t("Outcome"), Kind: listField, Need: true, Options: f.options("ongoing", "live-birth", "miscarriage", "termination", "stillbirth", "unknown")},
				f.note(),
			}
		},
	},
	{
		name: "report-device-incident", title: "Report an incident with a device", verb: "Save", done: "The incident is recorded.", person: true, group: "Safety", fields: incidentFields,
		offered: func(s *study.State, p *study.Participant) bool {
			return len(p.Consents) > 0 && s.AsksDevice(p)
		},
	},
	{
		name: "review-deviation", title: "Judge the deviation", verb: "Save", done: "The judgement is saved.", person: true,
		fields: func(f *formFor) []field {
			return []field{
				f.fixedNumber("entry", f.t("Deviation")),
				{Name: "category", Label: f.t("It is"), Kind: choiceField, Need: true, Options: f.options("minor", "major")},
				f.note(),
			}
		},
	},
	{
		name: "receive-kits", home: "/stock", title: "Receive kits", verb: "Receive", done: "The kits are in stock.",
		intro: "Scan or type the numbers as they are printed. From its first consignment on, a site hands out only what it has received.",
		fields: func(f *formFor) []field {
			return []field{
				f.site(),
				{Name: "kits", Label: f.t("Kits"), Kind: wordsField, Need: true, Hint: f.t("one a line, or with spaces between")},
				{Name: "expires", Label: f.t("Good until"), Kind: dateField},
			}
		},
	},
	{
		name: "note-kit", home: "/stock", title: "A kit is not fit to be handed out", verb: "Save", done: "The kit is set aside.",
		fields: func(f *formFor) []field {
			return []field{{Name: "kit", Label: f.t("Kit"), Kind: textField, Need: true}, f.unfit()}
		},
	},
	{
		name: "replace-kit", title: "Replace a kit", verb: "Hand out the next", done: "The next kit of the same person is recorded as handed out.", person: true, reason: true, group: "Kits",
		intro:  "For one that is lost or spoilt. It is the next of the person's own chain: nobody chooses by arm.",
		fields: func(f *formFor) []field { return []field{f.given1("kit"), f.unfit()} },
		offered: func(s *study.State, p *study.Participant) bool {
			return onTreatment(s, p) && slices.ContainsFunc(p.Kits, func(k study.KitGiven) bool { return k.Returned == nil && k.Replaced == "" })
		},
	},
	{
		name: "request-unblinding", title: "Emergency: tell a physician what the person takes", verb: "Ask for it", done: "Asked for. The custodian or the holders now send their part.",
		intro:  "Step one of three. Only where the person's treatment depends on it. The answer is readable by the physician named here alone; nobody at this desk learns it. The entry stays, with your name.",
		person: true, reason: true, sign: study.MeansResponsibility, group: "Emergency",
		fields: func(f *formFor) []field {
			out := []field{
				{Name: "physician", Label: f.t("Physician who treats the person"), Kind: textField, Need: true},
				{Name: "recipient", Label: f.t("The physician's public key"), Kind: textField, Need: true, Hint: f.t("the line that begins with age1, which dvala key physician tells her")},
			}
			if len(f.p.AdverseLog) > 0 {
				out = append(out, f.harm())
			}
			return out
		},
		offered: func(_ *study.State, p *study.Participant) bool { return p.Randomised != nil },
	},
	{
		name: "confirm-unblinding", title: "The physician has read it", verb: "Confirm", done: "Confirmed.", person: true, group: "Emergency",
		fields: func(f *formFor) []field {
			x := field{Name: "request", Label: f.t("Request"), Kind: numberField, Fixed: true}
			for _, u := range f.p.Unblindings {
				if u.Confirmed.IsZero() {
					x.Value = strconv.FormatUint(u.Entry, 10)
				}
			}
			return []field{x}
		},
		offered: func(_ *study.State, p *study.Participant) bool {
			return slices.ContainsFunc(p.Unblindings, func(u study.Unblinding) bool { return u.Confirmed.IsZero() })
		},
	},
	{
		name: "put-amendment-in-force", home: "/protocol", title: "Put an amendment in force", verb: "Put in force", done: "The amendment is in force from that day.",
		fields: func(f *formFor) []field {
			x := field{Name: "version", Label: f.t("Version"), Kind: choiceField, Need: true}
			for _, m := range f.s.Amendments {
				x.Options = append(x.Options, option{m.Version, m.Version + ": " + m.Summary})
			}
			return []field{x, f.site(), {Name: "from", Label: f.t("From"), Kind: dateField, Need: true, Value: f.today.String()}}
		},
	},
}

func consentedIn(_ *study.State, p *study.Participant) bool {
	return len(p.Consents) > 0 && inTrial(p) && p.Completed == nil
}

func joined(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += " "
		}
		out += w
	}
	return out
}

func (f *formFor) note() field { return field{Name: "note", Label: f.t("Note"), Kind: areaField} }

func (f *formFor) site() field {
	x := field{Name: "site", Label: f.t("Site"), Kind: choiceField, Need: true}
	for _, s := range f.proto.Sites {
		x.Options = append(x.Options, option{s.ID, s.Name})
	}
	if len(x.Options) == 1 {
		x.Value = x.Options[0].Value
	}
	return x
}

func (f *formFor) unfit() field {
	return field{Name: "what", Label: f.t("What is the matter"), Kind: choiceField, Need: true, Options: f.options(study.KitLost, study.KitDamaged, study.KitExpired, study.KitRecall)}
}

// fixedNumber is an entry that the link to the form names.
func (f *formFor) fixedNumber(name, label string) field {
	return field{Name: name, Label: label, Kind: numberField, Fixed: true, Value: f.given(name), Need: true}
}

// harm is the adverse event because of which somebody is to be unblinded, if there
// is one: those of the person, the latest first.
func (f *formFor) harm() field {
	x := field{Name: "event", Label: f.t("Because of"), Kind: entryField, Hint: f.t("an adverse event of this person; one that is told later can name this request"), Value: f.query.Get("event")}
	for _, r := range slices.Backward(f.p.AdverseLog) {
		now := r.Now()
		x.Options = append(x.Options, option{strconv.FormatUint(r.Entry, 10), cmp.Or(now.Coded, now.Term)})
	}
	return x
}

// unblinding is the emergency that an adverse event led to, where one of the
// person's was told before the event.
func (f *formFor) unblinding() field {
	x := field{Name: "unblinding", Label: f.t("Led to the emergency unblinding"), Kind: entryField, Hint: f.t("where it was asked for before this was told")}
	for _, u := range slices.Backward(f.p.Unblindings) {
		x.Options = append(x.Options, option{strconv.FormatUint(u.Entry, 10), u.Physician})
	}
	return x
}

// given1 is a choice among the kits that somebody has.
func (f *formFor) given1(name string) field {
	x := field{Name: name, Label: f.t("Kit"), Kind: choiceField, Need: true, Value: f.query.Get(name)}
	for _, k := range f.p.Kits {
		if k.Returned == nil && k.Replaced == "" {
			x.Options = append(x.Options, option{k.Kit, k.Kit + " (" + shortDate(f.lang, k.Date) + ")"})
		}
	}
	if len(x.Options) == 1 {
		x.Value = x.Options[0].Value
	}
	return x
}

func notScreenedFields(f *formFor) []field {
	return []field{
		f.site(),
		{Name: "why", Label: f.t("Why"), Kind: choiceField, Need: true, Options: f.options(study.WhyNot()...)},
	}
}

func medicineFields(f *formFor) []field {
	return []field{
		{Name: "name", Label: f.t("Medicine"), Kind: textField, Need: true},
		{Name: "coded", Label: f.t("Coded as"), Kind: textField, Hint: f.t("an ATC code, or what a dictionary of medicines calls it; tables have this, and the person's own words stay under the person's key")},
		{Name: "dose", Label: f.t("Dose"), Kind: textField, Hint: f.t("as in 5 mg in the evening")},
		{Name: "indication", Label: f.t("For what"), Kind: textField},
		{Name: "start", Label: f.t("Since"), Kind: dateField},
		{Name: "ongoing", Label: f.t("Goes on"), Kind: yesNoField, Need: true},
		{Name: "stop", Label: f.t("Until"), Kind: dateField},
		f.note(),
	}
}

func incidentFields(f *formFor) []field {
	device := field{Name: "device", Label: f.t("Device"), Kind: textField, Need: true}
	coded := field{Name: "coded", Label: f.t("Which of the trial's devices"), Kind: listField, Hint: f.t("tables have this; what is told of the device in words stays under the person's key")}
	for _, d := range f.proto.Devices {
		coded.Options = append(coded.Options, option{d.Vendor, f.words.coded(f.lang, "vendor:", d.Vendor)})
	}
	if len(coded.Options) > 0 {
		device.Value, coded.Value = coded.Options[0].Value, coded.Options[0].Value
	}
	return []field{
		device, coded,
		{Name: "what", Label: f.t("What happened"), Kind: listField, Need: true, Options: f.options("malfunction", "lost", "skin-reaction", "injury", "wrong-data", "worn-by-other", "other")},
		{Name: "date", Label: f.t("Date"), Kind: dateField, Need: true, Value: f.today.String(), Max: f.today.String()},
		{Name: "consequence", Label: f.t("Consequence"), Kind: choiceField, Need: true, Options: f.options("none", "data-lost", "device-replaced", "harm")},
		f.note(),
	}
}

// updateFields are those of an adverse event as it stands, to be changed.
func updateFields(f *formFor) []field {
	out := append([]field{f.fixedNumber("event", f.t("Adverse event"))}, adverseFields(f)...)
	for _, r := range f.p.AdverseLog {
		if strconv.FormatUint(r.Entry, 10) != out[0].Value {
			continue
		}
		now := r.Now()
		values := map[string]string{
			"term": now.Term, "coded": now.Coded, "onset": now.Onset.String(), "end": dateOr(now.End), "severity": now.Severity, "related": now.Related,
			"outcome": now.Outcome, "serious": yesNo(now.Serious), "expected": now.Expected, "action": now.Action, "criteria": joined(now.Criteria),
			"unblinding": entryOr(now.Unblinding),
		}
		for i := range out {
			if v, ok := values[out[i].Name]; ok {
				out[i].Value = v
			}
		}
	}
	return out
}

// entryOr is an entry's number; nothing of none.
func entryOr(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

func dateOr(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
