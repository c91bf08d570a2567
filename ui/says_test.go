package ui

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// gathering gathers events.
type gathering struct{ out []study.Event }

func (g *gathering) add(evs ...study.Event) { g.out = append(g.out, evs...) }

func (g *gathering) each(sort string, of func(word string) study.Event) {
	for _, w := range study.Vocabulary(sort) {
		g.add(of(w))
	}
}

// filled are events of every kind, with every word that their fields may hold.
// Names and words of people are tokens in no language.
func filled() []study.Event {
	g := &gathering{}
	day, n := civil.On(2026, 3, 14), uint64(7)
	g.people(day)
	g.harms(day, n)
	g.corrections(n)
	g.ends(day, n)
	g.conduct(day, n)
	g.quality(day, n)
	return g.out
}

func (g *gathering) people(day civil.Date) {
	f := study.File{SHA256: strings.Repeat("0", 64)}
	g.each("sealing", func(w string) study.Event {
		return study.Opened{Trial: "Qq-1", ProtocolHash: f.SHA256, Sealing: w}
	})
	g.add(study.Screened{Site: "main", Eligible: true}, study.Screened{Site: "main", Failed: []string{"adult"}})
	for _, l := range languages {
		g.add(study.Consented{Version: "1.0", Language: "sv"}, study.LanguageChanged{Language: "en"}, study.LanguageChanged{Language: protocol.Language(l)})
	}
	g.add(study.Enrolled{Zone: "Europe/Stockholm", Wake: 420, Planned: day}, study.Randomised{Date: day, Cell: "site=main", Slot: 4000})
	g.add(study.Dispensed{Visit: "day-0", Kit: "K1"}, study.Returned{Visit: "day-0", Kit: "K1", Units: 1}, study.Returned{Visit: "day-0", Kit: "K1", Units: 1200})
	g.add(study.Answered{Instrument: "isi", Visit: "day-0", Late: true}, study.Answered{Instrument: "csd", Night: day})
	g.add(study.NightRecorded{Vendor: "oura", Night: day}, study.DoseTaken{Date: day, Units: 1}, study.DoseTaken{Date: day, Units: 3})
	g.each("event", func(w string) study.Event { return study.EventOccurred{Event: w, From: day} })
}

func (g *gathering) harms(day civil.Date, n uint64) {
	g.each("severity", func(w string) study.Event {
		return study.AdverseEvent{Term: study.ToldByHer, Coded: "Qq", Severity: w, Serious: true}
	})
	g.each("outcome", func(w string) study.Event {
		return study.AdverseEventUpdated{Event: n, AdverseEvent: study.AdverseEvent{Term: "Qq", Severity: "mild", Serious: true, Outcome: w}}
	})
	for _, w := range []string{"sponsor", "authority", "ethics-committee", "safety-board", "other"} {
		g.add(study.SeriousReported{Event: n, To: w, On: time.Date(2026, 3, 14, 20, 0, 0, 0, time.UTC)})
	}
	g.each("deviation", func(w string) study.Event { return study.Deviation{Code: w, Note: "Qq"} })
	for _, w := range []string{"kit-mix-up", "consent-late", "other"} {
		g.add(study.Deviation{Code: w, Date: day})
	}
	for _, s := range desk.OurSentences() {
		g.add(study.Deviation{Code: "other", Note: strings.ReplaceAll(s, "%s", "12")})
	}
	g.each("category", func(w string) study.Event { return study.DeviationReviewed{Entry: n, Category: w} })
}

func (g *gathering) corrections(n uint64) {
	g.each("field", func(w string) study.Event {
		return study.Corrected{Entry: n, Field: w, Old: json.RawMessage("null"), New: json.RawMessage("1.5")}
	})
	for field, sort := range map[string]string{"severity": "severity", "related": "related", "outcome": "outcome", "expected": "expected", "action": "action", "whose": "whose", "consequence": "consequence", "category": "category", "event": "event", "code": "deviation", "why": "why", "what": "incident"} {
		g.each(sort, func(w string) study.Event {
			return study.Corrected{Entry: n, Field: field, Old: json.RawMessage(`true`), New: json.RawMessage(`"` + w + `"`)}
		})
	}
	g.each("criterion", func(w string) study.Event {
		return study.Corrected{Entry: n, Field: "criteria", Old: json.RawMessage(`[]`), New: json.RawMessage(`["` + w + `"]`)}
	})
	g.add(study.Corrected{Entry: n, Field: "answers.isi1", Old: json.RawMessage(`{"none":"declined"}`), New: json.RawMessage(`{"none":"not-sure"}`)})
}

