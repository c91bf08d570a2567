package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dvala/estimate"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// FHIR writes the trial as one bundle of HL7 FHIR R4 (4.0.1): the study and, of
// everyone screened, Patient (a code and nothing else), ResearchSubject,
// Consent, QuestionnaireResponse of visits and of the diary, Observation of
// device nights, AdverseEvent. The arm is in ResearchSubject only after the
// openings. Questionnaires carry topic labels of our own and no licensed wording.
func FHIR(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) (File, error) {
	if a.Dummy {
		a = estimate.Allocation{}
	}
	f := &fhir{export: export{checked: c, p: merged(c, s), state: s, alloc: a, instruments: instruments}}
	f.study()
	for _, id := range f.asked() {
		f.questionnaire(instrument.ID(id))
	}
	f.people(f.person)
	bundle := resource{
		"resourceType": "Bundle", "id": fhirID(c.ID()), "type": "collection", "timestamp": moment(s), "entry": f.entries,
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(bundle)
	return File{c.ID() + ".fhir.json", b.Bytes()}, err
}

type fhir struct {
	export
	entries []resource
}

// resource is a resource or a part of one; encoding/json writes its members in
// the order of their names, so that the same trial gives the same bytes.
type resource = map[string]any

func (f *fhir) add(kind, id string, r resource) {
	r["resourceType"], r["id"] = kind, id
	f.entries = append(f.entries, resource{"fullUrl": "urn:dvala:" + kind + ":" + id, "resource": r})
}

// fhirID makes a name fit: letters, digits, hyphens and points, 64 at most.
func fhirID(parts ...string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, strings.Join(parts, "-"))
	return s[:min(len(s), 64)]
}

func reference(kind, id string) resource { return resource{"reference": kind + "/" + id} }
func concept(text string) resource       { return resource{"text": text} }

func (f *fhir) study() {
	status := "active"
	if f.state.Locked != nil {
		status = "closed-to-accrual-and-intervention"
	}
	r := resource{
		"identifier": []resource{{"system": "urn:dvala:trial", "value": f.p.ID}}, "title": f.p.Title, "status": status,
		"description": f.p.Question, "condition": []resource{concept(f.p.Population.Description)},
		"period": resource{"start": f.p.Dates.Start.String()},
		"phase":  resource{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/research-study-phase", "code": "n-a"}}},
	}
	if !f.p.Dates.End.IsZero() {
		r["period"] = resource{"start": f.p.Dates.Start.String(), "end": f.p.Dates.End.String()}
	}
	var arms []resource
	for _, arm := range f.p.Arms {
		arms = append(arms, resource{"name": arm.Label.In("en"), "type": concept(string(arm.Role)), "description": strings.TrimSpace(arm.Intervention)})
	}
	r["arm"] = arms
	f.add("ResearchStudy", fhirID(f.p.ID), r)
}

func (f *fhir) questionnaire(id instrument.ID) {
	d, ok := f.instruments(id, "")
	if !ok {
		return
	}
	r := resource{
		"url": "urn:dvala:instrument:" + string(id), "version": d.Version, "name": string(id), "title": d.Title.In("en"), "status": "active",
		"subjectType": []string{"Patient"},
	}
	var items []resource
	for _, it := range d.Items {
		item := resource{"linkId": string(it.ID), "text": it.Topic.In("en"), "type": fhirType(&it)}
		if len(it.Choices) > 0 {
			var options []resource
			for _, c := range it.Choices {
				options = append(options, resource{"valueCoding": resource{"system": "urn:dvala:instrument:" + string(id), "code": c.Code, "display": c.Text.In("en")}})
			}
			item["answerOption"] = options
		}
		items = append(items, item)
	}
	r["item"] = items
	f.add("Questionnaire", fhirID(string(id)), r)
}

func fhirType(it *instrument.Item) string {
	switch {
	case len(it.Choices) > 0:
		return "choice"
	case it.Kind == instrument.YesNo:
		return "boolean"
	case it.Kind == instrument.FreeText:
		return "text"
	}
	return "decimal"
}

func (f *fhir) person(p *study.Participant) {
	who := string(p.Subject)
	patient := resource{"identifier": []resource{{"system": "urn:dvala:trial:" + f.p.ID, "value": who}}}
	if on, died := p.Died(); died {
		patient["deceasedDateTime"] = on.String()
	}
	f.add("Patient", who, patient)
	f.researchSubject(p)
	for i, c := range p.Consents {
		f.add("Consent", fhirID(who, "consent", fmt.Sprint(i+1)), resource{
			"status": "active", "patient": reference("Patient", who), "dateTime": c.At.UTC().Format(time.RFC3339),
			"scope":    resource{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}}},
			"category": []resource{{"coding": []resource{{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}}}},
			"policy":   []resource{{"uri": "urn:dvala:consent:" + f.p.ID + ":" + c.Version}},
		})
	}
	for _, v := range f.p.Visits {
		for _, id := range slices.Sorted(maps.Keys(p.Visits[v.ID])) {
			f.response(p, fhirID(who, v.ID, id), p.Visits[v.ID][id])
		}
	}
	for _, night := range sortedDates(p.Diary) {
		f.response(p, fhirID(who, "diary", night.String()), p.Diary[night])
	}
	f.nights(p)
	for i, ae := range p.Adverse {
		f.adverse(who, i, ae)
	}
}

