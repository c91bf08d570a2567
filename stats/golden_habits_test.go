package stats_test

import (
	"testing"

	"dvala/stats/habits"
)

// Where everybody lives the same days, the mixed model's slope is the effect
// within people, and there is none between them.
func TestGoldenHabits(t *testing.T) {
	w := expected(t, "01_sleepstudy").at("random_intercept/REML/polished")
	d := readCSV(t, "01_sleepstudy", "sleepstudy.csv")
	y, day := d.num("Reaction"), d.num("Days")
	var nights []habits.Night
	for i := range d.n {
		nights = append(nights, habits.Night{Person: d.cols["Subject"][i], Day: int(day[i]), Y: &y[i], Habits: []*float64{&day[i]}})
	}
	r, err := habits.Explore(nights, []habits.Habit{{Name: "days awake"}}, habits.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := r.Effects[0]
	if e.Between != nil {
		t.Errorf("between people: %+v", *e.Between)
	}
	near(t, "within", e.Within.Value, w.nums("beta")[1], 1e-8)
	near(t, "se", e.Within.SE, w.nums("se")[1], 1e-8)
	near(t, "df", *e.Within.DF, w.nums("satterthwaite/df")[1], 1e-6)
}
