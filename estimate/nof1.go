package estimate

import (
	"fmt"
	"math"
	"slices"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats"
	"dvala/stats/meta"
	"dvala/stats/nof1"
)

// everyone heads the tables of a trial of people who each have an order of their
// own: they are no groups to compare.
const everyone = "everyone"

// cycleOf gives the block of a period: the cycle, or without cycles the pair of
// periods, where every order has both treatments in each pair. 0 is no block.
func (r *run) cycleOf(period int, arms [2]string) int {
	if c := r.p.Design.Cycles; c > 0 {
		return (period-1)/(r.p.Design.Periods/c) + 1
	}
	for _, seq := range r.sequence {
		for k := 0; k < len(seq); k += 2 {
			if k+1 >= len(seq) || !slices.Contains(seq[k:k+2], arms[0]) || !slices.Contains(seq[k:k+2], arms[1]) {
				return 0
			}
		}
	}
	return (period-1)/2 + 1
}

// nofOptions are those that the protocol names.
func (r *run) nofOptions(s *set) nof1.Options {
	m := s.estimand.Model
	o := nof1.Options{Carry: m.CarryOverDays, Level: r.level}
	if m.Autoregressive {
		o.Errors = nof1.Serial
	}
	switch {
	case m.Time == "trend":
		o.Time = nof1.Trend
	case m.Time == "steady" || r.cycleOf(1, s.arms) == 0:
		o.Time = nof1.Steady
	}
	return o
}

// nofNights are a member's nights under the two treatments.
func (r *run) nofNights(s *set, m *member) []nof1.Night {
	var out []nof1.Night
	for _, n := range m.nights {
		arm := r.arm(m.person.Group, n.period)
		if arm == s.arms[0] || arm == s.arms[1] {
			x := nof1.Night{Day: n.day, Block: r.cycleOf(n.period, s.arms), Active: arm == s.arms[0], Y: n.x}
			if !x.Active {
				x.Since = r.sinceTreatment(m.person.Group, n, s.arms[0])
			}
			out = append(out, x)
		}
	}
	return out
}

// sinceTreatment gives the days from the last night of the treatment's latest
// period, by the plan and whether that night has a value or not, to a night of
// another; 0 where no such period was before it.
func (r *run) sinceTreatment(group string, n nightOf, treatment string) int {
	for period := n.period - 1; period >= 1; period-- {
		if r.arm(group, period) == treatment {
			return n.day - (r.startOf(period) + r.p.Design.TreatmentDays)
		}
	}
	return 0
}

// nof1 estimates what the treatment does in each person, from her own nights,
// and of several people what it does on average and how much it differs
// between them. With a prior in the protocol the posterior stands beside it.
func (r *run) nof1(s *set, res *Result) error {
	o := r.nofOptions(s)
	var people []nof1.Person
	for i := range s.members {
		people = append(people, nof1.Person{Name: s.members[i].person.Subject, Nights: r.nofNights(s, &s.members[i])})
	}
	var prior *meta.Prior
	if p := s.estimand.Model.Prior; p != nil {
		prior = &meta.Prior{Mean: p.Mean, SD: p.SD, Tau: p.Between}
	}
	var err error
	if len(people) == 1 {
		err = r.nofAlone(s, res, people[0], o, prior)
	} else {
		err = r.nofTogether(s, res, people, o, prior)
	}
	if err != nil || r.bare {
		return err
	}
	res.Method = nofTold(s.estimand, r.cycleOf(1, s.arms) > 0)
	if len(s.members) == 1 {
		res.Notes = append(res.Notes, "One person took part: the answer is about her alone, and with few cycles her interval leans on the model of her nights.")
	}
	return nil
}

