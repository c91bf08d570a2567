package api

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
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
	access.CodeDenied:  http.StatusForbidden,
	"body-large":       http.StatusRequestEntityTooLarge,
	"not-offered":      http.StatusNotImplemented,
	"store-write":      http.StatusServiceUnavailable,
	"store-closed":     http.StatusServiceUnavailable,
	"store-readonly":   http.StatusServiceUnavailable,
	"store-damaged":    http.StatusServiceUnavailable,
	"blob-damaged":     http.StatusServiceUnavailable,
}

// conflicts are refusals by the state of the trial, not by what was sent.
var conflicts = map[fault.Code]bool{
	"key-reused": true, "trial-open": true, "trial-not-open": true, "not-locked": true, "openings-published": true, "not-opened": true,
	"no-dry-run": true, "no-consent": true, "consented-already": true, "enrolled-already": true, "not-enrolled": true, "not-eligible": true,
	"randomised-already": true, "not-randomised": true, "stratum-exhausted": true, "kits-exhausted": true, "answered-already": true,
	"dose-already": true, "kit-returned": true, "withdrew": true, "withdrew-already": true, "completed": true, "visits-ahead": true,
	"stopped-treatment": true, "clock-backwards": true, "consent-version": true, "erased": true, "approved-already": true, "same-person": true,
}

// problem tells an error as a refusal. What is not a fault is a failure of ours:
// its text stays in the log.
func problem(err error) *Problem {
	var list fault.List
	var one *fault.Problem
	if errors.As(err, &list) && len(list) > 0 {
		one = list[0]
	} else if !errors.As(err, &one) {
		return &Problem{
			Type: "urn:dvala:problem:internal", Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
			Code: "internal", Detail: "something failed here; nothing was recorded", Hint: "give the command again with the same key",
		}
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
	if status == http.StatusServiceUnavailable {
		p.Detail, p.Place = "the trial's store does not answer as it should", "" // paths and addresses are not for a client
	}
	if len(list) > 1 {
		for _, q := range list {
			p.Problems = append(p.Problems, Detail{string(q.Code), q.Message, q.Place, q.Hint})
		}
	}
	return p
}

// asProblem gives what the framework refuses by itself the same shape.
func asProblem(_ huma.Context, _ string, v any) (any, error) {
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
