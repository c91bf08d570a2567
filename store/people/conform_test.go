package people

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/store/sqldb"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// onBoth runs a test on SQLite and on PostgreSQL. What open gives is each time
// another server of the same trial; of SQLite it is the same one.
func onBoth(t *testing.T, test func(t *testing.T, open func() *Store)) {
	t.Run("sqlite", func(t *testing.T) {
		s, err := Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, func() *Store { return s })
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.Start(t).URL(t)
		test(t, func() *Store {
			var on [2]*sqldb.DB
			for i, schema := range []string{"people_of_a", "people_keys_of_a"} {
				db, err := sqldb.OpenPostgres(t.Context(), url, schema)
				if err == nil {
					err = db.EnsureSchema(t.Context())
				}
				if err != nil {
					t.Error(err)
					return nil
				}
				t.Cleanup(func() { _ = db.Close() })
				on[i] = db
			}
			s, err := OpenPostgres(context.WithoutCancel(t.Context()), on[0].Write, on[1].Write)
			if err != nil {
				t.Error(err)
			}
			return s
		})
	})
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456000, time.UTC)

// Servers that begin at once make the tables once; what one writes the other
// reads, and of what can be done once, one does it.
func TestTwoServers(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		var both [2]*Store
		var wg sync.WaitGroup
		for i := range both {
			wg.Go(func() { both[i] = open() })
		}
		wg.Wait()
		if t.Failed() {
			t.FailNow()
		}
		for _, step := range []struct {
			name string
			do   func(*testing.T, *Store, *Store)
		}{
			{"accounts", accounts},
			{"sessions", sessions},
			{"links", links},
			{"invitations", invitations},
			{"devices", devices},
			{"limits", limits},
			{"log", logs},
			{"passkeys", passkeys},
			{"held", held},
			{"identities", identities},
			{"quotas", quotas},
			{"once", once},
		} {
			t.Run(step.name, func(t *testing.T) { step.do(t, both[0], both[1]) })
		}
	})
}

func write(t *testing.T, s *Store, do func(access.Writer) error) {
	t.Helper()
	if err := s.Write(t.Context(), do); err != nil {
		t.Error(err)
	}
}

func accounts(t *testing.T, a, b *Store) {
	ctx := t.Context()
	anna := access.Account{ID: "anna", Name: "Anna Åberg", Mail: "anna@clinic.example", Lang: "sv", Created: noon, By: "shell"}
	write(t, a, func(w access.Writer) error { return w.PutAccount(ctx, anna) })
	if got, ok, err := b.Account(ctx, "anna"); err != nil || !ok || got != anna {
		t.Error(got, ok, err)
	}
	if got, ok, err := b.AccountByMail(ctx, "anna@clinic.example"); err != nil || !ok || got != anna {
		t.Error(got, ok, err)
	}
	if _, ok, err := b.AccountByMail(ctx, ""); ok || err != nil {
		t.Error("an account without an address was found by none", err)
	}
	if _, ok, err := b.Account(ctx, "nobody"); ok || err != nil {
		t.Error(ok, err)
	}
	if err := b.Write(ctx, func(w access.Writer) error { return w.PutAccount(ctx, anna) }); err == nil {
		t.Error("the same account twice")
	}
	stop := errors.New("stop")
	err := a.Write(ctx, func(w access.Writer) error {
		if err := w.CloseAccount(ctx, "anna", noon); err != nil {
			return err
		}
		return stop
	})
	if got, _, _ := b.Account(ctx, "anna"); !errors.Is(err, stop) || !got.Closed.IsZero() {
		t.Error("half of what failed was kept:", got, err)
	}
	g := access.Given{Grant: desk.Grant{Role: study.RoleCoordinator, Site: "lund"}, Account: "anna", At: noon, By: "shell", Reason: "begins"}
	write(t, b, func(w access.Writer) error { return w.Give(ctx, g) })
	if got, err := a.Roles(ctx, "anna"); err != nil || len(got) != 1 || got[0] != g {
		t.Error(got, err)
	}
	g.Revoked = noon
	write(t, b, func(w access.Writer) error {
		was, err := w.Revoke(ctx, g)
		if !was {
			t.Error("a role in force was not taken away")
		}
		return err
	})
	if got, err := a.Roles(ctx, "anna"); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	write(t, a, func(w access.Writer) error { return w.SetIssuer(ctx, "anna", "https://id.example", "42") })
	if got, ok, err := b.AccountByIssuer(ctx, "https://id.example", "42"); err != nil || !ok || got.ID != "anna" {
		t.Error(got, ok, err)
	}
	if all, err := b.Accounts(ctx); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}

