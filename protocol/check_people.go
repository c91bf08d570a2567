package protocol

import (
	"maps"
	"slices"
	"sort"
)

// celWords are words that CEL keeps for itself or that name its types.
var celWords = []string{
	"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
	"loop", "package", "namespace", "return", "var", "void", "while", "int", "uint", "double", "bool", "string", "bytes",
	"list", "map", "type", "size", "has", "all", "exists", "filter", "dyn", "duration", "timestamp", "matches", "contains",
}

func (k *checker) population() {
	questions := k.p.Population.Screening
	k.unique("population.screening", "name", questionNames(questions))
	for i, q := range questions {
		k.question(q, at("population.screening", i))
	}
	k.criteria()
}

// criteria checks that a criterion's ID names one of them only, be it an
// inclusion or an exclusion.
func (k *checker) criteria() {
	ids := map[string]string{}
	check := func(list string, criteria []Criterion) {
		for i, c := range criteria {
			place := at(list, i)
			if other, ok := ids[c.ID]; ok && c.ID != "" {
				k.add("duplicate-id", place+".id", "%q is the name of %s already", c.ID, other)
			}
			ids[c.ID] = place
		}
	}
	check("population.include", k.p.Population.Include)
	check("population.exclude", k.p.Population.Exclude)
}

func (k *checker) question(q Question, place string) {
	if q.Name == siteStratum || slices.Contains(celWords, q.Name) {
		k.add("question-name", place+".name", "%q has a meaning of its own and cannot name a question", q.Name)
	}
	numeric := q.Type == "int" || q.Type == "number"
	switch {
	case q.Type == "choice" && len(q.Levels) < 2:
		k.add("question-levels", place+".levels", "a choice wants two levels at least")
	case q.Type != "" && q.Type != "choice" && len(q.Levels) > 0:
		k.add("question-levels", place+".levels", "only a choice has levels")
	}
	for i, l := range q.Levels {
		if slices.Contains(q.Levels[:i], l) {
			k.add("duplicate-id", at(place+".levels", i), "%q stands here twice", l)
		}
	}
	if q.Type != "" && !numeric && (q.Min != nil || q.Max != nil) {
		k.add("question-bounds", place, "only numbers have a min and a max")
	}
	if q.Min != nil && q.Max != nil && *q.Min >= *q.Max {
		k.add("question-bounds", place+".max", "max %g is not above min %g", *q.Max, *q.Min)
	}
	if numeric && (q.Min == nil || q.Max == nil) {
		k.warn("question-unbounded", place, "nothing stops a slip of the finger: the number has no min and max")
	}
}

// unusedQuestions warns of what is asked at screening for no stated purpose:
// personal data that nobody needs.
func (k *checker) unusedQuestions(uses map[string]bool) {
	for _, s := range k.p.Randomisation.Strata {
		uses[s.Name] = true
	}
	for _, e := range k.p.Estimands {
		for _, c := range e.Model.Covariates {
			uses[c] = true
		}
	}
	for i, q := range k.p.Population.Screening {
		if q.Name != "" && !q.Baseline && !uses[q.Name] {
			k.warn("question-unused", at("population.screening", i), "%s is asked, and no criterion, stratum, model or baseline table uses it", q.Name).
				WithHint("ask only for what the trial needs")
		}
	}
}

// consent checks that a comprehension question has a right answer among others,
// and that questions and optional parts can be told apart.
func (k *checker) consent() {
	c := k.p.Consent
	var ids []string
	for i, q := range c.Questions {
		place := at("consent.questions", i)
		ids = append(ids, q.ID)
		switch {
		case len(q.Options) < 2:
			k.add("comprehension-options", place+".options", "a question wants two options at least")
		case q.Right >= len(q.Options):
			k.add("comprehension-right", place+".right", "option %d is right, and the last is %d; they are counted from 0", q.Right, len(q.Options)-1)
		}
	}
	k.unique("consent.questions", "id", ids)
	ids = nil
	for _, o := range c.Optional {
		ids = append(ids, o.ID)
	}
	k.unique("consent.optional", "id", ids)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	sort.Strings(keys)
	return keys
}

func questionNames(questions []Question) []string {
	out := make([]string, len(questions))
	for i, q := range questions {
		out[i] = q.Name
	}
	return out
}
