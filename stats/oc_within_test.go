package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"dvala/stats"
	"dvala/stats/crossover"
	"dvala/stats/lmm"
	"dvala/stats/meta"
	"dvala/stats/nof1"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func kinds() []kind {
	return []kind{
		oneOfOne("one person, 4 cycles of 2 × 5 nights", 4, 5),
		oneOfOne("one person, 6 cycles of 2 × 7 nights", 6, 7),
		seriesOfOne(), beliefs(), crossoverTrial(), fourPeriods(),
		orderedOnce(), orderedNights(), countTrial(), leaving(), habitTrial(), takers(), alikeNights(), wrongCovariance(), references(),
	}
}

// nightsOfOne makes one person's nights in the order of a lot, φ = 0.3 between
// neighbours and a tenth of them missing, the level drifting from cycle to cycle.
func nightsOfOne(r *rand.Rand, cycles, nights int, effect float64) []nof1.Night {
	const phi, sd = 0.3, 25.0
	var out []nof1.Night
	e, day := r.NormFloat64(), 0
	for c := range cycles {
		level := 380 + 12*r.NormFloat64()
		first := r.IntN(2) == 0
		for p := range 2 {
			for range nights {
				n := nof1.Night{Day: day, Block: c + 1, Active: (p == 0) == first, Y: level + sd*e}
				if n.Active {
					n.Y += effect
				}
				if r.Float64() > 0.1 {
					out = append(out, n)
				}
				day++
				e = phi*e + math.Sqrt(1-phi*phi)*r.NormFloat64()
			}
		}
	}
	return out
}

func oneOfOne(title string, cycles, nights int) kind {
	ways := []nof1.Options{
		{Errors: nof1.Serial}, {Errors: nof1.NeweyWest}, {}, {Time: nof1.Steady, Errors: nof1.Serial}, {Time: nof1.Steady},
	}
	return kind{
		title: title, size: 120,
		asked: []question{
			{name: "by cycle, t of the differences", kept: true},
			{name: "by cycle, sign flips"},
			{name: "levels per cycle, AR(1)"},
			{name: "levels per cycle, Newey–West, lag 3"},
			{name: "levels per cycle, independent nights"},
			{name: "no drift, AR(1)"},
			{name: "no drift, independent nights"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 15
			}
			v := nightsOfOne(r, cycles, nights, effect)
			b, err := nof1.ByBlock(v, 0)
			out := []answer{answered(b.Effect, effect, err), onlyP(1, err)}
			if err == nil {
				out[1].p = *b.SignFlip
			}
			for _, o := range ways {
				f, err := nof1.Individual(v, o)
				out = append(out, answered(f.Effect, effect, err))
			}
			return out
		},
	}
}

