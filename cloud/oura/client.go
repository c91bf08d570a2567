package oura

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// BaseURL is Oura's.
const BaseURL = "https://api.ouraring.com"

// Routes are the routes that are fetched, in that order.
var Routes = []string{"sleep", "daily_sleep", "daily_readiness", "daily_activity"}

// Client asks the API for one person. Its zero value with a Token is usable.
type Client struct {
	Base     string // default BaseURL
	TokenURL string
	Token    Token
	Renewed  func(Token) error // keeps a renewed token; called before it is used
	HTTP     *http.Client
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error

	once  sync.Once
	limit limiter
}

// Bounds of patience and of size.
const (
	maxTries  = 6
	maxPause  = 15 * time.Minute
	maxPages  = 2000
	maxAnswer = 64 << 20
	userAgent = "dvala (sleep trial software)"
	maxToken  = 4096
	timeout   = 60 * time.Second
	documents = "/v2/usercollection/"
	nextToken = "next_token"
)

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	return pause(ctx, d)
}

// http gives a client that follows no redirection: a token goes where it was
// meant to go.
func (c *Client) http() *http.Client {
	h := http.Client{Timeout: timeout}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

// safe refuses to send secrets in the clear, but to this machine itself.
func safe(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fault.New("oura-address", "", "%q is not an address", address)
	}
	host := u.Hostname()
	if u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || net.ParseIP(host).IsLoopback()) {
		return nil
	}
	return fault.New("oura-address", "", "%s would send the token in the clear", address).WithHint("an address begins with https")
}

// Fetch gives every document of a route whose day lies in the dates given, the
// last included.
func (c *Client) Fetch(ctx context.Context, route string, from, to civil.Date) ([]json.RawMessage, error) {
	q := url.Values{
		"start_date": {from.String()},
		"end_date":   {to.Add(1).String()}, // routes differ in whether the last day is included
	}
	var out []json.RawMessage
	seen := map[string]bool{}
	for range maxPages {
		b, err := c.get(ctx, documents+route, q)
		if err != nil {
			return nil, err
		}
		var page struct {
			Data []json.RawMessage `json:"data"`
			Next *string           `json:"next_token"`
		}
		if err := json.Unmarshal(b, &page); err != nil {
			return nil, fault.New("oura-answer", route, "the answer is no page of documents: %v", err)
		}
		out = append(out, page.Data...)
		if page.Next == nil || *page.Next == "" {
			return out, nil
		}
		if seen[*page.Next] || len(*page.Next) > maxToken {
			return nil, fault.New("oura-pages", route, "the pages go round in a circle")
		}
		seen[*page.Next] = true
		q.Set(nextToken, *page.Next)
	}
	return nil, fault.New("oura-pages", route, "more than %d pages", maxPages)
}

// get asks until there is an answer, patience ends, or asking is no use.
func (c *Client) get(ctx context.Context, path string, q url.Values) ([]byte, error) {
	base := strings.TrimSuffix(or(c.Base, BaseURL), "/")
	if err := safe(base); err != nil {
		return nil, err
	}
	c.once.Do(func() { c.limit = limiter{n: Limit, span: Window} })
	if c.Token.stale(c.now()) {
		if err := c.renew(ctx); err != nil {
			return nil, err
		}
	}
	renewed := false
	var last error
	for try := range maxTries {
		if err := c.limit.wait(ctx, c.now, c.sleep); err != nil {
			return nil, interrupted(err)
		}
		b, resp, err := c.ask(ctx, base+path+"?"+q.Encode())
		wait := time.Second << try
		switch {
		case ctx.Err() != nil:
			return nil, interrupted(ctx.Err())
		case err != nil:
			last = fault.New("oura-network", path, "%v", err)
		case resp.StatusCode == http.StatusOK:
			return b, nil
		case resp.StatusCode == http.StatusUnauthorized && !renewed && c.Token.Refresh != "":
			renewed = true
			if err := c.renew(ctx); err != nil {
				return nil, err
			}
			continue
		case resp.StatusCode == http.StatusTooManyRequests:
			wait = c.retryAfter(resp.Header, wait)
			last = fault.New("oura-limit", path, "too many requests (%s)", or(resp.Header.Get("X-RateLimit-Tier"), "of this application"))
		case resp.StatusCode >= 500:
			last = fault.New("oura-server", path, "Oura answered %s", resp.Status)
		default:
			return nil, refused(path, resp.StatusCode, resp.Status, b)
		}
		if wait > maxPause {
			return nil, fault.New("oura-limit", path, "Oura asks to wait for %v", wait.Round(time.Second)).WithHint("fetch again later: what was fetched is kept")
		}
		if try < maxTries-1 {
			if err := c.sleep(ctx, wait); err != nil {
				return nil, interrupted(err)
			}
		}
	}
	return nil, last
}

// ask sends one request and reads the answer.
func (c *Client) ask(ctx context.Context, address string) ([]byte, *http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token.Access)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := c.http().Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, err
	}
	if len(b) > maxAnswer {
		return nil, nil, fmt.Errorf("an answer of more than %d MB", maxAnswer>>20)
	}
	return b, resp, nil
}

// retryAfter reads how long an answer asks to wait: seconds or a date, else the
// moment at which the window begins anew.
func (c *Client) retryAfter(h http.Header, otherwise time.Duration) time.Duration {
	if v := h.Get("Retry-After"); v != "" {
		if s, err := strconv.ParseInt(v, 10, 32); err == nil && s >= 0 {
			return time.Duration(s) * time.Second
		}
		if t, err := http.ParseTime(v); err == nil {
			return max(0, t.Sub(c.now()))
		}
	}
	if s, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && s > 0 && s < 1<<35 {
		return max(0, time.Unix(s, 0).Sub(c.now()))
	}
	return otherwise
}

// renew gets a new token with the refresh token, and has it kept before it is
// used: the old one is worth nothing from then on.
func (c *Client) renew(ctx context.Context) error {
	if c.Token.Refresh == "" {
		return fault.New("oura-refused", "", "the token has expired and cannot be renewed").WithHint("dvala oura login asks for consent anew")
	}
	app := App{ID: c.Token.ClientID, Secret: c.Token.Secret, TokenURL: c.TokenURL}
	t, err := c.exchange(ctx, app, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {c.Token.Refresh}})
	if err != nil {
		return err
	}
	if t.Scope == "" {
		t.Scope = c.Token.Scope
	}
	if c.Renewed != nil {
		if err := c.Renewed(t); err != nil {
			return err
		}
	}
	c.Token = t
	return nil
}

// refused explains an answer that asking again does not change.
func refused(path string, code int, status string, body []byte) error {
	p := fault.New("oura-refused", path, "Oura answered %s", status)
	switch code {
	case http.StatusUnauthorized:
		return p.WithHint("the consent has ended: dvala oura login asks for it anew")
	case http.StatusForbidden:
		return p.WithHint("the consent does not cover this, or the person's membership has ended")
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return p.WithHint("the API says: %.300s", body)
	}
	return p.WithHint("look at the address: %s", path)
}

func interrupted(err error) error {
	return fault.Wrap("oura-interrupted", "", err).WithHint("fetch again: what was fetched is kept")
}
