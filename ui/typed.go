package ui

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dvala/desk"
	"dvala/fault"
)

// typed is what was typed into a form that was refused, and what is the matter
// with each field; its zero value is an empty form.
type typed struct {
	values   url.Values
	wrong    map[string]string // by field
	Problems []problem         // of no field
	All      []problem         // of fields, too
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
		t.All = append(t.All, a.refusal(x))
		field, known := of[x.Place]
		if !known {
			t.Problems = append(t.Problems, a.refusal(x))
			continue
		}
		t.wrong[field] = cmp.Or(t.wrong[field], a.said(x))
	}
	return t, true
}

// in keeps of a form in a row which row it is in: the values of some of its fields.
func (t typed) in(fields ...string) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(t.values.Get(f) + "\n")
	}
	return b.String()
}

// Here gives what was typed into the form of a row, if that was refused; else an
// empty form. The row is told by what its hidden fields hold.
func (t rowTyped) Here(of ...string) typed {
	if t.values == nil || t.row != strings.Join(of, "\n")+"\n" {
		return typed{}
	}
	return t.typed
}

// rowTyped is a refused form that stands in one of many rows.
type rowTyped struct {
	typed
	row string
}

// Any says whether anything is the matter.
func (t typed) Any() bool { return len(t.wrong) > 0 || len(t.Problems) > 0 }

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
