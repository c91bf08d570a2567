package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"dvala/desk"
	"dvala/fault"
)

// Passkey is a key that a person's device keeps for her: something she has, which
// works only with something she knows or is (user verification is asked of it).
type Passkey struct {
	ID      string // of the credential, base64
	Account string
	Label   string
	Added   time.Time
	Used    time.Time
	Record  []byte // the credential as package webauthn keeps it, JSON
}

// Ceremony is the middle of signing in with a passkey or adding one: Options go
// to the browser's navigator.credentials, and ID comes back with its answer.
type Ceremony struct {
	ID      string          `json:"id"`
	Options json.RawMessage `json:"options"`
}

const ceremonyLasts = 5 * time.Minute

type passkeys struct{ *webauthn.WebAuthn } // nil inside: this address has none

// newPasskeys makes the relying party. An address that is a number cannot have
// passkeys: localhost can.
func newPasskeys(u *url.URL, title string) (*passkeys, error) {
	if net.ParseIP(u.Hostname()) != nil {
		return &passkeys{}, nil
	}
	if title == "" {
		title = u.Hostname()
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: title, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		AttestationPreference: protocol.PreferNoAttestation,
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyLasts, TimeoutUVD: ceremonyLasts},
			Registration: webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyLasts, TimeoutUVD: ceremonyLasts},
		},
	})
	return &passkeys{w}, err
}

// HasPasskeys says whether browsers can make passkeys for this server's address.
func (s *Service) HasPasskeys() bool { return s.passkeys.WebAuthn != nil }

// holder is an account as package webauthn sees it. A participant is shown on
// her device by her code.
type holder struct {
	Account
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.ID) }
func (h holder) WebAuthnName() string                       { return h.ID }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }
func (h holder) WebAuthnDisplayName() string {
	if h.Name != "" {
		return h.Name
	}
	return h.ID
}

func (s *Service) holder(ctx context.Context, r Reader, account string) (holder, error) {
	a, ok, err := r.Account(ctx, account)
	if err != nil {
		return holder{}, err
	}
	if !ok || !a.Closed.IsZero() {
		return holder{}, denied()
	}
	h := holder{Account: a}
	all, err := r.Passkeys(ctx, account)
	for _, p := range all {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Record, &c); err != nil {
			return h, err
		}
		h.keys = append(h.keys, c)
	}
	return h, err
}

// ceremony is what is kept between the two halves.
type ceremony struct {
	For     string               `json:"for"`     // register, sign-in, prove
	Session string               `json:"session"` // hash of the session that began it, where there is one
	Account string               `json:"account"`
	Data    webauthn.SessionData `json:"data"`
}

func (s *Service) keep(ctx context.Context, c ceremony, options any) (Ceremony, error) {
	id, err := s.token()
	if err != nil {
		return Ceremony{}, err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return Ceremony{}, err
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	return Ceremony{id, shown}, s.Store.Write(ctx, func(w Writer) error {
		return w.PutCeremony(ctx, hashOf(id), raw, s.Now().Add(ceremonyLasts))
	})
}

// take gives a ceremony once.
func (s *Service) take(ctx context.Context, id, what string) (ceremony, error) {
	var raw []byte
	err := s.Store.Write(ctx, func(w Writer) error {
		var ok bool
		var err error
		if raw, ok, err = w.TakeCeremony(ctx, hashOf(id), s.Now()); err == nil && !ok {
			err = denied()
		}
		return err
	})
	var c ceremony
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil && c.For != what {
		err = denied()
	}
	return c, err
}

func (s *Service) havePasskeys() error {
	if s.passkeys.WebAuthn == nil {
		return fault.New("no-passkeys", "", "passkeys need the server to have a name").WithHint("use localhost and not a number, or https:// and a name")
	}
	return nil
}

// BeginPasskey starts adding a passkey to the caller's account.
func (s *Service) BeginPasskey(ctx context.Context, c desk.Caller) (Ceremony, error) {
	if err := s.signedIn(c); err != nil {
		return Ceremony{}, err
	}
	if err := s.havePasskeys(); err != nil {
		return Ceremony{}, err
	}
	h, err := s.holder(ctx, s.Store, c.Account)
	if err != nil {
		return Ceremony{}, err
	}
	if err := s.mayAdd(ctx, c, h); err != nil {
		return Ceremony{}, err
	}
	options, data, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, ceremony{For: "register", Session: c.Session, Account: c.Account, Data: *data}, options)
}

// mayAdd asks a proof of whoever has a passkey already, so that an open browser
// is not enough to add another's; the first is added right after a link.
func (s *Service) mayAdd(_ context.Context, c desk.Caller, h holder) error {
	if len(h.keys) > 0 && (c.Strong.IsZero() || s.Now().Sub(c.Strong) > desk.StrongFor) {
		return fault.New(desk.CodeStrong, "passkey", "this needs a fresh proof of who you are").WithHint("use the passkey you have; if it is lost, an administrator removes it")
	}
	return nil
}

