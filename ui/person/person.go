// Package person is the participant's side of a trial in a browser: a telephone
// first, in Swedish and English, with or without a network and with or without
// scripts. Pages are made on the server from what package desk lets the person
// see of herself; every form is a form. The scripts of app/ make them better:
// they draw last night as a bar, hold a diary half filled in, and keep what is
// said without a network in a queue on the device until it has been delivered,
// once.
//
// The package has no rules of its own. While a trial is blinded it knows no arm,
// and shows a person that her entries have come and nothing of what they say; once
// the custodian has published the allocations it tells her hers.
package person

import (
	"context"
	"embed"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"time"

	"dvala/desk"
	"dvala/desk/remind"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/study"
)

//go:generate go tool esbuild app=app/app.ts head=app/head.ts sw=app/worker/sw.ts --bundle --minify --target=es2020 --charset=utf8 --outdir=static --log-level=warning

//go:embed pages/*.gohtml
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Office is the door to the trial.
type Office interface {
	Do(ctx context.Context, c desk.Caller, r desk.Request) (desk.Receipt, error)
	Submit(ctx context.Context, c desk.Caller, batch []desk.Submitted) ([]desk.Outcome, error)
	Herself
	See(ctx context.Context, c desk.Caller, a desk.Action, who study.Subject, look func(*study.State) error) error
	PutFile(ctx context.Context, c desk.Caller, who study.Subject, name string, r io.Reader) (study.File, error)
	Given(ctx context.Context, c desk.Caller, who study.Subject) (protocol.Assignment, bool, error)
	OpenFile(ctx context.Context, c desk.Caller, who study.Subject, f study.File) (io.ReadCloser, error)
	Now() time.Time
}

// Herself is what somebody does who runs the trial in which she takes part.
type Herself interface {
	Draw(ctx context.Context, c desk.Caller, key string) (desk.Receipt, error)
	OpenBox(ctx context.Context, c desk.Caller, visit, key string) (desk.Receipt, error)
	CountBox(ctx context.Context, c desk.Caller, visit string, units int, key string) (desk.Receipt, error)
	Close(ctx context.Context, c desk.Caller, name, key string) error
	ForHelper(ctx context.Context, c desk.Caller, to io.Writer) error
	Bring(ctx context.Context, c desk.Caller, raw []byte, key string) error
	Conclude(ctx context.Context, c desk.Caller, key string) error
	Results(ctx context.Context, c desk.Caller) (results, report []byte, ok bool, err error)
	Checkpoint(ctx context.Context, c desk.Caller) ([]byte, error)
}

// Options are what the pages need besides the trial. What is nil is not
// offered.
type Options struct {
	// Wording gives the loaded text of an instrument in a language.
	Wording func(id instrument.ID, version, lang string) (*instrument.Wording, bool)
	// Entrance lets people in by a code or a link, and takes the answers of those
	// who were invited and have no code yet.
	Entrance Entrance
	// Book keeps how a person wants to be reminded.
	Book remind.Book
	// PushKey is the public key that a browser wants for its push service.
	PushKey string
	// Upload takes a file of a wearable's, and Ring connects an Oura ring.
	Upload Uploader
	Ring   RingLink
	// Wall is the clock on the wall. Where the trial's people are made up, the
	// office's is another, and the scripts are told by how much; nil: the office's.
	Wall func() time.Time
	// Back leads from a trial that is tried to where the real one begins.
	Back string
	// NewKey makes a form's idempotency key; nil: at random.
	NewKey func() string
}

// Pages answers requests below /me.
type Pages struct {
	office Office
	opt    Options
	words  *catalogue
	pages  map[string]map[string]*template.Template // by language and name
	papers map[string]*template.Template            // to keep, by language
	assets *assets
}

