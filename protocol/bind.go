package protocol

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"dvala/fault"
)

// maxProblems is how many problems of form are told of one file: a file with
// more of them is no protocol.
const maxProblems = 200

// binder fills Go values from YAML nodes, strictly, and keeps going: every
// unknown, doubled, missing or misshapen field is a problem of its own. It
// also remembers on which line each place stands, for the checks that follow.
type binder struct {
	problems fault.List
	lines    map[string]int
}

// node sets v from n, which stands at place. The rule is of the field that v
// belongs to; for a list it is the rule of each element.
func (b *binder) node(n *yaml.Node, v reflect.Value, place string, r rule) {
	b.lines[place] = n.Line
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		b.add("yaml-alias", n, place, "anchors (&) and aliases (*) are not part of the format").
			WithHint("write the value out where it is used, so that every line says what it means")
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		b.add("yaml-tag", n, place, "the tag %s has no place in the format", clip(n.Tag))
		return
	}
	if isNull(n) {
		if r.required {
			b.add("missing-field", n, place, "nothing is written here")
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		b.node(n, v.Elem(), place, r)
		return
	}
	if t, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		b.text(n, t, place)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		b.record(n, v, place)
	case reflect.Slice:
		b.list(n, v, place, r)
	case reflect.Map:
		b.dictionary(n, v, place)
	default:
		b.scalar(n, v, place, r)
	}
}

func (b *binder) add(code fault.Code, n *yaml.Node, place, format string, args ...any) *fault.Problem {
	p := fault.New(code, place, format, args...).At(n.Line)
	if len(b.problems) < maxProblems {
		b.problems.Add(p)
	}
	return p
}

// record binds a mapping to a struct, field by field.
func (b *binder) record(n *yaml.Node, v reflect.Value, place string) {
	if n.Kind != yaml.MappingNode {
		b.add("wrong-type", n, place, "%s where fields are expected", describe(n)).
			WithHint("fields here: %s", strings.Join(names(v.Type()), ", "))
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := b.key(n.Content[i], place, seen)
		if !ok {
			continue
		}
		at := join(place, key)
		f, known := fields[key]
		if !known {
			p := b.add("unknown-field", n.Content[i], at, "%s has no field %q", section(place), clip(key))
			if near := nearest(key, names(v.Type())); near != "" {
				p.WithHint("did you mean %s?", near)
			} else {
				p.WithHint("fields here: %s", strings.Join(names(v.Type()), ", "))
			}
			continue
		}
		b.node(n.Content[i+1], v.Field(f.index), at, f.rule)
	}
	for _, name := range names(v.Type()) {
		if fields[name].rule.required && !seen[name] {
			b.add("missing-field", n, join(place, name), "%s is missing", name)
		}
	}
}

// key reads a mapping's key as text and refuses a second one of the same name.
func (b *binder) key(n *yaml.Node, place string, seen map[string]bool) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Anchor != "" || n.ShortTag() == "!!merge" {
		b.add("yaml-key", n, place, "a field's name must be plain text")
		return "", false
	}
	if seen[n.Value] {
		b.add("duplicate-field", n, join(place, n.Value), "%q stands here twice", clip(n.Value)).
			WithHint("keep one of the two; neither is taken")
		return "", false
	}
	seen[n.Value] = true
	return n.Value, true
}

func (b *binder) list(n *yaml.Node, v reflect.Value, place string, r rule) {
	if n.Kind != yaml.SequenceNode {
		b.add("wrong-type", n, place, "%s where a list is expected", describe(n)).
			WithHint("write each entry on a line of its own after a hyphen, or all of them in [ ]")
		return
	}
	if len(n.Content) == 0 && (r.required || r.filled) {
		b.add("empty-list", n, place, "the list is empty")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	element := r
	element.required = true
	for i, c := range n.Content {
		b.node(c, v.Index(i), place+"["+strconv.Itoa(i)+"]", element)
	}
}

// dictionary binds a mapping from free names to text.
func (b *binder) dictionary(n *yaml.Node, v reflect.Value, place string) {
	if n.Kind == yaml.ScalarNode && v.Type() == noticeType {
		b.notice(n, v, place)
		return
	}
	if n.Kind != yaml.MappingNode {
		p := b.add("wrong-type", n, place, "%s where names and texts are expected", describe(n))
		if v.Type() == textType || v.Type() == noticeType {
			p.WithHint("write the sentence in each language: {en: …, sv: …}")
		}
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := b.key(n.Content[i], place, seen)
		if !ok {
			continue
		}
		if !cleanText(key) || key == "" {
			b.add("text-control", n.Content[i], place, "a name is empty or holds a control character")
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		b.node(n.Content[i+1], e, join(place, key), rule{required: true})
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), e)
	}
}

// notice reads the one string that an older file has in the place of a text.
func (b *binder) notice(n *yaml.Node, v reflect.Value, place string) {
	s := reflect.New(reflect.TypeFor[string]()).Elem()
	b.str(n, s, place, rule{})
	if s.Len() > 0 {
		v.Set(reflect.ValueOf(Notice{anyLanguage: s.String()}))
	}
}

