package ui

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"dvala/desk"
	"dvala/instrument"
	"dvala/study"
)

// Who was never screened, by why; who may have entries unsent; who is not heard
// from; and the days of a silent person: each number leads to exactly what it
// counts.
func TestNumbersOfContactLeadToTheirPeople(t *testing.T) {
	m := playground(t)
	log := func(why string) {
		facts := must(m.state.Do(study.LogNotScreened{Site: "main", Why: why}, study.Meta{At: day(12), Actor: "anna", Role: study.RoleCoordinator}))
		for _, f := range facts {
			if err := m.log.AddEntry(must(study.Encode(f))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, why := range []string{"declined", "too-far", "declined", "declined"} {
		log(why)
	}
	h, office := built(t, m, house{})
	now := office.Now()
	office.Furnish(desk.Parts{Telephones: telephones{"P0002": {Seen: now.Add(-25 * time.Hour)}, "P0003": {Seen: now.Add(-23 * time.Hour)}, "P0001": {Seen: now.Add(-90 * time.Hour)}}})

	followed := 0
	for _, n := range numbersIn(t, get(t, h, "/screening", as("investigator")).Body.String()) {
		if !strings.Contains(n.to, "why=") {
			continue
		}
		followed++
		if got := rowsAt(t, h, n.to); got != n.n {
			t.Errorf("%s never screened lead to %s, which lists %d", n.text, n.to, got)
		}
	}
	if followed != 2 {
		t.Errorf("%d numbers of who was never screened lead somewhere", followed)
	}

	today := get(t, h, "/", as("investigator")).Body.String()
	for _, tile := range numbersIn(t, today) {
		if tile.to == "/participants?away=yes" {
			if followed++; tile.n != 1 || rowsAt(t, h, tile.to) != 1 {
				t.Errorf("%s may have entries unsent, and %d are listed", tile.text, rowsAt(t, h, tile.to))
			}
		}
	}
	if page := get(t, h, "/participants?away=yes", as("investigator")).Body.String(); followed != 3 || !strings.Contains(page, ">P0002</a>") || !strings.Contains(page, "inferred") {
		t.Error("who may have entries unsent is not found from the first page, or it is not said that this is inferred")
	}
	if n := rowsAt(t, h, "/participants?silent=yes"); n == 0 || !strings.Contains(today, fmt.Sprintf(`<a href="/participants?silent=yes"><b>%d</b>`, n)) {
		t.Errorf("%d people are not heard from, and the first page says something else", n)
	}

	links := regexp.MustCompile(`<a href="(/due\?part=silent&amp;person=P\d+)">(\d+)</a>`).FindAllStringSubmatch(get(t, h, "/quality", as("investigator")).Body.String(), -1)
	if len(links) == 0 {
		t.Error("nobody's silent days lead anywhere")
	}
	for _, l := range links {
		var dates []string
		each(must(html.Parse(strings.NewReader(get(t, h, html.UnescapeString(l[1]), as("investigator")).Body.String()))), func(x *html.Node) {
			if on := attribute(x, "value"); x.Data == "data" && regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(on) {
				dates = append(dates, on)
			}
		})
		slices.Sort(dates)
		if got := fmt.Sprint(len(slices.Compact(dates))); got != l[2] {
			t.Errorf("%s silent days lead to %s, where there are %s", l[2], l[1], got)
		}
	}
}

// The lists of the first page come in pages, sorted and searched over all of them,
// and say how many there are; what was asked of one stays when another turns.
func TestListsOfTheDayComeInPages(t *testing.T) {
	m := playground(t)
	for range dayRows + 7 {
		who := m.do(study.Screen{Site: "main", Answers: adult(41)}, day(7), "")
		m.do(study.Consent{Version: "1.0", Language: "sv"}, day(7), who)
		m.do(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, day(7), who)
	}
	h := handler(t, m)
	page := get(t, h, "/?silent-sort=code&silent-desc=1", as("investigator"))
	body := page.Body.String()
	section := body[strings.Index(body, `id="t-silent"`):]
	section = section[:strings.Index(section, "</section>")]
	if n := strings.Count(section, `<th scope="row">`); page.Code != http.StatusOK || n != dayRows {
		t.Fatalf("%d rows on the first page", n)
	}
	all := rowsAt(t, h, "/participants?silent=yes")
	if !strings.Contains(body, fmt.Sprintf("1–%d of %d", dayRows, all)) || all <= dayRows {
		t.Errorf("it does not say that these are the first %d of %d", dayRows, all)
	}
	if first := regexp.MustCompile(`/participants/(P\d+)`).FindStringSubmatch(section)[1]; first != string(m.state.Order[len(m.state.Order)-1]) {
		t.Errorf("backwards by code, %s comes first", first)
	}
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(section)
	if next == nil || !strings.Contains(next[1], "silent-sort=code") {
		t.Fatal("no way to the next page, or it forgets the order")
	}
	if n := rowsOf(get(t, h, html.UnescapeString(next[1]), as("investigator")).Body.String(), "t-silent"); n != all-dayRows {
		t.Errorf("%d rows on the last page of %d", n, all)
	}
	if n := strings.Count(get(t, h, "/?file=silent&silent-q=P00", as("investigator")).Body.String(), "\n"); n != all+1 {
		t.Errorf("the file has %d lines for %d people", n, all)
	}
}

func rowsOf(body, id string) int {
	rows, _, _ := entryTable(body, id)
	return len(rows)
}

// The diaries that are due today: whoever has not filled hers in is behind the
// number on the first page, at the sites whose people the reader sees; those who
// have are behind the other one.
func TestDiariesDueTodayLeadToTheirPeople(t *testing.T) {
	m := playground(t)
	m.do(study.Answer{Instrument: "csd", Night: date(7), Language: "sv", Answers: asJSON(instrument.Answers{"into-bed": instrument.At(22 * 60)})}, day(7), "P0002")
	h, office := built(t, m, house{now: func() time.Time { return day(7).Add(time.Hour) }})
	var due desk.Share
	m.View(func(s *study.State) {
		due = desk.NewDay(s, desk.AsOf(s, office.Now()), func(*study.Participant) bool { return true }).Diaries
	})
	if due.Got == 0 || due.Left() == 0 {
		t.Fatalf("%+v: the test shows little", due)
	}
	const behind = "/due?kind=diary&part=not-come&today=yes"
	found := false
	for _, tile := range numbersIn(t, get(t, h, "/", as("investigator")).Body.String()) {
		if tile.to == behind {
			found = true
			if tile.n != due.Left() || rowsAt(t, h, behind) != tile.n || !strings.Contains(tile.row, fmt.Sprintf("%d of %d are", due.Got, due.Due)) {
				t.Errorf("%q on the first page, %d behind it, and %+v", tile.row, rowsAt(t, h, behind), due)
			}
		}
	}
	if got := rowsAt(t, h, "/due?kind=diary&part=came&today=yes"); !found || got != due.Got {
		t.Errorf("the number is there: %v; %d have come, and %d are listed", found, due.Got, got)
	}
}