func (g *gathering) ends(day civil.Date, n uint64) {
	f := study.File{SHA256: strings.Repeat("0", 64)}
	g.each("withdrawal", func(w string) study.Event { return study.Withdrew{From: w, Why: "moved"} })
	g.each("why", func(w string) study.Event { return study.Withdrew{From: "treatment", Why: w} })
	g.add(study.Completed{Date: day}, study.DryRun{Results: f}, study.Locked{Entries: 12000, Root: f.SHA256}, study.AllocationsOpen{Openings: f}, study.Reported{Results: f})
	for _, w := range []string{"override-eligibility", "amend-protocol", "extend-list", "unlock"} {
		g.add(study.Proposed{What: w})
	}
	g.add(study.Approved{Proposal: n}, study.Declined{Proposal: n}, study.AmendmentInForce{Version: "2", Site: "main", From: day})
	g.each("not-screened", func(w string) study.Event { return study.NotScreened{Site: "main", Why: w} })
	g.each("not-screened", func(w string) study.Event { return study.ScreeningClosed{Why: w} })
}

func (g *gathering) conduct(day civil.Date, n uint64) {
	g.add(study.WakeChanged{Wake: 420, From: day}, study.ZoneChanged{Zone: "Asia/Tokyo", From: day}, study.RemindersChanged{Channels: study.Vocabulary("channel")})
	g.add(study.Missed{Tasks: make([]study.TaskRef, 1)}, study.Missed{Tasks: make([]study.TaskRef, 3)}, study.ClockJumped{Seconds: -3600.5}, study.ClockConfirmed{})
	g.add(study.AccessLogStood{Lines: 1}, study.AccessLogStood{Lines: 12000})
	g.add(study.Held{Number: 1, Command: "answer", Codes: []string{"Qq"}}, study.Held{Number: 2, Codes: []string{"Qq", "Qq"}}, study.HeldSettled{Number: 1, How: study.HeldFiled, Entry: &n})
	for _, w := range study.Vocabulary("settled") {
		g.add(study.HeldSettled{Number: 1, How: w})
	}
	for _, w := range study.Vocabulary("task") {
		g.add(study.Excused{TaskRef: study.TaskRef{Task: schedule.Kind(w), Date: day}}, study.Excused{TaskRef: study.TaskRef{Task: schedule.Kind(w), Name: "day-0"}})
	}
	for _, rule := range diaryRules {
		g.add(study.QueryRaised{Entry: &n, Field: "answers.sol", Rule: rule})
	}
	g.add(study.QueryRaised{}, study.QueryAnswered{Query: n}, study.QueryReopened{Query: n}, study.FormLocked{Entry: n}, study.PersonLocked{}, study.Erased{})
	for _, w := range study.Vocabulary("how") {
		g.add(study.QueryClosed{Query: n, How: w})
	}
	for _, w := range study.Vocabulary("of") {
		g.add(study.Unlocked{What: w}, study.Signed{What: w})
	}
}

func (g *gathering) quality(day civil.Date, n uint64) {
	g.add(study.SourceVerified{Entry: n, Fields: []string{"term", "onset"}}, study.Medication{Name: "Qq", Dose: "Qq", Indication: "Qq"})
	for _, w := range study.Vocabulary("whose") {
		g.add(study.Pregnancy{Whose: w, Known: day})
	}
	for _, w := range study.Vocabulary("pregnancy") {
		g.add(study.PregnancyFollowed{Pregnancy: n, Outcome: w})
	}
	for _, w := range study.Vocabulary("incident") {
		g.add(study.DeviceIncident{Device: "oura", What: w, Consequence: "none"})
	}
	for _, w := range study.Vocabulary("consequence") {
		g.add(study.DeviceIncident{Device: "oura", What: "lost", Consequence: w})
	}
	g.add(study.ListExtended{First: 8, Slots: 1}, study.ListExtended{First: 8, Slots: 9, SealedList: study.File{SHA256: "00"}})
	g.add(study.KitsReceived{Site: "main", Kits: []string{"K1"}}, study.KitsReceived{Site: "main", Kits: []string{"K1", "K2"}, Expires: day})
	for _, w := range study.Vocabulary("kit") {
		g.add(study.KitNoted{Kit: "K1", What: w}, study.KitReplaced{Visit: "day-0", Old: "K1", What: w, Kit: "K2"})
	}
	g.add(study.AllocationRequested{Cell: "site=qq", Levels: []string{"qq"}}, study.AllocationAnswered{Request: n, Slot: 4})
	g.add(study.UnblindingRequested{Physician: "Qq"}, study.UnblindingConfirmed{Request: n}, study.UnblindingGranted{Request: n, By: "custodian"}, study.UnblindingGranted{Request: n, By: "holder", Holder: 2})
}

// diaryRules are those by which package diary asks.
var diaryRules = []string{"waso-no-waking", "answer-kind", "sleep-none", "bed-after-rising", "bed-after-trying", "bed-long", "trying-after-waking", "waking-after-rising"}

// ofPage gives a speaker as a page of the small trial has it.
func ofPage(t testing.TB, lang string) *speaker {
	t.Helper()
	m := playground(t)
	a := &ask{Server: &Server{Config: Config{Office: desk.NewOffice(m, clock)}, words: must(readWords())}, lang: lang, caller: desk.Caller{Account: "ida", Grants: []desk.Grant{{Role: study.RoleInvestigator}}}, r: httptest.NewRequest(http.MethodGet, "/trail", nil)}
	return a.speaker()
}

