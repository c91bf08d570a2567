package registry

import (
	"fmt"
	"strconv"
	"strings"

	"dvala/protocol"
)

// Study is a record of ClinicalTrials.gov, as far as a trial fills it.
type Study struct {
	Protocol ProtocolSection `json:"protocolSection"`
	Results  *ResultsSection `json:"resultsSection,omitempty"`
	// Open are the elements that a person has to fill in.
	Open []Open `json:"openElements"`
}

// Open is an element that the protocol does not answer.
type Open struct {
	Element string `json:"element"`
	Asked   string `json:"asked"`
}

// ProtocolSection holds what is registered before the first participant. Names
// are those of the register's data structure.
type ProtocolSection struct {
	Identification struct {
		OrgStudyID struct {
			ID string `json:"id"`
		} `json:"orgStudyIdInfo"`
		SecondaryIDs  []SecondaryID `json:"secondaryIdInfos,omitempty"`
		BriefTitle    string        `json:"briefTitle"`
		OfficialTitle string        `json:"officialTitle"`
		NCT           string        `json:"nctId,omitempty"`
	} `json:"identificationModule"`
	Status struct {
		Overall    string `json:"overallStatus"`
		Start      Date   `json:"startDateStruct"`
		Primary    *Date  `json:"primaryCompletionDateStruct,omitempty"`
		Completion *Date  `json:"completionDateStruct,omitempty"`
	} `json:"statusModule"`
	Sponsor struct {
		Lead struct {
			Name string `json:"name,omitempty"`
		} `json:"leadSponsor"`
	} `json:"sponsorCollaboratorsModule"`
	Oversight struct {
		HasDMC bool `json:"oversightHasDmc"`
	} `json:"oversightModule"`
	Description struct {
		Brief    string `json:"briefSummary"`
		Detailed string `json:"detailedDescription,omitempty"`
	} `json:"descriptionModule"`
	Conditions struct {
		Conditions []string `json:"conditions"`
	} `json:"conditionsModule"`
	Design      Design      `json:"designModule"`
	Arms        Arms        `json:"armsInterventionsModule"`
	Outcomes    Outcomes    `json:"outcomesModule"`
	Eligibility Eligibility `json:"eligibilityModule"`
	Contacts    *Contacts   `json:"contactsLocationsModule,omitempty"`
	Sharing     *Sharing    `json:"ipdSharingStatementModule,omitempty"`
}

// SecondaryID is a number given elsewhere.
type SecondaryID struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Domain string `json:"domain,omitempty"`
}

// Date is a date, planned or actual.
type Date struct {
	Date string `json:"date"`
	Type string `json:"type"` // ESTIMATED, ACTUAL
}

// Design is how the study is laid out.
type Design struct {
	StudyType string   `json:"studyType"`
	Phases    []string `json:"phases"`
	Info      struct {
		Allocation  string `json:"allocation"`
		Model       string `json:"interventionModel"`
		Description string `json:"interventionModelDescription,omitempty"`
		Purpose     string `json:"primaryPurpose"`
		Masking     struct {
			Masking string   `json:"masking"`
			Who     []string `json:"whoMasked,omitempty"`
		} `json:"maskingInfo"`
	} `json:"designInfo"`
	Enrolment struct {
		Count int    `json:"count"`
		Type  string `json:"type"`
	} `json:"enrollmentInfo"`
}

// Arms are the groups and what each is given.
type Arms struct {
	Groups        []ArmGroup     `json:"armGroups"`
	Interventions []Intervention `json:"interventions"`
}

// ArmGroup is an arm.
type ArmGroup struct {
	Label         string   `json:"label"`
	Type          string   `json:"type"`
	Description   string   `json:"description"`
	Interventions []string `json:"interventionNames"`
}

// Intervention is what is given.
type Intervention struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Arms        []string `json:"armGroupLabels"`
}

// Outcomes are what is measured, by place.
type Outcomes struct {
	Primary   []Measure `json:"primaryOutcomes"`
	Secondary []Measure `json:"secondaryOutcomes,omitempty"`
	Other     []Measure `json:"otherOutcomes,omitempty"`
}

