package study

import (
	"fmt"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
)

// FirstSubject is the code of the first person screened.
const FirstSubject Subject = "P0001"

// subjectAt gives the code of the person screened after n others.
func subjectAt(n int) Subject { return Subject(fmt.Sprintf("P%04d", n+1)) }

func (d *decision) screen(c Screen) ([]Event, error) {
	return one(judge(d.s.ProtocolAt(c.Site, d.m.At), c.Site, c.Answers))
}

func (d *decision) language(l protocol.Language) error {
	if langs := d.protocol().Protocol().Languages; !slices.Contains(langs, l) {
		return fault.New("language-unknown", "language", "%q is not a language of the protocol", l).WithHint("its languages are %v", langs)
	}
	return nil
}

// consented refuses what would be collected before consent, and what would
// rest on information that is no longer in force.
func (d *decision) consented() error {
	n := len(d.p.Consents)
	if n == 0 {
		return fault.New("no-consent", string(d.p.Subject), "nothing is collected before consent")
	}
	if v := d.informed().Version; d.p.Consents[n-1].Version != v {
		return fault.New("consent-version", string(d.p.Subject), "the person has consented to version %q; %q is in force", d.p.Consents[n-1].Version, v).
			WithHint("ask for consent to the version in force first")
	}
	return nil
}

// inTrial refuses what comes after the person has left follow-up, but for what
// she entered before that, and what waited on her device till now.
func (d *decision) inTrial() error {
	w, ok := d.p.WithdrewFrom(FromFollowUp)
	if !ok || d.waited() {
		return nil
	}
	if w.Why == WhyDied {
		return fault.New("withdrew", string(d.p.Subject), "the person died on %v", w.Date).
			WithHint("after that, only adverse events, what comes back of kits, deviations and corrections are recorded")
	}
	return fault.New("withdrew", string(d.p.Subject), "the person left the trial on %v", w.Date).
		WithHint("after that, only adverse events, what comes back of kits, deviations and corrections are recorded")
}

// waited says of what arrives after the person has left that she entered it
// before, by her own device's clock, if that can be believed.
func (d *decision) waited() bool {
	died, dead := d.p.Died()
	switch {
	case d.m.Made.IsZero() || dead && died.Before(d.today()):
		return false
	case !d.p.leftAt.IsZero():
		return d.m.When().Before(d.p.leftAt)
	}
	return dead
}

// WithdrewFrom gives the withdrawal from treatment, device, follow-up or
// identifiers; a death is one from follow-up.
func (p *Participant) WithdrewFrom(what string) (Withdrew, bool) {
	list := p.Withdrawn
	if what == FromFollowUp {
		list = p.Leavings()
	}
	i := slices.IndexFunc(list, func(w Withdrew) bool { return w.From == what })
	if i < 0 {
		return Withdrew{}, false
	}
	return list[i], true
}

// active refuses what only a consenting person who is in the trial gives.
func (d *decision) active() error {
	if err := d.consented(); err != nil {
		return err
	}
	return d.inTrial()
}

func (d *decision) enrolled() error {
	if err := d.active(); err != nil {
		return err
	}
	if d.p.Enrolled == nil {
		return fault.New("not-enrolled", string(d.p.Subject), "the person is not enrolled")
	}
	return nil
}

func (d *decision) randomised() error {
	if err := d.enrolled(); err != nil {
		return err
	}
	if d.p.Randomised == nil {
		return fault.New("not-randomised", string(d.p.Subject), "the person is not randomised")
	}
	return nil
}

func (d *decision) enrol(c Enrol) ([]Event, error) {
	if err := d.active(); err != nil {
		return nil, err
	}
	switch {
	case d.p.Enrolled != nil:
		return nil, fault.New("enrolled-already", string(d.p.Subject), "the person is enrolled already")
	case !d.p.Eligible():
		return nil, fault.New("not-eligible", string(d.p.Subject), "the person does not meet the criteria: %v", d.p.Screening.Failed)
	case c.Wake < 0 || c.Wake >= 24*60:
		return nil, fault.New("clock-form", "wake", "%d minutes after midnight is not a time of day", int(c.Wake))
	}
	zone, err := civil.Zone(c.Zone)
	if err != nil {
		return nil, err
	}
	return []Event{Enrolled{
		Zone: c.Zone, Wake: c.Wake, Language: d.p.Consents[len(d.p.Consents)-1].Language,
		Planned: civil.DateOf(d.m.At.In(zone)).Add(d.protocol().Protocol().Design.RunInDays),
	}}, nil
}

