package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"reflect"
	"strings"

	"dvala/study"
)

// Erased and Withheld stand where words were that nobody, or not this caller,
// can read.
const (
	Erased   = "(erased)"
	Withheld = "(not for your role)"
)

// Reveal gives a copy of a value in which all of a person's sealed words are
// opened for a caller: text in strings, lists, maps, structs and raw JSON. What she
// may not read says so. The value itself is not changed: it may be the state's own.
func Reveal[T any](ctx context.Context, o *Office, c Caller, who study.Subject, v T) (T, error) {
	open := func(text string) (string, error) {
		plain, ok, err := o.Words(ctx, c, who, text)
		switch {
		case err != nil:
			return "", err
		case ok:
			return plain, nil
		}
		if _, err := o.as(c, "see-words", who, ""); err != nil {
			return Withheld, nil
		}
		return Erased, nil
	}
	out, _, err := reveal(reflect.ValueOf(&v).Elem(), open)
	if err != nil {
		return v, err
	}
	return out.Interface().(T), nil //nolint:forcetypeassert // it is a copy of v
}

// reveal copies what it changes and nothing else.
func reveal(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	switch v.Kind() {
	case reflect.String:
		if !strings.HasPrefix(v.String(), study.SealedMark) {
			return v, false, nil
		}
		text, err := open(v.String())
		out := reflect.New(v.Type()).Elem()
		out.SetString(text)
		return out, true, err
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false, nil
		}
		in, changed, err := reveal(v.Elem(), open)
		if err != nil || !changed {
			return v, false, err
		}
		out := reflect.New(in.Type())
		out.Elem().Set(in)
		if v.Kind() == reflect.Interface {
			return out.Elem(), true, nil
		}
		return out, true, nil
	case reflect.Struct:
		return revealStruct(v, open)
	case reflect.Slice, reflect.Array:
		return revealList(v, open)
	case reflect.Map:
		return revealMap(v, open)
	}
	return v, false, nil
}

// inner is one part of a value: what is in it, and how to put something else there
// in a copy.
type inner struct {
	in  reflect.Value
	put func(copied, in reflect.Value)
}

// revealParts reveals one part after the other. The value is copied when the
// first of them changes.
func revealParts(v reflect.Value, parts iter.Seq[inner], copied func() reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	out, changed := v, false
	for p := range parts {
		in, other, err := reveal(p.in, open)
		if err != nil {
			return v, false, err
		}
		if !other {
			continue
		}
		if !changed {
			out, changed = copied(), true
		}
		p.put(out, in)
	}
	return out, changed, nil
}

func revealStruct(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	fields := func(yield func(inner) bool) {
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !yield(inner{v.Field(i), func(c, in reflect.Value) { c.Field(i).Set(in) }}) {
				return
			}
		}
	}
	return revealParts(v, fields, func() reflect.Value {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		return c
	}, open)
}

func revealList(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	if v.Type() == rawJSON {
		return revealJSON(v, open)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return v, false, nil
	}
	members := func(yield func(inner) bool) {
		for i := range v.Len() {
			if !yield(inner{v.Index(i), func(c, in reflect.Value) { c.Index(i).Set(in) }}) {
				return
			}
		}
	}
	return revealParts(v, members, func() reflect.Value {
		c := reflect.New(v.Type()).Elem()
		if v.Kind() == reflect.Slice {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		reflect.Copy(c, v)
		return c
	}, open)
}

func revealMap(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	members := func(yield func(inner) bool) {
		for k, in := range v.Seq2() {
			if !yield(inner{in, func(c, in reflect.Value) { c.SetMapIndex(k, in) }}) {
				return
			}
		}
	}
	return revealParts(v, members, func() reflect.Value {
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		for k, in := range v.Seq2() {
			c.SetMapIndex(k, in)
		}
		return c
	}, open)
}

var rawJSON = reflect.TypeFor[json.RawMessage]()

// revealJSON opens sealed words wherever they stand in JSON.
func revealJSON(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	raw := v.Bytes()
	if !bytes.Contains(raw, []byte(`"`+study.SealedMark)) {
		return v, false, nil
	}
	var of any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&of); err != nil {
		return v, false, err
	}
	in, changed, err := reveal(reflect.ValueOf(&of).Elem(), open)
	if err != nil || !changed {
		return v, false, err
	}
	out, err := json.Marshal(in.Interface())
	return reflect.ValueOf(json.RawMessage(out)), true, err
}

// RevealEntry opens what an entry says for a caller, and tells anew what it is
// about.
func RevealEntry(ctx context.Context, o *Office, c Caller, e Entry) (Entry, error) {
	e.About, e.Says = "", nil // it may begin with ciphertext and go on with other words
	out, err := Reveal(ctx, o, c, e.Subject, e)
	if err == nil {
		out.About, out.Says = About(out.Event), Says(out.Event)
	}
	return out, err
}
