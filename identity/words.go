package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"filippo.io/age"

	"dvala/fault"
	"dvala/study"
)

// Seal seals a person's words. Bound is what makes them these and no others: the
// idempotency key of their command, and their place in it.
func (v *Vault) Seal(ctx context.Context, who study.Subject, bound, text string) (string, error) {
	k, err := v.keyOf(ctx, who, true)
	if err != nil {
		return "", err
	}
	if bound == "" {
		bound = rand256(v.rand)
	}
	return study.SealedMark + k.seal(who, labelWords, bound, text), nil
}

// Open opens sealed words. They are not ok where the key is destroyed.
func (v *Vault) Open(ctx context.Context, who study.Subject, sealed string) (text string, ok bool, err error) {
	body, is := strings.CutPrefix(sealed, study.SealedMark)
	if !is {
		return sealed, true, nil
	}
	k, err := v.keyOf(ctx, who, false)
	if err != nil || k.secret == "" {
		return "", false, ignoreErased(err)
	}
	text, err = k.open(who, labelWords, body)
	return text, err == nil, err
}

// Encrypt gives a writer to an age file that only the person's key opens. It has
// to be closed.
func (v *Vault) Encrypt(ctx context.Context, who study.Subject, to io.Writer) (io.WriteCloser, error) {
	k, err := v.keyOf(ctx, who, true)
	if err != nil {
		return nil, err
	}
	id, err := age.ParseX25519Identity(k.secret)
	if err != nil {
		return nil, err
	}
	return age.Encrypt(to, id.Recipient())
}

// Decrypt gives what is in such a file; not ok where the key is destroyed.
func (v *Vault) Decrypt(ctx context.Context, who study.Subject, from io.Reader) (r io.Reader, ok bool, err error) {
	k, err := v.keyOf(ctx, who, false)
	if err != nil || k.secret == "" {
		return nil, false, ignoreErased(err)
	}
	id, err := age.ParseX25519Identity(k.secret)
	if err != nil {
		return nil, false, err
	}
	r, err = age.Decrypt(from, id)
	if err != nil {
		return nil, false, fault.Wrap("sealed-damaged", "file", err)
	}
	return r, true, nil
}

// Mark gives a keyed hash of a file's plain content, by which the same file that
// comes twice is known without a trace of it that outlives the key.
func (v *Vault) Mark(ctx context.Context, who study.Subject, sha256sum []byte) (string, error) {
	k, err := v.keyOf(ctx, who, true)
	if err != nil {
		return "", err
	}
	key := k.derived("file mark")
	h := hmac.New(sha256.New, key[:])
	h.Write(sha256sum)
	return hex.EncodeToString(h.Sum(nil)), nil
}
