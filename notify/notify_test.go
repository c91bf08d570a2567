package notify_test

import (
	"bufio"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"dvala/desk/desktest"
	"dvala/desk/remind"
	"dvala/notify"
	"dvala/store/reminders"
	"dvala/study"
)

func book(t testing.TB) *reminders.Book {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "book.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b, err := reminders.Open(t.Context(), db, db)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// postbox is a mail server that takes everything.
type postbox struct {
	sync.Mutex
	port  int
	mails []string
}

func newPostbox(t testing.TB) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &postbox{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(c)
		}
	}()
	return p
}

// talk is as much of RFC 5321 as a sender needs.
func (p *postbox) talk(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 here")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch word := strings.ToUpper(strings.Fields(line + " .")[0]); word {
		case "EHLO":
			say("250-here\r\n250 8BITMIME")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(line)
			}
			p.Lock()
			p.mails = append(p.mails, b.String())
			p.Unlock()
			say("250 taken")
		case "RCPT":
			if strings.Contains(line, "refused@") {
				say("550 no such box: " + strings.TrimSpace(line))
			} else {
				say("250 fine")
			}
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

type addresses struct {
	of    map[study.Subject]string
	staff []notify.Reader
}

func (a addresses) Mail(_ context.Context, who study.Subject) (string, bool, error) {
	m, ok := a.of[who]
	return m, ok, nil
}

func (a addresses) Staff(context.Context, study.Subject) ([]notify.Reader, error) {
	return a.staff, nil
}

// device is a browser: its keys, and the push service that it is reached by.
type device struct {
	key    *ecdh.PrivateKey
	auth   []byte
	status int
	got    []map[string]string
	bodies [][]byte
	server *httptest.Server
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{key: key, auth: []byte("0123456789abcdef"), status: http.StatusCreated}
	d.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.bodies = append(d.bodies, body)
		d.got = append(d.got, map[string]string{"auth": r.Header.Get("Authorization"), "coding": r.Header.Get("Content-Encoding"), "ttl": r.Header.Get("TTL")})
		w.WriteHeader(d.status)
	}))
	t.Cleanup(d.server.Close)
	return d
}

func (d *device) subscription() remind.Subscription {
	return remind.Subscription{
		Endpoint: d.server.URL + "/push/1", P256DH: base64.RawURLEncoding.EncodeToString(d.key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(d.auth),
	}
}

// open decrypts a message as RFC 8291 §3.4 and RFC 8188 §2 say, by hand.
func (d *device) open(t testing.TB, body []byte) string {
	t.Helper()
	salt, idlen := body[:16], int(body[20])
	sender, text := body[21:21+idlen], body[21+idlen:]
	other, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := d.key.ECDH(other)
	if err != nil {
		t.Fatal(err)
	}
	info := "WebPush: info\x00" + string(d.key.PublicKey().Bytes()) + string(sender)
	ikm, _ := hkdf.Key(sha256.New, shared, d.auth, info, 32)
	cek, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, _ := aes.NewCipher(cek)
	gcm, _ := cipher.NewGCM(block)
	plain, err := gcm.Open(nil, nonce, text, nil)
	if err != nil {
		t.Fatal("does not open:", err)
	}
	end := slices.Index(plain, 2) // the mark of the last record; then padding
	for i, c := range slices.Backward(plain) {
		if c != 0 {
			end = i
			break
		}
	}
	return string(plain[:end])
}

func morning(day int, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour-1, minute, 0, 0, time.UTC)
}

