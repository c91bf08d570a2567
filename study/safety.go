package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Kinds of facts about what else concerns a person's safety.
const (
	KindMedication        Kind = "medication"         // taken beside the treatment
	KindPregnancy         Kind = "pregnancy"          // of the person or her partner
	KindPregnancyFollowed Kind = "pregnancy-followed" // what became of it
	KindDeviceIncident    Kind = "device-incident"    // something went wrong with a ring, a watch, a lamp
)

type (
	// RecordMedication notes what is taken beside the treatment.
	RecordMedication struct{ Medication }
	// Medication beside the treatment; what changes later is corrected.
	Medication struct {
		Name       string     `json:"name" words:"hers"`
		Dose       string     `json:"dose,omitempty" words:"hers"`
		Indication string     `json:"indication,omitempty" words:"hers"`
		Start      civil.Date `json:"start,omitzero"` // absent: before anybody asked
		Stop       civil.Date `json:"stop,omitzero"`
		Ongoing    bool       `json:"ongoing"`
		Note       Words      `json:"note,omitempty"`
		// Coded is what a dictionary calls it (an ATC code, or a name of WHODrug). It
		// names nobody and is never sealed: tables count by it.
		Coded string `json:"coded,omitempty"`
	}
	// ReportPregnancy notes a pregnancy, which is followed to its end.
	ReportPregnancy struct{ Pregnancy }
	// Pregnancy as it was told.
	Pregnancy struct {
		Whose string     `json:"whose"` // participant, partner
		Known civil.Date `json:"known"` // when it became known
		Due   civil.Date `json:"due,omitzero"`
		Note  Words      `json:"note,omitempty"`
	}
	// FollowPregnancy notes how it goes on, or ended.
	FollowPregnancy struct{ PregnancyFollowed }
	// PregnancyFollowed is one look at it.
	PregnancyFollowed struct {
		Pregnancy uint64     `json:"pregnancy"` // the entry that told it
		Date      civil.Date `json:"date"`
		Outcome   string     `json:"outcome"` // ongoing, live-birth, miscarriage, termination, stillbirth, unknown
		Note      Words      `json:"note,omitempty"`
	}
	// ReportDeviceIncident notes what went wrong with a device.
	ReportDeviceIncident struct{ DeviceIncident }
	// DeviceIncident with a device of the trial.
	DeviceIncident struct {
		What        string     `json:"what"`                // malfunction, lost, skin-reaction, injury, wrong-data, worn-by-other, other
		Device      string     `json:"device" words:"hers"` // vendor, or another name for it
		Date        civil.Date `json:"date"`
		Consequence string     `json:"consequence"` // none, data-lost, device-replaced, harm
		Note        Words      `json:"note,omitempty"`
		// Coded says which device of the protocol it is, by its vendor, or what a
		// dictionary calls it; never sealed.
		Coded string `json:"coded,omitempty"`
	}
)

func (RecordMedication) command()        {}
func (RecordMedication) about() whom     { return onePerson }
func (RecordMedication) leads() Kind     { return KindMedication }
func (ReportPregnancy) command()         {}
func (ReportPregnancy) about() whom      { return onePerson }
func (ReportPregnancy) leads() Kind      { return KindPregnancy }
func (FollowPregnancy) command()         {}
func (FollowPregnancy) about() whom      { return onePerson }
func (FollowPregnancy) leads() Kind      { return KindPregnancyFollowed }
func (ReportDeviceIncident) command()    {}
func (ReportDeviceIncident) about() whom { return onePerson }
func (ReportDeviceIncident) leads() Kind { return KindDeviceIncident }

// Kind methods.
func (Medication) Kind() Kind        { return KindMedication }
func (Pregnancy) Kind() Kind         { return KindPregnancy }
func (PregnancyFollowed) Kind() Kind { return KindPregnancyFollowed }
func (DeviceIncident) Kind() Kind    { return KindDeviceIncident }

// Entered is something that was noted of a person, after corrections.
type Entered[T any] struct {
	Entry uint64
	At    time.Time
	What  T
}

// PregnancyRecord is a pregnancy with what became of it.
type PregnancyRecord struct {
	Entry    uint64
	At       time.Time
	What     Pregnancy
	Followed []PregnancyFollowed
}

// Open says whether a pregnancy still has to be followed.
func (r PregnancyRecord) Open() bool {
	n := len(r.Followed)
	return n == 0 || r.Followed[n-1].Outcome == "ongoing"
}

func (c RecordMedication) decide(d *decision) ([]Event, error) {
	if err := d.active(); err != nil {
		return nil, err
	}
	return one(c.Medication, c.Medication.now(d))
}

func (e Medication) now(d *decision) error {
	var l fault.List
	l.Merge("medication", "", e.check())
	if d.today().Before(e.Start) {
		l.Addf("date-future", "start", "%v is still to come", e.Start)
	}
	return l.Err()
}

