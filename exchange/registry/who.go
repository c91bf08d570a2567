// Package registry writes what a public register asks of a trial: the 24 items
// of the WHO Trial Registration Data Set (version 1.3.1), and the elements of
// ClinicalTrials.gov under the names of its data structure (version 2 of its
// API), before the trial from the protocol alone and afterwards with the results.
//
// What a protocol does not say is not made up: it is named as open, with what is
// asked for, so that a person fills it in.
package registry

import (
	"fmt"
	"strings"

	"dvala/civil"
	"dvala/protocol"
)

// Item is one item of the WHO data set.
type Item struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	// Open says what is asked for, where the protocol does not answer.
	Open string `json:"open,omitempty"`
}

// Progress is what is known of a trial beyond its protocol; zero before it begins.
type Progress struct {
	First      civil.Date // the first enrolment
	Last       civil.Date // the last completion
	Primary    civil.Date // the last value of the primary outcome; zero before the lock
	Randomised int
	Locked     bool
	Reported   bool
}

// WHO gives the 24 items in their order.
//
// Source: WHO, International standards for clinical trial registries, version
// 3.0, 2018, ISBN 978-92-4-151474-3, annex 1.
func WHO(c protocol.Checked, of Progress) []Item {
	p := c.Protocol()
	primary, others := registration(p)
	w := &whoSet{}
	w.add("Primary registry and trial identifying number", primary.id(), "the register and the number it gave")
	w.add("Date of registration in primary registry", dateOf(primary.Registered), "when the register published the record, not when it was sent in")
	w.add("Secondary identifying numbers", strings.Join(append([]string{"sponsor: " + p.ID}, others...), "; "), "")
	w.add("Source(s) of monetary or material support", p.Sponsor.Funding, "who pays, and who supplies the product")
	w.add("Primary sponsor", p.Sponsor.Name, "who answers for the trial")
	w.add("Secondary sponsor(s)", p.Spirit["3b"], "others who share the sponsor's responsibilities, or: none")
	w.add("Contact for public queries", p.Spirit["3a"], "name, address, mail and telephone of who answers the public")
	w.add("Contact for scientific queries", p.Spirit["3a"], "name, address, mail and telephone of the principal investigator")
	w.add("Public title", p.Question, "")
	w.add("Scientific title", p.Title, "")
	w.add("Countries of recruitment", p.Spirit["13"], "the countries of the sites: "+sites(p))
	w.add("Health condition(s) or problem(s) studied", p.Population.Description, "")
	w.add("Intervention(s)", interventions(p), "")
	w.add("Key inclusion and exclusion criteria", criteria(p), "")
	w.add("Study type", studyType(c), "")
	w.add("Date of first enrolment", enrolment(p, of), "")
	w.add("Sample size", sampleSize(p, of), "")
	w.add("Recruitment status", recruitment(of), "")
	w.add("Primary outcome(s)", outcomes(c, protocol.Primary), "")
	w.add("Key secondary outcomes", outcomes(c, protocol.Secondary), "")
	w.add("Ethics review", p.Spirit["30"], "committee, its contact, date and decision")
	w.add("Completion date", completion(p, of), "")
	w.add("Summary results", summary(of), "")
	w.add("IPD sharing statement", p.Spirit["6"], "whether and how data of single people are shared, and the plan for it")
	return w.items
}

type whoSet struct{ items []Item }

func (w *whoSet) add(name, value, open string) {
	it := Item{Number: len(w.items) + 1, Name: name, Value: strings.TrimSpace(value)}
	if it.Value == "" {
		it.Open = open
	}
	w.items = append(w.items, it)
}

type registered protocol.Registry

func (r registered) id() string {
	if r.ID == "" {
		return ""
	}
	return r.Name + " " + r.ID
}

// registration gives the first registration and the numbers of the others.
func registration(p protocol.Protocol) (registered, []string) {
	var first registered
	var others []string
	for i, r := range p.Registry {
		if i == 0 {
			first = registered(r)
			continue
		}
		others = append(others, registered(r).id())
	}
	return first, others
}

func dateOf(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func sites(p protocol.Protocol) string {
	var out []string
	for _, s := range p.Sites {
		out = append(out, s.Name)
	}
	return strings.Join(out, "; ")
}

func interventions(p protocol.Protocol) string {
	var out []string
	for _, a := range p.Arms {
		out = append(out, fmt.Sprintf("%s (%s): %s", a.Label.In("en"), a.Role, strings.TrimSpace(a.Intervention)))
	}
	return strings.Join(out, "\n")
}

func criteria(p protocol.Protocol) string {
	var b strings.Builder
	for _, list := range []struct {
		head string
		of   []protocol.Criterion
	}{{"Inclusion criteria:", p.Population.Include}, {"Exclusion criteria:", p.Population.Exclude}} {
		if len(list.of) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(list.head)
		for _, c := range list.of {
			b.WriteString("\n* " + c.Show.In("en"))
		}
	}
	return b.String()
}

func studyType(c protocol.Checked) string {
	p := c.Protocol()
	return fmt.Sprintf("interventional; allocation: randomised; assignment: %s; masking: %s; purpose: treatment; arms: %d",
		p.Design.Kind, strings.Join(masked(p), ", "), len(p.Arms))
}

// masked gives who does not know, in words.
func masked(p protocol.Protocol) []string {
	if len(p.Blinding.Who) == 0 {
		return []string{"none (open)"}
	}
	return p.Blinding.Who
}

func enrolment(p protocol.Protocol, of Progress) string {
	if !of.First.IsZero() {
		return of.First.String()
	}
	return p.Dates.Start.String() + " (planned)"
}

func sampleSize(p protocol.Protocol, of Progress) string {
	if of.Locked {
		return fmt.Sprintf("planned %d; enrolled %d", p.Design.Participants, of.Randomised)
	}
	return fmt.Sprintf("planned %d", p.Design.Participants)
}

func recruitment(of Progress) string {
	switch {
	case of.Locked:
		return "complete: no one is being recruited or followed up any more"
	case !of.First.IsZero():
		return "recruiting"
	}
	return "pending: no one has been recruited yet"
}

func completion(p protocol.Protocol, of Progress) string {
	switch {
	case of.Locked && !of.Last.IsZero():
		return of.Last.String()
	case !p.Dates.End.IsZero():
		return p.Dates.End.String() + " (planned)"
	}
	return ""
}

func summary(of Progress) string {
	if of.Reported {
		return "see the results elements beside this list; date of posting and address are given by the register"
	}
	return "none yet"
}

// outcomes tells those of one place: name, way of measuring, and when.
func outcomes(c protocol.Checked, place protocol.Place) string {
	var out []string
	for _, m := range measures(c, place) {
		out = append(out, fmt.Sprintf("%s; %s; %s", m.Measure, m.Description, m.TimeFrame))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, "\n")
}
