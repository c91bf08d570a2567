package figure

import (
	"strings"
	"testing"

	"dvala/sleep"
)

func TestRaster(t *testing.T) {
	var nights []sleep.Night
	for _, start := range []string{"2026-10-22 23:30", "2026-10-23 23:30", "2026-10-24 23:30", "2026-10-26 23:30"} {
		h := night(t, start, "20W 200N2 10W 200N2")
		date, _ := sleep.DateOf(h)
		n, err := sleep.NewNight(sleep.Night{Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Main: h, Source: sleep.Provenance{Vendor: "test"}})
		if err != nil {
			t.Fatal(err)
		}
		nights = append(nights, n)
	}
	file := string(Raster{ID: "r", Title: "Nights", Nights: nights}.SVG().File())
	// Five dates, the fourth unknown: it is hatched in its own row and in the row before,
	// and once more in the legend. Each night is drawn twice but the first.
	if got := strings.Count(file, `fill="url(`); got != 3 {
		t.Errorf("%d hatched stretches, want 3", got)
	}
	if got := strings.Count(file, `<path class="st-n2"`); got != 4+3 {
		t.Errorf("%d nights of sleep, want 7", got)
	}
	if got := strings.Count(file, `class="weekend"`); got != 2+2+1 {
		t.Errorf("%d weekends, want Saturday and Sunday twice and once in the legend", got)
	}
	if got := strings.Count(file, `class="middle"`); got != 4+1 {
		t.Errorf("%d middles of sleep, want 5", got)
	}
	if !strings.Contains(file, "Sun 25 Oct") || !strings.Contains(file, "4 nights of 5 dates, Friday 23 October 2026 to Tuesday 27 October 2026: midsleep") || strings.Contains(file, "NaN") {
		t.Errorf("%.600s", file)
	}
	if empty := string(Raster{ID: "r"}.SVG().File()); !strings.Contains(empty, "no nights") {
		t.Errorf("%s", empty)
	}
}