func (b *binder) scalar(n *yaml.Node, v reflect.Value, place string, r rule) {
	want := map[reflect.Kind]string{
		reflect.String: "text", reflect.Bool: "true or false",
		reflect.Int: "a whole number", reflect.Float64: "a number",
	}[v.Kind()]
	if n.Kind != yaml.ScalarNode {
		b.add("wrong-type", n, place, "%s where %s is expected", describe(n), want)
		return
	}
	switch v.Kind() {
	case reflect.String:
		b.str(n, v, place, r)
	case reflect.Bool:
		if n.ShortTag() != "!!bool" {
			b.add("wrong-type", n, place, "%q is not true or false", clip(n.Value))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		b.whole(n, v, place, r)
	case reflect.Float64:
		x, ok := number(n)
		if !ok {
			b.add("wrong-type", n, place, "%q is not a number", clip(n.Value)).WithHint("write it with a point, as in 0.05")
			return
		}
		v.SetFloat(x)
		b.bounds(n, x, place, r)
	default:
		panic("protocol: a field of kind " + v.Kind().String() + " has no form in the file")
	}
}

func (b *binder) whole(n *yaml.Node, v reflect.Value, place string, r rule) {
	x, ok := number(n)
	if !ok {
		b.add("wrong-type", n, place, "%q is not a whole number", clip(n.Value))
		return
	}
	if n.ShortTag() != "!!int" || x != float64(int(x)) {
		p := b.add("not-whole", n, place, "%s is not a whole number", clip(n.Value))
		if strings.HasSuffix(place, ".ratio") {
			p.Code = "arm-ratio"
			p.WithHint("write 3:2 as 3 and 2")
		}
		return
	}
	v.SetInt(int64(x))
	b.bounds(n, x, place, r)
}

func (b *binder) bounds(n *yaml.Node, x float64, place string, r rule) {
	if r.min != nil && x < *r.min || r.max != nil && x > *r.max {
		b.add("out-of-range", n, place, "%s is outside %s", clip(n.Value), r.span())
	}
}

func (b *binder) str(n *yaml.Node, v reflect.Value, place string, r rule) {
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
	case "!!int", "!!float", "!!bool":
		read := map[string]string{"!!int": "a whole number", "!!float": "a number", "!!bool": "true or false"}[n.ShortTag()]
		b.add("wrong-type", n, place, "%s is read as %s, and text is expected", clip(n.Value), read).
			WithHint("put it in quotes: %q", clip(n.Value))
		return
	default:
		b.add("wrong-type", n, place, "a value tagged %s has no place in the format", clip(n.Tag))
		return
	}
	s := strings.TrimSpace(n.Value)
	switch {
	case !cleanText(s):
		b.add("text-control", n, place, "the text holds a control character or an invisible line break")
	case s == "" && r.required:
		b.add("missing-field", n, place, "the text is empty")
	case s != "" && len(r.enum) > 0 && !r.allows(s):
		b.refuse(n, s, place, r)
	case s != "" && r.form != nil && (len(s) > maxName || !r.form.pattern.MatchString(s)):
		b.add("bad-name", n, place, "%q is not well formed", clip(s)).WithHint("at most %d %s", maxName, r.form.says)
	default:
		v.SetString(s)
	}
}

// refuse reports a word outside a fixed set, with the reason where the word is
// one that people will look for.
func (b *binder) refuse(n *yaml.Node, s, place string, r rule) {
	if why, ok := refusal(generic(place), s); ok {
		b.add(why.Code, n, place, "%s", why.Message).WithHint("%s", why.Hint)
		return
	}
	p := b.add("unknown-word", n, place, "%q is not one of %s", clip(s), strings.Join(r.enum, ", "))
	if near := nearest(s, r.enum); near != "" {
		p.WithHint("did you mean %s?", near)
	}
}

// text binds a value with a text form of its own: a date, a time of day.
func (b *binder) text(n *yaml.Node, t encoding.TextUnmarshaler, place string) {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		b.add("wrong-type", n, place, "%s where a date or a time of day is expected", describe(n))
		return
	}
	if err := t.UnmarshalText([]byte(n.Value)); err != nil {
		p := &fault.Problem{Code: "wrong-type", Message: err.Error()}
		if q, ok := err.(*fault.Problem); ok {
			p = &fault.Problem{Code: q.Code, Message: q.Message, Hint: q.Hint}
		}
		b.add(p.Code, n, place, "%s", p.Message).WithHint("%s", p.Hint)
	}
}

// number reads a plain decimal number: the hexadecimal, octal, underscored,
// infinite and undefined numbers of YAML are none.
func number(n *yaml.Node) (float64, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" && n.ShortTag() != "!!float" || !decimal.MatchString(n.Value) {
		return 0, false
	}
	x, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || x > 1e15 || x < -1e15 {
		return 0, false
	}
	return x + 0, true // −0 becomes 0
}

// cleanText says whether a text can stand in a file, a page and a JSON string
// without changing: no control character but the line feed and the tab, no
// Unicode line break, no byte order mark.
func cleanText(s string) bool {
	for _, c := range s {
		if c == '\n' || c == '\t' {
			continue
		}
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff' || c == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// describe names what stands at a node, for a message.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "fields"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	}
	return strconv.Quote(clip(n.Value))
}

func section(place string) string {
	if place == "" {
		return "the protocol"
	}
	return place
}

func join(place, key string) string {
	key = clip(key)
	if place == "" {
		return key
	}
	return place + "." + key
}

// clip shortens what a message quotes from a file.
func clip(s string) string { return shorten(s, 60) }

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
