package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/civil"
	"dvala/protocol"
)

// schemaOf describes a command's data, or a part of it, as study reads it: all
// members without omitempty or omitzero must be there, and no others.
func schemaOf(t reflect.Type) *huma.Schema {
	if s := known(t); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Bool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case reflect.String:
		return &huma.Schema{Type: huma.TypeString}
	case reflect.Float64, reflect.Float32:
		return &huma.Schema{Type: huma.TypeNumber}
	case reflect.Slice, reflect.Array:
		return &huma.Schema{Type: huma.TypeArray, Items: schemaOf(t.Elem())}
	case reflect.Map:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: schemaOf(t.Elem())}
	case reflect.Struct:
		return object(t)
	}
	return &huma.Schema{Type: huma.TypeInteger}
}

// known are the types that read and write themselves.
func known(t reflect.Type) *huma.Schema {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return &huma.Schema{}
	case reflect.TypeFor[civil.Date]():
		return &huma.Schema{Type: huma.TypeString, Format: "date"}
	case reflect.TypeFor[civil.Clock]():
		return &huma.Schema{Type: huma.TypeString, Pattern: "^[0-2][0-9]:[0-5][0-9]$"}
	case reflect.TypeFor[time.Time]():
		return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	case reflect.TypeFor[protocol.Answers]():
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{
			OneOf: []*huma.Schema{{Type: huma.TypeNumber}, {Type: huma.TypeBoolean}, {Type: huma.TypeString}},
		}, Description: "by the name of the question"}
	}
	return nil
}

func object(t reflect.Type) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	members(t, s)
	slices.Sort(s.Required)
	return s
}

func members(t reflect.Type, into *huma.Schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			members(f.Type, into)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		into.Properties[name] = schemaOf(f.Type)
		if options != "omitempty" && options != "omitzero" {
			into.Required = append(into.Required, name)
		}
	}
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
