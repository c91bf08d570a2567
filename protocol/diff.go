package protocol

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Class says what a change of the protocol touches.
type Class string

// Classes, the gravest first.
const (
	ClassArms          Class = "arms"          // what is compared, and its dose
	ClassRandomisation Class = "randomisation" // how it is drawn, who can open it, where it is stratified
	ClassDesign        Class = "design"        // kind, periods, lengths
	ClassEstimand      Class = "estimand"      // outcomes, estimands, multiplicity
	ClassEligibility   Class = "eligibility"   // who may take part
	ClassConsent       Class = "consent"       // what people are told and agree to
	ClassSafety        Class = "safety"        //
	ClassSchedule      Class = "schedule"      // visits, diary, devices, dates
	ClassSize          Class = "size"          // how many are to be randomised
	ClassWording       Class = "wording"       // words and contacts alone
)

// Fixed says whether a class is settled when the trial begins.
func (c Class) Fixed() bool {
	return c == ClassArms || c == ClassRandomisation || c == ClassDesign || c == ClassEstimand
}

// Change is one difference in meaning between two versions.
type Change struct {
	Class Class  `json:"class"`
	Place string `json:"place"`         // as in visits[day-7].after
	Old   string `json:"old,omitempty"` // as the canonical form writes it; empty of what is new
	New   string `json:"new,omitempty"` // empty of what is gone
}

// Diff gives what differs in meaning between two checked protocols, in the order
// of the file: what has the same canonical form says the same, and gives
// nothing. Members of lists are matched by their ID, name or vendor, so that
// a visit that moves in the file has not changed.
func Diff(older, newer Checked) []Change {
	var d differ
	d.value(reflect.ValueOf(older.Protocol()), reflect.ValueOf(newer.Protocol()), "")
	for i := range d.out {
		d.out[i].Class = classOf(d.out[i].Place, d.words[i])
	}
	return d.out
}

type differ struct {
	out   []Change
	words []bool // in step: the place holds words for a reader
}

func (d *differ) add(place string, a, b reflect.Value, words bool) {
	before, after := written(a), written(b)
	if before == after {
		return
	}
	d.out, d.words = append(d.out, Change{Place: place, Old: before, New: after}), append(d.words, words)
}

// written gives a value in canonical form; nothing of an absent one.
func written(v reflect.Value) string {
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() || v.IsZero() {
		return ""
	}
	var b strings.Builder
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Sprint(v.Interface())
	}
	b.Write(raw)
	return b.String()
}

var (
	textType   = reflect.TypeFor[Text]()
	noticeType = reflect.TypeFor[Notice]()
)

func (d *differ) value(a, b reflect.Value, place string) {
	if a.Kind() == reflect.Pointer {
		if a.IsNil() || b.IsNil() {
			d.add(place, a, b, false)
			return
		}
		a, b = a.Elem(), b.Elem()
	}
	if _, is := a.Interface().(encoding.TextMarshaler); is || a.Type() == textType {
		d.add(place, a, b, a.Type() == textType)
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("yaml"), ",")
			if name == "-" {
				continue // filled in by Parse
			}
			d.value(a.Field(i), b.Field(i), strings.TrimPrefix(place+"."+name, "."))
		}
	case reflect.Slice:
		d.list(a, b, place)
	default:
		d.add(place, a, b, false)
	}
}

// list matches the members that have a name of their own, and compares other
// lists whole.
func (d *differ) list(a, b reflect.Value, place string) {
	if a.Type().Elem().Kind() != reflect.Struct {
		d.add(place, a, b, false)
		return
	}
	before, after := named(a), named(b)
	if before == nil || after == nil {
		d.add(place, a, b, false)
		return
	}
	var names []string
	for i := range a.Len() {
		names = append(names, nameOf(a.Index(i)))
	}
	for i := range b.Len() {
		if n := nameOf(b.Index(i)); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, n := range names {
		x, was := before[n]
		y, is := after[n]
		at := place + "[" + n + "]"
		if was && is {
			d.value(x, y, at)
			continue
		}
		d.add(at, x, y, false)
	}
}

// named gives the members of a list by name, or nil if one has none or shares it.
func named(v reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range v.Len() {
		n := nameOf(v.Index(i))
		if _, twice := out[n]; n == "" || twice {
			return nil
		}
		out[n] = v.Index(i)
	}
	return out
}

func nameOf(v reflect.Value) string {
	for _, field := range []string{"ID", "Name", "Vendor", "Event", "Estimand"} {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
	}
	return ""
}

// classOf tells a change's class by its place.
func classOf(place string, words bool) Class {
	field, _, _ := strings.Cut(strings.ReplaceAll(place, "[", "."), ".")
	last := place[strings.LastIndexByte(place, '.')+1:]
	switch {
	case field == "consent":
		return ClassConsent
	case words:
		return ClassWording
	}
	switch field {
	case "arms", "dose":
		return ClassArms
	case "randomisation", "sites", "custodian", "zone", "id":
		if last == "name" {
			return ClassWording
		}
		return ClassRandomisation
	case "design":
		switch last {
		case "participants":
			return ClassSize
		case "sample_size":
			return ClassWording
		}
		return ClassDesign
	case "outcomes", "estimands", "multiplicity", "interim", "habits":
		return ClassEstimand
	case "population":
		if last == "description" || last == "unit" {
			return ClassWording
		}
		return ClassEligibility
	case "safety":
		return ClassSafety
	case "visits", "diary", "devices", "dates", "blinding", "languages":
		return ClassSchedule
	}
	return ClassWording
}
