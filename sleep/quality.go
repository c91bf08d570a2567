package sleep

// Verdict is whether a criterion is met.
type Verdict string

// The verdicts.
const (
	Met       Verdict = "met"
	NotMet    Verdict = "not met"
	Undecided Verdict = "undecided" // between good and poor, where the source does not decide
	NotKnown  Verdict = "unknown"   // the night does not tell
)

// Criterion is one criterion of a good night with what this night has to say to
// it. There is no sum of them: a night that fails one is not half as good.
type Criterion struct {
	Name    string   `json:"name"`
	Asks    string   `json:"asks"`            // in a sentence, with its limits
	Measure string   `json:"measure"`         // of Architecture.Table, or "refreshed"
	Value   *float64 `json:"value,omitempty"` // of it
	Unit    string   `json:"unit,omitempty"`
	Verdict Verdict  `json:"verdict"`
	Source  string   `json:"source"`
}

// Sleeper is what a criterion may need to know of a person beside the night.
type Sleeper struct {
	AgeYears  *int  // decides between the National Sleep Foundation's limits
	Refreshed *bool // says the person in the morning
}

// Sources of criteria.
const (
	fromArticle     = "the article this program began from; “few” and “steady” in figures are ours, as doc/methods/quality.md says"
	fromNSF         = "Ohayon 2017, doi:10.1016/j.sleh.2016.11.006 (National Sleep Foundation's panel), as its summaries print it"
	fromHirshkowitz = "Hirshkowitz 2015, doi:10.1016/j.sleh.2014.12.010 (National Sleep Foundation's panel)"
)

// limits are where a measure is good and where it is poor.
type limits struct{ good, poor float64 }

// upTo judges a measure that should be small: met up to good, not met from poor.
func (l limits) upTo(v *float64) Verdict {
	switch {
	case v == nil:
		return NotKnown
	case *v <= l.good:
		return Met
	case *v >= l.poor:
		return NotMet
	}
	return Undecided
}

// atLeast judges a measure that should be large.
func (l limits) atLeast(v *float64) Verdict {
	switch {
	case v == nil:
		return NotKnown
	case *v >= l.good:
		return Met
	case *v <= l.poor:
		return NotMet
	}
	return Undecided
}

// QualityOf judges one night by stated criteria. Shares of stages are not judged:
// the panel found no consensus on them.
func QualityOf(a Architecture, s Sleeper) []Criterion {
	rows := map[string]Row{}
	for _, r := range a.Table() {
		rows[r.Name] = r
	}
	judge := func(name, measure, asks, source string, verdict func(*float64) Verdict) Criterion {
		r := rows[measure]
		return Criterion{Name: name, Asks: asks, Measure: measure, Value: r.Value, Unit: r.Unit, Verdict: verdict(r.Value), Source: source}
	}
	out := []Criterion{
		judge("onset", "sol_min", "asleep within 20 minutes", fromArticle, func(v *float64) Verdict {
			if v != nil && *v > 20 {
				return NotMet
			}
			return limits{20, 20}.upTo(v)
		}),
		judge("awakenings", "awakenings_over_5_min", "at most one awakening of more than 5 minutes", fromArticle, limits{1, 2}.upTo),
		judge("cycling", "cycles", "at least four complete cycles, with deep sleep and REM in the night", fromArticle, func(v *float64) Verdict {
			if v == nil || a.N3Min == nil || a.REMMin == nil {
				return NotKnown
			}
			if *v >= 4 && *a.N3Min > 0 && *a.REMMin > 0 {
				return Met
			}
			return NotMet
		}),
		refreshed(s.Refreshed),
	}
	return append(out, nsf(judge, s.AgeYears)...)
}

func refreshed(yes *bool) Criterion {
	c := Criterion{Name: "refreshed", Asks: "woke refreshed, by the person's own word", Measure: "refreshed", Verdict: NotKnown, Source: fromArticle}
	if yes != nil {
		c.Verdict, c.Value = NotMet, some(0)
		if *yes {
			c.Verdict, c.Value = Met, some(1)
		}
	}
	return c
}