func sent(t testing.TB, b remind.Book, who study.Subject) []remind.Sent {
	t.Helper()
	out, err := b.Sent(t.Context(), who, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A morning goes by push; when the browser has gone, by mail; and every try is
// in the outbox.
func TestFallsBackFromPushToMail(t *testing.T) {
	trial := desktest.New(t, "../study/testdata/small.yaml", 4)
	who := trial.Person(t, morning(2, 8, 0))
	b, box, phone := book(t), newPostbox(t), newDevice(t)
	public, private, err := notify.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Subscribe(t.Context(), who, phone.subscription()); err != nil {
		t.Fatal(err)
	}
	now := morning(3, 7, 30)
	s := &notify.Sender{
		Book: b, Addresses: addresses{of: map[study.Subject]string{who: "eva@example.org"}}, Now: func() time.Time { return now },
		Mailer: notify.SMTP{Host: "127.0.0.1", Port: box.port, From: "Dvala <trial@example.org>", Base: "https://trial.example.org", Plain: true},
		Pusher: notify.WebPush{Public: public, Private: private, Contact: "trial@example.org", Client: phone.server.Client()},
	}
	tick := func(want int) {
		t.Helper()
		if n, err := s.Tick(t.Context(), trial); err != nil || n != want {
			t.Fatalf("sent %d, want %d: %v", n, want, err)
		}
	}
	tick(1)
	tick(0)
	if len(phone.got) != 1 || phone.got[0]["coding"] != "aes128gcm" || !strings.HasPrefix(phone.got[0]["auth"], "vapid t=") || phone.got[0]["ttl"] != "14400" {
		t.Fatalf("the push service got %v", phone.got)
	}
	if text := phone.open(t, phone.bodies[0]); !strings.Contains(text, `"title":"God morgon"`) || !strings.Contains(text, `"link":"/me"`) {
		t.Errorf("the device reads %s", text)
	}

	phone.status = http.StatusGone
	now = morning(4, 7, 30)
	tick(1)
	if subs, _ := b.Subscriptions(t.Context(), who); len(subs) != 0 {
		t.Error("a browser that has gone is still written to")
	}
	if len(box.mails) != 1 {
		t.Fatalf("%d mails", len(box.mails))
	}
	checkMail(t, box.mails[0])
	var tries []string
	for _, x := range sent(t, b, who) {
		tries = append(tries, x.Key+" "+string(x.Channel)+" "+map[bool]string{true: "went", false: "failed"}[x.OK])
	}
	want := []string{"diary 2026-03-03 push went", "diary 2026-03-04 push failed", "diary 2026-03-04 mail went"}
	slices.Sort(tries)
	slices.Sort(want)
	if !slices.Equal(tries, want) {
		t.Errorf("the outbox holds %q", tries)
	}
}

func checkMail(t *testing.T, raw string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if subject != "God morgon" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("subject %q, headers %v", subject, m.Header)
	}
	body, _ := io.ReadAll(quotedprintable.NewReader(m.Body))
	if !strings.Contains(string(body), "https://trial.example.org/me") || !strings.Contains(string(body), "12:00") || !strings.Contains(string(body), "Inställningar") {
		t.Errorf("the mail says %s", body)
	}
}

// What cannot be sent is noted without the address, and tried again at the next
// tick; the staff hear of a silent person, though she wants no reminders.
func TestFailuresAreNoted(t *testing.T) {
	trial := desktest.New(t, "../study/testdata/small.yaml", 4)
	who, other := trial.Person(t, morning(2, 8, 0)), trial.Person(t, morning(2, 8, 0))
	b, box := book(t), newPostbox(t)
	trial.Do(t, study.ChangeReminders{RemindersChanged: study.RemindersChanged{Channels: []string{"mail"}}}, morning(2, 8, 0), who)
	trial.Do(t, study.ChangeReminders{RemindersChanged: study.RemindersChanged{Channels: []string{}}}, morning(2, 8, 0), other)
	now := morning(3, 7, 30)
	s := &notify.Sender{
		Book: b, Now: func() time.Time { return now },
		Addresses: addresses{of: map[study.Subject]string{who: "refused@example.org"}, staff: []notify.Reader{{Mail: "anna@example.org", Lang: "sv"}, {Mail: "john@example.org", Lang: "en"}, {Mail: "nils@example.org"}}},
		Mailer:    notify.SMTP{Host: "127.0.0.1", Port: box.port, From: "trial@example.org", Plain: true},
	}
	for range 2 {
		if n, err := s.Tick(t.Context(), trial); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		now = now.Add(time.Minute)
	}
	tries := sent(t, b, who)
	if len(tries) != 2 || tries[0].OK || tries[0].Detail == "" || strings.Contains(tries[0].Detail, "refused@") {
		t.Errorf("the outbox holds %+v", tries)
	}
	now = morning(7, 7, 0)
	if n, err := s.Tick(t.Context(), trial); n != 2 || err != nil {
		t.Error("the staff heard", n, "times:", err)
	}
	if len(box.mails) != 6 {
		t.Fatalf("%d letters", len(box.mails))
	}
	heard := map[string]int{}
	for _, raw := range box.mails {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		title, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		heard[m.Header.Get("Content-Language")+" "+title]++
	}
	for _, x := range []study.Subject{who, other} { // nils never chose a language
		if heard["sv "+string(x)+" har inte hörts av"] != 1 || heard["en "+string(x)+" has been silent"] != 2 {
			t.Errorf("the staff read %v", heard)
		}
	}
	if got := sent(t, b, other); len(got) != 1 || !strings.HasPrefix(got[0].Key, "silent ") {
		t.Errorf("of one without reminders: %+v", got)
	}
}