// New makes the pages of a trial.
func New(office Office, opt Options) (*Pages, error) {
	words, err := readWords()
	if err != nil {
		return nil, err
	}
	a, err := newAssets(figure.Style())
	if err != nil {
		return nil, err
	}
	p := &Pages{office: office, opt: opt, words: words, pages: map[string]map[string]*template.Template{}, papers: map[string]*template.Template{}, assets: a}
	for _, lang := range languages {
		if p.pages[lang], err = p.parse(lang); err != nil {
			return nil, err
		}
		if p.papers[lang], err = template.New("").Funcs(p.functions(lang)).ParseFS(paperFiles, "papers/*.gohtml"); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Pages) parse(lang string) (map[string]*template.Template, error) {
	base, err := template.New("layout.gohtml").Funcs(p.functions(lang)).ParseFS(pageFiles, "pages/layout.gohtml", "pages/parts.gohtml")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(pageFiles, "pages/*.gohtml")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		short := name[len("pages/") : len(name)-len(".gohtml")]
		if short == "layout" || short == "parts" {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if out[short], err = t.ParseFS(pageFiles, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Routes puts the pages on a mux. Whoever serves it has put the caller into the
// context of each request (desk.WithCaller) and refuses forms of other sites.
func (p *Pages) Routes(mux *http.ServeMux) {
	for pattern, page := range p.table() {
		mux.HandleFunc(pattern, p.serve(page))
	}
	mux.HandleFunc("POST /me/entries", p.entries)
	mux.HandleFunc("POST /me/push", p.subscribe)
	mux.HandleFunc("GET /me/calendar.ics", p.calendar)
	mux.HandleFunc("GET /me/sw.js", p.assets.worker)
	mux.HandleFunc("GET /me/app.webmanifest", p.manifest)
	mux.HandleFunc("GET /me/static/{name}", p.assets.serve)
	mux.HandleFunc("GET /me/", p.serve(p.unknown))
}

// table is every page and form, by its pattern.
func (p *Pages) table() map[string]page {
	return map[string]page{
		"GET /me":                             p.home,
		"GET /me/diary":                       p.diary,
		"POST /me/diary":                      p.saveDiary,
		"GET /me/visit/{visit}/{instrument}":  p.questionnaire,
		"POST /me/visit/{visit}/{instrument}": p.saveQuestionnaire,
		"GET /me/saved":                       p.saved,
		"GET /me/event":                       p.event,
		"POST /me/event":                      p.saveEvent,
		"GET /me/card":                        p.card,
		"GET /me/data":                        p.stored,
		"GET /me/leave":                       p.leave,
		"POST /me/leave":                      p.saveLeave,
		"GET /me/past":                        p.past,
		"GET /me/settings":                    p.settings,
		"POST /me/settings":                   p.saveSettings,
		"GET /me/join":                        p.join,
		"POST /me/join":                       p.saveJoin,
		"GET /me/join/{token}":                p.joinLink,
		"POST /me/join/{token}":               p.saveJoin,
		"GET /me/eligible":                    p.eligible,
		"POST /me/eligible":                   p.saveEligible,
		"GET /me/consent":                     p.consent,
		"POST /me/consent":                    p.saveConsent,
		"GET /me/consent/copy":                p.consentCopy,
		"GET /me/consent/copy/{n}":            p.consentFile,
		"POST /me/moved":                      p.moved,
		"GET /me/install":                     p.install,
		"POST /me/install":                    p.saveInstall,
		"GET /me/hours":                       p.hours,
		"POST /me/hours":                      p.saveHours,
		"GET /me/ring":                        p.ring,
		"POST /me/ring":                       p.saveRing,
		"GET /me/ring/back":                   p.ringBack,
		"GET /me/offline":                     p.offline,
		"GET /me/trial":                       p.trialCourse,
		"POST /me/trial/draw":                 p.drawOrder,
		"POST /me/trial/box":                  p.box,
		"POST /me/trial/close":                p.end,
		"POST /me/trial/openings":             p.bring,
		"POST /me/trial/report":               p.conclude,
		"GET /me/trial/helper":                p.helperSheet,
		"GET /me/trial/ledger":                p.forHelper,
		"GET /me/trial/checkpoint":            p.checkpoint,
		"GET /me/trial/report":                p.report,
	}
}