// nsf judges by the panel's limits for adults; an unknown age or one under 18
// leaves open what depends on it.
func nsf(judge func(name, measure, asks, source string, verdict func(*float64) Verdict) Criterion, age *int) []Criterion {
	unknown := func(*float64) Verdict { return NotKnown }
	out := []Criterion{
		judge("nsf-onset", "sol_min", "asleep within 30 minutes; over 60 is poor", fromNSF, limits{30, 60.0000001}.upTo),
	}
	if age == nil || *age < 18 {
		asks := "depends on age, for adults"
		return append(out,
			judge("nsf-awakenings", "awakenings_over_5_min", asks, fromNSF, unknown),
			judge("nsf-waso", "waso_spt_min", asks, fromNSF, unknown),
			judge("nsf-efficiency", "se_tib_pct", asks, fromNSF, unknown),
			judge("nsf-duration", "tst_min", asks, fromHirshkowitz, unknown))
	}
	young, old := *age <= 25, *age >= 65
	awake, waso, poorSE := limits{1, 4}, limits{20, 50.0000001}, 74.0
	awakeAsks, wasoAsks, seAsks := "at most one awakening of more than 5 minutes; four or more are poor", "at most 20 minutes awake after falling asleep; over 50 is poor", "asleep at least 85 % of the time in bed; 74 % or less is poor"
	short, long, least, most := 7.0, 9.0, 6.0, 10.0
	hours := "7 to 9 hours of sleep; 6 to 10 may be right"
	if young {
		poorSE, seAsks = 64, "asleep at least 85 % of the time in bed; 64 % or less is poor"
		most, hours = 11, "7 to 9 hours of sleep; 6 to 11 may be right"
	}
	if old {
		awake.good, awakeAsks = 2, "at most two awakenings of more than 5 minutes; four or more are poor"
		waso.good, wasoAsks = 30, "at most 30 minutes awake after falling asleep; over 50 is poor"
		long, least, most, hours = 8, 5, 9, "7 to 8 hours of sleep; 5 to 9 may be right"
	}
	return append(out,
		judge("nsf-awakenings", "awakenings_over_5_min", awakeAsks, fromNSF, awake.upTo),
		judge("nsf-waso", "waso_spt_min", wasoAsks, fromNSF, waso.upTo),
		judge("nsf-efficiency", "se_tib_pct", seAsks, fromNSF, limits{85, poorSE}.atLeast),
		judge("nsf-duration", "tst_min", hours, fromHirshkowitz, func(v *float64) Verdict {
			switch {
			case v == nil:
				return NotKnown
			case *v >= 60*short && *v <= 60*long:
				return Met
			case *v < 60*least || *v > 60*most:
				return NotMet
			}
			return Undecided
		}))
}

// WeekCriterion is a criterion over several nights: on how many it was met.
type WeekCriterion struct {
	Name      string `json:"name"`
	Asks      string `json:"asks"`
	Source    string `json:"source"`
	Met       int    `json:"met"`
	NotMet    int    `json:"not_met"`
	Undecided int    `json:"undecided"`
	Unknown   int    `json:"unknown"`
}

// QualityOfWeek counts each criterion over nights that QualityOf judged. Criteria
// of one name must ask the same, so the nights are one person's.
func QualityOfWeek(nights [][]Criterion) []WeekCriterion {
	var out []WeekCriterion
	at := map[string]int{}
	for _, night := range nights {
		for _, c := range night {
			i, ok := at[c.Name]
			if !ok {
				i = len(out)
				at[c.Name] = i
				out = append(out, WeekCriterion{Name: c.Name, Asks: c.Asks, Source: c.Source})
			}
			switch c.Verdict {
			case Met:
				out[i].Met++
			case NotMet:
				out[i].NotMet++
			case Undecided:
				out[i].Undecided++
			default:
				out[i].Unknown++
			}
		}
	}
	return out
}
