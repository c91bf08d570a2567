package person

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/schedule"
	"dvala/study"
)

// visit is one request of one person.
type visit struct {
	r      *http.Request
	w      http.ResponseWriter
	caller desk.Caller
	lang   string
	now    time.Time
	zone   *time.Location
	trial  string
	title  string // of the trial
	runs   bool   // she runs the trial herself
	joined bool   // she has consented, and not only been screened
	madeUp bool   // the trial's people are
	form   url.Values
}

// answer is what a page comes to: a page to show, or a place to go to.
type answer struct {
	page   string // template
	title  string // key of its title
	data   any
	status int
	to     string // go there instead
	file   *file  // or send this
}

type file struct {
	kind, name string
	data       []byte
}

type page func(*visit) (answer, error)

// frame is what every page has around it.
type frame struct {
	Title, Trial, Here, Page string
	Lang, Other              string
	Dark                     bool
	Code                     study.Subject
	Joined, Runs             bool
	At                       time.Time
	Zone                     *time.Location
	Scripts                  string // the scripts' words
	PushKey, Back            string
	Ahead                    int64 // milliseconds from the wall's clock to that of a trial of made-up people
	Data                     any
}

// policy lets a page take everything from here and nothing from elsewhere, and
// run nothing that stands in it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// longestForm bounds what a form may send; files have a bound of their own.
const longestForm = 256 << 10

func (p *Pages) serve(do page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		w.Header().Set("Cache-Control", "no-store")
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			r.Body = http.MaxBytesReader(w, r.Body, longestForm)
			if err := r.ParseForm(); err != nil {
				http.Error(w, "the form could not be read", http.StatusBadRequest)
				return
			}
		}
		v, err := p.visit(w, r)
		if err == nil {
			var a answer
			if a, err = do(v); err == nil {
				p.send(v, a)
				return
			}
		}
		p.refuse(v, err)
	}
}

// visit finds out who asks, in which language, and where she is.
func (p *Pages) visit(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{r: r, w: w, caller: desk.CallerOf(r.Context()), now: p.office.Now(), zone: time.UTC, form: r.PostForm}
	v.lang = chosenLanguage(w, r, v.caller.Lang)
	if v.caller.Nobody() {
		return v, nil
	}
	asked := v.caller.Lang != "" || hasLanguage(r)
	err := p.office.See(r.Context(), v.caller, "see-protocol", "", func(s *study.State) error {
		proto := s.Protocol.Protocol()
		v.trial, v.title, v.zone = proto.ID, proto.Title, s.Protocol.Zone()
		v.now = desk.AsOf(s, v.now)
		v.madeUp = s.Opened != nil && s.Opened.Simulated
		if person := s.People[v.caller.Subject]; person != nil && len(person.Consents) > 0 {
			v.joined = true
			v.runs = desk.RunsIt(s, v.caller.Subject)
		}
		if person := s.People[v.caller.Subject]; person != nil && person.Enrolled != nil {
			v.zone = schedule.ZoneOn(s.Protocol, person.Anchor(), civil.DateOf(v.now.In(v.zone)))
			if !asked {
				v.lang = known(string(person.Enrolled.Language))
			}
		}
		return nil
	})
	if zone, zerr := civil.Zone(v.caller.Zone); v.caller.Zone != "" && zerr == nil {
		v.zone = zone
	}
	return v, err
}

// me gives the person's own state to a page; whoever is no participant of the
// trial is sent to where one comes in.
func (p *Pages) me(v *visit, look func(*study.State, *study.Participant) error) error {
	if v.caller.Subject == "" {
		return errNobody
	}
	return p.office.See(v.r.Context(), v.caller, "see-own", v.caller.Subject, func(s *study.State) error {
		person, ok := s.People[v.caller.Subject]
		if !ok {
			return errNobody
		}
		return look(s, person)
	})
}

var errNobody = errors.New("nobody is signed in")

