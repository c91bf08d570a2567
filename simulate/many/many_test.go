package many

import (
	"context"
	"os"
	"reflect"
	"testing"

	"dvala/protocol"
	"dvala/simulate"
)

func example(t testing.TB, name string) protocol.Checked {
	t.Helper()
	src, err := os.ReadFile("../../examples/" + name + "/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func plan(t testing.TB, name string, people, trials int, effect float64) Plan {
	m := simulate.Default()
	m.Effect = effect
	return Plan{Protocol: example(t, name), Model: m, Participants: people, Trials: trials, Seed: 9}
}

func run(t testing.TB, p Plan) Outcome {
	t.Helper()
	o, err := Run(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The same seed gives the same tally on one worker or three, and a longer run
// begins with the trials of a shorter one.
func TestWorkersAreOfNoAccount(t *testing.T) {
	p := plan(t, "mgt-2024", 8, 3, -4)
	p.Workers = 1
	one := run(t, p)
	p.Workers = 3
	if three := run(t, p); !reflect.DeepEqual(one, three) {
		t.Errorf("%+v\n%+v", one, three)
	}
	p.Seed = 10
	if other := run(t, p); reflect.DeepEqual(one.Estimands, other.Estimands) {
		t.Error("two seeds gave the same trials")
	}
}

func TestATrialIsAFunctionOfItsNumber(t *testing.T) {
	p := plan(t, "crossover", 8, 5, -4)
	if err := p.fill(); err != nil {
		t.Fatal(err)
	}
	a, err := p.trial(context.Background(), 3)
	if err != nil {
		t.Fatal(err)
	}
	p.Trials = 50
	b, err := p.trial(context.Background(), 3)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("%v: %+v and %+v", err, a, b)
	}
}

// A large effect is found and none is not, in both designs; what is told of the
// trials adds up.
func TestAnEffectIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("plays whole trials")
	}
	for _, name := range []string{"mgt-2024", "crossover"} {
		got := run(t, plan(t, name, 16, 2, -10))
		e := got.Estimands[0]
		if e.Trials != 2 || e.Below != 2 || e.Power != 1 || e.Mean > -5 {
			t.Errorf("%s: an effect of −10 points: %+v", name, e)
		}
		for _, e := range got.Estimands {
			if e.Trials+e.Failed != got.Trials || e.Below+e.Above > e.Trials || e.Power < e.PowerLow || e.Power > e.PowerHigh {
				t.Errorf("%s: %+v does not add up", name, e)
			}
			if (e.Claimed == nil) != (e.Place == protocol.Exploratory) {
				t.Errorf("%s: claims of %+v", name, e)
			}
			if e.Claimed != nil && *e.Claimed > e.Below+e.Above {
				t.Errorf("%s: more is claimed than found: %+v", name, e)
			}
		}
	}
}

// A faded diary leaves fewer mornings, and nothing else changes.
func TestDiariesFade(t *testing.T) {
	if testing.Short() {
		t.Skip("plays whole trials")
	}
	p := plan(t, "mgt-2024", 12, 1, 0)
	p.DiaryAt90 = 1
	full := run(t, p)
	p.DiaryAt90 = 0.01
	faded := run(t, p)
	for j, e := range full.Estimands {
		f := faded.Estimands[j]
		o, _ := p.Protocol.Outcome(p.Protocol.InOrder()[j].Variable.Outcome)
		if same := reflect.DeepEqual(e, f); same == (o.Source.Diary != "") {
			t.Errorf("%s: %+v and %+v", e.ID, e, f)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, p := range []Plan{{}, plan(t, "mgt-2024", 4, 0, 0), plan(t, "mgt-2024", -1, 1, 0)} {
		if _, err := Run(context.Background(), p); err == nil {
			t.Errorf("%+v was played", p)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, plan(t, "mgt-2024", 8, 2, 0)); err == nil {
		t.Error("a cancelled run gave a result")
	}
}

// Two primaries share the rate and hand it to each other: by hand, the first
// falls at .02/.5, the second then has all of it.
func TestGraph(t *testing.T) {
	m := protocol.Multiplicity{
		Method: "graph", Alpha: 0.05, Weights: []protocol.Weight{{Estimand: "b", Share: 0.5}, {Estimand: "a", Share: 0.5}},
		Arrows: []protocol.Arrow{{From: "a", To: "b", Share: 1}, {From: "b", To: "a", Share: 1}},
	}
	got, err := adjust(m, []string{"a", "b"}, []float64{0.02, 0.045})
	if err != nil || !reflect.DeepEqual(got, []float64{0.04, 0.045}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := adjust(protocol.Multiplicity{Method: "guess"}, nil, nil); err == nil {
		t.Error("a procedure nobody knows was followed")
	}
}

// A trial that minimises is played as one that does not.
func TestMinimisedTrials(t *testing.T) {
	p := plan(t, "two-sites", 8, 1, -4)
	one := run(t, p)
	if again := run(t, p); !reflect.DeepEqual(one, again) || one.Trials != 1 {
		t.Errorf("%+v\n%+v", one, again)
	}
}