var word = regexp.MustCompile(`[\p{L}]+(?:[-’'][\p{L}]+)*`)

// Every kind of entry is told in the reader's language: each phrase and each code
// of it has words there, and no English word of ours stands in a Swedish line.
func TestTheTrailSpeaksSwedish(t *testing.T) {
	sv, en := ofPage(t, "sv"), ofPage(t, "en")
	c := sv.words
	// Names of the trial's own files are read as tokens here.
	for n := range sv.names {
		sv.names[n] = "Qq"
	}
	english, swedish := map[string]bool{}, map[string]bool{}
	events := filled()
	seen := map[study.Kind]bool{}
	for _, ev := range events {
		seen[ev.Kind()] = true
		for _, p := range desk.Says(ev) {
			learn(t, c, p, english, swedish)
		}
		learnCode(t, c, desk.Code{Sort: "kind", Code: string(ev.Kind())}, english, swedish)
	}
	for _, k := range study.Kinds() {
		if !seen[k] {
			t.Errorf("no filled event of the kind %s", k)
		}
	}
	for _, ev := range events {
		line, plain := sv.Line(desk.Says(ev)), en.Line(desk.Says(ev))
		for _, w := range word.FindAllString(line, -1) {
			if w = strings.ToLower(w); english[w] && !swedish[w] {
				t.Errorf("%s says %q in Swedish, with the English %q", ev.Kind(), line, w)
			}
		}
		for _, text := range []string{line, plain} {
			if strings.Contains(text, "%!") || strings.Contains(text, "2026-03-14") {
				t.Errorf("%s: %q", ev.Kind(), text)
			}
		}
	}
}

// learn notes the words of a phrase in both languages, and finds those it lacks.
func learn(t *testing.T, c *catalogue, p desk.Part, english, swedish map[string]bool) {
	t.Helper()
	s, ok := c.swedish[p.Phrase]
	if strings.Trim(p.Phrase, "%s ") != "" && !ok {
		t.Errorf("the phrase %q has no Swedish", p.Phrase)
	}
	if strings.Count(p.Phrase, "%s") != strings.Count(s, "%s") && ok {
		t.Errorf("%q and %q have other places", p.Phrase, s)
	}
	noteWords(english, p.Phrase)
	noteWords(swedish, s)
	for _, v := range p.Values {
		learnValue(t, c, v, english, swedish)
	}
}

func learnValue(t *testing.T, c *catalogue, v any, english, swedish map[string]bool) {
	t.Helper()
	switch x := v.(type) {
	case desk.Code:
		learnCode(t, c, x, english, swedish)
	case desk.Named:
		if x.Sort == "field" && !strings.HasPrefix(x.ID, "answers.") && x.ID != "" {
			learnCode(t, c, desk.Code{Sort: "field", Code: x.ID}, english, swedish)
		}
	case []any:
		for _, one := range x {
			learnValue(t, c, one, english, swedish)
		}
	}
}

// unworded are codes that are names of their own in every language.
var unworded = []string{"oura"}

func learnCode(t *testing.T, c *catalogue, code desk.Code, english, swedish map[string]bool) {
	t.Helper()
	if code.Code == "" || slices.Contains(unworded, code.Code) {
		return
	}
	said, ok := spokenCode(c, code)
	if !ok {
		t.Errorf("the %s %q has no Swedish word", code.Sort, code.Code)
	}
	noteWords(english, strings.ReplaceAll(code.Code, "-", " "))
	noteWords(english, code.Code)
	noteWords(english, c.coded("en", code.Sort+":", code.Code))
	noteWords(swedish, said)
}

// spokenCode gives a code's Swedish word, if it has one.
func spokenCode(c *catalogue, code desk.Code) (string, bool) {
	if s := c.codes[code.Sort+":"+code.Code]["sv"]; s != "" {
		return s, true
	}
	for _, key := range []string{code.Code, strings.ReplaceAll(code.Code, "-", " ")} {
		if s := c.swedish[key]; s != "" {
			return s, true
		}
	}
	return "", false
}

func noteWords(in map[string]bool, text string) {
	for _, w := range word.FindAllString(strings.ReplaceAll(text, "%s", " "), -1) {
		in[strings.ToLower(w)] = true
	}
}

// Every fixed set of words has each of its words in both languages, also where no
// event's line says it.
func TestEveryCodeHasWords(t *testing.T) {
	c := must(readWords())
	for _, sort := range study.Vocabularies() {
		for _, w := range study.Vocabulary(sort) {
			if _, ok := spokenCode(c, desk.Code{Sort: sort, Code: w}); !ok {
				t.Errorf("the %s %q has no Swedish word", sort, w)
			}
		}
	}
	for _, k := range study.Kinds() {
		if of := c.codes["kind:"+string(k)]; of["sv"] == "" || of["en"] == "" {
			t.Errorf("the kind %q is not there in both languages", k)
		}
	}
	for _, s := range desk.OurSentences() {
		if c.swedish[s] == "" {
			t.Errorf("%q has no Swedish", s)
		}
	}
}
