package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/notify"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/reminders"
	"dvala/study"
)

// letterFor is a letter that came to a mail server.
type letterFor struct{ to, title, body string }

// mailServer is as much of RFC 5321 as a sender needs; it gives the port, and
// what has come.
func mailServer(t *testing.T) (int, <-chan letterFor) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	came := make(chan letterFor, 50)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go takeMail(c, came)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, came
}

func takeMail(c net.Conn, came chan<- letterFor) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 here")
	to := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch word := strings.ToUpper(strings.Fields(line + " .")[0]); word {
		case "EHLO":
			say("250-here\r\n250 8BITMIME")
		case "RCPT":
			_, to, _ = strings.Cut(strings.TrimSpace(line), "<")
			to, _, _ = strings.Cut(to, ">")
			say("250 fine")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
				if line != ".\r\n" {
					b.WriteString(line)
				}
			}
			m, err := mail.ReadMessage(strings.NewReader(b.String()))
			if err != nil {
				return
			}
			title, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			body, _ := io.ReadAll(quotedprintable.NewReader(m.Body))
			came <- letterFor{to, title, strings.ReplaceAll(string(body), "\r\n", "\n")}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

// Links to sign in go by mail to whoever has the address or the code, and nothing
// tells a stranger who has; what lies in the database on the way is neither an
// address nor a link.
func TestLinksAreMailed(t *testing.T) {
	at := realTrial(t)
	port, came := mailServer(t)
	flags := MailFlags{MailFrom: "Dvala <trial@example.org>", MailHost: "127.0.0.1", MailPort: port, MailPlain: true}
	server, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0", MailFlags: flags})
	out := verb(t, 0, "account", "add", "anna", "--name", "Anna A", "--mail", "anna@clinic.example", "--role", "coordinator", "--database", at.Database, "--origin", server)
	ask := func(who string) string {
		t.Helper()
		stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := stay.PostForm(server+"/sign-in/ask", url.Values{"who": {who}})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.Status + r.Header.Get("Location") + string(raw)
	}
	next := func() letterFor {
		t.Helper()
		select {
		case l := <-came:
			return l
		case <-time.After(30 * time.Second):
			t.Fatal("no letter came")
		}
		return letterFor{}
	}
	_ = out
	if known, unknown := ask("Anna@clinic.example"), ask("nobody@clinic.example"); known != unknown {
		t.Errorf("a stranger is told who is here: %q, %q", known, unknown)
	}
	l := next()
	if l.to != "anna@clinic.example" || l.title != "Your link to sign in" || !strings.Contains(l.body, "within 15 minutes") {
		t.Errorf("%+v", l)
	}
	browser := signedIn(t, server, linkIn.FindString(l.body))
	post := func(path, key, body string) string {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, server+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(path, "/api/") {
			kind = "application/json"
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Idempotency-Key", "test-"+key)
		w, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		raw, err := io.ReadAll(w.Body)
		if err != nil || w.StatusCode >= 400 {
			t.Errorf("%s: %s %s", path, w.Status, raw)
		}
		return string(raw)
	}
	post("/api/v1/trial/screen", "screen", `{"data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}`)
	post("/participants/P0001/contact", "contact", url.Values{"name": {"Eva Ek"}, "mail": {"eva@home.example"}}.Encode())
	if page := post("/participants/P0001/invite", "invite", url.Values{"by": {"mail"}, "lang": {"sv"}}.Encode()); strings.Contains(page, "/sign-in/link/") {
		t.Error("a mailed invitation is shown")
	}
	l = next()
	if l.to != "eva@home.example" || l.title != "Din väg in" || !strings.Contains(l.body, "i 14 dagar") || strings.Contains(l.body, "P0001") {
		t.Errorf("%+v", l)
	}
	signedIn(t, server, linkIn.FindString(l.body))
	_, _ = ask("p0001"), ask("P0999")
	l = next()
	if l.to != "eva@home.example" || l.title != "Din länk för att logga in" {
		t.Errorf("%+v", l)
	}
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.ReadAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	var n, bad int
	err = trial.Database().Read.QueryRowContext(t.Context(), "SELECT count(*), count(*) FILTER (WHERE args::text ~ '@|/link/|Eva|Anna A' OR errors::text ~ '@|/link/') FROM river_job WHERE kind = 'mail'").Scan(&n, &bad)
	if n != 3 || bad != 0 || err != nil {
		t.Errorf("%d jobs, %d of which tell an address: %v", n, bad, err)
	}
	select {
	case l := <-came:
		t.Errorf("one letter too many: %+v", l)
	default:
	}
}

// letterTray takes letters, and fails for a while.
type letterTray struct {
	mu    sync.Mutex
	sent  map[string]notify.Letter
	fails int
	tries int
}

func (b *letterTray) Send(_ context.Context, to string, l notify.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if b.fails > 0 {
		b.fails--
		return errors.New("away")
	}
	b.sent[to+" "+l.Title] = l
	return nil
}

// Whoever sees emergencies at her desk hears by mail that there was one, once,
// and again when it was read; who asked is not told, nor a coordinator of another
// site, nor anybody of what it was.
func TestEmergencyIsToldOf(t *testing.T) {
	began := desktest.Start
	m := desktest.New(t, "../../study/testdata/small.yaml", 4)
	who := m.Person(t, began)
	m.Do(t, study.Randomise{}, began.Add(time.Minute), who)
	now := began.Add(2 * time.Hour)
	if _, err := m.Tell(t.Context(), study.RequestUnblinding{Physician: "Dr Lund", Recipient: physicianKey}, study.Meta{
		At: now, Actor: "ingrid", Role: study.RoleInvestigator, Subject: who, Reason: "a reaction",
		Signature: &study.Signature{Name: "Ingrid Ek", Meaning: study.MeansResponsibility, Method: "passkey"},
	}); err != nil {
		t.Fatal(err)
	}
	known, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer known.Close()
	svc, err := access.New(access.Config{Store: known, Door: desk.NewOffice(m, func() time.Time { return now }), Now: func() time.Time { return now }, Rand: strings.NewReader(strings.Repeat("x", 4096)), Origin: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	asker, site := "", ""
	m.View(func(s *study.State) { asker, site = s.People[who].Unblindings[0].By, s.People[who].Site })
	staffed(t, svc, "here", map[string]desk.Grant{
		asker: {Role: study.RoleInvestigator}, "here": {Role: study.RoleCoordinator, Site: site}, "away": {Role: study.RoleCoordinator, Site: "elsewhere"},
		"cecilia": {Role: study.RoleCustodian}, "stat": {Role: study.RoleStatistician},
	})
	trial, err := store.Open(t.Context(), smallTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	book, err := reminders.Open(t.Context(), trial.Database().Write, trial.Database().Read)
	if err != nil {
		t.Fatal(err)
	}
	b := &letterTray{sent: map[string]notify.Letter{}, fails: 2}
	n := &notices{trial: m, book: book, mail: b, access: svc, link: "https://trial.example/emergencies", now: func() time.Time { return now }}
	tick := func(after time.Duration, letters, tries int) {
		t.Helper()
		now = now.Add(after)
		if err := n.tick(t.Context()); err != nil || len(b.sent) != letters || b.tries != tries {
			t.Errorf("after %s: %d letters in %d tries, want %d in %d: %v %v", after, len(b.sent), b.tries, letters, tries, b.sent, err)
		}
	}
	tick(0, 0, 2)
	tick(time.Second, 0, 2)
	tick(time.Minute, 2, 4)
	tick(time.Hour, 2, 4)
	entry := uint64(0)
	m.View(func(s *study.State) { entry = s.People[who].Unblindings[0].Entry })
	key, err := m.PutBlob("slot.age", []byte("sealed to the physician"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Tell(t.Context(), study.GrantUnblinding{Request: entry, By: study.ByCustodian, Key: key}, study.Meta{At: now, Actor: "cecilia", Role: study.RoleCustodian, Subject: who}); err != nil {
		t.Fatal(err)
	}
	tick(time.Minute, 5, 7) // who asked hears that it has happened, too
	tick(time.Minute, 5, 7)
	tick(9*24*time.Hour, 5, 7)
	sv := b.sent["here@x.example Nödläge: "+string(who)]
	if _, there := b.sent["cecilia@x.example Emergency: "+string(who)]; !there || !strings.Contains(sv.Body, "https://trial.example/emergencies") {
		t.Errorf("%v", b.sent)
	}
	for to, l := range b.sent {
		for _, secret := range []string{"chamomile", "plainwater"} {
			if strings.Contains(l.Title+l.Body, secret) {
				t.Errorf("%s is told %q", to, secret)
			}
		}
	}
}

// physicianKey is a physician's key, of no use to anybody.
const physicianKey = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

// staffed makes accounts with a role each and an address; one of them reads Swedish,
// the others English.
func staffed(t *testing.T, svc *access.Service, swedish string, roles map[string]desk.Grant) {
	t.Helper()
	for id, g := range roles {
		lang := map[bool]string{true: "sv", false: "en"}[id == swedish]
		if _, err := svc.AddAccount(t.Context(), access.Shell(), access.Account{ID: id, Name: "Name of " + id, Mail: id + "@x.example", Lang: lang}); err != nil {
			t.Fatal(err)
		}
		if err := svc.GiveRole(t.Context(), access.Shell(), id, g, "begins"); err != nil {
			t.Fatal(err)
		}
	}
}
