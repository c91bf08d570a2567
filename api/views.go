package api

import (
	"encoding/json"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/remind"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// What answers look like. The desk's values may change with the program; these
// change with the version of the API.

// Count is how many there are of something.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// Share is how much has come of what was due.
type Share struct {
	Got int `json:"got"`
	Due int `json:"due"`
}

// Flow counts people as CONSORT does, all groups together.
type Flow struct {
	Screened      int     `json:"screened"`
	NotEligible   int     `json:"not_eligible"`
	NotConsented  int     `json:"not_consented"`
	Enrolled      int     `json:"enrolled"`
	NotRandomised int     `json:"not_randomised"`
	Randomised    int     `json:"randomised"`
	LeftTreatment int     `json:"left_treatment"`
	LeftTrial     int     `json:"left_trial"`
	Completed     int     `json:"completed"`
	Ongoing       int     `json:"ongoing"`
	Excluded      []Count `json:"excluded" nullable:"false"`
	Left          []Count `json:"left" nullable:"false"`
}

// Month is enrolment to the end of a month beside the plan.
type Month struct {
	Month    string `json:"month" example:"2026-03"`
	New      int    `json:"new"`
	Total    int    `json:"total"`
	Expected *int   `json:"expected,omitempty"`
}

// Overview is a trial at a glance.
type Overview struct {
	Trial       string   `json:"trial"`
	Title       string   `json:"title"`
	Question    string   `json:"question"`
	Phase       string   `json:"phase"`
	Simulated   bool     `json:"simulated"`
	AsOf        string   `json:"as_of"`
	Entries     uint64   `json:"entries"`
	Planned     int      `json:"planned"`
	Flow        Flow     `json:"flow"`
	Months      []Month  `json:"months" nullable:"false"`
	Today       []Count  `json:"today" nullable:"false" doc:"what needs a person today"`
	Serious     int      `json:"serious_adverse_events"`
	Adverse     int      `json:"adverse_events"`
	Deviations  []Count  `json:"deviations" nullable:"false"`
	Corrections int      `json:"corrections"`
	Signatures  []Signed `json:"signatures" nullable:"false" doc:"of the trial as a whole"`
}

func overviewOf(o desk.Overview) Overview {
	out := Overview{
		Trial: o.Trial, Title: o.Title, Question: o.Question, Phase: string(o.Phase), Simulated: o.Simulated,
		AsOf: stampOf(o.AsOf), Entries: o.Entries, Planned: o.Planned, Serious: o.Serious, Adverse: o.Adverse,
		Corrections: o.Corrections, Signatures: signedOf(o.Signatures), Months: []Month{}, Today: countsOf(o.Today), Deviations: countsOf(o.Deviations),
		Flow: flowOf(o.Flow),
	}
	for _, m := range o.Months {
		v := Month{Month: m.Month, New: m.New, Total: m.Total}
		if m.HasExpected {
			v.Expected = &m.Expected
		}
		out.Months = append(out.Months, v)
	}
	return out
}

func flowOf(f desk.Flow) Flow {
	return Flow{
		f.Screened, f.NotEligible, f.NotConsented, f.Enrolled, f.NotRandomised, f.Randomised, f.LeftTreatment, f.LeftTrial,
		f.Completed, f.Ongoing, countsOf(f.Excluded), countsOf(f.Left),
	}
}

func countsOf(in []desk.Count) []Count {
	out := make([]Count, len(in))
	for i, c := range in {
		out[i] = Count(c)
	}
	return out
}

// Line is one person in a line.
type Line struct {
	Subject    string   `json:"subject"`
	Site       string   `json:"site"`
	Stage      string   `json:"stage"`
	Stratum    string   `json:"stratum,omitempty"`
	Day        *int     `json:"day,omitempty" doc:"from randomisation, while the person is in the trial"`
	Randomised string   `json:"randomised,omitempty"`
	Diaries    Share    `json:"diaries"`
	Nights     Share    `json:"nights"`
	Doses      int      `json:"doses"`
	Late       int      `json:"late"`
	Missed     int      `json:"missed"`
	Adverse    int      `json:"adverse_events"`
	Serious    bool     `json:"serious"`
	Deviations int      `json:"deviations"`
	Needs      []string `json:"needs" nullable:"false"`
}

func lineOf(l desk.Line) Line {
	out := Line{
		Subject: string(l.Subject), Site: l.Site, Stage: l.Stage, Stratum: l.Cell, Diaries: Share(l.Diaries), Nights: Share(l.Nights),
		Doses: l.Doses, Late: l.Late, Missed: l.Missed, Adverse: l.Adverse, Serious: l.Serious, Deviations: l.Deviations,
		Needs: append([]string{}, l.Needs...),
	}
	if l.HasDay {
		out.Day = &l.Day
	}
	if !l.Randomised.IsZero() {
		out.Randomised = l.Randomised.String()
	}
	return out
}

// Task is something planned and how it stands.
type Task struct {
	Kind    string   `json:"kind" example:"diary"`
	Name    string   `json:"name,omitempty"`
	Date    string   `json:"date"`
	Day     int      `json:"day"`
	State   string   `json:"state" example:"open"`
	Opens   string   `json:"opens"`
	Due     string   `json:"due"`
	Closes  string   `json:"closes"`
	Missing []string `json:"missing,omitempty"`
}

func taskOf(t schedule.Task) Task {
	return Task{
		Kind: string(t.Kind), Name: t.Name, Date: t.On.String(), Day: t.Day, State: string(t.State),
		Opens: stampOf(t.Opens), Due: stampOf(t.Due), Closes: stampOf(t.Closes), Missing: t.Missing,
	}
}

// Me is what a participant has before her.
type Me struct {
	Subject string `json:"subject"`
	Stage   string `json:"stage"`
	Version string `json:"protocol" doc:"the version in force for her"`
	Consent string `json:"consent" doc:"the version of the information in force for her"`
	Agree   bool   `json:"to_consent" doc:"she has not consented to it yet, or is to consent anew"`
	Tasks   []Task `json:"tasks" nullable:"false" doc:"what has opened, and how it stands"`
	Kits    []Kit  `json:"kits" nullable:"false" doc:"that she was handed, as her emergency card shows them"`
	Contact string `json:"contact" doc:"whom to call"`
	// Settings are hers once she is enrolled.
	Settings *Settings `json:"settings,omitempty"`
}

// Settings are a participant's hours, and how she wants to be reminded.
type Settings struct {
	Language string   `json:"language"`
	Zone     string   `json:"zone" doc:"where she is"`
	Wake     string   `json:"wake" example:"07:00"`
	Channels []string `json:"channels" nullable:"false"`
	Morning  string   `json:"morning" doc:"from when on she may be reminded of the morning's entry"`
	Evening  string   `json:"evening" doc:"of the dose"`
	Quiet    []string `json:"quiet,omitempty" doc:"from and to when nothing is sent"`
}

func settingsOf(st *study.State, p *study.Participant, now time.Time) *Settings {
	if p.Enrolled == nil {
		return nil
	}
	set := remind.SettingsOf(st, p, now)
	out := &Settings{
		Language: set.Lang, Zone: set.Zone.String(), Wake: p.WakeOn(civil.DateOf(now.In(set.Zone))).String(), Channels: []string{},
		Morning: set.Morning.String(), Evening: set.Evening.String(),
	}
	for _, c := range set.Channels {
		out.Channels = append(out.Channels, string(c))
	}
	if set.QuietFrom != set.QuietTo {
		out.Quiet = []string{set.QuietFrom.String(), set.QuietTo.String()}
	}
	return out
}

func kitsOf(list []study.KitGiven) []Kit {
	out := []Kit{}
	for _, k := range list {
		out = append(out, Kit{k.Kit, k.Visit, k.Date.String(), k.Returned})
	}
	return out
}

// Form is a filled-in instrument.
type Form struct {
	Instrument string             `json:"instrument"`
	Visit      string             `json:"visit,omitempty"`
	Night      string             `json:"night,omitempty"`
	Entry      uint64             `json:"entry" doc:"on the ledger"`
	At         string             `json:"at"`
	Late       bool               `json:"late"`
	Validated  bool               `json:"validated" doc:"the licensed wording was shown"`
	Answers    json.RawMessage    `json:"answers"`
	Scores     map[string]float64 `json:"scores,omitempty"`
}

func formOf(r *study.Response) Form {
	a := r.Answered
	f := Form{
		Instrument: a.Instrument, Visit: a.Visit, Entry: r.Entry, At: stampOf(r.At), Late: a.Late, Validated: a.Validated,
		Answers: a.Answers,
	}
	if !a.Night.IsZero() {
		f.Night = a.Night.String()
	}
	for _, s := range r.Scores {
		if s.Value != nil {
			if f.Scores == nil {
				f.Scores = map[string]float64{}
			}
			f.Scores[string(s.Scale)] = *s.Value
		}
	}
	return f
}

// Night is a device's night in force.
type Night struct {
	Vendor     string          `json:"vendor"`
	Night      string          `json:"night"`
	Entry      uint64          `json:"entry"`
	Superseded int             `json:"superseded" doc:"earlier versions that it replaced"`
	Record     json.RawMessage `json:"record"`
}

// Signed is a signature, and whether it covers what there is now.
type Signed struct {
	Entry   uint64 `json:"entry" doc:"that signs"`
	At      string `json:"at"`
	By      string `json:"by"`
	Role    string `json:"role"`
	Name    string `json:"name" doc:"the signer's printed name"`
	Meaning string `json:"meaning"`
	Method  string `json:"method"`
	What    string `json:"what" enum:"form,person,trial"`
	Of      uint64 `json:"of,omitempty" doc:"the entry that is signed, of a form"`
	Stale   bool   `json:"stale" doc:"what is signed was changed afterwards: the signature is of an older state"`
	Since   uint64 `json:"since,omitempty" doc:"the entry that changed it last, where it is stale"`
}

func signedOf(list []study.SigningNow) []Signed {
	out := make([]Signed, len(list))
	for i, x := range list {
		out[i] = Signed{x.Entry, stampOf(x.At), x.By, string(x.Role), x.Signature.Name, x.Signature.Meaning, x.Signature.Method, x.What, x.Of, x.Stale, x.Since}
	}
	return out
}

// Consent is a consent that was given.
type Consent struct {
	Version  string `json:"version"`
	Language string `json:"language"`
	At       string `json:"at"`
}

// Kit is a kit handed out. Its number says nothing about the arm.
type Kit struct {
	Kit      string `json:"kit"`
	Visit    string `json:"visit"`
	Date     string `json:"date"`
	Returned *int   `json:"returned,omitempty"`
}

// Ledger is a page of entries.
type Ledger struct {
	Size    uint64  `json:"size" doc:"how many entries there are"`
	Entries []Entry `json:"entries" nullable:"false"`
	Next    *uint64 `json:"next,omitempty"`
}

// Entry is an entry as it is stored and hashed.
type Entry struct {
	Index uint64 `json:"index"`
	Hash  string `json:"hash" doc:"leaf hash, base64"`
	Kind  string `json:"kind"`
	At    string `json:"at" doc:"when it was written down, UTC"`
	Bytes string `json:"bytes,omitempty" doc:"the entry, byte for byte; absent where it is not for the reader's role"`
}

// languageOf gives the language in which a caller reads.
func languageOf(c desk.Caller) protocol.Language {
	if c.Lang == "sv" {
		return "sv"
	}
	return "en"
}
