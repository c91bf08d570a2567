package exchange

import (
	"strconv"

	"dvala/study"
)

// Free text about a person is in none of these tables: it is sealed under her
// own key, and an export could not be erased.

func entryCell(n uint64) cell { return cell{text: strconv.FormatUint(n, 10), number: true} }

// screening is the log of those who were asked and did not come in, by which the
// flow of participants is counted.
func (x *export) screening() *table {
	t := &table{name: "screening_log", columns: []column{
		{name: "site", label: "site", kind: "choice", source: "ledger"},
		{name: "subject", label: "participant's code", kind: "code", source: "ledger", missing: "empty: not screened, so nobody's code"},
		{name: "why", label: "why the person is not enrolled", kind: "choice", levels: options(study.WhyNot()...), source: "ledger"},
	}}
	for _, n := range x.state.NotScreened {
		t.add(text(n.Site), cell{}, text(n.Why))
	}
	x.people(func(p *study.Participant) {
		if why, ok := p.NotEnrolled(); ok {
			t.add(text(p.Site), subject(p), text(why))
		}
	})
	return t
}

func (x *export) queries() *table {
	t := &table{name: "queries", columns: []column{
		subjectColumn,
		{name: "query", label: "entry of the ledger that raised it", kind: "integer", source: "ledger"},
		{name: "entry", label: "entry that it is about", kind: "integer", source: "ledger", missing: "empty: about no one entry"},
		{name: "field", label: "field that it is about", kind: "text", source: "ledger", missing: "empty: about no one field"},
		{name: "rule", label: "rule that raised it", kind: "code", source: "ledger", missing: "empty: raised by hand"},
		{name: "state", label: "how it stands", kind: "choice", levels: options("open", "answered", "closed"), source: "ledger"},
		{name: "how", label: "how it was closed", kind: "choice", levels: options("answered", "corrected", "waived"), source: "ledger", missing: "empty: not closed"},
		{name: "raised", label: "instant it was raised or reopened, UTC", kind: "instant", source: "ledger"},
		{name: "closed", label: "instant it was closed, UTC", kind: "instant", source: "ledger", missing: "empty: not closed"},
	}}
	x.people(func(p *study.Participant) {
		for _, q := range p.Queries {
			about, closed := cell{}, cell{}
			if q.About != nil {
				about = entryCell(*q.About)
			}
			if !q.OpenNow() {
				closed = instant(q.Until)
			}
			t.add(subject(p), entryCell(q.ID), about, text(q.Field), text(q.Rule), text(q.State), text(q.How), instant(q.Since), closed)
		}
	})
	return t
}

func (x *export) medications() *table {
	t := &table{name: "medications", columns: []column{
		subjectColumn,
		{name: "name", label: "what is taken beside the treatment", kind: "text", source: "ledger"},
		{name: "coded", label: "what a dictionary calls it", kind: "text", source: "ledger", missing: "empty: not coded"},
		{name: "dose", label: "how much", kind: "text", source: "ledger", missing: "empty: not told"},
		{name: "indication", label: "what for", kind: "text", source: "ledger", missing: "empty: not told"},
		{name: "start", label: "date from which it is taken", kind: "date", source: "ledger", missing: "empty: not known"},
		{name: "start_day", label: "day from which it is taken, from randomisation", kind: "integer", unit: "days", source: "derived", missing: "empty: not randomised, or not known"},
		{name: "stop", label: "date on which it was stopped", kind: "date", source: "ledger", missing: "empty: not stopped, or not known"},
		{name: "ongoing", label: "taken still", kind: "choice", levels: options("yes", "no"), source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, m := range p.Medications {
			t.add(subject(p), text(m.What.Name), text(m.What.Coded), text(m.What.Dose), text(m.What.Indication), date(m.What.Start), day(p, m.What.Start), date(m.What.Stop), yes(m.What.Ongoing))
		}
	})
	return t
}

func (x *export) pregnancies() *table {
	t := &table{name: "pregnancies", columns: []column{
		subjectColumn,
		{name: "whose", label: "who is pregnant", kind: "choice", levels: options("participant", "partner"), source: "ledger"},
		{name: "known", label: "date on which it became known", kind: "date", source: "ledger"},
		{name: "due", label: "date on which the child is expected", kind: "date", source: "ledger", missing: "empty: not known"},
		{
			name: "outcome", label: "how it ended, as last told", kind: "choice", source: "ledger", missing: "empty: not followed yet",
			levels: options("ongoing", "live-birth", "miscarriage", "termination", "stillbirth", "unknown"),
		},
		{name: "followed", label: "date on which that was told", kind: "date", source: "ledger", missing: "empty: not followed yet"},
	}}
	x.people(func(p *study.Participant) {
		for _, r := range p.Pregnancies {
			outcome, on := cell{}, cell{}
			if n := len(r.Followed); n > 0 {
				outcome, on = text(r.Followed[n-1].Outcome), date(r.Followed[n-1].Date)
			}
			t.add(subject(p), text(r.What.Whose), date(r.What.Known), date(r.What.Due), outcome, on)
		}
	})
	return t
}

func (x *export) incidents() *table {
	t := &table{name: "device_incidents", columns: []column{
		subjectColumn, dateColumn, dayColumn,
		{
			name: "what", label: "what went wrong", kind: "choice", source: "ledger",
			levels: options("malfunction", "lost", "skin-reaction", "injury", "wrong-data", "worn-by-other", "other"),
		},
		{name: "device", label: "which device", kind: "text", source: "ledger"},
		{name: "coded", label: "which device of the protocol, or what a dictionary calls it", kind: "text", source: "ledger", missing: "empty: not coded"},
		{name: "consequence", label: "what came of it", kind: "choice", levels: options("none", "data-lost", "device-replaced", "harm"), source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, r := range p.Incidents {
			t.add(subject(p), date(r.What.Date), day(p, r.What.Date), text(r.What.What), text(r.What.Device), text(r.What.Coded), text(r.What.Consequence))
		}
	})
	return t
}

// lapses are the tasks that were stored as missed, and those let off.
func (x *export) lapses() *table {
	t := &table{name: "missed_tasks", columns: []column{
		subjectColumn,
		{name: "task", label: "kind of task", kind: "choice", levels: options("visit", "diary", "device", "dose"), source: "ledger"},
		{name: "name", label: "visit or device", kind: "code", source: "ledger", missing: "empty: of a diary or a dose"},
		{name: "date", label: "date of the night or evening", kind: "date", source: "ledger", missing: "empty: of a visit"},
		{name: "state", label: "whether it was missed or excused", kind: "choice", levels: options("missed", "excused"), source: "ledger"},
		{name: "at", label: "instant at which that was stored, UTC", kind: "instant", source: "ledger"},
		{name: "came", label: "whether it came all the same, afterwards", kind: "choice", levels: options("yes", "no"), source: "derived"},
		{name: "reason", label: "reason given", kind: "text", source: "ledger", missing: "empty: missed"},
	}}
	x.people(func(p *study.Participant) {
		for _, of := range []struct {
			state string
			list  []study.Lapse
		}{{"missed", p.Lapsed}, {"excused", p.LetOff}} {
			for _, l := range of.list {
				came := x.state.ArrivedAt(p, l.Task.Key()).Complete
				t.add(subject(p), text(string(l.Task.Task)), text(l.Task.Name), date(l.Task.Date), text(of.state), instant(l.At), yes(came), text(l.Reason))
			}
		}
	})
	return t
}
