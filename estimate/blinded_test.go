package estimate

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dvala/fault"
)

// Everybody together, by R: sd of the values, and the residual standard error of
// lm(isi_d21 ~ isi_bl + site + sex), without the arm (golden case 06's trial).
func TestBlindSpreadAgreesWithR(t *testing.T) {
	c := checked(t, "parallel.yaml")
	e, _ := c.Primary()
	b, err := BlindSpread(c, ancovaTrial(t), e)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "SD", &b.SD, 5.69855812560373, 1e-10)
	near(t, "left", &b.Left, 5.49559778101636, 1e-10)
	if b.Known != 49 || b.Randomised != 80 || b.Columns != 4 || b.Share != nil || b.Within {
		t.Errorf("%+v", b)
	}
}

// What is told does not depend on who has which arm, nor on there being arms.
func TestBlindSpreadKnowsNoArm(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d := ancovaTrial(t)
	for _, e := range c.InOrder() {
		want, err := BlindSpread(c, d, e)
		blank := *d
		blank.People = slices.Clone(d.People)
		for i := range blank.People {
			blank.People[i].Group = ""
		}
		got, err2 := BlindSpread(c, &blank, e)
		if got != want || (err == nil) != (err2 == nil) {
			t.Errorf("%s: %+v with arms, %+v without", e.ID, want, got)
		}
	}
	if d.People[0].Group == "" {
		t.Error("the table handed in was changed")
	}
}

// A crossover pools the differences between periods; by hand 2, −4, 0, 6 have
// the SD √(52/3), and one period that over √2.
func TestBlindSpreadWithinPeople(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "examples", "crossover", "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := parsed(t, string(src))
	e, _ := c.Primary()
	d := &Data{}
	for i, x := range [][2]float64{{1, 3}, {5, 1}, {2, 2}, {0, 6}} {
		id := itoa(i)
		d.People = append(d.People, Person{Subject: id})
		for k, v := range x {
			d.Values = append(d.Values, Value{id, "isi", e.Variable.Visits[k], k + 1, 14 * (k + 1), v})
		}
	}
	b, err := BlindSpread(c, d, e)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "within", &b.SD, math.Sqrt(52.0/3/2), 1e-12)
	d.People = d.People[:3]
	if _, err := BlindSpread(c, d, e); fault.CodeOf(err) != "stats-too-few" {
		t.Errorf("three people: %v", err)
	}
}