func sessions(t *testing.T, a, b *Store) {
	ctx := t.Context()
	s := access.Session{Hash: "h1", ID: "s1", Account: "anna", Role: study.RoleCoordinator, Site: "lund", Method: "link", Label: "Firefox", From: "192.0.2.1", Started: noon, Seen: noon, Strong: noon, Proof: "passkey"}
	write(t, a, func(w access.Writer) error { return w.PutSession(ctx, s) })
	if got, ok, err := b.Session(ctx, "h1"); err != nil || !ok || got != s {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) { return w.Spend(ctx, "h1", noon) }); n != 1 {
		t.Error("a proof was spent", n, "times")
	}
	write(t, b, func(w access.Writer) error { return w.Touch(ctx, "h1", noon.Add(time.Minute)) })
	if got, ok, err := a.SessionByID(ctx, "s1"); err != nil || !ok || got.Signed != 1 || !got.Seen.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	write(t, b, func(w access.Writer) error {
		was, err := w.EndSession(ctx, "anna", "s1", noon.Add(time.Hour))
		if !was {
			t.Error("was not ended")
		}
		return err
	})
	if got, err := a.Sessions(ctx, "anna"); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

// oneOf lets twenty try at once, ten on each server, and counts who did it.
func oneOf(t *testing.T, a, b *Store, try func(access.Writer) (bool, error)) int {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for i := range 20 {
		s := []*Store{a, b}[i%2]
		wg.Go(func() {
			did := false
			err := s.Write(t.Context(), func(w access.Writer) (err error) {
				did, err = try(w)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if did {
				n++
			}
		})
	}
	wg.Wait()
	return n
}

func links(t *testing.T, a, b *Store) {
	ctx := t.Context()
	l := access.Link{Hash: "l1", CodeHash: "c1", ID: "1", Purpose: "sign-in", Account: "anna", Lang: "sv", By: "shell", Made: noon, Expires: noon.Add(15 * time.Minute)}
	write(t, a, func(w access.Writer) error { return w.PutLink(ctx, l) })
	if got, ok, err := b.Link(ctx, "c1"); err != nil || !ok || got != l {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) {
		_, ok, err := w.TakeLink(ctx, "c1", noon.Add(time.Minute))
		return ok, err
	}); n != 1 {
		t.Error("a link was used", n, "times")
	}
}

// Of an invitation's places each is taken once, also by two servers at once, and
// a visit that has one keeps it.
func invitations(t *testing.T, a, b *Store) {
	ctx := t.Context()
	i := access.Invitation{ID: "i1", Hash: "h", CodeHash: "c", Site: "lund", Lang: "sv", Note: "a notice", By: "anna", Made: noon, Expires: noon.Add(time.Hour), Most: 7}
	write(t, a, func(w access.Writer) error { return w.PutInvitation(ctx, i) })
	for n := range 20 {
		write(t, a, func(w access.Writer) error {
			return w.PutArrival(ctx, access.Arrival{Session: strconv.Itoa(n), Invitation: "i1", At: noon})
		})
	}
	var next atomic.Int64
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) {
		return w.TakePlace(ctx, strconv.FormatInt(next.Add(1)-1, 10), noon)
	}); n != 7 {
		t.Error("of seven places", n, "were taken")
	}
	write(t, b, func(w access.Writer) error { return w.NoteArrival(ctx, "0", "P0007") })
	got, ok, err := b.InvitationBy(ctx, "c")
	if err != nil || !ok || got.Used != 7 || got.Note != "a notice" || got.Open(noon) {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	list, err := a.Invitations(ctx)
	if err != nil || len(list) != 1 || len(list[0].Came) != 1 || list[0].Came[0] != "P0007" {
		t.Errorf("%+v %v", list, err)
	}
	for want, id := range map[bool]string{true: "i1", false: "i2"} {
		var was bool
		write(t, a, func(w access.Writer) (err error) { was, err = w.RevokeInvitation(ctx, id, noon); return err })
		if was != want {
			t.Error(id, "revoked:", was)
		}
	}
}

