package ui

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"dvala/fault"
)

//go:embed first
var firstPages embed.FS

// Maker makes a trial where there is none yet.
type Maker interface {
	// Templates names the protocols to begin with.
	Templates() []string
	// Source gives the text of one.
	Source(template string) (string, error)
	// Check says everything that is wrong with a protocol's text.
	Check(source string) fault.List
	// Try lets made-up people live through it, in the background: to the end and
	// the report, or halfway.
	Try(source string, midway bool) error
	// Doing says how far that has come.
	Doing() Making
	// Fill puts the public key of whoever seals the list into a protocol's text.
	Fill(source, key string) (string, error)
	// Begin begins the trial with real people, by a list that was sealed from that
	// very protocol, and gives the address at which whoever began it signs in
	// once, under her name.
	Begin(source string, sealed []byte, name string) (signIn string, err error)
}

// Making is how far a trial with made-up people has come.
type Making struct {
	Step     string // empty: nothing was begun
	Done, Of int
	Err      error
}

// Trier keeps what was tried apart from the trial that is to come. A maker that
// does lets whoever tried go on to the real one in the same place.
type Trier interface {
	// Tried says whether something was tried and is kept.
	Tried() bool
	// Show shows it; Back leaves it.
	Show() error
	Back()
}

// NewFirst gives the pages of a folder in which there is no trial yet.
func NewFirst(m Maker) (http.Handler, error) {
	f := &first{maker: m, pages: map[string]*template.Template{}}
	words, err := readWords()
	if err != nil {
		return nil, err
	}
	f.words = words
	s := &Server{words: words}
	for _, lang := range languages {
		if f.pages[lang], err = template.New("frame.gohtml").Funcs(s.functions(lang)).ParseFS(firstPages, "first/*.gohtml"); err != nil {
			return nil, err
		}
	}
	if s.style, err = styleSheet(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", f.home)
	mux.HandleFunc("POST /first/language", f.language)
	mux.HandleFunc("POST /first/template", f.template)
	mux.HandleFunc("POST /first/own", f.own)
	mux.HandleFunc("POST /first/again", f.again)
	mux.HandleFunc("POST /first/forget", f.forget)
	mux.HandleFunc("POST /first/check", f.check)
	mux.HandleFunc("POST /first/file", f.file)
	mux.HandleFunc("POST /first/try", f.try)
	mux.HandleFunc("POST /first/real", f.real)
	mux.HandleFunc("POST /first/tried", f.tried)
	mux.HandleFunc("GET /first/back", f.back)
	mux.HandleFunc("POST /first/helper", f.helper)
	mux.HandleFunc("POST /first/key", f.key)
	mux.HandleFunc("POST /first/begin", f.begin)
	mux.HandleFunc("GET /static/{name}", s.asset)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) })
	return protect(mux, false), nil
}

type first struct {
	maker Maker
	words *catalogue
	pages map[string]*template.Template
}

type firstPage struct {
	Title, Step string
	Problem     []problem
	Templates   []string
	Source      string
	Checked     bool
	Problems    []problem
	Remarks     []problem // what could be better and stops nothing
	Doing       string
	Done, Of    int
	Begin       beginning
	Own         ownPage
	Plan        *plan  // what will happen, in a trial of one person
	Held        bool   // there is a form whose words go along into another language
	Tried       bool   // something was tried, and is kept
	Kept        bool   // what was said is kept and can be thrown away
	Answers     bool   // among it her answers in the form
	At          string // the field at which the problem is
}

func (f *first) lang(r *http.Request) string {
	if c, err := r.Cookie(langCookie); err == nil && (c.Value == "en" || c.Value == "sv") {
		return c.Value
	}
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	_, index, _ := matcher.Match(tags...)
	return languages[index]
}

func (f *first) show(w http.ResponseWriter, r *http.Request, p firstPage, title string) {
	lang := f.lang(r)
	p.Title = f.words.say(lang, title)
	if t, ok := f.maker.(Trier); ok {
		p.Tried = t.Tried()
	}
	var b bytes.Buffer
	if err := f.pages[lang].Execute(&b, p); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // a reader that went away needs no answer
}

func (f *first) home(w http.ResponseWriter, r *http.Request) {
	now := f.maker.Doing()
	if now.Step == "" || now.Err != nil && r.URL.Query().Get("again") != "" {
		if !f.goOn(w, r) {
			f.show(w, r, firstPage{Step: "choose", Templates: f.maker.Templates()}, "A trial to begin with")
		}
		return
	}
	p, title := firstPage{Step: "wait", Doing: now.Step, Done: now.Done, Of: now.Of}, "The people are living through it"
	if now.Err != nil {
		p.Problem, title = f.told(f.lang(r), now.Err), "This did not work"
	}
	f.show(w, r, p, title)
}

// stay keeps the language of these pages for the desk that comes after them, where
// an account would have one of its own.
func (f *first) stay(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: langCookie, Value: f.lang(r), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (f *first) template(w http.ResponseWriter, r *http.Request) {
	if alone, ok := f.maker.(Alone); ok && r.PostFormValue("template") == "n-of-1" {
		f.showOwn(w, r, alone.Begun(f.lang(r)), nil)
		return
	}
	src, err := f.maker.Source(r.PostFormValue("template"))
	if err != nil {
		f.show(w, r, firstPage{Step: "choose", Templates: f.maker.Templates(), Problem: f.told(f.lang(r), err)}, "A trial to begin with")
		return
	}
	f.show(w, r, f.editing(r, src), "Your trial")
}

func (f *first) check(w http.ResponseWriter, r *http.Request) {
	src := r.PostFormValue("source")
	if _, ok := f.kept(); ok {
		f.keep(Draft{Step: "edit", Source: src})
	}
	p := f.editing(r, src)
	p.Checked = true
	l := f.maker.Check(src)
	p.Problems, p.Remarks = f.words.filedAll(f.lang(r), l.Errors()), f.words.filedAll(f.lang(r), l.Warnings())
	f.show(w, r, p, "Your trial")
}

func (f *first) file(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="protocol.yaml"`)
	_, _ = w.Write([]byte(r.PostFormValue("source"))) // a reader that went away needs no answer
}

func (f *first) try(w http.ResponseWriter, r *http.Request) {
	src := r.PostFormValue("source")
	if l := f.maker.Check(src).Errors(); len(l) > 0 {
		p := f.editing(r, src)
		p.Checked, p.Problems = true, f.words.filedAll(f.lang(r), l)
		f.show(w, r, p, "Your trial")
		return
	}
	f.keep(Draft{Step: "edit", Source: src})
	if err := f.maker.Try(src, r.PostFormValue("until") == "midway"); err != nil {
		p := f.editing(r, src)
		p.Problem = f.told(f.lang(r), err)
		f.show(w, r, p, "Your trial")
		return
	}
	f.stay(w, r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
