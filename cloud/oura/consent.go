package oura

import (
	"context"
	"io"
	"net/url"
)

// Asked is a consent that somebody was sent to Oura's page for. Who asks keeps
// it with whoever was sent, and takes no answer but hers with its state.
type Asked struct {
	Page     string `json:"-"` // Oura's, to be opened
	State    string `json:"state"`
	Verifier string `json:"verifier"` // of RFC 7636; secret
	Redirect string `json:"redirect"` // where the answer comes; registered with Oura
}

// Ask makes the page on which a person lets the application in, for a server
// that is answered at an address of its own. The source must be secret.
func (a App) Ask(random io.Reader, redirect string) (Asked, error) {
	p, err := newProof(random)
	if err != nil {
		return Asked{}, err
	}
	return Asked{Page: a.address(p, redirect), State: p.state, Verifier: p.verifier, Redirect: redirect}, nil
}

// Redeem exchanges the code of an answer for tokens.
func (c *Client) Redeem(ctx context.Context, app App, asked Asked, code string) (Token, error) {
	return c.exchange(ctx, app, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {asked.Redirect}, "code_verifier": {asked.Verifier},
	})
}
