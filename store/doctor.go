package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb"
	"dvala/study"
)

// Finding is one thing that a doctor has looked at.
type Finding struct {
	What string // what was looked at
	OK   bool
	Warn bool   // not wrong, but somebody should know
	Says string // what was found
	Hint string // what to do about it
}

// doctor looks at a trial in its place.
type doctor struct {
	w    Where
	now  time.Time
	deep bool
	out  []Finding
}

// Examine looks at everything that a trial needs to go on: place, rights, disk,
// database, versions, ledger, files, clock and checkpoint. It writes nothing
// but a passing file. Deep reads every file and checks it against its hash.
func Examine(ctx context.Context, w Where, now time.Time, deep bool) []Finding {
	d := &doctor{w: w, now: now, deep: deep}
	if err := w.check(); err != nil {
		d.add("configuration", err)
		return d.out
	}
	d.good("configuration", "%s, files in %s", d.kind(), d.blobPlace())
	if !w.Shared() {
		d.directory()
	}
	if d.database(ctx) {
		d.trial(ctx)
	}
	return d.out
}

func (d *doctor) kind() string {
	if d.w.Shared() {
		return "PostgreSQL"
	}
	return "SQLite in " + d.w.Dir
}

func (d *doctor) blobPlace() string {
	if d.w.Blobs != "" {
		return d.w.Blobs
	}
	return filepath.Join(d.w.Dir, "blobs")
}

func (d *doctor) good(what, says string, args ...any) {
	d.out = append(d.out, Finding{What: what, OK: true, Says: fmt.Sprintf(says, args...)})
}

func (d *doctor) warn(what, hint, says string, args ...any) {
	d.out = append(d.out, Finding{What: what, OK: true, Warn: true, Says: fmt.Sprintf(says, args...), Hint: hint})
}

// add tells an error in its own words.
func (d *doctor) add(what string, err error) {
	var p *fault.Problem
	f := Finding{What: what, Says: err.Error()}
	if errors.As(err, &p) {
		f.Says, f.Hint = p.Place+": "+p.Message+" ["+string(p.Code)+"]", p.Hint
	}
	d.out = append(d.out, f)
}

// directory looks at rights and room.
func (d *doctor) directory() {
	f, err := os.CreateTemp(d.w.Dir, "doctor-*")
	if err == nil {
		err = errors.Join(f.Sync(), f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		d.add("permissions", fault.Wrap("store-readonly", d.w.Dir, err).WithHint("the user that runs dvala has to be able to write here; is the disk mounted read-only?"))
	} else {
		d.good("permissions", "the directory can be written to and synced")
	}
	info, err := os.Stat(filepath.Join(d.w.Dir, "ledger.key"))
	switch {
	case err != nil:
		d.warn("signing key", "a backup holds none: put the trial's ledger.key here, mode 0600", "ledger.key is not here; the trial can be read only")
	case info.Mode().Perm()&0o077 != 0:
		d.out = append(d.out, Finding{What: "signing key", Says: fmt.Sprintf("ledger.key can be read by others (%v)", info.Mode().Perm()), Hint: "chmod 600 ledger.key"})
	default:
		d.good("signing key", "only its owner can read ledger.key")
	}
	if free, total, ok := diskSpace(d.w.Dir); ok {
		switch {
		case free < 64<<20:
			d.out = append(d.out, Finding{What: "disk", Says: fmt.Sprintf("%d MiB are free", free>>20), Hint: "make room: what cannot be written is refused, and nothing recorded is lost"})
		case free < total/20:
			d.warn("disk", "make room before it is full", "%d MiB are free, less than a twentieth", free>>20)
		default:
			d.good("disk", "%d MiB are free", free>>20)
		}
	}
}

// database looks whether it answers, and at its version.
func (d *doctor) database(ctx context.Context) bool {
	var db *sqldb.DB
	var err error
	if d.w.Shared() {
		db, err = d.w.find(ctx)
	} else if err = (&Trial{dir: d.w.Dir}).findDirectory(); err == nil {
		db, err = sqldb.ReadSQLite(filepath.Join(d.w.Dir, "trial.db"))
	}
	if err != nil {
		d.add("database", (&Trial{dir: d.w.Dir, place: d.w.place()}).inDatabase(err))
		return false
	}
	defer db.Close()
	if db.Dialect == sqldb.SQLite {
		if err := sqldb.Whole(ctx, db.Read, db.Path, d.deep); err != nil {
			d.add("database", err)
			return false
		}
	} else if !d.serverClock(ctx, db) {
		return false
	}
	d.good("database", "answers, and a commit is on disk before it returns")
	now, err := db.Version(ctx, versions)
	want, known := sqldb.Latest(migrations, db.Dialect)
	switch {
	case err != nil || known != nil:
		d.add("schema", errors.Join(err, known))
	case now > want:
		d.add("schema", fault.New("store-newer", "schema", "is of version %d and this program knows it up to %d", now, want).WithHint("use the later dvala that wrote it"))
		return false
	case now < want:
		d.warn("schema", "dvala upgrade, after a backup", "is of version %d; this program brings it to %d", now, want)
	default:
		d.good("schema", "is of version %d, the latest that this program knows", now)
	}
	return true
}

// serverClock compares this machine's clock with the database's.
func (d *doctor) serverClock(ctx context.Context, db *sqldb.DB) bool {
	var at time.Time
	if err := db.Read.QueryRowContext(ctx, "SELECT now()").Scan(&at); err != nil {
		d.add("database", sqldb.Gone(d.w.place(), err))
		return false
	}
	if off := d.now.Sub(at).Abs(); off > 2*time.Second {
		d.out = append(d.out, Finding{What: "clock", Says: fmt.Sprintf("differs from the database's by %v", off.Round(time.Second)), Hint: "run NTP on both machines"})
	}
	return true
}

// trial replays the ledger, and looks for the files that it names.
func (d *doctor) trial(ctx context.Context) {
	t, err := ReadAt(ctx, d.w)
	if err != nil {
		d.add("ledger", err)
		return
	}
	defer t.Close()
	s := t.State()
	d.good("ledger", "%d entries, replayed; the tree is that of the signed checkpoint", s.Entries)
	if last, ok := s.LastAt(); ok && d.now.Before(last) {
		d.out = append(d.out, Finding{
			What: "clock", Says: fmt.Sprintf("says %s, and the last entry was made at %s", d.now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339)),
			Hint: "set the clock, and run NTP: commands are refused until it has passed the last entry",
		})
	} else {
		d.good("clock", "is after the last entry")
	}
	if !d.w.Shared() {
		d.checkpoint(t)
	}
	if d.deep {
		d.rows(ctx, t)
	}
	if err := d.named(ctx, t); err != nil {
		d.add("files", err)
	}
}

