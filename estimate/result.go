package estimate

import (
	"dvala/protocol"
)

// Result is one estimand's answer. Estimate is treatment minus comparator, or
// treatment over comparator where Summary is a ratio; shares are in percent.
type Result struct {
	ID    string         `json:"id"`
	Place protocol.Place `json:"place"`
	Order int            `json:"order,omitempty"`
	Label string         `json:"label"`
	Unit  string         `json:"unit"`
	// Estimand is what was to be estimated: the attributes of ICH E9(R1), in words.
	Estimand Attributes      `json:"estimand"`
	Summary  string          `json:"summary"` // mean-difference, risk-difference, odds-ratio, …
	Better   protocol.Better `json:"better"`
	When     string          `json:"when"`               // "at day 21", "nights 15 to 21"
	Analysis string          `json:"analysis,omitempty"` // of a sensitivity analysis: its kind
	Model    string          `json:"model"`
	Method   string          `json:"method"` // the model in a sentence
	Estimate *float64        `json:"estimate,omitempty"`
	SE       *float64        `json:"se,omitempty"` // of a ratio, of its logarithm
	DF       *float64        `json:"df,omitempty"`
	Low      *float64        `json:"low,omitempty"` // interval at Level
	High     *float64        `json:"high,omitempty"`
	Level    float64         `json:"level"` // 0.95
	P        *float64        `json:"p,omitempty"`
	// PAdjusted is adjusted within the family of primary and secondary estimands.
	PAdjusted *float64 `json:"p_adjusted,omitempty"`
	// PExplored is adjusted by Benjamini and Hochberg among the exploratory
	// estimands: it bounds the share of false alarms among those called, and
	// supports no claim.
	PExplored *float64 `json:"p_explored,omitempty"`
	// Claim is "confirmed", "not confirmed", or "not tested" (an earlier one in
	// the sequence failed, or exploratory).
	Claim       string       `json:"claim"`
	G           *float64     `json:"g,omitempty"` // Hedges' g and its interval
	GLow        *float64     `json:"g_low,omitempty"`
	GHigh       *float64     `json:"g_high,omitempty"`
	Matters     *float64     `json:"matters,omitempty"`
	MattersFrom string       `json:"matters_from,omitempty"`
	Arms        []ArmSummary `json:"arms"`
	N           int          `json:"n"`    // people in the analysis
	Rows        int          `json:"rows"` // values in the analysis
	Dropped     []Count      `json:"dropped,omitempty"`
	Converged   *bool        `json:"converged,omitempty"`
	Terms       []Term       `json:"terms,omitempty"` // period, sequence, covariates
	Times       []TimePoint  `json:"times,omitempty"` // the contrast at each visit or week of the model
	Curves      []Curve      `json:"curves,omitempty"`
	Tipping     *Tipping     `json:"tipping,omitempty"`
	// People, Spread and Posterior are of a series of n-of-1 trials.
	People      []PersonEffect `json:"people,omitempty"`
	Spread      *Spread        `json:"spread,omitempty"`
	Posterior   *Posterior     `json:"posterior,omitempty"`
	Fits        []Attempt      `json:"fits,omitempty"` // all that were tried, in order
	Diagnostics *Diagnostics   `json:"diagnostics,omitempty"`
	Notes       []string       `json:"notes,omitempty"`
	// Found says what was seen and Reading what the interval allows and rules
	// out; Sentence is the two together, in plain words, English. They are the
	// only wording there is: terminal, report and protocol page show these.
	Found    string `json:"found"`
	Reading  string `json:"reading,omitempty"`
	Sentence string `json:"sentence"`
	// Sensitivity holds the same estimand under other assumptions, as the
	// protocol names them. Nothing is claimed from any of them.
	Sensitivity []Result `json:"sensitivity,omitempty"`
	// Failed says why there is no estimate.
	Failed string `json:"failed,omitempty"`
}

// Ratio says whether the estimate is a ratio, which is 1 where there is no
// difference.
func (r Result) Ratio() bool {
	return r.Summary == "odds-ratio" || r.Summary == "risk-ratio" || r.Summary == "rate-ratio"
}

// TimePoint is the contrast at one visit, or over one week, of a model that
// takes several together. Only the estimand's own is claimed.
type TimePoint struct {
	When     string       `json:"when"`
	Target   bool         `json:"target,omitempty"` // part of what the estimand is about
	Estimate float64      `json:"estimate"`
	SE       float64      `json:"se"`
	DF       *float64     `json:"df,omitempty"`
	Low      float64      `json:"low"`
	High     float64      `json:"high"`
	P        float64      `json:"p"`
	Arms     []ArmSummary `json:"arms"`
}

// Attempt is one model that was fitted on the way to the one that stands.
type Attempt struct {
	Model      string  `json:"model"`
	Parameters int     `json:"parameters,omitempty"` // of the covariance
	Iterations int     `json:"iterations"`
	Criterion  float64 `json:"m2ll,omitempty"` // −2 log likelihood at the last iteration, up to a constant
	Stands     bool    `json:"stands,omitempty"`
	Why        string  `json:"why,omitempty"` // why it does not stand
}

