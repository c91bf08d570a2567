package access_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// provider is an identity provider on loopback, after OpenID Connect Core 1.0
// and RFC 7636.
type provider struct {
	*httptest.Server
	key   *rsa.PrivateKey
	at    func() time.Time
	who   map[string]any // claims of whoever is at the browser
	codes map[string]url.Values
	lie   string // about what it lies: nonce, audience, issuer, key
}

func newProvider(t *testing.T, now func() time.Time) *provider {
	p := &provider{key: must(rsa.GenerateKey(rand.Reader, 2048)), at: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		n, e := p.key.N.Bytes(), big.NewInt(int64(p.key.E)).Bytes()
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": b64(n), "e": b64(e)}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// visit is what happens in the browser at the provider: it gives a code.
func (p *provider) visit(to string) (state, code string) {
	q := must(url.Parse(to)).Query()
	code = fmt.Sprintf("code-%d", len(p.codes))
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") != b64(sum[:]) || asked.Get("redirect_uri") != r.FormValue("redirect_uri") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": "dvala", "nonce": asked.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	for k, v := range p.who {
		claims[k] = v
	}
	key := p.key
	switch p.lie {
	case "nonce":
		claims["nonce"] = "another"
	case "audience":
		claims["aud"] = "somebody-else"
	case "issuer":
		claims["iss"] = "https://evil.example"
	case "expiry":
		claims["exp"] = time.Now().Add(-time.Hour).Unix()
	case "key":
		key = must(rsa.GenerateKey(rand.Reader, 2048))
	}
	head := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(must(json.Marshal(claims)))
	digest := sha256.Sum256([]byte(head))
	sig := must(rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": head + "." + base64.RawURLEncoding.EncodeToString(sig)})
}

func TestSingleSignOn(t *testing.T) {
	p := newProvider(t, time.Now)
	o := newOffice(t, func(c *access.Config) {
		c.SingleSignOn = must(access.NewProvider(t.Context(), nil, p.URL, "dvala", "secret", c.Origin+"/sign-in/back"))
	})
	o.staff(t, "ingrid", study.RoleInvestigator, "lund")
	p.who = map[string]any{"sub": "u-17", "email": "ingrid@clinic.example", "email_verified": true}
	n := 0
	try := func(change func(browser, state, code *string)) (access.Started, error) {
		n++
		v := access.Visit{Addr: fmt.Sprint(n)}
		to, browser, err := o.BeginSSO(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		state, code := p.visit(to)
		if change != nil {
			change(&browser, &state, &code)
		}
		return o.FinishSSO(t.Context(), v, browser, state, code)
	}
	st := must(try(nil))
	if c := o.caller(t, st); c.Account != "ingrid" || c.Strong.IsZero() || c.Method != access.MethodSSO {
		t.Errorf("signed in as %+v", c)
	}
	p.who["email"] = "moved@elsewhere.example"
	if c := o.caller(t, must(try(nil))); c.Account != "ingrid" {
		t.Errorf("known by the provider's own name for her: %+v", c)
	}
	refused := func(what string, change func(browser, state, code *string)) {
		t.Helper()
		if _, err := try(change); fault.CodeOf(err) != access.CodeDenied {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("begun in another browser", func(b, _, _ *string) { *b = "another" })
	refused("without the browser's secret", func(b, _, _ *string) { *b = "" })
	refused("a state that was never given", func(_, s, _ *string) { *s = "made up" })
	refused("a code of somebody else's", func(_, _, c *string) { *c = "made up" })
	for _, lie := range []string{"nonce", "audience", "issuer", "expiry", "key"} {
		p.lie = lie
		refused("a token with another "+lie, nil)
	}
	p.lie = ""
	p.who = map[string]any{"sub": "u-18", "email": "ingrid@clinic.example", "email_verified": true}
	refused("a second person with the same address", nil)
	p.who = map[string]any{"sub": "u-19", "email": "bo@clinic.example", "email_verified": false}
	o.staff(t, "bo", study.RoleMonitor, "")
	refused("an address that is not verified", nil)
	p.who = map[string]any{"sub": "u-20", "email": "nobody@clinic.example", "email_verified": true}
	refused("somebody without an account", nil)
}
