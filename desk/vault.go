package desk

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"dvala/fault"
	"dvala/study"
)

// sealed gives a command with a person's words sealed under her key.
func (o *Office) sealed(ctx context.Context, r Request) (study.Command, error) {
	if o.parts.Vault == nil || r.Subject == "" {
		return r.Cmd, nil
	}
	var list []study.Words
	collect := func(w study.Words) (study.Words, error) { list = append(list, w); return w, nil }
	var err error
	o.store.View(func(s *study.State) { _, err = s.MapWords(r.Cmd, collect) })
	if err != nil || len(list) == 0 {
		return r.Cmd, err
	}
	for i, w := range list { // outside View: this may write
		if w.Sealed() {
			return nil, fault.New("text-form", "", "words do not begin with %s", study.SealedMark)
		}
		bound := ""
		if r.Key != "" {
			bound = r.Key + " " + strconv.Itoa(i)
		}
		s, err := o.parts.Vault.Seal(ctx, r.Subject, bound, string(w))
		if err != nil {
			return nil, err
		}
		list[i] = study.Words(s)
	}
	next := 0
	var cmd study.Command
	o.store.View(func(s *study.State) {
		cmd, err = s.MapWords(r.Cmd, func(study.Words) (study.Words, error) {
			if next == len(list) {
				return "", errors.New("the command changed under way")
			}
			next++
			return list[next-1], nil
		})
	})
	return cmd, err
}

// Words opens a person's words for a caller who may read them. What is not
// sealed is given back; what was erased, or is not for her role, is empty and
// not ok.
func (o *Office) Words(ctx context.Context, c Caller, who study.Subject, text string) (string, bool, error) {
	if !study.Words(text).Sealed() {
		return text, true, nil
	}
	if _, err := o.as(c, "see-words", who, ""); err != nil || o.parts.Vault == nil {
		return "", false, nil
	}
	return o.parts.Vault.Open(ctx, who, text)
}

// Erased and Withheld stand where words were that nobody, or not this caller,
// can read.
const (
	Erased   = "(erased)"
	Withheld = "(not for your role)"
)

// Reveal gives a copy of a value in which all of a person's sealed words are
// opened for a caller: text in strings, lists, maps and structs. What she may
// not read says so. The value itself is not changed: it may be the state's own.
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