// Diagnostics says how well the model sits on the data.
type Diagnostics struct {
	Residuals *Residuals `json:"residuals,omitempty"`
	Influence *Influence `json:"influence,omitempty"`
}

// Residuals are standardised, and so about normal with variance 1 where the
// model is right.
type Residuals struct {
	N        int     `json:"n"`
	Min      float64 `json:"min"`
	Q1       float64 `json:"q1"`
	Median   float64 `json:"median"`
	Q3       float64 `json:"q3"`
	Max      float64 `json:"max"`
	Skewness float64 `json:"skewness"`
	Kurtosis float64 `json:"excess_kurtosis"`
	Beyond   int     `json:"beyond_3"` // further than 3 from 0; one in 370 is usual
}

// Influence is what becomes of the estimate when each person is left out in
// turn.
type Influence struct {
	People  int       `json:"people"`
	Failed  int       `json:"failed,omitempty"` // without whom there is no fit
	Low     float64   `json:"low"`              // estimates without one person
	High    float64   `json:"high"`
	Crossed int       `json:"crossed"` // without whom p lies on the other side of alpha
	Without []float64 `json:"without"` // all of them, from the least
}

// Tipping tells how far the values that are missing would have to lie from
// where the model puts them before p crosses the level.
type Tipping struct {
	Arm       string         `json:"arm"`   // whose missing values are shifted
	Limit     float64        `json:"limit"` // how far was looked, both ways
	Imputed   int            `json:"imputed"`
	Crossings []float64      `json:"crossings"` // shifts at which p is alpha, from the least
	Points    []TippingPoint `json:"points"`
}

// TippingPoint is the answer at one shift.
type TippingPoint struct {
	Delta    float64 `json:"delta"`
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	P        float64 `json:"p"`
}

// Curve is the share of an arm still without the event, by Kaplan and Meier.
type Curve struct {
	Arm    string       `json:"arm"`
	N      int          `json:"n"`
	Events int          `json:"events"`
	End    float64      `json:"end"` // the last day that anybody was followed
	Points []CurvePoint `json:"points"`
}

// CurvePoint is the curve from a day on.
type CurvePoint struct {
	Day    float64 `json:"day"`
	AtRisk int     `json:"at_risk"`
	Share  float64 `json:"share"` // 0 … 1
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// PersonEffect is what the treatment did in one person of a series of n-of-1
// trials, from her own nights, and in the company of the others.
type PersonEffect struct {
	Subject         string       `json:"subject"`
	Nights          int          `json:"nights"`
	Active          int          `json:"active"` // of them, with the treatment
	Estimate        float64      `json:"estimate"`
	SE              float64      `json:"se"`
	DF              *float64     `json:"df,omitempty"`
	Low             float64      `json:"low"`
	High            float64      `json:"high"`
	P               float64      `json:"p"`
	Autocorrelation *float64     `json:"autocorrelation,omitempty"`
	OrderP          *float64     `json:"order_p,omitempty"` // of the orders that could have been drawn, exactly
	Shrunk          *float64     `json:"shrunk,omitempty"`  // drawn towards the mean
	ShrunkSE        *float64     `json:"shrunk_se,omitempty"`
	Belief          *Belief      `json:"belief,omitempty"`
	Periods         []PeriodMean `json:"periods,omitempty"`
}

// PeriodMean is one period's nights.
type PeriodMean struct {
	Period   int      `json:"period"`
	Cycle    int      `json:"cycle,omitempty"`
	Arm      string   `json:"arm"`
	FirstDay int      `json:"first_day"` // from randomisation
	N        int      `json:"n"`
	Mean     *float64 `json:"mean,omitempty"`
	SD       *float64 `json:"sd,omitempty"`
}

// Spread is how much the effect differs between people.
type Spread struct {
	SD   float64  `json:"sd"`
	Low  *float64 `json:"low,omitempty"` // where the next person's effect lies
	High *float64 `json:"high,omitempty"`
	Q    float64  `json:"q"` // Cochran's, with its test of no spread
	QDF  float64  `json:"q_df"`
	QP   float64  `json:"q_p"`
	I2   float64  `json:"i2"`
}

// Belief is a posterior: of an effect, with the probability that it is on the
// better side of 0.
type Belief struct {
	Mean    float64  `json:"mean"`
	SD      float64  `json:"sd"`
	Low     float64  `json:"low"`
	High    float64  `json:"high"`
	Benefit *float64 `json:"benefit,omitempty"`
}

// Posterior is what the data make of a stated prior.
type Posterior struct {
	Prior   string  `json:"prior"`
	Effect  Belief  `json:"effect"`            // of one person's effect, or the mean of several
	Next    *Belief `json:"next,omitempty"`    // of one more person's
	Between *Belief `json:"between,omitempty"` // of the SD between people
}
