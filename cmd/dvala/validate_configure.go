package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/store/blob"
	"dvala/store/sqldb"
)

// What the trial's servers will be configured with beside a directory is tried as
// they will use it, and left as it was: what is not configured is skipped.

// configured is what of the configuration of dvala serve can be tried.
type configured struct {
	database, blobs string
	sso             SignOn
	mail            MailFlags
}

// tryFor is how long a service may take to answer.
const tryFor = 30 * time.Second

// passingName is a name that nothing else has.
func passingName() string { return fmt.Sprintf("validate-%.12s", randomHex()) }

func randomHex() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x", b)
}

// databased: IQ-07. The database lets a schema be made, a commit is on its disk
// before it returns (which is asked when it is opened), what one connection
// committed another reads, and its clock goes with this machine's.
func (q *qualification) databased() (says string, err error) {
	if q.with.database == "" {
		return "", errSkip("no database is configured: --database URL")
	}
	ctx, done := context.WithTimeout(q.ctx, tryFor)
	defer done()
	schema := "dvala_validate_" + randomHex()[:12]
	db, err := sqldb.OpenPostgres(ctx, q.with.database, schema)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := db.EnsureSchema(ctx); err != nil {
		return "", fault.Wrap("validate", "database", err).WithHint("the user of the database has to be able to make a schema: GRANT CREATE ON DATABASE … TO …")
	}
	name := pgx.Identifier{schema}.Sanitize()
	defer func() {
		if _, drop := db.Write.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+name+" CASCADE"); err == nil && drop != nil {
			err = fault.Wrap("validate", schema, drop)
		}
	}()
	want := randomHex()
	tx, err := db.Begin(ctx)
	if err != nil {
		return "", err
	}
	defer tx.Rollback() // does nothing after a commit
	for _, s := range []string{"CREATE TABLE " + name + ".kept (what TEXT PRIMARY KEY)", "INSERT INTO " + name + ".kept (what) VALUES ('" + want + "')"} {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return "", fault.Wrap("validate", "database", err)
		}
	}
	began := time.Now()
	if err := tx.Commit(); err != nil {
		return "", fault.Wrap("validate", "database", err)
	}
	took := time.Since(began)
	var got, version string
	var now time.Time
	err = db.Read.QueryRowContext(ctx, "SELECT what, clock_timestamp(), version() FROM "+name+".kept").Scan(&got, &now, &version)
	if err != nil || got != want {
		return "", fault.New("validate", "database", "what was committed is not there: %v", err)
	}
	if off := q.Now().Sub(now).Abs(); off > 2*time.Second {
		return "", fault.New("validate", "database", "its clock and this machine's are %v apart", off.Round(time.Second)).WithHint("run NTP on both machines")
	}
	return fmt.Sprintf("%.40s; a commit took %s", version, took.Round(100*time.Microsecond)), nil
}

// shelved: IQ-08. The place for files takes one, gives it back the same, and lets
// it be taken away.
func (q *qualification) shelved() (string, error) {
	if q.with.blobs == "" {
		return "", errSkip("no place for files is configured: --blobs PLACE")
	}
	ctx, done := context.WithTimeout(q.ctx, tryFor)
	defer done()
	var files blob.Store = blob.NewFolder(q.with.blobs)
	if len(q.with.blobs) > 3 && q.with.blobs[:3] == "s3:" {
		var err error
		if files, err = blob.OpenBucket(ctx, q.with.blobs); err != nil {
			return "", err
		}
	}
	name, want := passingName(), bytes.Repeat([]byte(randomHex()), 32<<10) // a mebibyte
	if _, err := files.Lay(ctx, name, bytes.NewReader(want)); err != nil {
		return "", err
	}
	r, err := files.Fetch(ctx, name)
	if err != nil {
		return "", err
	}
	got, err := io.ReadAll(r)
	_ = r.Close() // it was read to its end
	if err != nil || !bytes.Equal(got, want) {
		return "", fault.New("validate", files.Place(), "%d bytes came back other than the %d that went, %v", len(got), len(want), err)
	}
	if err := files.Drop(ctx, name); err != nil {
		return "", err
	}
	if r, err := files.Fetch(ctx, name); err == nil {
		_ = r.Close()
		return "", fault.New("validate", files.Place(), "what was taken away is still there").WithHint("a versioned bucket keeps it, but must not give it out under its name")
	}
	return fmt.Sprintf("%s: %d bytes put, got and taken away", files.Place(), len(want)), nil
}

// mailed: IQ-09. The mail server greets, lets the connection be encrypted, and
// takes the name and password. No letter is sent.
func (q *qualification) mailed() (string, error) {
	if q.with.mail.MailHost == "" {
		return "", errSkip("no mail server is configured: --mail-host HOST")
	}
	ctx, done := context.WithTimeout(q.ctx, tryFor)
	defer done()
	m := q.with.mail
	if err := m.server("").Greet(ctx); err != nil {
		return "", err
	}
	how := "encrypted"
	if m.MailPlain {
		how = "not encrypted, as configured"
	}
	return fmt.Sprintf("%s:%d, %s", m.MailHost, m.MailPort, how), nil
}

// signedOn: IQ-10. The organisation's provider tells where it signs people in, in
// the name under which it is configured.
func (q *qualification) signedOn() (string, error) {
	if q.with.sso.Issuer == "" {
		return "", errSkip("no provider for signing in is configured: --sso-issuer URL")
	}
	ctx, done := context.WithTimeout(q.ctx, tryFor)
	defer done()
	if _, err := access.NewProvider(ctx, nil, q.with.sso.Issuer, q.with.sso.Client, q.with.sso.Secret, "http://localhost/sign-in/back"); err != nil {
		return "", err
	}
	return q.with.sso.Issuer, nil
}
