package protocol

import (
	"slices"

	"cel.dev/cel-go/cel"

	"dvala/fault"
	"dvala/instrument"
)

// Asks says whether somebody who has given the answers before a question is asked
// it. While the rule has no value for want of an answer, she is not.
func (c Checked) Asks(q Question, answers Answers) bool {
	rule, some := c.c.asks[q.Name]
	if !some {
		return true
	}
	in := map[string]any{}
	for _, other := range c.c.p.Population.Screening {
		if v, ok := answers[other.Name]; ok && other.fits(v) == nil {
			in[other.Name] = other.native(v)
		} else if other.AskIf != "" && !ok {
			in[other.Name] = false // not asked is a no
		}
	}
	out, _, err := rule.program.Eval(in)
	if err != nil {
		return false
	}
	yes, ok := out.Value().(bool)
	return ok && yes
}

// asks compiles the rules of questions that not everybody is asked. Such a question
// is answered by yes or no, since no is what whoever is not asked counts as; a rule
// looks at earlier questions only, so that it can be decided when its turn comes;
// and what everybody must have (a stratum, a covariate, a line of the baseline
// table) cannot hang on another answer.
func (k *checker) asks(env *cel.Env) {
	k.checked.asks = map[string]compiled{}
	questions := k.p.Population.Screening
	needed := k.neededOfAll()
	for i, q := range questions {
		k.scored(q, at("population.screening", i))
		if q.AskIf == "" {
			continue
		}
		place := at("population.screening", i, "ask_if")
		switch {
		case q.Type != "bool":
			k.add("question-ask-if", place, "only a question of the type bool can be left out: who is not asked counts as a no")
		case q.Baseline || needed[q.Name]:
			k.add("question-ask-if", place, "%s is a stratum, a covariate or in the baseline table, and so is asked of everybody", q.Name)
		}
		ready, wrong := compile(env, Criterion{ID: q.Name, Rule: q.AskIf}, questions, func(name string) *fault.Problem {
			return fault.New("criterion-question", "", "the rule uses %q, which no screening question asks", name)
		})
		for _, p := range wrong {
			k.add(p.Code, place, "%s", p.Message).Hint = p.Hint
		}
		if len(wrong) > 0 {
			continue
		}
		if len(ready.uses) == 0 {
			k.add("criterion-constant", place, "the rule asks no question, so it is the same for everybody")
		}
		for _, name := range ready.uses {
			if j := slices.IndexFunc(questions, func(q Question) bool { return q.Name == name }); j >= i {
				k.add("question-ask-if", place, "%s is asked later than %s, which hangs on it", name, q.Name)
			}
		}
		k.checked.asks[q.Name] = ready
	}
}

// neededOfAll are the questions whose answers nobody may lack.
func (k *checker) neededOfAll() map[string]bool {
	out := map[string]bool{}
	for _, s := range k.p.Randomisation.Strata {
		out[s.Name] = true
	}
	for _, e := range k.p.Estimands {
		for _, c := range e.Model.Covariates {
			out[c] = true
		}
	}
	return out
}

// scored checks that the score which answers a question is there, and a number.
func (k *checker) scored(q Question, place string) {
	if q.Scored == nil {
		return
	}
	if q.Type != "int" && q.Type != "number" {
		k.add("question-score", place+".scored", "a score is a number, and %s is of the type %s", q.Name, q.Type)
	}
	d, ok := k.instrument(q.Scored.Instrument, place+".scored.instrument")
	if !ok {
		return
	}
	if _, ok := d.Scale(instrument.ScaleID(q.Scored.Score)); !ok {
		k.add("question-score", place+".scored.score", "%s has no score %q", d.ID, clip(q.Scored.Score))
	}
}
