package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"dvala/stats"
	"dvala/stats/complier"
	"dvala/stats/dist"
	"dvala/stats/glm"
	"dvala/stats/habits"
	"dvala/stats/lmm"
	"dvala/stats/missing"
	"dvala/stats/mmrm"
	"dvala/stats/ordinal"
	"dvala/stats/reml"
	"dvala/stats/survival"
	"dvala/stats/terms"
)

// twoArms gives n people in permuted blocks of four, and a covariate.
func twoArms(r *rand.Rand, n int) (arm, bl []float64) {
	for len(arm) < n {
		b := []float64{0, 0, 1, 1}
		r.Shuffle(4, func(i, j int) { b[i], b[j] = b[j], b[i] })
		arm = append(arm, b...)
	}
	for range n {
		bl = append(bl, r.NormFloat64())
	}
	return arm[:n], bl
}

// byArm is a design of baseline and arm; the arm's coefficient is the third.
func byArm(bl, arm []float64) (*terms.Design, error) {
	var names []string
	for _, a := range arm {
		names = append(names, fmt.Sprint(a))
	}
	return terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", names, "0", "1")}, "bl", "arm")
}

// cut puts a value on a logistic scale into one of five answers.
func cut(v float64) int {
	c := 0
	for c < 4 && v > -1.6+1.1*float64(c) {
		c++
	}
	return c
}

func logit(r *rand.Rand) float64 { return math.Log(1/r.Float64() - 1) }

func orderedOnce() kind {
	return kind{
		title: "ordered answers in five steps, 80 people once", size: 400,
		asked: []question{{name: "cumulative logit, log odds ratio"}},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 0.9
			}
			arm, bl := twoArms(r, 80)
			y := make([]int, 80)
			for i := range y {
				y[i] = cut(effect*arm[i] + 0.9*bl[i] + logit(r))
			}
			d, err := byArm(bl, arm)
			if err != nil {
				return []answer{{err: err}}
			}
			f, err := ordinal.Cumulative(d, y, 0)
			if err != nil {
				return []answer{{err: err}}
			}
			return []answer{answered(f.Coefficients[1], effect, nil)}
		},
	}
}

// orderedNights are ten nights of 80 people. For the marginal model nights of a
// person are alike through a normal copula, under which proportional odds hold
// for each night exactly; for the other a person has a level of her own.
func orderedNights() kind {
	return kind{
		title: "ordered answers of 80 people over 10 nights", size: 20,
		asked: []question{{name: "marginal, sandwich over people, log odds ratio"}, {name: "random intercept, 15 nodes, log odds ratio within a person"}},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 0.9
			}
			one, b1 := twoArms(r, 80)
			var arm, bl []float64
			var person, marginal, within []int
			for i := range one {
				u, own := r.NormFloat64(), 1.2*r.NormFloat64()
				for range 10 {
					if r.Float64() < 0.1 {
						continue
					}
					z := math.Sqrt(0.4)*u + math.Sqrt(0.6)*r.NormFloat64()
					v := -math.Log(dist.NormalUpper(z)) + math.Log(dist.NormalCDF(z))
					arm, bl, person = append(arm, one[i]), append(bl, b1[i]), append(person, i)
					marginal = append(marginal, cut(effect*one[i]+0.5*b1[i]+v))
					within = append(within, cut(effect*one[i]+0.5*b1[i]+own+logit(r)))
				}
			}
			d, err := byArm(bl, arm)
			if err != nil {
				return failing(nil, 2, err)
			}
			out := make([]answer, 2)
			if f, err := ordinal.Marginal(d, marginal, person, 0); err != nil {
				out[0].err = err
			} else {
				out[0] = answered(f.Coefficients[1], effect, nil)
			}
			if f, err := ordinal.Intercept(d, within, person, 0, 0); err != nil {
				out[1].err = err
			} else {
				out[1] = answered(f.Coefficients[1], effect, nil)
			}
			return out
		},
	}
}