func (f *fhir) researchSubject(p *study.Participant) {
	status := "screening"
	w, left := p.WithdrewFrom("follow-up")
	switch {
	case left && w.Why == study.WhyDied:
		status = "off-study" // she did not withdraw; the Patient says that she is deceased
	case left:
		status = "withdrawn"
	case p.Completed != nil:
		status = "off-study"
	case p.Randomised != nil:
		status = "on-study"
	case p.Enrolled != nil:
		status = "eligible"
	case !p.Screening.Eligible:
		status = "ineligible"
	}
	r := resource{
		"status": status, "study": reference("ResearchStudy", fhirID(f.p.ID)), "individual": reference("Patient", string(p.Subject)),
	}
	if arm, ok := f.alloc.Of[p.Subject]; ok && f.alloc.Known() {
		r["assignedArm"] = arm
	}
	if n := len(p.Consents); n > 0 {
		r["consent"] = reference("Consent", fhirID(string(p.Subject), "consent", fmt.Sprint(n)))
	}
	if p.Enrolled != nil {
		period := resource{"start": p.EnrolledOn.String()}
		if p.Completed != nil {
			period["end"] = p.Completed.Date.String()
		}
		r["period"] = period
	}
	f.add("ResearchSubject", string(p.Subject), r)
}

func (f *fhir) response(p *study.Participant, id string, r *study.Response) {
	status := "completed"
	if slices.ContainsFunc(p.Corrections, func(c study.CorrectionMade) bool { return c.Entry == r.Entry }) {
		status = "amended"
	}
	def, known := f.instruments(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	out := resource{
		"questionnaire": "urn:dvala:instrument:" + r.Answered.Instrument + "|" + r.Answered.Version, "status": status,
		"subject": reference("Patient", string(p.Subject)), "authored": r.At.UTC().Format(time.RFC3339),
	}
	var items []resource
	for _, item := range slices.Sorted(maps.Keys(r.Answers)) {
		var it *instrument.Item
		if known {
			for i := range def.Items {
				if def.Items[i].ID == item {
					it = &def.Items[i]
				}
			}
		}
		if v := answerValue(r.Answered.Instrument, it, r.Answers[item]); v != nil {
			items = append(items, resource{"linkId": string(item), "answer": []resource{v}})
		}
	}
	out["item"] = items
	f.add("QuestionnaireResponse", id, out)
}

// answerValue gives an answer in the type of its question; that she is not
// sure, or would rather not say, is a coded word.
func answerValue(of string, it *instrument.Item, a instrument.Answer) resource {
	coded := func(code string) resource {
		return resource{"valueCoding": resource{"system": "urn:dvala:instrument:" + of, "code": code}}
	}
	switch {
	case a.IsNotSure():
		return coded("not-sure")
	case a.IsDeclined():
		return coded("declined")
	}
	if s, ok := a.Text(); ok {
		if it != nil && len(it.Choices) > 0 {
			return coded(s)
		}
		return resource{"valueString": veiled(s)}
	}
	n, ok := a.Number()
	switch {
	case !ok:
		return nil
	case it != nil && it.Kind == instrument.YesNo:
		return resource{"valueBoolean": n == 1}
	}
	return resource{"valueDecimal": n}
}

// nights gives a device's nights as observations: total sleep time in minutes,
// the rest as components, absent where the device did not say.
func (f *fhir) nights(p *study.Participant) {
	for _, vendor := range slices.Sorted(maps.Keys(p.Nights)) {
		for _, date := range sortedDates(p.Nights[vendor]) {
			n := p.Nights[vendor][date]
			r := resource{
				"status": "final", "code": concept("Night by " + vendor), "subject": reference("Patient", string(p.Subject)),
				"effectiveDateTime": date.String(), "issued": n.At.UTC().Format(time.RFC3339Nano),
				"category": []resource{{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "activity"}}}},
			}
			if n.Superseded > 0 {
				r["status"] = "corrected"
			}
			arch, ok := n.Night.Architecture()
			if !ok {
				r["dataAbsentReason"] = concept(string(n.Night.Status))
			}
			var parts []resource
			for _, m := range []struct {
				name, unit, code string
				value            *float64
			}{
				{"total sleep time", "min", "min", arch.TSTMin},
				{"wake after sleep onset", "min", "min", arch.WASOSPTMin},
				{"sleep efficiency", "%", "%", arch.SETIBPct},
			} {
				if ok && m.value != nil {
					parts = append(parts, resource{"code": concept(m.name), "valueQuantity": resource{
						"value": *m.value, "unit": m.unit, "system": "http://unitsofmeasure.org", "code": m.code,
					}})
				}
			}
			if len(parts) > 0 {
				r["component"] = parts
			}
			f.add("Observation", fhirID(string(p.Subject), vendor, date.String()), r)
		}
	}
}

func (f *fhir) adverse(who string, i int, ae study.AdverseEvent) {
	serious := "non-serious"
	if ae.Serious {
		serious = "serious"
	}
	r := resource{
		"actuality": "actual", "subject": reference("Patient", who), "event": concept(ae.Name()), "date": ae.Onset.String(),
		"seriousness": resource{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness", "code": serious}}},
		"severity":    resource{"coding": []resource{{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-severity", "code": ae.Severity}}},
		"outcome":     concept(ae.Outcome), "study": []resource{reference("ResearchStudy", fhirID(f.p.ID))},
	}
	f.add("AdverseEvent", fhirID(who, "ae", fmt.Sprint(i+1)), r)
}