// FinishPasskey takes the browser's answer.
func (s *Service) FinishPasskey(ctx context.Context, c desk.Caller, id, label string, answer []byte) error {
	if err := s.signedIn(c); err != nil {
		return err
	}
	kept, err := s.take(ctx, id, "register")
	if err != nil {
		return err
	}
	if kept.Session != c.Session || kept.Account != c.Account {
		return denied()
	}
	h, err := s.holder(ctx, s.Store, c.Account)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return s.passkeyRefused(err)
	}
	cred, err := s.passkeys.CreateCredential(h, kept.Data, parsed)
	if err != nil {
		return s.passkeyRefused(err)
	}
	record, err := json.Marshal(cred)
	if err != nil {
		return err
	}
	p := Passkey{ID: credentialID(cred.ID), Account: c.Account, Label: clip(label, 60), Added: s.Now(), Used: s.Now(), Record: record}
	return s.Store.Write(ctx, func(w Writer) error {
		if _, taken, err := w.Passkey(ctx, p.ID); err != nil || taken {
			if err == nil {
				err = denied()
			}
			return err
		}
		if err := w.PutPasskey(ctx, p); err != nil {
			return err
		}
		return s.log(ctx, w, c, LogPasskeyAdded, c.Account, p.ID)
	})
}

// passkeyRefused keeps the details for the log: to a stranger all refusals are
// alike.
func (s *Service) passkeyRefused(err error) error {
	s.Log.Info("a passkey was refused", "err", err)
	p := denied().(*fault.Problem)
	p.Cause = err
	return p
}

func credentialID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// BeginSignIn starts signing in with a passkey. It asks for no name: the browser
// offers what it holds, and nothing is told about any account.
func (s *Service) BeginSignIn(ctx context.Context, v Visit) (Ceremony, error) {
	if err := s.havePasskeys(); err != nil {
		return Ceremony{}, err
	}
	if err := s.limit(ctx, "passkey:"+v.Addr, passkeyBucket); err != nil {
		return Ceremony{}, err
	}
	options, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, ceremony{For: "sign-in", Data: *data}, options)
}

// FinishSignIn takes the browser's answer and begins a session.
func (s *Service) FinishSignIn(ctx context.Context, v Visit, id string, answer []byte) (Started, error) {
	if err := s.notLocked(ctx, "passkey:"+v.Addr); err != nil {
		return Started{}, err
	}
	kept, err := s.take(ctx, id, "sign-in")
	if err != nil {
		return Started{}, err
	}
	var out Started
	cred, h, err := s.assert(ctx, kept, answer, "")
	if err == nil {
		err = s.Store.Write(ctx, func(w Writer) error {
			if err := s.used(ctx, w, cred); err != nil {
				return err
			}
			if out, err = s.start(ctx, w, h.Account, v, MethodPasskey); err != nil {
				return err
			}
			return w.Clear(ctx, hashOf("passkey:"+v.Addr))
		})
	}
	if fault.CodeOf(err) == CodeDenied {
		s.failed(ctx, "passkey:"+v.Addr, v)
	}
	return out, err
}

// assert checks the answer of an authenticator; only wants it of one account.
func (s *Service) assert(ctx context.Context, kept ceremony, answer []byte, only string) (*webauthn.Credential, holder, error) {
	var h holder
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, h, s.passkeyRefused(err)
	}
	find := func(_, handle []byte) (webauthn.User, error) {
		if only != "" && string(handle) != only {
			return nil, denied()
		}
		var err error
		h, err = s.holder(ctx, s.Store, string(handle))
		return h, err
	}
	_, cred, err := s.passkeys.ValidatePasskeyLogin(find, kept.Data, parsed)
	if err != nil {
		return nil, h, s.passkeyRefused(err)
	}
	if cred.Authenticator.CloneWarning {
		s.Log.Warn("a passkey's counter went back: it may have been copied", "account", h.ID)
		return nil, h, denied()
	}
	return cred, h, nil
}

// used writes down the counter and the time of a passkey that was used.
func (s *Service) used(ctx context.Context, w Writer, cred *webauthn.Credential) error {
	p, ok, err := w.Passkey(ctx, credentialID(cred.ID))
	if err != nil || !ok {
		if err == nil {
			err = denied()
		}
		return err
	}
	if p.Record, err = json.Marshal(cred); err != nil {
		return err
	}
	p.Used = s.Now()
	return w.PutPasskey(ctx, p)
}

// PasskeysOf lists the caller's own.
func (s *Service) PasskeysOf(ctx context.Context, c desk.Caller) ([]Passkey, error) {
	if err := s.signedIn(c); err != nil {
		return nil, err
	}
	all, err := s.Store.Passkeys(ctx, c.Account)
	for i := range all {
		all[i].Record = nil
	}
	return all, err
}

// DropPasskey removes one of the caller's own.
func (s *Service) DropPasskey(ctx context.Context, c desk.Caller, id string) error {
	if err := s.signedIn(c); err != nil {
		return err
	}
	return s.drop(ctx, c, c.Account, id)
}

// DropPasskeyOf removes one of an account's, for an administrator: the device is
// lost.
func (s *Service) DropPasskeyOf(ctx context.Context, by desk.Caller, account, id string) error {
	if err := s.over(ctx, s.Store, by, account); err != nil {
		return err
	}
	return s.drop(ctx, by, account, id)
}

func (s *Service) drop(ctx context.Context, by desk.Caller, account, id string) error {
	return s.Store.Write(ctx, func(w Writer) error {
		was, err := w.DropPasskey(ctx, account, id)
		if err != nil {
			return err
		}
		if !was {
			return fault.New("passkey-unknown", id, "there is no such passkey")
		}
		return s.log(ctx, w, by, LogPasskeyDropped, account, id)
	})
}
