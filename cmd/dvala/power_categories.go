package main

import (
	"fmt"
	"math"
	"strings"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats/power"
)

// share gives the comparator's share of people, between 0 and 1.
func (cmd *PowerCmd) share(e protocol.Estimand) (float64, error) {
	if !(cmd.Share > 0 && cmd.Share < 100) {
		return 0, fault.New("power-spread", "", "%s compares shares, so its formula wants --share, the comparator's in percent", e.ID).
			WithHint("as in --share 30")
	}
	return cmd.Share / 100, nil
}

// responders is the formula of two shares: the effect is a difference in
// percentage points, or a ratio.
func (cmd *PowerCmd) responders(f *formula, c protocol.Checked, e protocol.Estimand, n int) error {
	p2, err := cmd.share(e)
	if err != nil {
		return err
	}
	a, b := shares(c, e)
	s := power.Shares{P1: p2 + f.Difference/100, P2: p2, Alpha: f.Alpha, Ratio: b / a}
	if e.Summary == "risk-ratio" {
		s.P1, f.Unit = p2*f.Difference, "times the share"
	} else {
		f.Unit = "percentage points"
	}
	f.say("%s %% respond under the comparator and %s %% under the treatment; strata and covariates are not counted on", plain(100*s.P2), number(100*s.P1))
	return cmd.compare(f, c, e, s, n)
}

// ordered is Whitehead's formula: the effect is the odds ratio of a higher
// answer.
func (cmd *PowerCmd) ordered(f *formula, c protocol.Checked, e protocol.Estimand, n int) error {
	if len(cmd.Shares) < 2 {
		return fault.New("power-spread", "", "%s compares ordered answers, so its formula wants --shares, the comparator's in each answer in percent, lowest answer first", e.ID).
			WithHint("as in --shares 10,20,40,20,10")
	}
	var total float64
	o := power.Ordered{OddsRatio: f.Difference, Alpha: f.Alpha}
	for _, p := range cmd.Shares {
		o.Comparator = append(o.Comparator, p/100)
		total += p
	}
	if math.Abs(total-100) > 1e-6 {
		return fault.New("power-spread", "", "the shares add up to %s %%, not to 100", plain(total))
	}
	a, b := shares(c, e)
	o.Ratio = b / a
	f.Unit = "as odds ratio of a higher answer"
	var of, to []string
	for j, q := range o.Treated() {
		of, to = append(of, number(100*o.Comparator[j])), append(to, number(100*q))
	}
	f.say("answers from the lowest: %s %% under the comparator, %s %% under the treatment (Whitehead 1993)", strings.Join(of, ", "), strings.Join(to, ", "))
	return cmd.compare(f, c, e, o, n)
}

// events is Schoenfeld's formula: the effect is a difference in percentage
// points of who is without the event at the end, or a hazard ratio.
func (cmd *PowerCmd) events(f *formula, c protocol.Checked, e protocol.Estimand, n int) error {
	p2, err := cmd.share(e)
	if err != nil {
		return err
	}
	a, b := shares(c, e)
	s := power.Events{P1: p2 - f.Difference/100, P2: p2, Alpha: f.Alpha}
	f.Unit = "percentage points without the event"
	if cmd.HazardRatio != 0 {
		if !(cmd.HazardRatio > 0) || math.IsInf(cmd.HazardRatio, 0) {
			return fault.New("power-effect", "", "a hazard ratio of %v", cmd.HazardRatio)
		}
		s = power.EventsOf(p2, cmd.HazardRatio, f.Alpha)
		f.Difference, f.Unit = cmd.HazardRatio, "as hazard ratio"
	}
	s.Ratio = b / a
	f.say("%s %% have the event under the comparator and %s %% under the treatment, a hazard ratio of %s (Schoenfeld 1983); it is the log-rank test's power", plain(100*s.P2), number(100*s.P1), number(s.HazardRatio()))
	lost := cmd.Lost
	cmd.Lost = 0 // leaving is part of what is followed
	defer func() { cmd.Lost = lost }()
	if err := cmd.compare(f, c, e, s, n); err != nil {
		return err
	}
	f.Lost = 0
	s1, s2, err := s.Size(cmd.Target)
	if err != nil {
		return err
	}
	f.say("that is %.0f events in all", math.Ceil(float64(s1)*s.P1+float64(s2)*s.P2-1e-9))
	return nil
}

// counts is Zhu and Lakkis's formula: the effect is the ratio of mean counts, or
// their difference. Over nights every night that is measured adds to the time
// people are counted.
func (cmd *PowerCmd) counts(f *formula, c protocol.Checked, e protocol.Estimand, o protocol.Outcome, n int) error {
	if !(cmd.Rate > 0) {
		return fault.New("power-spread", "", "%s compares counts, so its formula wants --rate, the comparator's mean in a night or at the visit, and --dispersion", e.ID).
			WithHint("as in --rate 2.5 --dispersion 0.5")
	}
	mean := cmd.Rate
	per := "at the visit"
	if span := e.Variable.Nights; span != nil {
		kept, nights := cmd.kept(o, *span), span.To-span.From+1
		f.Kept = &kept
		mean *= kept * float64(nights)
		per = fmt.Sprintf("a night; %d nights, of which %.0f %% are measured", nights, 100*kept)
	}
	rr := f.Difference
	if e.Summary != "rate-ratio" {
		rr = (cmd.Rate + f.Difference) / cmd.Rate
	} else {
		f.Unit = "as rate ratio"
	}
	a, b := shares(c, e)
	f.say("the comparator's mean %s %s, the treatment's %s: a rate ratio of %s (Zhu and Lakkis 2014)", plain(cmd.Rate), per, number(cmd.Rate*rr), number(rr))
	if cmd.Dispersion == 0 {
		f.say("as if people differed by chance alone (Poisson): with a dispersion k, the variance being m + k·m², power is less")
	} else {
		f.say("people differ by a dispersion of %s: the variance of a mean of m is m + %s·m²; strata and covariates are not counted on", plain(cmd.Dispersion), plain(cmd.Dispersion))
	}
	return cmd.compare(f, c, e, power.Counts{Mean: mean, RateRatio: rr, Dispersion: cmd.Dispersion, Alpha: f.Alpha, Ratio: b / a}, n)
}

// effectGiven is the effect that the formula is for where no least difference
// stands in the protocol.
func (cmd *PowerCmd) effectGiven(e protocol.Estimand) (float64, bool) {
	switch {
	case cmd.Effect != nil:
		return *cmd.Effect, true
	case e.Model.Kind == "survival" && cmd.HazardRatio != 0:
		return cmd.HazardRatio, true
	}
	return 0, false
}

func (f *formula) effectText() string {
	if strings.HasPrefix(f.Unit, "as ") {
		return fmt.Sprintf("%s %s", plain(f.Difference), f.Unit)
	}
	return fmt.Sprintf("a true difference of %s %s", plain(f.Difference), f.Unit)
}
