package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
	"dvala/stats/power"
)

// ReestimateCmd plans the size of a running trial again from the spread of
// everybody together: no arm is known to it, and none could be guessed from
// what it prints.
type ReestimateCmd struct {
	Folder string `arg:"" optional:"" name:"directory" help:"The trial's directory, if --dir and --database do not say where it is." type:"path"`
	PlaceFlags
	Estimand string   `help:"Which estimand; the primary one unless given."`
	Effect   *float64 `help:"The difference the trial was planned for, in the estimand's unit (of responders, percentage points). Unless given, the smallest that matters to people."`
	Target   float64  `help:"Power." default:"0.9"`
	Lost     float64  `help:"Share of people without the outcome at the end." default:"0.1"`
	Slope    *float64 `help:"Share of a true difference that the device shows; by device and measure unless given."`
	Format   string   `enum:"text,json" default:"text" help:"text or json."`
}

// resized is what a blinded look says.
type resized struct {
	Estimand   string   `json:"estimand"`
	When       string   `json:"when"`
	Unit       string   `json:"unit"`
	Randomised int      `json:"randomised"`
	Known      int      `json:"known"`
	SD         *float64 `json:"sd,omitempty"`
	Left       *float64 `json:"sd_adjusted,omitempty"`
	Columns    int      `json:"columns,omitempty"`
	Share      *float64 `json:"share,omitempty"` // of responders, 0 … 1
	Difference float64  `json:"difference"`      // planned, as measured
	Alpha      float64  `json:"alpha"`
	Target     float64  `json:"power"`
	Lost       float64  `json:"lost"`
	Planned    int      `json:"planned"`
	Size       int      `json:"size"` // to randomise, by the pooled spread
	// SizeLess is by Gould and Shih's adjustment, which takes out of the pooled
	// variance what the planned difference would add to it.
	SizeLess *int `json:"size_less,omitempty"`
}

// Run looks, and plans.
func (cmd *ReestimateCmd) Run(p *Program) error {
	if !(cmd.Lost >= 0 && cmd.Lost < 1) || !(cmd.Target > 0 && cmd.Target < 1) {
		return fault.New("power-plan", "", "a power of %v with %v lost cannot be planned", cmd.Target, cmd.Lost)
	}
	if cmd.Folder != "" {
		cmd.PlaceFlags = PlaceFlags{Dir: cmd.Folder}
	}
	t, err := cmd.read(context.Background())
	if err != nil {
		return err
	}
	defer t.Close()
	if t.State().Openings != nil {
		return fault.New("reestimate-open", "", "the openings are on the ledger: there is no trial left to plan, and looking now would not be blind")
	}
	c := t.Protocol()
	plan := PowerCmd{Estimand: cmd.Estimand, Effect: cmd.Effect, Target: cmd.Target, Lost: cmd.Lost}
	e, err := plan.estimand(c)
	if err != nil {
		return err
	}
	effect, err := plan.effect(c, e)
	if err != nil {
		return err
	}
	b, err := estimate.BlindSpread(c, estimate.FromState(c, t.State(), estimate.Allocation{}), e)
	if err != nil {
		return err
	}
	r, words, err := cmd.size(c, e, b, effect)
	if err != nil {
		return err
	}
	if cmd.Format == "json" {
		return writeJSON(p.Stdout, r)
	}
	_, err = io.WriteString(p.Stdout, r.text(words))
	return err
}

func (cmd *ReestimateCmd) size(c protocol.Checked, e protocol.Estimand, b estimate.Blinded, difference float64) (resized, []string, error) {
	f := &formula{Alpha: c.Protocol().Multiplicity.Alpha}
	if f.Alpha == 0 {
		f.Alpha = 0.05
	}
	f.share(c, e)
	if o, _ := c.Outcome(e.Variable.Outcome); o.Source.Device != "" {
		slope := 1.0
		for _, s := range slopes(o.Source.Measure) {
			if s.Device == o.Source.Device {
				slope = s.Slope
			}
		}
		if cmd.Slope != nil {
			slope = *cmd.Slope
		}
		if slope != 1 {
			f.say("the device shows %s of a true difference of %s", plain(slope), plain(difference))
		}
		difference *= slope
	}
	r := resized{
		Estimand: b.Estimand, When: b.When, Unit: b.Unit, Randomised: b.Randomised, Known: b.Known, Difference: difference,
		Alpha: f.Alpha, Target: cmd.Target, Lost: cmd.Lost, Planned: c.Protocol().Design.Participants, Share: b.Share, Columns: b.Columns,
	}
	var err error
	switch {
	case b.Share != nil:
		r.Unit = "percentage points"
		r.Size, err = cmd.responders(c, e, *b.Share, difference, f.Alpha)
	case b.Within:
		r.SD, r.Left = &b.SD, &b.Left
		var n int
		n, err = power.CrossoverSize(difference, b.SD, f.Alpha, cmd.Target)
		r.Size = cmd.randomise(float64(n))
	default:
		r.SD, r.Left = &b.SD, &b.Left
		err = cmd.between(c, e, b, &r)
	}
	return r, f.Words, err
}

