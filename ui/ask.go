package ui

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
	"dvala/ui/person"
)

// ask is one request of one person.
type ask struct {
	*Server
	w      http.ResponseWriter
	r      *http.Request
	caller desk.Caller
	lang   string
	form   url.Values // what was sent; nil of a question
	tells  *speaker   // once it was wanted
}

// view is what a page comes to: a template and what it shows, or a place to go
// to, or a file.
type view struct {
	page   string
	title  string // in the reader's language
	data   any
	status int
	to     string
	file   *file
}

type file struct {
	kind, name, policy string // a name makes it a download
	data               []byte
	stream             io.ReadCloser // in place of data: what is long
	size               int64
}

// longestForm bounds what a form may send.
const longestForm = 4 << 20

// longestFile bounds what a form with a file may send: a sealed list of some ten
// thousand places, or its openings.
const longestFile = 64 << 20

func (s *Server) serve(p page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a := &ask{Server: s, w: w, r: r, caller: desk.CallerOf(r.Context())}
		a.lang = a.language()
		if r.Method == http.MethodPost {
			if err := a.readForm(); err != nil {
				a.fail(fault.Wrap("form", "", err))
				return
			}
		}
		v, err := p(a)
		if err != nil {
			a.fail(err)
			return
		}
		a.send(v)
	}
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Swedish})

// Cookies of how the pages look.
const (
	langCookie  = "dvala-desk-lang"
	themeCookie = "dvala-theme"
)

// language is that of the address, chosen here earlier, of the session, or of
// the browser.
func (a *ask) language() string {
	if asked := a.r.URL.Query().Get("lang"); asked == "en" || asked == "sv" {
		a.cookie(langCookie, asked)
		return asked
	}
	if c, err := a.r.Cookie(langCookie); err == nil && (c.Value == "en" || c.Value == "sv") {
		return c.Value
	}
	if a.caller.Lang == "sv" || a.caller.Lang == "en" {
		return a.caller.Lang
	}
	tags, _, _ := language.ParseAcceptLanguage(a.r.Header.Get("Accept-Language"))
	_, index, _ := matcher.Match(tags...)
	return languages[index]
}

func (a *ask) cookie(name, value string) {
	http.SetCookie(a.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 400 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: a.r.TLS != nil,
	})
}

// settings keeps which language and which light somebody wants.
func (a *ask) settings() (view, error) {
	if l := a.form.Get("lang"); l == "en" || l == "sv" {
		a.cookie(langCookie, l)
	}
	if t := a.form.Get("theme"); t == "light" || t == "dark" || t == "system" {
		a.cookie(themeCookie, t)
	}
	return view{to: inside(a.form.Get("back"))}, nil
}

