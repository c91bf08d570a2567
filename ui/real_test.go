package ui

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"dvala/api"
	"dvala/civil"
	"dvala/custody"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/identity"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/store/people"
	"dvala/study"
)

// clinic is a trial whose people are not made up: its list is truly sealed, staff
// have accounts and passkeys, and the custodian stands beside it with the key.
type clinic struct {
	*memory
	t      *testing.T
	key    *custody.Key
	proto  protocol.Checked
	source string
	list   *seal.List
	svc    *access.Service
	url    string
}

// newClinic opens the small trial and serves its pages, with the API beside them.
func newClinic(t *testing.T) *clinic {
	t.Helper()
	chromiumFor(t)
	c := &clinic{t: t, key: must(custody.NewKey(start, false))}
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	c.source = strings.Replace(src, "to-be-made-by-the-custodian", c.key.Recipient().String(), 1)
	checked, problems := protocol.Parse([]byte(c.source))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	c.proto, c.list = checked, must(custody.Seal(checked, custody.Options{})).List
	m := &memory{key: must(ledger.GenerateKey(rand.Reader, checked.ID())), files: map[string][]byte{}}
	sealed, file := study.SealedOf(c.list), m.put(string(c.list.Bytes()))
	sealed.More = m.Blob
	m.state = study.New(checked, sealed, study.BuiltIn)
	m.state.UseProtocols(func(sum string, _ study.Instruments) (protocol.Checked, bool) {
		next, problems := protocol.Parse(m.files[sum])
		return next, problems.Err() == nil
	})
	for _, id := range study.Asked(checked) {
		d, _ := instrument.ByID(id)
		m.put(string(d.Canonical()))
	}
	c.memory = m
	m.do(study.Open{Opened: study.Opened{
		Trial: checked.ID(), Protocol: m.put(c.source), ProtocolHash: checked.HashHex(), SealedList: file, Sealing: seal.ByCustodian, Program: "test", Zones: civil.ZoneRules,
	}}, start, "")
	c.serve()
	return c
}

// serve puts the pages at an address that has a name, for passkeys are kept by name.
func (c *clinic) serve() {
	c.t.Helper()
	var inner http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) }))
	c.t.Cleanup(server.Close)
	c.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	began := time.Now()
	now := func() time.Time { return clock().Add(time.Since(began)) }
	h, _ := built(c.t, c.memory, house{
		origin: c.url, vault: true, now: now,
		book: func(store *people.Store, office *desk.Office, svc *access.Service) *contact.Book {
			return contact.New(identity.New(store, must(identity.GenerateMaster(rand.Reader)), rand.Reader, now), office, svc)
		},
		change: func(cfg *Config) {
			cfg.Beside = func(mux *http.ServeMux) {
				mux.Handle("/api/v1/", api.New(cfg.Office, api.Options{Release: "test", Access: cfg.Access}))
			}
		},
	})
	inner, c.svc = h, h.(chosen).svc
}

// adult answers the screening so that the criteria are met.
func adult(age int) protocol.Answers {
	return protocol.Answers{"age": protocol.Int(age), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true)}
}

// waiting is somebody enrolled and not randomised.
func (c *clinic) waiting(age int, at time.Time) study.Subject {
	c.t.Helper()
	who := c.do(study.Screen{Site: "main", Answers: adult(age)}, at, "")
	c.do(study.Consent{Version: "1.0", Language: "sv"}, at, who)
	c.do(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at, who)
	return who
}

// person is somebody in the trial, randomised on day 3.
func (c *clinic) person(age int) study.Subject {
	c.t.Helper()
	who := c.waiting(age, start)
	c.do(study.Randomise{}, day(3), who)
	return who
}

// account makes a member of the staff.
func (c *clinic) account(id, name string, role study.Role) {
	c.t.Helper()
	ctx := c.t.Context()
	must(c.svc.AddAccount(ctx, access.Shell(), access.Account{ID: id, Name: name}))
	if err := c.svc.GiveRole(ctx, access.Shell(), id, desk.Grant{Role: role}, "begins"); err != nil {
		c.t.Fatal(err)
	}
}

// window is a browser of somebody's own, with an authenticator in it.
func (c *clinic) window() *browser {
	c.t.Helper()
	b := window(c.t, c.url)
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
	return b
}

// enter follows a link of the one who has it, and adds a passkey.
func (b *browser) enter(link string) {
	b.t.Helper()
	b.do(chromedp.Navigate(link))
	b.press("main button", "/sessions")
	b.press(`[data-passkey="add"]`, "/sessions")
	if got := ask1[int](b, `document.querySelectorAll('[name="passkey"]').length`); got != 1 {
		b.t.Fatalf("%d passkeys after one was added", got)
	}
}

// staff is somebody with a role, signed in, with a passkey.
func (c *clinic) staff(id, name string, role study.Role) *browser {
	c.t.Helper()
	c.account(id, name, role)
	b := c.window()
	b.enter(must(c.svc.LinkFor(c.t.Context(), access.Shell(), id)).URL)
	return b
}

// after is a moment after all that has happened.
func (c *clinic) after() time.Time {
	last, _ := c.state.LastAt()
	return last.Add(time.Second)
}
