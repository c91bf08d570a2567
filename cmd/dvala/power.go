package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"

	"github.com/schollz/progressbar/v3"

	"dvala/fault"
	"dvala/protocol"
	"dvala/simulate"
	"dvala/simulate/many"
)

// PowerCmd says how likely a protocol is to find an effect: by formula where
// one is exact for the primary analysis, and by playing the trial many times.
type PowerCmd struct {
	File         string   `arg:"" help:"The protocol file."`
	Effect       *float64 `help:"True difference, treatment minus comparator: in the estimand's unit, and in ISI points when trials are played. Unless given, the smallest that matters to people."`
	Participants int      `help:"How many to randomise; 0 takes the protocol's number." default:"0"`
	Estimand     string   `help:"Which estimand the formula is for; the primary one unless given."`
	Target       float64  `help:"Power that a size is sought for." default:"0.9"`
	Lost         float64  `help:"Share of people without the outcome." default:"0.1"`

	SD          float64   `name:"sd" help:"For the formula: standard deviation of the outcome within arms, at a visit."`
	R           float64   `name:"r" help:"Correlation of the outcome with its baseline." default:"0"`
	BetweenSD   float64   `name:"between-sd" help:"Of nights: standard deviation of people's means, as measured."`
	WithinSD    float64   `name:"within-sd" help:"Of nights, or of the periods of a crossover: standard deviation within a person, as measured."`
	Share       float64   `help:"Of responders, or of people with an event: the comparator's share in percent. The effect is then in percentage points, or a ratio where the estimand is one."`
	Shares      []float64 `help:"Of ordered answers: the comparator's share of each, in percent, lowest first. The effect is then the odds ratio of a higher answer."`
	HazardRatio float64   `name:"hazard-ratio" help:"Of events: the effect as a hazard ratio, in the place of --effect."`
	Rate        float64   `help:"Of counts: the comparator's mean in a night, or at the visit. The effect is then a ratio, or a difference where the estimand is one."`
	Dispersion  float64   `help:"Of counts: how people differ, as k in a variance of m + k·m² about a mean of m over all the time they are counted; 0 is Poisson." default:"0"`
	Phi         float64   `help:"Correlation of a person's neighbouring nights about her mean." default:"0"`
	Slope       *float64  `help:"Share of a true difference that the device shows; by device and measure unless given."`
	Kept        *float64  `help:"Share of nights that are measured; for a diary by --diary-after-90 unless given."`

	Simulate     int     `help:"Play so many trials." default:"0"`
	Seed         uint64  `help:"The same seed gives the same trials." default:"1"`
	Workers      int     `help:"How many trials at once; changes nothing but the time." default:"0"`
	DiaryAfter90 float64 `name:"diary-after-90" help:"Share of mornings still kept in the diary after 90 days." default:"0.667"`
	Format       string  `enum:"text,json" default:"text" help:"text or json."`
}

// powerReport is what power says, for programs.
type powerReport struct {
	Protocol     string        `json:"protocol"`
	Version      string        `json:"version"`
	Participants int           `json:"participants"`
	Formula      *formula      `json:"formula,omitempty"`
	Simulation   *many.Outcome `json:"simulation,omitempty"`
}

// Run plans.
func (cmd *PowerCmd) Run(p *Program) error {
	c, problems, err := checkProtocol(cmd.File)
	if err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err
	}
	e, err := cmd.estimand(c)
	if err != nil {
		return err
	}
	effect, err := cmd.effect(c, e)
	if err != nil {
		return err
	}
	if !(cmd.Lost >= 0 && cmd.Lost < 1) || cmd.Participants < 0 || cmd.Simulate < 0 {
		return fault.New("power-plan", "", "%d people of whom %v are lost, and %d trials, cannot be planned", cmd.Participants, cmd.Lost, cmd.Simulate)
	}
	proto := c.Protocol()
	r := powerReport{Protocol: proto.ID, Version: proto.Version, Participants: proto.Design.Participants}
	if cmd.Participants > 0 {
		r.Participants = cmd.Participants
	}
	if o, _ := c.Outcome(e.Variable.Outcome); cmd.Simulate > 0 && o.Source.Instrument != "isi" && (cmd.Effect == nil || cmd.spread()) {
		return fault.New("power-effect", "outcomes", "trials are played with an effect on the ISI, in points, and %s is not the ISI", o.ID).
			WithHint("give --effect in ISI points, and the formula's in a run of its own")
	}
	if cmd.spread() {
		if r.Formula, err = cmd.formula(c, e, effect, r.Participants); err != nil {
			return err
		}
	}
	if cmd.Simulate > 0 {
		o, err := cmd.play(p, c, effect)
		if err != nil {
			return err
		}
		r.Simulation = &o
	}
	if r.Formula == nil && r.Simulation == nil {
		return fault.New("power-what", "", "neither a spread for the formula was given nor a number of trials to play").
			WithHint("give --sd (nights: --between-sd and --within-sd; a crossover: --within-sd; responders and events: --share; ordered answers: --shares; counts: --rate), or --simulate 200")
	}
	if cmd.Format == "json" {
		return writeJSON(p.Stdout, r)
	}
	return r.text(p.Stdout)
}

