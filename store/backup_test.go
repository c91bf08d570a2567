package store

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

func somewhere(t *testing.T) string { return filepath.Join(t.TempDir(), "new") }

// A backup that is made while people write, from either store, opens in either:
// it is the ledger up to some acknowledged command, with every file that it
// names, and the trial goes on from there with its key.
func TestBackupWhileServing(t *testing.T) {
	onBoth(t, func(t *testing.T, place place) {
		trial, w := begun(t, place(t))
		live(t, trial, 3)
		stop := make(chan struct{})
		var writing sync.WaitGroup
		for c := range 4 {
			writing.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
						f := must(trial.PutBlob("r", []byte(strings.Repeat("x", 10*c+i))))
						do(t, trial, study.RecordDryRun{DryRun: study.DryRun{Results: f, Report: f}}, at(20, ""))
					}
				}
			})
		}
		before := trial.Checkpoint()
		to := somewhere(t)
		m, err := Backup(ctx, w, to, "test", start)
		close(stop)
		writing.Wait()
		if err != nil {
			t.Fatal(err)
		}
		early := must(ledger.OpenCheckpoint(before, trial.PublicKey()))
		if m.Entries < early.Size || m.Entries > trial.State().Entries || m.Trial != "small-trial" {
			t.Errorf("%+v; there were %d entries before", m, early.Size)
		}
		for _, f := range must(os.ReadDir(to)) {
			if strings.Contains(f.Name(), "key") {
				t.Error("the backup holds", f.Name())
			}
		}
		restoreBoth(t, to, w.Key, m)
	})
}

// restoreBoth restores a backup to a directory and to a database, and works on.
func restoreBoth(t *testing.T, from, key string, m Manifest) {
	t.Helper()
	onBoth(t, func(t *testing.T, place place) {
		w := place(t)
		if !w.Shared() {
			w.Dir = somewhere(t)
		}
		if _, err := Restore(ctx, from, w); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenAt(ctx, w); fault.CodeOf(err) != ledger.CodeKey {
			t.Error("written to without a key:", err)
		}
		w.Key = key
		trial := must(OpenAt(ctx, w))
		defer trial.Close()
		if trial.State().Entries != m.Entries {
			t.Error(trial.State().Entries, m.Entries)
		}
		grown := dump(t, trial)
		if err := trial.Rebuild(ctx); err != nil {
			t.Fatal(err)
		}
		if anew := dump(t, trial); anew != grown {
			t.Error("the tables that were restored are not those of the ledger")
		}
		do(t, trial, screen(3), at(21, ""))
		if _, err := Restore(ctx, from, w); fault.CodeOf(err) != "store-exists" {
			t.Error("restored over a trial:", err)
		}
	})
}

// A backup that was broken off, or of which one bit or one file is not as it
// was, is refused before anything is written.
func TestBackupDamage(t *testing.T) {
	trial, w := begun(t, In(t.TempDir()))
	live(t, trial, 1)
	to := somewhere(t)
	must(Backup(ctx, w, to, "test", start))
	if _, err := Backup(ctx, w, to, "test", start); fault.CodeOf(err) != "backup-dir" {
		t.Error(err)
	}
	var paths []string
	err := filepath.WalkDir(to, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		raw := must(os.ReadFile(path))
		_ = os.Chmod(path, 0o600)
		spoiled := bytes.Clone(raw)
		spoiled[len(spoiled)/2] ^= 4
		for how, data := range map[string][]byte{"a bit": spoiled, "cut": raw[:len(raw)/2], "gone": nil} {
			if data == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			new := somewhere(t)
			_, err := Restore(ctx, to, In(new))
			if !strings.HasPrefix(string(fault.CodeOf(err)), "backup-") && !(filepath.Base(path) == manifestFile && how == "a bit" && err != nil) {
				if filepath.Base(path) != manifestFile {
					t.Errorf("%s of %s: %v", how, path, err)
				}
				continue
			}
			if _, err := os.Stat(new); err == nil {
				t.Error("something was written from a backup that is damaged:", path)
			}
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Restore(ctx, to, In(somewhere(t))); err != nil {
		t.Error(err)
	}
	other := must(ledger.GenerateKey(rand.Reader, "small-trial"))
	if _, err := Restore(ctx, to, Where{Dir: somewhere(t), Key: other.Secret()}); fault.CodeOf(err) != ledger.CodeKey {
		t.Error("restored with another trial's key:", err)
	}
}

// A directory that an earlier version made, kept in testdata, opens, verifies
// and goes on. One that a later version has written to is refused.
func TestOldDirectories(t *testing.T) {
	old := must(os.ReadDir("testdata"))
	if len(old) == 0 {
		t.Fatal("there is no old directory to open")
	}
	for _, version := range old {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", version.Name()))); err != nil {
			t.Fatal(err)
		}
		trial, err := Open(ctx, dir)
		if err != nil {
			t.Fatal(version.Name(), err)
		}
		if n := len(trial.Order()); n != 3 {
			t.Error(version.Name(), n, "people")
		}
		do(t, trial, screen(3), at(30, ""))
		if err := trial.Rebuild(ctx); err != nil {
			t.Error(err)
		}
		m, err := Backup(ctx, In(dir), somewhere(t), "test", start)
		if err != nil || m.Entries != trial.State().Entries {
			t.Error(m.Entries, err)
		}
		must(trial.db.Write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"))
		if err := trial.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(ctx, dir); fault.CodeOf(err) != "store-newer" {
			t.Error("a later version's directory was opened:", err)
		}
	}
	server := pgtest.Start(t)
	trial, w := begun(t, Where{Database: server.URL(t), Blobs: t.TempDir()})
	must(trial.db.Write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"))
	if _, err := OpenAt(ctx, w); fault.CodeOf(err) != "store-newer" {
		t.Error("a later version's schema was opened:", err)
	}
}
