package access

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"time"

	"dvala/desk"
	"dvala/fault"
)

// Once is something that an account asked for under a key of its own making, so
// that asking again, because no answer came, does it no second time.
type Once struct {
	Account   string
	Key       string // its hash
	Operation string
	Digest    string // of the request
	At        time.Time
	Status    int    // of the answer; 0: it is under way
	Answer    string // the body; base64 of ciphertext where it is sealed
	Sealed    bool
}

// onceStale is after how long something under way is taken for broken off: by
// then the server that had it has answered, or is gone.
const onceStale = 2 * time.Minute

// Codes of keys that are not taken.
const (
	CodeKeyReused  fault.Code = "key-reused"
	CodeKeyRunning fault.Code = "key-running"
	CodeKeyTold    fault.Code = "key-told"
)

// Begin claims a key for a request. What was done under it before is given with
// its answer; a key of another request, or of one that is under way, is refused.
// Token is that of the session which asks: it opens an answer that held a secret.
func (s *Service) Begin(ctx context.Context, c desk.Caller, token, key, operation string, request []byte) (Once, bool, error) {
	sum := sha256.Sum256(request)
	o := Once{Account: c.Account, Key: hashOf("key " + key), Operation: operation, Digest: hex.EncodeToString(sum[:]), At: s.Now()}
	var begun, found bool
	var was Once
	err := s.Store.Write(ctx, func(w Writer) (err error) {
		if begun, err = w.BeginOnce(ctx, o, o.At.Add(-onceStale)); err != nil || begun {
			return err
		}
		was, found, err = w.OnceOf(ctx, o.Account, o.Key)
		return err
	})
	switch {
	case err != nil || begun:
		return o, begun, err
	case found && (was.Operation != operation || was.Digest != o.Digest):
		return o, false, fault.New(CodeKeyReused, "Idempotency-Key", "this key was given to another request").WithHint("give each request a key of its own")
	case !found || was.Status == 0:
		p := fault.New(CodeKeyRunning, "Idempotency-Key", "the same request is under way").WithHint("ask again in a while, with the same key")
		p.Cause = desk.Wait(time.Second)
		return o, false, p
	case was.Sealed:
		answer, ok := openAnswer(token, was)
		if !ok {
			return o, false, fault.New(CodeKeyTold, "Idempotency-Key", "this was done, and its answer told to the session that asked, once").
				WithHint("with another key it is done anew; what was made before can be revoked")
		}
		was.Answer = answer
	}
	return was, false, nil
}

// Finish keeps the answer to a request that was begun; secret says that it is to
// be read by nobody but the session that asked. Without a status the request is
// forgotten, and can be made again under its key.
func (s *Service) Finish(ctx context.Context, o Once, token string, secret bool) error {
	if secret && o.Status != 0 {
		sealed, err := s.sealAnswer(token, o)
		if err != nil {
			return err
		}
		o.Answer, o.Sealed = sealed, true
	}
	return s.Store.Write(ctx, func(w Writer) error { return w.EndOnce(ctx, o) })
}

// answerKey is the key of one answer: who has the session's token has it, and the
// store holds the token's hash alone.
func answerKey(token string, o Once) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("dvala answer\n" + o.Account + "\n" + o.Key + "\n" + token))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (s *Service) sealAnswer(token string, o Once) (string, error) {
	if token == "" {
		return "", nil // opened by nobody
	}
	aead, err := answerKey(token, o)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(s.Rand, nonce); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, []byte(o.Answer), []byte(o.Operation))), nil
}

func openAnswer(token string, o Once) (string, bool) {
	raw, err := base64.StdEncoding.DecodeString(o.Answer)
	if err != nil || token == "" {
		return "", false
	}
	aead, err := answerKey(token, o)
	if err != nil || len(raw) < aead.NonceSize() {
		return "", false
	}
	plain, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(o.Operation))
	return string(plain), err == nil
}
