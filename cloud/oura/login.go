package oura

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dvala/fault"
)

// App is the application that a person lets in, as registered with Oura.
type App struct {
	ID, Secret   string
	AuthorizeURL string // default AuthorizeURL
	TokenURL     string // default TokenURL
	Scopes       []string
}

// Oura's own addresses, and the scope of what is fetched.
const (
	AuthorizeURL = "https://cloud.ouraring.com/oauth/authorize"
	TokenURL     = "https://api.ouraring.com/oauth/token"
	Scope        = "daily"
)

// proof is a verifier of RFC 7636 and its challenge.
type proof struct{ verifier, challenge, state string }

// newProof draws a verifier and a state. The source must be secret.
func newProof(random io.Reader) (proof, error) {
	b := make([]byte, 64)
	if _, err := io.ReadFull(random, b); err != nil {
		return proof{}, fault.Wrap("oura-random", "", err)
	}
	p := proof{verifier: base64.RawURLEncoding.EncodeToString(b[:32]), state: base64.RawURLEncoding.EncodeToString(b[32:])}
	sum := sha256.Sum256([]byte(p.verifier))
	p.challenge = base64.RawURLEncoding.EncodeToString(sum[:])
	return p, nil
}

// address gives the page on which the person consents.
func (a App) address(p proof, redirect string) string {
	scopes := a.Scopes
	if len(scopes) == 0 {
		scopes = []string{Scope}
	}
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ID}, "redirect_uri": {redirect}, "scope": {strings.Join(scopes, " ")},
		"state": {p.state}, "code_challenge": {p.challenge}, "code_challenge_method": {"S256"},
	}
	return or(a.AuthorizeURL, AuthorizeURL) + "?" + q.Encode()
}

// Login waits for one person's consent and gives the tokens. The listener must
// be on the loopback, and its address with the path /callback registered with
// Oura; show is called once with the page to open.
func (c *Client) Login(ctx context.Context, app App, on net.Listener, random io.Reader, show func(page string)) (Token, error) {
	if host, _, err := net.SplitHostPort(on.Addr().String()); err != nil || !net.ParseIP(host).IsLoopback() {
		return Token{}, fault.New("oura-loopback", "", "%s is not this machine alone", on.Addr())
	}
	p, err := newProof(random)
	if err != nil {
		return Token{}, err
	}
	redirect := "http://" + on.Addr().String() + "/callback"
	codes, refusals := make(chan string, 1), make(chan string, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: callback(p.state, codes, refusals)}
	go server.Serve(on)
	defer server.Close()
	show(app.address(p, redirect))
	select {
	case <-ctx.Done():
		return Token{}, fault.New("oura-consent", "", "nobody consented in time").WithHint("dvala oura login again, and open the page it prints")
	case why := <-refusals:
		return Token{}, fault.New("oura-consent", "", "Oura answered: %s", why)
	case code := <-codes:
		return c.exchange(ctx, app, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {p.verifier}})
	}
}

// callback takes the first answer that carries the state. Any other is turned
// away and waited on: somebody else's page may have made the browser send it.
func callback(state string, codes, refusals chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintln(w, "This answer is to a question that was not asked here.")
			return
		}
		to, what := codes, q.Get("code")
		if what == "" {
			to, what = refusals, or(strings.TrimSpace(q.Get("error")+" "+q.Get("error_description")), "nothing")
		}
		select {
		case to <- what:
		default: // an answer was taken already
		}
		fmt.Fprintln(w, "Thank you. You can close this page.")
	})
	return mux
}

// exchange asks the token endpoint.
func (c *Client) exchange(ctx context.Context, app App, form url.Values) (Token, error) {
	form.Set("client_id", app.ID)
	if app.Secret != "" {
		form.Set("client_secret", app.Secret)
	}
	address := or(app.TokenURL, TokenURL)
	if err := safe(address); err != nil {
		return Token{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return Token{}, fault.Wrap("oura-address", "", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := c.http().Do(req)
	if err != nil {
		return Token{}, fault.New("oura-network", "", "%v", err)
	}
	defer resp.Body.Close()
	var answer struct {
		Access      string `json:"access_token"`
		Refresh     string `json:"refresh_token"`
		Seconds     int64  `json:"expires_in"`
		Scope       string `json:"scope"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer)
	if resp.StatusCode != http.StatusOK || err != nil || answer.Access == "" {
		return Token{}, fault.New("oura-refused", "", "the token was refused (%s) %s %s", resp.Status, answer.Error, answer.Description).
			WithHint("dvala oura login asks for consent anew")
	}
	t := Token{Access: answer.Access, Refresh: or(answer.Refresh, form.Get("refresh_token")), Scope: answer.Scope, ClientID: app.ID, Secret: app.Secret}
	if answer.Seconds > 0 && answer.Seconds < 10*365*86400 {
		t.Expires = c.now().Add(time.Duration(answer.Seconds) * time.Second).UTC()
	}
	return t, nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
