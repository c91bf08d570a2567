package estimate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dvala/estimate/swedish"
	"dvala/protocol"
)

// toWriters are the files whose sentences are told to those who write a protocol
// or a mapping, and never stand in results; and those that speak both languages.
var toWriters = []string{
	"allocation.go", "analyse.go", "external.go", "json.go", "mapping.go", "measure.go", "supported.go", "table.go",
	"sentence.go", "tongue.go", "inswedish.go",
}

var (
	verb     = regexp.MustCompile(`%[dvg]`)
	allPlace = regexp.MustCompile(`%(?:\[\d+\])?s`)
)

// pattern folds a string that the source puts together: what is not written out
// is a place.
func pattern(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		if x.Op != token.ADD {
			return "", false
		}
		a, okA := pattern(x.X)
		b, okB := pattern(x.Y)
		if !okA {
			a = "%s"
		}
		if !okB {
			b = "%s"
		}
		return a + b, okA || okB
	}
	return "", false
}

// sentences gathers what the source of this package may put into results.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	take := func(path, s string) {
		s = strings.TrimPrefix(verb.ReplaceAllString(s, "%s"), "# ")
		letters := regexp.MustCompile(`[A-Za-z]`).FindAllString(strings.ReplaceAll(s, "%s", ""), -1)
		if strings.Contains(s, " ") && len(letters) >= 2 {
			out[s] = path
		}
	}
	paths, _ := filepath.Glob("*.go")
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || slices.Contains(toWriters, path) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		var visit func(n ast.Node) bool
		visit = func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				ast.Inspect(x.Type, visit)
				return false
			case *ast.CallExpr:
				if s, ok := x.Fun.(*ast.SelectorExpr); ok {
					if id, ok := s.X.(*ast.Ident); ok && (id.Name == "fault" || id.Name == "strings" && strings.HasPrefix(s.Sel.Name, "NewRep")) {
						return false
					}
				}
			case *ast.BinaryExpr:
				s, ok := pattern(x)
				if !ok {
					return true
				}
				take(path, s)
				var parts func(e ast.Expr)
				parts = func(e ast.Expr) {
					switch y := e.(type) {
					case *ast.BinaryExpr:
						parts(y.X)
						parts(y.Y)
					case *ast.BasicLit:
					default:
						ast.Inspect(e, visit)
					}
				}
				parts(x)
				return false
			case *ast.BasicLit:
				if s, ok := pattern(x); ok {
					take(path, s)
				}
			}
			return true
		}
		ast.Inspect(f, visit)
	}
	return out
}

// Every sentence that can stand in results has its Swedish, with as many places,
// and none is in the words that the source does not have.
func TestSentencesHaveSwedish(t *testing.T) {
	words, all := swedish.Words(), sentences(t)
	for english, where := range all {
		sv, ok := words[english]
		if !ok || strings.TrimSpace(sv) == "" {
			t.Errorf("%s: %q has no Swedish", where, english)
			continue
		}
		if a, b := len(allPlace.FindAllString(english, -1)), len(allPlace.FindAllString(sv, -1)); a != b {
			t.Errorf("%q has %d places, and in Swedish %d", english, a, b)
		}
	}
	for english := range words {
		if _, ok := all[english]; !ok {
			t.Errorf("nothing in the source says %q", english)
		}
	}
	if len(all) < 200 {
		t.Errorf("only %d sentences were found", len(all))
	}
}

// What a result speaks has its Swedish, and nothing is there that is not spoken.
func TestSpokenHasSwedish(t *testing.T) {
	words, found := swedish.SpokenWords(), map[string]bool{}
	for _, path := range []string{"sentence.go", "tongue.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "say" {
				return true
			}
			ast.Inspect(c.Args[0], func(m ast.Node) bool {
				if kv, ok := m.(*ast.KeyValueExpr); ok {
					m = kv.Value
					if s, ok := pattern(kv.Value); ok {
						found[s] = true
					}
					return false
				}
				if e, ok := m.(ast.Expr); ok {
					if s, ok := pattern(e); ok {
						found[s] = true
						return false
					}
				}
				_, index := m.(*ast.SelectorExpr)
				return !index
			})
			return true
		})
	}
	for english := range found {
		if a, b := len(allPlace.FindAllString(english, -1)), len(allPlace.FindAllString(words[english], -1)); words[english] == "" || a != b {
			t.Errorf("%q: %d places, and in Swedish %d", english, a, b)
		}
	}
	for english := range words {
		if !found[english] {
			t.Errorf("nobody speaks %q", english)
		}
	}
}

