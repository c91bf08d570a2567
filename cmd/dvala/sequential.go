package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"dvala/fault"
	"dvala/stats/dist"
	"dvala/stats/sequential"
)

// SequentialCmd plans looks at the data on the way: boundaries, what they cost
// in people, and how likely it is to stop at each. It plans and does not look:
// a trial of ours runs without interim analyses.
type SequentialCmd struct {
	Looks    []float64 `help:"When: fractions of the information, rising to 1; or --number of equal steps."`
	Number   int       `help:"How many looks in equal steps, the last at the end." default:"2"`
	Spending string    `enum:"obrien-fleming,pocock,kim-demets,hwang-shih-decani" default:"obrien-fleming" help:"How alpha is spent: obrien-fleming or pocock (Lan and DeMets), kim-demets, hwang-shih-decani."`
	Shape    float64   `help:"Power ρ of kim-demets, or γ of hwang-shih-decani." default:"1"`
	Alpha    float64   `help:"Error rate in all." default:"0.05"`
	OneSided bool      `name:"one-sided" help:"Only one direction counts."`
	Target   float64   `help:"Power." default:"0.9"`
	Fixed    int       `help:"People that a trial without looks would take, as dvala power gives them; then sizes are told too." default:"0"`
	Format   string    `enum:"text,json" default:"text" help:"text or json."`
}

// look is one look of a plan.
type look struct {
	Information float64 `json:"information"`
	People      *int    `json:"people,omitempty"`
	Boundary    float64 `json:"z"`         // stop at |Z| or Z of this
	Nominal     float64 `json:"nominal_p"` // the p-value that goes with it, two-sided unless one-sided
	Spent       float64 `json:"alpha_spent"`
	StopPlanned float64 `json:"stop_planned"` // probability of stopping for effect here, under the planned effect
	StopNull    float64 `json:"stop_null"`    // and under none, in either direction that counts
	// Undecided is the power that is left, under the planned effect, when Z is 0
	// here; absent at the end.
	Undecided *float64 `json:"power_if_nothing_seen,omitempty"`
}

// looksReport is the plan, for programs.
type looksReport struct {
	Spending  string  `json:"spending"`
	Alpha     float64 `json:"alpha"`
	TwoSided  bool    `json:"two_sided"`
	Target    float64 `json:"power"`
	Looks     []look  `json:"looks"`
	Inflation float64 `json:"inflation"` // most people, over a trial without looks
	Expected  float64 `json:"expected_planned"`
	Null      float64 `json:"expected_null"`
	Fixed     int     `json:"fixed_people,omitempty"`
	Most      int     `json:"most_people,omitempty"`
}

// Run plans.
func (cmd *SequentialCmd) Run(p *Program) error {
	r, err := cmd.plan()
	if err != nil {
		return err
	}
	if cmd.Format == "json" {
		return writeJSON(p.Stdout, r)
	}
	_, err = io.WriteString(p.Stdout, r.text())
	return err
}

func (cmd *SequentialCmd) spend() (sequential.Spending, string, error) {
	switch cmd.Spending {
	case "pocock":
		return sequential.Pocock, "Pocock type (Lan and DeMets)", nil
	case "kim-demets":
		if !(cmd.Shape > 0) {
			return nil, "", fault.New("sequential-shape", "", "Kim and DeMets's power must be above 0, not %v", cmd.Shape)
		}
		return sequential.KimDeMets(cmd.Shape), "Kim and DeMets, power " + plain(cmd.Shape), nil
	case "hwang-shih-decani":
		return sequential.HwangShihDeCani(cmd.Shape), "Hwang, Shih and DeCani, γ " + plain(cmd.Shape), nil
	}
	return sequential.OBrienFleming, "O’Brien and Fleming type (Lan and DeMets)", nil
}

