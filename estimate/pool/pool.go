// Package pool puts the answers of several trials to one question together.
//
// What may be pooled is decided by the estimand and not by the name of an
// outcome: two trials whose intercurrent events were handled in other ways
// estimated different quantities, and their mean would be of neither. So
// attributes that differ are refused, each by its name, and pooling in spite of
// one is said wherever the result is.
//
// See doc/methods/meta.md and doc/formats/pool.md.
package pool

import (
	"math"
	"slices"
	"strings"

	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
	"dvala/stats/meta"
)

// Study is one trial's answer to one estimand.
type Study struct {
	Source    string // where it was read, for messages
	Trial     estimate.TrialInfo
	Result    estimate.Result
	Simulated bool
}

// Of takes an estimand's answer out of a trial's results: the primary one where
// none is named.
//
// Faults: pool-dummy (a dummy allocation), pool-estimand (there is none of that
// name, or no or several primary ones), pool-failed (it could not be estimated),
// pool-error (an answer without a standard error).
func Of(source string, r estimate.Results, id string) (Study, error) {
	if r.Dummy {
		return Study{}, fault.New("pool-dummy", source, "the results are of a dummy allocation: their arms are not the real ones")
	}
	at := slices.IndexFunc(r.Estimands, func(e estimate.Result) bool {
		return id == "" && e.Place == protocol.Primary || id != "" && e.ID == id
	})
	if at < 0 {
		var has []string
		for _, e := range r.Estimands {
			has = append(has, e.ID)
		}
		what := "no estimand is primary"
		if id != "" {
			what = "there is no estimand " + id
		}
		return Study{}, fault.New("pool-estimand", source, "%s", what).WithHint("name one of %s, as in %s#%s", strings.Join(has, ", "), source, strings.Join(has[:min(1, len(has))], ""))
	}
	e := r.Estimands[at]
	switch {
	case e.Failed != "" || e.Estimate == nil:
		return Study{}, fault.New("pool-failed", source, "%s could not be estimated: %s", e.ID, e.Failed)
	case e.SE == nil || !(*e.SE > 0):
		return Study{}, fault.New("pool-error", source, "%s has no standard error, and so no weight", e.ID)
	case e.Ratio() && !(*e.Estimate > 0):
		return Study{}, fault.New("pool-error", source, "%s is a ratio of %v", e.ID, *e.Estimate)
	}
	return Study{Source: source, Trial: r.Trial, Result: e, Simulated: r.Trial.Simulated}, nil
}

// Options say how.
type Options struct {
	meta.Options
	// Despite names attributes that may differ: treatment, comparator,
	// population, variable, events.
	Despite []string
}

// Weighed is one trial in the company of the others.
type Weighed struct {
	Trial    string  `json:"trial"`
	Version  string  `json:"version"`
	Title    string  `json:"title"`
	Estimand string  `json:"estimand"`
	Model    string  `json:"model"`
	N        int     `json:"n"`
	Estimate float64 `json:"estimate"`
	SE       float64 `json:"se"` // of a ratio, of its logarithm
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Weight   float64 `json:"weight"` // per cent of the mean under random effects, or of the common one
}

// Mean is a pooled effect. Of a ratio, estimate and limits are ratios and the
// error that of the logarithm.
type Mean struct {
	Estimate float64  `json:"estimate"`
	SE       float64  `json:"se"`
	DF       *float64 `json:"df,omitempty"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	P        float64  `json:"p"`
}

// Pooled is the answer of several trials together.
type Pooled struct {
	Format    int             `json:"format"` // 1
	Question  Question        `json:"question"`
	Simulated bool            `json:"simulated,omitempty"` // made-up people
	Level     float64         `json:"level"`
	Trials    []Weighed       `json:"trials"`
	Random    *Mean           `json:"random,omitempty"` // absent where one common effect was asked for
	Common    Mean            `json:"common"`           // one effect, the same for all
	Spread    string          `json:"spread"`           // how τ² was estimated
	Errors    string          `json:"errors"`
	Tau2      float64         `json:"tau2"`
	Tau2SE    *float64        `json:"tau2_se,omitempty"`
	Q         float64         `json:"q"`
	QDF       float64         `json:"q_df"`
	QP        float64         `json:"q_p"`
	I2        float64         `json:"i2"`
	Predicted *[2]float64     `json:"predicted,omitempty"` // where the effect of one more such trial lies
	Despite   []Differing     `json:"despite,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
	Better    protocol.Better `json:"better"`
}

