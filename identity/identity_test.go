package identity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func open(t testing.TB, dir string, m identity.Master) (*identity.Vault, *people.Store) {
	t.Helper()
	s := must(people.Open(context.Background(), dir))
	return identity.New(s, m, rand.Reader, func() time.Time { return time.Unix(1e9, 0) }), s
}

func TestWordsComeBackAndTellNothing(t *testing.T) {
	v, s := open(t, t.TempDir(), must(identity.GenerateMaster(rand.Reader)))
	defer s.Close()
	ctx := t.Context()
	const text = "Jag vaknade klockan tre och mådde illa."
	one := must(v.Seal(ctx, "P0001", "key-1 0", text))
	if got, ok, err := v.Open(ctx, "P0001", one); err != nil || !ok || got != text {
		t.Errorf("comes back as %q, %v, %v", got, ok, err)
	}
	if again := must(v.Seal(ctx, "P0001", "key-1 0", text)); again != one {
		t.Error("the same command twice gives two ciphertexts")
	}
	for what, other := range map[string]string{
		"the same words in another command": must(v.Seal(ctx, "P0001", "key-2 0", text)),
		"of another person":                 must(v.Seal(ctx, "P0002", "key-1 0", text)),
		"without a key":                     must(v.Seal(ctx, "P0001", "", text)),
	} {
		if other == one {
			t.Errorf("%s look the same", what)
		}
	}
	if _, _, err := v.Open(ctx, "P0002", one); fault.CodeOf(err) != "person-key" && err == nil {
		t.Error("opens as somebody else's")
	}
	raw := []byte(one)
	raw[len(raw)-6] ^= 1
	if _, _, err := v.Open(ctx, "P0001", string(raw)); err == nil {
		t.Error("opens after it was changed")
	}
	if got, ok, err := v.Open(ctx, "P0001", "in the clear"); got != "in the clear" || !ok || err != nil {
		t.Error("what was never sealed does not come back as it is")
	}
}

func TestRecordAndFiles(t *testing.T) {
	v, s := open(t, t.TempDir(), must(identity.GenerateMaster(rand.Reader)))
	defer s.Close()
	ctx := t.Context()
	p := identity.Person{Name: "Astrid Öberg", Mail: "astrid@example.org", Channels: []string{"mail"}}
	if err := v.Put(ctx, "P0001", p); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := v.Get(ctx, "P0001"); err != nil || !ok || got.Name != p.Name || got.Mail != p.Mail {
		t.Errorf("comes back as %+v, %v, %v", got, ok, err)
	}
	if err := v.Put(ctx, "P0001", identity.Person{Name: "a\nBcc: b", Channels: []string{"pigeon"}}); err == nil {
		t.Error("a name of two lines is taken")
	}
	plain := bytes.Repeat([]byte("EDF "), 50_000)
	var stored bytes.Buffer
	w := must(v.Encrypt(ctx, "P0001", &stored))
	must(w.Write(plain))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored.Bytes(), []byte("EDF EDF")) {
		t.Error("a file is stored in the clear")
	}
	r, ok, err := v.Decrypt(ctx, "P0001", bytes.NewReader(stored.Bytes()))
	if err != nil || !ok || !bytes.Equal(must(io.ReadAll(r)), plain) {
		t.Errorf("the file does not come back: %v, %v", ok, err)
	}
	if r, _, err := v.Decrypt(ctx, "P0001", bytes.NewReader(stored.Bytes()[:stored.Len()-10])); err == nil {
		if _, err := io.ReadAll(r); err == nil {
			t.Error("a file that was cut off is read as whole")
		}
	}
}

