package ui

import (
	"math"
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// participantPage is one person, with what can be done for her now.
type participantPage struct {
	Waits time.Time // since when she waits for the custodian's program to name a place; zero: she does not
	desk.Person
	Zone        *time.Location
	Acts        []actGroup
	Rare        []actLink // what is done seldom: folded on a telephone
	Main        *actLink  // what comes next
	Next        []nextLine
	Forms       []openForm
	Nights      []nightView
	PerDay      int // units of a day's dose; 0: nothing is taken
	Today       civil.Date
	Device      desk.Device
	HasDevice   bool
	Away        bool // it has not been in touch, though something is asked of her
	Entries     int
	Latest      timelinePage // the last few of them
	History     bool         // the reader may see what a field ever was
	Correct     bool
	Harms       []harmed
	Follow      bool // the reader may follow harms up
	Judge       bool // and judge deviations
	Strayed     []numbered
	Sent        []desk.Sending // to her, and to the staff about her, the newest first
	SentAll     int            // how many there are; Sent holds the last of them
	Medications []study.Entered[study.Medication]
	Pregnancies []study.PregnancyRecord
	Incidents   []study.Entered[study.DeviceIncident]
	Unblindings []desk.Emergency
	Queries     []*study.Query
	Asks        bool // the reader may answer and close queries
	Signed      []study.SigningNow
	Waiting     []*study.Proposing
	Invite      bool
	Mailed      bool // an invitation can be mailed
	Contact     bool // the reader may see who she is
	Langs       []protocol.Language
	Files       bool // the reader may have her files
	Tell        *speaker
}

// latestRows are how many entries stand on the person's page itself.
const latestRows = 12

// sentRows are how many of what was sent stand there; the API gives all.
const sentRows = 100

type actGroup struct {
	Name string
	Acts []actLink
}

type actLink struct{ Name, Title string }

// harmed is an adverse event, and the requests to unblind her because of it.
type harmed struct {
	study.AdverseRecord
	Unblindings []uint64
}

// numbered is a deviation and its entry.
type numbered struct {
	study.Deviation
	Entry uint64
}

// nextActs are those of which the first that is offered is what comes next.
var nextActs = []string{"consent", "enrol", "randomise", "ask-for-place"}

func (a *ask) participant() (view, error) {
	p := participantPage{Tell: a.speaker()}
	who := study.Subject(a.r.PathValue("person"))
	err := a.see("see-person", who, func(st *study.State, now time.Time) error {
		person, found := desk.NewPerson(st, who, now, protocol.Language(a.lang))
		if !found {
			return noPage(a.r.URL.Path)
		}
		p.Person, p.Zone, p.Today = person, zoneOf(st, who), civil.DateOf(now.In(zoneOf(st, who)))
		if d := st.Protocol.Protocol().Dose; d != nil {
			p.PerDay = d.PerDay
		}
		x := st.People[who]
		p.harms(a, st, x)
		p.Waits, _ = x.WaitsForSlot()
		p.Away = x.Enrolled != nil && x.Completed == nil && inTrial(x) && st.Locked == nil
		p.Nights = a.nightViews(st, x, person.ByNight)
		p.Correct = a.mayOf("correct", x) && st.Locked == nil
		if st.Locked == nil {
			p.offer(a, st, x, now)
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	if p.Device, p.HasDevice, err = a.Office.DeviceOf(a.r.Context(), a.caller, who); err != nil {
		return view{}, err
	}
	if a.may("see-sendings", who) {
		if p.Sent, err = a.Office.SendingsTo(a.r.Context(), a.caller, who); err != nil {
			return view{}, err
		}
		p.SentAll = len(p.Sent)
		p.Sent = p.Sent[:min(len(p.Sent), sentRows)]
	}
	p.Away = p.Away && p.Device.Away(a.Office.Now())
	p.Entries, p.History = len(a.Office.Places(who)), a.may("see-history", who)
	p.Latest = timelinePage{Who: who, Zone: p.Zone, History: p.History, Tell: p.Tell}
	if p.Latest.Entries, p.Latest.Older, err = a.trailOf(who, math.MaxUint64, latestRows); err != nil {
		return view{}, err
	}
	p.Latest.Part = p.Latest.Older > 0
	// What people said in their own words is read with the reader's own right.
	p, err = desk.Reveal(a.r.Context(), a.Office, a.caller, who, p)
	return view{page: "participant", title: string(p.Subject), data: p}, err
}

// harms fills in what concerns the person's safety.
func (p *participantPage) harms(a *ask, st *study.State, x *study.Participant) {
	p.Medications, p.Pregnancies, p.Incidents = x.Medications, x.Pregnancies, x.Incidents
	for _, r := range x.AdverseLog {
		p.Harms = append(p.Harms, harmed{*r, askedOver(x, r)})
	}
	for _, u := range x.Unblindings {
		p.Unblindings = append(p.Unblindings, desk.NewEmergency(x, u))
	}
	for i, e := range x.DeviationEntries() {
		p.Strayed = append(p.Strayed, numbered{x.Deviations[i], e})
	}
	open := st.Locked == nil
	p.Queries, p.Signed = x.Queries, st.SignaturesOf(x.Subject)
	p.Asks = open && (a.mayOf("answer-query", x) || a.mayOf("close-query", x))
	p.Follow, p.Judge = open && a.mayOf("update-adverse-event", x), open && a.mayOf("review-deviation", x)
	p.Waiting = st.Waiting(x.Subject)
	p.Contact = a.Contact != nil && a.mayOf("see-identity", x)
	p.Mailed = a.Access.Post != nil
	p.Files = a.mayOf("see-file", x)
	p.Invite, p.Langs = open && !a.Access.Chooser && a.mayOf("invite", x) && inTrial(x), st.ProtocolFor(x, a.Office.Now()).Protocol().Languages
}

// askedOver gives the entries that asked to unblind somebody because of an event.
func askedOver(x *study.Participant, r *study.AdverseRecord) []uint64 {
	var out []uint64
	for _, u := range x.UnblindingsOver(r) {
		out = append(out, u.Entry)
	}
	return out
}

// offer lists what can be done for somebody, and what comes next.
func (p *participantPage) offer(a *ask, st *study.State, x *study.Participant, now time.Time) {
	can := func(name string) bool {
		act := acts[name]
		return a.mayOf(act.action(), x) && (act.offered == nil || act.offered(st, x)) && (act.due == nil || act.due(st, x, now))
	}
	for _, name := range nextActs {
		if p.Main == nil && can(name) {
			p.Main = &actLink{name, acts[name].title}
		}
	}
	for _, group := range actGroups {
		g := actGroup{Name: group.name}
		for _, name := range group.acts {
			switch link := (actLink{name, acts[name].title}); {
			case !can(name) || p.Main != nil && p.Main.Name == name:
			case slices.Contains(rareActs, name):
				p.Rare = append(p.Rare, link)
			default:
				g.Acts = append(g.Acts, link)
			}
		}
		if len(g.Acts) > 0 {
			p.Acts = append(p.Acts, g)
		}
	}
	if a.mayOf("answer", x) && p.Completed == nil && inTrial(x) {
		p.Forms = openForms(st, x, now)
	}
	p.Next = p.next(a, x)
}

// actGroups are the acts about a person, in the order of her page.
var actGroups = []struct {
	name string
	acts []string
}{
	{"Trial", []string{"consent", "enrol", "randomise", "ask-for-place", "complete", "withdraw", "override-eligibility", "close-screening", "lock-person", "sign", "unlock"}},
	{"Kits", []string{"dispense", "return", "replace-kit"}},
	{"Data", []string{"take-dose", "note-event", "raise-query", "excuse"}},
	{"Safety", []string{"report-adverse-event", "note-deviation", "record-medication", "report-device-incident", "report-pregnancy"}},
	{"Emergency", []string{"request-unblinding", "confirm-unblinding"}},
}

// rareActs are done to few, or once. An emergency is not among them.
var rareActs = []string{
	"override-eligibility", "close-screening", "lock-person", "sign", "unlock", "replace-kit", "excuse",
	"note-deviation", "record-medication", "report-device-incident", "report-pregnancy",
}

// CanFill says whether a visit's form can be filled in.
func (p participantPage) CanFill(v desk.Visit) bool {
	return p.Forms != nil && !p.Today.Before(v.First) && !v.Planned && v.State != schedule.Excused
}
