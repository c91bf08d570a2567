package study

import (
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/instrument/diary"
	"dvala/protocol"
)

// A query asks whether something is right. It is raised by a rule, beside the
// entry that looks wrong, or by hand; answered, and closed by who may judge the
// answer, or by a correction that settles a rule's doubt. While one is open
// nothing is locked, unless it is waived with a reason.
//
//	raised ─► answered ─► closed
//	   └────────┴───────────┘ reopened ─► (as raised)

// Kinds of facts about queries.
const (
	KindQueryRaised   Kind = "query-raised"
	KindQueryAnswered Kind = "query-answered"
	KindQueryClosed   Kind = "query-closed"
	KindQueryReopened Kind = "query-reopened"
)

type (
	// RaiseQuery by hand.
	RaiseQuery struct {
		Entry *uint64 `json:"entry,omitempty"` // what it is about, if it is one entry
		Field string  `json:"field,omitempty"`
		Text  Words   `json:"text"`
	}
	// AnswerQuery says what there is to say; the value itself is corrected.
	AnswerQuery struct{ QueryAnswered }
	// CloseQuery ends a query: the answer settles it, or it is waived.
	CloseQuery struct {
		Query uint64 `json:"query"`
		Waive bool   `json:"waive,omitempty"` // without an answer, with a reason
	}
	// ReopenQuery takes a query up again, with a reason.
	ReopenQuery struct{ QueryReopened }

	// QueryRaised is the question; it is known by its entry.
	QueryRaised struct {
		Entry *uint64 `json:"entry,omitempty"`
		Field string  `json:"field,omitempty"`
		Rule  string  `json:"rule,omitempty"` // the rule that raised it; absent by hand
		Text  Words   `json:"text"`
	}
	// QueryAnswered is an answer.
	QueryAnswered struct {
		Query uint64 `json:"query"`
		Text  Words  `json:"text"`
	}
	// QueryClosed says how a query ended.
	QueryClosed struct {
		Query uint64 `json:"query"`
		How   string `json:"how"` // answered, corrected, waived
	}
	// QueryReopened takes it up again.
	QueryReopened struct {
		Query uint64 `json:"query"`
	}
)

func (RaiseQuery) command()      {}
func (RaiseQuery) about() whom   { return onePerson }
func (RaiseQuery) leads() Kind   { return KindQueryRaised }
func (AnswerQuery) command()     {}
func (AnswerQuery) about() whom  { return onePerson }
func (AnswerQuery) leads() Kind  { return KindQueryAnswered }
func (CloseQuery) command()      {}
func (CloseQuery) about() whom   { return onePerson }
func (CloseQuery) leads() Kind   { return KindQueryClosed }
func (ReopenQuery) command()     {}
func (ReopenQuery) about() whom  { return onePerson }
func (ReopenQuery) leads() Kind  { return KindQueryReopened }
func (QueryRaised) Kind() Kind   { return KindQueryRaised }
func (QueryAnswered) Kind() Kind { return KindQueryAnswered }
func (QueryClosed) Kind() Kind   { return KindQueryClosed }
func (QueryReopened) Kind() Kind { return KindQueryReopened }
func (q *Query) OpenNow() bool   { return q.State != QueryIsClosed }
func (q *Query) Automatic() bool { return q.Rule != "" }

// States of a query.
const (
	QueryIsOpen     = "open"
	QueryIsAnswered = "answered"
	QueryIsClosed   = "closed"
)

// Query is a query as it stands, with what was said.
type Query struct {
	ID     uint64 // the entry that raised it
	About  *uint64
	Field  string
	Rule   string
	State  string
	How    string    // it was closed
	Since  time.Time // it was raised, or reopened
	Until  time.Time // it was closed
	Thread []QueryTurn
}

// QueryTurn is one thing said or done about a query.
type QueryTurn struct {
	At   time.Time
	By   string
	Role Role
	Kind Kind
	Text Words // of the question and of answers; else the reason
}

