package identity

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"dvala/fault"
	"dvala/study"
)

// Master wraps the persons' keys. Its text is kept in a file that only the
// server reads, or handed to it by whoever starts it.
type Master struct{ key [32]byte }

const masterMark = "DVALA-IDENTITY-KEY-1-"

// GenerateMaster makes one.
func GenerateMaster(random io.Reader) (Master, error) {
	var m Master
	_, err := io.ReadFull(random, m.key[:])
	return m, err
}

// ParseMaster reads one.
func ParseMaster(text string) (Master, error) {
	var m Master
	body, ok := strings.CutPrefix(strings.TrimSpace(text), masterMark)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) != len(m.key) {
		return Master{}, fault.New("identity-key", "", "is not a key for identities").WithHint("it begins with %s; without it no name can be read", masterMark)
	}
	copy(m.key[:], raw)
	return m, nil
}

// Secret gives its text.
func (m Master) Secret() string { return masterMark + base64.RawURLEncoding.EncodeToString(m.key[:]) }

// String and Format keep it out of logs.
func (m Master) String() string { return "identity key" }

// Format writes what String does.
func (m Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

func (m Master) wrap(who study.Subject, secret string, nonce [32]byte) string {
	return sealUnder(m.key, "dvala person key "+string(who), nonce[:chacha20poly1305.NonceSizeX], secret)
}

func (m Master) unwrap(who study.Subject, wrapped string) (string, error) {
	return openUnder(m.key, "dvala person key "+string(who), wrapped)
}

// personKey is one person's, as an age identity.
type personKey struct{ secret string }

func (k personKey) String() string             { return "person's key" }
func (k personKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// derived gives one of the keys that follow from hers.
func (k personKey) derived(use string) [32]byte {
	raw, err := hkdf.Key(sha256.New, []byte(k.secret), nil, "dvala identity 1 "+use, 32)
	if err != nil {
		panic(err) // only for lengths that this is not
	}
	return [32]byte(raw)
}

// Labels of what is sealed: one kind cannot be put in the place of another.
const (
	labelWords  = "words"
	labelRecord = "record"
	labelFormer = "former"
)

// seal seals a text. Its nonce is a keyed hash of what is bound to it and of the
// text itself: never the same for two texts, and the same for the same twice.
func (k personKey) seal(who study.Subject, label, bound, text string) string {
	nonceKey := k.derived(label + " nonce")
	h := hmac.New(sha256.New, nonceKey[:])
	fmt.Fprintf(h, "%d:%s%s", len(bound), bound, text)
	return sealUnder(k.derived(label), "dvala "+label+" "+string(who), h.Sum(nil)[:chacha20poly1305.NonceSizeX], text)
}

func (k personKey) open(who study.Subject, label, sealed string) (string, error) {
	return openUnder(k.derived(label), "dvala "+label+" "+string(who), sealed)
}

func sealUnder(key [32]byte, about string, nonce []byte, text string) string {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		panic(err) // only for keys of another length
	}
	return base64.RawStdEncoding.EncodeToString(aead.Seal(nonce[:len(nonce):len(nonce)], nonce, []byte(text), []byte(about)))
}

func openUnder(key [32]byte, about, sealed string) (string, error) {
	bad := fault.New("sealed-damaged", "", "sealed text that does not open: it was changed, is somebody else's, or lies under another key")
	raw, err := base64.RawStdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < chacha20poly1305.NonceSizeX || base64.RawStdEncoding.EncodeToString(raw) != sealed {
		return "", bad
	}
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return "", err
	}
	text, err := aead.Open(nil, raw[:chacha20poly1305.NonceSizeX], raw[chacha20poly1305.NonceSizeX:], []byte(about))
	if err != nil {
		return "", bad
	}
	return string(text), nil
}

// keyOf gives a person's key, and makes it where there never was one and it is
// wanted. An empty key: there is none.
func (v *Vault) keyOf(ctx context.Context, who study.Subject, wanted bool) (personKey, error) {
	if who == "" {
		return personKey{}, fault.New("subject-unknown", "subject", "nobody is named whose key it would be")
	}
	wrapped, destroyed, err := v.store.PersonKey(ctx, who)
	if err == nil && wrapped == "" && !destroyed && wanted {
		wrapped, destroyed, err = v.addKey(ctx, who)
	}
	switch {
	case err != nil:
		return personKey{}, err
	case destroyed:
		return personKey{}, erased()
	case wrapped == "":
		return personKey{}, nil
	}
	secret, err := v.master.unwrap(who, wrapped)
	if err != nil {
		return personKey{}, fault.Wrap("identity-key", string(who), err).WithHint("the key for identities is not the one that this person's key was wrapped under")
	}
	return personKey{secret}, nil
}

func (v *Vault) addKey(ctx context.Context, who study.Subject) (string, bool, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", false, err
	}
	var nonce [32]byte
	if _, err := io.ReadFull(v.rand, nonce[:]); err != nil {
		return "", false, err
	}
	return v.store.AddPersonKey(ctx, who, v.master.wrap(who, id.String(), nonce), v.now())
}

// rand256 gives something that is never the same twice.
func rand256(random io.Reader) string {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic(err) // as crypto/rand itself does
	}
	return string(b[:])
}
