package report

import (
	"strings"

	"dvala/protocol"
)

// consortItem is one row of the CONSORT 2025 checklist: its number, its topic
// in a few words of ours, where this report answers it, or why it does not; in
// English, and said in the reader's language by consort.
type consortItem struct{ no, topic, where, lacks string }

const (
	forAuthors = "for the authors"
	inProtocol = "in the protocol"
)

// consort says which section answers which item, and which items nothing here
// answers.
func (t trial) consort() section {
	s := section{ID: "consort", Title: t.Say("CONSORT 2025, item by item")}
	tb := &table{Caption: t.Say("CONSORT 2025 checklist"), Head: []string{t.Say("Item"), t.Say("Where"), t.Say("Not in this report")}, Words: true}
	answered := 0
	items := t.consortItems()
	for _, i := range items {
		where, lacks := t.Say(i.where), t.Say(i.lacks)
		if where != "" {
			answered++
		} else {
			where = "–"
		}
		if lacks == "" {
			lacks = "–"
		}
		tb.Rows = append(tb.Rows, row{Head: i.no + " " + t.Say(i.topic), Cells: []string{where, lacks}})
	}
	tb.Note = t.Say("Topics in our words after Hopewell et al. 2025 (doi:10.1371/journal.pmed.1004587). The protocol is the file whose hash stands under How to get this report again.")
	tb.Folded = true
	s.Blocks = append(s.Blocks, block{Text: t.Say("%s of the checklist’s %s rows are answered here, wholly or in part. The rest is the authors’ to write, or stands in the protocol.", number(uint64(answered)), number(uint64(len(items))))}, block{Table: tb})
	return s
}

func (t trial) consortItems() []consortItem {
	titled := consortItem{"1a", "identified as randomised", "the line above the title", "the title itself does not say so"}
	if strings.Contains(strings.ToLower(t.Trial.Title), "random") {
		titled.where, titled.lacks = "title", ""
	}
	registry := consortItem{"2", "registration", "", "the protocol names no registration"}
	if len(t.Trial.Registry) > 0 {
		registry.where, registry.lacks = "first screen", ""
	}
	dates := consortItem{"23a", "dates of recruitment and follow-up", "", "the dates are not recorded"}
	if t.Trial.FirstScreened != "" {
		dates.where, dates.lacks = "How to get this report again", "the date of the last visit"
	}
	blinded := consortItem{"20a", "who was blinded", "Methods", inProtocol}
	crossover := "ratio: in the protocol"
	if t.Trial.Design == protocol.Crossover {
		crossover = "length of periods and washout: in the protocol"
	}
	explored := len(t.place(protocol.Exploratory)) > 0
	return append([]consortItem{
		titled,
		{"1b", "structured summary", "first screen", "a summary in a journal’s form"},
		registry,
		{"3", "where protocol and analysis plan are", "How to get this report again; Methods", "a public address"},
		{"4", "sharing of data and code", "How to get this report again", "a public address"},
		{"5a", "funding", "", inProtocol},
		{"5b", "interests", "", forAuthors},
		{"6", "background", "", forAuthors},
		{"7", "objectives, benefits and harms", "first screen", ""},
		{"8", "involvement of patients and public", "", forAuthors},
		{"9", "design", "first screen; Methods", crossover},
		{"10", "changes after the start", "first screen; Deviations from the protocol", ""},
		{"11", "setting", "", inProtocol},
		{"12a", "eligibility of people", "", inProtocol},
		{"12b", "eligibility of sites and providers", "", forAuthors},
		{"13", "intervention and comparator", "names only", inProtocol},
		{"14", "outcomes", "Primary, Secondary and Exploratory estimands", ""},
		{"15", "how harms were defined and asked", "", inProtocol},
		{"16a", "sample size", "", inProtocol},
		{"16b", "interim analyses and stopping", "", "none is possible in this version of the program"},
		{"17a", "how the sequence was made", "Methods", inProtocol},
		{"17b", "type of randomisation", "Methods", inProtocol},
		{"18", "concealment", "How to get this report again: the sealed list", ""},
		{"19", "who enrolled and assigned", "", forAuthors},
		blinded,
		{"20b", "how blinding was achieved", given(t.Guess != nil, "Blinding: whether it held"), inProtocol},
		{"21a", "statistical methods", "Methods; each estimand", ""},
		{"21b", "who is in each analysis", "Flow of participants; each estimand", ""},
		{"21c", "missing data", given(len(t.Missing) > 0, "Methods; What was missing, and why"), notCounted(len(t.Missing) > 0)},
		{"21d", "additional analyses", given(explored, "Exploratory estimands"), none(explored)},
	}, t.consortResults(dates, explored)...)
}

// given is where an item is answered, if it is.
func given(ok bool, where string) string {
	if ok {
		return where
	}
	return ""
}

func notCounted(ok bool) string { return given(!ok, "not in the data of this trial") }

func none(ok bool) string { return given(!ok, "the protocol states none") }

func (t trial) consortResults(dates consortItem, explored bool) []consortItem {
	return []consortItem{
		{"22a", "flow", "Flow of participants", ""},
		{"22b", "losses and exclusions", "Flow of participants", ""},
		dates,
		{"23b", "why the trial ended", "", forAuthors},
		{"24a", "what was delivered, adherence", given(len(t.Adherence) > 0, "Adherence"), notCounted(len(t.Adherence) > 0)},
		{"24b", "other care", "", forAuthors},
		{"25", "baseline table", given(len(t.Baseline) > 0, "Who took part"), notCounted(len(t.Baseline) > 0)},
		{"26", "numbers analysed, outcomes and estimates", "Primary, Secondary and Exploratory estimands", ""},
		{"27", "harms", given(t.harmsKnown(), "Adverse events"), notCounted(t.harmsKnown())},
		{"28", "ancillary analyses", given(explored, "Exploratory estimands"), none(explored)},
		{"29", "interpretation", "what each interval means", "in the light of other evidence: for the authors"},
		{"30", "limitations", "", forAuthors},
	}
}