func (e Medication) check() error {
	var l fault.List
	if blank(e.Name) && blank(e.Coded) {
		l.Addf("term-missing", "name", "a medicine needs its name")
	}
	checkSealedTo(&l, "name", Words(e.Name), maxWord)
	checkSealedTo(&l, "dose", Words(e.Dose), maxWord)
	checkWords(&l, "coded", e.Coded, maxWord)
	checkSealedTo(&l, "indication", Words(e.Indication), maxWord)
	checkSealed(&l, "note", e.Note)
	if !e.Start.IsZero() {
		checkDate(&l, "start", e.Start)
	}
	if !e.Stop.IsZero() {
		checkDate(&l, "stop", e.Stop)
		if e.Stop.Before(e.Start) {
			l.Addf("date-order", "stop", "ends on %v, before it begins on %v", e.Stop, e.Start)
		}
		if e.Ongoing {
			l.Addf("medication-ongoing", "ongoing", "what has stopped is not going on")
		}
	}
	return l.Err()
}

// Called gives what a medicine is called in tables, which are made without any
// person's key: what it is coded as, or its name where that is in the clear.
func (e Medication) Called() string { return inClear(e.Coded, e.Name) }

// Called gives the same of a device.
func (e DeviceIncident) Called() string { return inClear(e.Coded, e.Device) }

func inClear(coded, words string) string {
	switch {
	case coded != "":
		return coded
	case Words(words).Sealed():
		return NotCoded
	}
	return words
}

func (e Medication) fold(s *State, p *Participant, f Fact) error {
	p.Medications = append(p.Medications, Entered[Medication]{f.Index, f.At, e})
	s.facts[f.Index] = f
	return nil
}

// harm refuses a fact about safety before consent, and lets it through at any
// time after it.
func (d *decision) harm(l *fault.List, place string, date civil.Date) error {
	if len(d.p.Consents) == 0 {
		return d.consented()
	}
	if d.today().Before(date) {
		l.Addf("date-future", place, "%v is still to come", date)
	}
	return l.Err()
}

func (c ReportPregnancy) decide(d *decision) ([]Event, error) {
	var l fault.List
	l.Merge("pregnancy", "", c.check())
	return one(c.Pregnancy, d.harm(&l, "known", c.Known))
}

func (e Pregnancy) check() error {
	var l fault.List
	oneOf(&l, "whose", e.Whose, vocabulary["whose"]...)
	checkDate(&l, "known", e.Known)
	if !e.Due.IsZero() {
		checkDate(&l, "due", e.Due)
	}
	checkSealed(&l, "note", e.Note)
	return l.Err()
}

func (e Pregnancy) fold(s *State, p *Participant, f Fact) error {
	p.Pregnancies = append(p.Pregnancies, PregnancyRecord{Entry: f.Index, At: f.At, What: e})
	s.facts[f.Index] = f
	return nil
}

func (p *Participant) pregnancy(entry uint64) int {
	return slices.IndexFunc(p.Pregnancies, func(r PregnancyRecord) bool { return r.Entry == entry })
}

func (c FollowPregnancy) decide(d *decision) ([]Event, error) {
	if d.p.pregnancy(c.Pregnancy) < 0 {
		return nil, fault.New("entry-unknown", "pregnancy", "entry %d tells no pregnancy of %s", c.Pregnancy, d.p.Subject)
	}
	var l fault.List
	l.Merge("pregnancy", "", c.check())
	return one(c.PregnancyFollowed, d.harm(&l, "date", c.Date))
}

func (e PregnancyFollowed) check() error {
	var l fault.List
	checkDate(&l, "date", e.Date)
	oneOf(&l, "outcome", e.Outcome, vocabulary["pregnancy"]...)
	checkSealed(&l, "note", e.Note)
	return l.Err()
}

func (e PregnancyFollowed) fold(_ *State, p *Participant, _ Fact) error {
	i := p.pregnancy(e.Pregnancy)
	if i < 0 {
		return fault.New("entry-unknown", "", "entry %d tells no pregnancy", e.Pregnancy)
	}
	p.Pregnancies[i].Followed = append(p.Pregnancies[i].Followed, e)
	return nil
}

func (c ReportDeviceIncident) decide(d *decision) ([]Event, error) {
	var l fault.List
	l.Merge("device-incident", "", c.check())
	return one(c.DeviceIncident, d.harm(&l, "date", c.Date))
}

func (e DeviceIncident) check() error {
	var l fault.List
	oneOf(&l, "what", e.What, vocabulary["incident"]...)
	oneOf(&l, "consequence", e.Consequence, vocabulary["consequence"]...)
	if blank(e.Device) && blank(e.Coded) {
		l.Addf("term-missing", "device", "say which device")
	}
	checkSealedTo(&l, "device", Words(e.Device), maxWord)
	checkWords(&l, "coded", e.Coded, maxWord)
	checkDate(&l, "date", e.Date)
	checkSealed(&l, "note", e.Note)
	return l.Err()
}

func (e DeviceIncident) fold(s *State, p *Participant, f Fact) error {
	p.Incidents = append(p.Incidents, Entered[DeviceIncident]{f.Index, f.At, e})
	s.facts[f.Index] = f
	return nil
}

// reenter puts a corrected value where the earlier one stood.
func reenter[T any](list []Entered[T], entry uint64, what T) {
	if i := slices.IndexFunc(list, func(x Entered[T]) bool { return x.Entry == entry }); i >= 0 {
		list[i].What = what
	}
}
