package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/schedule"
	"dvala/study"
)

// reader sees a trial as an auditor does: who looks at a made-up trial before
// she has chosen whom to be.
var reader = desk.Caller{Account: "reader", Name: "Reader", Grants: []desk.Grant{{Role: study.RoleAuditor}}, From: "page"}

// signInPage is the ways in that there are.
type signInPage struct {
	Next     string
	Chooser  bool // made-up people: be anyone
	SSO      bool // the organisation signs staff in
	Roles    []study.Role
	Now      string
	People   []personNow
	Passkeys bool
	Mail     bool
	Sent     bool
	Token    string // of a link that was opened
	Report   bool   // made-up people have lived to a report, which can be read at once
}

func (a *ask) signIn() (view, error) {
	p := signInPage{
		Next: inside(a.r.URL.Query().Get("next")), Now: a.caller.Account, Chooser: a.Access.Chooser, SSO: a.Access.SingleSignOn != nil, Roles: access.StaffRoles(),
		Passkeys: a.Access.HasPasskeys(), Mail: a.Access.Post != nil, Sent: a.r.URL.Query().Get("sent") != "",
	}
	title := a.t("Sign in")
	if p.Chooser {
		title = a.t("Who are you today?")
		err := a.Office.See(a.r.Context(), reader, "see-overview", "", func(st *study.State) error {
			for _, who := range st.Order {
				if x := st.People[who]; x.Enrolled != nil && len(p.People) < 400 {
					p.People = append(p.People, personNow{who, a.isAt(st, x)})
				}
			}
			p.Report = st.Reported != nil
			return nil
		})
		if err != nil {
			return view{}, err
		}
	}
	return view{page: "signin", title: title, data: p}, nil
}

// personNow is somebody whom one can be, and where she is.
type personNow struct {
	Subject study.Subject
	At      string
}

// isAt says in a word or two where a person of a made-up trial is, and whether
// something waits for her.
func (a *ask) isAt(st *study.State, x *study.Participant) string {
	says := a.words.coded(a.lang, "stage:", desk.StageOf(x))
	if x.Completed != nil || !inTrial(x) || st.Locked != nil {
		return says
	}
	now := desk.AsOf(st, a.Office.Now())
	waits := map[schedule.Kind]bool{}
	for _, t := range st.Tasks(x, now) {
		if !t.Planned && !now.Before(t.Opens) && (t.State == schedule.Open || t.State == schedule.Late || t.State == schedule.Partial) {
			waits[t.Kind] = true
		}
	}
	for _, k := range []schedule.Kind{schedule.Diary, schedule.Visit} {
		if waits[k] {
			says += ", " + a.words.coded(a.lang, "waits:", string(k))
		}
	}
	return says
}

// become is somebody in a made-up trial.
func (a *ask) become() (view, error) {
	who := a.form.Get("as")
	role, subject := study.Role(who), study.Subject("")
	if !slices.Contains(access.StaffRoles(), role) {
		role, subject = study.RoleParticipant, study.Subject(who)
		if !a.exists(subject) {
			return view{}, fault.New("subject-unknown", "as", "nobody in the trial has this code")
		}
	}
	st, err := a.Access.Choose(a.r.Context(), a.Access.Visit(a.r), role, a.form.Get("site"), subject)
	if err != nil {
		return view{}, err
	}
	a.Access.SetCookie(a.w, st)
	if subject != "" {
		return view{to: "/me"}, nil
	}
	return view{to: inside(a.form.Get("next"))}, nil
}

// exists is asked only where anybody may be anyone.
func (a *ask) exists(who study.Subject) (there bool) {
	if a.Access.Chooser {
		_ = a.Office.See(a.r.Context(), reader, "see-overview", "", func(st *study.State) error { // a reader may
			_, there = st.People[who]
			return nil
		})
	}
	return there
}

// askLink sends a one-use link to whoever has this address, if anybody has; the
// answer is the same.
func (a *ask) askLink() (view, error) {
	if err := a.Access.RequestLink(a.r.Context(), a.Access.Visit(a.r), a.form.Get("who")); err != nil {
		return view{}, err
	}
	return view{to: "/sign-in?sent=1"}, nil
}

// link shows a button: a link works by the button alone, because mail programs
// fetch what they are sent.
func (a *ask) link() (view, error) {
	return view{page: "link", title: a.t("Sign in"), data: signInPage{Token: a.r.PathValue("token")}}, nil
}

func (a *ask) useLink() (view, error) {
	st, err := a.Access.Redeem(a.r.Context(), a.Access.Visit(a.r), a.r.PathValue("token"))
	if err != nil {
		return view{}, err
	}
	a.Access.SetCookie(a.w, st)
	if c, err := a.Access.Resolve(a.r.Context(), st.Token); err == nil && c.Subject != "" {
		return view{to: "/me"}, nil
	}
	return view{to: "/sessions"}, nil
}

