package desk

import (
	"bytes"
	"context"
	"encoding/json"
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

func revealStruct(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	var out reflect.Value
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		in, changed, err := reveal(v.Field(i), open)
		if err != nil {
			return v, false, err
		}
		if !changed {
			continue
		}
		if !out.IsValid() {
			out = reflect.New(v.Type()).Elem()
			out.Set(v)
		}
		out.Field(i).Set(in)
	}
	if !out.IsValid() {
		return v, false, nil
	}
	return out, true, nil
}

func revealList(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	var out reflect.Value
	if v.Type() == rawJSON {
		return revealJSON(v, open)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return v, false, nil
	}
	for i := range v.Len() {
		in, changed, err := reveal(v.Index(i), open)
		if err != nil {
			return v, false, err
		}
		if !changed {
			continue
		}
		if !out.IsValid() {
			out = reflect.New(v.Type()).Elem()
			if v.Kind() == reflect.Slice {
				out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			}
			reflect.Copy(out, v)
		}
		out.Index(i).Set(in)
	}
	if !out.IsValid() {
		return v, false, nil
	}
	return out, true, nil
}

func revealMap(v reflect.Value, open func(string) (string, error)) (reflect.Value, bool, error) {
	var out reflect.Value
	for _, k := range v.MapKeys() {
		in, changed, err := reveal(v.MapIndex(k), open)
		if err != nil {
			return v, false, err
		}
		if !changed {
			continue
		}
		if !out.IsValid() {
			out = reflect.MakeMapWithSize(v.Type(), v.Len())
			for _, k := range v.MapKeys() {
				out.SetMapIndex(k, v.MapIndex(k))
			}
		}
		out.SetMapIndex(k, in)
	}
	if !out.IsValid() {
		return v, false, nil
	}
	return out, true, nil
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
	e.About = "" // it may begin with ciphertext and go on with other words
	out, err := Reveal(ctx, o, c, e.Subject, e)
	if err == nil {
		out.About = About(out.Event)
	}
	return out, err
}
