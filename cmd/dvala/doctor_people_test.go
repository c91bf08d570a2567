package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/identity"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/sqldb"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// peopledTrial is a small trial's directory with accounts, a log and people's
// names.
func peopledTrial(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "store", "testdata", "v1"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "ledger.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	fillPeople(t, store.In(dir))
	return dir
}

func fillPeople(t *testing.T, w store.Where) {
	t.Helper()
	ctx := t.Context()
	rows, err := openPeople(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	vault, err := openVault(w.Dir, rows.Store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		who := study.Subject(fmt.Sprintf("P%04d", i+1))
		for _, name := range []string{"Eva Ek", "Eva Lind"} { // she is known by another name now
			if err := vault.Put(ctx, who, identity.Person{Name: name, Address: strings.Repeat("Storgatan 1, ", 20)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Write(ctx, func(w access.Writer) error {
			return w.AddLog(ctx, access.LogEntry{At: time.Now(), Actor: "ada", What: access.LogIdentityShown, Account: string(who), Detail: strings.Repeat("x", 200)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := vault.Erase(ctx, "P0040"); err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
}

// dumped gives all rows of a file as text, or that they cannot be read.
func dumped(t *testing.T, path string) (string, error) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return "", err
	}
	defer db.Close()
	var tables []string
	rs, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return "", err
	}
	for rs.Next() {
		var name string
		if err := rs.Scan(&name); err != nil {
			return "", err
		}
		tables = append(tables, name)
	}
	if err := rs.Err(); err != nil {
		return "", err
	}
	_ = rs.Close()
	var out bytes.Buffer
	for _, name := range tables {
		rs, err := db.QueryContext(t.Context(), "SELECT * FROM "+name+" ORDER BY 1, 2")
		if err != nil {
			return "", err
		}
		columns, _ := rs.Columns()
		for rs.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			if err := rs.Scan(row...); err != nil {
				return "", err
			}
			fmt.Fprint(&out, name)
			for _, v := range row {
				fmt.Fprintf(&out, " %v", *v.(*any))
			}
			fmt.Fprintln(&out)
		}
		if err := rs.Err(); err != nil {
			return "", err
		}
		_ = rs.Close()
	}
	return out.String(), nil
}

// Wherever 3,000 bytes of what is kept of people, or of the keys to it, are
// overwritten, the doctor finds it, unless every row still says what it said; and
// a program that cannot open it says what it is and what to do, in our words.
func TestDamagedPeople(t *testing.T) {
	whole := peopledTrial(t)
	if out := verb(t, 0, "doctor", "--deep", "--dir", whole); !strings.Contains(out, "39 keys unwrapped") || !strings.Contains(out, "40 lines, unbroken") {
		t.Fatal(out)
	}
	noise := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"people.db", "keys.db"} {
		good, err := os.ReadFile(filepath.Join(whole, name))
		if err != nil {
			t.Fatal(err)
		}
		said, err := dumped(t, filepath.Join(whole, name))
		if err != nil {
			t.Fatal(err)
		}
		found, harmless, refused := 0, 0, 0
		for from := 0; from < len(good); from += 3000 {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			ill := bytes.Clone(good)
			for i := from; i < min(from+3000, len(ill)); i++ {
				ill[i] = byte(noise.Uint32())
			}
			if err := os.WriteFile(filepath.Join(dir, name), ill, 0o600); err != nil {
				t.Fatal(err)
			}
			now, unread := dumped(t, filepath.Join(dir, name))
			ok := true
			for _, f := range examinePeople(t.Context(), store.In(dir), true) {
				ok = ok && f.OK
				if !f.OK && f.Hint == "" && !strings.Contains(f.Says, "people's can") {
					t.Errorf("%s at %d: no hint: %s", name, from, f.Says)
				}
			}
			switch {
			case !ok:
				found++
			case unread == nil && now == said:
				harmless++
			default:
				t.Errorf("%s, 3000 bytes at %d: the doctor finds nothing (%v)", name, from, unread)
			}
			rows, err := openPeople(t.Context(), store.In(dir))
			if err == nil {
				_ = rows.Close()
				continue
			}
			refused++
			if fault.CodeOf(err) != people.CodeDamaged || !strings.Contains(fault.Text(err), "hint:") {
				t.Errorf("%s at %d: %s", name, from, fault.Text(err))
			}
		}
		t.Logf("%s: %d found, of them %d refused at opening; %d changed nothing", name, found, refused, harmless)
		if refused == 0 || found < refused {
			t.Errorf("%s: the test shows little", name)
		}
	}
}

// A server, a worker and a backup say of a torn database of people what it is,
// where, and what to do.
func TestTornPeopleIsSaid(t *testing.T) {
	dir := peopledTrial(t)
	f, err := os.OpenFile(filepath.Join(dir, "people.db"), os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 3000), 60)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	for _, args := range [][]string{
		{"serve", "--dir", dir, "--addr", "127.0.0.1:0"}, {"backup", "--dir", dir, filepath.Join(t.TempDir(), "b")}, {"account", "log", "--dir", dir},
	} {
		says(t, verb(t, 1, args...), "people-damaged", "people.db", "hint: ", "backup")
	}
	says(t, verb(t, 1, "doctor", "--dir", dir), "WRONG  people", "people-damaged", "hint: restore it from a backup")
}

// On PostgreSQL the doctor reads what is kept of people, the log's chain and
// every key, too.
func TestPeopleDoctorOnPostgres(t *testing.T) {
	ctx := context.WithoutCancel(t.Context())
	tmp := t.TempDir()
	whole := peopledTrial(t)
	url := pgtest.Start(t).URL(t)
	backup := filepath.Join(tmp, "backup")
	verb(t, 0, "backup", "--dir", whole, backup)
	place := []string{"--database", url, "--blobs", filepath.Join(tmp, "blobs")}
	says(t, verb(t, 0, append([]string{"restore", backup}, place...)...), "the same")
	secret, err := os.ReadFile(filepath.Join(whole, "identity.key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DVALA_IDENTITY_KEY", strings.TrimSpace(string(secret)))
	doctor := append([]string{"doctor", "--deep"}, place...)
	// A backup holds no keys of persons: what is kept under them does not open.
	says(t, verb(t, 1, doctor...), "ok     people", "40 lines, unbroken", "identity-key", "put back the copy of keys.db")

	w := store.Where{Database: url, Blobs: filepath.Join(tmp, "blobs")}
	known, keys, err := w.PeopleSchemas(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]*sqldb.DB{}
	for _, schema := range []string{known, keys} {
		if at[schema], err = sqldb.OpenPostgres(ctx, url, schema); err != nil {
			t.Fatal(err)
		}
		defer at[schema].Close()
	}
	from, err := sqldb.ReadSQLite(filepath.Join(whole, "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if err := sqldb.Copy(ctx, from, at[keys]); err != nil {
		t.Fatal(err)
	}
	says(t, verb(t, 0, doctor...), "39 keys unwrapped", "ok     access log")
	for _, harm := range []struct{ schema, do, says string }{
		{keys, "UPDATE person_keys SET wrapped = overlay(wrapped placing 'AAAA' from 40) WHERE subject = 'P0003'", "P0003"},
		{keys, "DELETE FROM person_keys WHERE subject = 'P0004'", "the key to it is not there"},
		{known, "UPDATE identities SET sealed = (SELECT sealed FROM identities WHERE subject = 'P0006') WHERE subject = 'P0005'", "identity-damaged"},
		{known, "UPDATE access_log SET detail = 'y' WHERE seq = 7", "line 7: is not what was written"},
	} {
		if _, err := at[harm.schema].Write.ExecContext(ctx, harm.do); err != nil {
			t.Fatal(err)
		}
		says(t, verb(t, 1, doctor...), harm.says)
	}
}
