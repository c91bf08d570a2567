package protocol

import (
	"fmt"
	"slices"
)

// multiplicity checks the estimands together: how many are primary, in which
// order they are claimed, and what holds their error rate.
func (k *checker) multiplicity() {
	m := k.p.Multiplicity
	if m.Alpha <= 0 || m.Alpha >= 0.5 {
		k.add("alpha", "multiplicity.alpha", "%g is no error rate", m.Alpha).WithHint("0.05 is usual")
	} else if m.Alpha > 0.05 {
		k.warn("alpha-large", "multiplicity.alpha", "an error rate of %g is larger than the usual 0.05", m.Alpha)
	}
	count := map[Place]int{}
	var primary []int
	for i, e := range k.p.Estimands {
		count[e.Place]++
		if e.Place == Primary {
			primary = append(primary, i)
		}
	}
	switch {
	case len(primary) == 0:
		k.warn("no-primary", "estimands", "no estimand is primary, so nothing says which answer the trial stands on")
	case len(primary) > 1:
		k.warn("primaries", at("estimands", primary[1], "place"), "%d estimands are primary; the trial should stand on one", len(primary)).
			WithHint("make the others secondary, in the order in which they are to be claimed")
	}
	for _, i := range primary {
		o, ok := (Checked{k.checked}).Outcome(k.p.Estimands[i].Variable.Outcome)
		if ok && o.Matters == nil {
			k.warn("no-smallest-difference", at("estimands", i, "variable", "outcome"), "nothing says how large a difference in %s matters to people", o.ID).
				WithHint("give the outcome matters and matters_from; without it a null result cannot be told from a small effect")
		}
	}
	k.order()
	k.graph()
	if claims := count[Primary] + count[Secondary]; m.Method == "none" && claims > 1 {
		k.warn("multiplicity-none", "multiplicity.method", "%d estimands are claimed at %g each, and nothing holds the family", claims, m.Alpha).
			WithHint("fixed-sequence or holm, or make the others exploratory")
	}
	if count[Exploratory] > 0 && m.Note == "" {
		k.warn("exploratory-unexplained", "multiplicity.note", "%s exploratory, and nothing says how to read them", are(count[Exploratory])).
			WithHint("say that they are told with intervals and without a claim")
	}
}

// order checks the places in the multiplicity procedure.
func (k *checker) order() {
	taken := map[int]int{}
	last := 0
	for i, e := range k.p.Estimands {
		place := at("estimands", i, "order")
		if e.Place == Exploratory {
			if e.Order != 0 {
				k.add("order-exploratory", place, "an exploratory estimand has no place in the multiplicity procedure").WithHint("take the order out, or make it secondary")
			}
			continue
		}
		if e.Order == 0 {
			k.add("order-missing", place, "a %s estimand has an order in the multiplicity procedure, from 1", e.Place)
			continue
		}
		if j, ok := taken[e.Order]; ok {
			k.add("order-twice", place, "%s has the order %d already", at("estimands", j), e.Order)
		}
		taken[e.Order] = i
		if e.Place == Primary {
			last = max(last, e.Order)
		}
	}
	for i, e := range k.p.Estimands {
		if e.Place == Secondary && e.Order > 0 && e.Order < last {
			k.add("order-primary", at("estimands", i, "order"), "a secondary estimand comes before a primary one")
		}
	}
	orders := sortedOrders(taken)
	for n, o := range orders {
		if o != n+1 {
			k.warn("order-gap", at("estimands", taken[o], "order"), "the orders are not 1, 2, 3 …: one before %d is missing", o)
			break
		}
	}
}

func sortedOrders(taken map[int]int) []int {
	var out []int
	for o := range taken {
		out = append(out, o)
	}
	slices.Sort(out)
	return out
}

func are(n int) string {
	if n == 1 {
		return "1 estimand is"
	}
	return fmt.Sprintf("%d estimands are", n)
}