// seriesOfOne is twelve people of four cycles, whose effects differ with a
// standard deviation of 8.
func seriesOfOne() kind {
	const people, tau = 12, 8.0
	return kind{
		title: "twelve people, 4 cycles of 2 × 5 nights", size: 10,
		asked: []question{
			{name: "two stages, independent nights, REML, Knapp–Hartung", kept: true},
			{name: "two stages, AR(1), REML, Knapp–Hartung", kept: true},
			{name: "posterior of the mean, prior N(0, 50²), half-normal(10)"},
			{name: "one stage, Satterthwaite"},
			{name: "one stage, Kenward–Roger"},
			{name: "one stage, AR(1), Satterthwaite"},
			{name: "the first person’s effect, alone (AR(1))", mute: true},
			{name: "the same, drawn towards the mean", mute: true},
			{name: "the same, posterior", mute: true},
			{name: "the next person’s effect, prediction interval", mute: true},
			{name: "the same, posterior", mute: true},
		},
		run: func(r *rand.Rand, with bool) []answer {
			mu := 0.0
			if with {
				mu = 12
			}
			var all []nof1.Person
			var own []float64
			for i := range people {
				own = append(own, mu+tau*r.NormFloat64())
				all = append(all, nof1.Person{Name: fmt.Sprint(i), Nights: nightsOfOne(r, 4, 5, own[i])})
			}
			next := mu + tau*r.NormFloat64()
			prior := meta.Prior{SD: 50, Tau: 10}
			plain, err := nof1.Combine(all, nof1.Options{}, meta.Options{}, nil)
			out := []answer{answered(plain.Mean.Mean, mu, err)}
			c, err := nof1.Combine(all, nof1.Options{Errors: nof1.Serial}, meta.Options{}, &prior)
			out = append(out, answered(c.Mean.Mean, mu, err))
			if err != nil || c.Mean.Predicted == nil || c.People[0].Name != "0" {
				return failing(out, 11, fmt.Errorf("no series: %w", cmpErr(err, fmt.Errorf("the first person was left out"))))
			}
			out = append(out, believed(c.Posterior.Mu, mu))
			for _, w := range []struct {
				errors nof1.Errors
				method reml.Method
			}{{nof1.Independent, reml.Satterthwaite}, {nof1.Independent, reml.KenwardRoger}, {nof1.Serial, reml.Satterthwaite}} {
				f, err := nof1.OneStage(all, nof1.Options{Errors: w.errors}, w.method)
				if err != nil {
					out = append(out, answer{err: err})
					continue
				}
				out = append(out, answered(f.Coefficients[1], mu, nil))
			}
			first := c.People[0]
			p := c.Mean.Predicted
			return append(
				out,
				answered(first.Fit.Effect, own[0], nil), answered(stats.Z("", first.Shrunk.Value, first.Shrunk.SE, 0.95), own[0], nil), believed(*first.Belief, own[0]),
				answer{value: (p[0] + p[1]) / 2, se: math.NaN(), low: p[0], high: p[1], truth: next}, believed(c.Posterior.Next, next),
			)
		},
	}
}

// failing fills up the answers of a trial that could not be analysed.
func failing(out []answer, n int, err error) []answer {
	for len(out) < n {
		out = append(out, answer{err: err})
	}
	return out
}

// believed takes a posterior as an answer: 0 outside the interval is what
// p ≤ 0.05 is of a test.
func believed(b meta.Belief, truth float64) answer {
	return answer{value: b.Mean, se: b.SD, low: b.Low, high: b.High, truth: truth, p: 2 * math.Min(b.Positive, 1-b.Positive)}
}

// beliefs draws the effect from the prior itself and errors with a known
// variance: the model as it is written. Then every credible interval must hold
// what it speaks of in 95 %, whatever the sizes.
func beliefs() kind {
	prior := meta.Prior{Mean: 3, SD: 8, Tau: 6}
	return kind{
		title: "effects drawn from the prior, variances known, 6 people", size: 60,
		asked: []question{
			{name: "posterior of the mean", kept: true, mute: true},
			{name: "of the spread τ", kept: true, mute: true},
			{name: "of the first person", kept: true, mute: true},
			{name: "of the next person", kept: true, mute: true},
		},
		run: func(r *rand.Rand, _ bool) []answer {
			mu, tau := prior.Mean+prior.SD*r.NormFloat64(), math.Abs(prior.Tau*r.NormFloat64())
			var y, v, own []float64
			for i := range 6 {
				v = append(v, 9+float64(12*i))
				own = append(own, mu+tau*r.NormFloat64())
				y = append(y, own[i]+math.Sqrt(v[i])*r.NormFloat64())
			}
			next := mu + tau*r.NormFloat64()
			p, err := meta.NormalNormal(y, v, prior, 0)
			if err != nil {
				return failing(nil, 4, err)
			}
			return []answer{believed(p.Mu, mu), believed(p.Tau, tau), believed(p.Theta[0], own[0]), believed(p.Next, next)}
		},
	}
}

// crossed makes people of several periods, their order drawn in pairs of
// opposite sequences: a person's own level and one of each of her periods, the
// period shared by all, nights missing by one in eight, people who leave by one
// in seven after the first period.
type crossed struct {
	person, period []int
	active, y      []float64
	name           []string
	mean           [][]*float64 // of each person by period
	first          []string
}

