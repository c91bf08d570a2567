package ui

import (
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// proposalsPage is what waits for a second person, and what became of the rest.
type proposalsPage struct {
	Waiting       []proposalRow
	Settled       listing[proposalRow]
	Zone          *time.Location
	Name, Account string // of who would sign
	Key           string
	Prove         bool     // the browser asks for a passkey as an approval is sent
	Row           rowTyped // a form that was refused
}

type proposalRow struct {
	*study.Proposing
	Says    string            // what it would do
	Changes []protocol.Change // of an amendment
	Own     bool              // the reader proposed it herself
	May     bool              // she may approve it
}

func (a *ask) proposals() (view, error) { return a.proposalsWith(proposalsPage{}) }

// proposalsWith is the page, or the form of a proposal asked again.
func (a *ask) proposalsWith(p proposalsPage) (view, error) {
	p.Name, p.Account, p.Key, p.Prove = a.caller.Name, a.caller.Account, "desk-"+a.newKey(), a.proves("approve", true)
	tell := a.speaker() // before the state is looked at: it looks itself
	var settled []proposalRow
	err := a.see("see-overview", "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		for i := len(st.Proposals) - 1; i >= 0; i-- {
			x := st.Proposals[i]
			if x.Subject != "" && !a.mayOf("decline", st.People[x.Subject]) {
				continue
			}
			row := proposalRow{Proposing: x, Own: x.By == a.caller.Account, Says: tell.details(x.Wants)}
			if m, is := x.Wants.(study.AmendProtocol); is {
				row.Changes = m.Changes
			}
			if x.Subject != "" {
				row.May = a.mayOf("approve", st.People[x.Subject])
			} else {
				_, err := desk.As(a.caller, "approve", "", "", a.Office.Now())
				row.May = err == nil || fault.CodeOf(err) == desk.CodeStrong
			}
			if x.Open() {
				p.Waiting = append(p.Waiting, row)
			} else {
				settled = append(settled, row)
			}
		}
		return nil
	})
	open := func(rows []proposalRow) ([]proposalRow, error) {
		return revealEach(a, rows, func(x proposalRow) study.Subject { return x.Subject })
	}
	if err == nil {
		p.Waiting, err = open(p.Waiting)
	}
	if err != nil {
		return view{}, err
	}
	var whole *file
	if p.Settled, whole, err = listed(a, "proposals", settled, proposalColumns, open); err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "proposals", title: a.t("What wants two people"), data: p}, err
}

// proposalColumns are those of what is settled.
var proposalColumns = []listColumn[proposalRow]{
	{id: "entry", name: "Entry", text: func(r proposalRow) string { return strconv.FormatUint(r.Entry, 10) }},
	{id: "what", name: "What", words: true, codes: "kind:", text: func(r proposalRow) string { return r.What }},
	{id: "whom", name: "Whom", words: true, text: func(r proposalRow) string { return string(r.Subject) }},
	{id: "proposed-by", name: "Proposed by", words: true, text: func(r proposalRow) string { return r.By }},
	{id: "came-to", name: "Came to", words: true, codes: "kind:", text: func(r proposalRow) string { return string(r.Settled) }},
	{id: "by", name: "By", words: true, text: func(r proposalRow) string { return r.SettledBy }},
	{id: "when", name: "When", text: func(r proposalRow) string { return stamp(r.SettledAt) }},
}

// details tells what a proposal is about, beyond its name.
func (s *speaker) details(c study.Proposal) string {
	switch x := c.(type) {
	case study.OverrideEligibility:
		names := make([]string, len(x.Criteria))
		for i, id := range x.Criteria {
			names[i] = s.name(desk.Named{Sort: "criterion", ID: id})
		}
		return strings.Join(names, "; ")
	case study.Unlock:
		return s.value(desk.Code{Sort: "of", Code: x.What}, "")
	case study.AmendProtocol:
		return x.Version + ": " + x.Summary
	case study.ExtendList:
		return short(x.SealedList.SHA256)
	}
	return ""
}

// settle approves a proposal, with a signature, or declines it, with a reason.
func (a *ask) settle() (view, error) {
	n, err := strconv.ParseUint(a.form.Get("proposal"), 10, 62)
	if err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	r := desk.Request{Subject: study.Subject(a.form.Get("subject")), Reason: strings.TrimSpace(a.form.Get("reason")), Key: a.key()}
	switch a.form.Get("do") {
	case "approve":
		r.Signature, r.SignedID = &study.Signature{Meaning: study.MeansApproval}, strings.TrimSpace(a.form.Get("signature"))
		r.Cmd = study.Approve{Proposal: n}
	case "decline":
		r.Cmd = study.Decline{Proposal: n}
	default:
		return view{}, noPage(a.r.URL.Path)
	}
	_, err = a.Office.Do(a.r.Context(), a.caller, r)
	if form, is := a.again(err, map[string]string{"reason": "reason", "signature": "signature"}); is {
		return asked(a.proposalsWith(proposalsPage{Row: rowTyped{form, form.in("do", "proposal")}}))
	}
	return view{to: "/proposals"}, err
}
