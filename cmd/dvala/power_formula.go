package main

import (
	"fmt"
	"math"
	"strings"

	"dvala/fault"
	"dvala/protocol"
	"dvala/stats/power"
)

// formula is what a formula says of one estimand.
type formula struct {
	Estimand   string  `json:"estimand"`
	Model      string  `json:"model"`
	Unit       string  `json:"unit"`
	Alpha      float64 `json:"alpha"` // two-sided
	Exact      bool    `json:"exact"`
	Difference float64 `json:"difference"` // true
	Lost       float64 `json:"lost"`
	// Of nightly outcomes: what the device shows of a difference, and which
	// share of nights is measured.
	Slope *float64 `json:"slope,omitempty"`
	Kept  *float64 `json:"kept,omitempty"`
	Power float64  `json:"power"`
	// Size is the number of participants at which the target is reached, those
	// who are lost included.
	Target float64   `json:"target"`
	Size   int       `json:"size"`
	Other  []sighted `json:"other_devices,omitempty"`
	Words  []string  `json:"words"`
}

// sighted is the power with another device.
type sighted struct {
	Device string  `json:"device"`
	Slope  float64 `json:"slope"`
	Power  float64 `json:"power"`
}

// devices and what each shows of true minutes moved between stages: light to
// deep, light to REM, light to wake. From the confusion matrices of Robbins 2024
// (doi:10.3390/s24206532; 35 healthy people, one laboratory night, paid for by
// the first vendor): optimistic for poor sleepers.
var devices = []struct {
	vendor          string
	deep, rem, wake float64
}{
	{"oura", 0.71, 0.70, 0.61},
	{"fitbit", 0.54, 0.60, 0.61},
	{"apple", 0.48, 0.75, 0.48},
}

// slopes gives what each device shows of a measure; nothing where no figure is
// known.
func slopes(measure string) []sighted {
	var out []sighted
	for _, d := range devices {
		s := sighted{Device: d.vendor}
		switch measure {
		case "n3_min", "n3_pct":
			s.Slope = d.deep
		case "rem_min", "rem_pct":
			s.Slope = d.rem
		case "tst_min", "wake_min", "waso_spt_min", "waso_lights_on_min", "se_tib_pct", "se_spt_pct":
			s.Slope = d.wake
		default:
			return nil
		}
		out = append(out, s)
	}
	return out
}

