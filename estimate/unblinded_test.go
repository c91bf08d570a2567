package estimate

import (
	"reflect"
	"testing"
)

// Who was unblinded in an emergency is counted by the event that led to it and by
// arm, people once in each row and once in all; by hand.
func TestUnblindedAreCounted(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d := made(1)
	for i := range 4 {
		d.People[i].Group = []string{"drug-x", "pill-y"}[i/3] // three in one arm, one in the other
	}
	who := func(i int) string { return d.People[i].Subject }
	d.Unblinded = []Unblinded{
		{who(3), 9, []string{"nausea"}},
		{who(0), 4, []string{"headache", "nausea"}},
		{who(0), 6, []string{"headache"}}, // told again, to another physician
		{who(1), 2, nil},
		{who(2), 2, []string{"headache"}},
	}
	r, err := Analyse(c, d, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	want := []UnblindedRow{{"headache", []int{2, 0}}, {"nausea", []int{1, 1}}, {"", []int{1, 0}}}
	if !reflect.DeepEqual(r.Harms.Unblinded, want) {
		t.Errorf("%+v, want %+v", r.Harms.Unblinded, want)
	}
	for i, n := range []int{3, 1} {
		if got := r.Harms.Arms[i].Unblinded; got != n {
			t.Errorf("%d people of %s, want %d", got, r.Harms.Arms[i].Arm, n)
		}
		if got := r.Flow.Arms[i].Unblinded; got != n {
			t.Errorf("%d people of %s in the flow, want %d", got, r.Flow.Arms[i].Arm, n)
		}
	}
}
