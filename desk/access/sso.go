package access

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"dvala/desk"
	"dvala/fault"
)

// Provider is the staff's identity provider, by OpenID Connect.
type Provider struct {
	Issuer   string
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	client   *http.Client
}

// NewProvider reads the provider's own description. Redirect is this server's
// page to which it sends people back: Origin and /sign-in/back.
func NewProvider(ctx context.Context, client *http.Client, issuer, clientID, secret, redirect string) (*Provider, error) {
	if client == nil {
		client = &http.Client{Timeout: 15 * time.Second}
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), issuer)
	if err != nil {
		return nil, fault.Wrap("sign-on-provider", issuer, err).WithHint("the address is that under which /.well-known/openid-configuration lies")
	}
	return &Provider{
		Issuer: issuer, client: client, verifier: found.Verifier(&oidc.Config{ClientID: clientID}),
		oauth: oauth2.Config{
			ClientID: clientID, ClientSecret: secret, RedirectURL: redirect, Endpoint: found.Endpoint(),
			Scopes: []string{oidc.ScopeOpenID, "email"},
		},
	}, nil
}

// pending is a sign-in that is away at the provider.
type pending struct {
	For      string `json:"for"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // of PKCE
	Browser  string `json:"browser"`  // hash of the secret in the browser's cookie
}

const (
	stateCookie = "dvala-state"
	stateLasts  = 10 * time.Minute
	signOn      = "single-sign-on"
)

// BeginSSO starts a sign-in at the provider. It gives the address to go to, and
// a secret for the browser's cookie (SetState), by which it is known when it
// comes back: an answer that was begun in another browser is refused.
func (s *Service) BeginSSO(ctx context.Context, v Visit) (to, browser string, err error) {
	p := s.SingleSignOn
	if p == nil {
		return "", "", fault.New("no-sign-on", "", "no organisation signs people in here")
	}
	if err := s.limit(ctx, "sso:"+v.Addr, passkeyBucket); err != nil {
		return "", "", err
	}
	var made [3]string
	for i := range made {
		if made[i], err = s.token(); err != nil {
			return "", "", err
		}
	}
	state, nonce, browser := made[0], made[1], made[2]
	away := pending{For: signOn, Nonce: nonce, Verifier: oauth2.GenerateVerifier(), Browser: hashOf(browser)}
	raw, err := json.Marshal(away)
	if err != nil {
		return "", "", err
	}
	err = s.Store.Write(ctx, func(w Writer) error { return w.PutCeremony(ctx, hashOf(state), raw, s.Now().Add(stateLasts)) })
	// A fresh sign-in is asked for, not one that the provider remembers: it counts
	// as a proof of who it is.
	return p.oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(away.Verifier), oauth2.SetAuthURLParam("prompt", "login")), browser, err
}

// FinishSSO takes what the provider sent back with the browser.
func (s *Service) FinishSSO(ctx context.Context, v Visit, browser, state, code string) (Started, error) {
	p := s.SingleSignOn
	if p == nil {
		return Started{}, denied()
	}
	if err := s.notLocked(ctx, "sso:"+v.Addr); err != nil {
		return Started{}, err
	}
	out, err := s.finishSSO(ctx, v, browser, state, code)
	if fault.CodeOf(err) == CodeDenied {
		s.failed(ctx, "sso:"+v.Addr, v)
	}
	return out, err
}

func (s *Service) finishSSO(ctx context.Context, v Visit, browser, state, code string) (Started, error) {
	p := s.SingleSignOn
	away, err := s.returned(ctx, browser, state)
	if err != nil {
		return Started{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(away.Verifier))
	if err != nil {
		return Started{}, s.signOnRefused(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return Started{}, s.signOnRefused(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(away.Nonce)) != 1 {
		return Started{}, denied()
	}
	var claims struct {
		Mail     string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return Started{}, s.signOnRefused(err)
	}
	if !claims.Verified {
		claims.Mail = ""
	}
	var out Started
	err = s.Store.Write(ctx, func(w Writer) error {
		a, err := s.signedOn(ctx, w, id.Issuer, id.Subject, claims.Mail)
		if err != nil {
			return err
		}
		out, err = s.start(ctx, w, a, v, MethodSSO)
		return err
	})
	return out, err
}

// returned gives the sign-in that was away, once, to the browser that began it.
func (s *Service) returned(ctx context.Context, browser, state string) (pending, error) {
	var away pending
	err := s.Store.Write(ctx, func(w Writer) error {
		raw, ok, err := w.TakeCeremony(ctx, hashOf(state), s.Now())
		if err != nil {
			return err
		}
		if !ok || json.Unmarshal(raw, &away) != nil || away.For != signOn {
			return denied()
		}
		return nil
	})
	if err == nil && (browser == "" || subtle.ConstantTimeCompare([]byte(hashOf(browser)), []byte(away.Browser)) != 1) {
		err = denied()
	}
	return away, err
}

// signedOn finds the account: by the provider's own name for it, or, the first
// time, by an address that the provider has verified. None is made: staff are
// added by an administrator.
func (s *Service) signedOn(ctx context.Context, w Writer, issuer, external, mail string) (Account, error) {
	a, ok, err := w.AccountByIssuer(ctx, issuer, external)
	if err != nil || ok {
		return a, err
	}
	if mail == "" {
		return Account{}, denied()
	}
	a, ok, err = w.AccountByMail(ctx, mail)
	if err != nil {
		return Account{}, err
	}
	if !ok || a.Issuer != "" || a.Subject != "" {
		return Account{}, denied()
	}
	if err := w.SetIssuer(ctx, a.ID, issuer, external); err != nil {
		return Account{}, err
	}
	return a, s.log(ctx, w, desk.Caller{Account: a.ID}, "bound-to-provider", a.ID, issuer)
}

func (s *Service) signOnRefused(err error) error {
	s.Log.Info("a single sign-on was refused", "err", err)
	return denied()
}

// SetState gives the browser the secret by which it is known when it comes back;
// none takes it away.
func (s *Service) SetState(w http.ResponseWriter, secret string) {
	lasts := stateLasts
	if secret == "" {
		lasts = -time.Second
	}
	s.cookie(w, stateCookie, secret, lasts, "/sign-in/")
}

// State gives it.
func State(r *http.Request) string {
	if c, err := r.Cookie(stateCookie); err == nil {
		return c.Value
	}
	return ""
}

// Enter uses an invitation's code or link up for the participant's own pages,
// and gives the browser its cookie.
func (s *Service) Enter(w http.ResponseWriter, r *http.Request, code string) (desk.Caller, error) {
	st, err := s.Redeem(r.Context(), s.Visit(r), code)
	if err != nil {
		return desk.Caller{}, err
	}
	s.SetCookie(w, st)
	return s.Resolve(r.Context(), st.Token)
}

// SignOnPages answers GET /sign-in/organisation, which leads to the provider, and
// GET /sign-in/back, to which it sends people back.
func (s *Service) SignOnPages() http.Handler {
	mux := http.NewServeMux()
	refuse := func(w http.ResponseWriter, err error) {
		status := http.StatusForbidden
		switch fault.CodeOf(err) {
		case CodeWait:
			status = http.StatusTooManyRequests
		case "":
			s.Log.Error("a single sign-on failed", "err", err)
			status, err = http.StatusBadGateway, denied()
		}
		http.Error(w, fault.Text(err), status)
	}
	mux.HandleFunc("GET /sign-in/organisation", func(w http.ResponseWriter, r *http.Request) {
		to, secret, err := s.BeginSSO(r.Context(), s.Visit(r))
		if err != nil {
			refuse(w, err)
			return
		}
		s.SetState(w, secret)
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("GET /sign-in/back", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		st, err := s.FinishSSO(r.Context(), s.Visit(r), State(r), q.Get("state"), q.Get("code"))
		s.SetState(w, "")
		if err != nil {
			refuse(w, err)
			return
		}
		s.SetCookie(w, st)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return mux
}