// checkpoint says how old the one is that lies beside the database.
func (d *doctor) checkpoint(t *Trial) {
	info, err := os.Stat(filepath.Join(d.w.Dir, "checkpoint"))
	if err != nil {
		d.warn("checkpoint", "it is written when the trial is closed in order", "none lies beside the database")
		return
	}
	raw, err := os.ReadFile(filepath.Join(d.w.Dir, "checkpoint"))
	if err == nil {
		_, err = ledger.OpenCheckpoint(raw, t.public)
	}
	switch age := d.now.Sub(info.ModTime()); {
	case err != nil:
		d.add("checkpoint", err)
	case age > 7*24*time.Hour:
		d.warn("checkpoint", "mail a new one to the custodian: with it anyone can tell whether history was rewritten", "the file is %d days old", int(age.Hours()/24))
	default:
		d.good("checkpoint", "the file beside the database is signed by the trial's key")
	}
}

// named looks for every file that an entry names.
func (d *doctor) named(ctx context.Context, t *Trial) error {
	seen := map[string]bool{}
	var bad fault.List
	err := t.eachFact(ctx, func(f study.Fact) {
		for _, file := range study.Files(f.Event) {
			if seen[file.SHA256] {
				continue
			}
			seen[file.SHA256] = true
			if !t.blobs.Has(ctx, file.SHA256, file.Bytes) {
				bad.Addf("blob-missing", file.SHA256, "entry %d names it and it is not there", f.Index).WithHint("restore it from a backup")
			} else if d.deep {
				bad.Merge("blob-damaged", file.SHA256, readThrough(ctx, t, file.SHA256))
			}
		}
	})
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		for _, p := range bad {
			d.add("files", p)
		}
		return nil
	}
	how := "are there"
	if d.deep {
		how = "are there and hold what they held"
	}
	d.good("files", "%d files that the ledger names %s", len(seen), how)
	return nil
}

// eachFact walks over the ledger, some entries at a time.
func (t *Trial) eachFact(ctx context.Context, each func(study.Fact)) error {
	const step = 4096
	for from := uint64(0); from < t.State().Entries; from += step {
		entries, err := t.Entries(ctx, from, step)
		if err != nil {
			return err
		}
		for _, e := range entries {
			f, err := study.Decode(e)
			if err != nil {
				return err
			}
			each(f)
		}
	}
	return nil
}

// readThrough reads a whole file, which checks it.
func readThrough(ctx context.Context, t *Trial, sum string) error {
	r, _, err := t.blobs.Open(ctx, sum, 0, -1)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}
