package stats_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"dvala/fault"
	"dvala/stats/complier"
	"dvala/stats/effect"
	"dvala/stats/glm"
	"dvala/stats/habits"
	"dvala/stats/linear"
	"dvala/stats/lmm"
	"dvala/stats/missing"
	"dvala/stats/mmrm"
	"dvala/stats/ordinal"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// rows is a small trial of people at visits, which each case then spoils.
type rows struct {
	person, visit, arm []int
	base, y            []float64
}

func trialRows(people, visits int) rows {
	r := rand.New(rand.NewPCG(uint64(people), uint64(visits)))
	var out rows
	for p := range people {
		b := 15 + 4*r.NormFloat64()
		for v := range visits {
			out.person, out.visit, out.arm = append(out.person, p), append(out.visit, v), append(out.arm, p%2)
			out.base = append(out.base, b)
			out.y = append(out.y, 0.6*b-float64(v)-2*float64(p%2)+3*r.NormFloat64())
		}
	}
	return out
}

func (r rows) keep(ok func(i int) bool) rows {
	var out rows
	for i := range r.y {
		if ok(i) {
			out.person, out.visit, out.arm = append(out.person, r.person[i]), append(out.visit, r.visit[i]), append(out.arm, r.arm[i])
			out.base, out.y = append(out.base, r.base[i]), append(out.y, r.y[i])
		}
	}
	return out
}

func (r rows) set(f func(i int, r rows)) rows {
	c := r.keep(func(int) bool { return true })
	for i := range c.y {
		f(i, c)
	}
	return c
}

// spoiled are the ways in which data can be too little or too strange. Where
// may is set an answer is allowed, if it is a finite one.
func spoiled() []struct {
	what string
	r    rows
	may  bool
} {
	full := trialRows(24, 3)
	at := func(i int, x float64) rows {
		return full.set(func(k int, r rows) {
			if k == i {
				r.y[k] = x
			}
		})
	}
	return []struct {
		what string
		r    rows
		may  bool
	}{
		{"as it is", full, true},
		{"nothing", rows{}, false},
		{"one row", full.keep(func(i int) bool { return i == 0 }), false},
		{"one person", full.keep(func(i int) bool { return full.person[i] == 0 }), false},
		{"two people", full.keep(func(i int) bool { return full.person[i] < 2 }), false},
		{"three people", full.keep(func(i int) bool { return full.person[i] < 3 }), true},
		{"one visit", full.keep(func(i int) bool { return full.visit[i] == 0 }), true},
		{"one arm", full.keep(func(i int) bool { return full.arm[i] == 0 }), false},
		{"an arm empty at a visit", full.keep(func(i int) bool { return full.arm[i] == 0 || full.visit[i] != 2 }), true},
		{"one person left at a visit", full.keep(func(i int) bool { return full.person[i] == 0 || full.visit[i] != 2 }), true},
		{"constant outcome", full.set(func(i int, r rows) { r.y[i] = 5 }), false},
		{"constant within arms", full.set(func(i int, r rows) { r.y[i] = float64(r.arm[i]) }), false},
		{"constant within people", full.set(func(i int, r rows) { r.y[i] = float64(r.person[i] * r.person[i]) }), true},
		{"constant at a visit", full.set(func(i int, r rows) {
			if r.visit[i] == 1 {
				r.y[i] = 3
			}
		}), true},
		{"two visits alike", full.set(func(i int, r rows) {
			if r.visit[i] == 1 {
				r.y[i] = r.y[i-1]
			}
		}), true},
		{"constant baseline", full.set(func(i int, r rows) { r.base[i] = 9 }), false},
		{"baseline is the arm", full.set(func(i int, r rows) { r.base[i] = 2 + 3*float64(r.arm[i]) }), false},
		{"baseline almost the arm", full.set(func(i int, r rows) { r.base[i] = float64(r.arm[i]) + 1e-9*r.base[i] }), true},
		{"baseline far off", full.set(func(i int, r rows) { r.base[i] += 1e7 }), true},
		{"outcome is the baseline", full.set(func(i int, r rows) { r.y[i] = 2 * r.base[i] }), false},
		{"infinite", at(3, math.Inf(1)), false},
		{"not a number", at(3, math.NaN()), false},
		{"baseline infinite", full.set(func(i int, r rows) {
			if i < 3 {
				r.base[i] = math.Inf(-1)
			}
		}), false},
		{"one wild value", at(3, 1e12), true},
		{"huge numbers", full.set(func(i int, r rows) { r.y[i] *= 1e150 }), true},
		{"beyond squaring", full.set(func(i int, r rows) { r.y[i] *= 1e200 }), true},
		{"tiny numbers", full.set(func(i int, r rows) { r.y[i] *= 1e-150 }), true},
		{"far from 0", full.set(func(i int, r rows) { r.y[i] += 1e9 }), true},
	}
}

