package protocol

import "slices"

// SpiritItem is one row of the SPIRIT 2025 checklist: what a protocol should
// say. Titles are short ones of our own.
type SpiritItem struct {
	Number string `json:"number"` // "7b"
	Title  string `json:"title"`
	// Field is where the file answers it, when a field does; other items are
	// answered in free text under spirit.
	Field string `json:"field,omitempty"`
}

type spiritRow struct {
	SpiritItem
	answered func(Protocol) bool
}

// row makes an item that fields answer; text one that only free text does.
func row(number, title, field string, answered func(Protocol) bool) spiritRow {
	return spiritRow{SpiritItem{number, title, field}, answered}
}

func text(number, title string) spiritRow {
	return spiritRow{SpiritItem{number, title, ""}, func(Protocol) bool { return false }}
}

// always answers an item that no protocol can pass Parse without.
func always(Protocol) bool { return true }

// spirit is the checklist: 34 items, 53 rows with their parts.
//
// Source: SPIRIT 2025 statement (CC BY), consort-spirit.org. Fields are counted
// as an answer only where they say all that the item asks for.
var spirit = []spiritRow{
	row("1a", "title that tells the design, population and interventions", "title", always),
	text("1b", "structured summary of the trial's design and methods"),
	row("2", "version of the protocol", "version", always),
	text("3a", "names, affiliations and roles of the contributors"),
	row("3b", "name and contact of the sponsor", "sponsor.name", func(p Protocol) bool { return p.Sponsor.Name != "" }),
	text("3c", "role of sponsor and funder in design, conduct, analysis and report"),
	text("3d", "committees and others who oversee the trial"),
	row("4", "registry, identifier and date of registration", "registry", func(p Protocol) bool {
		return slices.ContainsFunc(p.Registry, func(r Registry) bool { return r.ID != "" && !r.Registered.IsZero() })
	}),
	text("5", "where protocol and statistical analysis plan can be read"),
	text("6", "where and how data, code and materials can be had"),
	row("7a", "sources of funding and other support", "sponsor.funding", func(p Protocol) bool { return p.Sponsor.Funding != "" }),
	row("7b", "financial and other interests of those responsible", "sponsor.interests", func(p Protocol) bool { return p.Sponsor.Interests != "" }),
	text("8", "how results will reach participants, professionals and the public"),
	text("9a", "scientific background and rationale, with benefits and harms so far"),
	text("9b", "why this comparator"),
	row("10", "objectives, on benefits and harms", "question", func(p Protocol) bool { return p.Question != "" && len(p.Safety.Expected) > 0 }),
	text("11", "involvement of patients and the public"),
	row("12", "kind of trial, ratio and framework", "design", always),
	text("13", "settings and places"),
	row("14a", "who can take part", "population", always),
	text("14b", "who can deliver the interventions or be a site"),
	row("15a", "interventions and comparator, in enough detail to repeat them", "arms, dose", func(p Protocol) bool { return p.Dose != nil }),
	text("15b", "when an intervention is changed or stopped for a participant"),
	row("15c", "how adherence is helped and measured", "dose.adherent_at, visits.return", func(p Protocol) bool {
		return p.Dose != nil && slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.Return })
	}),
	text("15d", "other care that is allowed or forbidden"),
	row("16", "outcomes: variable, metric, summary and time", "outcomes, estimands", always),
	row("17", "how harms are defined and asked for", "safety", func(p Protocol) bool { return len(p.Safety.Expected) > 0 && len(p.Safety.Contact) > 0 }),
	row("18", "schedule of enrolment, interventions and visits", "visits", always),
	row("19", "sample size with its reasons", "design.sample_size", func(p Protocol) bool { return p.Design.SampleSize != "" }),
	text("20", "how enough participants will be found"),
	row("21a", "who makes the allocation sequence, and how", "randomisation, custodian", always),
	row("21b", "type of randomisation and its restrictions", "randomisation", always),
	row("22", "how the sequence is concealed", "custodian", func(p Protocol) bool {
		return p.Custodian.Recipient != "" && p.Custodian.Recipient != RecipientPlaceholder
	}),
	text("23", "who reaches the sequence, enrols and assigns"),
	row("24a", "who does not know the arms", "blinding.who", func(p Protocol) bool { return len(p.Blinding.Who) > 0 }),
	text("24b", "how the blind is kept, and what makes the interventions alike"),
	text("24c", "when and how a participant's arm may be revealed"),
	row("25a", "how outcomes and other data are collected", "visits, diary, devices", always),
	text("25b", "how participants are kept in, and what is collected of those who leave"),
	text("26", "how data are entered, coded, kept secure and checked"),
	row("27a", "statistical methods for each outcome", "estimands.model, multiplicity", always),
	row("27b", "who is analysed, and in which group", "estimands.population", always),
	text("27c", "how missing data are handled"),
	text("27d", "further analyses: subgroups, sensitivity"),
	text("28a", "data monitoring committee, or why there is none"),
	text("28b", "interim analyses and rules for stopping"),
	text("29", "how the conduct of the trial is monitored"),
	text("30", "approval by a research ethics committee"),
	text("31", "how changes to the protocol are told to those concerned"),
	row("32a", "who asks for consent, and how", "consent", func(p Protocol) bool { return p.Consent.Version != "" && len(p.Consent.Text) > 0 }),
	text("32b", "consent to further use of data and samples"),
	text("33", "how personal information is kept confidential"),
	text("34", "care and compensation during and after the trial"),
}

// SpiritItems gives the whole checklist, in its order.
func SpiritItems() []SpiritItem {
	out := make([]SpiritItem, len(spirit))
	for i, r := range spirit {
		out[i] = r.SpiritItem
	}
	return out
}

// Unanswered gives the items of SPIRIT 2025 that the file answers neither by a
// field nor under spirit.
func Unanswered(c Checked) []SpiritItem {
	var out []SpiritItem
	for _, r := range spirit {
		if c.c.p.Spirit[r.Number] == "" && !r.answered(c.c.p) {
			out = append(out, r.SpiritItem)
		}
	}
	return out
}

// spiritKeys refuses answers to items that are not in the checklist.
func (k *checker) spiritKeys() {
	var known []string
	for _, r := range spirit {
		known = append(known, r.Number)
	}
	for _, key := range sortedKeys(k.p.Spirit) {
		if slices.Contains(known, key) {
			continue
		}
		p := k.add("spirit-item", join("spirit", key), "SPIRIT 2025 has no item %q", clip(key))
		if slices.Contains(known, key+"a") {
			p.WithHint("it has the parts %sa, %sb …", key, key)
		} else {
			p.WithHint("items are 1a to 34, as in 7b or 11")
		}
	}
}