// countTrial is awakenings over 10 to 21 nights, people differing by a gamma of
// shape 2 beyond what the covariate says.
func countTrial() kind {
	return kind{
		title: "counts over nights, 80 people, overdispersed", size: 400,
		asked: []question{
			{name: "Poisson, standardised, influence functions, log rate ratio"},
			{name: "Poisson, errors of the model (wrong here), log rate ratio"},
			{name: "negative binomial, log rate ratio"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = math.Log(0.7)
			}
			arm, bl := twoArms(r, 80)
			var y, exposure []float64
			for i := range arm {
				nights := float64(10 + r.IntN(12))
				frailty := -(math.Log(1-r.Float64()) + math.Log(1-r.Float64())) / 2
				y = append(y, poisson(r, nights*0.8*frailty*math.Exp(effect*arm[i]+0.3*bl[i])))
				exposure = append(exposure, math.Log(nights))
			}
			d, err := byArm(bl, arm)
			if err != nil {
				return failing(nil, 3, err)
			}
			f, err := glm.Regress(d, y, glm.Options{Family: glm.Poisson, Offset: exposure})
			if err != nil {
				return failing(nil, 3, err)
			}
			m, err := f.Standardise("arm", "1", "0")
			if err != nil {
				return failing(nil, 3, err)
			}
			g, err := glm.Regress(d, y, glm.Options{Family: glm.Poisson, Offset: exposure, Errors: glm.Model})
			if err != nil {
				return failing(nil, 3, err)
			}
			nb, err := glm.NegativeBinomial(d, y, exposure, 0)
			if err != nil {
				return failing(nil, 3, err)
			}
			return []answer{logarithm(*m.Ratio, effect, nil), answered(g.Coefficients[2], effect, nil), answered(nb.Coefficients[2], effect, nil)}
		},
	}
}