// nofAlone is the answer of one person.
func (r *run) nofAlone(s *set, res *Result, p nof1.Person, o nof1.Options, prior *meta.Prior) error {
	f, err := nof1.Individual(p.Nights, o)
	if err != nil {
		return err
	}
	res.take(f.Effect)
	one := r.personEffect(s, p.Name, f)
	if prior != nil {
		post, err := meta.NormalNormal([]float64{f.Effect.Value}, []float64{f.Effect.SE * f.Effect.SE}, *prior, r.level)
		if err != nil {
			return err
		}
		one.Belief = r.belief(s, post.Theta[0])
		res.Posterior = &Posterior{Prior: post.Prior.String(), Effect: *one.Belief}
	}
	res.People = []PersonEffect{one}
	r.nofTerms(res, f)
	if r.cycleOf(1, s.arms) == 0 {
		return nil
	}
	// What leans on the design alone, and holds its level whatever her nights do
	// (doc/methods/operating-characteristics.md).
	if b, err := nof1.ByBlock(p.Nights, r.level); err == nil {
		t := termOf(b.Effect)
		t.Name = fmt.Sprintf("from the differences within her %d cycles alone (t)", len(b.Differences))
		res.Terms = append(res.Terms, t)
	}
	if f.Phi == nil && f.Autocorrelation > 2/math.Sqrt(float64(f.Nights)) {
		res.Notes = append(res.Notes, "What is left of neighbouring nights correlates by "+decimals(f.Autocorrelation, 2)+", though they were taken as independent: the interval is likely too narrow. The one from her cycles alone does not need them to be.")
	}
	return nil
}

func (r *run) nofTerms(res *Result, f nof1.Fit) {
	if f.Carry != nil {
		t := termOf(*f.Carry)
		t.Name = "carry-over: nights soon after the treatment minus later ones without it"
		res.Terms = append(res.Terms, t)
	}
	if f.Phi != nil {
		res.Notes = append(res.Notes, "Neighbouring nights correlate by "+decimals(*f.Phi, 2)+".")
	}
}

// nofTogether is the answer of several: each alone, then the mean of what they
// have and its spread (REML, Knapp and Hartung).
func (r *run) nofTogether(s *set, res *Result, people []nof1.Person, o nof1.Options, prior *meta.Prior) error {
	t, err := nof1.Combine(people, o, meta.Options{Level: r.level}, prior)
	for _, l := range t.Left {
		res.Dropped = addCount(res.Dropped, "no effect of her own can be estimated: "+reason(l.Fault))
	}
	if err != nil {
		return err
	}
	res.N = len(t.People)
	res.take(t.Mean.Mean)
	sd := math.Sqrt(t.Mean.Tau2)
	res.Spread = &Spread{SD: sd, Q: t.Mean.Q, QDF: t.Mean.QDF, QP: t.Mean.QP, I2: t.Mean.I2}
	if t.Mean.Predicted != nil {
		res.Spread.Low, res.Spread.High = &t.Mean.Predicted[0], &t.Mean.Predicted[1]
	}
	for _, one := range t.People {
		e := r.personEffect(s, one.Name, one.Fit)
		if one.Shrunk != nil {
			e.Shrunk, e.ShrunkSE = &one.Shrunk.Value, &one.Shrunk.SE
		}
		if one.Belief != nil {
			e.Belief = r.belief(s, *one.Belief)
		}
		res.People = append(res.People, e)
	}
	if t.Posterior != nil {
		next := r.belief(s, t.Posterior.Next)
		between := Belief{Mean: t.Posterior.Tau.Mean, SD: t.Posterior.Tau.SD, Low: t.Posterior.Tau.Low, High: t.Posterior.Tau.High, Benefit: nil}
		res.Posterior = &Posterior{Prior: t.Posterior.Prior.String(), Effect: *r.belief(s, t.Posterior.Mu), Next: next, Between: &between}
	}
	if r.bare || r.quick {
		return nil
	}
	r.oneStage(res, people, o)
	return nil
}

// oneStage sets one model of all nights beside the two stages; where it cannot be
// fitted that is told.
func (r *run) oneStage(res *Result, people []nof1.Person, o nof1.Options) {
	f, err := nof1.OneStage(people, o, dfMethod("", 0))
	if err != nil {
		res.Notes = append(res.Notes, "All nights in one model could not be fitted: "+reason(err)+".")
		return
	}
	for _, c := range f.Coefficients {
		if c.Name == "active" {
			t := termOf(c)
			t.Name = "all nights in one mixed model (REML, Satterthwaite)"
			res.Terms = append(res.Terms, t)
		}
	}
}

