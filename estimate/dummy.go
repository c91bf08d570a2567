package estimate

import (
	"strings"

	"dvala/protocol"
)

// withoutIDs puts neutral names in the place of the IDs of arms and sequences:
// dummy-1, dummy-2 … in the protocol's order, and dummy-order-1 … for sequences.
// The ID of an arm stands in the protocol and nowhere else before the openings,
// not even in results that were made on nobody's real arm; what an arm is
// called stays, so that the report reads as it will.
func (r *run) withoutIDs(res *Results) {
	var pairs []string
	for k, a := range r.p.Arms {
		pairs = append(pairs, a.ID, "dummy-"+itoa(k+1))
	}
	if r.p.Design.Kind == protocol.Crossover {
		for k, g := range r.groups {
			pairs = append(pairs, g, "dummy-order-"+itoa(k+1))
		}
	}
	names := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		names[pairs[i]] = pairs[i+1]
	}
	rename := func(id *string) {
		if n, ok := names[*id]; ok {
			*id = n
		}
	}
	for i := range res.Arms {
		rename(&res.Arms[i].ID)
	}
	for i := range res.Sequences {
		rename(&res.Sequences[i].ID)
	}
	for i := range res.Flow.Arms {
		rename(&res.Flow.Arms[i].Arm)
	}
	replace := strings.NewReplacer(pairs...)
	for i := range res.Estimands {
		res.Estimands[i].rename(rename, replace)
	}
	for i := range res.Series {
		for k := range res.Series[i].Arms {
			rename(&res.Series[i].Arms[k].Arm)
		}
	}
	for i := range res.Nights {
		rename(&res.Nights[i].Arm)
	}
	for i := range res.Adherence {
		rename(&res.Adherence[i].Arm)
	}
	for i := range res.Harms.Arms {
		rename(&res.Harms.Arms[i].Arm)
	}
	for i := range res.Missing {
		rename(&res.Missing[i].Arm)
	}
	if res.Guess != nil {
		for i := range res.Guess.Arms {
			rename(&res.Guess.Arms[i])
		}
	}
}

// rename puts other names into one result and what stands under it. A fault of
// the statistics names groups as it was given them, so texts are searched too.
func (r *Result) rename(id func(*string), in *strings.Replacer) {
	arms := func(a []ArmSummary) {
		for k := range a {
			id(&a[k].Arm)
		}
	}
	arms(r.Arms)
	for k := range r.Times {
		arms(r.Times[k].Arms)
	}
	for k := range r.Curves {
		id(&r.Curves[k].Arm)
	}
	for k := range r.People {
		for j := range r.People[k].Periods {
			id(&r.People[k].Periods[j].Arm)
		}
	}
	if r.Tipping != nil {
		id(&r.Tipping.Arm)
	}
	for _, text := range []*string{&r.Failed, &r.Found, &r.Reading, &r.Sentence, &r.Method} {
		*text = in.Replace(*text)
	}
	for k := range r.Notes {
		r.Notes[k] = in.Replace(r.Notes[k])
	}
	for k := range r.Fits {
		r.Fits[k].Why = in.Replace(r.Fits[k].Why)
	}
	for k := range r.Terms {
		r.Terms[k].Name = in.Replace(r.Terms[k].Name)
	}
	for k := range r.Sensitivity {
		r.Sensitivity[k].rename(id, in)
	}
}
