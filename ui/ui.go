// Package ui is the desk of a trial in a browser: what staff see of it and do in
// it, made on the server from templates that are embedded, with one style sheet
// and small scripts of its own for keys, sorting and progress. Every page asks
// the desk.Office in the name of whoever sits in front of it, and offers only
// what her role may do; the rules are the office's and the study's, none are
// here. Forms are forms: they work without a script, carry an idempotency key,
// and lead to another page once they are done.
//
// The pages take nothing from any other host and know no arm: what they show
// comes from package desk. The one page that tells groups apart is the report,
// which exists after the openings, or before them on a dummy allocation that
// says so.
package ui

import (
	"context"
	"embed"
	"html/template"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/desk/watch"
	"dvala/fault"
	"dvala/ledger"
	"dvala/report/figure"
	"dvala/ui/person"
)

// Trial is what the pages need of a trial that is stored somewhere, beside the
// office.
type Trial interface {
	Entries(ctx context.Context, from, n uint64) ([]ledger.Entry, error)
	Checkpoint() []byte
	PublicKey() ledger.PublicKey
	Blob(sha256 string) ([]byte, error)
}

// Config is what the pages are made of.
type Config struct {
	Office *desk.Office
	Trial  Trial
	// Access knows who is behind a request.
	Access *access.Service
	// Contact knows who people are; nil where nobody has a name.
	Contact *contact.Book
	// Watched is what was worked out of the data's quality before; nil: a board of
	// the pages' own.
	Watched *watch.Board
	// Work does what takes long; nil: nothing of that kind is offered.
	Work Work
	// Person is what the participant's pages below /me need besides the trial.
	Person person.Options
	// Beside adds what others answer: the API.
	Beside func(*http.ServeMux)
	// Anywhere answers to any host's name. Without it only to this machine's own.
	Anywhere bool
	Release  string // name and version of the program
	// Back leads from a trial that is tried to where the real one begins; empty:
	// nothing is tried.
	Back string
	// NewKey makes a form's idempotency key; nil: at random.
	NewKey func() string
}

//go:embed pages/*.gohtml
var pages embed.FS

//go:generate go tool esbuild desk=app/desk.ts passkey=app/passkey.ts --bundle --minify --target=es2022 --charset=utf8 --outdir=static --log-level=warning

//go:embed static
var static embed.FS

// Server answers requests for the pages of one trial.
type Server struct {
	Config
	words *catalogue
	pages map[string]map[string]*template.Template // by language and name
	style []byte

	mu      sync.Mutex
	checked check // of the ledger page
}

// New gives the handler of a trial's pages.
func New(c Config) (http.Handler, error) {
	if c.Watched == nil {
		c.Watched = &watch.Board{}
	}
	s := &Server{Config: c, pages: map[string]map[string]*template.Template{}}
	var err error
	if s.words, err = readWords(); err != nil {
		return nil, err
	}
	for _, lang := range languages {
		if s.pages[lang], err = parsePages(s.functions(lang)); err != nil {
			return nil, err
		}
	}
	if s.style, err = styleSheet(); err != nil {
		return nil, err
	}
	mux := s.routes()
	if err := s.personRoutes(mux); err != nil {
		return nil, err
	}
	return protect(routed(mux, c.Access.Middleware(mux)), c.Anywhere), nil
}

// routed keeps by which pattern a request finds its page, for the log: also of
// one that does not come as far.
func routed(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		access.Routed(r.Context(), pattern)
		next.ServeHTTP(w, r)
	})
}

// styleSheet is the figures' style and the pages', each with its dark colours
// where the system is dark and nobody chose light, and where somebody chose dark.
func styleSheet() ([]byte, error) {
	own, err := static.ReadFile("static/style.css")
	if err != nil {
		return nil, err
	}
	const dark = "@media screen and (prefers-color-scheme:dark){:root{"
	var out strings.Builder
	for _, css := range []string{figure.Style(), string(own)} {
		before, after, found := strings.Cut(css, dark)
		colours, rest, closed := strings.Cut(after, "}}")
		if !found || !closed {
			return nil, fault.New("style", "", "has no dark colours where they are looked for")
		}
		out.WriteString(before + "@media screen and (prefers-color-scheme:dark){:root:not(.light){" + colours + "}}\n" +
			"@media screen{:root.dark{color-scheme:dark;" + colours + "}}\n:root.light{color-scheme:light}" + rest)
	}
	return []byte(out.String()), nil
}

func (s *Server) newKey() string {
	if s.NewKey != nil {
		return s.NewKey()
	}
	return strconv.FormatUint(rand.Uint64(), 36) + strconv.FormatUint(rand.Uint64(), 36)
}

// page makes one page for one request.
type page func(*ask) (view, error)