func (p *Pages) send(v *visit, a answer) {
	switch {
	case a.to != "":
		http.Redirect(v.w, v.r, a.to, http.StatusSeeOther)
		return
	case a.file != nil:
		v.w.Header().Set("Content-Type", a.file.kind)
		if a.file.name != "" {
			v.w.Header().Set("Content-Disposition", `attachment; filename="`+a.file.name+`"`)
		}
		_, _ = v.w.Write(a.file.data) // a reader that went away needs no answer
		return
	}
	other := "sv"
	if v.lang == "sv" {
		other = "en"
	}
	f := frame{
		Title: p.words.say(v.lang, a.title), Trial: v.trial, Here: v.r.URL.Path, Page: a.page, Lang: v.lang, Other: other,
		Dark: isDark(v.now, v.zone), Code: v.caller.Subject, Joined: v.joined, Runs: v.runs, At: v.now, Zone: v.zone,
		Scripts: p.words.scripts[v.lang], PushKey: p.opt.PushKey, Back: p.opt.Back, Data: a.data,
	}
	if v.madeUp && p.opt.Wall != nil {
		f.Ahead = p.office.Now().Sub(p.opt.Wall()).Milliseconds()
	}
	var b bytes.Buffer
	if err := p.pages[v.lang][a.page].ExecuteTemplate(&b, "layout.gohtml", f); err != nil {
		http.Error(v.w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	whole := Upright(b.Bytes())
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	if a.status != 0 {
		v.w.WriteHeader(a.status)
	}
	_, _ = v.w.Write(whole) // a reader that went away needs no answer
}

// refusal is a page that says kindly what could not be done.
type refusal struct{ Text, Hint, Code string }

func (p *Pages) refuse(v *visit, err error) {
	if errors.Is(err, errNobody) {
		to := "/sign-in"
		if isInvited(v.caller) {
			to = "/me/eligible" // there is nothing of hers before that
		}
		p.send(v, answer{to: to})
		return
	}
	status, text := http.StatusUnprocessableEntity, p.problem(v.lang, err)
	switch fault.CodeOf(err) {
	case desk.CodeForbidden, desk.CodeSignIn:
		status = http.StatusForbidden
	case "too-many-attempts", desk.CodeQuota:
		status = http.StatusTooManyRequests
	case "page-unknown":
		status = http.StatusNotFound
	case "locked":
		status = http.StatusLocked
	case "":
		status = http.StatusInternalServerError
	}
	if desk.StoreFailed(err) {
		status = http.StatusServiceUnavailable
		v.w.Header().Set("Retry-After", "5")
	}
	if status >= http.StatusInternalServerError {
		access.Failed(v.r.Context(), err)
	}
	p.send(v, answer{page: "problem", title: "problem.title", status: status, data: refusal{Text: text, Code: string(fault.CodeOf(err))}})
}

// problem says a problem in the person's words, if there are any for its code.
func (p *Pages) problem(lang string, err error) string {
	code := string(fault.CodeOf(err))
	if _, ok := p.words.of["problem."+code]; ok {
		return p.words.say(lang, "problem."+code)
	}
	return p.words.say(lang, "problem.other")
}

func (p *Pages) unknown(v *visit) (answer, error) {
	return answer{}, fault.New("page-unknown", v.r.URL.Path, "there is no such page")
}

// langCookie remembers the language that a person chose on this device.
const langCookie = "dvala-lang"

func hasLanguage(r *http.Request) bool {
	_, err := r.Cookie(langCookie)
	return err == nil || r.URL.Query().Get("lang") != ""
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Swedish})

// chosenLanguage gives the language asked for in the address, on this device,
// of the session, or of the browser.
func chosenLanguage(w http.ResponseWriter, r *http.Request, session string) string {
	if asked := r.URL.Query().Get("lang"); asked == "en" || asked == "sv" {
		http.SetCookie(w, &http.Cookie{Name: langCookie, Value: asked, Path: "/me", MaxAge: 400 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return asked
	}
	if c, err := r.Cookie(langCookie); err == nil && (c.Value == "en" || c.Value == "sv") {
		return c.Value
	}
	if session != "" {
		return known(session)
	}
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	_, index, _ := matcher.Match(tags...)
	return languages[index]
}

func known(lang string) string {
	if lang == "sv" {
		return "sv"
	}
	return "en"
}