// Age gives how long a query has been open at an instant.
func (q *Query) Age(now time.Time) time.Duration {
	if !q.OpenNow() {
		return q.Until.Sub(q.Since)
	}
	return now.Sub(q.Since)
}

// OpenQueries gives those that are not closed.
func (p *Participant) OpenQueries() []*Query {
	return slices.DeleteFunc(slices.Clone(p.Queries), func(q *Query) bool { return !q.OpenNow() })
}

func (p *Participant) query(id uint64) (*Query, bool) {
	i := slices.IndexFunc(p.Queries, func(q *Query) bool { return q.ID == id })
	if i < 0 {
		return nil, false
	}
	return p.Queries[i], true
}

func (d *decision) query(id uint64) (*Query, error) {
	q, ok := d.p.query(id)
	if !ok {
		return nil, fault.New("query-unknown", "query", "entry %d raises no query about %s", id, d.p.Subject)
	}
	return q, nil
}

func (c RaiseQuery) decide(d *decision) ([]Event, error) {
	if c.Entry != nil {
		if f, ok := d.s.facts[*c.Entry]; ok && f.Subject != d.p.Subject || *c.Entry >= d.s.Entries {
			return nil, fault.New("entry-unknown", "entry", "entry %d tells nothing about %s", *c.Entry, d.p.Subject)
		}
	}
	e := QueryRaised{Entry: c.Entry, Field: c.Field, Text: c.Text}
	return one(e, e.check())
}

func (c AnswerQuery) decide(d *decision) ([]Event, error) {
	q, err := d.query(c.Query)
	switch {
	case err != nil:
		return nil, err
	case !q.OpenNow():
		return nil, fault.New("query-closed", "query", "this query is closed").WithHint("reopen it first")
	}
	return one(c.QueryAnswered, c.check())
}

func (c CloseQuery) decide(d *decision) ([]Event, error) {
	q, err := d.query(c.Query)
	if err != nil {
		return nil, err
	}
	e := QueryClosed{Query: c.Query, How: "answered"}
	switch {
	case !q.OpenNow():
		return nil, fault.New("query-closed", "query", "this query is closed")
	case c.Waive:
		e.How = "waived"
		return one(e, d.reasoned("waiving a query"))
	case q.State != QueryIsAnswered:
		return nil, fault.New("query-unanswered", "query", "nobody has answered this query").WithHint("answer it, or waive it with a reason")
	}
	return []Event{e}, nil
}

func (c ReopenQuery) decide(d *decision) ([]Event, error) {
	q, err := d.query(c.Query)
	switch {
	case err != nil:
		return nil, err
	case q.OpenNow():
		return nil, fault.New("query-open", "query", "this query is open")
	}
	return one(c.QueryReopened, d.reasoned("reopening a query"))
}

func (e QueryRaised) check() error {
	var l fault.List
	if blank(string(e.Text)) {
		l.Addf("query-text", "text", "say what is asked")
	}
	checkSealed(&l, "text", e.Text)
	checkWords(&l, "field", e.Field, maxWord)
	checkWords(&l, "rule", e.Rule, maxWord)
	return l.Err()
}

func (e QueryAnswered) check() error { return QueryRaised{Text: e.Text}.check() }

func (e QueryClosed) check() error {
	var l fault.List
	oneOf(&l, "how", e.How, vocabulary["how"]...)
	return l.Err()
}

func (q *Query) turn(f Fact, state string, text Words) {
	q.State = state
	q.Thread = append(q.Thread, QueryTurn{At: f.At, By: f.Actor, Role: f.Role, Kind: f.Event.Kind(), Text: text})
}

func (e QueryRaised) fold(_ *State, p *Participant, f Fact) error {
	q := &Query{ID: f.Index, About: e.Entry, Field: e.Field, Rule: e.Rule, Since: f.At}
	q.turn(f, QueryIsOpen, e.Text)
	p.Queries = append(p.Queries, q)
	return nil
}

