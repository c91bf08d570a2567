package person

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// trialPage is where somebody who runs her own trial does what there is to do
// beside the diary: draw, open and count boxes, end it, and bring what the helper
// opened. Its words name no role; the ledger does.
type trialPage struct {
	desk.Course
	Key            string
	Helper         string
	Unit           string
	Each           int // of that to a box
	Problem, Field string
	Name           string
	Ready          bool
	Left           string
}

// ownDue is what of it is to be done now, for the first page.
type ownDue struct{ Text, Button, Href string }

// ownNow gives that, to whoever runs the trial.
func (p *Pages) ownNow(v *visit, s *study.State, person *study.Participant) *ownDue {
	if !desk.RunsIt(s, person.Subject) {
		return nil
	}
	c := desk.CourseOf(s, person, v.now)
	say := func(key string, pairs ...any) *ownDue {
		return &ownDue{p.words.say(v.lang, "own."+key, pairs...), p.words.say(v.lang, "own."+key+".button"), "/me/trial"}
	}
	switch {
	case c.Next != nil && c.Next.Opened:
		return say("due.count", "n", c.Next.N)
	case c.Next != nil:
		return say("due.open-box", "n", c.Next.N)
	case c.Stage == desk.ToDraw:
		return say("due.draw")
	case c.Stage == desk.ToClose:
		return say("due.close")
	case c.Stage == desk.ToOpen:
		return say("due.open")
	case c.Stage == desk.ToReport:
		return say("due.report")
	case c.Stage == desk.Told:
		d := say("due.told")
		d.Href = "/me/past"
		return d
	}
	return nil
}

func (p *Pages) trialCourse(v *visit) (answer, error) { return p.showTrial(v, "", nil) }

// showTrial shows it, with what is wrong at the field where it is.
func (p *Pages) showTrial(v *visit, field string, problem error) (answer, error) {
	t := trialPage{Key: p.newKey(v.r), Field: field, Name: v.form.Get("name"), Ready: v.form.Get("ready") == "yes", Left: v.form.Get("left")}
	if problem != nil {
		t.Problem = p.problem(v.lang, problem)
	}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		if !desk.RunsIt(s, person.Subject) {
			return fault.New("page-unknown", v.r.URL.Path, "there is no such page")
		}
		t.Course = desk.CourseOf(s, person, v.now)
		proto := inForce(s, person, v.now)
		t.Helper = desk.HelperOf(proto)
		if proto.Dose != nil {
			t.Unit, t.Each = p.unit(v.lang, proto.Dose.Unit), proto.Dose.PerDay*proto.Design.TreatmentDays
		}
		return nil
	})
	a := answer{page: "trial", title: "own.title", data: t}
	if problem != nil {
		a.status = http.StatusUnprocessableEntity
	}
	return a, err
}

// after leads on, or shows what is wrong where that is hers to put right.
func (p *Pages) after(v *visit, to, field string, err error) (answer, error) {
	if code := fault.CodeOf(err); err != nil && (code == desk.CodeForbidden || code == desk.CodeRunByStaff || desk.StoreFailed(err)) {
		return answer{}, err
	}
	if err != nil {
		return p.showTrial(v, field, err)
	}
	return answer{to: to}, nil
}

// drawOrder draws, once she has said that the boxes are there.
func (p *Pages) drawOrder(v *visit) (answer, error) {
	if v.form.Get("ready") != "yes" {
		return p.showTrial(v, "ready", fault.New("own-ready", "ready", "the boxes are not there"))
	}
	_, err := p.office.Draw(v.r.Context(), v.caller, v.form.Get("key"))
	return p.after(v, "/me/trial", "ready", err)
}

// box notes that a box is opened, or what was left in it.
func (p *Pages) box(v *visit) (answer, error) {
	visit, key := v.form.Get("visit"), v.form.Get("key")
	if v.form.Get("do") == "opened" {
		_, err := p.office.OpenBox(v.r.Context(), v.caller, visit, key)
		return p.after(v, "/me/trial", "box", err)
	}
	units, err := strconv.Atoi(v.form.Get("left"))
	if err != nil {
		return p.showTrial(v, "box", fault.New("units-range", "left", "is no number"))
	}
	_, err = p.office.CountBox(v.r.Context(), v.caller, visit, units, key)
	return p.after(v, "/me/trial", "box", err)
}

// end closes the trial with her name.
func (p *Pages) end(v *visit) (answer, error) {
	err := p.office.Close(v.r.Context(), v.caller, v.form.Get("name"), v.form.Get("key"))
	return p.after(v, "/me/trial", "name", err)
}

// longestOpenings bounds the file that the helper has made.
const longestOpenings = 8 << 20

// bring takes that file, and leads to what came of the trial.
func (p *Pages) bring(v *visit) (answer, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, longestOpenings)
	file, _, err := v.r.FormFile("openings")
	if err != nil {
		return p.showTrial(v, "openings", fault.New("file-missing", "openings", "the file is missing"))
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return p.showTrial(v, "openings", fault.New("file-missing", "openings", "the file could not be read"))
	}
	v.form = v.r.PostForm
	err = p.office.Bring(v.r.Context(), v.caller, raw, v.form.Get("key"))
	if _, said := p.words.of["problem."+string(fault.CodeOf(err))]; err != nil && !said && !desk.StoreFailed(err) && fault.CodeOf(err) != desk.CodeForbidden {
		err = fault.New("openings-file", "openings", "%s", fault.Text(err))
	}
	return p.after(v, "/me/past", "openings", err)
}

// conclude has the report made, where a stop came between it and the openings.
func (p *Pages) conclude(v *visit) (answer, error) {
	return p.after(v, "/me/past", "report", p.office.Conclude(v.r.Context(), v.caller, v.form.Get("key")))
}

// helperSheet is what the helper does at the end, to be printed or shown.
func (p *Pages) helperSheet(v *visit) (answer, error) {
	a, err := p.showTrial(v, "", nil)
	a.page, a.title = "helper", "own.helper.title"
	return a, err
}

// forHelper gives the locked ledger.
func (p *Pages) forHelper(v *visit) (answer, error) {
	var b bytes.Buffer
	if err := p.office.ForHelper(v.r.Context(), v.caller, &b); err != nil {
		return answer{}, err
	}
	return answer{file: &file{kind: "application/octet-stream", name: "ledger.dvl", data: b.Bytes()}}, nil
}

// checkpoint gives the ledger's signed checkpoint, which the helper keeps: it
// tells later whether what came before was rewritten.
func (p *Pages) checkpoint(v *visit) (answer, error) {
	raw, err := p.office.Checkpoint(v.r.Context(), v.caller)
	return answer{file: &file{kind: "text/plain; charset=utf-8", name: "checkpoint.txt", data: raw}}, err
}

// reportPolicy is that of a report: its style is inline, and it runs nothing.
const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; frame-ancestors 'none'"

// report gives the whole report as it was recorded.
func (p *Pages) report(v *visit) (answer, error) {
	_, raw, ok, err := p.office.Results(v.r.Context(), v.caller)
	if err == nil && !ok {
		err = fault.New("page-unknown", v.r.URL.Path, "there is no such page")
	}
	if err != nil {
		return answer{}, err
	}
	v.w.Header().Set("Content-Security-Policy", reportPolicy)
	return answer{file: &file{kind: "text/html; charset=utf-8", data: raw}}, nil
}

// armLabels names the arms in her language.
func armLabels(proto protocol.Protocol, lang protocol.Language) map[string]string {
	out := map[string]string{}
	for _, a := range proto.Arms {
		out[a.ID] = a.Label.In(lang)
	}
	return out
}
