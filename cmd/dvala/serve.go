package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dvala/api"
	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/desk/watch"
	"dvala/fault"
	"dvala/identity"
	"dvala/jobs"
	"dvala/protocol"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/reminders"
	"dvala/study"
	"dvala/ui"
	"dvala/ui/person"
)

// ServeCmd is the desk of a trial in a browser, with the participant's pages and
// the API beside it.
type ServeCmd struct {
	PlaceFlags
	WorkFlags
	Addr       string    `default:"127.0.0.1:8080" help:"Where to listen. Without --origin an address of this machine only. Port 0 takes a free one."`
	Origin     string    `placeholder:"URL" help:"How browsers reach it from elsewhere, as in https://trial.example; whatever ends TLS stands before it."`
	TrustProxy bool      `help:"Take a visitor's address from what the proxy before it says (X-Forwarded-For)."`
	TLSCert    string    `name:"tls-cert" type:"path" placeholder:"FILE" help:"A certificate, PEM: TLS ends here, and no proxy is wanted."`
	TLSKey     string    `name:"tls-key" type:"path" placeholder:"FILE" help:"Its key, PEM."`
	Watch      string    `env:"DVALA_WATCH" placeholder:"ADDR" help:"Answer /healthz, /readyz and /metrics there, without sign-in. Without --origin they are beside the pages, for this machine."`
	SSO        SignOn    `embed:"" prefix:"sso-"`
	Link       string    `placeholder:"ACCOUNT" help:"Print a link with which this member of the staff can sign in once."`
	Day        string    `placeholder:"N|DATE" help:"Of a demonstration: as it stood on this day of it, counted from its start, or on this date. It is played again up to there, and what is done in it is gone when it ends."`
	Wording    string    `type:"existingdir" env:"DVALA_WORDING" placeholder:"FOLDER" help:"Show participants and staff the licensed wording of instruments: a folder of wording files. Without it, forms whose words are licensed are not offered."`
	Oura       OuraFlags `embed:"" prefix:"oura-"`
	Most       Most      `embed:"" prefix:"most-"`
	MailFlags
}

// Most is how much one account may ask of the servers.
type Most struct {
	Writes int   `default:"600" help:"What one account may write in a minute, at one server; twice as much at once after a rest."`
	DayGiB int64 `name:"day-gib" default:"12" help:"How much may be stored about one participant in a day, at all servers, in GiB."`
}

func (m Most) writes() access.Bucket {
	if m.Writes <= 0 {
		return access.Bucket{} // as package access has it
	}
	return access.Bucket{Every: time.Minute / time.Duration(m.Writes), Burst: 2 * m.Writes}
}

// SignOn is the staff's identity provider.
type SignOn struct {
	Issuer string `placeholder:"URL" help:"Sign staff in by OpenID Connect, too: the provider's address."`
	Client string `placeholder:"ID" help:"What this server is called there."`
	Secret string `env:"DVALA_SSO_SECRET" placeholder:"SECRET" help:"Its secret there; better given as DVALA_SSO_SECRET."`
}

// Run serves until it is interrupted.
func (c *ServeCmd) Run(p *Program) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.serve(ctx, p)
}

