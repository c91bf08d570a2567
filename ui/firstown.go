package ui

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Own is what one person says of the trial that she wants to make of herself, as
// her form holds it. It becomes a protocol.
type Own struct {
	Takes    string // what she wants to know of
	PerDay   string // how many a day
	Unit     string // of what: capsules
	When     string // bedtime, evening or morning
	Compared string // what it is compared with
	Looks    string // how both look
	Days     string // of one box
	Washout  string // between two boxes
	Cycles   string
	Outcome  string // quality, latency or awake
	Matters  string // the least that she would go on for
	Start    string // a date
	Lang     string
	Zone     string
	Ring     string // yes: she wears an Oura ring
	Helper   string
	Phone    string // the helper's
}

// Alone makes the protocol of a trial of one person from what she says. A maker
// that does offers her the form.
type Alone interface {
	// Begun gives the form as it is before she has said anything.
	Begun(lang string) Own
	// Protocol gives the protocol's text.
	Protocol(o Own) (string, error)
}

// Choices of the form.
var (
	ownTimes    = []string{"bedtime", "evening", "morning"}
	ownOutcomes = []string{"quality", "latency", "awake"}
)

// fields names the fields of the form.
func (o *Own) fields() map[string]*string {
	return map[string]*string{
		"takes": &o.Takes, "perday": &o.PerDay, "unit": &o.Unit, "when": &o.When, "compared": &o.Compared, "looks": &o.Looks, "days": &o.Days,
		"washout": &o.Washout, "cycles": &o.Cycles, "outcome": &o.Outcome, "matters": &o.Matters, "start": &o.Start, "language": &o.Lang,
		"zone": &o.Zone, "ring": &o.Ring, "helper": &o.Helper, "phone": &o.Phone,
	}
}

// longestAnswer bounds what one field holds.
const longestAnswer = 120

func readOwn(r *http.Request) (o Own) {
	for name, at := range o.fields() {
		*at = strings.Join(strings.Fields(r.PostFormValue(name)), " ")
	}
	return o
}

// Wrong says everything that cannot be so, by the form's fields.
func (o Own) Wrong(today civil.Date) fault.List {
	var l fault.List
	for name, text := range map[string]string{"takes": o.Takes, "unit": o.Unit, "compared": o.Compared, "looks": o.Looks, "helper": o.Helper} {
		switch {
		case text == "":
			l.Addf("own-empty", name, "is empty")
		case len([]rune(text)) > longestAnswer:
			l.Addf("own-long", name, "is longer than %d characters", longestAnswer)
		}
	}
	whole := func(name, text string, low, high int) {
		if n, err := strconv.Atoi(text); err != nil || n < low || n > high {
			l.Addf("own-number", name, "is not a whole number from %d to %d", low, high)
		}
	}
	whole("perday", o.PerDay, 1, 20)
	whole("days", o.Days, 3, 60)
	whole("washout", o.Washout, 0, 60)
	whole("cycles", o.Cycles, 2, 8)
	if strings.EqualFold(o.Takes, o.Compared) && o.Takes != "" {
		l.Addf("own-same", "compared", "is what it is compared with")
	}
	if m, err := strconv.ParseFloat(strings.Replace(o.Matters, ",", ".", 1), 64); err != nil || !(m > 0) || m > 600 {
		l.Addf("own-matters", "matters", "is not a number above 0")
	}
	if d, err := civil.ParseDate(o.Start); err != nil || d.Before(today) || d.Sub(today) > 730 {
		l.Addf("own-start", "start", "is not a day from today on, within two years")
	}
	if _, err := civil.Zone(o.Zone); err != nil || o.Zone == "" {
		l.Addf("zone-unknown", "zone", "is no time zone")
	}
	if digits := strings.Map(onlyDigits, o.Phone); len(digits) < 7 || len(o.Phone) > 40 {
		l.Addf("own-phone", "phone", "is no telephone number")
	}
	choice := func(name, text string, of []string) {
		if !slices.Contains(of, text) {
			l.Addf("own-choice", name, "is none of the choices")
		}
	}
	choice("when", o.When, ownTimes)
	choice("outcome", o.Outcome, ownOutcomes)
	choice("language", o.Lang, languages)
	return l
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// ownPage is the form.
type ownPage struct {
	Own
	Times, Outcomes, Langs []string
	Wrong                  map[string]string // by field
	Today                  string
}

func (f *first) showOwn(w http.ResponseWriter, r *http.Request, o Own, problems fault.List) {
	p := ownPage{Own: o, Times: ownTimes, Outcomes: ownOutcomes, Langs: languages, Wrong: map[string]string{}, Today: civil.DateOf(time.Now()).String()}
	for _, x := range problems {
		p.Wrong[x.Place] = f.told(f.lang(r), x)[0].Text
	}
	f.show(w, r, firstPage{Step: "own", Own: p, Held: true}, "Your own trial, with a helper")
}

// own takes the form, and shows what comes of it.
func (f *first) own(w http.ResponseWriter, r *http.Request) {
	alone, ok := f.maker.(Alone)
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	o := readOwn(r)
	problems := o.Wrong(civil.DateOf(time.Now()))
	if len(problems) == 0 {
		src, err := alone.Protocol(o)
		if err == nil {
			f.keep(Draft{Step: "edit", Source: src, Own: o})
			f.show(w, r, f.editing(r, src), "Your own trial, with a helper")
			return
		}
		problems.Merge("own-protocol", "takes", err)
	}
	f.keep(Draft{Step: "own", Own: o})
	f.showOwn(w, r, o, problems)
}

// again goes back from the protocol to the form.
func (f *first) again(w http.ResponseWriter, r *http.Request) {
	d, ok := f.kept()
	if !ok || d.Own == (Own{}) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	f.showOwn(w, r, d.Own, nil)
}
