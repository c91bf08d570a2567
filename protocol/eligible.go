package protocol

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"dvala/fault"
)

// A criterion is an expression of the Common Expression Language over the
// screening answers: int and number, bool, and choice as a string. Numbers of
// both types compare with each other. The macros (all, exists, map, …) are
// left out, for there is no list to walk through, and both the length of a
// rule and what it may cost to run are bounded.
const (
	ruleLength = 2000 // code points
	ruleCost   = 10_000
)

// compiled is a criterion ready to run.
type compiled struct {
	Criterion
	exclude bool
	program cel.Program
	uses    []string // questions
}

// Eligible judges screening answers: every inclusion must be true and every
// exclusion false. The error, a fault.List, tells of answers that are missing
// or of the wrong type, or of a rule that has no value for them.
func (c Checked) Eligible(answers Answers) (Eligibility, error) {
	var l fault.List
	in := map[string]any{}
	for _, q := range c.c.p.Population.Screening {
		v, ok := answers[q.Name]
		if !ok && !c.Asks(q, answers) {
			v, ok = Bool(false), true
		}
		if !ok {
			l.Addf("answer-missing", q.Name, "the question has no answer")
			continue
		}
		if p := q.fits(v); p != nil {
			l.Add(p)
			continue
		}
		in[q.Name] = q.native(v)
	}
	if err := l.Err(); err != nil {
		return Eligibility{}, err
	}
	var e Eligibility
	for _, k := range c.c.criteria {
		out, _, err := k.program.Eval(in)
		yes, ok := false, false
		if err == nil {
			yes, ok = out.Value().(bool)
		}
		if !ok {
			l.Addf("criterion-undefined", k.ID, "the rule has no value for these answers: %v", err)
			continue
		}
		if yes == k.exclude {
			e.Failed = append(e.Failed, Failure{k.ID, k.exclude, k.Show})
		}
	}
	if err := l.Err(); err != nil {
		return Eligibility{}, err
	}
	return e, nil
}

// native gives an answer as CEL knows it.
func (q Question) native(v Value) any {
	switch q.Type {
	case "int":
		return int64(v.num)
	case "number":
		return v.num
	case "bool":
		return v.yes
	}
	return v.text
}

var celTypes = map[string]*cel.Type{"int": cel.IntType, "number": cel.DoubleType, "bool": cel.BoolType, "choice": cel.StringType}

// rules compiles all criteria, and looks at which questions they use.
func (k *checker) rules() {
	if k.misshapen("population.screening") {
		return
	}
	questions := k.p.Population.Screening
	env, err := environment(questions)
	if err != nil {
		k.add("criterion-rule", "population.screening", "the questions cannot be told to the rules: %v", err)
		return
	}
	k.asks(env)
	uses, all := map[string]bool{}, true
	for _, a := range k.checked.asks {
		for _, q := range a.uses {
			uses[q] = true
		}
	}
	compileAll := func(list string, criteria []Criterion, exclude bool) {
		for i, c := range criteria {
			if c.Rule == "" {
				continue
			}
			ready, wrong := compile(env, c, questions, func(name string) *fault.Problem {
				return fault.New("criterion-question", "", "the rule uses %q, which no screening question asks", name)
			})
			for _, p := range wrong {
				k.add(p.Code, at(list, i, "rule"), "%s", p.Message).Hint = p.Hint
			}
			if len(wrong) > 0 {
				all = false
				continue
			}
			if len(ready.uses) == 0 {
				k.add("criterion-constant", at(list, i, "rule"), "the rule asks no question, so it is the same for everybody")
			}
			for _, q := range ready.uses {
				uses[q] = true
			}
			ready.exclude = exclude
			k.checked.criteria = append(k.checked.criteria, ready)
		}
	}
	compileAll("population.include", k.p.Population.Include, false)
	compileAll("population.exclude", k.p.Population.Exclude, true)
	if all {
		k.unusedQuestions(uses)
	}
}

