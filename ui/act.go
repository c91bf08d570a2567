package ui

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// act is a command as staff give it: what its form asks, and when it is offered.
// Titles and the rest are in English, the keys of the catalogue.
type act struct {
	name      string // of the form, and of the command unless gives says another
	gives     string
	title     string
	verb      string // on the button
	intro     string
	done      string // said afterwards
	person    bool   // it is about somebody with a code
	reason    bool   // it needs a reason
	mayReason bool   // it may have one
	sign      string // what it means to sign it; empty: it is not signed
	grave     string // what has to be ticked before it, for it cannot be undone
	home      string // the page it belongs to, where it is about nobody
	group     string // where a participant's page lists it
	fields    func(*formFor) []field
	implies   func(url.Values) // fills in what the answers given say already; nil: nothing
	look      desk.Action      // what shows the form; empty: see-person, or see-protocol of what is about nobody
	// take looks into the file that a file field was given before it is stored,
	// and may fill in further data of the command from it.
	take func(a *ask, file []byte) (map[string]any, error)
	// differs is the field of a protocol file whose difference from the one in force
	// can be looked at before it is sent; empty: none.
	differs string
	// offered says whether it can be of use to somebody as she stands; nil: always.
	offered func(*study.State, *study.Participant) bool
	// due says the same of what hangs on the moment too.
	due func(*study.State, *study.Participant, time.Time) bool
}

// action is what its form asks to be allowed: the command, by its name.
func (x act) action() desk.Action {
	if x.gives != "" {
		return desk.Action(x.gives)
	}
	return desk.Action(x.name)
}

// formFor is whom and what a form is made for.
type formFor struct {
	*ask
	s     *study.State
	p     *study.Participant // nil where it is about nobody yet
	proto protocol.Protocol
	today civil.Date
	now   time.Time
	zone  *time.Location
	query url.Values // what the link to the form said already

	// Of a questionnaire, filled in with its fields: what stands over them.
	intro, introLang string
	notice           string // whose words they are, where they are not the validated ones
	validated        bool
	others           []option // links to it in the other languages
}

func (f *formFor) options(words ...string) []option {
	var out []option
	for _, w := range words {
		out = append(out, option{w, f.words.say(f.lang, f.words.tell(f.lang, w))})
	}
	return out
}

// formPage is a form to be filled in.
type formPage struct {
	Act, Title, Verb, Intro string
	Action                  string // where it is sent
	Back                    string
	Who                     study.Subject
	Key                     string
	Fields                  []field
	Reason                  string
	AskReason, NeedReason   bool
	Grave                   string
	Sign                    string    // what the signature means
	Name, Account           string    // who signs
	Prove                   bool      // the browser asks for a passkey as it is sent
	SignProblem             string    // what is wrong with the account that was typed
	Problems                []problem // those that are no field's
	InFile                  []problem // those of a file that it brought
	Again                   bool      // it was sent and refused
	Files                   bool      // it brings a file
	Lang                    string    // of the introduction, where it is not the reader's
	Notice                  string    // whose words the items are in, where they are not the validated ones
	Validated               bool      // they are
	Others                  []option  // links to the form in other languages
	Look                    bool      // what differs can be looked at first
	Differs                 *difference
}

func (a *ask) actOf() (act, study.Subject, error) {
	x, ok := acts[a.r.PathValue("act")]
	who := study.Subject(a.r.PathValue("person"))
	if !ok || x.person != (who != "") {
		return act{}, "", noPage(a.r.URL.Path)
	}
	return x, who, nil
}