// inside gives a path of these pages, or the first page for anything else, so
// that a form sends nobody to another host.
func inside(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

func (a *ask) t(key string, args ...any) string { return a.words.say(a.lang, key, args...) }

// see lets the caller look, if she may.
func (a *ask) see(action desk.Action, who study.Subject, look func(*study.State, time.Time) error) error {
	return a.Office.See(a.r.Context(), a.caller, action, who, func(st *study.State) error {
		return look(st, desk.AsOf(st, a.Office.Now()))
	})
}

func (a *ask) may(action desk.Action, who study.Subject) bool {
	return a.Office.May(a.caller, action, who)
}

// mayOf is may where the state is being looked at already.
func (a *ask) mayOf(action desk.Action, p *study.Participant) bool {
	_, err := desk.As(a.caller, action, p.Subject, p.Site, a.Office.Now())
	return err == nil || fault.CodeOf(err) == desk.CodeStrong
}

func (a *ask) in(t protocol.Text) string { return t.In(protocol.Language(a.lang)) }

// statusOf gives the HTTP status of a refusal.
func statusOf(err error) int {
	if desk.StoreFailed(err) {
		return http.StatusServiceUnavailable
	}
	switch fault.CodeOf(err) {
	case access.CodeWait, desk.CodeQuota:
		return http.StatusTooManyRequests
	case "page-unknown", "subject-unknown", "blob-missing":
		return http.StatusNotFound
	case desk.CodeForbidden:
		return http.StatusForbidden
	case desk.CodeSignIn, desk.CodeStrong:
		return http.StatusUnauthorized
	case "locked":
		return http.StatusLocked
	case contact.CodeChanged:
		return http.StatusPreconditionFailed
	case "":
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}

// problem is a page that says what is the matter and what to do.
type problem struct {
	Code, Place, Text, Hint string
	Line                    int  // of a file
	Foreign, HintForeign    bool // it is in English, whatever the page is in
	SignIn                  bool
}

func (a *ask) fail(err error) {
	if fault.CodeOf(err) == desk.CodeForbidden && a.caller.Nobody() {
		a.send(view{to: "/sign-in?next=" + url.QueryEscape(a.r.URL.RequestURI())})
		return
	}
	if fault.CodeOf(err) == desk.CodeStrong {
		back := a.r.URL.RequestURI()
		if a.r.Method == http.MethodPost {
			back = a.r.URL.Path
		}
		a.send(view{to: "/prove?next=" + url.QueryEscape(back)})
		return
	}
	if statusOf(err) >= http.StatusInternalServerError {
		access.Failed(a.r.Context(), err)
	}
	if status := statusOf(err); status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		a.w.Header().Set("Retry-After", again(err))
	}
	a.send(view{page: "problem", title: a.t("This did not work"), data: a.problemOf(err), status: statusOf(err)})
}

// again says after how many seconds to ask again.
func again(err error) string {
	if wait := desk.Wait(0); errors.As(err, &wait) {
		return strconv.Itoa(wait.Seconds())
	}
	return "5"
}

func (a *ask) problemOf(err error) problem {
	var l fault.List
	l.Merge("error", "", err)
	p := problem{Code: string(fault.CodeOf(err)), Text: a.t("Something went wrong here. What you entered was not saved.")}
	if len(l) == 0 || p.Code == "" || desk.StoreFailed(err) {
		return p // the words of a store name hosts and paths
	}
	return a.refusal(l[0])
}

// hint says what to do about a problem.
func (a *ask) hint(text string) string {
	if said, ok := a.words.message(a.lang, text); ok {
		return said
	}
	return a.words.tell(a.lang, text)
}

// send makes the whole page before it sends any of it, so that a reader never
// has half of one.
func (a *ask) send(v view) {
	switch {
	case v.to != "":
		http.Redirect(a.w, a.r, v.to, http.StatusSeeOther)
		return
	case v.file != nil:
		a.sendFile(v.file)
		return
	}
	var b bytes.Buffer
	if err := a.pages[a.lang][v.page].ExecuteTemplate(&b, "layout.gohtml", a.frame(v)); err != nil {
		http.Error(a.w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	whole := person.Upright(b.Bytes())
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	if v.status != 0 {
		a.w.WriteHeader(v.status)
	}
	_, _ = a.w.Write(whole) // a reader that went away needs no answer
}

func (a *ask) sendFile(f *file) {
	a.w.Header().Set("Content-Type", f.kind)
	if f.name != "" {
		a.w.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	}
	if f.policy != "" {
		a.w.Header().Set("Content-Security-Policy", f.policy)
	}
	if f.stream != nil {
		a.pour(f)
		return
	}
	a.w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	_, _ = a.w.Write(f.data) // a reader that went away needs no answer
}

// reveal opens a person's own words for the reader, as far as she may read them.
func reveal[T any](a *ask, who study.Subject, v T) (T, error) {
	return desk.Reveal(a.r.Context(), a.Office, a.caller, who, v)
}

// revealEach does so for rows about several people. The rows are the caller's own
// from then on.
func revealEach[T any](a *ask, rows []T, who func(T) study.Subject) ([]T, error) {
	out := slices.Clone(rows)
	for i := range out {
		var err error
		if out[i], err = reveal(a, who(out[i]), out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