// Measure is one outcome with its time frame.
type Measure struct {
	Measure     string `json:"measure"`
	Description string `json:"description"`
	TimeFrame   string `json:"timeFrame"`
}

// Eligibility says who may take part.
type Eligibility struct {
	Criteria string `json:"eligibilityCriteria"`
	Sex      string `json:"sex,omitempty"`
	Least    string `json:"minimumAge,omitempty"`
	Most     string `json:"maximumAge,omitempty"`
}

// Contacts are people and places.
type Contacts struct {
	Locations []Location `json:"locations"`
}

// Location is a site.
type Location struct {
	Facility string `json:"facility"`
}

// Sharing says what of single people's data is shared.
type Sharing struct {
	Description string `json:"description"`
}

// ClinicalTrials gives the record of a trial without its results.
func ClinicalTrials(c protocol.Checked, of Progress) Study {
	p := c.Protocol()
	var s Study
	q := &s.Protocol
	q.Identification.OrgStudyID.ID = p.ID
	q.Identification.BriefTitle, q.Identification.OfficialTitle = p.Question, p.Title
	for _, r := range p.Registry {
		if strings.EqualFold(r.Name, "ClinicalTrials.gov") {
			q.Identification.NCT = r.ID
			continue
		}
		q.Identification.SecondaryIDs = append(q.Identification.SecondaryIDs, SecondaryID{r.ID, "REGISTRY", r.Name})
	}
	status(&s, p, of)
	q.Sponsor.Lead.Name = p.Sponsor.Name
	q.Oversight.HasDMC = p.Spirit["28a"] != ""
	q.Description.Brief = strings.TrimSpace(p.Question + "\n\n" + p.Consent.Text.In("en"))
	q.Description.Detailed = p.Design.SampleSize
	q.Conditions.Conditions = []string{p.Population.Description}
	q.Design = design(p, of)
	q.Arms = arms(p)
	q.Outcomes = Outcomes{measures(c, protocol.Primary), measures(c, protocol.Secondary), measures(c, protocol.Exploratory)}
	q.Eligibility = eligibility(p)
	q.Contacts = &Contacts{}
	for _, site := range p.Sites {
		q.Contacts.Locations = append(q.Contacts.Locations, Location{site.Name})
	}
	if t := p.Spirit["6"]; t != "" {
		q.Sharing = &Sharing{t}
	}
	s.Open = openElements(p, of)
	return s
}

func status(s *Study, p protocol.Protocol, of Progress) {
	st := &s.Protocol.Status
	st.Overall, st.Start = "NOT_YET_RECRUITING", Date{p.Dates.Start.String(), "ESTIMATED"}
	if !of.First.IsZero() {
		st.Overall, st.Start = "RECRUITING", Date{of.First.String(), "ACTUAL"}
	}
	if !of.Primary.IsZero() {
		st.Primary = &Date{of.Primary.String(), "ACTUAL"}
	}
	switch {
	case of.Locked && !of.Last.IsZero():
		st.Overall, st.Completion = "COMPLETED", &Date{of.Last.String(), "ACTUAL"}
	case !p.Dates.End.IsZero():
		st.Completion = &Date{p.Dates.End.String(), "ESTIMATED"}
	}
}

func design(p protocol.Protocol, of Progress) Design {
	d := Design{StudyType: "INTERVENTIONAL", Phases: []string{"NA"}}
	d.Info.Allocation, d.Info.Purpose = "RANDOMIZED", "TREATMENT"
	d.Info.Model = map[protocol.Kind]string{protocol.Parallel: "PARALLEL", protocol.Crossover: "CROSSOVER", protocol.NOf1: "CROSSOVER"}[p.Design.Kind]
	if p.Design.Kind == protocol.NOf1 {
		d.Info.Description = "N-of-1: every person goes through all periods of her own drawn order"
	}
	names := map[string]string{"participants": "PARTICIPANT", "staff": "CARE_PROVIDER", "assessors": "OUTCOMES_ASSESSOR", "analysts": "INVESTIGATOR"}
	for _, who := range p.Blinding.Who {
		d.Info.Masking.Who = append(d.Info.Masking.Who, names[who])
	}
	d.Info.Masking.Masking = []string{"NONE", "SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE"}[min(len(d.Info.Masking.Who), 4)]
	d.Enrolment.Count, d.Enrolment.Type = p.Design.Participants, "ESTIMATED"
	if of.Locked {
		d.Enrolment.Count, d.Enrolment.Type = of.Randomised, "ACTUAL"
	}
	return d
}