func (c *ServeCmd) serve(ctx context.Context, p *Program) error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fault.New("serve-address", "--tls-cert", "a certificate goes with its key, --tls-key")
	}
	if c.Origin == "" && !ui.Loopback(c.Addr) {
		return fault.New("serve-address", c.Addr, "without an address that browsers reach over TLS, it is for this machine only").
			WithHint("use 127.0.0.1 and a port, as in --addr 127.0.0.1:8080; or put TLS before it, and say --origin https://trial.example")
	}
	w, err := c.where()
	if err != nil {
		return err
	}
	if w.Dir == "" && !w.Shared() {
		w.Dir = "demo"
	}
	if c.Day != "" {
		dir, gone, err := c.asOf(ctx, p, w)
		if err != nil {
			return err
		}
		defer gone()
		w.Dir = dir
	}
	c.Dir = w.Dir
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fault.Wrap("serve-listen", c.Addr, err).WithHint("another program may listen there; choose another port with --addr")
	}
	origin := c.Origin
	if origin == "" {
		origin = localOrigin(listener.Addr())
		if c.TLSCert != "" {
			origin = strings.Replace(origin, "http:", "https:", 1)
		}
	}
	open := func(ctx context.Context, trial *store.Trial) (*servedDesk, error) {
		at, back := w, ""
		if dir := trial.Dir(); dir != "" && dir != at.Dir {
			at.Dir, back = dir, "/first/back" // tried beside a trial that is to come
		}
		d := &servedDesk{
			trial: trial, where: at, back: back, wall: p.Now, origin: origin, stated: c.Origin, anywhere: c.Origin != "", proxy: c.TrustProxy, mail: c.MailFlags, work: c.WorkFlags, sso: c.SSO, most: c.Most, oura: c.Oura,
			wording: c.Wording, told: p.Stderr,
			log: slog.New(access.PlainLog(p.Stderr)),
		}
		d.keepTime(p.Now)
		return d, d.open(ctx)
	}
	name, handler, done, err := c.handler(ctx, p, w, open)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer done()
	fmt.Fprintf(p.Stdout, "%s: %s/ (Ctrl-C ends it)\n", name, origin)
	return answer(ctx, listener, handler, serverLog(slog.New(access.PlainLog(p.Stderr))), c.TLSCert, c.TLSKey)
}

// handler gives what answers: the desk of the folder's trial, or, where there is
// none yet and this machine alone can ask, the pages on which one is begun.
func (c *ServeCmd) handler(ctx context.Context, p *Program, w store.Where, open func(context.Context, *store.Trial) (*servedDesk, error)) (string, http.Handler, func(), error) {
	if c.Origin == "" && !w.Shared() && noTrialYet(w.Dir) {
		h, done, err := c.first(ctx, p, open)
		return "no trial yet", h, done, err
	}
	trial, err := store.OpenAt(ctx, w)
	if err != nil {
		return "", nil, nil, err
	}
	d, err := open(ctx, trial)
	if err == nil {
		if err = d.firstIn(ctx, p, c.Link); err != nil {
			d.close()
		}
	}
	if err == nil {
		if err = c.watch(ctx, d); err != nil {
			d.close()
		}
	}
	if err != nil {
		return "", nil, nil, errors.Join(err, trial.Close())
	}
	return trial.Protocol().ID(), d.handler, func() {
		d.close()
		_ = trial.Close() // what was done is on disk by then
	}, nil
}

// watch answers those who watch the server on an address of their own, if one is
// named.
func (c *ServeCmd) watch(ctx context.Context, d *servedDesk) error {
	if c.Watch == "" {
		return nil
	}
	on, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Watch)
	if err != nil {
		return fault.Wrap("serve-listen", c.Watch, err).WithHint("another program may listen there; choose another port with --watch")
	}
	go func() { _ = answer(ctx, on, d.health(), serverLog(d.log), "", "") }() // ends with the rest
	return nil
}

// localOrigin is the address of a listener as a browser on this machine has it;
// by name where it can be, for passkeys are kept by name.
func localOrigin(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip.IsLoopback() {
		return "http://localhost:" + port
	}
	return "http://" + addr.String()
}

// servedDesk is everything of a trial that answers over HTTP, behind one door.
type servedDesk struct {
	trial           *store.Trial
	where           store.Where
	now, wall       func() time.Time
	origin          string
	stated          string // the address as it was given; empty: none was
	anywhere, proxy bool
	back            string // leads from what was tried to where a trial begins; empty: nothing is tried
	mail            MailFlags
	log             *slog.Logger
	sso             SignOn
	most            Most
	oura            OuraFlags
	book            *reminders.Book // what was sent
	wording         string          // folder of wording files
	told            io.Writer       // what whoever starts it should know

	work    WorkFlags
	clock   *clockGuard
	counts  *metrics
	schema  int64 // of the trial's tables
	real    bool  // its people are not made up
	vault   *identity.Vault
	queue   *jobs.Queue // work in the background
	people  *peopleStore
	access  *access.Service
	made    *workshop
	handler http.Handler
	rings   *rings
	devices *telephones // of people who are not made up
}