func (d *decision) randomise() ([]Event, error) {
	if err := d.enrolled(); err != nil {
		return nil, err
	}
	if _, stopped := d.p.WithdrewFrom(FromTreatment); stopped || d.p.Randomised != nil || d.p.Completed != nil {
		return nil, fault.New("randomised-already", string(d.p.Subject), "the person has been randomised already, or has stopped")
	}
	if !d.p.Eligible() {
		return nil, fault.New("not-eligible", string(d.p.Subject), "a correction of the screening answers shows that the person does not meet the criteria: %v", d.p.Screening.Failed)
	}
	cell, err := d.s.Protocol.CellOf(d.p.Site, d.p.Screening.Answers)
	if err != nil {
		return nil, err
	}
	if d.s.Protocol.Minimises() {
		return d.requestSlot(cell.Key)
	}
	slot, err := d.s.nextSlot(cell.Key)
	if err != nil {
		return nil, err
	}
	if err := d.s.kitsHere(slot, d.today()); err != nil {
		return nil, err
	}
	return append([]Event{Randomised{Date: d.today(), Cell: cell.Key, Slot: slot}}, d.early()...), nil
}

func (d *decision) dispense(c Dispense) ([]Event, error) {
	if err := d.randomised(); err != nil {
		return nil, err
	}
	if w, stopped := d.p.WithdrewFrom(FromTreatment); stopped {
		return nil, fault.New("stopped-treatment", string(d.p.Subject), "the person stopped the treatment on %v", w.Date)
	}
	visit, err := d.visit(c.Visit)
	if err != nil {
		return nil, err
	}
	if !visit.Dispense {
		return nil, fault.New("visit-no-kit", c.Visit, "no kit is handed out at this visit")
	}
	kit, err := d.s.nextKit(d.p, c.Visit, d.today())
	if err != nil {
		return nil, err
	}
	return d.atVisit(visit, Dispensed{Visit: c.Visit, Kit: kit, Date: d.today()}), nil
}

// takeBack counts what comes back of a kit. It is taken of whoever was given one,
// also after she has left: every unit is accounted for.
func (d *decision) takeBack(c Return) ([]Event, error) {
	if d.p.Randomised == nil {
		return nil, fault.New("not-randomised", string(d.p.Subject), "the person is not randomised")
	}
	visit, err := d.visit(c.Visit)
	if err != nil {
		return nil, err
	}
	left := d.p.OffTreatment()
	if !visit.Return && !left {
		return nil, fault.New("visit-no-return", c.Visit, "nothing is counted back at this visit")
	}
	i := slices.IndexFunc(d.p.Kits, func(k KitGiven) bool { return k.Kit == c.Kit })
	switch {
	case i < 0:
		return nil, fault.New("kit-unknown", c.Kit, "this kit was not handed out to the person").
			WithHint("if she holds somebody else's kit, note the deviation kit-mix-up")
	case d.p.Kits[i].Returned != nil:
		return nil, fault.New("kit-returned", c.Kit, "this kit has been counted already").WithHint("correct the entry if the count was wrong")
	}
	r := Returned{Visit: c.Visit, Kit: c.Kit, Units: c.Units, Date: d.today()}
	if err := r.check(); err != nil {
		return nil, err
	}
	if left { // no visit was planned for it
		return []Event{r}, nil
	}
	return d.atVisit(visit, r), nil
}

// OffTreatment says whether the person has left the treatment, or the trial with
// it: then what she still has comes back when it does.
func (p *Participant) OffTreatment() bool {
	return slices.ContainsFunc(p.Leavings(), func(w Withdrew) bool { return w.From == FromTreatment || w.From == FromFollowUp })
}

// maxUnits bounds what can be counted of a kit or a day's dose.
const maxUnits = 10_000

func (r Returned) check() error { return checkUnits(r.Units) }

func checkUnits(n int) error {
	if n < 0 || n > maxUnits {
		return fault.New("units-range", "units", "%d is not between 0 and %d", n, maxUnits)
	}
	return nil
}

func (d *decision) complete() ([]Event, error) {
	if err := d.randomised(); err != nil {
		return nil, err
	}
	if d.p.Completed != nil {
		return nil, fault.New("completed", string(d.p.Subject), "the person has completed the trial already")
	}
	for _, v := range d.s.Visits(d.p) {
		if first := d.p.Randomised.Date.Add(v.Day - v.Before); d.today().Before(first) {
			return nil, fault.New("visits-ahead", v.ID, "this visit is still ahead: it can be held from %v", first)
		}
	}
	return []Event{Completed{Date: d.today()}}, nil
}

// oneOf reports a word that is not of a fixed set.
func oneOf(l *fault.List, place, word string, allowed ...string) {
	if !slices.Contains(allowed, word) {
		l.Addf("unknown-word", place, "%.60q is not one of %v", word, allowed)
	}
}

// checkDate reports a date that no calendar has or that nobody now alive meets.
func checkDate(l *fault.List, place string, d civil.Date) {
	if d.IsZero() || d.Year < 1900 || d.Year > 2999 || d.Add(0) != d {
		l.Addf("date-form", place, "a date is needed")
	}
}
