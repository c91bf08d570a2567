package estimate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/protocol"
)

// One person stops on day 10 and is away from day 3 to day 5.
func eventful() *Data {
	to := 5
	d := &Data{
		People: []Person{{Subject: "a", Group: "drug-x"}},
		Events: []Intercurrent{{"a", "stopped-dose", 10, nil}, {"a", "travel", 3, &to}},
	}
	for day := -6; day <= 21; day++ {
		d.Nights = append(d.Nights, NightValue{"a", "ring-tst", 1, day, float64(100 + day)})
	}
	for _, v := range []struct {
		visit string
		day   int
	}{{"day0", 0}, {"day7", 7}, {"day14", 14}, {"day21", 21}} {
		d.Values = append(d.Values, Value{"a", "isi-total", v.visit, 1, v.day, float64(v.day)})
	}
	return d
}

func valuesOf(t *testing.T, c protocol.Checked, id string) (values []float64, dropped []Count) {
	t.Helper()
	e, _ := c.Estimand(id)
	r := newRun(c, eventful())
	s := r.setOf(e)
	if len(s.members) == 0 {
		return nil, s.dropped
	}
	return s.members[0].periods[1], nil
}

func TestStrategies(t *testing.T) {
	const visitModel = "model: {kind: ancova, strata: true}"
	for _, k := range []struct {
		name, from, to, estimand string
		first, last              float64
		n                        int
	}{
		{"nights, travel hypothetical: evenings 3 to 5 are nights 4 to 6", "", "", "tst-nights", 101, 121, 18},
		{"nights, stopped hypothetical: nights 11 on are gone", "{event: stopped-dose, strategy: treatment-policy}\n      - {event: travel", "{event: stopped-dose, strategy: hypothetical}\n      - {event: travel", "tst-nights", 101, 110, 7},
		{"nights, stopped while on treatment", "{event: stopped-dose, strategy: treatment-policy}\n      - {event: travel", "{event: stopped-dose, strategy: while-on-treatment}\n      - {event: travel", "tst-nights", 101, 110, 7},
		{"visit, treatment policy: day 21 counts", visitModel, "model: {kind: ancova}", "isi-d21", 21, 21, 1},
		{"visit, while on treatment: day 7 stands in", "{event: stopped-dose, strategy: treatment-policy}\n    summary: mean-difference\n    " + visitModel, "{event: stopped-dose, strategy: while-on-treatment}\n    summary: mean-difference\n    model: {kind: ancova}", "isi-d21", 7, 7, 1},
	} {
		var change []string
		if k.from != "" {
			change = []string{k.from, k.to}
		}
		got, dropped := valuesOf(t, checked(t, "parallel.yaml", change...), k.estimand)
		if len(got) != k.n || got[0] != k.first || got[len(got)-1] != k.last {
			t.Errorf("%s: values %v, dropped %v", k.name, got, dropped)
		}
	}
	c := checked(t, "parallel.yaml", "{event: stopped-dose, strategy: treatment-policy}\n    summary: mean-difference\n    "+visitModel, "{event: stopped-dose, strategy: hypothetical}\n    summary: mean-difference\n    model: {kind: ancova}")
	if got, dropped := valuesOf(t, c, "isi-d21"); got != nil || len(dropped) != 1 || !strings.Contains(dropped[0].What, "after stopping the dose") {
		t.Errorf("visit, hypothetical: values %v, dropped %v", got, dropped)
	}
}

// What cannot be estimated as stated is refused with a reason, and both shipped
// examples can be.
func TestSupported(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover"} {
		b, err := os.ReadFile(filepath.Join("..", "examples", name, "protocol.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if l := Supported(parsed(t, string(b))); l.Err() != nil {
			t.Errorf("%s: %v", name, l)
		}
	}
	for _, k := range []struct {
		from, to string
		code     fault.Code
	}{
		{"model: {kind: ancova, strata: true}", "model: {kind: complier, strata: true}", "estimand-model"},
		{"{event: travel, strategy: hypothetical}", "{event: travel, strategy: principal-stratum}", "estimand-strategy"},
	} {
		if l := Supported(checked(t, "parallel.yaml", k.from, k.to)); !l.Has(k.code) {
			t.Errorf("%s is not refused: %v", k.to, l)
		}
	}
}

// A death on day 10 is terminal: it is counted by the strategy for death where the
// estimand names it, and else as stopping the dose is.
func TestDeathIsCountedAsTheEstimandSays(t *testing.T) {
	const was = "{event: stopped-dose, strategy: treatment-policy}\n    summary: mean-difference\n    model: {kind: ancova, strata: true}"
	value := func(events string) (float64, bool) {
		d := eventful()
		d.Events = []Intercurrent{{"a", "died", 10, nil}}
		c := checked(t, "parallel.yaml", was, events+"\n    summary: mean-difference\n    model: {kind: ancova}")
		e, _ := c.Estimand("isi-d21")
		r := newRun(c, d)
		s := r.setOf(e)
		if len(s.members) == 0 {
			return 0, false
		}
		return s.members[0].periods[1][0], true
	}
	for _, k := range []struct {
		events string
		want   float64
		there  bool
	}{
		{"{event: stopped-dose, strategy: hypothetical}", 0, false},
		{"{event: stopped-dose, strategy: while-on-treatment}", 7, true},
		{"{event: stopped-dose, strategy: treatment-policy}\n      - {event: died, strategy: composite, value: 28}", 28, true},
		{"{event: stopped-dose, strategy: hypothetical}\n      - {event: died, strategy: composite, value: 28}", 28, true},
		{"{event: stopped-dose, strategy: treatment-policy}\n      - {event: died, strategy: while-on-treatment}", 7, true},
	} {
		if got, ok := value(k.events); ok != k.there || got != k.want {
			t.Errorf("%s: %v %v", k.events, got, ok)
		}
	}
}
