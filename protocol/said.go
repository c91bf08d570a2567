package protocol

import "reflect"

// Said tells how a protocol says in another language what it says in English:
// by the text as a report in English has it.
type Said map[string]string

// Said gives all texts of the protocol that stand in the language. Of one that
// the protocol says in that language alone, it is the text itself. Where two
// texts are alike in English, the first in the order of the format counts.
func (c Checked) Said(l Language) Said {
	out := Said{}
	collect(reflect.ValueOf(c.Protocol()), l, out)
	return out
}

// collect walks through a value, field by field and in order.
func collect(v reflect.Value, l Language, out Said) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), l, out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), l, out)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), l, out)
		}
	case reflect.Map:
		if v.Type() == textType {
			out.add(v.Interface().(Text), l)
		}
	}
}

func (s Said) add(t Text, l Language) {
	english := t.In("en")
	if _, known := s[english]; !known && t[l] != "" {
		s[english] = t[l]
	}
}