func arms(p protocol.Protocol) Arms {
	var out Arms
	for _, a := range p.Arms {
		label, kind := a.Label.In("en"), "EXPERIMENTAL"
		if a.Role == protocol.Comparator {
			kind = "ACTIVE_COMPARATOR"
			if strings.Contains(strings.ToLower(label), "placebo") {
				kind = "PLACEBO_COMPARATOR"
			}
		}
		out.Groups = append(out.Groups, ArmGroup{label, kind, strings.TrimSpace(a.Intervention), []string{label}})
		out.Interventions = append(out.Interventions, Intervention{label, strings.TrimSpace(a.Intervention), []string{label}})
	}
	return out
}

// measures gives the outcomes of estimands of one place, each once for every
// time it is asked about.
func measures(c protocol.Checked, place protocol.Place) []Measure {
	var out []Measure
	seen := map[Measure]bool{}
	for _, e := range c.InOrder() {
		if e.Place != place {
			continue
		}
		o, ok := c.Outcome(e.Variable.Outcome)
		if !ok {
			continue
		}
		m := Measure{o.Label.In("en"), described(o), timeFrame(c, e)}
		if !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

func described(o protocol.Outcome) string {
	var from string
	switch s := o.Source; {
	case s.Instrument != "":
		from = "score " + s.Score + " of the questionnaire " + s.Instrument
	case s.Diary != "":
		from = s.Diary + " of the sleep diary"
	case s.Device != "":
		from = s.Measure + " by the device " + s.Device
	default:
		from = "time until: " + s.Event
	}
	return fmt.Sprintf("%s, in %s; %s values are better", from, o.Unit, o.Better)
}

func timeFrame(c protocol.Checked, e protocol.Estimand) string {
	v := e.Variable
	switch {
	case v.Nights != nil:
		return fmt.Sprintf("nights %d to %d after randomisation", v.Nights.From, v.Nights.To)
	case v.Visit != "":
		if visit, ok := c.Visit(v.Visit); ok {
			return "day " + strconv.Itoa(visit.Day) + " after randomisation"
		}
	case len(v.Visits) > 0:
		return "at the end of each period"
	}
	return "until day " + strconv.Itoa(c.LastDay()) + " after randomisation"
}

// openElements names what the register wants and the protocol does not hold.
func openElements(p protocol.Protocol, of Progress) []Open {
	out := []Open{
		{"sponsorCollaboratorsModule.responsibleParty", "sponsor, principal investigator, or sponsor-investigator, with title and affiliation"},
		{"oversightModule.isFdaRegulatedDrug / isFdaRegulatedDevice", "whether the product is regulated as a drug or device"},
		{"contactsLocationsModule", "city, country and contact of each site; central contact; overall official"},
		{"armsInterventionsModule.interventions.type", "drug, device, biological, procedure, radiation, behavioural, genetic, dietary supplement, combination product, diagnostic test or other, of each; the register puts it before the names of the arms' interventions"},
	}
	if of.Primary.IsZero() {
		out = append(out, Open{"statusModule.primaryCompletionDateStruct", "the day of the last value of the primary outcome, or when it is expected"})
	}
	out = append(out, openEligibility(eligibility(p), limitsOf(p))...)
	for _, o := range []struct{ item, element, asked string }{
		{"6", "ipdSharingStatementModule", "whether data of single people are shared"},
		{"30", "oversight: human subjects review", "board, status, number, contact"},
	} {
		if p.Spirit[o.item] == "" {
			out = append(out, Open{o.element, o.asked})
		}
	}
	if p.Sponsor.Name == "" {
		out = append(out, Open{"sponsorCollaboratorsModule.leadSponsor", "who answers for the trial"})
	}
	return out
}
