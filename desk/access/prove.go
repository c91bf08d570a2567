package access

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// BeginProof starts a proof, within a session, that it is still the person who
// signed in: what a signature and the gravest actions ask for.
func (s *Service) BeginProof(ctx context.Context, c desk.Caller) (Ceremony, error) {
	if err := s.signedIn(c); err != nil {
		return Ceremony{}, err
	}
	if err := s.havePasskeys(); err != nil {
		return Ceremony{}, err
	}
	if err := s.limit(ctx, "prove:"+c.Account, signBucket); err != nil {
		return Ceremony{}, err
	}
	h, err := s.holder(ctx, s.Store, c.Account)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.keys) == 0 {
		return Ceremony{}, fault.New("no-passkey", "", "you have no passkey to prove it with").WithHint("add one, or sign in again through your organisation")
	}
	options, data, err := s.passkeys.BeginDiscoverableLogin(
		webauthn.WithUserVerification(protocol.VerificationRequired),
		webauthn.WithAllowedCredentials(webauthn.Credentials(h.keys).CredentialDescriptors()),
	)
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, ceremony{For: "prove", Session: c.Session, Account: c.Account, Data: *data}, options)
}

// FinishProof takes the browser's answer. From then on, for a few minutes, the
// session's caller is Strong.
func (s *Service) FinishProof(ctx context.Context, c desk.Caller, id string, answer []byte) error {
	if err := s.signedIn(c); err != nil {
		return err
	}
	kept, err := s.take(ctx, id, "prove")
	if err != nil {
		return err
	}
	if kept.Session != c.Session || kept.Account != c.Account {
		return denied()
	}
	cred, _, err := s.assert(ctx, kept, answer, c.Account)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(w Writer) error {
		if err := s.used(ctx, w, cred); err != nil {
			return err
		}
		return s.proved(ctx, w, c, MethodPasskey)
	})
}

func (s *Service) proved(ctx context.Context, w Writer, c desk.Caller, method string) error {
	sess, err := s.own(ctx, w, c)
	if err != nil {
		return err
	}
	if err := w.Prove(ctx, sess.Hash, s.Now(), method); err != nil {
		return err
	}
	return s.log(ctx, w, c, LogProved, c.Account, method)
}

// own gives the session in which a caller asks.
func (s *Service) own(ctx context.Context, w Writer, c desk.Caller) (Session, error) {
	sess, ok, err := w.SessionByID(ctx, c.Session)
	if err == nil && (!ok || sess.Account != c.Account || !sess.Ended.IsZero()) {
		err = denied()
	}
	return sess, err
}

// Signature gives a signature in the caller's session, with her printed name,
// what it means, and how she proved who she is (21 CFR 11.50); the entry that it
// signs gives the time. The first one of a session takes two components
// (11.200(a)(1)(i)): her account's ID, which she types, and a fresh proof by
// what she holds. Every later one takes a proof of its own. A proof serves for
// one signature.
func (s *Service) Signature(ctx context.Context, c desk.Caller, typedID, meaning string) (*study.Signature, error) {
	if err := s.signedIn(c); err != nil {
		return nil, err
	}
	out := &study.Signature{Name: c.Name, Meaning: meaning}
	if out.Name == "" {
		out.Name = c.Account
	}
	err := s.Store.Write(ctx, func(w Writer) error {
		sess, err := s.own(ctx, w, c)
		if err != nil {
			return err
		}
		if out.Method, err = s.spend(ctx, w, sess, typedID); err != nil {
			return err
		}
		return s.log(ctx, w, c, LogSigned, c.Account, meaning)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) spend(ctx context.Context, w Writer, sess Session, typedID string) (string, error) {
	if sess.Method == MethodChosen && s.Chooser {
		return "made-up", nil
	}
	first := sess.Signed == 0
	if first && subtle.ConstantTimeCompare([]byte(strings.TrimSpace(typedID)), []byte(sess.Account)) != 1 {
		return "", fault.New(desk.CodeStrong, "id", "the first signature of a session asks for your account's ID beside the proof")
	}
	again := fault.New(desk.CodeStrong, "proof", "a signature needs a proof of its own").WithHint("use your passkey, then sign")
	if sess.Strong.IsZero() || s.Now().Sub(sess.Strong) > desk.StrongFor {
		return "", again
	}
	spent, err := w.Spend(ctx, sess.Hash, sess.Strong)
	if err != nil {
		return "", err
	}
	if !spent {
		return "", again
	}
	if first {
		return "account ID and " + sess.Proof, nil
	}
	return sess.Proof, nil
}
