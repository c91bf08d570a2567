package simulate

import (
	"testing"

	"dvala/study"
)

// A made-up trial has a little of all that happens in one beside what is
// measured, and leaves nothing open behind it that the monitor asked.
func TestPlayConduct(t *testing.T) {
	s := played(t, "mgt-2024", 7, 60, 0)
	medicines, corrected, queries, judged, unfit := 0, 0, 0, 0, 0
	for _, p := range s.People {
		medicines += len(p.Medications)
		for _, c := range p.Corrections {
			if c.Field == "stop" {
				corrected++
			}
		}
		for _, q := range p.Queries {
			if !q.Automatic() {
				queries++
				if q.State != study.QueryIsClosed {
					t.Errorf("%s: the monitor's query is %s", p.Subject, q.State)
				}
			}
		}
		judged += len(p.Reviews)
		for _, d := range p.Deviations {
			if d.Category == "" {
				t.Errorf("%s: %s is not judged", p.Subject, d.Code)
			}
		}
	}
	for _, k := range s.Stock {
		if k.Unfit != "" {
			unfit++
		}
	}
	if medicines < 10 || corrected == 0 || queries < 5 || judged == 0 {
		t.Errorf("%d medicines, %d stopped, %d queries, %d deviations judged: too few", medicines, corrected, queries, judged)
	}
	t.Logf("%d medicines, %d stopped, %d queries, %d deviations judged, %d packages", medicines, corrected, queries, judged, unfit)
}
