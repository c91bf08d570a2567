package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/fault"
)

// Problem is what a refusal looks like (RFC 9457). Its type is a name and no
// address: nothing has to be fetched to understand it.
type Problem struct {
	Type     string   `json:"type" example:"urn:dvala:problem:stratum-exhausted" doc:"the code as a URN; it never changes its meaning"`
	Title    string   `json:"title" doc:"what the HTTP status says"`
	Status   int      `json:"status" example:"409"`
	Code     string   `json:"code" example:"stratum-exhausted" doc:"the code of the first problem"`
	Detail   string   `json:"detail" doc:"what is wrong, in a sentence"`
	Place    string   `json:"place,omitempty" doc:"where, in the words of the request"`
	Hint     string   `json:"hint,omitempty" doc:"what to try"`
	Problems []Detail `json:"problems,omitempty" doc:"all that is wrong, when it is more than one thing"`

	cause error // of what failed here, for the log
	after int   // seconds after which to ask again; 0: not said
}

// Detail is one of several problems.
type Detail struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Place  string `json:"place,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// Error gives the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders says after how many seconds to ask again, where that is known.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.after > 0 {
		h.Set("Retry-After", strconv.Itoa(p.after))
	}
	return h
}

// ContentType names the form of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses are the HTTP statuses of codes that are not about the request's form.
var statuses = map[fault.Code]int{
	desk.CodeSignIn:    http.StatusUnauthorized,
	desk.CodeStrong:    http.StatusUnauthorized,
	desk.CodeForbidden: http.StatusForbidden,
	"subject-unknown":  http.StatusForbidden, // the same as of one who is not hers to see
	"page-unknown":     http.StatusNotFound,
	"version-unknown":  http.StatusNotFound,
	"entry-unknown":    http.StatusNotFound,
	"locked":           http.StatusLocked,
	access.CodeWait:    http.StatusTooManyRequests,
	desk.CodeQuota:     http.StatusTooManyRequests,
	access.CodeDenied:  http.StatusForbidden,
	"body-large":       http.StatusRequestEntityTooLarge,
	"not-offered":      http.StatusNotImplemented,
	"blob-missing":     http.StatusNotFound,

	access.CodeKeyRunning: http.StatusConflict,
	access.CodeKeyTold:    http.StatusConflict,

	contact.CodeChanged: http.StatusPreconditionFailed,
	"version-wanted":    http.StatusPreconditionRequired,
}

// conflicts are refusals by the state of the trial, not by what was sent.
var conflicts = codes(
	"key-reused", "trial-open", "trial-not-open", "not-locked", "openings-published", "not-opened", "no-dry-run",
	"no-consent", "consented-already", "consent-version", "enrolled-already", "not-enrolled", "not-eligible", "screening-closed",
	"randomised-already", "not-randomised", "stratum-exhausted", "kits-exhausted", "visits-ahead", "answered-already", "diary-closed", "task-done",
	"dose-already", "kit-given", "kit-received", "kit-replaced", "kit-noted", "kit-not-here", "kits-not-here", "kit-elsewhere", "kit-expired",
	"withdrew", "withdrew-already", "completed", "stopped-treatment", "stopped-device", "clock-backwards", "clock-ahead", "erased", "person-erased",
	"second-person", "proposed-already", "proposal-settled", "proposals-open", "amendment-in-force", "correction-old",
	"query-open", "query-closed", "query-unanswered", "queries-open", "people-unlocked",
	"allocation-waits", "allocation-order", "allocation-unasked",
	"unblinding-requested", "unblinding-granted", "unblinding-confirmed", "held-settled",
)

func codes(list ...fault.Code) map[fault.Code]bool {
	out := map[fault.Code]bool{}
	for _, c := range list {
		out[c] = true
	}
	return out
}

// When a client asks again whom the store could not answer, in seconds.
const askAgain = 5

// problem tells an error as a refusal. What is not a fault, and what is of a
// store that failed, is a failure of ours: its text stays in the log.
func problem(err error) *Problem {
	var list fault.List
	var one *fault.Problem
	if errors.As(err, &list) && len(list) > 0 {
		one = list[0]
	} else if !errors.As(err, &one) {
		return &Problem{
			Type: "urn:dvala:problem:internal", Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
			Code: "internal", Detail: "something failed here; nothing was recorded", Hint: "give the command again with the same key", cause: err,
		}
	}
	if desk.StoreFailed(err) {
		return failing(err, one.Code)
	}
	status, ok := statuses[one.Code]
	switch {
	case ok:
	case conflicts[one.Code]:
		status = http.StatusConflict
	default:
		status = http.StatusUnprocessableEntity
	}
	p := &Problem{
		Type: "urn:dvala:problem:" + string(one.Code), Title: http.StatusText(status), Status: status,
		Code: string(one.Code), Detail: one.Message, Place: one.Place, Hint: one.Hint,
	}
	if one.Code == "blob-missing" { // the store would say where it looked
		p.Detail = "the file that is named is not here"
	}
	if wait := desk.Wait(0); errors.As(err, &wait) {
		p.after = wait.Seconds()
	}
	if len(list) > 1 {
		for _, q := range list {
			p.Problems = append(p.Problems, Detail{string(q.Code), q.Message, q.Place, q.Hint})
		}
	}
	return p
}

// failing is the refusal of a store that failed: the code and no more, for its
// words hold hosts, users, names of databases and paths.
func failing(err error, code fault.Code) *Problem {
	if !desk.StoreFailed(fault.New(code, "", "")) {
		code = "store" // it was not the first of several
	}
	return &Problem{
		Type: "urn:dvala:problem:" + string(code), Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable,
		Code: string(code), Detail: "the trial's store does not answer as it should", Hint: "ask again in a while; a command with the same key",
		cause: err, after: askAgain,
	}
}

// asProblem gives what the framework refuses by itself the same shape.
func (s *server) asProblem(ctx huma.Context, _ string, v any) (any, error) {
	if p, is := v.(*Problem); is {
		s.logged(ctx.Context(), p)
	}
	e, is := v.(*huma.ErrorModel)
	if !is {
		return v, nil
	}
	code := "request-form"
	switch e.Status {
	case http.StatusNotFound:
		code = "page-unknown"
	case http.StatusRequestEntityTooLarge:
		code = "body-large"
	}
	p := &Problem{
		Type: "urn:dvala:problem:" + code, Title: e.Title, Status: e.Status, Code: code, Detail: e.Detail,
	}
	for _, d := range e.Errors {
		p.Problems = append(p.Problems, Detail{Code: code, Detail: d.Message, Place: d.Location})
	}
	// The framework walks maps: the same request is to have the same answer.
	slices.SortFunc(p.Problems, func(a, b Detail) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Detail, b.Detail))
	})
	return p, nil
}

// logged writes down what failed here, for the operator: who asked is told no
// more than that.
func (s *server) logged(ctx context.Context, p *Problem) {
	if p.cause == nil || access.Failed(ctx, p.cause) {
		return // the line of the request says it
	}
	if s.opts.Log != nil {
		s.opts.Log.Error("a request could not be answered", "code", p.Code, "err", p.cause)
	}
}