// Whoever answered on a device is found by its mark, the first one first; somebody
// who has not answered is not, nor whose device was forgotten.
func devices(t *testing.T, a, b *Store) {
	ctx := t.Context()
	i := access.Invitation{ID: "i9", Hash: "h9", CodeHash: "c9", Site: "lund", Lang: "sv", By: "anna", Made: noon, Expires: noon.Add(time.Hour), Most: 9}
	write(t, a, func(w access.Writer) error { return w.PutInvitation(ctx, i) })
	for n, x := range []struct{ who, device string }{{"P0001", "red"}, {"P0002", "blue"}, {"P0003", "red"}, {"", "red"}, {"P0005", ""}} {
		session := "d" + strconv.Itoa(n)
		write(t, a, func(w access.Writer) error {
			return w.PutArrival(ctx, access.Arrival{Session: session, Invitation: "i9", At: noon.Add(time.Duration(n) * time.Minute)})
		})
		write(t, b, func(w access.Writer) error {
			return errors.Join(w.NoteArrival(ctx, session, study.Subject(x.who)), w.NoteDevice(ctx, session, x.device))
		})
	}
	on := func(device string) (out []study.Subject) {
		came, err := b.ArrivalsOn(ctx, device)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range came {
			out = append(out, c.Subject)
		}
		return out
	}
	for device, want := range map[string][]study.Subject{"red": {"P0001", "P0003"}, "blue": {"P0002"}, "": {"P0001", "P0002", "P0003"}, "green": nil} {
		if got := on(device); !slices.Equal(got, want) {
			t.Errorf("%q: %v", device, got)
		}
	}
	write(t, a, func(w access.Writer) error { return w.ForgetDevice(ctx, "P0001") })
	if got := on("red"); !slices.Equal(got, []study.Subject{"P0003"}) {
		t.Error("forgotten:", got)
	}
}

func limits(t *testing.T, a, b *Store) {
	ctx := t.Context()
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) {
		wait, err := w.Take(ctx, "anna", noon, access.Bucket{Every: time.Minute, Burst: 5})
		return wait == 0, err
	}); n != 5 {
		t.Error("a bucket of five gave", n)
	}
	oneOf(t, a, b, func(w access.Writer) (bool, error) {
		return false, w.Fail(ctx, "anna", noon, func(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) })
	})
	if n, until, err := a.Failures(ctx, "anna"); err != nil || n != 20 || !until.Equal(noon.Add(20*time.Second)) {
		t.Error(n, until, err)
	}
	write(t, b, func(w access.Writer) error { return w.Clear(ctx, "anna") })
	if n, _, err := a.Failures(ctx, "anna"); n != 0 || err != nil {
		t.Error(n, err)
	}
	write(t, b, func(w access.Writer) error { return w.Sweep(ctx, noon.AddDate(1, 0, 0)) })
}

