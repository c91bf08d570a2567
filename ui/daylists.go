package ui

import (
	"strconv"

	"dvala/desk"
	"dvala/study"
)

// dayRows is how many rows of a list of the day stand on the first page.
const dayRows = 50

// dayLists are the lists of the first page, a page of each at a time.
type dayLists struct {
	Clocks listing[desk.Clock]
	Visits listing[desk.Due]
	Silent listing[desk.Silence]
	Rings  listing[desk.Ring]
}

// dayLists makes them of what the day holds, or the file of one that is asked for.
func (a *ask) dayLists(d desk.Day) (l dayLists, whole *file, err error) {
	reveal := func(rows []desk.Clock) ([]desk.Clock, error) {
		return revealEach(a, rows, func(c desk.Clock) study.Subject { return c.Subject })
	}
	if l.Clocks, whole, err = listedBy(a, "clocks", dayRows, d.Clocks, a.clockColumns(), reveal); err != nil || whole != nil {
		return l, whole, err
	}
	if l.Visits, whole, err = listedBy(a, "visits", dayRows, d.Visits, a.visitColumns(), nil); err != nil || whole != nil {
		return l, whole, err
	}
	if l.Silent, whole, err = listedBy(a, "silent", dayRows, d.Silent, silentColumns, nil); err != nil || whole != nil {
		return l, whole, err
	}
	l.Rings, whole, err = listedBy(a, "rings", dayRows, d.Rings, ringColumns, nil)
	return l, whole, err
}

func (a *ask) clockColumns() []listColumn[desk.Clock] {
	return []listColumn[desk.Clock]{
		{id: "code", name: "Code", text: func(c desk.Clock) string { return string(c.Subject) }},
		{id: "what", name: "What happened", words: true, text: func(c desk.Clock) string { return c.Term }},
		{id: "known", name: "Known", text: func(c desk.Clock) string { return stamp(c.Known) }},
		{id: "by", name: "To be passed on by", text: func(c desk.Clock) string { return stamp(c.By) }},
		{id: "state", name: "State", words: true, codes: anyCode, text: func(c desk.Clock) string {
			return map[bool]string{true: "time is up", false: "running"}[c.Over]
		}},
	}
}

func (a *ask) visitColumns() []listColumn[desk.Due] {
	return []listColumn[desk.Due]{
		{id: "code", name: "Code", text: func(d desk.Due) string { return string(d.Subject) }},
		{id: "visit", name: "Visit", words: true, text: func(d desk.Due) string { return d.Visit }, show: func(d desk.Due) string { return a.in(d.Label) }},
		{id: "planned", name: "Planned", text: func(d desk.Due) string { return d.On.String() }},
		{id: "until", name: "Counts until", text: func(d desk.Due) string { return d.Last.String() }},
		{id: "state", name: "State", words: true, codes: anyCode, text: func(d desk.Due) string { return string(d.State) }},
	}
}

var silentColumns = []listColumn[desk.Silence]{
	{id: "code", name: "Code", text: func(s desk.Silence) string { return string(s.Subject) }},
	{id: "since", name: "Last heard", text: func(s desk.Silence) string { return s.Since.String() }},
	{id: "days", name: "Days", text: func(s desk.Silence) string { return strconv.Itoa(s.Days) }},
}

var ringColumns = []listColumn[desk.Ring]{
	{id: "code", name: "Code", text: func(r desk.Ring) string { return string(r.Subject) }},
	{id: "device", name: "Device", words: true, codes: "vendor:", text: func(r desk.Ring) string { return r.Vendor }},
	{id: "latest", name: "Latest night", text: func(r desk.Ring) string { return r.Last.String() }, show: func(r desk.Ring) string { return orDash(r.Last.String()) }},
	{id: "missing", name: "Nights missing", text: func(r desk.Ring) string { return strconv.Itoa(r.Days) }},
	{id: "said", name: "It said", words: true, codes: anyCode, text: func(r desk.Ring) string { return r.Status }},
}
