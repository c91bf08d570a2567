package ui

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dvala/study"
)

// Each number of a table of counts leads to what it counts: on the first page and
// on that of the data's quality, every number that is not nothing is a link, and
// the page behind it lists exactly that many. What is no count of anything in the
// trial (a plan, a number of days) says so.
func TestEachNumberLeadsToItsPeople(t *testing.T) {
	m := playground(t)
	busy(m)
	h := handler(t, m)
	followed := map[string]int{}
	for _, page := range []string{"/", "/quality"} {
		w := get(t, h, page, as("investigator"))
		if w.Code != http.StatusOK {
			t.Fatal(page, w.Code)
		}
		for _, n := range numbersIn(t, w.Body.String()) {
			if n.to == "" {
				t.Errorf("%s: %s leads nowhere, in %q", page, n.text, n.row)
				continue
			}
			path, anchor, _ := strings.Cut(n.to, "#")
			path, _, _ = strings.Cut(path, "?")
			followed[strings.TrimSuffix(path+"#"+anchor, "#")]++
			if got := rowsAt(t, h, n.to); got != n.n {
				t.Errorf("%s: %s in %q leads to %s, which lists %d", page, n.text, n.row, n.to, got)
			}
		}
	}
	for _, path := range []string{"/participants", "/safety", "/safety#deviations", "/corrections", "/due", "/forms", "/queries"} {
		if followed[path] == 0 {
			t.Errorf("no number leads to %s: the test shows little", path)
		}
	}
}

// busy adds to a trial what the numbers count.
func busy(m *memory) {
	for n := 4; n <= 9; n++ {
		m.do(m.night(n), day(n+3), "P0002")
	}
	m.do(study.RaiseQuery{Text: "is this right?"}, day(12), "P0002")
	q := m.state.People["P0002"].Queries[0].ID
	m.do(study.RaiseQuery{Text: "and this?"}, day(12), "P0003")
	m.do(study.AnswerQuery{QueryAnswered: study.QueryAnswered{Query: q, Text: "yes"}}, day(12), "P0002")
}

// told is a number in a table of counts or a tile, and where it leads.
type told struct {
	text, row, to string
	n             int
}

var ofDue = regexp.MustCompile(`^(?:\d+/)?(\d+)$`) // 12, or 9/12: what came of what was due

// numbersIn gives the numbers of a page's tables of counts and tiles that are not 0.
func numbersIn(t *testing.T, page string) (out []told) {
	t.Helper()
	each(must(html.Parse(strings.NewReader(page))), func(x *html.Node) {
		switch {
		case x.Type != html.ElementNode:
		case x.Data == "ul" && strings.HasPrefix(attribute(x, "class"), "tiles"):
			each(x, func(a *html.Node) {
				if a.Data == "a" {
					out = append(out, numberOf(strings.Fields(textOf(a))[0], textOf(a), attribute(a, "href"))...)
				}
			})
		case x.Data == "table" && has(x, "data-counts"):
			each(x, func(td *html.Node) {
				if td.Data == "td" && !has(td, "data-plan") && attribute(td, "class") != "wide" {
					to, text := "", strings.TrimSpace(textOf(td))
					each(td, func(a *html.Node) {
						if a.Data == "a" {
							to, text = attribute(a, "href"), textOf(a)
						}
					})
					out = append(out, numberOf(text, textOf(td.Parent), to)...)
				}
			})
		}
	})
	return out
}

func numberOf(text, row, to string) []told {
	m := ofDue.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	n := must(strconv.Atoi(m[1]))
	if n == 0 {
		return nil
	}
	return []told{{text, strings.Join(strings.Fields(row), " "), to, n}}
}

// rowsAt counts the rows of what a link leads to: of the table at its anchor, if it
// has one, else of the first; of the ledger, its entries.
func rowsAt(t *testing.T, h http.Handler, to string, who ...func(*http.Request)) int {
	t.Helper()
	path, anchor, _ := strings.Cut(to, "#")
	if len(who) == 0 {
		who = append(who, as("investigator"))
	}
	w := get(t, h, path, who...)
	if strings.HasPrefix(path, "/ledger") {
		var n int
		if _, err := fmt.Sscanf(regexp.MustCompile(`\d+ entries`).FindString(w.Body.String()), "%d entries", &n); err != nil {
			t.Error(to, err)
		}
		return n
	}
	root := must(html.Parse(strings.NewReader(w.Body.String())))
	of, passed := -1, anchor == ""
	if anchor == "signs" {
		of, passed = 0, false
	}
	each(root, func(x *html.Node) {
		switch {
		case x.Type != html.ElementNode:
		case anchor == "signs" && attribute(x, "id") == anchor:
			each(x, func(tr *html.Node) {
				if tr.Data == "tr" && tr.Parent.Data == "tbody" {
					of++
				}
			})
		case attribute(x, "id") == anchor && anchor != "":
			passed = true
		case x.Data == "table" && passed && of < 0:
			of = 0
			each(x, func(tr *html.Node) {
				if tr.Data == "tr" && tr.Parent.Data == "tbody" && tr.FirstChild != nil && tr.FirstChild.Data == "th" {
					of++
				}
			})
		}
	})
	return of
}

func each(n *html.Node, do func(*html.Node)) {
	do(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, do)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	each(n, func(x *html.Node) {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
	})
	return b.String()
}
