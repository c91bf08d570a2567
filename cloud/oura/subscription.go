package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dvala/fault"
)

// Subscription is Oura's promise to tell of one kind of event, until it expires.
type Subscription struct {
	ID       string    `json:"id"`
	Callback string    `json:"callback_url"`
	Event    string    `json:"event_type"`
	Type     string    `json:"data_type"`
	Expires  time.Time `json:"expiration_time"`
}

// subscriptions is the route of all.
const subscriptions = "/v2/webhook/subscription"

// Subscriptions lists what the application has.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	var out []Subscription
	err := c.manage(ctx, http.MethodGet, subscriptions, nil, &out)
	return out, err
}

// Subscribe asks to be told. Oura verifies the callback before it answers, so
// the Hook must be listening.
func (c *Client) Subscribe(ctx context.Context, s Subscription, verification string) (Subscription, error) {
	var out Subscription
	err := c.manage(ctx, http.MethodPost, subscriptions, map[string]string{
		"callback_url": s.Callback, "verification_token": verification, "event_type": s.Event, "data_type": s.Type,
	}, &out)
	return out, err
}

// Renew renews those that expire before then, and gives them with their new
// end. One that cannot be renewed does not keep the others from it.
func (c *Client) Renew(ctx context.Context, then time.Time) ([]Subscription, error) {
	all, err := c.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	var out []Subscription
	var problems fault.List
	for _, s := range all {
		if s.Expires.After(then) {
			continue
		}
		var renewed Subscription
		if err := c.manage(ctx, http.MethodPut, subscriptions+"/renew/"+url.PathEscape(s.ID), nil, &renewed); err != nil {
			problems.Merge("oura-subscription", s.Type+" "+s.Event, err)
			continue
		}
		out = append(out, renewed)
	}
	return out, problems.Err()
}

// Unsubscribe ends one.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	return c.manage(ctx, http.MethodDelete, subscriptions+"/"+url.PathEscape(id), nil, nil)
}

// manage asks the routes of subscriptions, which know the application and not a
// person.
func (c *Client) manage(ctx context.Context, method, path string, body, out any) error {
	base := strings.TrimSuffix(or(c.Base, BaseURL), "/")
	if err := safe(base); err != nil {
		return err
	}
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap("oura-subscription", "", err)
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, content)
	if err != nil {
		return fault.Wrap("oura-address", path, err)
	}
	req.Header.Set("x-client-id", c.Token.ClientID)
	req.Header.Set("x-client-secret", c.Token.Secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := c.http().Do(req)
	if err != nil {
		return fault.New("oura-network", path, "%v", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fault.New("oura-network", path, "%v", err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refused(path, resp.StatusCode, resp.Status, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fault.New("oura-answer", path, "%v", err)
	}
	return nil
}