// Erasing makes unreadable what lies in the trial and in backups made before,
// and leaves no trace of the key in the files of the store.
func TestEraseReachesBackups(t *testing.T) {
	dir, master := t.TempDir(), must(identity.GenerateMaster(rand.Reader))
	v, s := open(t, dir, master)
	ctx := t.Context()
	sealed := must(v.Seal(ctx, "P0001", "k", "the only one who wrote this"))
	other := must(v.Seal(ctx, "P0002", "k", "stays"))
	if err := v.Put(ctx, "P0001", identity.Person{Name: "Astrid"}); err != nil {
		t.Fatal(err)
	}
	wrapped, _, err := s.PersonKey(ctx, "P0001")
	if err != nil || wrapped == "" {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir() // a backup leaves the keys out
	if err := os.WriteFile(filepath.Join(backup, "people.db"), must(os.ReadFile(filepath.Join(dir, "people.db"))), 0o600); err != nil {
		t.Fatal(err)
	}
	if !inFiles(t, dir, wrapped) {
		t.Fatal("the search finds nothing even before")
	}
	v, s = open(t, dir, master)
	for range 2 {
		if err := v.Erase(ctx, "P0001"); err != nil {
			t.Fatal(err)
		}
	}
	if inFiles(t, dir, wrapped[:40]) {
		t.Error("the key is still in the files, with the store open")
	}
	if _, ok, err := v.Open(ctx, "P0001", sealed); ok || err != nil {
		t.Errorf("words are read after erasing: %v, %v", ok, err)
	}
	if _, ok, err := v.Get(ctx, "P0001"); ok || err != nil {
		t.Errorf("she is named after erasing: %v, %v", ok, err)
	}
	if _, err := v.Seal(ctx, "P0001", "k2", "more"); fault.CodeOf(err) != identity.CodeErased {
		t.Errorf("a new key was made for somebody who was erased: %v", err)
	}
	if got, ok, err := v.Open(ctx, "P0002", other); got != "stays" || !ok || err != nil {
		t.Errorf("another was erased, too: %q, %v, %v", got, ok, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if inFiles(t, dir, wrapped[:40]) {
		t.Error("the key is still in the files")
	}
	old, os := open(t, backup, master)
	defer os.Close()
	if _, ok, err := old.Get(ctx, "P0001"); ok || err != nil {
		t.Errorf("a backup names her: %v, %v", ok, err)
	}
	if _, ok, err := old.Open(ctx, "P0001", sealed); ok || err != nil {
		t.Errorf("with a backup her words are read: %v, %v", ok, err)
	}
}

func inFiles(t *testing.T, dir, what string) bool {
	t.Helper()
	found := false
	for _, f := range must(os.ReadDir(dir)) {
		found = found || bytes.Contains(must(os.ReadFile(filepath.Join(dir, f.Name()))), []byte(what))
	}
	return found
}

func TestMaster(t *testing.T) {
	m := must(identity.GenerateMaster(rand.Reader))
	again := must(identity.ParseMaster(m.Secret() + "\n"))
	if again.Secret() != m.Secret() || strings.Contains(m.String(), m.Secret()[30:]) {
		t.Error("it does not come back, or shows itself")
	}
	for _, bad := range []string{"", "x", m.Secret()[:40], "DVALA-IDENTITY-KEY-1-" + base64.RawURLEncoding.EncodeToString(make([]byte, 31))} {
		if _, err := identity.ParseMaster(bad); fault.CodeOf(err) != "identity-key" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	v, s := open(t, t.TempDir(), m)
	defer s.Close()
	sealed := must(v.Seal(t.Context(), "P0001", "k", "text"))
	wrong := identity.New(s, must(identity.GenerateMaster(rand.Reader)), rand.Reader, time.Now)
	if _, _, err := wrong.Open(t.Context(), "P0001", sealed); fault.CodeOf(err) != "identity-key" {
		t.Errorf("under another master: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	v, s := open(f, f.TempDir(), must(identity.GenerateMaster(rand.Reader)))
	f.Cleanup(func() { s.Close() })
	f.Add(must(v.Seal(context.Background(), "P0001", "k", "text")))
	f.Add(study.SealedMark)
	f.Add(study.SealedMark + "AAAA")
	genuine := must(v.Seal(context.Background(), "P0001", "k", "text"))
	f.Fuzz(func(t *testing.T, sealed string) {
		text, ok, err := v.Open(context.Background(), "P0001", sealed)
		if err == nil && ok && strings.HasPrefix(sealed, study.SealedMark) && sealed != genuine {
			t.Errorf("forged: %q opens as %q", sealed, text)
		}
	})
}
