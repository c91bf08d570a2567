package ui

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"dvala/desk"
	"dvala/fault"
)

// typed is what was typed into a form that was refused, and what is the matter
// with each field; its zero value is an empty form.
type typed struct {
	values   url.Values
	wrong    map[string]string // by field
	Problems []problem         // of no field
}

// Value gives what was typed, or what stands there at first.
func (t typed) Value(name, first string) string {
	if t.values == nil {
		return first
	}
	return t.values.Get(name)
}

// Is says whether an option was chosen.
func (t typed) Is(name, value string) bool { return t.values.Get(name) == value }

// Wrong says what is the matter with a field.
func (t typed) Wrong(name string) string { return t.wrong[name] }

// again keeps a refused form with its problems, each at its field if it is about
// one of those named; false where the refusal is not about what was typed.
func (a *ask) again(err error, of map[string]string) (typed, bool) {
	code := fault.CodeOf(err)
	if err == nil || code == "" || slices.Contains([]fault.Code{desk.CodeForbidden, desk.CodeStrong, desk.CodeSignIn, "page-unknown"}, code) {
		return typed{}, false
	}
	t := typed{values: a.form, wrong: map[string]string{}}
	var l fault.List
	l.Merge("error", "", err)
	for _, x := range l {
		field, known := of[x.Place]
		if !known {
			t.Problems = append(t.Problems, a.refusal(x))
			continue
		}
		t.wrong[field] = cmp.Or(t.wrong[field], a.said(x))
	}
	return t, true
}

// granting is the part of a form that gives a role.
type granting struct {
	Page  accountsPage
	Typed typed
}

// asked is the view of a form that is asked again.
func asked(v view, err error) (view, error) {
	v.status = http.StatusUnprocessableEntity
	return v, err
}
