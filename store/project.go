package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/ledger"
	"dvala/schedule"
	"dvala/store/sqldb"
	"dvala/study"
)

// A projection is written from the state, never from the fact that changed it:
// a fact says only which rows are to be written again. So a row cannot say
// anything but what the fold says, and Rebuild, which marks all rows, must give
// the same.
type projection struct {
	people  map[study.Subject]bool
	visits  map[rowKey]bool // subject, visit, instrument
	diary   map[rowKey]bool // subject, night
	nights  map[rowKey]bool // subject, vendor, night
	doses   map[rowKey]bool // subject, date
	kits    map[study.Subject]bool
	events  map[study.Subject]bool
	plans   map[study.Subject]bool // all tasks
	arrived map[arrival]bool       // one task
}

type rowKey struct {
	who  study.Subject
	a, b string
	date civil.Date
}

type arrival struct {
	who study.Subject
	key schedule.Key
}

func newProjection() *projection {
	return &projection{
		people: map[study.Subject]bool{}, visits: map[rowKey]bool{}, diary: map[rowKey]bool{}, nights: map[rowKey]bool{},
		doses: map[rowKey]bool{}, kits: map[study.Subject]bool{}, events: map[study.Subject]bool{},
		plans: map[study.Subject]bool{}, arrived: map[arrival]bool{},
	}
}

// touch marks the rows that a fact changes.
func (w *projection) touch(s *study.State, f study.Fact) {
	if e, is := f.Event.(study.AmendmentInForce); is {
		w.replan(s, e.Site)
		return
	}
	p, ok := s.People[f.Subject]
	if !ok {
		return
	}
	if len(s.Amendments) > 0 && begins(f.Event) {
		w.plans[f.Subject] = true // to which version a visit belongs may hang on it
	}
	if key, ok := study.TaskOf(f.Event); ok {
		w.arrived[arrival{f.Subject, key}] = true
	}
	switch e := f.Event.(type) {
	case study.Screened, study.Consented, study.Completed, study.ScreeningClosed, study.Erased, study.Approved:
		w.people[f.Subject] = true
	case study.AllocationAnswered: // the entry after it gives the place
	case study.Enrolled, study.Randomised, study.AllocationRequested:
		w.people[f.Subject], w.plans[f.Subject] = true, true
	case study.WakeChanged, study.ZoneChanged:
		w.plans[f.Subject] = true // her mornings are at other hours
	case study.Dispensed, study.Returned, study.KitReplaced:
		w.kits[f.Subject] = true
	case study.Answered:
		if e.Visit != "" {
			w.visits[rowKey{who: f.Subject, a: e.Visit, b: e.Instrument}] = true
		} else {
			w.diary[rowKey{who: f.Subject, date: e.Night}] = true
		}
	case study.NightRecorded:
		w.nights[rowKey{who: f.Subject, a: e.Vendor, date: e.Night}] = true
	case study.DoseTaken:
		w.doses[rowKey{who: f.Subject, date: e.Date}] = true
	case study.AdverseEvent, study.AdverseEventUpdated: // one that is fatal ends her part
		w.people[f.Subject], w.events[f.Subject] = true, true
	case study.EventOccurred, study.Deviation, study.DeviationReviewed,
		study.UnblindingRequested, study.UnblindingGranted, study.UnblindingConfirmed:
		w.events[f.Subject] = true
	case study.Withdrew:
		w.people[f.Subject], w.events[f.Subject] = true, true
	case study.Corrected:
		w.person(p) // it may have changed any of them
	}
}

// replan marks the plans of all people of a site. What an amendment plans is
// told by its date alone, so that the rows are right before that day and after it.
func (w *projection) replan(s *study.State, site string) {
	for _, who := range s.Order {
		if s.People[who].Site == site {
			w.plans[who] = true
		}
	}
}

// begins says whether a fact is something done at a visit.
func begins(ev study.Event) bool {
	switch e := ev.(type) {
	case study.Answered:
		return e.Visit != ""
	case study.Dispensed, study.KitReplaced:
		return true
	}
	return false
}

