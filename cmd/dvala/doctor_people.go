package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/identity"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/sqldb"
	"dvala/study"
)

// peopleDoctor looks at what is known of a trial's people, beside the trial
// itself, and writes nothing.
type peopleDoctor struct {
	where store.Where
	deep  bool
	rows  *peopleStore
	out   []store.Finding
}

// examinePeople looks at the database of people and that of their keys, at the
// access log, and, deep, at every person's key.
func examinePeople(ctx context.Context, w store.Where, deep bool) []store.Finding {
	d := &peopleDoctor{where: w, deep: deep}
	if err := d.open(ctx); err != nil {
		if fault.CodeOf(err) == "people-none" {
			d.warn("people", "there are none before the first dvala serve or dvala account add", "no accounts are kept here yet")
		} else {
			d.bad("people", err)
		}
		return d.out
	}
	defer d.rows.Close()
	if err := d.rows.Whole(ctx, deep); err != nil {
		d.bad("people", err)
		return d.out
	}
	now, known, err := d.rows.Version(ctx)
	switch {
	case err != nil:
		d.bad("people", fault.Wrap(people.CodeDamaged, "people", err).WithHint("restore it from a backup"))
		return d.out
	case now != known:
		d.warn("people", "the next dvala serve brings the tables up to date; then ask again", "the tables are of version %d, and this program knows version %d", now, known)
		return d.out
	}
	d.good("people", "accounts and what is kept of people can be read")
	d.ledgered(ctx)
	return d.out
}

// open opens the two databases to look at them.
func (d *peopleDoctor) open(ctx context.Context) error {
	if !d.where.Shared() {
		s, err := people.Read(ctx, d.where.Dir)
		d.rows = &peopleStore{Store: s}
		return err
	}
	known, keys, err := d.where.PeopleSchemas(ctx)
	if err != nil {
		return err
	}
	on := &peopleStore{}
	for _, schema := range []string{known, keys} {
		db, err := sqldb.OpenPostgres(ctx, d.where.Database, schema)
		if err != nil {
			return errors.Join(err, on.letGo())
		}
		on.on = append(on.on, db)
		if there, err := db.HasTable(ctx, "goose_db_version"); err != nil || !there {
			return errors.Join(fault.New("people-none", schema, "is not there"), err, on.letGo())
		}
	}
	on.Store = people.ReadPostgres(on.on[0].Write, on.on[1].Write)
	d.rows = on
	return nil
}

// ledgered looks at what the ledger says of people beside it.
func (d *peopleDoctor) ledgered(ctx context.Context) {
	trial, err := store.ReadAt(ctx, d.where)
	if err != nil {
		d.bad("access log", fault.New("access-log", "", "cannot be held against the ledger, which does not open"))
		return
	}
	defer trial.Close()
	d.log(ctx, trial.State())
	d.held(ctx, trial.State())
	if d.deep {
		d.keys(ctx, trial)
	}
}

// log reads the access log, and holds it against what the ledger says of it.
func (d *peopleDoctor) log(ctx context.Context, s *study.State) {
	anchors := anchorsOf(s)
	n, _, err := access.VerifyLog(ctx, d.rows, anchors...)
	if err != nil {
		d.bad("access log", err)
		return
	}
	if len(anchors) == 0 {
		d.good("access log", "%s, unbroken; the ledger does not say yet how long it was", counted(int(n), "line"))
		return
	}
	d.good("access log", "%s, unbroken; the first %d are as the ledger says", counted(int(n), "line"), anchors[len(anchors)-1].Lines)
}

// held holds what could not be filed against what the ledger says of it.
func (d *peopleDoctor) held(ctx context.Context, s *study.State) {
	const what, hint = "held", "somebody, or a disk, has changed people.db: keep it as it is; the row as it was may be in a backup"
	rows := map[int64]desk.Held{}
	waits := 0
	for _, settled := range []bool{false, true} {
		list, err := d.rows.HeldAll(ctx, settled)
		if err != nil {
			d.bad(what, err)
			return
		}
		for _, h := range list {
			rows[h.ID] = h
			if p, known := s.People[h.Subject]; known && !settled {
				if _, on := p.HeldOf(h.ID); !on {
					waits++
				}
			}
		}
	}
	n, ill := 0, 0
	for _, who := range s.Order {
		for _, h := range s.People[who].Held {
			n++
			at := fmt.Sprintf("entry %d", h.Entry)
			row, there := rows[h.Number]
			sum := sha256.Sum256([]byte(row.Body))
			switch {
			case !there:
				d.bad(what, fault.New("held-missing", at, "says that something of %s is held, and it is not there", who).WithHint(hint))
			case row.Subject != who || hex.EncodeToString(sum[:]) != h.SHA256:
				d.bad(what, fault.New("held-changed", at, "says that something of %s is held, and what is kept is something else", who).WithHint(hint))
			case !row.Settled.IsZero() && row.Outcome != h.How:
				d.bad(what, fault.New("held-changed", at, "is told to be %s beside the ledger, and the ledger does not say so", row.Outcome).WithHint(hint))
			default:
				continue
			}
			ill++
		}
	}
	switch {
	case ill > 0:
	case waits > 0:
		d.warn(what, "a server puts them there within minutes of its start", "%d entries that could not be filed are not on the ledger yet", waits)
	default:
		d.good(what, "of what could not be filed %d are kept as the ledger says", n)
	}
}