// build makes an act's form for a caller.
func (a *ask) build(x act, who study.Subject) (formPage, error) {
	p := formPage{
		Act: x.name, Title: a.t(x.title), Verb: a.t(x.verb), Action: a.r.URL.Path, Back: "/", Who: who, AskReason: x.reason || x.mayReason, NeedReason: x.reason, Look: x.differs != "",
		Key: a.key(), Reason: a.form.Get("reason"), Sign: x.sign, Name: a.caller.Name, Account: a.caller.Account,
	}
	if x.intro != "" {
		p.Intro = a.t(x.intro)
	}
	if x.grave != "" {
		p.Grave = a.t(x.grave)
	}
	if x.person {
		p.Back = "/participants/" + string(who)
	}
	if !a.may(x.action(), who) {
		return p, fault.New(desk.CodeForbidden, x.name, "this is not for your role")
	}
	look := desk.Action("see-person")
	switch {
	case x.look != "":
		look = x.look
	case !x.person:
		look = "see-protocol"
	}
	if x.home != "" {
		p.Back = x.home
	}
	p.Prove = a.proves(x.action(), x.sign != "")
	err := a.see(look, who, func(st *study.State, now time.Time) error {
		f := &formFor{ask: a, s: st, query: a.r.URL.Query()}
		zone := st.Protocol.Zone()
		if x.person {
			if f.p = st.People[who]; f.p == nil {
				return noPage(a.r.URL.Path)
			}
			if z := f.p.Anchor().Zone; z != nil {
				zone = z
			}
		}
		f.proto = a.inForce(st, f.p, now).Protocol()
		f.today, f.now, f.zone = civil.DateOf(now.In(zone)), now, zone
		if x.fields != nil {
			p.Fields = x.fields(f)
			p.Notice, p.Validated, p.Others = f.notice, f.validated, f.others
			if f.intro != "" {
				p.Intro, p.Lang = f.intro, f.introLang
			}
			p.Files = slices.ContainsFunc(p.Fields, func(f field) bool { return f.Kind == fileField })
		}
		return nil
	})
	return p, err
}

// inForce gives the protocol by which a form is made: that in force for the
// person it is about, or else at the site that is named, or at the first where
// the caller works.
func (a *ask) inForce(st *study.State, p *study.Participant, now time.Time) protocol.Checked {
	if p != nil {
		return st.ProtocolFor(p, now)
	}
	site := cmp.Or(a.form.Get("site"), a.r.URL.Query().Get("site"))
	for _, x := range st.Protocol.Protocol().Sites {
		if site == "" && a.mayAt("screen", x.ID) {
			site = x.ID
		}
	}
	return st.ProtocolAt(site, now)
}

// key gives the idempotency key of a form, so that sending it twice is sending
// it once: that which came back with it, or a new one. It is no secret.
func (a *ask) key() string {
	if k := a.form.Get("key"); strings.HasPrefix(k, "desk-") && len(k) < 80 {
		return k
	}
	return "desk-" + a.newKey()
}

func (a *ask) showEmpty() (view, error) { return a.showForm(nil) }

// showForm shows an act's form, with what was typed and refused if it was sent.
func (a *ask) showForm(refused error) (view, error) {
	x, who, err := a.actOf()
	if err != nil {
		return view{}, err
	}
	p, err := a.build(x, who)
	if err != nil {
		return view{}, err
	}
	// What a correction replaces is shown to those who may read it.
	if p.Fields, err = desk.Reveal(a.r.Context(), a.Office, a.caller, who, p.Fields); err != nil {
		return view{}, err
	}
	v := view{page: "form", title: p.Title}
	if refused != nil {
		_, _ = data(p.Fields, a.form) // fills in what was typed; its problems are among those refused
		a.place(&p, refused)
		v.status = statusOf(refused)
	}
	v.data = p
	return v, nil
}

// place puts each problem beside its field, and the others on top.
func (a *ask) place(p *formPage, refused error) {
	p.Again = true
	if in := (*inFile)(nil); errors.As(refused, &in) {
		a.placeFile(p, in)
		return
	}
	var l fault.List
	l.Merge("error", "", refused)
	if desk.StoreFailed(refused) {
		access.Failed(a.r.Context(), refused)
		l = nil
		p.Problems = append(p.Problems, a.problemOf(refused))
	}
	for _, x := range l {
		text := a.said(x)
		if mistyped(x) {
			p.SignProblem = a.t("Your account is %s. The first signature of a session asks for it.", a.caller.Account)
			continue
		}
		where := strings.TrimPrefix(x.Place, "data.")
		found := false
		for i := range p.Fields {
			if f := &p.Fields[i]; !found && where != "" && (f.Name == where || strings.HasSuffix(f.Name, "."+where)) {
				f.Problem, found = text, true
			}
		}
		if !found {
			p.Problems = append(p.Problems, a.refusal(x))
		}
	}
}

