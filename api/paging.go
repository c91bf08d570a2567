package api

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Page asks for a part of a list.
type Page struct {
	After string `query:"after" doc:"the next of the page before; left out: from the beginning"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Further leads to the next page of a list.
type Further struct {
	Next string `json:"next,omitempty" doc:"ask for the next page after this one; absent of the last"`
}

// listOut is a page of a list.
type listOut[T any] struct {
	Link string `header:"Link" doc:"the next page, if there is one (RFC 8288)"`
	Body T
}

// listed gives a page with the way to the next.
func listed[T any](ctx context.Context, next string, body T) *listOut[T] {
	return &listOut[T]{Link: linkTo(ctx, "after", next), Body: body}
}

// linkTo is this same question about what comes after something.
func linkTo(ctx context.Context, name, next string) string {
	r := requestOf(ctx)
	if next == "" || r == nil {
		return ""
	}
	q := r.URL.Query()
	q.Set(name, next)
	u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	return "<" + u.String() + `>; rel="next"`
}

// numberOf writes where the next page begins; nothing of none.
func numberOf(next *uint64) string {
	if next == nil {
		return ""
	}
	return strconv.FormatUint(*next, 10)
}

// paged cuts a page out of a list whose rows are told apart by a word. A row that
// is no more there leads nowhere: what stood after it cannot be known.
func paged[T any](all []T, p Page, key func(T) string) (part []T, next string, err error) {
	first := 0
	if p.After != "" {
		i := slices.IndexFunc(all, func(x T) bool { return key(x) == p.After })
		if i < 0 {
			return nil, "", fault.New("cursor-unknown", "after", "the list has no such row any more").WithHint("ask for it from the beginning, without after")
		}
		first = i + 1
	}
	last := min(first+p.Limit, len(all))
	if last < len(all) {
		next = key(all[last-1])
	}
	return all[first:last], next, nil
}

// entriesOf collects a page of what has its places on the ledger, in their order.
// What is asked of is what comes at and after a place.
func entriesOf[T any](p Page, from func(place uint64) func(yield func(T) bool), place func(T) uint64) (part []T, next string, err error) {
	first := uint64(0)
	if p.After != "" {
		n, err := strconv.ParseUint(p.After, 10, 62)
		if err != nil {
			return nil, "", fault.New("cursor-unknown", "after", "%.60q is no entry's number", p.After)
		}
		first = n + 1
	}
	for x := range from(first) {
		if len(part) == p.Limit {
			return part, strconv.FormatUint(place(part[p.Limit-1]), 10), nil
		}
		part = append(part, x)
	}
	return part, "", nil
}

// seesAt says at which sites a caller may take an action. It is asked once a site.
func (s *server) seesAt(c desk.Caller, a desk.Action) func(site string) bool {
	known := map[string]bool{}
	return func(site string) bool {
		sees, asked := known[site]
		if !asked {
			_, err := desk.As(c, a, "", site, s.office.Now())
			sees = err == nil || fault.CodeOf(err) == desk.CodeStrong
			known[site] = sees
		}
		return sees
	}
}

// onlyAt narrows sites down to one, if one is named.
func onlyAt(sees func(site string) bool, site string) func(site string) bool {
	if site == "" {
		return sees
	}
	return func(of string) bool { return of == site && sees(of) }
}

// named is one question under an action that others ask, too.
func named(id string, action desk.Action, path, summary string) huma.Operation {
	op := asked(action, path, summary)
	op.OperationID = id
	return op
}

// revealed opens people's own words in rows about them, as far as the caller may
// read them.
func revealed[T any](ctx context.Context, s *server, rows []T, who func(T) string) ([]T, error) {
	out := make([]T, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = desk.Reveal(ctx, s.office, desk.CallerOf(ctx), study.Subject(who(row)), row); err != nil {
			return nil, problem(err)
		}
	}
	return out, nil
}