func (cmd *SequentialCmd) plan() (looksReport, error) {
	times := cmd.Looks
	if len(times) == 0 {
		for k := range cmd.Number {
			times = append(times, float64(k+1)/float64(cmd.Number))
		}
	}
	if cmd.Fixed < 0 {
		return looksReport{}, fault.New("sequential-fixed", "", "%d people", cmd.Fixed)
	}
	spending, name, err := cmd.spend()
	if err != nil {
		return looksReport{}, err
	}
	d, err := sequential.Spend(times, cmd.Alpha, spending, !cmd.OneSided)
	if err != nil {
		return looksReport{}, err
	}
	cost, err := d.Cost(cmd.Target)
	if err != nil {
		return looksReport{}, err
	}
	r := looksReport{
		Spending: name, Alpha: d.Alpha, TwoSided: d.TwoSided, Target: cmd.Target,
		Inflation: cost.Inflation, Expected: cost.ASN, Null: cost.ASNNull, Fixed: cmd.Fixed,
	}
	if cmd.Fixed > 0 {
		r.Most = int(math.Ceil(float64(cmd.Fixed)*cost.Inflation - 1e-9))
	}
	up, down := d.Exit(0)
	for k, t := range d.Times {
		l := look{Information: t, Boundary: d.Upper[k], Nominal: d.Nominal[k], Spent: d.Spent[k], StopPlanned: cost.Exit[k], StopNull: up[k]}
		if d.TwoSided {
			l.Nominal *= 2
			l.StopNull += down[k]
		}
		if t < 1 {
			c, err := sequential.ConditionalPower(0, t, d.Upper[len(d.Upper)-1], cost.Drift)
			if err != nil {
				return r, err
			}
			l.Undecided = &c
		}
		if r.Most > 0 {
			n := int(math.Ceil(t*float64(r.Most) - 1e-9))
			l.People = &n
		}
		r.Looks = append(r.Looks, l)
	}
	return r, nil
}

func (r looksReport) text() string {
	var b strings.Builder
	sides := "two-sided"
	if !r.TwoSided {
		sides = "one-sided"
	}
	fmt.Fprintf(&b, "%d looks, %s, %s α %s, power %s\n\n", len(r.Looks), r.Spending, sides, plain(r.Alpha), plain(r.Target))
	fmt.Fprintf(&b, "  %-4s  %-11s  %-7s  %-9s  %-10s  %-11s  %-13s  %-12s  %s\n", "look", "information", "people", "stop at Z", "nominal p", "α spent", "stops, effect", "stops, none", "power if Z = 0")
	for k, l := range r.Looks {
		people, left := "–", "–"
		if l.People != nil {
			people = fmt.Sprint(*l.People)
		}
		if l.Undecided != nil {
			left = fmt.Sprintf("%.3f", *l.Undecided)
		}
		fmt.Fprintf(&b, "  %-4d  %-11s  %-7s  %-9s  %-10s  %-11s  %-13s  %-12s  %s\n", k+1, fmt.Sprintf("%.4g", l.Information), people,
			fmt.Sprintf("%.4f", l.Boundary), fmt.Sprintf("%.3g", l.Nominal), fmt.Sprintf("%.3g", l.Spent),
			fmt.Sprintf("%.3f", l.StopPlanned), fmt.Sprintf("%.4f", l.StopNull), left)
	}
	fmt.Fprintf(&b, "\nAt most %.3f times the people of a trial without looks; on average %.3f times under the planned effect and %.3f under none.\n", r.Inflation, r.Expected, r.Null)
	if r.Fixed > 0 {
		fmt.Fprintf(&b, "%d people without looks become %d at most.\n", r.Fixed, r.Most)
	}
	side := 1.0
	if r.TwoSided {
		side = 2
	}
	fmt.Fprintf(&b, "Without looks the test would stop at Z = %.4f. The last boundary is what looking costs.\n", dist.NormalQuantile(1-r.Alpha/side))
	b.WriteString("A look opens the arms to whoever looks, so it is for a committee apart; dvala plans it and runs none.\n")
	return b.String()
}