func (cmd *PowerCmd) spread() bool {
	return cmd.SD > 0 || cmd.BetweenSD > 0 || cmd.WithinSD > 0 || cmd.Share != 0 || len(cmd.Shares) > 0 || cmd.Rate != 0
}

func (cmd *PowerCmd) estimand(c protocol.Checked) (protocol.Estimand, error) {
	if cmd.Estimand == "" {
		if e, ok := c.Primary(); ok {
			return e, nil
		}
		return protocol.Estimand{}, fault.New("power-estimand", "estimands", "none is primary").WithHint("name one with --estimand")
	}
	e, ok := c.Estimand(cmd.Estimand)
	if !ok {
		return e, fault.New("power-estimand", "estimands", "there is no %q", cmd.Estimand)
	}
	return e, nil
}

// effect takes the smallest difference that matters, on the side that is
// better, where none is given.
func (cmd *PowerCmd) effect(c protocol.Checked, e protocol.Estimand) (float64, error) {
	if x, ok := cmd.effectGiven(e); ok {
		return x, nil
	}
	if e.Summary != "mean-difference" && e.Summary != "risk-difference" {
		return 0, fault.New("power-effect", "estimands", "%s is told as %s, and no least one that matters is stated", e.ID, strings.ReplaceAll(e.Summary, "-", " ")).WithHint("give --effect")
	}
	o, _ := c.Outcome(e.Variable.Outcome)
	if o.Matters == nil {
		return 0, fault.New("power-effect", "outcomes", "%s has no least difference that matters", o.ID).WithHint("give --effect")
	}
	if o.Better == "lower" {
		return -*o.Matters, nil
	}
	return *o.Matters, nil
}

// play plays the trials, with a bar where it can move.
func (cmd *PowerCmd) play(p *Program, c protocol.Checked, effect float64) (many.Outcome, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m := simulate.Default()
	m.Effect = effect
	plan := many.Plan{
		Protocol: c, Model: m, Participants: cmd.Participants, Trials: cmd.Simulate, Seed: cmd.Seed,
		DiaryAt90: cmd.DiaryAfter90, Workers: cmd.Workers,
	}
	var bar *progressbar.ProgressBar
	plan.Progress = func(done, of int) {
		if !p.Terminal {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(p.Stderr), progressbar.OptionSetDescription("trials"),
				progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done) // a bar that cannot be drawn stops nothing
	}
	o, err := many.Run(ctx, plan)
	if bar != nil {
		_ = bar.Finish()
	}
	return o, err
}

func (r powerReport) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, version %s: %d participants\n", r.Protocol, r.Version, r.Participants)
	if r.Formula != nil {
		r.Formula.text(&b)
	}
	if r.Simulation != nil {
		simulationText(&b, *r.Simulation)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func simulationText(b *strings.Builder, o many.Outcome) {
	fmt.Fprintf(b, "\nBy playing the trial: %d times with %d people from seed %d, a true difference of %s points on the ISI\n",
		o.Trials, o.Participants, o.Seed, plain(o.Effect))
	wide := len("estimand")
	for _, t := range o.Estimands {
		wide = max(wide, len(t.ID))
	}
	fmt.Fprintf(b, "  %-*s  %8s  %9s  %7s  %7s  %-20s  %s\n", wide, "estimand", "analysed", "estimate", "SD", "SE", "power (95 %)", "claimed")
	for _, t := range o.Estimands {
		if t.Trials == 0 {
			fmt.Fprintf(b, "  %-*s  never estimated: %s\n", wide, t.ID, t.Why)
			continue
		}
		claimed := "–"
		if t.Claimed != nil {
			claimed = fmt.Sprintf("%.2f", float64(*t.Claimed)/float64(o.Trials))
		}
		sd := "–"
		if t.Trials > 1 {
			sd = number(t.SD)
		}
		fmt.Fprintf(b, "  %-*s  %8.1f  %9s  %7s  %7s  %-20s  %s\n", wide, t.ID, t.People, number(t.Mean), sd, number(t.SE),
			fmt.Sprintf("%.2f (%.2f to %.2f)", t.Power, t.PowerLow, t.PowerHigh), claimed)
		if t.Log {
			fmt.Fprintf(b, "  %-*s  a ratio: estimate, SD and SE are of its logarithm\n", wide, "")
		}
		if t.Failed > 0 {
			fmt.Fprintf(b, "  %-*s  %d trials without an estimate, as: %s\n", wide, "", t.Failed, t.Why)
		}
		if t.Below > 0 && t.Above > 0 {
			fmt.Fprintf(b, "  %-*s  found below 0 in %d trials and above in %d\n", wide, "", t.Below, t.Above)
		}
	}
	fmt.Fprintf(b, "  SD is of the estimates, SE what the analyses believed it to be; claimed: confirmed by the protocol's procedure\n")
	fmt.Fprintf(b, "  %.0f %% of diary mornings kept after 90 days; the ring sees stages as Robbins 2024 measured, without the spread between people\n", 100*o.DiaryAt90)
}

// plain gives a number as somebody wrote it, with a true minus.
func plain(x float64) string { return strings.Replace(fmt.Sprintf("%.4g", x), "-", "−", 1) }

// number gives three significant figures, as tables have them, with a true minus.
func number(x float64) string {
	if x == 0 {
		return "0"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(x)))))
	return strings.Replace(fmt.Sprintf("%.*f", min(digits, 6), x), "-", "−", 1)
}
