// Package many plays a protocol many times over with made-up people and counts
// what its own analyses find: power where there is an effect, and where there
// is none how often one is claimed.
//
// Every trial is a whole one: people are screened, randomised by a list of the
// protocol's design, wear a ring that mistakes one stage for another, keep a
// diary that fades, stop and leave; then the protocol's estimands are estimated
// from what is left. Nothing is written anywhere.
//
// Trial k is a pure function of (protocol, world, seed, k): its seeds come from
// the counter, not from the trial before. So the result does not depend on how
// many workers there were, and the first 100 of 500 trials are those of 100.
// See doc/methods/power-simulation.md.
package many

import (
	"context"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"dvala/fault"
	"dvala/protocol"
	"dvala/simulate"
	"dvala/stats/multiple"
	"dvala/stats/summary"
)

// Plan is what is to be played.
type Plan struct {
	Protocol protocol.Checked
	Model    simulate.Model
	// Participants to randomise; 0 takes the protocol's number.
	Participants int
	Trials       int
	Seed         uint64
	// DiaryAt90 is the share of mornings still kept 90 days in, of those that
	// would be at the start; it falls evenly in its logarithm. 0 means 2/3, 1
	// that diaries do not fade.
	DiaryAt90 float64
	Workers   int // 0 takes the processors there are
	// Progress is told how many trials are done, by one goroutine at a time.
	Progress func(done, of int)
}

// Found is what one trial's analysis of one estimand gave.
type Found struct {
	Estimate, P float64
	SE          *float64 // absent where the analysis has none, as of an exact one
	N           int
	Failed      string // why there is no estimate
}

// Tally is what many trials gave for one estimand.
type Tally struct {
	ID     string         `json:"id"`
	Place  protocol.Place `json:"place"`
	Model  string         `json:"model"`
	Unit   string         `json:"unit"`
	Log    bool           `json:"log,omitempty"` // a ratio: mean, SD and SE are of its logarithm
	Trials int            `json:"trials"`        // that gave an estimate
	Failed int            `json:"failed"`
	Why    string         `json:"why,omitempty"` // the first failure's reason
	People float64        `json:"people"`        // in the analysis, mean
	Mean   float64        `json:"mean"`          // of the estimates
	SD     float64        `json:"sd"`            // of the estimates
	SE     float64        `json:"se"`            // the analyses' own where they have one, root mean square
	// Below and Above count trials with p at or below Alpha, by the sign of the
	// estimate; a trial without an estimate finds nothing.
	Below int     `json:"below"`
	Above int     `json:"above"`
	Alpha float64 `json:"alpha"`
	// Power is (Below+Above)/all trials with its exact interval.
	Power     float64 `json:"power"`
	PowerLow  float64 `json:"power_low"`
	PowerHigh float64 `json:"power_high"`
	// Claimed counts trials in which the protocol's procedure confirms it;
	// absent where it is exploratory.
	Claimed *int `json:"claimed,omitempty"`
}

// Outcome is what a plan gave.
type Outcome struct {
	Participants int     `json:"participants"`
	Trials       int     `json:"trials"`
	Seed         uint64  `json:"seed"`
	Effect       float64 `json:"effect"`
	DiaryAt90    float64 `json:"diary_at_90"`
	Estimands    []Tally `json:"estimands"`
	// AnyClaim counts trials in which the procedure confirms anything.
	AnyClaim int `json:"any_claim"`
}

// Run plays the plan. An estimand that cannot be estimated in one trial is
// counted; a trial that breaks the rules of a trial is a fault, since it says
// that the protocol cannot be run.
func Run(ctx context.Context, p Plan) (Outcome, error) {
	if err := p.fill(); err != nil {
		return Outcome{}, err
	}
	found := make([][]Found, p.Trials) // by trial, then by estimand in order
	told := make(chan struct{}, p.Workers)
	stopped := make(chan struct{})
	go func() {
		done := 0
		for range told {
			done++
			if p.Progress != nil {
				p.Progress(done, p.Trials)
			}
		}
		close(stopped)
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.Workers)
	for k := range p.Trials {
		g.Go(func() error {
			var err error
			if found[k], err = p.trial(ctx, k); err == nil {
				told <- struct{}{}
			}
			return err
		})
	}
	err := g.Wait()
	close(told)
	<-stopped
	if err != nil {
		return Outcome{}, err
	}
	return p.count(found)
}

func (p *Plan) fill() error {
	if p.Protocol.IsZero() {
		return fault.New("power-protocol", "", "there is no protocol")
	}
	if p.Participants == 0 {
		p.Participants = p.Protocol.Protocol().Design.Participants
	}
	if p.DiaryAt90 == 0 {
		p.DiaryAt90 = 2.0 / 3
	}
	if p.Workers <= 0 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	if p.Trials < 1 || p.Participants < 1 || !(p.DiaryAt90 > 0 && p.DiaryAt90 <= 1) || math.IsNaN(p.Model.Effect) || math.IsInf(p.Model.Effect, 0) {
		return fault.New("power-plan", "", "%d trials of %d people with an effect of %v, and %v of diaries kept after 90 days, cannot be played", p.Trials, p.Participants, p.Model.Effect, p.DiaryAt90)
	}
	return nil
}

