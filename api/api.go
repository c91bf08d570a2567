package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/desk/remind"
	"dvala/desk/watch"
	"dvala/fault"
	"dvala/instrument"
)

// Version of the API; the paths begin with it.
const Version = "1"

// base is where the API lies.
const base = "/api/v1"

// Options are what an API needs beside the office.
type Options struct {
	// Release names the program in the description.
	Release string
	// Access signs people in, and signs what they sign; without it none of that
	// is offered.
	Access *access.Service
	// Contact knows who people are; nil where nobody has a name.
	Contact *contact.Book
	// Work does what takes long; without it none is offered.
	Work desk.Work
	// Poll is how often a reader of changes is told of new entries; a second
	// where nothing is said.
	Poll time.Duration
	// Streams is how many streams of changes an account may read at once; 8 where
	// nothing is said.
	Streams int
	// Log has what failed here, which no answer tells; nil: none.
	Log *slog.Logger
	// Book keeps where participants' browsers take messages, and PushKey is what
	// those want to know this server by.
	Book    remind.Book
	PushKey string
	// Rings connects participants' rings, and Uploads takes the files of their
	// apps; what is nil is not offered.
	Rings   Rings
	Uploads Uploads
	// Wording gives the loaded text of an instrument in a language.
	Wording func(id instrument.ID, version, lang string) (*instrument.Wording, bool)
	// Watched is what was worked out of the data's quality before; nil: a board of
	// the API's own.
	Watched *watch.Board
}

// server answers for one trial.
type server struct {
	office  *desk.Office
	opts    Options
	open    readers
	watched *watch.Board
}

// New gives the handler of all paths below /api/v1. It stands behind whoever
// says who asks (desk.CallerOf).
func New(office *desk.Office, opts Options) http.Handler {
	h, _ := build(office, opts)
	return h
}

// Describe gives the OpenAPI description, as YAML.
func Describe(opts Options) ([]byte, error) {
	_, api := build(nil, opts)
	return api.OpenAPI().YAML()
}

// Operations gives the name of every operation, by its method and path as a
// ServeMux takes them.
func Operations() map[string]string {
	out := map[string]string{}
	for at, op := range described() {
		out[at] = op.OperationID
	}
	return out
}

// Takes gives the desk's action that every operation takes, by the operation's
// name.
func Takes() map[string]desk.Action {
	out := map[string]desk.Action{}
	for _, op := range described() {
		action, _ := op.Extensions[actionMark].(string)
		out[op.OperationID] = desk.Action(action)
	}
	return out
}

// described gives every operation, by its method and path.
func described() map[string]*huma.Operation {
	_, described := build(nil, Options{})
	out := map[string]*huma.Operation{}
	for path, item := range described.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op != nil {
				out[method+" "+path] = op
			}
		}
	}
	return out
}

// conduct gives what the pages of a desk and of a participant show beside the
// first questions.
func (s *server) conduct(mux *http.ServeMux, api huma.API) {
	s.days(api)
	s.screening(api)
	s.safety(api)
	s.asking(api)
	s.emergencies(api)
	s.stock(api)
	s.allocations(api)
	s.watching(api)
	s.instruments(api)
	s.entry(api)
	s.report(api)
	s.fetched(mux, api)
	s.erase(api)
	s.own(api)
	s.runHerself(api)
	s.pushes(api)
	s.devices(mux, api)
	s.sendings(api)
}

func build(office *desk.Office, opts Options) (http.Handler, huma.API) {
	if opts.Poll == 0 {
		opts.Poll = time.Second
	}
	if opts.Streams == 0 {
		opts.Streams = streams
	}
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Dvala", Version)
	config.Info.Description = "A sleep trial over HTTP: what a screen does, this does. Every command carries an Idempotency-Key, and x-repeat says of everything else what comes of asking twice; " +
		"problems are those of RFC 9457 with a code, a place and a hint. What is secret before the end is in no answer."
	config.OpenAPIPath = base + "/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	s := &server{office: office, opts: opts, watched: opts.Watched}
	if s.watched == nil {
		s.watched = &watch.Board{}
	}
	config.Transformers = []huma.Transformer{s.asProblem}
	config.CreateHooks = nil // no links to schemas in answers
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "dvala"},
		"bearer":  {Type: "http", Scheme: "bearer"},
	}
	config.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
	api := humago.New(mux, config)
	api.UseMiddleware(s.guard, s.once)
	s.commands(api)
	s.questions(api)
	s.entries(api)
	s.record(api)
	s.files(mux, api)
	s.attachments(api)
	s.signIn(api)
	s.accounts(api)
	s.work(mux, api)
	s.invitations(api)
	s.contact(api)
	s.changes(mux, api)
	s.conduct(mux, api)
	s.repeats(api)
	mux.HandleFunc(base+"/", func(w http.ResponseWriter, r *http.Request) {
		if takes := methodsOf(mux, r); len(takes) > 0 {
			p := problem(fault.New("method-unknown", r.Method, "this path is asked another way: %s", strings.Join(takes, ", ")).WithHint("GET %s/openapi.yaml lists them", base))
			p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
			w.Header().Set("Allow", strings.Join(takes, ", "))
			s.write(w, r, p)
			return
		}
		s.write(w, r, problem(fault.New("page-unknown", r.URL.Path, "the API has no such path").WithHint("GET %s/openapi.yaml lists them", base)))
	})
	return carried(tagged(mux)), api
}

// methodsOf gives the methods that a path takes, in order; none of a path that
// there is not.
func methodsOf(mux *http.ServeMux, r *http.Request) []string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := mux.Handler(other); pattern != "" && pattern != base+"/" {
			out = append(out, m)
		}
	}
	return out
}