// Question is what all trials asked.
type Question struct {
	Label   string              `json:"label"`
	Unit    string              `json:"unit"`
	Summary string              `json:"summary"`
	Ratio   bool                `json:"ratio"`
	As      estimate.Attributes `json:"attributes"` // of the first trial
}

// Together pools. The order of the trials is kept and changes no number.
//
// Faults: pool-few, pool-twice (one trial twice), pool-mixed (made-up people and
// real ones), pool-differs (another summary, unit or direction; or an attribute
// that Despite does not name), pool-despite (a name that is no attribute), and
// those of meta.Combine.
func Together(studies []Study, o Options) (Pooled, error) {
	if len(studies) < 2 {
		return Pooled{}, fault.New("pool-few", "", "%d trial: to pool takes two or more", len(studies))
	}
	differing, err := alike(studies, o.Despite)
	if err != nil {
		return Pooled{}, err
	}
	first := studies[0].Result
	p := Pooled{
		Format: 1, Simulated: studies[0].Simulated, Better: first.Better, Despite: differing,
		Question: Question{Label: first.Label, Unit: first.Unit, Summary: first.Summary, Ratio: first.Ratio(), As: first.Estimand},
	}
	var y, v []float64
	for _, s := range studies {
		x := *s.Result.Estimate
		if p.Question.Ratio {
			x = math.Log(x)
		}
		y, v = append(y, x), append(v, *s.Result.SE**s.Result.SE)
	}
	common, err := meta.Combine(y, v, meta.Options{Spread: meta.Common, Errors: meta.Normal, Level: o.Level})
	if err != nil {
		return Pooled{}, err
	}
	r, err := meta.Combine(y, v, o.Options)
	if err != nil {
		return Pooled{}, err
	}
	p.fill(studies, y, v, common, r, o)
	return p, nil
}

func (p *Pooled) fill(studies []Study, y, v []float64, common, r meta.Result, o Options) {
	p.Level, p.Spread, p.Errors = r.Mean.Level, r.Spread, errorsName(o.Errors)
	p.Common = p.mean(common)
	p.Tau2, p.Tau2SE, p.Q, p.QDF, p.QP, p.I2 = r.Tau2, r.Tau2SE, r.Q, r.QDF, r.QP, r.I2
	if o.Spread == meta.Common {
		p.Common, p.I2 = p.mean(r), common.I2
	} else {
		m := p.mean(r)
		p.Random = &m
	}
	if r.Predicted != nil {
		p.Predicted = &[2]float64{p.back(r.Predicted[0]), p.back(r.Predicted[1])}
	}
	var sum float64
	for _, x := range v {
		sum += 1 / (x + r.Tau2)
	}
	half := normalHalf(p.Level)
	for i, s := range studies {
		se := math.Sqrt(v[i])
		w := Weighed{
			Trial: s.Trial.ID, Version: s.Trial.Version, Title: s.Trial.Title, Estimand: s.Result.ID, Model: s.Result.Model, N: s.Result.N,
			Estimate: *s.Result.Estimate, SE: se, Weight: 100 / (v[i] + r.Tau2) / sum,
			Low: p.back(y[i] - half*se), High: p.back(y[i] + half*se),
		}
		// The trial's own interval, where it has one: its t may be wider.
		if s.Result.Low != nil && s.Result.High != nil && s.Result.Level == p.Level {
			w.Low, w.High = *s.Result.Low, *s.Result.High
		}
		p.Trials = append(p.Trials, w)
	}
	p.notes(common, r, o)
}

// back brings a number from the scale that is pooled on to the estimand's own.
func (p *Pooled) back(x float64) float64 {
	if p.Question.Ratio {
		return math.Exp(x)
	}
	return x
}

func (p *Pooled) mean(r meta.Result) Mean {
	e := r.Mean
	return Mean{Estimate: p.back(e.Value), SE: e.SE, DF: e.DF, Low: p.back(e.Low), High: p.back(e.High), P: e.P}
}