// count sums up in the order of the trials, whoever was done first.
func (p *Plan) count(found [][]Found) (Outcome, error) {
	proto := p.Protocol.Protocol()
	out := Outcome{Participants: p.Participants, Trials: p.Trials, Seed: p.Seed, Effect: p.Model.Effect, DiaryAt90: p.DiaryAt90}
	for j, e := range p.Protocol.InOrder() {
		o, _ := p.Protocol.Outcome(e.Variable.Outcome)
		t := Tally{ID: e.ID, Place: e.Place, Model: e.Model.Kind, Unit: o.Unit, Log: ratio(e.Summary), Alpha: proto.Multiplicity.Alpha}
		if t.Alpha == 0 {
			t.Alpha = 0.05
		}
		if e.Place != protocol.Exploratory && proto.Multiplicity.Method != "none" {
			t.Claimed = new(int)
		}
		if err := t.sum(found, j); err != nil {
			return Outcome{}, err
		}
		out.Estimands = append(out.Estimands, t)
	}
	for _, f := range found {
		claims, err := p.claims(f)
		if err != nil {
			return Outcome{}, err
		}
		any := false
		for j, yes := range claims {
			if yes && out.Estimands[j].Claimed != nil {
				*out.Estimands[j].Claimed++
				any = true
			}
		}
		if any {
			out.AnyClaim++
		}
	}
	return out, nil
}

func (t *Tally) sum(found [][]Found, j int) error {
	var ss, se2, withSE float64
	for _, trial := range found {
		f := trial[j]
		if f.Failed != "" {
			if t.Failed == 0 {
				t.Why = f.Failed
			}
			t.Failed++
			continue
		}
		t.Trials++
		t.Mean += f.Estimate
		t.People += float64(f.N)
		if f.SE != nil {
			se2 += *f.SE * *f.SE
			withSE++
		}
		if f.P <= t.Alpha && f.Estimate < 0 {
			t.Below++
		} else if f.P <= t.Alpha {
			t.Above++
		}
	}
	if n := float64(t.Trials); n > 0 {
		t.Mean /= n
		t.People /= n
		t.SE = math.Sqrt(se2 / math.Max(1, withSE))
		for _, trial := range found {
			if f := trial[j]; f.Failed == "" {
				ss += (f.Estimate - t.Mean) * (f.Estimate - t.Mean)
			}
		}
		if n > 1 {
			t.SD = math.Sqrt(ss / (n - 1))
		}
	}
	share, err := summary.ExactShare(t.Below+t.Above, len(found), 0.95)
	if err != nil {
		return err
	}
	t.Power, t.PowerLow, t.PowerHigh = float64(t.Below+t.Above)/float64(len(found)), share.Low, share.High
	return nil
}

// claims tells what the protocol's procedure confirms of one trial, by the
// estimands in order.
func (p *Plan) claims(f []Found) ([]bool, error) {
	m := p.Protocol.Protocol().Multiplicity
	var family []int
	var ps []float64
	order := p.Protocol.InOrder()
	for j, e := range order {
		if e.Place == protocol.Exploratory {
			continue
		}
		v := 1.0 // what could not be estimated is not rejected
		if f[j].Failed == "" {
			v = f[j].P
		}
		family, ps = append(family, j), append(ps, v)
	}
	out := make([]bool, len(order))
	if len(family) == 0 || m.Method == "none" {
		return out, nil
	}
	ids := make([]string, len(family))
	for k, j := range family {
		ids[k] = order[j].ID
	}
	adjusted, err := adjust(m, ids, ps)
	for k, j := range family {
		out[j] = err == nil && adjusted[k] <= m.Alpha
	}
	return out, err
}

// adjust gives the p-values that the procedure holds against its level.
func adjust(m protocol.Multiplicity, ids []string, p []float64) ([]float64, error) {
	switch m.Method {
	case "fixed-sequence":
		return multiple.FixedSequence(p)
	case "holm":
		return multiple.Holm(p)
	case "hochberg":
		return multiple.Hochberg(p)
	case "graph":
		g := graphOf(m, ids)
		r, err := g.Adjust(p)
		return r.Adjusted, err
	}
	return nil, fault.New("power-multiplicity", "multiplicity.method", "claims under %q cannot be counted", m.Method)
}

// graphOf is the protocol's graph over the family, in its order.
func graphOf(m protocol.Multiplicity, ids []string) multiple.Graph {
	at := map[string]int{}
	g := multiple.Graph{Weights: make([]float64, len(ids)), Transition: make([][]float64, len(ids))}
	for k, id := range ids {
		at[id] = k
		g.Transition[k] = make([]float64, len(ids))
	}
	for _, w := range m.Weights {
		if k, ok := at[w.Estimand]; ok {
			g.Weights[k] = w.Share
		}
	}
	for _, a := range m.Arrows {
		from, ok := at[a.From]
		to, also := at[a.To]
		if ok && also {
			g.Transition[from][to] = a.Share
		}
	}
	return g
}