func (d *servedDesk) open(ctx context.Context) (err error) {
	d.counts = newMetrics(d.trial)
	if d.schema, err = d.trial.Database().Version(ctx, schemaVersions); err != nil {
		return err
	}
	office := desk.NewOffice(countedTrial{d.trial, d.counts}, d.now)
	if d.people, err = openPeople(ctx, d.where); err != nil {
		return err
	}
	made := false
	d.trial.View(func(s *study.State) { made = s.Opened != nil && s.Opened.Simulated })
	if err := d.signIn(ctx, office, made); err != nil {
		return errors.Join(err, d.people.Close())
	}
	parts := desk.Parts{Signer: d.access, Pending: d.people, Devices: d.access}
	if d.real = !made; d.real {
		parts.Clock = d.clock.wall
	}
	var vault *identity.Vault // made-up people have neither names nor addresses
	if !made {
		if vault, err = openVault(d.trial.Dir(), d.people.Store, d.now); err != nil {
			return errors.Join(err, d.people.Close())
		}
		parts.Vault, d.vault = vault, vault
		parts.Files, parts.PersonFiles = d.trial.Files(), d.people
		d.devices = &telephones{people: d.people.Store} // the book is opened with the work in the background
		parts.Telephones = d.devices
	}
	if d.book, err = reminders.Open(ctx, d.trial.Database().Write, d.trial.Database().Read); err != nil {
		return errors.Join(err, d.people.Close())
	}
	parts.Sendings = d.book
	parts.Quota, parts.DayBytes = d.people, d.most.DayGiB<<30
	d.made = &workshop{trial: d.trial, where: d.where, office: office, access: d.access, madeUp: made}
	parts.Analyst = d.made
	office.Furnish(parts)
	if err := d.clock.begin(ctx, office); err != nil {
		return errors.Join(err, d.people.Close())
	}
	mine, err := d.begin(ctx, office, vault)
	if err != nil {
		d.close()
		return err
	}
	if err := d.speak(&mine); err != nil {
		d.close()
		return err
	}
	mine.Ring, mine.Back = d.rings, d.back
	var book *contact.Book
	if vault != nil {
		book = contact.New(vault, office, d.access)
	}
	board := &watch.Board{} // what it has worked out pages and API share
	d.handler, err = ui.New(ui.Config{
		Contact: book, Watched: board,
		Office: office, Trial: d.trial, Access: d.access, Work: d.made, Person: mine, Release: Release(), Anywhere: d.anywhere, Back: d.back,
		Beside: func(mux *http.ServeMux) {
			mux.Handle("/api/v1/", api.New(office, d.offers(api.Options{Contact: book, Watched: board, Log: d.log}, mine)))
			if d.rings.hooked() {
				mux.Handle("/hooks/oura", d.rings.hook(d.queue, d.log))
			}
			if d.access.SingleSignOn != nil {
				pages := d.access.SignOnPages()
				mux.Handle("GET /sign-in/organisation", pages)
				mux.Handle("GET /sign-in/back", pages)
			}
		},
	})
	if err != nil {
		d.close()
		return err
	}
	d.handler = d.withHealth(d.handler)
	return nil
}

