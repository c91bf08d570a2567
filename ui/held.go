package ui

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// heldPage is what came from people's devices and could not be filed: kept
// whole, until somebody files it or sets it aside, with a reason.
type heldPage struct {
	Waiting []heldRow // the first of them; filing one makes room for the next
	Waits   int
	Settled listing[heldRow]
	Settle  bool
	Zone    *time.Location
	Refused *problem // of the last that was tried
	Tried   int64
}

type heldRow struct {
	desk.HeldView
	Kind string // the command, in words
	Data string // as JSON, indented
	Form typed  // that was refused
}

func (a *ask) held() (view, error) { return a.heldView(0, nil) }

func (a *ask) heldView(tried int64, refused error) (view, error) {
	p := heldPage{Settle: a.may("settle-held", ""), Tried: tried}
	err := a.see("see-held", "", func(st *study.State, _ time.Time) error { p.Zone = st.Protocol.Zone(); return nil })
	if err != nil {
		return view{}, err
	}
	if p.Waiting, err = a.heldRows(false); err != nil {
		return view{}, err
	}
	p.Waits = len(p.Waiting)
	if at := slices.IndexFunc(p.Waiting, func(r heldRow) bool { return refused != nil && r.ID == tried }); at >= 0 {
		row := p.Waiting[at] // as it was typed, and in sight
		form, _ := a.again(refused, map[string]string{"reason": "reason"})
		row.Form, row.Data = form, cmp.Or(a.form.Get("data"), row.Data)
		p.Waiting = slices.Concat([]heldRow{row}, p.Waiting[:at], p.Waiting[at+1:])
	}
	p.Waiting = p.Waiting[:min(p.Waits, heldForms)]
	settled, err := a.heldRows(true)
	if err != nil {
		return view{}, err
	}
	var whole *file
	if p.Settled, whole, err = listed(a, "held", settled, heldColumns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	v := view{page: "held", title: a.t("Held"), data: &p}
	if refused != nil {
		v.status = statusOf(refused)
		if len(p.Waiting) == 0 || !p.Waiting[0].Form.Any() { // somebody else has settled it since
			x := a.problemOf(refused)
			p.Refused = &x
		}
	}
	return v, nil
}

// heldForms is how many entries stand on the page to be filed.
const heldForms = 50

// heldColumns are those of what is settled.
var heldColumns = []listColumn[heldRow]{
	{id: "came", name: "Came", text: func(r heldRow) string { return stamp(r.Came) }},
	{id: "code", name: "Code", words: true, text: func(r heldRow) string { return string(r.Subject) }},
	{id: "what", name: "What", words: true, text: func(r heldRow) string { return r.Kind }},
	{id: "outcome", name: "Came to", words: true, codes: anyCode, text: func(r heldRow) string { return r.Outcome }},
	{id: "reason", name: "Reason", words: true, text: func(r heldRow) string { return r.Reason }},
	{id: "by", name: "By", words: true, text: func(r heldRow) string { return r.By }},
	{id: "when", name: "When", text: func(r heldRow) string { return stamp(r.Settled) }},
}

func (a *ask) heldRows(settled bool) ([]heldRow, error) {
	all, err := a.Office.HeldEntries(a.r.Context(), a.caller, settled)
	var out []heldRow
	for i := len(all) - 1; i >= 0; i-- {
		row := heldRow{HeldView: all[i], Kind: all[i].Entry.Do}
		if x, ok := acts[row.Kind]; ok {
			row.Kind = a.t(x.title)
		}
		var b bytes.Buffer
		if json.Indent(&b, all[i].Entry.Data, "", "  ") == nil {
			row.Data = b.String()
		}
		out = append(out, row)
	}
	return out, err
}

// settleHeld files what is held, as it came or mended, or sets it aside.
func (a *ask) settleHeld() (view, error) {
	id, err := strconv.ParseInt(a.form.Get("held"), 10, 64)
	if err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	reason := strings.TrimSpace(a.form.Get("reason"))
	switch a.form.Get("do") {
	case "file":
		var mended *desk.Submitted
		if mended, err = a.mended(id); err == nil {
			_, err = a.Office.Refile(a.r.Context(), a.caller, id, mended, reason)
		}
	case "discard":
		err = a.Office.Discard(a.r.Context(), a.caller, id, reason)
	default:
		return view{}, noPage(a.r.URL.Path)
	}
	switch fault.CodeOf(err) {
	case desk.CodeForbidden, desk.CodeStrong, desk.CodeSignIn:
		return view{}, err
	}
	if err != nil {
		return a.heldView(id, err)
	}
	return view{to: "/held"}, nil
}

// mended gives the entry with its data as they were typed; nil where nothing was
// changed.
func (a *ask) mended(id int64) (*desk.Submitted, error) {
	typed := []byte(a.form.Get("data"))
	if len(bytes.TrimSpace(typed)) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, typed); err != nil {
		return nil, fault.New("json-form", "data", "what was typed is not JSON: %v", err)
	}
	all, err := a.Office.HeldEntries(a.r.Context(), a.caller, false)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		var was bytes.Buffer
		if h.ID == id && (json.Compact(&was, h.Entry.Data) != nil || !bytes.Equal(was.Bytes(), b.Bytes())) {
			e := h.Entry
			e.Data = b.Bytes()
			return &e, nil
		}
	}
	return nil, nil
}