// randomise adds those who will be lost.
func (cmd *ReestimateCmd) randomise(n float64) int { return int(math.Ceil(n/(1-cmd.Lost) - 1e-9)) }

func (cmd *ReestimateCmd) between(c protocol.Checked, e protocol.Estimand, b estimate.Blinded, r *resized) error {
	one, two := shares(c, e)
	at := func(sd float64) (int, error) {
		m := power.Means{Difference: r.Difference, SD: sd, Covariates: b.Columns, Alpha: r.Alpha, Ratio: two / one}
		s1, s2, err := m.Size(cmd.Target)
		return cmd.randomise(math.Max(float64(s1)/one, float64(s2)/two)), err
	}
	var err error
	if r.Size, err = at(b.Left); err != nil {
		return err
	}
	// The planned difference adds (n₁n₂/n)·δ² to the sum of squares, and takes one of
	// its n − 1 − p degrees of freedom.
	n, q, df := float64(b.Known), one/(one+two), float64(b.Known-1-b.Columns)
	v := (df*b.Left*b.Left - n*q*(1-q)*r.Difference*r.Difference) / (df - 1)
	if df > 1 && v > 0 {
		less, err := at(math.Sqrt(v))
		if err != nil {
			return err
		}
		r.SizeLess = &less
	}
	return nil
}

func (cmd *ReestimateCmd) responders(c protocol.Checked, e protocol.Estimand, pooled, difference, alpha float64) (int, error) {
	one, two := shares(c, e)
	q := one / (one + two)
	if e.Summary != "risk-difference" {
		return 0, fault.New("blinded-summary", "estimands", "%s is told as %s, and a pooled share is planned with for a risk-difference", e.ID, strings.ReplaceAll(e.Summary, "-", " "))
	}
	s := power.Shares{P1: pooled + (1-q)*difference/100, P2: pooled - q*difference/100, Alpha: alpha, Ratio: two / one}
	if s.P1 <= 0 || s.P1 >= 1 || s.P2 <= 0 || s.P2 >= 1 {
		return 0, fault.New("blinded-share", e.ID, "%s %% of everybody respond, which leaves no room for a difference of %s percentage points", number(100*pooled), plain(difference))
	}
	s1, s2, err := s.Size(cmd.Target)
	if err != nil {
		return 0, err
	}
	return cmd.randomise(math.Max(float64(s1)/one, float64(s2)/two)), nil
}

func (r resized) text(words []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %d of %d randomised people have a value by now. No arm is known here.\n", r.Estimand, r.When, r.Known, r.Randomised)
	switch {
	case r.Share != nil:
		fmt.Fprintf(&b, "  %s %% of everybody respond\n", number(100**r.Share))
	case r.Columns > 0:
		fmt.Fprintf(&b, "  SD of everybody together %s %s, and %s of what %d columns of baseline, strata and covariates leave\n", number(*r.SD), r.Unit, number(*r.Left), r.Columns)
	default:
		fmt.Fprintf(&b, "  SD of everybody together %s %s\n", number(*r.SD), r.Unit)
	}
	for _, w := range words {
		fmt.Fprintf(&b, "  %s\n", w)
	}
	fmt.Fprintf(&b, "  power %s %% for %s %s at two-sided α %s, %s %% lost\n", plain(100*r.Target), plain(r.Difference), r.Unit, plain(r.Alpha), plain(100*r.Lost))
	fmt.Fprintf(&b, "\n%d to randomise; the protocol has %d.\n", r.Size, r.Planned)
	if r.SizeLess != nil {
		fmt.Fprintf(&b, "%d if the planned difference is there, which is then part of the pooled spread (Gould and Shih).\n", *r.SizeLess)
	}
	b.WriteString("The first is the safe one: a blind look at the spread of everybody leaves the error rate as it is (Kieser and Friede).\n")
	b.WriteString("A size that is changed is an amendment of the protocol, and the list must be long enough for it.\n")
	return b.String()
}