// poisson draws by counting exponential gaps.
func poisson(r *rand.Rand, mean float64) float64 {
	n := 0.0
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

// leaving is the day of an event within 21, at a hazard of 0.035 a day and half
// of that, others leaving for reasons of their own.
func leaving() kind {
	const last = 21
	return kind{
		title: "days to an event within 21, 80 people", size: 400,
		asked: []question{
			{name: "log-rank"}, {name: "difference of Kaplan–Meier’s shares at day 21, Greenwood"}, {name: "Cox, log hazard ratio"}, {name: "difference of restricted means to day 21, days"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			hazard := [2]float64{0.035, 0.035}
			if with {
				hazard[1] /= 2
			}
			arm, _ := twoArms(r, 80)
			var ts []survival.Time
			var own [2][]survival.Time
			var group []int
			for _, a := range arm {
				g := int(a)
				t, c := r.ExpFloat64()/hazard[g], r.ExpFloat64()/0.006
				// Day k is from k − 1 to k: who leaves on a day is at risk for it.
				x := survival.Time{T: math.Ceil(math.Min(t, c)), Event: t <= c}
				if x.T > last {
					x = survival.Time{T: last}
				}
				ts, group, own[g] = append(ts, x), append(group, g), append(own[g], x)
			}
			return timesToEvent(ts, own, group, hazard, last)
		},
	}
}

func timesToEvent(ts []survival.Time, own [2][]survival.Time, group []int, hazard [2]float64, last float64) []answer {
	l, err := survival.Compare(ts, group, nil)
	out := []answer{onlyP(l.P, err)}
	var share, mean [2]float64
	var at [2]survival.Step
	var rm [2]stats.Estimate
	for g := range 2 {
		share[g] = math.Exp(-hazard[g] * last)
		for d := range int(last) {
			mean[g] += math.Exp(-hazard[g] * float64(d))
		}
		c, err := survival.KaplanMeier(own[g], 0)
		if err != nil {
			return failing(out, 4, err)
		}
		at[g], _ = c.At(last)
		if rm[g], err = c.RestrictedMean(last); err != nil {
			return failing(out, 4, err)
		}
	}
	out = append(out, answered(stats.Z("", at[1].S-at[0].S, math.Hypot(at[0].SE, at[1].SE), 0.95), share[1]-share[0], nil))
	h, err := survival.HazardRatio(ts, group, nil, 0)
	return append(out, logarithm(h, math.Log(hazard[1]/hazard[0]), err),
		answered(stats.Z("", rm[1].Value-rm[0].Value, math.Hypot(rm[0].SE, rm[1].SE), 0.95), mean[1]-mean[0], nil))
}

// habitTrial is 40 people over 21 nights with two habits: one that goes with
// shorter sleep within people and longer between them, and one that goes with
// nothing.
func habitTrial() kind {
	return kind{
		title: "two habits, 40 people over 21 nights", size: 150,
		asked: []question{
			{name: "within people, Kenward–Roger", kept: true}, {name: "between people, Kenward–Roger"}, {name: "any of four effects after Benjamini and Hochberg"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			w, b := 0.0, 0.0
			if with {
				w, b = -4, 8
			}
			var nights []habits.Night
			for p := range 40 {
				usual, own := r.NormFloat64(), 25*r.NormFloat64()
				for d := range 21 {
					if r.Float64() < 0.1 {
						continue
					}
					x, z := usual+r.NormFloat64(), r.NormFloat64()
					y := 400 + own + b*usual + w*(x-usual) + 30*r.NormFloat64()
					nights = append(nights, habits.Night{Person: fmt.Sprint(p), Day: d, Y: &y, Habits: []*float64{&x, &z}})
				}
			}
			f, err := habits.Explore(nights, []habits.Habit{{Name: "stress"}, {Name: "screens"}}, habits.Options{Method: reml.KenwardRoger})
			if err != nil {
				return failing(nil, 3, err)
			}
			least := 1.0
			for _, e := range f.Effects {
				least = min(least, *e.WithinAdjusted, *e.BetweenAdjusted)
			}
			return []answer{answered(*f.Effects[0].Within, w, nil), answered(*f.Effects[0].Between, b, nil), onlyP(least, nil)}
		},
	}
}

// takers are three in four, who would be three points better off anyway; nobody
// takes the treatment without being given it.
func takers() kind {
	return kind{
		title: "80 people, three in four of whom take what they are given", size: 400,
		asked: []question{{name: "complier effect, two stages, HC1"}},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = -4
			}
			arm, bl := twoArms(r, 80)
			var y, taken []float64
			for i := range arm {
				takes := 0.0
				if r.Float64() < 0.75 {
					takes = 1
				}
				taken = append(taken, takes*arm[i])
				y = append(y, 15+3*bl[i]-3*takes+effect*takes*arm[i]+4*r.NormFloat64())
			}
			d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl)}, "bl")
			if err != nil {
				return []answer{{err: err}}
			}
			f, err := complier.TwoStage(d, y, taken, arm, complier.HC1, 0)
			if err != nil {
				return []answer{{err: err}}
			}
			return []answer{answered(f.Effect, effect, nil)}
		},
	}
}

// wrongCovariance fits covariances that are not those of the trial.
func wrongCovariance() kind {
	return kind{
		title: "80 people, a covariance that is wrong", size: 100,
		asked: []question{
			{name: "MMRM, compound symmetry, Kenward–Roger"},
			{name: "MMRM, compound symmetry, CR2", kept: true},
			{name: "MMRM, unstructured, CR2", kept: true},
			{name: "nights, random intercept where slopes differ, Kenward–Roger, at night 21"},
			{name: "the same, CR2", kept: true},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = -2
			}
			t := make80(r, effect)
			d, in, err := t.visits()
			if err != nil {
				return failing(nil, 5, err)
			}
			active, control := terms.At{"arm": "1", "visit": "D21"}, terms.At{"arm": "0", "visit": "D21"}
			var out []answer
			for _, o := range []mmrm.Options{{Structure: mmrm.CompoundSymmetry, Method: reml.KenwardRoger}, {}} {
				f, err := mmrm.Repeated(d, in, o)
				if err != nil {
					return failing(out, 5, err)
				}
				if o.Method == reml.KenwardRoger {
					e, err := f.Difference("", active, control, terms.Equal)
					out = append(out, answered(e, effect, err))
				}
				e, err := f.RobustDifference("", active, control, terms.Equal, reml.CR2)
				out = append(out, answered(e, effect, err))
			}
			x, y, _, person, err := t.nights()
			if err != nil {
				return failing(out, 5, err)
			}
			f, err := lmm.Random(x, y, person, lmm.Options{})
			if err != nil {
				return failing(out, 5, err)
			}
			l := []float64{0, 0, 1, 0, 21}
			e, err := f.Contrast("", l, reml.KenwardRoger)
			c, err2 := f.RobustContrast("", l, reml.CR2)
			return append(out, answered(e, effect, err), answered(c, effect, err2))
		},
	}
}

