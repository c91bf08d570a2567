package protocol

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"
)

// canonical writes a protocol in its canonical form: one JSON object as RFC
// 8785 writes it (names in order of their bytes, no space, numbers as
// ECMAScript prints them, only what must be escaped is), in UTF-8, without a
// line feed at its end. Empty texts, lists and records are left out, and so
// are zeros and falses of fields that may be absent, so that "absent" and
// "written as nothing" are the same protocol. Levels that Parse fills in are
// no part of it.
//
// All names in the format are ASCII, where the order of bytes is the order of
// UTF-16 units that RFC 8785 asks for; the free names of languages and SPIRIT
// items are ASCII too, by their checks.
func canonical(p Protocol) []byte {
	var b bytes.Buffer
	writeCanonical(&b, reflect.ValueOf(p))
	return b.Bytes()
}

func writeCanonical(b *bytes.Buffer, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if t, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := t.MarshalText()
		if err != nil {
			panic("protocol: " + err.Error())
		}
		writeString(b, string(text))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		writeRecord(b, v)
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, v.Index(i))
		}
		b.WriteByte(']')
	case reflect.Map:
		if n, is := v.Interface().(Notice); is {
			if s, plain := n.plain(); plain {
				writeString(b, s)
				return
			}
		}
		byName := map[string]reflect.Value{}
		for k, e := range v.Seq2() {
			byName[k.String()] = e
		}
		writeObject(b, slices.Sorted(maps.Keys(byName)), func(k string) reflect.Value { return byName[k] })
	case reflect.String:
		writeString(b, v.String())
	default:
		// encoding/json prints numbers as ECMAScript does.
		number, err := json.Marshal(v.Interface())
		if err != nil {
			panic("protocol: " + err.Error())
		}
		b.Write(number)
	}
}

func writeRecord(b *bytes.Buffer, v reflect.Value) {
	fields := fieldsOf(v.Type())
	var keep []string
	for _, name := range names(v.Type()) {
		if f := fields[name]; !blank(v.Field(f.index), f.optional) {
			keep = append(keep, name)
		}
	}
	slices.Sort(keep)
	writeObject(b, keep, func(k string) reflect.Value { return v.Field(fields[k].index) })
}

func writeObject(b *bytes.Buffer, keys []string, value func(string) reflect.Value) {
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		writeString(b, k)
		b.WriteByte(':')
		writeCanonical(b, value(k))
	}
	b.WriteByte('}')
}

// blank says whether a field is left out of the canonical form.
func blank(v reflect.Value, optional bool) bool {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Pointer:
		return v.IsNil()
	case reflect.Struct:
		if v.IsZero() {
			return true
		}
		if _, ok := v.Interface().(encoding.TextMarshaler); ok {
			return false
		}
		for _, f := range fieldsOf(v.Type()) {
			if !blank(v.Field(f.index), f.optional) {
				return false
			}
		}
		return true
	}
	return optional && v.IsZero()
}

// writeString quotes a text as RFC 8785 does: a quotation mark, a backslash
// and control characters are escaped, and nothing else.
func writeString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x20 || c == utf8.RuneError:
			// Parse lets no such character in.
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}