// table is every page of the desk, by how it is asked for.
func table() map[string]page {
	return map[string]page{
		"GET /{$}":                                 (*ask).today,
		"GET /participants":                        (*ask).participants,
		"GET /participants.csv":                    (*ask).participantsFile,
		"GET /participants/{person}":               (*ask).participant,
		"GET /participants/{person}/timeline":      (*ask).timeline,
		"GET /participants/{person}/entry/{entry}": (*ask).entry,
		"GET /participants/{person}/do/{act}":      (*ask).showEmpty,
		"POST /participants/{person}/do/{act}":     (*ask).give,
		"GET /do/{act}":                            (*ask).showEmpty,
		"POST /do/{act}":                           (*ask).give,
		"GET /participants/{person}/consent/{n}":   (*ask).consentFile,
		"GET /participants/{person}/contact":       (*ask).contact,
		"POST /participants/{person}/contact":      (*ask).setContact,
		"POST /participants/{person}/erase":        (*ask).eraseContact,
		"GET /screening":                           (*ask).screening,
		"GET /safety":                              (*ask).safety,
		"GET /queries":                             (*ask).queries,
		"GET /due":                                 (*ask).due,
		"GET /forms":                               (*ask).forms,
		"GET /corrections":                         (*ask).corrected,
		"GET /stock":                               (*ask).stock,
		"GET /held":                                (*ask).held,
		"POST /held":                               (*ask).settleHeld,
		"GET /quality":                             (*ask).quality,
		"GET /emergencies":                         (*ask).emergencies,
		"GET /emergencies/{entry}/folder":          (*ask).emergencyFolder,
		"GET /allocations":                         (*ask).allocations,
		"GET /protocol":                            (*ask).protocol,
		"GET /instruments":                         (*ask).instruments,

		"GET /participants/{person}/entry/{entry}/history": (*ask).fieldHistory,

		"GET /trail":                         (*ask).trail,
		"GET /ledger":                        (*ask).ledger,
		"GET /report":                        (*ask).report,
		"GET /report.html":                   (*ask).reportFile,
		"GET /checkpoint":                    (*ask).checkpoint,
		"GET /data":                          (*ask).data,
		"GET /end":                           (*ask).end,
		"GET /work":                          (*ask).works,
		"POST /work":                         (*ask).begin,
		"GET /made/{job}":                    (*ask).workFile,
		"POST /settings":                     (*ask).settings,
		"GET /sign-in":                       (*ask).signIn,
		"POST /sign-in":                      (*ask).become,
		"POST /sign-in/ask":                  (*ask).askLink,
		"GET /sign-in/link/{token}":          (*ask).link,
		"POST /sign-in/link/{token}":         (*ask).useLink,
		"POST /sign-out":                     (*ask).signOut,
		"GET /prove":                         (*ask).prove,
		"GET /sessions":                      (*ask).sessions,
		"POST /sessions":                     (*ask).endSession,
		"GET /accounts":                      (*ask).accounts,
		"POST /accounts":                     (*ask).manage,
		"POST /participants/{person}/invite": (*ask).invite,
		"GET /invitations":                   (*ask).invitations,
		"POST /invitations":                  (*ask).inviteToScreen,
		"GET /proposals":                     (*ask).proposals,
		"POST /proposals":                    (*ask).settle,
	}
}

// Patterns gives every page of staff's, as the router has them, for whoever walks
// them all.
func Patterns() []string { return slices.Sorted(maps.Keys(table())) }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, p := range table() {
		mux.HandleFunc(pattern, s.serve(p))
	}
	mux.HandleFunc("GET /static/{name}", s.asset)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { // by whoever asks without having read a page
		http.ServeFileFS(w, r, static, "static/icon.svg")
	})
	if s.Beside != nil {
		s.Beside(mux)
	}
	mux.HandleFunc("/", s.serve(func(a *ask) (view, error) { return view{}, noPage(a.r.URL.Path) }))
	return mux
}

func noPage(path string) error { return fault.New("page-unknown", path, "there is no such page") }

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	switch name := r.PathValue("name"); name {
	case "style.css":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(s.style) // a reader that went away needs no answer
	default:
		http.ServeFileFS(w, r, static, "static/"+name)
	}
}

// policy lets a page take its style and its script from here and nothing from
// anywhere else; nothing inline runs.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// protect refuses requests made by other sites, and, where the pages are for
// this machine only, requests for another host's name (a name that was pointed
// here to read the answers).
func protect(next http.Handler, anywhere bool) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !anywhere && !Loopback(r.Host) {
			http.Error(w, "these pages are for this machine only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
	return access.Compressed(http.NewCrossOriginProtection().Handler(inner))
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