// keys unwraps every person's key, and opens what is kept under it.
func (d *peopleDoctor) keys(ctx context.Context, trial *store.Trial) {
	const what = "keys"
	if !d.rows.HasKeys() {
		d.warn(what, "a backup holds none: put your own copy of keys.db here before dvala serve", "keys.db is not here; names and words cannot be read")
		return
	}
	who, err := d.rows.KeyHolders(ctx)
	if err != nil {
		d.bad(what, err)
		return
	}
	wordy, err := wordsOf(ctx, trial)
	if err != nil {
		d.bad(what, err)
		return
	}
	if len(who) == 0 && len(wordy) == 0 {
		d.good(what, "nobody has one yet")
		return
	}
	text, err := masterText(d.where.Dir)
	if missing := d.where.Shared() && os.Getenv("DVALA_IDENTITY_KEY") == ""; missing || errors.Is(err, os.ErrNotExist) {
		d.warn(what, "put identity.key here, or hand it in DVALA_IDENTITY_KEY", "the key under which they are wrapped is not here, so they were not tried")
		return
	}
	master, bad := identity.ParseMaster(text)
	if err = errors.Join(err, bad); err != nil {
		d.bad(what, err)
		return
	}
	vault := identity.New(d.rows.Store, master, strings.NewReader(""), time.Now)
	had := map[study.Subject]bool{}
	n, ill := 0, 0
	for _, p := range who {
		had[p] = true
		has, err := vault.Check(ctx, p)
		switch {
		case err != nil && ill < 10:
			d.bad(what, err)
			ill++
		case err != nil:
			ill++
		case has:
			n++
		}
	}
	for _, p := range wordy {
		if !had[p] {
			ill++
			d.bad(what, fault.New("identity-key", string(p), "words of this person stand on the ledger, and the key to them is not there").
				WithHint("put back the copy of keys.db that you keep apart, for no backup holds it"))
		}
	}
	if ill > 0 {
		d.bad(what, fault.New("identity-key", "", "%d people's keys or records cannot be opened, and %d people's can", ill, n))
		return
	}
	d.good(what, "%s unwrapped, and what is kept under them opens", counted(n, "key"))
}

// wordsOf gives of whom sealed words stand on the ledger.
func wordsOf(ctx context.Context, trial *store.Trial) ([]study.Subject, error) {
	seen := map[study.Subject]bool{}
	var out []study.Subject
	for e, err := range trial.Each(ctx, trial.State().Entries) {
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(e.Bytes, []byte(`"`+study.SealedMark)) {
			continue
		}
		f, err := study.Decode(e)
		if err != nil {
			return nil, err
		}
		if f.Subject != "" && !seen[f.Subject] {
			seen[f.Subject] = true
			out = append(out, f.Subject)
		}
	}
	return out, nil
}

func (d *peopleDoctor) good(what, says string, args ...any) {
	d.out = append(d.out, store.Finding{What: what, OK: true, Says: fmt.Sprintf(says, args...)})
}

func (d *peopleDoctor) warn(what, hint, says string, args ...any) {
	d.out = append(d.out, store.Finding{What: what, OK: true, Warn: true, Says: fmt.Sprintf(says, args...), Hint: hint})
}

// bad tells every problem in an error in its own words.
func (d *peopleDoctor) bad(what string, err error) {
	var l fault.List
	l.Merge("people", filepath.Base(d.where.Dir), err)
	for _, p := range l {
		d.out = append(d.out, store.Finding{What: what, Says: p.Place + ": " + p.Message + " [" + string(p.Code) + "]", Hint: p.Hint})
	}
}
