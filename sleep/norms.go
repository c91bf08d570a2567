package sleep

// Norm is a range that a source gives for a measure in a population.
type Norm struct {
	Measure string   `json:"measure"` // of Architecture.Table
	Of      string   `json:"of"`      // whom
	Middle  *float64 `json:"middle,omitempty"`
	Low     float64  `json:"low"`
	High    float64  `json:"high"`
	Kind    string   `json:"kind"` // what the range is
	Source  string   `json:"source"`

	minAge, maxAge int
}

const (
	mitterling = "Mitterling 2015, doi:10.5665/sleep.4730: 100 healthy sleepers, scored by AASM"
	spread     = "median and spread as printed; whether range or percentiles the abstract does not say"
	textbook   = "textbook range for adults, without population"
	ojms       = "an article at scipublications.com (OJMS), table 3"
)

// norms are those values whose source could be read. There is none between 31
// and 60 years but the textbook's.
var norms = []Norm{
	{"se_tib_pct", "healthy people up to 30 years", some(87.0), 71.9, 94.1, spread, mitterling, 18, 30},
	{"tst_min", "healthy people up to 30 years", some(413.5), 345.6, 451.9, spread, mitterling, 18, 30},
	{"n3_pct", "healthy people up to 30 years", some(20.7), 15.2, 37.5, spread, mitterling, 18, 30},
	{"rem_pct", "healthy people up to 30 years", some(15.5), 7.5, 23.6, spread, mitterling, 18, 30},
	{"se_tib_pct", "healthy people over 60 years", some(79.7), 44.5, 90.9, spread, mitterling, 61, 150},
	{"tst_min", "healthy people over 60 years", some(378.3), 216.0, 440.0, spread, mitterling, 61, 150},
	{"n3_pct", "healthy people over 60 years", some(14.9), 2.4, 35.6, spread, mitterling, 61, 150},
	{"rem_pct", "healthy people over 60 years", some(10.3), 1.9, 21.9, spread, mitterling, 61, 150},
	{"rem_latency_onset_min", "adults", nil, 60, 100, textbook, ojms, 18, 150},
	{"n1_pct", "adults", nil, 3, 5, textbook, ojms, 18, 150},
	{"n2_pct", "adults", nil, 45, 55, textbook, ojms, 18, 150},
	{"n3_pct", "adults", nil, 10, 20, textbook, ojms, 18, 150},
	{"rem_pct", "adults", nil, 20, 25, textbook, ojms, 18, 150},
	{"cycle_mean_min", "adults", nil, 90, 110, textbook, ojms, 18, 150},
	{"cycles", "adults", nil, 4, 6, textbook, ojms, 18, 150},
}

// Norms gives what sources say of a measure at an age. An empty answer means that
// no norm could be read, not that any value is usual. Being outside a norm is not
// an illness: people differ, and the spread of one study is no limit.
func Norms(measure string, ageYears int) []Norm {
	var out []Norm
	for _, n := range norms {
		if n.Measure == measure && ageYears >= n.minAge && ageYears <= n.maxAge {
			out = append(out, n)
		}
	}
	return out
}

// Place says where a value lies: "below", "within" or "above".
func (n Norm) Place(v float64) string {
	switch {
	case v < n.Low:
		return "below"
	case v > n.High:
		return "above"
	}
	return "within"
}