// Of a day's bytes no more are taken than there are, also by two servers at once.
func quotas(t *testing.T, a, b *Store) {
	var wg sync.WaitGroup
	var taken atomic.Int64
	for i := range 20 {
		s := []*Store{a, b}[i%2]
		wg.Go(func() {
			ok, err := s.SpendBytes(t.Context(), "P0001", "2026-03-02", 10, 55, noon)
			if err != nil {
				t.Error(err)
			}
			if ok {
				taken.Add(10)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 50 {
		t.Error("of 55 bytes in tens", taken.Load(), "were taken")
	}
	for day, want := range map[string]bool{"2026-03-02": false, "2026-03-03": true} {
		if ok, err := b.SpendBytes(t.Context(), "P0001", day, 10, 55, noon); ok != want || err != nil {
			t.Error(day, ok, err)
		}
	}
	if ok, err := a.SpendBytes(t.Context(), "P0002", "2026-03-02", 56, 55, noon); ok || err != nil {
		t.Error("more than a day's at once:", ok, err)
	}
}

// Of twenty who ask under one key, one does it; its answer is kept; what was
// broken off may be begun again by the same request, and by no other.
func once(t *testing.T, a, b *Store) {
	ctx := t.Context()
	o := access.Once{Account: "anna", Key: "k", Operation: "make-link", Digest: "d", At: noon}
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) { return w.BeginOnce(ctx, o, noon.Add(-time.Minute)) }); n != 1 {
		t.Error("one key was begun", n, "times")
	}
	later, other := o, o
	later.At = noon.Add(time.Hour)
	other.At, other.Digest = later.At, "e"
	for _, c := range []struct {
		o    access.Once
		want bool
	}{{other, false}, {later, true}, {later, false}} {
		write(t, b, func(w access.Writer) error {
			begun, err := w.BeginOnce(ctx, c.o, noon.Add(time.Hour-time.Minute))
			if begun != c.want {
				t.Errorf("%+v begun: %v", c.o, begun)
			}
			return err
		})
	}
	later.Status, later.Answer, later.Sealed = 200, "sealed", true
	write(t, a, func(w access.Writer) error { return w.EndOnce(ctx, later) })
	if got, ok, err := b.OnceOf(ctx, "anna", "k"); err != nil || !ok || got != later {
		t.Errorf("%+v %v %v", got, ok, err)
	}
	write(t, a, func(w access.Writer) error { return w.EndOnce(ctx, o) }) // what is done is not forgotten
	if _, ok, err := b.OnceOf(ctx, "anna", "k"); err != nil || !ok {
		t.Error("an answer is gone", err)
	}
}

func logs(t *testing.T, a, b *Store) {
	ctx := t.Context()
	oneOf(t, a, b, func(w access.Writer) (bool, error) {
		return true, w.AddLog(ctx, access.LogEntry{At: noon, Actor: "anna", What: "signed-in", Account: "anna"})
	})
	if n, _, err := access.VerifyLog(ctx, b); n != 20 || err != nil {
		t.Error(n, err)
	}
}

func passkeys(t *testing.T, a, b *Store) {
	ctx := t.Context()
	p := access.Passkey{ID: "cHVi", Account: "anna", Label: "telephone", Added: noon, Record: []byte(`{"k":1}`)}
	write(t, a, func(w access.Writer) error { return w.PutPasskey(ctx, p) })
	p.Used, p.Record = noon, []byte(`{"k":2}`)
	write(t, b, func(w access.Writer) error { return w.PutPasskey(ctx, p) })
	if got, err := a.Passkeys(ctx, "anna"); err != nil || len(got) != 1 || string(got[0].Record) != `{"k":2}` {
		t.Error(got, err)
	}
	write(t, a, func(w access.Writer) error { return w.PutCeremony(ctx, "x", []byte("half"), noon.Add(time.Minute)) })
	if n := oneOf(t, a, b, func(w access.Writer) (bool, error) {
		_, ok, err := w.TakeCeremony(ctx, "x", noon)
		return ok, err
	}); n != 1 {
		t.Error("a ceremony was taken", n, "times")
	}
}

func held(t *testing.T, a, b *Store) {
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 10 {
		s := []*Store{a, b}[i%2]
		wg.Go(func() {
			h := desk.Held{Came: noon, Account: "P0001", Subject: "P0001", Key: string(rune('a' + i/2)), Body: "sealed", Fault: "unknown"}
			if _, err := s.Hold(ctx, h); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all, err := a.HeldAll(ctx, false)
	if err != nil || len(all) != 5 {
		t.Fatal(all, err)
	}
	if was, err := b.Settle(ctx, all[0].ID, "anna", "filed", "a typo", noon); !was || err != nil {
		t.Error(was, err)
	}
	if was, err := a.Settle(ctx, all[0].ID, "anna", "filed", "a typo", noon); was || err != nil {
		t.Error("settled twice", err)
	}
}

func identities(t *testing.T, a, b *Store) {
	ctx := t.Context()
	first, _, err := a.AddPersonKey(ctx, "P0001", "wrapped-a", noon)
	if err != nil || first != "wrapped-a" {
		t.Error(first, err)
	}
	if again, _, err := b.AddPersonKey(ctx, "P0001", "wrapped-b", noon); err != nil || again != "wrapped-a" {
		t.Error("a second key:", again, err)
	}
	for _, c := range []struct {
		was, sealed, former string
		done                bool
	}{{"", "one", "before one", true}, {"", "other", "x", false}, {"one", "two", "before two", true}, {"one", "three", "y", false}} {
		if done, err := a.ReplaceSealedRecord(ctx, "P0001", c.was, c.sealed, c.former, noon); err != nil || done != c.done {
			t.Errorf("%q in place of %q: %v %v", c.sealed, c.was, done, err)
		}
	}
	if all, err := b.FormerRecords(ctx, "P0001"); err != nil || !slices.Equal(all, []string{"before one", "before two"}) {
		t.Error(all, err)
	}
	if got, ok, err := b.SealedRecord(ctx, "P0001"); got != "two" || !ok || err != nil {
		t.Error(got, ok, err)
	}
	f := study.File{SHA256: "ab", Bytes: 3, Name: "night.json"}
	if err := b.PutPersonFile(ctx, "P0001", "mark", f); err != nil {
		t.Error(err)
	}
	if got, ok, err := a.PersonFile(ctx, "P0001", "mark"); got != f || !ok || err != nil {
		t.Error(got, ok, err)
	}
	for range 2 {
		if err := a.DestroyPersonKey(ctx, "P0001", noon); err != nil {
			t.Error(err)
		}
	}
	if wrapped, destroyed, err := b.PersonKey(ctx, "P0001"); wrapped != "" || !destroyed || err != nil {
		t.Error(wrapped, destroyed, err)
	}
	if wrapped, destroyed, err := b.AddPersonKey(ctx, "P0001", "wrapped-c", noon); wrapped != "" || !destroyed || err != nil {
		t.Error("a destroyed key came back:", wrapped, err)
	}
	if err := a.DropSealedRecord(ctx, "P0001"); err != nil {
		t.Error(err)
	}
	if all, err := b.FormerRecords(ctx, "P0001"); err != nil || len(all) != 0 {
		t.Error("what was known before is there after an erasure:", all, err)
	}
}
