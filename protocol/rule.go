package protocol

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"dvala/fault"
)

// rule is what a field's own tag asks of it, for the binder and for the JSON
// Schema alike:
//
//	rule:"required;enum=lower|higher;form=id;min=0;max=90"
//
// On a list, all but required and filled are asked of each entry.
type rule struct {
	required bool
	filled   bool // a list that is written has an entry
	enum     []string
	form     *form
	min, max *float64
}

// form is a way of writing a name.
type form struct {
	pattern *regexp.Regexp
	says    string
}

var forms = map[string]*form{
	"id":    {regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), "lower-case letters, digits and single hyphens, beginning with a letter, as in day-21"},
	"name":  {regexp.MustCompile(`^[a-z][a-z0-9_]*$`), "lower-case letters, digits and underscores, beginning with a letter, as in age_years"},
	"level": {regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`), "lower-case letters, digits, hyphens and underscores, as in shift-work"},
}

var decimal = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$`)

// maxName is how long an ID, a name or a level may be.
const maxName = 40

// refusal says why a word that people will look for is not there.
func refusal(place, word string) (*fault.Problem, bool) {
	switch place + "=" + word {
	case "design.hypothesis=non-inferiority":
		return fault.New("hypothesis-refused", "", "only superiority can be analysed now").
			WithHint("a non-inferiority trial wants a margin and an analysis that this version does not have"), true
	case "design.hypothesis=equivalence":
		return fault.New("hypothesis-refused", "", "only superiority can be analysed now").
			WithHint("an equivalence trial wants a margin and an analysis that this version does not have"), true
	}
	return nil, false
}

func (r rule) allows(s string) bool {
	for _, e := range r.enum {
		if e == s {
			return true
		}
	}
	return false
}

// span tells the bounds in words.
func (r rule) span() string {
	switch {
	case r.min != nil && r.max != nil:
		return fmt.Sprintf("%g to %g", *r.min, *r.max)
	case r.min != nil:
		return fmt.Sprintf("%g and more", *r.min)
	}
	return fmt.Sprintf("%g and less", *r.max)
}

func parseRule(tag string) rule {
	var r rule
	for part := range strings.SplitSeq(tag, ";") {
		word, arg, _ := strings.Cut(part, "=")
		switch word {
		case "":
		case "required":
			r.required = true
		case "filled":
			r.filled = true
		case "enum":
			r.enum = strings.Split(arg, "|")
		case "form":
			r.form = forms[arg]
		case "min", "max":
			x, err := strconv.ParseFloat(arg, 64)
			if err != nil {
				panic("protocol: rule " + tag)
			}
			if word == "min" {
				r.min = &x
			} else {
				r.max = &x
			}
		default:
			panic("protocol: rule " + tag)
		}
	}
	return r
}

// field is one field of a record as the file names it.
type field struct {
	index    int
	name     string
	rule     rule
	optional bool // left out of the canonical form when it is zero
}

type record struct {
	byName map[string]field
	order  []string
}

var records sync.Map // reflect.Type → record: the types are fixed, this only saves reading their tags again

func recordOf(t reflect.Type) record {
	if r, ok := records.Load(t); ok {
		return r.(record)
	}
	r := record{byName: map[string]field{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		json := f.Tag.Get("json")
		r.byName[name] = field{
			index: i, name: name, rule: parseRule(f.Tag.Get("rule")),
			optional: strings.Contains(json, ",omitempty") || strings.Contains(json, ",omitzero"),
		}
		r.order = append(r.order, name)
	}
	records.Store(t, r)
	return r
}

func fieldsOf(t reflect.Type) map[string]field { return recordOf(t).byName }

// names gives a record's field names in the order of the type.
func names(t reflect.Type) []string { return recordOf(t).order }

var index = regexp.MustCompile(`\[\d+\]`)

// generic strips the list positions off a place.
func generic(place string) string { return index.ReplaceAllString(place, "") }

// nearest gives the known word that a wrong one was likely meant to be, or "".
func nearest(wrong string, known []string) string {
	wrong = strings.ToLower(clip(wrong))
	best, least := "", 3
	for _, k := range known {
		if d := distance(wrong, strings.ToLower(k)); d < least && d < len(k) {
			best, least = k, d
		}
	}
	for _, k := range known {
		if best == "" && len(wrong) > 2 && strings.HasPrefix(k, wrong+"_") {
			best = k
		}
	}
	return best
}

// distance is the number of letters to add, drop, change or swap with a
// neighbour to make one word of the other (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