func (a *ask) signOut() (view, error) {
	err := a.Access.SignOut(a.r.Context(), a.caller)
	a.Access.ClearCookie(a.w)
	return view{to: "/sign-in"}, err
}

// prove asks for a proof of who one is, before what needs it.
func (a *ask) prove() (view, error) {
	if a.caller.Nobody() {
		return view{to: "/sign-in"}, nil
	}
	return view{page: "prove", title: a.t("Is it you?"), data: signInPage{Next: inside(a.r.URL.Query().Get("next")), Passkeys: a.Access.HasPasskeys()}}, nil
}

// sessionsPage is where one is signed in, and by what one proves who one is.
type sessionsPage struct {
	Sessions []access.Session
	Passkeys []access.Passkey
	Here     string
	CanAdd   bool
	Row      rowTyped
}

func (a *ask) sessions() (view, error) { return a.sessionsWith(rowTyped{}) }

// sessionsWith is the page, with what was refused at its row.
func (a *ask) sessionsWith(row rowTyped) (view, error) {
	if a.caller.Nobody() {
		return view{to: "/sign-in"}, nil
	}
	p := sessionsPage{Row: row, Here: a.caller.Session, CanAdd: a.Access.HasPasskeys() && !a.Access.Chooser}
	var err error
	if p.Sessions, err = a.Access.Mine(a.r.Context(), a.caller); err != nil {
		return view{}, err
	}
	if !a.Access.Chooser {
		p.Passkeys, err = a.Access.PasskeysOf(a.r.Context(), a.caller)
	}
	return view{page: "sessions", title: a.t("Your sessions"), data: p}, err
}

func (a *ask) endSession() (view, error) {
	var err error
	switch id := a.form.Get("session"); {
	case a.form.Get("passkey") != "":
		err = a.Access.DropPasskey(a.r.Context(), a.caller, a.form.Get("passkey"))
	case id == "others":
		err = a.Access.EndOthers(a.r.Context(), a.caller)
	default:
		err = a.Access.End(a.r.Context(), a.caller, id)
	}
	if form, is := a.again(err, nil); is {
		return asked(a.sessionsWith(rowTyped{form, form.in("session", "passkey")}))
	}
	return view{to: "/sessions"}, err
}

// accountsPage is who has which role.
type accountsPage struct {
	Accounts listing[access.AccountView]
	Staff    []string // accounts that can be given a role
	Roles    []study.Role
	Sites    []option
	Manage   bool
	Log      []access.LogEntry
	Older    string // a link
	LogPart  bool   // there are more lines than these
	Handed   *access.Handed
	For      string
	Add      typed // refused before
	Give     typed
	Row      rowTyped // one in a row
	Clock    bool     // nothing is written by this server's clock until it is right, or confirmed
	Now      time.Time
}

func (a *ask) accounts() (view, error) { return a.accountsWith(accountsPage{}) }