// person marks all rows of a person.
func (w *projection) person(p *study.Participant) {
	who := p.Subject
	w.people[who], w.kits[who], w.events[who], w.plans[who] = true, true, true, true
	for visit, of := range p.Visits {
		for instrument := range of {
			w.visits[rowKey{who: who, a: visit, b: instrument}] = true
		}
	}
	for night := range p.Diary {
		w.diary[rowKey{who: who, date: night}] = true
	}
	for vendor, of := range p.Nights {
		for night := range of {
			w.nights[rowKey{who: who, a: vendor, date: night}] = true
		}
	}
	for date := range p.Doses {
		w.doses[rowKey{who: who, date: date}] = true
	}
}

// write writes all marked rows.
func (w *projection) write(ctx context.Context, tx *sqldb.Tx, s *study.State) error {
	for _, table := range []struct {
		into sqldb.Table
		rows func() ([][]any, error)
	}{
		{participants, func() ([][]any, error) { return each(s, w.people, personRow) }},
		{answers, func() ([][]any, error) { return each(s, w.visits, answerRow) }},
		{diaries, func() ([][]any, error) { return each(s, w.diary, diaryRow) }},
		{nights, func() ([][]any, error) { return each(s, w.nights, nightRow) }},
		{doses, func() ([][]any, error) { return each(s, w.doses, doseRow) }},
		{kits, func() ([][]any, error) { return each(s, w.kits, kitRows) }},
	} {
		rows, err := table.rows()
		if err != nil {
			return err
		}
		if err := tx.Upsert(ctx, table.into, rows); err != nil {
			return err
		}
	}
	if err := w.writeEvents(ctx, tx, s); err != nil {
		return err
	}
	return w.writeTasks(ctx, tx, s)
}

// subjectOf lets each kind of key tell whom it is of.
func (k rowKey) subject() study.Subject { return k.who }

func each[K comparable](s *study.State, marked map[K]bool, rows func(*study.Participant, K) ([][]any, error)) ([][]any, error) {
	var out [][]any
	for k := range marked {
		var who study.Subject
		switch k := any(k).(type) {
		case study.Subject:
			who = k
		case rowKey:
			who = k.subject()
		}
		r, err := rows(s.People[who], k)
		if err != nil {
			return nil, err
		}
		out = append(out, r...)
	}
	return out, nil
}

// stamp is an instant as the rows hold it, so that text compares as time does.
func stamp(t time.Time) string { return t.UTC().Format(ledger.TimeLayout) }

// orNull is a text, or NULL where there is none.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func personRow(p *study.Participant, who study.Subject) ([][]any, error) {
	var consented, language, zone, enrolled, randomised, cell, slot, completed any
	if n := len(p.Consents); n > 0 {
		consented, language = stamp(p.Consents[n-1].At), string(p.Consents[n-1].Language)
	}
	if e := p.Enrolled; e != nil {
		zone, enrolled = e.Zone, p.EnrolledOn.String()
	}
	if r := p.Randomised; r != nil {
		randomised, cell, slot = r.Date.String(), r.Cell, r.Slot
	}
	if c := p.Completed; c != nil {
		completed = c.Date.String()
	}
	treatment, _ := p.WithdrewFrom("treatment")
	trial, _ := p.WithdrewFrom("follow-up")
	return [][]any{{
		string(who), p.Site, stamp(p.ScreenedAt), p.Screening.Eligible, consented, language, zone, enrolled,
		randomised, cell, slot, orNull(treatment.Date.String()), orNull(trial.Date.String()), completed,
	}}, nil
}

func answerRow(p *study.Participant, k rowKey) ([][]any, error) {
	r := p.Visits[k.a][k.b]
	scores, err := json.Marshal(r.Scores)
	if err != nil {
		return nil, err
	}
	a := r.Answered
	return [][]any{{string(p.Subject), k.a, k.b, int64(r.Entry), a.Version, a.Date.String(), a.Late, string(a.Answers), string(scores)}}, nil
}

func diaryRow(p *study.Participant, k rowKey) ([][]any, error) {
	r := p.Diary[k.date]
	a := r.Answered
	return [][]any{{string(p.Subject), k.date.String(), int64(r.Entry), a.Date.String(), a.Late, string(a.Answers)}}, nil
}

func nightRow(p *study.Participant, k rowKey) ([][]any, error) {
	n := p.Nights[k.a][k.date]
	var tst, waso, se any
	if a, ok := n.Night.Architecture(); ok {
		tst, waso, se = number(a.TSTMin), number(a.WASOSPTMin), number(a.SETIBPct)
	}
	return [][]any{{
		string(p.Subject), k.a, k.date.String(), int64(n.Entry), string(n.Night.Status), tst, waso, se, n.Superseded, n.Source.SHA256,
	}}, nil
}

