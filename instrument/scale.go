package instrument

// Scale is the rule by which answers become one score. Of names items, or
// scales further up in the same file; a reversed item enters as
// Min + Max − answer.
type Scale struct {
	ID      ScaleID    `json:"id" yaml:"id"`
	Label   Text       `json:"label" yaml:"label"`
	Rule    Rule       `json:"rule" yaml:"rule"`
	Of      []string   `json:"of" yaml:"of"`
	Times   []float64  `json:"times,omitempty" yaml:"times"`   // combination: one factor for each of Of
	Plus    float64    `json:"plus,omitempty" yaml:"plus"`     // combination: a constant
	From    float64    `json:"from,omitempty" yaml:"from"`     // rescaled-mean: (mean − From) × Factor
	Factor  float64    `json:"factor,omitempty" yaml:"factor"` // rescaled-mean
	Steps   []Step     `json:"steps,omitempty" yaml:"steps"`   // graded
	Range   [2]float64 `json:"range" yaml:"range"`             // least and greatest possible score
	Unit    string     `json:"unit" yaml:"unit"`               // points, mm, min, %
	Better  Better     `json:"better,omitempty" yaml:"better"`
	Missing Missing    `json:"missing" yaml:"missing"`
	Bands   []Band     `json:"bands,omitempty" yaml:"bands"`
	// Noticeable is the smallest difference people notice, where one is known.
	Noticeable *Difference  `json:"noticeable,omitempty" yaml:"noticeable"`
	Changes    []Difference `json:"changes,omitempty" yaml:"changes"` // other published sizes of change
	Inner      bool         `json:"inner,omitempty" yaml:"inner"`     // a step towards another scale, not reported
	Basis      Basis        `json:"basis" yaml:"basis"`
}

// Rule is how a score is computed.
type Rule string

const (
	Sum          Rule = "sum"           // Σ x
	Mean         Rule = "mean"          // Σ x / n
	RescaledMean Rule = "rescaled-mean" // (Σ x / n − From) × Factor
	Combination  Rule = "combination"   // Σ Times·x + Plus
	Graded       Rule = "graded"        // the points of the first step whose bound holds x; one x
	Span         Rule = "span"          // minutes from the first clock time to the second, over midnight
	Percent      Rule = "percent"       // 100 × first / second
)

// Step gives points to all x of at most UpTo, or below Below; the last step has
// neither bound and takes the rest.
type Step struct {
	UpTo   *float64 `json:"up-to,omitempty" yaml:"up-to"`
	Below  *float64 `json:"below,omitempty" yaml:"below"`
	Points float64  `json:"points" yaml:"points"`
}

// Missing is how few answers a score may rest on. Below AtLeast the score is
// absent. A mean is taken of the answered; a sum from fewer than all is allowed
// only with Fill, which puts the mean of the answered in the place of the rest.
type Missing struct {
	AtLeast int   `json:"at-least" yaml:"at-least"`
	Fill    bool  `json:"fill,omitempty" yaml:"fill"`
	Basis   Basis `json:"basis" yaml:"basis"`
}

// Band is a named part of a score's range, both ends inclusive.
type Band struct {
	From  float64 `json:"from" yaml:"from"`
	To    float64 `json:"to" yaml:"to"`
	Label Text    `json:"label" yaml:"label"`
	Basis Basis   `json:"basis,omitzero" yaml:"basis"`
}

// Difference is a published size of difference in a score.
type Difference struct {
	Value float64 `json:"value" yaml:"value"`
	What  string  `json:"what" yaml:"what"`
	Basis Basis   `json:"basis" yaml:"basis"`
}

// BandOf gives the band a score lies in.
func (s *Scale) BandOf(v float64) (Band, bool) {
	for _, b := range s.Bands {
		if v >= b.From && v <= b.To {
			return b, true
		}
	}
	return Band{}, false
}