// drawn is a result with numbers of any kind.
func drawn(t *rapid.T) Result {
	low := rapid.Float64Range(-30, 30).Draw(t, "low")
	width := rapid.Float64Range(0.01, 40).Draw(t, "width")
	at := low + width*rapid.Float64Range(0.1, 0.9).Draw(t, "at")
	high := low + width
	p := rapid.Float64Range(0, 1).Draw(t, "p")
	r := Result{
		Label: "Insomnia Severity Index", Unit: rapid.SampledFrom([]string{"points", "min", "%", ""}).Draw(t, "unit"), Level: rapid.SampledFrom([]float64{0.95, 0.975}).Draw(t, "level"),
		Estimand: Attributes{Treatment: "Magnesium", Comparator: "Placebo", Moment: "After 21 days", Within: rapid.Bool().Draw(t, "within")},
		Summary:  rapid.SampledFrom([]string{"mean-difference", "risk-difference", "odds-ratio", "risk-ratio", "rate-ratio", "survival-difference"}).Draw(t, "summary"),
		Better:   rapid.SampledFrom([]protocol.Better{protocol.Lower, protocol.Higher}).Draw(t, "better"),
		Place:    rapid.SampledFrom([]protocol.Place{protocol.Primary, protocol.Secondary, protocol.Exploratory}).Draw(t, "place"),
		Claim:    rapid.SampledFrom([]string{"confirmed", "not confirmed", "not tested"}).Draw(t, "claim"),
		Estimate: &at, Low: &low, High: &high, P: &p,
	}
	if r.Ratio() {
		*r.Low, *r.Estimate, *r.High = math.Exp(low/10), math.Exp(at/10), math.Exp(high/10)
		r.Unit = ""
	}
	if rapid.Bool().Draw(t, "matters") {
		m := rapid.SampledFrom([]float64{0.5, 1, 6, 6.5, 20}).Draw(t, "m")
		r.Matters = &m
	}
	switch rapid.IntRange(0, 9).Draw(t, "odd") {
	case 0:
		r.Low, r.High = nil, nil
	case 1:
		r.Estimate, r.Failed = nil, "every value is the same, so there is nothing to compare"
	}
	return r
}

var digitsIn = regexp.MustCompile(`[−<>]?\d+(?:[.,]\d+)?`)

// numbersOf gives the numbers of a sentence, with a decimal point; small ones in
// words as digits.
func numbersOf(s string) []string {
	for i, w := range numberWords {
		if rest, ok := strings.CutPrefix(s, w+" "); ok {
			s = strconv.Itoa(i) + " " + rest
		}
		s = strings.ReplaceAll(s, ". "+w+" ", ". "+strconv.Itoa(i)+" ")
	}
	out := digitsIn.FindAllString(s, -1)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], ",", ".")
	}
	slices.Sort(out)
	return out
}

// formats are the ways of reading an interval in a language, by their English.
func formats(word func(string) string) map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for english := range swedish.SpokenWords() {
		if strings.Contains(english, "least that people notice") || len(english) < 30 && !strings.Contains(english, "a benefit of") {
			continue
		}
		parts := allPlace.Split(word(english), -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(strings.ToLower(parts[i]))
		}
		out[english] = regexp.MustCompile(strings.Join(parts, ".+"))
	}
	return out
}

// verdict gives which of them a reading takes.
func verdict(reading string, of map[string]*regexp.Regexp) []string {
	var out []string
	for english, re := range of {
		if re.MatchString(strings.ToLower(reading)) {
			out = append(out, english)
		}
	}
	slices.Sort(out)
	return out
}