// belief turns a posterior so that the probability is that of a benefit.
func (r *run) belief(s *set, b meta.Belief) *Belief {
	p := b.Positive
	if s.outcome.Better == protocol.Lower {
		p = 1 - p
	}
	return &Belief{Mean: b.Mean, SD: b.SD, Low: b.Low, High: b.High, Benefit: &p}
}

// personEffect is one person's own answer, and the means of her periods.
func (r *run) personEffect(s *set, subject string, f nof1.Fit) PersonEffect {
	e := f.Effect
	out := PersonEffect{
		Subject: subject, Nights: f.Nights, Active: f.Active, Estimate: e.Value, SE: e.SE, DF: e.DF, Low: e.Low, High: e.High, P: e.P,
		Autocorrelation: f.Phi,
	}
	i := slices.IndexFunc(s.members, func(m member) bool { return m.person.Subject == subject })
	m := s.members[i]
	if r.cycleOf(1, s.arms) > 0 {
		if b, err := nof1.ByBlock(r.nofNights(s, &m), r.level); err == nil {
			out.OrderP = b.SignFlip
		}
	}
	for period := range len(r.sequence[m.person.Group]) {
		x := m.periods[period+1]
		arm := r.arm(m.person.Group, period+1)
		if len(x) == 0 || arm != s.arms[0] && arm != s.arms[1] {
			continue
		}
		p := PeriodMean{Period: period + 1, Cycle: r.cycleOf(period+1, s.arms), Arm: arm, FirstDay: r.checked.PeriodStart(period+1) + 1, N: len(x)}
		p.Mean, p.SD = meanSD(x)
		out.Periods = append(out.Periods, p)
	}
	return out
}

// bothSides says whether a person has nights under both treatments, or what is
// lacking.
func (r *run) bothSides(s *set, m *member) string {
	for _, a := range s.arms {
		has := false
		for period, x := range m.periods {
			has = has || len(x) > 0 && r.arm(m.person.Group, period) == a
		}
		if !has && !r.blind {
			return "no night with " + inText(r.label(a))
		}
	}
	return ""
}

// pairedOver is the mean difference within people over all their periods of the
// two treatments.
func (r *run) pairedOver(s *set) (a, b []float64, err error) {
	for _, m := range s.members {
		var x [2]float64
		for i, arm := range s.arms {
			n := 0
			for period := range len(r.sequence[m.person.Group]) {
				if v, ok := m.mean(period + 1); ok && r.arm(m.person.Group, period+1) == arm {
					x[i] += v
					n++
				}
			}
			if n == 0 {
				return nil, nil, fault.New(stats.EmptyGroup, "", "%s has no value with %s", m.person.Subject, r.label(arm))
			}
			x[i] /= float64(n)
		}
		a, b = append(a, x[0]), append(b, x[1])
	}
	return a, b, nil
}

// nofTold says the model in words, in the plan and beside the result alike.
func nofTold(e protocol.Estimand, cycles bool) string {
	m := e.Model
	out := "Each person’s nights by treatment"
	switch {
	case m.Time == "trend":
		out += " and a straight line in days"
	case m.Time == "steady" || !cycles:
		out += ", the level being taken not to drift"
	default:
		out += " and cycle, so that every cycle has a level of its own"
	}
	if m.CarryOverDays > 0 {
		out += fmt.Sprintf(", with an effect of its own for nights without the treatment up to %s after it", days(m.CarryOverDays))
	}
	if m.Autoregressive {
		out += "; nights h apart correlate as φʰ (REML), which is taken as known in her degrees of freedom"
	} else {
		out += "; nights are taken as independent given these"
	}
	out += ". Of several people the mean effect and its spread between people are estimated from each one’s estimate and error (REML, Knapp and Hartung), and each one’s effect is told alone and drawn towards the mean; all nights in one mixed model stand beside it."
	if p := m.Prior; p != nil {
		out += " The posterior, by exact quadrature, is under the prior " + (meta.Prior{Mean: p.Mean, SD: p.SD, Tau: p.Between}).String() + "."
	}
	return out
}
