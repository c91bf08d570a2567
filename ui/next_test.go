package ui

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"dvala/study"
)

// What is due of a person stands before all buttons, each with an act that leads to a
// page; where nothing is, the visit that comes next stands there; and what is done
// seldom is under its own heading, none of it lost or said twice.
func TestWhatIsDueOfAPersonComesFirst(t *testing.T) {
	m := playground(t)
	m.do(study.RaiseQuery{Text: "is this right?"}, day(6), "P0002")
	for _, x := range []struct {
		day  int
		says []string
	}{
		{6, []string{"Query ", "Diary 2026-03-08"}},
		{9, []string{"Query ", "Diary 2026-03-11", "End</b> until"}},
	} {
		h := handlerAt(t, m, func() time.Time { return day(x.day).Add(time.Hour) })
		page := get(t, h, "/participants/P0002", as("investigator")).Body.String()
		line := regexp.MustCompile(`(?s)<p class="next">.*?</p>`).FindString(page)
		if line == "" || strings.Index(page, line) > strings.Index(page, `class="acts"`) {
			t.Fatalf("day %d: nothing stands before the buttons", x.day)
		}
		for _, says := range x.says {
			if !strings.Contains(line, says) {
				t.Errorf("day %d: it does not say %q: %s", x.day, says, line)
			}
		}
		for _, l := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(line, -1) {
			if w := get(t, h, html.UnescapeString(l[1]), as("investigator")); w.Code != 200 {
				t.Errorf("day %d: %s leads to %d", x.day, l[1], w.Code)
			}
		}
		buttons := page[strings.Index(page, `class="acts"`):strings.Index(page, `class="jump"`)]
		for _, act := range []string{"report-pregnancy", "replace-kit", "report-adverse-event", "dispense"} {
			if n := strings.Count(buttons, "/do/"+act+`"`); n != 1 {
				t.Errorf("%s stands %d times among the buttons", act, n)
			}
		}
	}
}