func makeCrossed(r *rand.Rand, people, periods, nights int, shared, effect float64) crossed {
	var c crossed
	level := make([]float64, periods)
	for k := range level {
		level[k] = shared * r.NormFloat64()
	}
	next, start := 0, 0
	for i := range people {
		if i%2 == 0 {
			start = r.IntN(2)
		} else {
			start = 1 - start
		}
		u, gone := 30*r.NormFloat64(), r.Float64() < 1.0/7
		means := make([]*float64, periods)
		any := false
		for k := range periods {
			if k > 0 && gone {
				break
			}
			w := 12 * r.NormFloat64()
			a := float64((start + k) % 2)
			var sum, n float64
			for range nights {
				if r.Float64() < 0.125 {
					continue
				}
				y := 380 + u + w + level[k] + effect*a + 40*r.NormFloat64()
				c.person, c.period = append(c.person, next), append(c.period, k)
				c.active, c.y, c.name = append(c.active, a), append(c.y, y), append(c.name, fmt.Sprint(k+1))
				sum, n, any = sum+y, n+1, true
			}
			if n > 0 {
				m := sum / n
				means[k] = &m
			}
		}
		c.mean, c.first = append(c.mean, means), append(c.first, []string{"control", "active"}[start])
		if any {
			next++
		}
	}
	return c
}

func (c crossed) fit(in lmm.Periods, names ...string) answer {
	d, err := terms.Build([]terms.Variable{terms.Numeric("active", c.active), terms.FactorOf("period", c.name)}, names...)
	if err != nil {
		return answer{err: err}
	}
	in.Period = c.period
	f, err := lmm.Crossed(d, c.y, c.person, in)
	if err != nil {
		return answer{err: err}
	}
	return answered(f.Coefficients[1], 0, nil)
}

// crossoverTrial is two periods of fourteen nights.
func crossoverTrial() kind {
	return kind{
		title: "crossover, 24 people, 2 periods of 14 nights", size: 300,
		asked: []question{
			{name: "complete people, means of periods, period adjusted", kept: true},
			{name: "complete people, paired t"},
			{name: "all nights, person and person × period, Satterthwaite"},
			{name: "the same, Kenward–Roger", kept: true},
			{name: "person alone, Kenward–Roger (wrong here)"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 10
			}
			c := makeCrossed(r, 24, 2, 14, 6, effect)
			var two []crossover.Person
			var a, b []float64
			for i, m := range c.mean {
				two = append(two, crossover.Person{First: c.first[i], Outcomes: [2]*float64{m[0], m[1]}})
				if m[0] != nil && m[1] != nil {
					x, y := *m[0], *m[1]
					if c.first[i] == "control" {
						x, y = y, x
					}
					a, b = append(a, x), append(b, y)
				}
			}
			h, err := crossover.Analyse(two, "active", "control", 0)
			p, err2 := crossover.Paired(a, b, 0)
			out := []answer{
				answered(h.Treatment, 0, err), answered(p, 0, err2),
				c.fit(lmm.Periods{Within: true}, "active", "period"), c.fit(lmm.Periods{Within: true, Method: reml.KenwardRoger}, "active", "period"),
				c.fit(lmm.Periods{Method: reml.KenwardRoger}, "active", "period"),
			}
			for j := range out {
				out[j].truth = effect
			}
			return out
		},
	}
}

// fourPeriods has periods that move everybody alike.
func fourPeriods() kind {
	return kind{
		title: "four periods of 7 nights, 16 people", size: 60,
		asked: []question{
			{name: "person and person × period, periods fixed, Kenward–Roger", kept: true},
			{name: "the same, Satterthwaite"},
			{name: "person, person × period and periods random, Kenward–Roger"},
			{name: "the same, Satterthwaite"},
			{name: "person and periods random (wrong here), Kenward–Roger"},
		},
		run: func(r *rand.Rand, with bool) []answer {
			effect := 0.0
			if with {
				effect = 10
			}
			c := makeCrossed(r, 16, 4, 7, 8, effect)
			out := []answer{
				c.fit(lmm.Periods{Within: true, Method: reml.KenwardRoger}, "active", "period"), c.fit(lmm.Periods{Within: true}, "active", "period"),
				c.fit(lmm.Periods{Within: true, Shared: true, Method: reml.KenwardRoger}, "active"), c.fit(lmm.Periods{Within: true, Shared: true}, "active"),
				c.fit(lmm.Periods{Shared: true, Method: reml.KenwardRoger}, "active"),
			}
			for j := range out {
				out[j].truth = effect
			}
			return out
		},
	}
}
