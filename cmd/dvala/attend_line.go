package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dvala/api"
	"dvala/custody"
	"dvala/fault"
	"dvala/seal"
	"dvala/study"
)

// codeUnreached is of a server that does not answer, or not now.
const codeUnreached fault.Code = "server-unreached"

// trialLine is the way to a trial that is served somewhere.
type trialLine struct {
	base, token string
	client      *http.Client
}

// newTrialLine reads a token, and refuses to send it where others could read it.
func newTrialLine(server, tokenFile string) (*trialLine, error) {
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New("server-address", "server", "%q is not the address of a server", server).WithHint("as in https://trial.example")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fault.New("server-address", "server", "over http anybody on the way can read the token").WithHint("use https")
	}
	raw, err := readWhole(tokenFile, 1<<12)
	if err != nil {
		return nil, err
	}
	token := strings.TrimSpace(string(raw))
	if token == "" || strings.ContainsAny(token, " \n\r\t") {
		return nil, fault.New("token-form", "", "holds no token").In(tokenFile).
			WithHint("the custodian signs in, issues a token to herself under her sessions, and puts it into this file alone")
	}
	return &trialLine{u.String() + "/api/v1", token, &http.Client{Timeout: 30 * time.Second}}, nil
}

// maxAnswer is the longest answer that is read.
const maxAnswer = 8 << 20

// do makes one request, and gives the answer or what the trial said against it.
func (l *trialLine) do(ctx context.Context, method, path, key string, body, into any) error {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fault.Wrap("request-form", path, err)
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, l.base+path, in)
	if err != nil {
		return fault.Wrap("request-form", path, err)
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	got, err := l.client.Do(r)
	if err != nil {
		return fault.New(codeUnreached, l.base, "the server does not answer: %v", unaddressed(err))
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer))
	switch {
	case err != nil || got.StatusCode >= 500 || got.StatusCode == http.StatusTooManyRequests:
		return fault.New(codeUnreached, l.base, "the server does not answer now (%s)", got.Status)
	case got.StatusCode >= 400:
		return refusedBy(got.Status, raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fault.New("server-answer", l.base+path, "what answers there is no trial of this program")
	}
	return nil
}

// unaddressed leaves the address out of an error of the network, which may hold more than
// is to be told.
func unaddressed(err error) error {
	if u, is := err.(*url.Error); is {
		return u.Err
	}
	return err
}

// refusedBy gives the trial's own words.
func refusedBy(status string, raw []byte) error {
	var p api.Problem
	if json.Unmarshal(raw, &p) != nil || p.Code == "" {
		return fault.New("server-answer", "server", "the server refuses this (%s)", status)
	}
	out := fault.New(fault.Code(p.Code), "", "%s", p.Detail)
	if p.Code == "not-signed-in" || strings.HasPrefix(status, "401") {
		out.WithHint("issue a new token: the one given here is no longer good")
	}
	return out
}

// requests is what a trial shows its attendant.
type requests struct {
	lists []string
	asked []custody.Asked
	who   map[uint64]string
}

// allocations reads all requests for places.
func (l *trialLine) allocations(ctx context.Context) (requests, error) {
	out := requests{who: map[uint64]string{}}
	for after := ""; ; {
		var page api.Allocations
		if err := l.do(ctx, http.MethodGet, "/allocations?limit=1000&after="+url.QueryEscape(after), "", nil, &page); err != nil {
			return out, err
		}
		out.lists = strings.Fields(page.Lists)
		for _, a := range page.Allocations {
			signature, err := hex.DecodeString(a.Signature)
			if err != nil {
				return out, fault.New("server-answer", "allocations", "entry %d has no signature that can be read", a.Entry)
			}
			out.asked = append(out.asked, custody.Asked{
				Turn: seal.Turn{Entry: a.Entry, Cell: a.Cell, Levels: a.Levels, Slot: a.Slot, Void: a.Void}, Signature: signature,
			})
			out.who[a.Entry] = a.Subject
		}
		if after = page.Next; after == "" {
			return out, nil
		}
	}
}

// answer sends an answer. The same answer has the same key, so that it is written
// down once however often it is sent.
func (l *trialLine) answer(ctx context.Context, who string, cmd study.AnswerAllocation) error {
	var receipt api.Receipt
	body := struct {
		Data study.AnswerAllocation `json:"data"`
	}{cmd}
	return l.do(ctx, http.MethodPost, "/participants/"+url.PathEscape(who)+"/answer-allocation", fmt.Sprintf("attend-%d", cmd.Request), body, &receipt)
}
