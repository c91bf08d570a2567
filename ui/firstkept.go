package ui

import (
	"net/http"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
)

// Draft is how far somebody has come who begins a trial, so that she can close the
// page, and the program, and go on another day.
type Draft struct {
	Step   string `json:"step"` // own, edit or begin
	Source string `json:"source,omitempty"`
	Own    Own    `json:"own"`
	Name   string `json:"name,omitempty"`
}

// Keeper keeps a draft beside where the trial will be.
type Keeper interface {
	Keep(d Draft) error
	Kept() (Draft, bool)
	Forget() error
}

// keep keeps how far she has come. Where it cannot be kept she goes on without.
func (f *first) keep(d Draft) {
	k, ok := f.maker.(Keeper)
	if !ok {
		return
	}
	if had, ok := k.Kept(); ok && d.Own == (Own{}) {
		d.Own = had.Own
	}
	_ = k.Keep(d) // a full disk is told of when the trial is made
}

func (f *first) kept() (Draft, bool) {
	if k, ok := f.maker.(Keeper); ok {
		return k.Kept()
	}
	return Draft{}, false
}

// goOn shows what was kept, if anything was.
func (f *first) goOn(w http.ResponseWriter, r *http.Request) bool {
	d, ok := f.kept()
	if !ok {
		return false
	}
	switch d.Step {
	case "own":
		f.showOwn(w, r, d.Own, nil)
	case "edit":
		f.show(w, r, f.editing(r, d.Source), "Your trial")
	case "begin":
		f.showBegin(w, r, d.Source, d.Name, "", nil)
	default:
		return false
	}
	return true
}

func (f *first) forget(w http.ResponseWriter, r *http.Request) {
	if k, ok := f.maker.(Keeper); ok {
		_ = k.Forget() // what cannot be taken away is shown again
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// language changes the language, and shows the page again with what stood in it.
func (f *first) language(w http.ResponseWriter, r *http.Request) {
	l := r.PostFormValue("lang")
	if l == "en" || l == "sv" {
		http.SetCookie(w, &http.Cookie{Name: langCookie, Value: l, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		r.Header.Del("Cookie")
		r.AddCookie(&http.Cookie{Name: langCookie, Value: l})
	}
	switch src := r.PostFormValue("source"); r.PostFormValue("step") {
	case "own":
		f.showOwn(w, r, readOwn(r), nil)
	case "edit":
		f.show(w, r, f.editing(r, src), "Your trial")
	case "begin":
		f.showBegin(w, r, src, r.PostFormValue("name"), "", nil)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// editing is the page with the protocol, and, of a trial of one person, what will
// happen in it.
func (f *first) editing(r *http.Request, source string) firstPage {
	p := firstPage{Step: "edit", Source: source, Held: true}
	if d, ok := f.kept(); ok {
		p.Kept, p.Answers = true, d.Own != (Own{})
	}
	p.Plan = planOf(source, f.lang(r))
	return p
}

// plan is what will happen in a trial of one person, read off its protocol.
type plan struct {
	Treatment, Comparator, When, Unit string
	PerDay, Each, OfEach              int // each: capsules to a box; OfEach: of either kind, to all
	RunIn, Days, Washout              int
	Cycles, Boxes, Nights             int
	Start, First, End                 civil.Date // of the run-in, of box 1, and the last morning
	Outcome, MattersUnit              string
	Matters                           float64
	Guess                             bool
	Helper, Lang                      string
}

// planOf gives nil for a trial of another kind, and for one that cannot be read.
func planOf(source, lang string) *plan {
	checked, _ := protocol.Parse([]byte(source)) // what is wrong with it is said elsewhere
	if checked.IsZero() || checked.Protocol().Design.Kind != protocol.NOf1 {
		return nil
	}
	p, l := checked.Protocol(), protocol.Language(lang)
	d := p.Design
	out := &plan{
		RunIn: d.RunInDays, Days: d.TreatmentDays, Washout: d.WashoutDays, Cycles: d.Cycles, Boxes: d.Periods,
		Start: p.Dates.Start, First: p.Dates.Start.Add(d.RunInDays), Helper: p.Custodian.Name, Lang: string(p.Languages[0]), Guess: p.Blinding.GuessVisit != "",
	}
	out.End = out.First.Add(checked.LastDay())
	for _, a := range p.Arms {
		if a.Role == protocol.Comparator {
			out.Comparator = a.Label.In(l)
		} else {
			out.Treatment = a.Label.In(l)
		}
	}
	if p.Dose != nil {
		out.PerDay, out.Unit, out.When, out.Each = p.Dose.PerDay, p.Dose.Unit, p.Dose.When.In(l), p.Dose.PerDay*d.TreatmentDays
		out.OfEach = out.Each * d.Cycles
	}
	if p.Diary != nil {
		out.Nights = p.Diary.ToDay - p.Diary.FromDay + 1
	}
	for _, e := range p.Estimands {
		if e.Place != protocol.Primary {
			continue
		}
		for _, o := range p.Outcomes {
			if o.ID == e.Variable.Outcome {
				out.Outcome, out.MattersUnit = o.Label.In(l), o.Unit
				if o.Matters != nil {
					out.Matters = *o.Matters
				}
			}
		}
	}
	return out
}

// fieldOf says at which field a problem of beginning is.
func fieldOf(err error, otherwise string) string {
	if fault.CodeOf(err) == "name-missing" {
		return "name"
	}
	return otherwise
}
