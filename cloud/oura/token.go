package oura

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"dvala/fault"
)

// Token is what a person's consent gave, with what is needed to renew it.
type Token struct {
	Access   string    `json:"access_token"`
	Refresh  string    `json:"refresh_token"`
	Expires  time.Time `json:"expires"`
	Scope    string    `json:"scope,omitempty"`
	ClientID string    `json:"client_id"`
	Secret   string    `json:"client_secret,omitempty"`
}

// stale says whether a token should be renewed before it is used.
func (t Token) stale(now time.Time) bool {
	return !t.Expires.IsZero() && now.Add(time.Minute).After(t.Expires)
}

// LoadToken reads a token file, and refuses one that others than its owner can
// read.
func LoadToken(path string) (Token, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Token{}, fault.New("oura-token", "", "there is no token yet").In(path).WithHint("dvala oura login makes one")
	}
	if err != nil {
		return Token{}, fault.Wrap("oura-token", "", err).In(path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Token{}, fault.New("oura-token-open", "", "others can read this token (%v)", info.Mode().Perm()).In(path).
			WithHint("chmod 600 %s, and dvala oura login if it may have been read", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Token{}, fault.Wrap("oura-token", "", err).In(path)
	}
	var t Token
	if err := json.Unmarshal(b, &t); err != nil || t.Access == "" {
		return Token{}, fault.New("oura-token", "", "not a token file").In(path).WithHint("dvala oura login makes one")
	}
	return t, nil
}

// SaveToken writes a token file for its owner alone, whole or not at all.
func SaveToken(path string, t Token) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fault.Wrap("oura-token", "", err)
	}
	return writeWhole(path, append(b, '\n'))
}

// writeWhole writes a file of mode 0600 beside its place, syncs and renames it.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".oura-*") // made with mode 0600
	if err != nil {
		return fault.Wrap("oura-write", "", err).In(path)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fault.Wrap("oura-write", "", err).In(path)
	}
	return nil
}
