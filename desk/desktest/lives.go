package desktest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// Lives is a trial at two sites in which anything may happen: people come in,
// answer or do not, travel, fall ill, leave, are corrected and unlocked; the
// protocol is amended, the trial locked and opened again. What makes no sense is
// refused, as ever. The same seed gives the same lives.
type Lives struct {
	State *study.State
	Now   time.Time
	r     *rand.Rand
	next  protocol.Checked // what the amendment says
	kinds map[study.Kind]int
}

// anyFile is the hash of a file that nobody opens.
var anyFile = study.File{SHA256: strings.Repeat("ab", 32), Bytes: 5, Name: "file"}

// NewLives begins a trial by the small protocol at a path.
func NewLives(t testing.TB, path string, seed uint64) *Lives {
	t.Helper()
	text := strings.NewReplacer(
		"  - {id: main, name: The one site}\n", "  - {id: main, name: The one site}\n  - {id: north, name: Another}\n",
		"strata: [{name: sex}]", "strata: [{name: site}, {name: sex}]",
	).Replace(string(must(os.ReadFile(path))))
	amended := strings.NewReplacer(`version: "1"`, `version: "2"`, "after: 2", "after: 4", "backfill_days: 1", "backfill_days: 3", "instruments: [isi, kss], return", "instruments: [isi], return", "serious_within_hours: 24", "serious_within_hours: 30").Replace(text)
	c, next := parse(t, text), parse(t, amended)
	sealed := study.Sealed{SHA256: anyFile.SHA256, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	for n := range 12 {
		for i, cell := range c.Cells() {
			sealed.Slots = append(sealed.Slots, study.Slot{Cell: cell.Key, Kits: []study.Kit{{Visit: "day-0", Number: fmt.Sprintf("K%d%02d", i+1, n)}}})
		}
	}
	l := &Lives{State: study.New(c, sealed, study.BuiltIn), Now: Start, r: rand.New(rand.NewPCG(seed, 77)), next: next, kinds: map[study.Kind]int{}}
	l.State.UseProtocols(func(string, study.Instruments) (protocol.Checked, bool) { return next, true })
	l.Do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: anyFile, ProtocolHash: c.HashHex(), SealedList: anyFile,
		Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}, study.Meta{At: Start, Actor: "anna", Role: study.RoleCoordinator})
	return l
}

func parse(t testing.TB, text string) protocol.Checked {
	t.Helper()
	c, problems := protocol.Parse([]byte(text))
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	return c
}

// Kinds counts the facts that have come about.
func (l *Lives) Kinds() map[study.Kind]int { return l.kinds }

// Step lets some time pass, mostly hours and at times none or days, and then
// something happen.
func (l *Lives) Step() {
	switch l.r.IntN(8) {
	case 0: // the same moment
	case 1:
		l.Now = l.Now.Add(time.Duration(l.r.IntN(5*24*60)) * time.Minute)
	case 2: // to the edge of a day, somewhere
		zone := must(civil.Zone([]string{"Europe/Stockholm", "Asia/Tokyo", "America/Santiago"}[l.r.IntN(3)]))
		l.Now = civil.DateOf(l.Now.In(zone)).Add(1).Begins(zone)
	default:
		l.Now = l.Now.Add(time.Duration(l.r.IntN(8*3600)) * time.Second)
	}
	l.something()
}

// Do gives a command; what makes no sense is refused and nothing is said.
func (l *Lives) Do(c study.Command, m study.Meta) {
	facts, err := l.State.Do(c, m)
	if err != nil {
		return
	}
	for _, f := range facts {
		l.kinds[f.Event.Kind()]++
	}
}

func (l *Lives) something() {
	s, m := l.State, study.Meta{At: l.Now, Actor: "anna", Role: study.RoleCoordinator, Reason: "because", Signature: &study.Signature{Name: "Anna Ek", Meaning: study.MeansResponsibility, Method: "passkey"}}
	n := len(s.Order)
	switch k := l.r.IntN(100); {
	case n < 2 || k < 8 && n < 9:
		l.Do(l.screen(), m)
		return
	case k < 16 || s.Locked != nil && k < 50:
		l.ofTrial(m)
		return
	}
	m.Subject = s.Order[l.r.IntN(n)]
	p := s.People[m.Subject]
	if l.r.IntN(3) > 0 { // mostly what comes next
		for _, c := range []study.Command{study.Consent{Version: "1.0", Language: "sv"}, study.Enrol{Zone: l.zone(), Wake: civil.Clock(300 + 60*l.r.IntN(12))}} {
			if len(p.Consents) == 0 || p.Enrolled == nil {
				l.Do(c, m)
			}
		}
	}
	l.Do(l.ofPerson(p), m)
}

func (l *Lives) zone() string {
	return []string{"Europe/Stockholm", "Europe/Stockholm", "Asia/Tokyo", "America/Santiago", "Pacific/Auckland"}[l.r.IntN(5)]
}