// signIn makes the one that knows who is behind a request.
func (d *servedDesk) signIn(ctx context.Context, office *desk.Office, made bool) error {
	cfg := access.Config{
		Store: d.people, Door: office, Screening: office, Now: d.now, Rand: rand.Reader, Origin: d.origin, Title: d.trial.Protocol().Protocol().Title,
		Chooser: made && !d.anywhere, TrustProxy: d.proxy, Log: d.log, Writes: d.most.writes(),
	}
	if langs := d.trial.Protocol().Protocol().Languages; len(langs) > 0 {
		cfg.Letters = string(langs[0])
	}
	if d.sso.Issuer != "" {
		p, err := access.NewProvider(ctx, nil, d.sso.Issuer, d.sso.Client, d.sso.Secret, d.origin+"/sign-in/back")
		if err != nil {
			return err
		}
		cfg.SingleSignOn = p
	}
	var err error
	d.access, err = access.New(cfg)
	return err
}

// vaultKey is the file of the key under which the keys of persons are wrapped.
const vaultKey = "identity.key"

// openVault opens what keeps names and people's own words, under the office's
// key in the trial's directory; it is made where there is none.
func openVault(dir string, store *people.Store, now func() time.Time) (*identity.Vault, error) {
	text, err := masterText(dir)
	if errors.Is(err, fs.ErrNotExist) {
		path := filepath.Join(dir, vaultKey)
		master, err := identity.GenerateMaster(rand.Reader)
		if err != nil {
			return nil, err
		}
		text = master.Secret()
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fault.Wrap("file-unwritable", path, err)
		}
		_, err = f.WriteString(text + "\n")
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return nil, fault.Wrap("file-unwritable", path, err)
		}
	} else if err != nil {
		return nil, err
	}
	master, err := identity.ParseMaster(text)
	if err != nil {
		return nil, err
	}
	return identity.New(store, master, rand.Reader, now), nil
}

