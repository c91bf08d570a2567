// Package access knows who is behind a request: accounts and the roles they
// have at each site, invitations of participants, one-use links, passkeys,
// single sign-on, sessions, proofs of who somebody is, and signatures.
//
// A session is a random token of 256 bits that its browser holds in a cookie and
// of which only the hash is stored. Middleware turns it into the desk.Caller
// that every page, operation and command is asked in the name of. What nobody
// has signed in for goes on with a caller that is nobody, to whom the table of
// package desk gives nothing.
//
// Every change and every sign-in is written to the access log in the same
// transaction: entries that are only ever added, each with the hash of the one
// before. The log names accounts by their IDs, and holds no addresses.
//
// Answers are the same, and take the same path, for accounts that exist and that
// do not: nothing here tells a stranger who takes part.
package access

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Door says whether a caller may take an action, and in which role. It is the
// desk.Office.
type Door interface {
	Allow(c desk.Caller, a desk.Action, who study.Subject, site string) (study.Role, error)
}

// Post carries a one-use link to the person whose account it is, at the address
// that she gave.
type Post interface {
	// Reaches says whether an address of hers is known.
	Reaches(ctx context.Context, a Account) (bool, error)
	SendLink(ctx context.Context, a Account, l Link, url string) error
}

// LinkOrder is a link that is to be made and mailed. Nothing in it lets anybody
// in, and no address is in it: the link is made when it is sent.
type LinkOrder struct {
	Account string        `json:"account"`
	Subject study.Subject `json:"subject,omitempty"`
	Purpose Purpose       `json:"purpose"`
	Lang    string        `json:"lang,omitempty"`
	By      string        `json:"by,omitempty"` // account; empty: she asked herself
}

// Config is what a Service is made of.
type Config struct {
	Store Store
	Door  Door
	Now   func() time.Time
	Rand  io.Reader // crypto/rand.Reader, or a test's
	// Origin is how browsers reach the server: https://trial.example, or
	// http://127.0.0.1:8080. Passkeys are bound to it.
	Origin string
	Title  string // of the trial, as a browser shows it when a passkey is made
	Post   Post   // nil: no links are sent, and staff hand them over
	// Letters is the language of letters to whoever chose none; empty: English.
	Letters string
	// Screening takes the answers of people who were invited to screen
	// themselves; nil: nobody is.
	Screening Screening
	// Later has MailLink called soon, by whichever process takes it up. Nil: it is
	// called at once, here.
	Later func(ctx context.Context, o LinkOrder) error
	// SingleSignOn is the staff's identity provider; nil: none.
	SingleSignOn *Provider
	// Chooser lets anybody on this machine be anyone in a trial with made-up
	// participants. It is refused where Origin is not this machine.
	Chooser bool
	// Writes is how often one account may write at this server; ten times a second
	// where nothing is said.
	Writes Bucket
	// TrustProxy takes the visitor's address from X-Forwarded-For.
	TrustProxy bool
	Log        *slog.Logger // nil: none
}

// Service is what pages and the API call. It is safe for concurrent use.
type Service struct {
	Config
	origin   *url.URL
	passkeys *passkeys
	sending  sync.WaitGroup // links on their way
	writes   writes
}

// New makes a service.
func New(cfg Config) (*Service, error) {
	u, err := url.Parse(cfg.Origin)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fault.New("access-origin", cfg.Origin, "is not an address at which a browser can sign in").
			WithHint("https:// and the server's name; http:// only for this machine itself")
	}
	if cfg.Chooser && !loopback(u.Hostname()) {
		return nil, fault.New("access-chooser", cfg.Origin, "roles without sign-in are for this machine only")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Writes.Burst == 0 {
		cfg.Writes = writesBucket
	}
	s := &Service{Config: cfg, origin: u, writes: writes{bucket: cfg.Writes}}
	if s.passkeys, err = newPasskeys(u, cfg.Title); err != nil {
		return nil, err
	}
	return s, nil
}

// Close waits for links that are on their way.
func (s *Service) Close() { s.sending.Wait() }

// Secure says whether the cookie goes over encrypted connections only.
func (s *Service) Secure() bool { return s.origin.Scheme == "https" }

// URL gives the address of a page of this server.
func (s *Service) URL(path string) string {
	return strings.TrimSuffix(s.origin.String(), "/") + path
}

// Codes of what this package refuses. CodeDenied says the same of a link that
// never was, was used, or has run out, and of an account that is not there.
const (
	CodeDenied  fault.Code = "sign-in-denied"
	CodeWait    fault.Code = "too-many-attempts"
	CodeAccount fault.Code = "account"
)

func denied() error {
	return fault.New(CodeDenied, "", "this does not let anybody in").
		WithHint("a link or code works once and for a short time; ask for a new one")
}