func (l *Lives) screen() study.Command {
	return study.Screen{Site: []string{"main", "north"}[l.r.IntN(2)], Answers: protocol.Answers{
		"age": protocol.Int(33 + l.r.IntN(20)), "sex": protocol.Choice([]string{"female", "male"}[l.r.IntN(2)]), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}
}

// ofTrial is what is done to the trial as a whole.
func (l *Lives) ofTrial(m study.Meta) {
	today := civil.DateOf(l.Now)
	m.Role = study.RoleInvestigator
	switch l.r.IntN(8) {
	case 0:
		l.Amend(m)
	case 1:
		l.approve(m)
	case 2, 3:
		l.Do(study.PutAmendmentInForce{AmendmentInForce: study.AmendmentInForce{Version: "2", Site: []string{"main", "north"}[l.r.IntN(2)], From: today.Add(l.r.IntN(4))}}, m)
	case 4:
		m.Reason = ""
		l.Do(study.LogNotScreened{Site: "main", Why: "declined"}, m)
	case 5:
		if l.r.IntN(3) == 0 {
			l.Do(study.RecordDryRun{DryRun: study.DryRun{Results: anyFile, Report: anyFile}}, m)
			l.Do(study.Lock{Waive: true}, m)
		}
	default:
		l.Do(study.Unlock{Unlocked: study.Unlocked{What: "trial"}}, m)
		l.approve(m)
	}
}

// Amend makes the longer windows of version 2 known, with a second person's
// approval; it comes into force by PutAmendmentInForce.
func (l *Lives) Amend(m study.Meta) {
	l.Do(study.AmendProtocol{Protocol: anyFile, ProtocolHash: l.next.HashHex(), Version: "2", Summary: "longer"}, m)
	l.approve(m)
}

// approve is what a second person does.
func (l *Lives) approve(m study.Meta) {
	m.Actor, m.Signature = "ivar", &study.Signature{Name: "Ivar Ek", Meaning: study.MeansApproval, Method: "passkey"}
	for _, w := range l.State.Waiting("") {
		l.Do(study.Approve{Proposal: w.Entry}, m)
	}
}

// ofPerson is what is done to a person.
func (l *Lives) ofPerson(p *study.Participant) study.Command {
	date := civil.DateOf(l.Now).Add(l.r.IntN(4) - 2)
	visit := []string{"day-0", "day-7"}[l.r.IntN(2)]
	switch l.r.IntN(24) {
	case 0, 1:
		return study.Randomise{}
	case 2:
		return study.Dispense{Visit: visit}
	case 3, 4:
		return study.Answer{Instrument: []string{"isi", "kss"}[l.r.IntN(2)], Visit: visit, Language: "sv", Answers: l.isi()}
	case 5, 6, 7, 8, 9:
		return study.Answer{Instrument: "csd", Night: date, Language: "sv", Answers: JSON(instrument.Answers{
			"into-bed": instrument.At(civil.Clock(1300 + l.r.IntN(12))), "sol": instrument.Number(float64(l.r.IntN(40))), "waso": instrument.Number(float64(5 * l.r.IntN(9))),
			"final-waking": instrument.At(400), "out-of-bed": instrument.At(civil.Clock(420 + l.r.IntN(2))),
		})}
	case 10, 11:
		return l.ring(date)
	case 12, 13:
		return study.TakeDose{DoseTaken: study.DoseTaken{Date: date, Units: l.r.IntN(3)}}
	case 14:
		return study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: "headache", Severity: "mild", Related: "possible", Onset: date.Add(-2), Outcome: []string{"ongoing", "recovered"}[l.r.IntN(2)], Serious: true, Criteria: study.SeriousCriteria()[2:3],
		}}
	case 15:
		for _, r := range p.AdverseLog {
			return study.ReportSerious{SeriousReported: study.SeriousReported{Event: r.Entry, To: "sponsor", On: l.Now}}
		}
	case 16:
		return study.Withdraw{From: []string{"treatment", "follow-up", "device", "identifiers"}[l.r.IntN(4)], Why: "other"}
	case 17:
		return study.Complete{}
	case 18:
		return study.ChangeWake{WakeChanged: study.WakeChanged{Wake: civil.Clock(l.r.IntN(1440)), From: date}}
	case 19:
		return study.ChangeZone{ZoneChanged: study.ZoneChanged{Zone: l.zone(), From: date, To: date.Add(l.r.IntN(4))}}
	case 20:
		return study.Excuse{TaskRef: study.TaskRef{Task: "diary", Date: date}}
	case 21:
		return study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up"}}
	case 22:
		return l.correct(p)
	}
	return study.CloseTasks{}
}

func (l *Lives) isi() json.RawMessage {
	a := instrument.Answers{}
	each := l.r.IntN(4)
	for i := 1; i <= 7; i++ {
		a[instrument.ItemID(fmt.Sprintf("isi%d", i))] = instrument.Number(float64(each))
	}
	return JSON(a)
}

func (l *Lives) correct(p *study.Participant) study.Command {
	for _, r := range p.Diary {
		return study.Correct{Entry: r.Entry, Field: "answers.sol", New: JSON(l.r.IntN(50))}
	}
	return study.Correct{Entry: 1, Field: "answers.age", New: JSON(40 + l.r.IntN(20))}
}

// ring is a night of the ring, worn or not, at its hour or by day.
func (l *Lives) ring(date civil.Date) study.Command {
	zone := must(civil.Zone("Europe/Stockholm"))
	n := sleep.Night{Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Source: sleep.Provenance{Vendor: "oura"}}
	if l.r.IntN(5) > 0 {
		stages := make([]sleep.Stage, 96)
		for i := range stages {
			stages[i] = sleep.Light
		}
		n.Main = must(sleep.NewHypnogram(date.Add(-1).At(civil.Clock(15*60+l.r.IntN(9*60)), zone), 5*time.Minute, stages))
	} else {
		n.Status = sleep.NotWorn
	}
	return study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date, Record: JSON(n), Source: anyFile}}
}
