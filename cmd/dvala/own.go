package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"dvala/civil"
	"dvala/fault"
	"dvala/ui"
)

//go:embed own_protocol.yaml
var ownText string

// ownRunIn is how many mornings the diary is filled in before the first box.
const ownRunIn = 7

// Begun gives the form of a trial of one person before anything is said: the
// example's numbers, and two weeks to pack the boxes in.
func (f *firstRun) Begun(lang string) ui.Own {
	o := ui.Own{
		PerDay: "2", Unit: "capsules", When: "bedtime", Compared: "Placebo", Days: "7", Washout: "4", Cycles: "4", Outcome: "quality", Matters: "0.5",
		Start: civil.DateOf(f.p.Now()).Add(14).String(), Lang: lang, Zone: zoneHere(f.p.Now().Location().String()),
	}
	if lang == "sv" {
		o.Unit, o.Matters = "kapslar", "0,5"
	}
	return o
}

// zoneHere gives this machine's zone where it has a name, as the form's first
// guess.
func zoneHere(name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return "Europe/Stockholm"
}

// ownOutcome is one of what may get better, as a protocol has it.
type ownOutcome struct {
	Choice, ID, English, Swedish, Source, Unit, Better string
	Matters                                            float64 // of the one that she chose
	Device                                             bool
}

var ownOutcomes = []ownOutcome{
	{Choice: "quality", ID: "diary-quality", English: "Sleep quality in the diary", Swedish: "Sömnkvalitet i dagboken", Source: "{diary: quality}", Unit: "points", Better: "higher"},
	{Choice: "latency", ID: "diary-latency", English: "Time to fall asleep by the diary", Swedish: "Insomningstid enligt dagboken", Source: "{diary: sol_min}", Unit: "min", Better: "lower"},
	{Choice: "awake", ID: "diary-awake", English: "Time awake in the night by the diary", Swedish: "Vaken tid under natten enligt dagboken", Source: "{diary: waso_min}", Unit: "min", Better: "lower"},
}

var ownRing = ownOutcome{ID: "ring-awake", English: "Time awake after falling asleep by the ring", Swedish: "Vaken tid efter insomning enligt ringen", Source: "{device: oura, measure: waso_spt_min}", Unit: "min", Better: "lower", Device: true}

var ownWhen = map[string][2]string{
	"bedtime": {"Half an hour before bedtime", "En halvtimme före sänggåendet"},
	"evening": {"With the evening meal", "Till kvällsmaten"},
	"morning": {"With breakfast", "Till frukosten"},
}

// ownVisit is the two visits of a box.
type ownVisit struct{ N, Opens, Ends, After int }

// ownPlan is what the protocol's text is filled in from.
type ownPlan struct {
	ui.Own
	ID, Title, Question, When, Contact, Consent string
	Treated, Controlled, Size                   string
	TreatmentID, ComparatorID                   string
	PerDay, RunIn, Days, Washout, Cycles, Boxes int
	Counted, FromDay, LastDay                   int
	Start, End                                  civil.Date
	Ring                                        bool
	Visits                                      []ownVisit
	Outcomes                                    []ownOutcome
}

// Protocol makes the protocol of a trial of one person from what she says, and
// checks it.
func (f *firstRun) Protocol(o ui.Own) (string, error) {
	abs, err := filepath.Abs(f.dir)
	if err != nil {
		return "", fault.Wrap("file-unreadable", "", err)
	}
	p, err := planOwn(o, idOf(filepath.Base(abs)))
	if err != nil {
		return "", err
	}
	src, err := p.text()
	if err != nil {
		return "", err
	}
	return src, f.Check(src).Errors().Err()
}

func planOwn(o ui.Own, id string) (ownPlan, error) {
	p := ownPlan{Own: o, ID: id, RunIn: ownRunIn, FromDay: 1 - ownRunIn, Ring: o.Ring == "yes"}
	for at, text := range map[*int]string{&p.PerDay: o.PerDay, &p.Days: o.Days, &p.Washout: o.Washout, &p.Cycles: o.Cycles} {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p, fault.New("own-number", "", "%q is not a whole number", text)
		}
		*at = n
	}
	matters, err := strconv.ParseFloat(strings.Replace(o.Matters, ",", ".", 1), 64)
	if err != nil {
		return p, fault.New("own-matters", "", "%q is not a number", o.Matters)
	}
	if p.Start, err = civil.ParseDate(o.Start); err != nil {
		return p, err
	}
	p.Boxes, p.Counted = 2*p.Cycles, p.Days-1
	p.box()
	p.End = p.Start.Add(p.RunIn + p.LastDay + 28)
	for _, x := range ownOutcomes {
		if x.Choice == o.Outcome {
			x.Matters = matters
			p.Outcomes = append([]ownOutcome{x}, p.Outcomes...)
		} else {
			p.Outcomes = append(p.Outcomes, x)
		}
	}
	if p.Ring {
		p.Outcomes = append(p.Outcomes, ownRing)
	}
	p.TreatmentID, p.ComparatorID = armID("treatment-", o.Takes), armID("comparison-", o.Compared)
	p.say()
	return p, nil
}