func (e QueryAnswered) fold(_ *State, p *Participant, f Fact) error {
	return p.onQuery(e.Query, true, func(q *Query) { q.turn(f, QueryIsAnswered, e.Text) })
}

func (e QueryClosed) fold(_ *State, p *Participant, f Fact) error {
	return p.onQuery(e.Query, true, func(q *Query) {
		q.How, q.Until = e.How, f.At
		q.turn(f, QueryIsClosed, Words(f.Reason))
	})
}

func (e QueryReopened) fold(_ *State, p *Participant, f Fact) error {
	return p.onQuery(e.Query, false, func(q *Query) {
		q.How, q.Since, q.Until = "", f.At, time.Time{}
		q.turn(f, QueryIsOpen, Words(f.Reason))
	})
}

func (p *Participant) onQuery(id uint64, open bool, do func(*Query)) error {
	q, ok := p.query(id)
	if !ok || q.OpenNow() != open {
		return fault.New("query-unknown", "", "entry %d raises no query that this could follow", id)
	}
	do(q)
	return nil
}

// doubts gives what is implausible in a form, by rule: those of the protocol in
// force, and of a diary the warnings of package diary, in its words, which hold
// times and minutes only.
func (s *State) doubts(a Answered, zone *time.Location, c protocol.Checked) []*fault.Problem {
	def, ok := s.Instrument(instrument.ID(a.Instrument), a.Version)
	if !ok {
		return nil
	}
	answers, _, err := readAnswers(def, a.Answers)
	if err != nil {
		return nil
	}
	found := c.Doubts(def.ID, answers, "en")
	if !a.Night.IsZero() {
		_, warned := diary.Read(a.Night, zone, answers)
		found = append(found, warned...)
	}
	return slices.DeleteFunc(found, func(p *fault.Problem) bool {
		// A time that the clocks showed twice is read by a rule and is no slip.
		return p.Code == "clock-repeated" || p.Code == "clock-skipped" || slices.Contains(a.Confirmed, string(p.Code))
	})
}

// ask raises a query for each doubt about the diary that is at an entry.
func (d *decision) ask(a Answered, entry uint64, zone *time.Location) []Event {
	var out []Event
	for _, p := range d.s.doubts(a, zone, d.asked(a)) {
		raised := slices.ContainsFunc(d.p.Queries, func(q *Query) bool {
			return q.Rule == string(p.Code) && q.About != nil && *q.About == entry && q.How != "corrected"
		})
		if !raised {
			out = append(out, QueryRaised{Entry: &entry, Field: "answers." + strings.TrimPrefix(p.Place, "answers."), Rule: string(p.Code), Text: Words(p.Message)})
		}
	}
	return out
}

// settled closes the queries by rule that a correction of a diary or of an adverse
// event has settled, and raises those for which it gives reason.
func (d *decision) settled(old Fact, changed Event) []Event {
	if harm, is := harmIn(changed); is {
		return d.askHarm(harm, d.p.harmOf(old.Index))
	}
	if w, is := changed.(Withdrew); is {
		return d.askForDeath(w, old.Index)
	}
	a, is := changed.(Answered)
	if !is {
		return nil
	}
	zone, err := civil.Zone(old.Zone)
	if err != nil {
		return nil
	}
	still := d.s.doubts(a, zone, d.asked(a))
	var out []Event
	for _, q := range d.p.OpenQueries() {
		if q.Automatic() && q.About != nil && *q.About == old.Index &&
			!slices.ContainsFunc(still, func(p *fault.Problem) bool { return string(p.Code) == q.Rule }) {
			out = append(out, QueryClosed{Query: q.ID, How: "corrected"})
		}
	}
	return append(out, d.ask(a, old.Index, zone)...)
}