// In both languages a result carries the same numbers and the same verdict.
func TestBothLanguagesSayTheSame(t *testing.T) {
	english, inSwedish := formats(func(s string) string { return s }), formats(swedish.Spoken)
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		en := Results{Estimands: []Result{r}}
		Speak(&en.Estimands[0])
		a := en.Estimands[0]
		b := InSwedish(en, protocol.Said{"Insomnia Severity Index": "Insomnia Severity Index", "Magnesium": "Magnesium", "Placebo": "Placebo"}, func(s string) string {
			return "⟦" + s + "⟧"
		}).Estimands[0]
		if strings.Contains(b.Sentence, "⟦") {
			t.Errorf("not understood: %s", b.Sentence)
		}
		if x, y := numbersOf(a.Sentence), numbersOf(b.Sentence); !slices.Equal(x, y) {
			t.Errorf("numbers %v and %v:\n%s\n%s", x, y, a.Sentence, b.Sentence)
		}
		x, y := verdict(a.Reading, english), verdict(b.Reading, inSwedish)
		if !slices.Equal(x, y) {
			t.Errorf("verdicts %v and %v:\n%s\n%s", x, y, a.Reading, b.Reading)
		}
		if (a.Reading == "") != (b.Reading == "") || a.Reading != "" && len(x) == 0 {
			t.Errorf("a reading without a verdict:\n%s\n%s", a.Reading, b.Reading)
		}
		if en.Estimands[0].Sentence != a.Sentence || en.Estimands[0].Label != a.Label {
			t.Error("the results were changed")
		}
	})
}

// The texts of trials played from the examples are understood whole, but for
// what the protocols say in English alone.
func TestPlayedTrialsAreUnderstood(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover", "nof1"} {
		t.Run(name, func(t *testing.T) {
			checked := exampleOf(t, name)
			said := checked.Said("sv")
			in := swedish.NewReader(said, func(s string) string { return "⟦" + s + "⟧" })
			p := checked.Protocol()
			own := p.Multiplicity.Note
			for _, e := range p.Estimands {
				own += " " + e.Why
				for _, s := range e.Sensitivity {
					own += " " + s.Why
				}
			}
			for line := range strings.Lines(Methods(checked)) {
				line = strings.TrimLeft(strings.TrimSpace(line), "#- ")
				for _, m := range regexp.MustCompile(`⟦([^⟧]*)⟧`).FindAllStringSubmatch(in.Text(line), -1) {
					if !strings.Contains(own, strings.Trim(m[1], " .")) {
						t.Errorf("not understood: %q in %q", m[1], line)
					}
				}
			}
		})
	}
}

// A trial that was run elsewhere is told in Swedish too; what stays English is
// what its protocol and its mapping say in English alone.
func TestTrialRunElsewhereIsUnderstood(t *testing.T) {
	c, _, r := stockholm(t)
	p := c.Protocol()
	own := p.Title + p.Question + p.Multiplicity.Note
	for _, e := range p.Estimands {
		o, _ := c.Outcome(e.Variable.Outcome)
		own += e.Why + o.MattersFrom
		for _, s := range e.Sensitivity {
			own += s.Why
		}
	}
	for _, k := range r.Checks {
		own += k.What
	}
	for _, k := range r.Flow.Excluded {
		own += k.What
	}
	sv := InSwedish(r, c.Said("sv"), func(s string) string { return "⟦" + s + "⟧" })
	raw, err := sv.JSON()
	if err != nil {
		t.Fatal(err)
	}
	marks := regexp.MustCompile(`⟦([^⟧]*)⟧`).FindAllStringSubmatch(string(raw), -1)
	for _, m := range marks {
		if !strings.Contains(own, strings.Trim(m[1], " .")) {
			t.Errorf("not understood: %q", m[1])
		}
	}
	if len(marks) == 0 || sv.Estimands[0].Estimate == nil || *sv.Estimands[0].Estimate != *r.Estimands[0].Estimate {
		t.Error("nothing was marked, or a number was changed")
	}
}
