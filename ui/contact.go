package ui

import (
	"slices"
	"strings"

	"dvala/desk"
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
}

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
	x, known, err := a.Contact.Of(a.r.Context(), a.caller, p.Who)
	if err != nil {
		return view{}, err
	}
	p.Known, p.Saved = known, a.r.URL.Query().Has("saved")
	p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note = x.Name, x.Mail, x.Phone, x.Address, x.Born, x.Note
	p.Signature, p.Channels, p.Browsers = x.Signature, x.Channels, len(x.Push)
	return a.contactView(p), nil
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
	x, known, err := a.Contact.Of(a.r.Context(), a.caller, p.Who)
	if err != nil {
		return view{}, err
	}
	said := func(name string) string { return strings.TrimSpace(a.form.Get(name)) }
	x.Name, x.Mail, x.Phone, x.Address, x.Born, x.Note = said("name"), said("mail"), said("phone"), said("address"), said("born"), said("note")
	x.Address, x.Note = strings.ReplaceAll(x.Address, "\r\n", "\n"), strings.ReplaceAll(x.Note, "\r\n", "\n")
	x.Channels = a.form["channel"]
	err = a.Contact.Set(a.r.Context(), a.caller, p.Who, x)
	if err == nil {
		return view{to: "/participants/" + string(p.Who) + "/contact?saved"}, nil
	}
	if code := fault.CodeOf(err); code != "identity-form" {
		return view{}, err
	}
	p.Known, p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note = known, x.Name, x.Mail, x.Phone, x.Address, x.Born, x.Note
	p.Signature, p.Channels, p.Browsers = x.Signature, x.Channels, len(x.Push)
	return a.contactAgain(p, err), nil
}

// contactAgain shows the page with what was refused.
func (a *ask) contactAgain(p *contactPage, refused error) view {
	var l fault.List
	l.Merge("error", "", refused)
	for _, x := range l {
		p.Problems = append(p.Problems, problem{Code: string(x.Code), Place: x.Place, Text: a.said(x), Hint: a.words.tell(a.lang, x.Hint)})
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