// number is a figure, or NULL where it is absent.
func number(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func doseRow(p *study.Participant, k rowKey) ([][]any, error) {
	d := p.Doses[k.date]
	return [][]any{{string(p.Subject), k.date.String(), int64(d.Entry), d.Units}}, nil
}

func kitRows(p *study.Participant, who study.Subject) ([][]any, error) {
	var out [][]any
	for _, k := range p.Kits {
		var returned any
		if k.Returned != nil {
			returned = *k.Returned
		}
		out = append(out, []any{k.Kit, string(who), k.Visit, k.Date.String(), returned})
	}
	return out, nil
}

// writeEvents writes the lists of a person anew: what is implied by one event
// may change with another.
func (w *projection) writeEvents(ctx context.Context, tx *sqldb.Tx, s *study.State) error {
	var rows [][]any
	for _, who := range slices.Sorted(maps.Keys(w.events)) { // those alone: there may be many people
		if _, err := tx.ExecContext(ctx, "DELETE FROM events WHERE subject = $1", string(who)); err != nil {
			return err
		}
		p := s.People[who]
		for _, list := range []struct {
			kind string
			n    int
			at   func(i int) any
		}{
			{"intercurrent", len(p.Events), func(i int) any { return p.Events[i] }},
			{"adverse", len(p.Adverse), func(i int) any { return p.Adverse[i] }},
			{"deviation", len(p.Deviations), func(i int) any { return p.Deviations[i] }},
			{"correction", len(p.Corrections), func(i int) any { return p.Corrections[i].Corrected }},
		} {
			for i := range list.n {
				data, err := json.Marshal(list.at(i))
				if err != nil {
					return err
				}
				rows = append(rows, []any{string(who), list.kind, i, string(data)})
			}
		}
	}
	return tx.Insert(ctx, events, rows)
}

// writeTasks writes the whole plan of a person where that has changed, and
// elsewhere only what has arrived.
func (w *projection) writeTasks(ctx context.Context, tx *sqldb.Tx, s *study.State) error {
	var rows [][]any
	for _, who := range slices.Sorted(maps.Keys(w.plans)) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM tasks WHERE subject = $1", string(who)); err != nil {
			return err
		}
		p := s.People[who]
		done := s.Arrived(p)
		for _, task := range s.Plan(p) {
			at, whole := arrivedRow(done[task.Key])
			rows = append(rows, []any{
				string(who), string(task.Kind), task.Name, task.Date.String(),
				stamp(task.Opens), stamp(task.Due), stamp(task.Closes), at, whole,
			})
		}
	}
	if err := tx.Insert(ctx, tasks, rows); err != nil {
		return err
	}
	rows = nil
	for k := range w.arrived {
		if w.plans[k.who] {
			continue
		}
		at, whole := arrivedRow(s.ArrivedAt(s.People[k.who], k.key))
		flag := "0" // text, which both databases read as a truth value
		if whole {
			flag = "1"
		}
		rows = append(rows, []any{string(k.who), string(k.key.Kind), k.key.Name, k.key.Date.String(), at, flag})
	}
	return tx.Each(ctx, rows, func(tuples string) string {
		return "UPDATE tasks SET arrived = v.column5, whole = CAST(v.column6 AS BOOLEAN) FROM (VALUES " + tuples + ") AS v " +
			"WHERE subject = v.column1 AND kind = v.column2 AND name = v.column3 AND date = v.column4"
	})
}

func arrivedRow(r schedule.Receipt) (at any, whole bool) {
	if !r.At.IsZero() {
		at = stamp(r.At)
	}
	return at, r.Complete
}

// Rebuild makes all projections anew from the state, in one transaction.
func (t *Trial) Rebuild(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	tx, err := t.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	for _, table := range projections {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table.Name); err != nil {
			return err
		}
	}
	w := newProjection()
	for _, who := range slices.Clone(t.state.Order) {
		w.person(t.state.People[who])
	}
	if err := w.write(ctx, tx, t.state); err != nil {
		return err
	}
	return tx.Commit()
}
