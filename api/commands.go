package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// maxCommand is the longest body of a command in bytes: an entry of the ledger
// holds as much.
const maxCommand = 1 << 20

// actionMark names, in the description, the desk's action that an operation takes.
const actionMark = "x-action"

// told is the body of a command.
type told struct {
	Data   json.RawMessage `json:"data,omitempty"`
	Zone   string          `json:"zone,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Made   time.Time       `json:"made,omitzero"`
	// Signature is of what is signed; its name is the caller's own.
	Signature *signing `json:"signature,omitempty"`
}

type signing struct {
	Meaning string `json:"meaning"`
	// Account is typed by who signs: the first signature of a session takes two
	// components (21 CFR 11.200).
	Account string `json:"account"`
}

// Command is a command about no person who has a code.
type Command struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"the same key is never done twice"`
	Body json.RawMessage
}

// aboutPerson is a command about a person.
type aboutPerson struct {
	Subject string `path:"subject" doc:"the participant's code" example:"P0001"`
	Command
}

// Receipt says what became of a command.
type Receipt struct {
	First    uint64 `json:"first" doc:"the first entry on the ledger that it led to"`
	Entries  uint64 `json:"entries" doc:"how many entries; 0 if nothing had to change"`
	Subject  string `json:"subject,omitempty" doc:"whom it is about; the new code after a screening"`
	At       string `json:"at,omitempty" doc:"when it was written down, UTC"`
	Repeated bool   `json:"repeated,omitempty" doc:"its key was on the ledger already; this is what happened then"`
}

type receiptOut struct{ Body Receipt }

// commands gives every command that can be written down a path of its own.
func (s *server) commands(api huma.API) {
	for _, name := range study.CommandNames() {
		cmd, ok := study.Blank(name)
		if !ok {
			continue
		}
		op := huma.Operation{
			OperationID: name, Method: http.MethodPost, Tags: []string{"commands"},
			Summary: strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", " "), SkipValidateBody: true, MaxBodyBytes: maxCommand,
			RequestBody: body(cmd), Errors: []int{401, 403, 409, 422, 423, 429, 503}, Extensions: map[string]any{actionMark: name},
		}
		if study.AboutPerson(cmd) {
			op := op
			op.Path = base + "/participants/{subject}/" + name
			huma.Register(api, op, func(ctx context.Context, in *aboutPerson) (*receiptOut, error) {
				return s.tell(ctx, name, study.Subject(in.Subject), in.Command)
			})
		}
		if !study.AboutTrial(cmd) {
			continue
		}
		if study.AboutPerson(cmd) {
			op.OperationID += "-in-trial"
			op.RequestBody = body(cmd)
		}
		op.Path = base + "/trial/" + name
		huma.Register(api, op, func(ctx context.Context, in *Command) (*receiptOut, error) {
			return s.tell(ctx, name, "", *in)
		})
	}
}

// body describes what a command is told with.
func body(cmd study.Command) *huma.RequestBody {
	data := schemaOf(reflect.TypeOf(cmd))
	whole := schemaOf(reflect.TypeFor[told]())
	whole.Properties["data"] = data
	if len(data.Required) > 0 {
		whole.Required = []string{"data"}
	}
	whole.Properties["zone"].Description = "where the person was, IANA; left out: her own, or the site's"
	whole.Properties["reason"].Description = "why, where a reason is asked for"
	whole.Properties["made"].Description = "when it was done by the person's own device, if it waited there; taken from a participant alone, and of what her device keeps for later"
	whole.Properties["signature"].Description = "of what is signed: review, approval, responsibility, authorship or consent; the name is that of who is signed in"
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: whole}}}
}

func (s *server) tell(ctx context.Context, name string, who study.Subject, in Command) (*receiptOut, error) {
	caller, err := signedIn(ctx)
	if err != nil {
		return nil, problem(err)
	}
	var t told
	if err := strict(in.Body, &t); err != nil {
		return nil, problem(err)
	}
	cmd, err := study.ReadCommand(name, t.Data)
	if err != nil {
		return nil, problem(err)
	}
	asks := desk.Request{Cmd: cmd, Subject: who, Zone: t.Zone, Reason: t.Reason, Key: in.Key, Made: t.Made}
	if t.Signature != nil {
		if asks.Signature, err = s.sign(*t.Signature); err != nil {
			return nil, problem(err)
		}
		asks.SignedID = t.Signature.Account
	}
	r, err := s.office.Do(ctx, caller, asks)
	if err != nil {
		return nil, problem(err)
	}
	return &receiptOut{receipt(r)}, nil
}

func receipt(r desk.Receipt) Receipt {
	out := Receipt{First: r.First, Entries: r.N, Subject: string(r.Subject), Repeated: r.Repeated}
	if !r.At.IsZero() {
		out.At = r.At.UTC().Format(time.RFC3339Nano)
	}
	return out
}

// signedIn gives who asks, or refuses nobody.
func signedIn(ctx context.Context) (desk.Caller, error) {
	c := desk.CallerOf(ctx)
	if c.Nobody() {
		return c, fault.New(desk.CodeSignIn, "", "nobody is signed in").WithHint("sign in, or send a token: Authorization: Bearer …")
	}
	return c, nil
}

// strict reads one JSON object and refuses members it has no place for.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.Wrap("request-form", "body", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New("request-form", "body", "more than one JSON value")
	}
	return nil
}