// armID makes an arm's name of her words, short enough for one.
func armID(kind, words string) string {
	id := idOf(words)
	return kind + strings.Trim(id[:min(len(id), 24)], "-")
}

// box lays the boxes out in time: each is over, and what was in it guessed, before
// the next is opened.
func (p *ownPlan) box() {
	for n := 1; n <= p.Boxes; n++ {
		opens := (n - 1) * (p.Days + p.Washout)
		p.Visits = append(p.Visits, ownVisit{N: n, Opens: opens, Ends: opens + p.Days, After: max(0, min(2, p.Washout-1))})
	}
	p.LastDay = p.Visits[p.Boxes-1].Ends
}

// say puts into words what the protocol says in words, in her language.
func (p *ownPlan) say() {
	p.When = ownWhen[p.Own.When][0]
	outcome := strings.ToLower(p.Outcomes[0].English)
	p.Title = fmt.Sprintf("%s against %s for one person: a randomised, double-blind trial in %d cycles", p.Takes, p.Compared, p.Cycles)
	p.Question = fmt.Sprintf("Does %s do more for me than %s: %s?", p.Takes, p.Compared, outcome)
	p.Contact = fmt.Sprintf("Your helper, %s, who can tell a physician what is in the box: %s", p.Helper, p.Phone)
	p.Consent = fmt.Sprintf("You take %d %s a day from one box at a time, each for %d days, with %d days between the boxes in which you take nothing. "+
		"%d of the %d boxes hold %s and %d hold %s; the order is drawn by lot, and your helper knows which is which. You see no result until the last box is done. You may stop at any time.",
		p.PerDay, p.Unit, p.Days, p.Washout, p.Cycles, p.Boxes, p.Takes, p.Cycles, p.Compared)
	p.Treated = fmt.Sprintf("%s, %d %s a day for %d days. %s", p.Takes, p.PerDay, p.Unit, p.Days, p.Looks)
	p.Controlled = fmt.Sprintf("%s, %d %s a day for %d days, of the same look. %s", p.Compared, p.PerDay, p.Unit, p.Days, p.Looks)
	p.Size = fmt.Sprintf("One person cannot be more than one. There are %d boxes in %d cycles, with %d nights of each counted. With so few cycles the answer is the estimate with its interval, and not a verdict.", p.Boxes, p.Cycles, p.Counted)
	if p.Lang == "sv" {
		p.saySwedish()
	}
}

func (p *ownPlan) saySwedish() {
	p.Treated = fmt.Sprintf("%s, %d %s om dagen i %d dagar. %s", p.Takes, p.PerDay, p.Unit, p.Days, p.Looks)
	p.Controlled = fmt.Sprintf("%s, %d %s om dagen i %d dagar, med samma utseende. %s", p.Compared, p.PerDay, p.Unit, p.Days, p.Looks)
	p.Size = fmt.Sprintf("En person kan inte vara mer än en. Det är %d askar i %d cykler, och %d nätter med var och en räknas. Med så få cykler är svaret skattningen med sitt intervall, och ingen dom.", p.Boxes, p.Cycles, p.Counted)
	p.When = ownWhen[p.Own.When][1]
	outcome := strings.ToLower(p.Outcomes[0].Swedish)
	p.Title = fmt.Sprintf("%s mot %s för en person: en randomiserad, dubbelblind prövning i %d cykler", p.Takes, p.Compared, p.Cycles)
	p.Question = fmt.Sprintf("Hjälper %s mig mer än %s: %s?", p.Takes, p.Compared, outcome)
	p.Contact = fmt.Sprintf("Din medhjälpare, %s, som kan säga en läkare vad som finns i asken: %s", p.Helper, p.Phone)
	p.Consent = fmt.Sprintf("Du tar %d %s om dagen ur en ask i taget, %d dagar ur varje, med %d dagar mellan askarna då du inte tar något. "+
		"%d av de %d askarna innehåller %s och %d innehåller %s; ordningen lottas, och din medhjälpare vet vilken som är vilken. Du ser inget resultat förrän den sista asken är slut. Du kan sluta när du vill.",
		p.PerDay, p.Unit, p.Days, p.Washout, p.Cycles, p.Boxes, p.Takes, p.Cycles, p.Compared)
}

// text fills the protocol in. Whatever she wrote stands in quotes; YAML takes a
// text as JSON writes it.
func (p ownPlan) text() (string, error) {
	quote := func(s string) (string, error) {
		b, err := json.Marshal(s)
		return string(b), err
	}
	in := func(english, swedish string) string {
		if p.Lang == "sv" {
			return swedish
		}
		return english
	}
	t, err := template.New("own").Funcs(template.FuncMap{
		"q":      quote,
		"textof": func(e, s string) (string, error) { return quote(in(e, s)) },
		"label": func(e, s string) (string, error) {
			q, err := quote(in(e, s))
			return "{" + p.Lang + ": " + q + "}", err
		},
	}).Parse(ownText)
	if err != nil {
		return "", err
	}
	p.Takes, p.Compared = strings.TrimSpace(p.Takes), strings.TrimSpace(p.Compared)
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}