// formula plans one estimand where the analysis has one.
func (cmd *PowerCmd) formula(c protocol.Checked, e protocol.Estimand, effect float64, n int) (*formula, error) {
	o, _ := c.Outcome(e.Variable.Outcome)
	f := &formula{Estimand: e.ID, Model: e.Model.Kind, Unit: o.Unit, Difference: effect, Lost: cmd.Lost, Target: cmd.Target}
	f.Alpha = c.Protocol().Multiplicity.Alpha
	if f.Alpha == 0 {
		f.Alpha = 0.05
	}
	f.share(c, e)
	var err error
	switch kind := e.Model.Kind; {
	case kind == "ancova" && e.Variable.Nights == nil:
		f.Exact = true
		err = cmd.ancova(f, c, e, n)
	case kind == "mmrm":
		f.say("as an analysis of covariance of those seen at the end: what a model of all visits comes to when nobody is missing, and a little less than it finds otherwise")
		err = cmd.ancova(f, c, e, n)
	case kind == "crossover" || kind == "paired":
		err = cmd.crossover(f, c, n)
	case kind == "random-intercept" || kind == "random-slope" || kind == "ancova" && e.Variable.Nights != nil:
		err = cmd.nights(f, c, e, o, n)
	case kind == "binary":
		err = cmd.responders(f, c, e, n)
	case kind == "ordinal" && e.Variable.Nights == nil:
		err = cmd.ordered(f, c, e, n)
	case kind == "survival":
		err = cmd.events(f, c, e, n)
	case kind == "count":
		err = cmd.counts(f, c, e, o, n)
	default:
		err = fault.New("power-formula", "estimands", "%s is analysed by %s, for which there is no formula here", e.ID, kind).
			WithHint("leave out the spread and give --simulate 200")
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// share lowers α to what the procedure is sure to leave the estimand, whatever
// becomes of the others.
func (f *formula) share(c protocol.Checked, e protocol.Estimand) {
	m := c.Protocol().Multiplicity
	if e.Place == protocol.Exploratory {
		return
	}
	switch m.Method {
	case "holm", "hochberg":
		family := 0
		for _, other := range c.InOrder() {
			if other.Place != protocol.Exploratory {
				family++
			}
		}
		f.Alpha /= float64(max(1, family))
		f.say("α is the least that %s leaves it, among %d", m.Method, family)
	case "graph":
		for _, w := range m.Weights {
			if w.Estimand == e.ID {
				f.Alpha *= w.Share
				f.say("α is what it begins with in the graph")
				return
			}
		}
		f.say("the graph gives it nothing to begin with: α is the whole, as if all before it were shown")
	case "fixed-sequence":
		if e.Place != protocol.Primary {
			f.say("in the fixed sequence it is tested only if all before it were shown, which is not in this power")
		}
	}
}

func (f *formula) say(format string, args ...any) {
	f.Words = append(f.Words, fmt.Sprintf(format, args...))
}

// columns counts what the model adjusts for beside the arm.
func columns(c protocol.Checked, e protocol.Estimand) int {
	n := len(e.Model.Covariates)
	if e.Variable.BaselineVisit != "" || e.Variable.BaselineNights != nil {
		n++
	}
	if e.Model.Strata {
		for _, s := range c.Protocol().Randomisation.Strata {
			n += max(0, len(s.Levels)-1)
		}
	}
	return n
}

// shares gives the two arms' parts of everybody randomised.
func shares(c protocol.Checked, e protocol.Estimand) (treatment, comparator float64) {
	total := 0
	for _, a := range c.Protocol().Arms {
		total += a.Ratio
		switch a.ID {
		case e.Treatment.Treatment:
			treatment = float64(a.Ratio)
		case e.Treatment.Comparator:
			comparator = float64(a.Ratio)
		}
	}
	return treatment / float64(total), comparator / float64(total)
}

// twoArms is a comparison that has a formula.
type twoArms interface {
	Power(n1, n2 int) (float64, error)
	Size(target float64) (n1, n2 int, err error)
}

// means is compare for two means.
func (cmd *PowerCmd) means(f *formula, c protocol.Checked, e protocol.Estimand, m power.Means, n int) error {
	a, b := shares(c, e)
	m.Ratio = b / a
	return cmd.compare(f, c, e, m, n)
}

// compare fills in power and size of a comparison of two arms.
func (cmd *PowerCmd) compare(f *formula, c protocol.Checked, e protocol.Estimand, m twoArms, n int) error {
	a, b := shares(c, e)
	at := func(n int) (int, int) {
		left := float64(n) * (1 - cmd.Lost)
		return int(math.Floor(left*a + 1e-9)), int(math.Floor(left*b + 1e-9))
	}
	n1, n2 := at(n)
	var err error
	if f.Power, err = m.Power(n1, n2); err != nil {
		return err
	}
	s1, s2, err := m.Size(cmd.Target)
	if err != nil {
		return err
	}
	f.Size = int(math.Ceil(math.Max(float64(s1)/a, float64(s2)/b)/(1-cmd.Lost) - 1e-9))
	f.say("%d and %d of %d people analysed, %s %% lost", n1, n2, n, plain(100*cmd.Lost))
	f.say("power %.0f %% takes %d and %d analysed, so %d randomised", 100*cmd.Target, s1, s2, f.Size)
	return nil
}

func (cmd *PowerCmd) ancova(f *formula, c protocol.Checked, e protocol.Estimand, n int) error {
	if !(cmd.SD > 0) {
		return fault.New("power-spread", "", "%s is compared at a visit, so its formula wants --sd", e.ID)
	}
	if !(math.Abs(cmd.R) < 1) {
		return fault.New("power-spread", "", "a correlation of %v", cmd.R)
	}
	m := power.Means{Difference: f.Difference, SD: cmd.SD, R2: cmd.R * cmd.R, Covariates: columns(c, e), Alpha: f.Alpha}
	f.say("SD %s, correlation with baseline %s, %d columns adjusted for", plain(cmd.SD), plain(cmd.R), m.Covariates)
	return cmd.means(f, c, e, m, n)
}

func (cmd *PowerCmd) crossover(f *formula, c protocol.Checked, n int) error {
	if !(cmd.WithinSD > 0) {
		return fault.New("power-spread", "", "%s is compared within people, so its formula wants --within-sd", f.Estimand)
	}
	if c.Protocol().Design.Periods != 2 {
		return fault.New("power-formula", "design.periods", "there is a formula here for two periods only").WithHint("give --simulate 200")
	}
	f.Exact = true
	left := int(math.Floor(float64(n)*(1-cmd.Lost) + 1e-9))
	var err error
	if f.Power, err = power.Crossover(left, f.Difference, cmd.WithinSD, f.Alpha); err != nil {
		return err
	}
	s, err := power.CrossoverSize(f.Difference, cmd.WithinSD, f.Alpha, cmd.Target)
	if err != nil {
		return err
	}
	f.Size = int(math.Ceil(float64(s)/(1-cmd.Lost) - 1e-9))
	f.say("SD within a person %s in one period; %d of %d people analysed, %s %% lost", plain(cmd.WithinSD), left, n, plain(100*cmd.Lost))
	f.say("power %.0f %% takes %d analysed, so %d randomised", 100*cmd.Target, s, f.Size)
	return nil
}

func (cmd *PowerCmd) nights(f *formula, c protocol.Checked, e protocol.Estimand, o protocol.Outcome, n int) error {
	if !(cmd.BetweenSD > 0) || !(cmd.WithinSD > 0) {
		return fault.New("power-spread", "", "%s is compared over nights, so its formula wants --between-sd and --within-sd", e.ID)
	}
	span := e.Variable.Nights
	if span == nil {
		return fault.New("power-formula", "estimands", "%s has no nights", e.ID)
	}
	nights := span.To - span.From + 1
	kept, slope := cmd.kept(o, *span), 1.0
	others := slopes(o.Source.Measure)
	for _, s := range others {
		if s.Device == o.Source.Device {
			slope = s.Slope
		}
	}
	if cmd.Slope != nil {
		slope, others = *cmd.Slope, nil
	}
	f.Slope, f.Kept = &slope, &kept
	plan := power.Nightly{
		Difference: f.Difference, BetweenSD: cmd.BetweenSD, WithinSD: cmd.WithinSD, Phi: cmd.Phi, Nights: nights, Kept: kept,
		Device: power.Device{Slope: slope}, R2: cmd.R * cmd.R, Covariates: columns(c, e), Alpha: f.Alpha,
	}
	m, err := plan.Means()
	if err != nil {
		return err
	}
	if e.Model.Kind == "random-slope" {
		f.say("as means over the nights asked about: slopes that differ between people are part of the SD between them")
	}
	f.say("SD %s between people and %s within, φ %s; %d nights, of which %.0f %% are measured: SD of people's means %s, adjusted", plain(cmd.BetweenSD), plain(cmd.WithinSD), plain(cmd.Phi), nights, 100*kept, number(m.SD))
	if slope != 1 {
		f.say("the device shows %s of a true difference: %s %s", plain(slope), number(m.Difference), o.Unit)
	}
	if err := cmd.means(f, c, e, m, n); err != nil {
		return err
	}
	for _, s := range others {
		if s.Device == o.Source.Device {
			continue
		}
		plan.Device.Slope = s.Slope
		m, err := plan.Means()
		if err != nil {
			return err
		}
		other := *f
		if err := cmd.means(&other, c, e, m, n); err != nil {
			return err
		}
		s.Power = other.Power
		f.Other = append(f.Other, s)
	}
	return nil
}

// kept is the share of nights that are measured.
func (cmd *PowerCmd) kept(o protocol.Outcome, span protocol.Span) float64 {
	switch {
	case cmd.Kept != nil:
		return *cmd.Kept
	case o.Source.Diary == "":
		return 1
	}
	kept := 0.0
	for day := span.From; day <= span.To; day++ {
		kept += math.Pow(cmd.DiaryAfter90, math.Max(0, float64(day))/90) / float64(span.To-span.From+1)
	}
	return kept
}

func (f *formula) text(b *strings.Builder) {
	how := "approximately"
	if f.Exact {
		how = "exact given these figures"
	}
	fmt.Fprintf(b, "\nBy formula: %s (%s), %s, two-sided α %s\n", f.Estimand, f.Model, f.effectText(), plain(f.Alpha))
	for _, w := range f.Words {
		fmt.Fprintf(b, "  %s\n", w)
	}
	fmt.Fprintf(b, "  power %.3f, %s\n", f.Power, how)
	for _, o := range f.Other {
		fmt.Fprintf(b, "  with a device of %s, which shows %s of it, power %.3f\n", o.Device, plain(o.Slope), o.Power)
	}
}