// give takes a form that was filled in, gives the command to the office, and
// leads on.
func (a *ask) give() (view, error) {
	x, who, err := a.actOf()
	if err != nil {
		return view{}, err
	}
	p, err := a.build(x, who)
	if err != nil {
		return view{}, err
	}
	if x.differs != "" && a.form.Get("look") != "" {
		return a.lookAtDifference(x)
	}
	more, err := a.attach(x, who, p.Fields)
	if err != nil {
		return a.showForm(err)
	}
	if x.implies != nil {
		x.implies(a.form)
	}
	cmd, problems := x.command(p.Fields, a.form, more)
	if x.reason && strings.TrimSpace(a.form.Get("reason")) == "" {
		problems.Addf("reason-missing", "reason", "a reason is needed")
	}
	if x.grave != "" && a.form.Get("grave") != "yes" {
		problems.Addf("not-confirmed", "grave", "tick that you mean it")
	}
	if problems.Err() != nil {
		return a.showForm(problems)
	}
	got, err := a.do(x, cmd, who)
	switch code := fault.CodeOf(err); {
	case code == desk.CodeForbidden, code == desk.CodeSignIn, code == desk.CodeStrong && !mistyped(err):
		return view{}, err
	case err != nil:
		return a.showForm(err)
	}
	return view{to: x.next(got, who, a.form)}, nil
}

// do gives a command to the office, signed where it has to be.
func (a *ask) do(x act, cmd study.Command, who study.Subject) (desk.Receipt, error) {
	r := desk.Request{Cmd: cmd, Subject: who, Zone: a.caller.Zone, Reason: strings.TrimSpace(a.form.Get("reason")), Key: a.key()}
	if x.sign != "" {
		r.Signature, r.SignedID = &study.Signature{Meaning: x.sign}, strings.TrimSpace(a.form.Get("signature"))
	}
	return a.Office.Do(a.r.Context(), a.caller, r)
}

// command makes the command of a form.
func (x act) command(fields []field, form url.Values, more map[string]any) (study.Command, fault.List) {
	raw, problems := data(fields, form)
	if problems.Err() != nil {
		return nil, problems
	}
	for member, v := range more {
		b, err := json.Marshal(v)
		problems.Merge("command-form", member, err)
		raw = with(raw, member, string(b))
	}
	switch x.name {
	case "answer":
		raw = with(raw, "answers", "{}") // a form may be left wholly empty
	case "correct":
		raw = with(raw, "new", "null") // nothing in place of what stood there
	}
	cmd, err := study.ReadCommand(string(x.action()), raw)
	problems.Merge("command-form", "", err)
	return cmd, problems
}

// with puts a value where a member is missing.
func with(raw json.RawMessage, member, value string) json.RawMessage {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m[member] != nil {
		return raw
	}
	m[member] = json.RawMessage(value)
	b, err := json.Marshal(m)
	if err != nil {
		return raw
	}
	return b
}

// next is the page after the deed: the receipt where there is something large
// to read, the person's page, or the first one.
func (x act) next(got desk.Receipt, who study.Subject, form url.Values) string {
	if who == "" {
		who = got.Subject
	}
	did := "?did=" + x.name
	switch {
	case x.person && x.home != "":
		return x.home + did
	case x.name == "randomise" || x.name == "dispense" || x.name == "replace-kit":
		return "/participants/" + string(who) + "/entry/" + strconv.FormatUint(got.First, 10) + did
	case who != "":
		return "/participants/" + string(who) + did
	case form.Get("back") != "":
		return inside(form.Get("back"))
	}
	if x.home != "" {
		return x.home + did
	}
	return "/end" + did
}