// alikeNights are fourteen nights of 40 people that correlate by 0.4 with the night
// before beyond what a person's level says, one in eight missing.
func alikeNights() kind {
	return kind{
		title: "nights that correlate, 40 people over 14 nights", size: 40,
		asked: []question{
			{name: "random intercept and AR(1), Satterthwaite", kept: true}, {name: "the same, Kenward–Roger", kept: true}, {name: "random intercept alone, Kenward–Roger"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 15
			}
			one, b1 := twoArms(r, 40)
			var arm, bl, y, night []float64
			var person []int
			for i := range one {
				u, e := 20*r.NormFloat64(), r.NormFloat64()
				for d := range 14 {
					if d > 0 {
						e = 0.4*e + math.Sqrt(1-0.16)*r.NormFloat64()
					}
					if r.Float64() < 0.125 {
						continue
					}
					arm, bl, night, person = append(arm, one[i]), append(bl, b1[i]), append(night, float64(d)), append(person, i)
					y = append(y, 400+effect*one[i]+10*b1[i]+u+40*e)
				}
			}
			d, err := byArm(bl, arm)
			if err != nil {
				return failing(nil, 3, err)
			}
			l := []float64{0, 0, 1}
			f, err := lmm.Random(d, y, person, lmm.Options{Nights: night})
			if err != nil {
				return failing(nil, 3, err)
			}
			a, err := f.Contrast("", l, reml.Satterthwaite)
			k, err2 := f.Contrast("", l, reml.KenwardRoger)
			out := []answer{answered(a, effect, err), answered(k, effect, err2)}
			g, err := lmm.Random(d, y, person, lmm.Options{})
			if err != nil {
				return failing(out, 3, err)
			}
			e, err := g.Contrast("", l, reml.KenwardRoger)
			return append(out, answered(e, effect, err))
		},
	}
}

// references impute by the reference arm. What each estimates is found from one
// trial of 200,000 people by the same rule.
func references() kind {
	strategies := []missing.Strategy{missing.Jump, missing.Copy, missing.Increments}
	truths := sync.OnceValue(func() map[missing.Strategy]float64 {
		out := map[missing.Strategy]float64{}
		big := makeTrial(rand.New(rand.NewPCG(5, 5)), 200000, -2)
		for _, s := range strategies {
			if m, err := missing.Impute(asMissing(big), s, 2, 0, 1, 0); err == nil {
				out[s] = m.Value
			}
		}
		return out
	})
	return kind{
		title: "80 people, missing visits by the reference arm", size: 0,
		asked: []question{
			{name: "jump to reference, conditional mean, jackknife", kept: true},
			{name: "copy reference, the same", kept: true},
			{name: "copy increments, the same", kept: true},
			{name: "jump to reference, 20 imputations, Rubin’s rules"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			truth := map[missing.Strategy]float64{}
			if with {
				effect, truth = -2, truths()
			}
			t := asMissing(make80(r, effect))
			var out []answer
			for _, s := range strategies {
				m, err := missing.ConditionalMean(t, s, 0)
				out = append(out, answered(m.Estimate, truth[s], err))
			}
			m, err := missing.Impute(t, missing.Jump, 20, 0, r.Uint64(), 0)
			return append(out, answered(m.Estimate, truth[missing.Jump], err))
		},
	}
}

func asMissing(t madeTrial) missing.Trial {
	return missing.Trial{Y: t.y, Arm: t.arm, Visits: []string{"D07", "D14", "D21"}, Covariates: []terms.Variable{terms.Numeric("bl", t.bl)}}
}