// accountsWith is the page with a link that is handed over, or a form asked again.
func (a *ask) accountsWith(p accountsPage) (view, error) {
	p.Roles, p.Manage = access.StaffRoles(), a.may("manage-accounts", "")
	p.Clock, p.Now = a.Office.ClockTrusted() != nil && a.may("confirm-clock", ""), a.Office.Now()
	all, err := a.Access.Accounts(a.r.Context(), a.caller)
	if err != nil {
		return view{}, err
	}
	for _, x := range all {
		if x.Subject == "" {
			p.Staff = append(p.Staff, x.ID)
		}
	}
	if at := slices.IndexFunc(all, func(x access.AccountView) bool { return p.Row.Is("account", x.ID) }); at > 0 {
		all = slices.Concat(all[at:at+1], all[:at], all[at+1:]) // what was refused stands in sight
	}
	var whole *file
	if p.Accounts, whole, err = listed(a, "accounts", all, accountColumns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	if a.may("see-access-log", "") {
		if err := a.accessLog(&p); err != nil {
			return view{}, err
		}
	}
	err = a.Office.See(a.r.Context(), a.caller, "see-protocol", "", func(st *study.State) error {
		for _, s := range st.Protocol.Protocol().Sites {
			p.Sites = append(p.Sites, option{s.ID, s.Name})
		}
		return nil
	})
	return view{page: "accounts", title: a.t("Users and roles"), data: p}, err
}

// logRows is how many lines of the access log stand on a page.
const logRows = 50

// accessLog fills in the latest lines of the access log, or those before one.
func (a *ask) accessLog(p *accountsPage) error {
	before, _ := strconv.ParseInt(a.r.URL.Query().Get("before"), 10, 62) // what is no number is the latest
	lines, older, err := a.Access.LatestLog(a.r.Context(), a.caller, before, logRows)
	p.LogPart = older || before != 0
	if p.Log = lines; older && len(lines) > 0 {
		p.Older = "/accounts?before=" + strconv.FormatInt(lines[len(lines)-1].Seq, 10) + "#log"
	}
	return err
}

// accountColumns are those of the table of accounts.
var accountColumns = []listColumn[access.AccountView]{
	{id: "account", name: "Account", text: func(x access.AccountView) string { return x.ID }},
	{id: "name", name: "Name", words: true, text: func(x access.AccountView) string { return x.Name }},
	{id: "roles", name: "Roles", words: true, text: func(x access.AccountView) string {
		var roles []string
		for _, g := range x.Roles {
			roles = append(roles, strings.TrimSpace(string(g.Role)+" "+g.Site))
		}
		return strings.Join(roles, "; ")
	}},
	{id: "passkeys", name: "Passkeys", text: func(x access.AccountView) string { return strconv.Itoa(x.Passkeys) }},
}

// manage does what administrators do with accounts.
func (a *ask) manage() (view, error) {
	ctx, f := a.r.Context(), a.form
	who, reason := f.Get("account"), strings.TrimSpace(f.Get("reason"))
	grant := desk.Grant{Role: study.Role(f.Get("role")), Site: f.Get("site")}
	var err error
	switch f.Get("do") {
	case "add":
		if reason == "" && a.may("manage-accounts", "") { // before there is an account without a role
			form, _ := a.again(fault.New("reason-missing", "reason", "giving a role needs a reason"), map[string]string{"reason": "reason"})
			return asked(a.accountsWith(accountsPage{Add: form}))
		}
		if _, err := a.Access.AddAccount(ctx, a.caller, access.Account{ID: who, Name: f.Get("name"), Mail: f.Get("mail"), Lang: f.Get("lang")}); err != nil {
			if form, is := a.again(err, map[string]string{"id": "account", who: "account", "name": "name", "mail": "mail", "lang": "lang"}); is {
				return asked(a.accountsWith(accountsPage{Add: form}))
			}
			return view{}, err
		}
		return a.giveRole(who, grant, reason)
	case "give":
		return a.giveRole(who, grant, reason)
	case "revoke":
		err = a.Access.RevokeRole(ctx, a.caller, who, grant, reason)
	case "close":
		err = a.Access.CloseAccount(ctx, a.caller, who, reason)
	case "reopen":
		err = a.Access.ReopenAccount(ctx, a.caller, who, reason)
	case "link":
		h, err := a.Access.LinkFor(ctx, a.caller, who)
		if err == nil {
			return a.accountsWith(accountsPage{Handed: &h, For: who})
		}
		if form, is := a.again(err, nil); is {
			return asked(a.accountsWith(accountsPage{Row: rowTyped{form, form.in("do", "account", "role", "site")}}))
		}
		return view{}, err
	default:
		return view{}, noPage(a.r.URL.Path)
	}
	if form, is := a.again(err, map[string]string{"reason": "reason"}); is {
		return asked(a.accountsWith(accountsPage{Row: rowTyped{form, form.in("do", "account", "role", "site")}}))
	}
	return view{to: "/accounts"}, err
}

// giveRole gives a role, or asks for it again: the account is there by then.
func (a *ask) giveRole(who string, grant desk.Grant, reason string) (view, error) {
	err := a.Access.GiveRole(a.r.Context(), a.caller, strings.ToLower(strings.TrimSpace(who)), grant, reason)
	if form, is := a.again(err, map[string]string{"role": "role", "site": "site", "reason": "reason", who: "account"}); is {
		return asked(a.accountsWith(accountsPage{Give: form}))
	}
	return view{to: "/accounts"}, err
}

// invite makes a participant's way in, which is shown once, or mailed to her.
func (a *ask) invite() (view, error) {
	who := study.Subject(a.r.PathValue("person"))
	if a.form.Get("by") == "mail" {
		err := a.Access.MailInvitation(a.r.Context(), a.caller, who, a.form.Get("lang"))
		return view{page: "invited", title: a.t("An invitation for %s", who), data: invitedPage{Who: who}}, err
	}
	h, err := a.Access.Invite(a.r.Context(), a.caller, who, a.form.Get("lang"))
	if err != nil {
		return view{}, err
	}
	code, err := qrCode(h.URL, a.t("The link as a code for a camera"))
	return view{page: "invited", title: a.t("An invitation for %s", who), data: invitedPage{who, h, code}}, err
}
