package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"dvala/fault"
)

// largestFile is more than any instrument or wording needs.
const largestFile = 1 << 20

const deepest = 20

// strict reads one YAML document into v, refusing all that could be read in two
// ways: fields it does not know, keys given twice, aliases, anchors, merge keys,
// tags, null, infinities, a second document. It reports all it finds, and gives
// the document's nodes, from which lines are told, as far as it has any.
func strict(b []byte, v any) (*yaml.Node, fault.List) {
	var l fault.List
	switch {
	case len(b) > largestFile:
		l.Addf("file-large", "", "%d bytes, and %d is the most", len(b), largestFile)
		return nil, l
	case !utf8.Valid(b):
		l.Addf("file-encoding", "", "the file is not UTF-8")
		return nil, l
	}
	root, err := oneDocument(b)
	if err != nil {
		return nil, fault.List{err}
	}
	walk(root, "", 0, &l)
	if l.Err() != nil {
		return root, l
	}
	var many *yaml.LoadErrors
	err2 := root.Load(v, yaml.WithKnownFields(), yaml.WithUniqueKeys())
	switch {
	case errors.As(err2, &many):
		for _, e := range many.Errors {
			l.Add(plain(e))
		}
	case err2 != nil:
		l.Add(fault.Wrap("yaml-form", "", err2))
	}
	return root, l
}

func oneDocument(b []byte) (*yaml.Node, *fault.Problem) {
	r, err := yaml.NewLoader(bytes.NewReader(b))
	if err != nil {
		return nil, fault.Wrap("yaml-form", "", err)
	}
	var doc, second yaml.Node
	if err := r.Load(&doc); err != nil || len(doc.Content) != 1 {
		if err == nil || errors.Is(err, io.EOF) || len(bytes.TrimSpace(b)) == 0 {
			return nil, fault.New("file-empty", "", "there is nothing in the file")
		}
		return nil, syntax(err)
	}
	if err := r.Load(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, syntax(err)
		}
		return nil, fault.New("yaml-documents", "", "a second document begins here").At(second.Line).WithHint("one file, one document")
	}
	return doc.Content[0], nil
}

var atLine = regexp.MustCompile(`\bL(\d+)\.C\d+|line (\d+)`)

func syntax(err error) *fault.Problem {
	p := fault.Wrap("yaml-form", "", err)
	message := strings.TrimPrefix(strings.TrimPrefix(p.Message, "go-yaml load error "), "yaml: ")
	var one *yaml.LoadError
	if errors.As(err, &one) {
		message = one.Message
		if one.ContextMsg != "" {
			message = one.ContextMsg + ": " + message
		}
	}
	p.Message = "this is not YAML: " + message
	if m := atLine.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1] + m[2])
	}
	return p
}

// walk refuses what is ambiguous in YAML itself.
func walk(n *yaml.Node, place string, depth int, l *fault.List) {
	bad := func(what, hint string) {
		l.Addf("yaml-strict", place, "%s", what).At(n.Line).WithHint("%s", hint)
	}
	if depth > deepest {
		bad("nested too deeply", "no field of these files is that deep")
		return
	}
	switch {
	case n.Kind == yaml.AliasNode:
		bad("an alias (*) is not allowed here", "write the value out")
		return
	case n.Anchor != "":
		bad("an anchor (&) is not allowed here", "write the value out where it is needed")
	case n.Style&yaml.TaggedStyle != 0:
		bad("a tag (!) is not allowed here", "write the plain value")
	}
	switch n.Kind {
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			bad("a field without a value", "leave the field out, or give it a value")
		case "!!float":
			if s := strings.ToLower(n.Value); strings.Contains(s, "inf") || strings.Contains(s, "nan") {
				bad("not a finite number", "give a number")
			}
		}
	case yaml.MappingNode:
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			at := join(place, k.Value)
			if k.Kind != yaml.ScalarNode || k.Value == "<<" || k.Value == "" {
				l.Addf("yaml-strict", place, "a key that is no plain word").At(k.Line).WithHint("keys are words, as in title")
				continue
			}
			if line, twice := first[k.Value]; twice {
				l.Addf("yaml-twice", at, "given twice, first on line %d", line).At(k.Line).WithHint("keep one of them")
			}
			first[k.Value] = k.Line
			walk(v, at, depth+1, l)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			walk(c, fmt.Sprintf("%s[%d]", place, i), depth+1, l)
		}
	}
}

func join(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}

var (
	noField   = regexp.MustCompile(`^field (.*) not found in type`)
	wrongKind = regexp.MustCompile("^cannot construct !!(\\w+)(?: `(.*)`)? into (.*)$")
	kindWords = map[string]string{"str": "words", "int": "a whole number", "float": "a number", "bool": "true or false", "seq": "a list", "map": "fields"}
)

// plain says what the YAML reader found in words that do not speak of Go.
func plain(e *yaml.LoadError) *fault.Problem {
	if m := noField.FindStringSubmatch(e.Message); m != nil {
		return fault.New("field-unknown", m[1], "no field of that name belongs here").At(e.Mark.Line).
			WithHint("the fields are in doc/formats")
	}
	if m := wrongKind.FindStringSubmatch(e.Message); m != nil {
		want := "another kind of value"
		switch t := strings.TrimPrefix(m[3], "*"); {
		case t == "int":
			want = "a whole number"
		case strings.HasPrefix(t, "float"):
			want = "a number"
		case t == "bool":
			want = "true or false"
		case strings.HasPrefix(t, "["):
			want = "a list"
		case strings.Contains(t, "struct"), t == "instrument.Text", t == "instrument.Basis":
			want = "fields"
		}
		if m[2] != "" {
			return fault.New("field-kind", m[2], "this is %s where %s belongs", kindWords[m[1]], want).At(e.Mark.Line)
		}
		return fault.New("field-kind", "", "here are %s where %s belongs", kindWords[m[1]], want).At(e.Mark.Line)
	}
	return fault.New("yaml-form", "", "%s", e.Message).At(e.Mark.Line)
}

// lineOf tells on which line a place such as items[3].anchors[0].at is, or the
// nearest place around it that the file has.
func lineOf(n *yaml.Node, place string) int {
	line := n.Line
	for _, step := range strings.FieldsFunc(place, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		var next *yaml.Node
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					next, line = n.Content[i+1], n.Content[i].Line
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
				next, line = n.Content[i], n.Content[i].Line
			}
		}
		if next == nil {
			return line
		}
		n = next
	}
	return line
}
