package ui

import (
	"slices"
	"strings"
	"time"

	"dvala/desk"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/study"
)

// contactPage is who somebody is and how she is reached. It is a page of its own
// because every look at it is recorded.
type contactPage struct {
	Who                        study.Subject
	Known                      bool
	Name, Mail, Phone, Address string
	Born, Note, Signature      string
	Channels                   []string
	Browsers                   int // that take reminders
	Change, Erase, Prove       bool
	Problems                   []problem
	Saved                      bool
	Version                    contact.Version // of what is shown: what is changed is that, and no other
	Reason                     string
	Formers                    []former // what was known before, where it was asked for
	Before                     bool     // it was
	Zone                       *time.Location
}

// former is what was known until a change, and the change.
type former struct {
	contact.Former
	Lines []labelled
}

type labelled struct{ Label, Text string }

// Has says whether she wants to be reminded in a way.
func (p contactPage) Has(channel string) bool { return slices.Contains(p.Channels, channel) }

// noNames is the answer where nobody's name is kept: people who are made up.
func (a *ask) noNames() error {
	if a.Contact != nil {
		return nil
	}
	return fault.New("page-unknown", a.r.URL.Path, "no names are kept in this trial: its people are made up")
}

func (a *ask) contact() (view, error) {
	if err := a.noNames(); err != nil {
		return view{}, err
	}
	p := a.newContact()
	x, version, known, err := a.Contact.Read(a.r.Context(), a.caller, p.Who)
	if err != nil {
		return view{}, err
	}
	p.Known, p.Version, p.Saved = known, version, a.r.URL.Query().Has("saved")
	p.fill(x)
	if p.Before = a.r.URL.Query().Has("before"); p.Before {
		err = a.formers(p)
	}
	return a.contactView(p), err
}

// fill puts what is known of somebody on the page.
func (p *contactPage) fill(x contact.Person) {
	p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note = x.Name, x.Mail, x.Phone, x.Address, x.Born, x.Note
	p.Signature, p.Channels, p.Browsers = x.Signature, x.Channels, len(x.Push)
}

func (a *ask) newContact() *contactPage {
	who := study.Subject(a.r.PathValue("person"))
	return &contactPage{Who: who, Change: a.may("set-identity", who), Erase: a.may("erase-identity", who), Prove: a.proves("erase-identity", false)}
}

func (a *ask) contactView(p *contactPage) view {
	return view{page: "contact", title: string(p.Who) + " · " + a.t("Who this is"), data: p}
}

// setContact keeps what was typed in place of what was known. Her signature and
// her browsers stay as they are.
func (a *ask) setContact() (view, error) {
	if err := a.noNames(); err != nil {
		return view{}, err
	}
	p := a.newContact()
	if !p.Change {
		return view{}, fault.New(desk.CodeForbidden, "set-identity", "this is not for your role")
	}
	now, version, known, err := a.Contact.Read(a.r.Context(), a.caller, p.Who)
	if err != nil {
		return view{}, err
	}
	x := a.typed(now)
	p.Reason, p.Version = strings.TrimSpace(a.form.Get("reason")), contact.Version(a.form.Get("version"))
	_, err = a.Contact.Set(a.r.Context(), a.caller, p.Who, x, p.Version, p.Reason)
	switch fault.CodeOf(err) {
	case "":
		if err == nil {
			return view{to: "/participants/" + string(p.Who) + "/contact?saved"}, nil
		}
		return view{}, err
	case contact.CodeChanged: // what is there now, and beside it what was typed
		p.fill(now)
		p.Version = version
	case "identity-form", "reason-missing":
		p.fill(x)
	default:
		return view{}, err
	}
	p.Known = known
	v := a.contactAgain(p, err)
	if fault.CodeOf(err) == contact.CodeChanged {
		for _, l := range a.lines(x) {
			p.Problems = append(p.Problems, problem{Place: l.Label, Text: l.Text})
		}
	}
	return v, nil
}

// typed gives what was known with what was typed in its place. Her signature and
// her browsers stay as they are.
func (a *ask) typed(x contact.Person) contact.Person {
	said := func(name string) string { return strings.TrimSpace(a.form.Get(name)) }
	x.Name, x.Mail, x.Phone, x.Address, x.Born, x.Note = said("name"), said("mail"), said("phone"), said("address"), said("born"), said("note")
	x.Address, x.Note = strings.ReplaceAll(x.Address, "\r\n", "\n"), strings.ReplaceAll(x.Note, "\r\n", "\n")
	x.Channels = a.form["channel"]
	return x
}

// lines tells what is known of somebody, what is empty left out.
func (a *ask) lines(x contact.Person) []labelled {
	var out []labelled
	for _, l := range []labelled{
		{a.t("Name"), x.Name},
		{a.t("Mail"), x.Mail},
		{a.t("Telephone"), x.Phone},
		{a.t("Address"), x.Address},
		{a.t("Born"), x.Born},
		{a.t("Wants to be reminded by"), strings.Join(x.Channels, ", ")},
		{a.t("Note"), x.Note},
	} {
		if l.Text != "" {
			out = append(out, l)
		}
	}
	return out
}

// formers tells what was known before each change, the latest first.
func (a *ask) formers(p *contactPage) error {
	all, err := a.Contact.Formers(a.r.Context(), a.caller, p.Who)
	if err != nil {
		return err
	}
	for _, f := range slices.Backward(all) {
		p.Formers = append(p.Formers, former{f, a.lines(f.Person)})
	}
	return a.see("see-protocol", "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		return nil
	})
}

// contactAgain shows the page with what was refused.
func (a *ask) contactAgain(p *contactPage, refused error) view {
	var l fault.List
	l.Merge("error", "", refused)
	for _, x := range l {
		p.Problems = append(p.Problems, a.refusal(x))
	}
	v := a.contactView(p)
	v.status = statusOf(refused)
	return v
}

// eraseContact destroys what could name her, for good.
func (a *ask) eraseContact() (view, error) {
	if err := a.noNames(); err != nil {
		return view{}, err
	}
	p := a.newContact()
	if a.form.Get("grave") != "yes" {
		return a.contactAgain(p, fault.New("not-confirmed", "grave", "tick that you mean it")), nil
	}
	err := a.Contact.Erase(a.r.Context(), a.caller, p.Who, strings.TrimSpace(a.form.Get("reason")))
	if fault.CodeOf(err) == "reason-missing" {
		return a.contactAgain(p, err), nil
	}
	return view{to: "/participants/" + string(p.Who)}, err
}