func design(r rows, names ...string) (*terms.Design, error) {
	var arm, visit []string
	for i := range r.y {
		arm, visit = append(arm, []string{"a", "b"}[r.arm[i]]), append(visit, fmt.Sprint("v", r.visit[i]))
	}
	vars := []terms.Variable{terms.Numeric("base", r.base), terms.FactorOf("arm", arm)}
	if slices.Contains(names, "visit") {
		vars = append(vars, terms.FactorOf("visit", visit))
	}
	return terms.Build(vars, names...)
}

func visitNames(n int) (out []string) {
	for v := range n {
		out = append(out, fmt.Sprint("v", v))
	}
	return out
}

// recoded numbers people without gaps.
func recoded(person []int) []int {
	var names []string
	for _, p := range person {
		names = append(names, fmt.Sprint(p))
	}
	out, _ := lmm.Codes(names)
	return out
}

// models are all that take such rows.
func models() map[string]func(r rows) (any, error) {
	last := func(r rows) rows { return r.keep(func(i int) bool { return r.visit[i] == 0 }) }
	return map[string]func(r rows) (any, error){
		"ancova": func(r rows) (any, error) {
			r = last(r)
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			f, err := linear.Ordinary(d, r.y, linear.Options{Errors: linear.HC3})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"lmm": func(r rows) (any, error) {
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			f, err := lmm.Random(d, r.y, recoded(r.person), lmm.Options{Method: reml.KenwardRoger})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"lmm, slopes": func(r rows) (any, error) {
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			x := make([]float64, len(r.y))
			for i := range x {
				x[i] = float64(r.visit[i])
			}
			f, err := lmm.Random(d, r.y, recoded(r.person), lmm.Options{Slopes: []lmm.Slope{{Name: "visit", X: x}}})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"lmm, serial": func(r rows) (any, error) {
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			x := make([]float64, len(r.y))
			for i := range x {
				x[i] = float64(r.visit[i])
			}
			f, err := lmm.Random(d, r.y, recoded(r.person), lmm.Options{Nights: x})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"mmrm": func(r rows) (any, error) {
			d, err := design(r, "base", "arm", "visit", "arm:visit")
			if err != nil {
				return nil, err
			}
			f, err := mmrm.Repeated(d, mmrm.Rows{Y: r.y, Person: recoded(r.person), Visit: r.visit, Visits: visitNames(3)}, mmrm.Options{Method: reml.KenwardRoger})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"binary": func(r rows) (any, error) {
			r = last(r)
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			y := make([]float64, len(r.y))
			for i, v := range r.y {
				if y[i] = v; !math.IsNaN(v) && !math.IsInf(v, 0) {
					y[i] = 0
					if v > 7 {
						y[i] = 1
					}
				}
			}
			f, err := glm.Regress(d, y, glm.Options{Family: glm.Binomial})
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"ordinal": func(r rows) (any, error) {
			r = last(r)
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			f, err := ordinal.Cumulative(d, classes(r.y), 0.95)
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"ordinal, by person": func(r rows) (any, error) {
			d, err := design(r, "base", "arm")
			if err != nil {
				return nil, err
			}
			f, err := ordinal.Intercept(d, classes(r.y), recoded(r.person), 7, 0.95)
			if err != nil {
				return nil, err
			}
			return f.Coefficients, nil
		},
		"reference-based": func(r rows) (any, error) {
			return missing.ConditionalMean(wide(r), missing.Jump, 0.95)
		},
		"complier": func(r rows) (any, error) {
			r = last(r)
			d, err := design(r, "base")
			if err != nil {
				return nil, err
			}
			arm := make([]float64, len(r.y))
			taken := make([]float64, len(r.y))
			for i := range arm {
				arm[i] = float64(r.arm[i])
				if r.person[i]%5 != 1 {
					taken[i] = arm[i]
				}
			}
			f, err := complier.TwoStage(d, r.y, taken, arm, complier.HC1, 0.95)
			if err != nil {
				return nil, err
			}
			return f.Effect, nil
		},
		"effect size": func(r rows) (any, error) {
			r = last(r)
			var g [2][]float64
			for i, k := range r.arm {
				g[k] = append(g[k], r.y[i])
			}
			return effect.Hedges(effect.GroupOf(g[0]), effect.GroupOf(g[1]), 0.95)
		},
		"habits": func(r rows) (any, error) {
			var v []habits.Night
			for i := range r.y {
				x := float64((i * i) % 7)
				v = append(v, habits.Night{Person: fmt.Sprint(r.person[i]), Day: r.visit[i], Y: &r.y[i], Habits: []*float64{&x}, Adjust: []float64{r.base[i]}})
			}
			e, err := habits.Explore(v, []habits.Habit{{Name: "x"}}, habits.Options{Adjust: []string{"base"}})
			return e.Effects, err
		},
	}
}

func classes(y []float64) []int {
	out := make([]int, len(y))
	for i, v := range y {
		switch {
		case v > 9:
			out[i] = 2
		case v > 6:
			out[i] = 1
		}
	}
	return out
}

func wide(r rows) missing.Trial {
	t := missing.Trial{Visits: visitNames(3)}
	at := map[int]int{}
	var base []float64
	for i, p := range r.person {
		k, ok := at[p]
		if !ok {
			k = len(t.Y)
			at[p] = k
			t.Y, t.Arm, base = append(t.Y, make([]*float64, 3)), append(t.Arm, r.arm[i]), append(base, r.base[i])
		}
		t.Y[k][r.visit[i]] = &r.y[i]
	}
	t.Covariates = []terms.Variable{terms.Numeric("base", base)}
	return t
}

// Every model, given every kind of bad data, says a fault with a code, or where
// an answer is possible gives numbers that are finite; it never panics, and
// never gives a number that only looks right.
func TestDegenerate(t *testing.T) {
	for name, fit := range models() {
		for _, c := range spoiled() {
			t.Run(name+"/"+c.what, func(t *testing.T) {
				got, err := fit(c.r)
				if err != nil {
					var p *fault.Problem
					if !errors.As(err, &p) || p.Code == "" || p.Message == "" {
						t.Errorf("an error that is no fault: %v", err)
					}
					if c.what == "as it is" {
						t.Errorf("good data were refused: %v", err)
					}
					return
				}
				if bad := strange(reflect.ValueOf(got), ""); bad != "" {
					t.Errorf("no fault, and %s: %+v", bad, got)
				}
				if !c.may && !excused[name+"/"+c.what] {
					t.Errorf("an answer: %+v", got)
				}
			})
		}
	}
}

// excused are pairs in which the data are not bad for this model, since it
// looks at other parts of them.
var excused = map[string]bool{
	// It has no baseline.
	"effect size/constant baseline": true, "effect size/baseline is the arm": true,
	"effect size/outcome is the baseline": true, "effect size/baseline infinite": true,
	// Habits have no arm.
	"habits/one arm": true, "habits/baseline is the arm": true,
	// Categories are whole numbers: an infinity cannot be said in them.
	"ordinal/infinite": true, "ordinal/not a number": true,
	"complier/constant within arms": true, // some of an arm did not take it: there is an effect per taker
	"ordinal, by person/infinite":   true, "ordinal, by person/not a number": true,
}

// strange names the first number that is not finite, and any standard error
// that is not above 0.
func strange(v reflect.Value, name string) string {
	switch v.Kind() {
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) || name == "SE" && !(x > 0) {
			return fmt.Sprintf("%s is %v", name, x)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return strange(v.Elem(), name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if s := strange(v.Index(i), name); s != "" {
				return s
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if s := strange(v.Field(i), f.Name); s != "" {
					return s
				}
			}
		}
	}
	return ""
}
