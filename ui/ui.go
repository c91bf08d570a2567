// Package ui shows a trial in a browser: read-only pages for the staff, made on
// the server from templates that are embedded, with one style sheet and one
// small script of its own for the keyboard. It takes nothing from any other
// host, has no rules of its own, and knows no arm: what it shows comes from
// package desk. The one page that tells groups apart is the report, which
// exists after the openings, or before them on a dummy allocation that says so.
package ui

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/study"
)

// Trial is what the pages need of a trial that is stored somewhere.
type Trial interface {
	Refresh(ctx context.Context) error // see what was written since
	View(read func(*study.State))
	Entries(ctx context.Context, from, n uint64) ([]ledger.Entry, error)
	Checkpoint() []byte
	PublicKey() ledger.PublicKey
	Blob(sha256 string) ([]byte, error)
}

//go:embed pages/*.gohtml
var pages embed.FS

//go:embed static
var static embed.FS

// Server answers requests for the pages of one trial.
type Server struct {
	trial Trial
	now   func() time.Time
	pages map[string]*template.Template
	style []byte

	mu      sync.Mutex
	checked check // of the ledger page
}

// New gives the handler of a trial's pages. The clock says for which moment
// they are told.
func New(trial Trial, now func() time.Time) (http.Handler, error) {
	s := &Server{trial: trial, now: now, pages: map[string]*template.Template{}}
	base, err := template.New("layout.gohtml").Funcs(functions).ParseFS(pages, "pages/layout.gohtml")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(pages, "pages/*.gohtml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".gohtml")
		if short == "layout" {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if s.pages[short], err = t.ParseFS(pages, name); err != nil {
			return nil, err
		}
	}
	own, err := static.ReadFile("static/style.css")
	if err != nil {
		return nil, err
	}
	s.style = append([]byte(figure.Style()), own...)
	mux := s.routes()
	if err := s.personRoutes(mux); err != nil {
		return nil, err
	}
	return protect(mux), nil
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, page := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                   s.overview,
		"GET /participants":          s.participants,
		"GET /participants/{person}": s.participant,
		"GET /protocol":              s.protocol,
		"GET /instruments":           s.instruments,
		"GET /ledger":                s.ledger,
		"GET /report":                s.report,
	} {
		mux.HandleFunc(pattern, s.serve(page))
	}
	mux.HandleFunc("GET /report.html", s.reportFile)
	mux.HandleFunc("GET /checkpoint", s.checkpoint)
	mux.HandleFunc("GET /static/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(s.style) // a reader that went away needs no answer
	})
	mux.HandleFunc("GET /static/keys.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, static, "static/keys.js")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, fault.New("page-unknown", r.URL.Path, "there is no such page"))
	})
	return mux
}

// view is a page on its way: which template, and what it shows.
type view struct {
	page  string
	title string
	data  any
}

// frame is what every page has around it.
type frame struct {
	Title, Trial, Name string
	Phase              desk.Phase
	Simulated, Seeded  bool
	AsOf               time.Time
	Zone               *time.Location
	Here               string
	Data               any
}

func (s *Server) serve(page func(*http.Request) (view, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.trial.Refresh(r.Context()); err != nil {
			s.fail(w, r, http.StatusServiceUnavailable, err)
			return
		}
		v, err := page(r)
		switch {
		case fault.CodeOf(err) == "page-unknown":
			s.fail(w, r, http.StatusNotFound, err)
		case err != nil:
			s.fail(w, r, http.StatusInternalServerError, err)
		default:
			s.write(w, r, http.StatusOK, v)
		}
	}
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	s.write(w, r, status, view{"problem", http.StatusText(status), fault.Text(err)})
}

// write makes the whole page before it sends any of it, so that a reader never
// has half of one.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, v view) {
	f := frame{Title: v.title, Here: r.URL.Path, Data: v.data}
	s.trial.View(func(st *study.State) {
		p := st.Protocol.Protocol()
		f.Trial, f.Name, f.Phase, f.AsOf, f.Zone = p.ID, p.Title, desk.PhaseOf(st), desk.AsOf(st, s.now()), st.Protocol.Zone()
		if st.Opened != nil {
			f.Simulated, f.Seeded = st.Opened.Simulated, st.Opened.Sealing == "seed"
		}
	})
	var b bytes.Buffer
	if err := s.pages[v.page].ExecuteTemplate(&b, "layout.gohtml", f); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader that went away needs no answer
}

// policy lets a page take its style and its script from here and nothing from
// anywhere else; nothing inline runs.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// protect refuses what pages that only show have no use for: other methods,
// requests made by other sites, and requests for another host's name (a name
// that was pointed here to read the answers).
func protect(next http.Handler) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		switch {
		case !Loopback(r.Host):
			http.Error(w, "these pages are for this machine only", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead && !ofPerson(r.URL.Path):
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "these pages only show", http.StatusMethodNotAllowed)
		default:
			next.ServeHTTP(w, r)
		}
	})
	return http.NewCrossOriginProtection().Handler(inner)
}

// Loopback says whether a host, with or without a port, is this machine by one
// of its own names.
func Loopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// language of the pages. The trial's own texts exist in it or in another.
const language protocol.Language = "en"
