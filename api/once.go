package api

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
)

// repeatMark says, in the description, what comes of making the same request
// again.
const repeatMark = "x-repeat"

// keyed are the operations beside the commands that would do harm a second time,
// by their names: they take an Idempotency-Key. Of those that are true the answer
// holds a secret, and is told again to the session that asked alone.
var keyed = map[string]bool{
	"add-account": false, "give-role": false, "revoke-role": false, "close-account": false, "end-sessions": false,
	"make-link": true, "invite": true, "mail-invitation": false, "invite-to-screen": true, "revoke-invitation": false,
	"issue-token": true, "file-held": false, "discard-held": false,
}

// byNature are those that take none, and why none is wanted.
var byNature = map[string]string{
	"submit":           "each entry has a key of its own",
	"put-file":         "the same content is the same file",
	"set-identity":     "If-Match names what is changed: once it is, the same request is refused",
	"erase-identity":   "what is erased stays so, and it is told once",
	"subscribe":        "the same browser is kept once",
	"unsubscribe":      "what is forgotten cannot be forgotten again",
	"send-device-file": "the same file is stored once, and records no night twice",
	"connect-ring":     "a connection that is not finished runs out",
	"finish-ring":      "the vendor's answer serves once",
	"fetch-ring":       "a night that is there as it is now is not recorded again",
	"disconnect-ring":  "what is forgotten cannot be forgotten again",
	"screen-oneself":   "a session screens one person, once",
	"request-link":     "a link that is sent makes the one before worthless, and nobody learns of either",
	"redeem":           "a link or code serves once",
	"begin-sign-in":    "a ceremony that is not finished runs out in five minutes",
	"finish-sign-in":   "a ceremony serves once",
	"begin-passkey":    "a ceremony that is not finished runs out in five minutes",
	"finish-passkey":   "a ceremony serves once",
	"drop-passkey":     "what is gone cannot be dropped again",
	"begin-proof":      "a ceremony that is not finished runs out in five minutes",
	"finish-proof":     "a ceremony serves once",
	"end-session":      "what has ended cannot be ended again",
	"attach-*":         "the same content is the same file",

	"draw-order":         "what is drawn is not drawn again",
	"open-box":           "each box is opened once",
	"count-box":          "each box is counted once",
	"close-own-trial":    "what is locked is not locked again",
	"bring-openings":     "the openings are published once",
	"conclude-own-trial": "it makes the same report once more",
}

// repeats writes down of every operation that can change something what comes of
// asking twice, and puts the keeper of keys before those that take one.
func (s *server) repeats(api huma.API) {
	for _, item := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if _, is := keyed[op.OperationID]; is {
				op.Extensions[repeatMark] = "the same key is never done twice, for a day at least, and is answered as the first time"
				op.Parameters = append(op.Parameters, &huma.Param{
					Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MinLength: new(shortestKey), MaxLength: new(longestKey)},
					Description: "the same key is never done twice; without one, the request is made as often as it comes",
				})
			} else if why, is := natural(op.OperationID); is {
				op.Extensions[repeatMark] = why
			}
		}
	}
}

func natural(id string) (string, bool) {
	if strings.HasPrefix(id, "attach-") {
		id = "attach-*"
	}
	why, is := byNature[id]
	return why, is
}

const (
	shortestKey = 8
	longestKey  = 200
)

// once answers a request that was made before as it was answered then. It stands
// behind the guard: who may not do it now is refused as ever.
func (s *server) once(ctx huma.Context, next func(huma.Context)) {
	secret, is := keyed[ctx.Operation().OperationID]
	key := ctx.Header("Idempotency-Key")
	if !is || key == "" || s.opts.Access == nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	body, err := io.ReadAll(io.LimitReader(r.Body, ctx.Operation().MaxBodyBytes+1))
	if err == nil && (len(key) < shortestKey || len(key) > longestKey) {
		err = fault.New("command-key", "Idempotency-Key", "is of %d to %d characters", shortestKey, longestKey)
	} else if err != nil {
		err = fault.Wrap("request-form", "body", err)
	}
	var o access.Once
	begun := false
	if err == nil {
		o, begun, err = s.opts.Access.Begin(r.Context(), desk.CallerOf(r.Context()), access.Token(r), key, ctx.Operation().OperationID,
			append([]byte(r.Method+" "+r.URL.RequestURI()+"\n"), body...))
	}
	if err != nil {
		s.write(w, r, problem(err))
		return
	}
	if !begun {
		w.Header().Set("Idempotency-Replayed", "true")
		answer(w, o.Status, []byte(o.Answer))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	b := &buffered{header: http.Header{}, status: http.StatusOK}
	next(humago.NewContext(ctx.Operation(), r, b))
	if b.status < 300 {
		o.Status, o.Answer = b.status, b.body.String()
	} // what was refused was not done, and may be asked again
	// It is done: that is kept, and told, also of one who went away meanwhile.
	if err := s.opts.Access.Finish(context.WithoutCancel(r.Context()), o, access.Token(r), secret); err != nil && s.opts.Log != nil {
		s.opts.Log.Error("an answer was not kept under its key", "operation", o.Operation, "err", err)
	}
	maps.Copy(w.Header(), b.header)
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes()) // a reader that went away asks again
}

func answer(w http.ResponseWriter, status int, body []byte) {
	if len(body) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