// masterText gives the office's key as it was handed to the program, or as it
// lies in the trial's directory; fs.ErrNotExist where it is nowhere yet.
func masterText(dir string) (string, error) {
	if text := strings.TrimSpace(os.Getenv("DVALA_IDENTITY_KEY")); text != "" {
		return text, nil
	}
	if dir == "" {
		return "", fault.New("identity-key", "DVALA_IDENTITY_KEY", "servers that share a database need the key for identities handed to them, the same to each").
			WithHint("dvala key identity makes one; keep it apart from the database and its backups")
	}
	path := filepath.Join(dir, vaultKey)
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap("file-unreadable", path, err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// begin begins to work in the background. For made-up people on one machine nothing
// is done by the clock, for they neither
// wait nor miss anything. It gives what the participant's pages need of the book.
func (d *servedDesk) begin(ctx context.Context, office *desk.Office, vault *identity.Vault) (mine person.Options, err error) {
	book, db := d.book, d.trial.Database()
	mine = person.Options{Book: book, Wall: d.wall}
	if d.devices != nil {
		d.devices.book = book
	}
	b := background{
		trial: d.trial, where: d.where, office: office, people: d.people, clock: d.clock, now: d.now, workers: d.work.Jobs, backups: d.work.Backups, log: d.log,
		work: d.made, asleep: vault == nil && !d.where.Shared(),
	}
	if vault != nil && d.mail.MailFrom != "" {
		keys, err := readPushKeys(d.trial.Dir(), d.mail.PushKey)
		if err != nil {
			return mine, err
		}
		mine.PushKey = keys.Public
		b.sender = d.mail.sender(book, addressesOf(d.trial, vault, d.access), keys, d.origin, d.now)
		d.write(&b, book, vault)
	}
	if b.daily, err = newDaily(d.work, d.trial, d.clock, d.now); err != nil {
		return mine, err
	}
	if b.daily != nil && b.post != nil {
		b.daily.mail, b.daily.book, b.daily.access = b.post.mail, book, d.access
	}
	b.uploads = newUploads(office, d.now)
	b.uploads.later = &later{above: readAtOnce, shelf: d.trial.Files(), vault: vault}
	mine.Upload = b.uploads
	d.rings = newRings(d, office, d.trial.View, vault)
	if d.where.Shared() {
		d.rings.across = db.Alone
	}
	if d.rings.ready() {
		b.rings = d.rings
	}
	if d.where.Shared() {
		if b.settings, err = d.settings(); err != nil {
			return mine, err
		}
		b.compare = func(ctx context.Context, q *jobs.Queue) error { return d.compare(ctx, q, b.settings) }
	}
	d.queue, err = b.start(ctx)
	return mine, err
}

// write has links and notices mailed, where there is a mail server.
func (d *servedDesk) write(b *background, book *reminders.Book, vault *identity.Vault) {
	if d.mail.MailHost == "" {
		return
	}
	box := d.mail.server(d.origin)
	b.post = &post{mail: box, vault: vault, access: d.access}
	b.notices = &notices{
		trial: d.trial, book: book, mail: box, access: d.access, link: d.access.URL("/emergencies"), now: d.now,
		alarms: &alarms{trial: d.trial, book: book, mail: box, access: d.access, page: d.access.URL, now: d.now},
	}
	if d.mail.MailCheckpoint != "" {
		b.signed = &checkpointMail{trial: d.trial, book: book, mail: box, to: d.mail.MailCheckpoint, reads: d.languageOf, now: d.now}
	}
	d.access.Post, d.access.Later = b.post, b.post.later
}

func (d *servedDesk) close() {
	if d.queue != nil {
		if err := stopJobs(context.Background(), d.queue); err != nil {
			d.log.Error("background work did not end", "err", err)
		}
	}
	d.access.Close()
	_ = d.people.Close() // what was written is on disk
}

// firstIn lets somebody in where nobody could get in yet: whoever starts the
// program has the trial's directory under her hands already. It makes the first
// administrator, and prints a link for her, or for whom it was told to.
func (d *servedDesk) firstIn(ctx context.Context, p *Program, who string) error {
	if d.access.Chooser {
		return nil
	}
	all, err := d.access.Accounts(ctx, access.Shell())
	if err != nil {
		return err
	}
	if len(all) == 0 && who == "" && d.trial.Protocol().Protocol().Design.RunBy == protocol.ByParticipant {
		url, err := d.beginner(ctx, p, "The person herself")
		if err == nil {
			_, err = fmt.Fprintf(p.Stdout, "and as the participant of her own trial she comes in, once, at\n  %s\n", url)
		}
		return err
	}
	if len(all) == 0 && who == "" {
		who = "administrator"
		if _, err := d.access.AddAccount(ctx, access.Shell(), access.Account{ID: who, Name: "Administrator"}); err != nil {
			return err
		}
		if err := d.access.GiveRole(ctx, access.Shell(), who, desk.Grant{Role: study.RoleAdministrator}, "the first one in"); err != nil {
			return err
		}
	}
	if who == "" {
		return nil
	}
	h, err := d.access.LinkFor(ctx, access.Shell(), who)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(p.Stdout, "%s signs in once, within a quarter of an hour, at\n  %s\n", who, h.URL); err != nil || who != "me" {
		return err
	}
	return d.herWayIn(ctx, p)
}

// clockOf gives the clock of a trial: the wall's, or, for made-up people, one
// that goes on from their last deed; where that was in the evening, from the next
// morning at eight.
func clockOf(trial *store.Trial, wall func() time.Time) func() time.Time {
	clock := wall
	trial.View(func(s *study.State) {
		last, any := s.LastAt()
		if any && s.Opened != nil && s.Opened.Simulated {
			began, from := wall(), last.Add(time.Second)
			if local := last.In(s.Protocol.Zone()); s.Locked == nil && local.Hour() >= 19 {
				from = civil.DateOf(local).Add(1).At(8*60, s.Protocol.Zone())
			}
			clock = func() time.Time { return from.Add(wall().Sub(began)) }
		}
	})
	return clock
}

// answer serves a handler until the context ends.
func answer(ctx context.Context, listener net.Listener, handler http.Handler, lines *log.Logger, cert, key string) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ErrorLog: lines,
	}
	serve := func() error { return server.Serve(listener) }
	if cert != "" {
		serve = func() error { return server.ServeTLS(listener, cert, key) }
	}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(grace) // what is still being read is cut off
	}()
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