// environment declares the screening questions to CEL.
func environment(questions []Question) (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.StdLib(), cel.ClearMacros(), cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(ruleLength), cel.ParserRecursionLimit(50),
	}
	for _, q := range questions {
		if t, ok := celTypes[q.Type]; ok && q.Name != "" {
			opts = append(opts, cel.Variable(q.Name, t))
		}
	}
	return cel.NewCustomEnv(opts...)
}

// compile makes a criterion ready, or tells what is wrong with its rule; noQuestion
// says that one it uses is not asked.
func compile(env *cel.Env, k Criterion, questions []Question, noQuestion func(name string) *fault.Problem) (compiled, []*fault.Problem) {
	tree, issues := env.Compile(k.Rule)
	if issues.Err() != nil {
		var out []*fault.Problem
		for _, e := range issues.Errors() {
			message := e.Message
			if i := strings.Index(message, "\n"); i >= 0 {
				message = message[:i]
			}
			p := fault.New("criterion-rule", "", "column %d of the rule: %s", e.Location.Column()+1, shorten(message, 160))
			if name, ok := undeclared(message); ok {
				p = noQuestion(name)
				if near := nearest(name, questionNames(questions)); near != "" {
					p.WithHint("did you mean %s?", near)
				}
			}
			out = append(out, p)
		}
		return compiled{}, out
	}
	if tree.OutputType() != cel.BoolType {
		return compiled{}, []*fault.Problem{fault.New("criterion-rule", "", "the rule gives a %s, not true or false", tree.OutputType())}
	}
	uses, wrong := inspect(tree.NativeRep(), questions)
	if len(wrong) > 0 {
		return compiled{}, wrong
	}
	program, err := env.Program(tree, cel.CostLimit(ruleCost))
	if err != nil {
		return compiled{}, []*fault.Problem{fault.Wrap("criterion-rule", "", err)}
	}
	return compiled{Criterion: k, program: program, uses: uses}, nil
}

// undeclared reads the name out of CEL's message about an unknown one.
func undeclared(message string) (string, bool) {
	_, rest, ok := strings.Cut(message, "undeclared reference to '")
	if !ok {
		return "", false
	}
	name, _, ok := strings.Cut(rest, "'")
	return name, ok && forms["name"].pattern.MatchString(name)
}

// inspect lists the questions that a rule uses and finds comparisons of a
// choice with a word that is not one of its levels: they would be false
// whatever the answer.
func inspect(tree *ast.AST, questions []Question) (uses []string, wrong []*fault.Problem) {
	choices := map[string][]string{}
	for _, q := range questions {
		if q.Type == "choice" {
			choices[q.Name] = q.Levels
		}
	}
	compare := func(a, b ast.Expr) {
		if a.Kind() != ast.IdentKind {
			return
		}
		levels, ok := choices[a.AsIdent()]
		if !ok {
			return
		}
		for _, word := range words(b) {
			if !slices.Contains(levels, word) {
				p := fault.New("criterion-level", "", "%s is never %q", a.AsIdent(), clip(word))
				wrong = append(wrong, p.WithHint("its levels are %s", strings.Join(levels, ", ")))
			}
		}
	}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			if !slices.Contains(uses, e.AsIdent()) {
				uses = append(uses, e.AsIdent())
			}
		case ast.CallKind:
			args := e.AsCall().Args()
			switch e.AsCall().FunctionName() {
			case operators.Equals, operators.NotEquals, operators.In:
				compare(args[0], args[1])
				compare(args[1], args[0])
			}
		}
	}))
	return uses, wrong
}

// words gives the string literals of an expression that is one, or a list of
// them.
func words(e ast.Expr) []string {
	switch e.Kind() {
	case ast.LiteralKind:
		if s, ok := e.AsLiteral().(types.String); ok {
			return []string{string(s)}
		}
	case ast.ListKind:
		var out []string
		for _, x := range e.AsList().Elements() {
			out = append(out, words(x)...)
		}
		return out
	}
	return nil
}
