package ui

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/protocol"
	"dvala/study"
)

type thing struct {
	name string
	n    int
}

var thingColumns = []listColumn[thing]{
	{id: "name", name: "Name", words: true, text: func(x thing) string { return x.name }},
	{id: "n", name: "n", text: func(x thing) string { return strconv.Itoa(x.n) }},
}

func asking(t testing.TB, address string) *ask {
	t.Helper()
	return &ask{Server: &Server{words: must(readWords())}, lang: "sv", r: httptest.NewRequest("GET", address, nil)}
}

// Whatever is looked for and however it is sorted, the pages after one another
// hold every row that fits once, in order; the file holds the same rows.
func TestPagesHoldEveryRowOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		rows := make([]thing, r.IntN(900))
		for i := range rows {
			rows[i] = thing{fmt.Sprintf("%s%d", []string{"K", "kit ", "mild"}[r.IntN(3)], r.IntN(2000)), r.IntN(5)}
		}
		q := url.Values{"other": {"kept"}}
		if r.IntN(2) == 0 {
			q.Set("x-q", []string{"k", "1", "LINDRIG", "kit 1"}[r.IntN(4)])
		}
		if r.IntN(2) == 0 {
			q.Set("x-sort", []string{"name", "n"}[r.IntN(2)])
		}
		if r.IntN(2) == 0 {
			q.Set("x-desc", "1")
		}
		var got []thing
		address := "/things?" + q.Encode()
		for address != "" {
			l, whole, err := listed(asking(t, address), "x", rows, thingColumns, nil)
			if err != nil || whole != nil || len(l.Rows) > listRows || l.All != len(rows) || !strings.Contains(l.File, "other=kept") {
				t.Fatal(address, err, len(l.Rows))
			}
			got, address = append(got, l.Rows...), l.After
		}
		q.Set("file", "x")
		_, whole, err := listed(asking(t, "/things?"+q.Encode()), "x", rows, thingColumns, nil)
		if err != nil || whole == nil {
			t.Fatal(err)
		}
		lines := must(csv.NewReader(bytes.NewReader(whole.data)).ReadAll())
		if len(lines) != len(got)+1 {
			t.Fatalf("the file has %d lines, and the pages %d", len(lines)-1, len(got))
		}
		for i, x := range got {
			if lines[i+1][0] != x.name {
				t.Fatalf("line %d of the file is %q, and on the page %q", i, lines[i+1][0], x.name)
			}
		}
		if q.Get("x-q") == "" && len(got) != len(rows) {
			t.Error("rows were lost", len(got), len(rows))
		}
		fits := func(x thing) bool {
			text := strings.ToLower(x.name + " " + strconv.Itoa(x.n))
			return q.Get("x-q") == "LINDRIG" || strings.Contains(text, "1") || q.Get("x-q") != "kit 1" && q.Get("x-q") != "1"
		}
		if i := slices.IndexFunc(got, func(x thing) bool { return !fits(x) }); i >= 0 {
			t.Errorf("%q does not hold %q", got[i].name, q.Get("x-q"))
		}
	}
}

// Figures in names count as numbers, and what a spreadsheet takes for a formula
// does not leave as one.
func TestNaturalAndGuarded(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want int
	}{{"K9", "K10", -1}, {"K10", "K9", 1}, {"K007", "K7", 0}, {"", "a", -1}, {"a", "a", 0}, {"a1b2", "a1b10", -1}, {"2026-03-09", "2026-03-10", -1}} {
		if got := natural(c.x, c.y); got != c.want {
			t.Errorf("%q against %q gives %d", c.x, c.y, got)
		}
	}
	for in, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "-3": "-3", "-x": "'-x", "'a": "''a", "a": "a", "": ""} {
		if got := unformula(in); got != want {
			t.Errorf("%q leaves as %q", in, got)
		}
	}
}

// No table of staff's grows without end: with a thousand people, a page has at
// most so many rows, the pages lead on, and the file has them all.
func TestStaffTablesComeInPages(t *testing.T) {
	m := playground(t)
	for len(m.state.Order) < 2*listRows+50 {
		m.do(study.Screen{Site: "main", Answers: protocol.Answers{
			"age": protocol.Int(30 + len(m.state.Order)%30), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
		}}, day(13), "")
	}
	h := handler(t, m)
	for _, path := range []string{"/screening", "/stock", "/safety", "/held", "/proposals", "/invitations", "/accounts", "/quality", "/work", "/data"} {
		who := map[string]string{"/accounts": "administrator", "/data": "statistician"}[path]
		if who == "" {
			who = "investigator"
		}
		w := get(t, h, path, as(who))
		if n := strings.Count(w.Body.String(), "<tr><th scope=\"row\">"); w.Code != 200 || n > 3*listRows {
			t.Errorf("%s: %d, %d rows", path, w.Code, n)
		}
	}
	const linked = `<th scope="row"><a href="/participants/`
	first := get(t, h, "/screening", as("coordinator")).Body.String()
	if strings.Count(first, linked) != listRows || !strings.Contains(first, `rel="next"`) || strings.Contains(first, `rel="prev"`) {
		t.Error("the first page of the screening log")
	}
	last := get(t, h, "/screening?screening-from=400", as("coordinator")).Body.String()
	if strings.Count(last, linked) != 50 || strings.Contains(last, `rel="next"`) || !strings.Contains(last, `rel="prev"`) {
		t.Error("the last page of the screening log")
	}
	if n := strings.Count(get(t, h, "/screening?file=screening", as("coordinator")).Body.String(), "\n"); n != len(m.state.Order)+1 {
		t.Errorf("the file has %d lines", n)
	}
	if body := get(t, h, "/stock?kits-q=k1", as("pharmacist")).Body.String(); !strings.Contains(body, `aria-label`) || !strings.Contains(body, "as a file (CSV)") {
		t.Error("the kits have no search or file")
	}
}
