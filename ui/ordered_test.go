package ui

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dvala/study"
)

// crowded adds entries to a trial until they take several pages.
func crowded(m *memory) {
	busy(m)
	for n := range 2*entryRows + 30 {
		m.do(study.NoteDeviation{Deviation: study.Deviation{Code: []string{"other", "kit-mix-up"}[n%2]}}, day(12), []study.Subject{"P0002", "P0003"}[n/3%2])
	}
}

// entryTable gives the rows of a table as the page shows them, cell by cell, and the
// ways to the next page and to the file.
func entryTable(body, id string) (rows [][]string, next, file string) {
	each(must(html.Parse(strings.NewReader(body))), func(x *html.Node) {
		switch {
		case x.Data == "a" && attribute(x, "rel") == "next":
			next = attribute(x, "href")
		case x.Data == "a" && attribute(x, "data-of") == id:
			file = attribute(x, "href")
		case x.Data == "table" && attribute(x, "id") == id:
			each(x, func(tr *html.Node) {
				if tr.Data != "tr" || tr.Parent.Data != "tbody" {
					return
				}
				var row []string
				for c := tr.FirstChild; c != nil; c = c.NextSibling {
					if c.Type == html.ElementNode {
						row = append(row, strings.Join(strings.Fields(strings.ReplaceAll(shownText(c), "\u00a0", " ")), " "))
					}
				}
				rows = append(rows, row)
			})
		}
	})
	return rows, next, file
}

// shownText is what a cell shows, without what is folded in it.
func shownText(n *html.Node) string {
	switch {
	case n.Type == html.TextNode:
		return n.Data
	case n.Data == "details":
		return ""
	case n.Data == "br":
		return " "
	case n.Data == "data": // what a file has of it
		return attribute(n, "value")
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(shownText(c))
	}
	return b.String()
}

// However the trail and the ledger are sorted and filtered, the pages after one
// another hold every entry that fits once, in that order over all of them; the way
// back is the way forth; and the file holds the same rows.
func TestTrailAndLedgerSortOverAll(t *testing.T) {
	m := playground(t)
	crowded(m)
	h := handler(t, m)
	aud := as("investigator")
	columns := map[string]int{"entry": 0, "when": 1, "what": 2, "whom": 3, "by": 5}
	for _, list := range []string{"trail", "ledger"} {
		for column, cell := range columns {
			for _, desc := range []string{"", "&desc=1"} {
				for _, filter := range []string{"", "&kind=deviation", "&whom=P0002&kind=deviation"} {
					start := "/" + list + "?sort=" + column + desc + filter
					var got [][]string
					var at []string
					for to := start; to != ""; {
						w := get(t, h, to, aud)
						rows, next, _ := entryTable(w.Body.String(), "t-"+list)
						if w.Code != http.StatusOK || len(rows) > entryRows || strings.Count(w.Body.String(), "aria-sort") != 1 {
							t.Fatal(to, w.Code, len(rows))
						}
						if back := before(w.Body.String()); len(at) > 0 {
							if rows, _, _ := entryTable(get(t, h, back, aud).Body.String(), "t-"+list); len(rows) == 0 || !slices.Equal(rows[len(rows)-1], got[len(got)-1]) {
								t.Errorf("%s: the page before is %s, which does not end where this begins", to, back)
							}
						} else if back != "" {
							t.Errorf("%s: there is a page before the first", to)
						}
						got, at, to = append(got, rows...), append(at, to), next
					}
					holdsOrder(t, m, start, got, cell, desc != "")
					_, _, file := entryTable(get(t, h, at[len(at)-1], aud).Body.String(), "t-"+list)
					sameFile(t, file, got, get(t, h, file, aud))
				}
			}
		}
	}
}

func before(body string) string {
	if found := regexp.MustCompile(`<a href="([^"]+)" rel="prev">`).FindStringSubmatch(body); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

// holdsOrder holds that rows are all there are, each once, in order of a cell, and
// within what shares it in that of their entries.
func holdsOrder(t *testing.T, m *memory, address string, got [][]string, cell int, desc bool) {
	t.Helper()
	want := 0
	for _, e := range m.log.Entries() {
		f := must(study.Decode(e))
		if (!strings.Contains(address, "kind=") || f.Event.Kind() == study.KindDeviation) && (!strings.Contains(address, "whom=") || f.Subject == "P0002") {
			want++
		}
	}
	if len(got) != want {
		t.Errorf("%s: %d entries of %d", address, len(got), want)
	}
	for i := 1; i < len(got); i++ {
		x, y := got[i-1], got[i]
		if desc {
			x, y = y, x
		}
		m, n := must(strconv.Atoi(x[0])), must(strconv.Atoi(y[0]))
		word := strings.Compare(strings.ToLower(strings.Replace(x[cell], "–", "", 1)), strings.ToLower(strings.Replace(y[cell], "–", "", 1)))
		if cell < 2 {
			word = 0
		}
		if m == n || word > 0 || word == 0 && m > n {
			t.Fatalf("%s: %q stands before %q", address, got[i-1], got[i])
		}
	}
}

func sameFile(t *testing.T, address string, rows [][]string, w *httptest.ResponseRecorder) {
	t.Helper()
	lines, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(lines) != len(rows)+1 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("%s: %d lines for %d rows: %v", address, len(lines), len(rows), err)
	}
	for i, row := range rows {
		for j := range row {
			if cell := strings.Join(strings.Fields(strings.TrimPrefix(lines[i+1][j], "'")), " "); cell != row[j] {
				t.Fatalf("%s: row %d of the file has %q, and the page %q", address, i, cell, row[j])
			}
		}
	}
}

// Nothing said, the newest comes first. In codes, the file holds the bytes that are
// signed, those that are not for the reader left out.
func TestNewestFirstAndTheBytes(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	rows, _, _ := entryTable(get(t, h, "/ledger", as("investigator")).Body.String(), "t-ledger")
	if rows[0][0] != fmt.Sprint(m.log.Size()-1) {
		t.Error("the newest entry is not the first")
	}
	for who, all := range map[string]bool{"auditor": true, "administrator": false} {
		lines := must(csv.NewReader(get(t, h, "/ledger?file=ledger&as=codes&sort=entry", as(who)).Body).ReadAll())
		says, hash := slices.Index(lines[0], "says"), slices.Index(lines[0], "hash")
		for i, e := range m.log.Entries() {
			if has := lines[i+1][says] == string(e.Bytes); lines[i+1][hash] != e.Hash().String() || all && !has || !has && lines[i+1][says] != "" {
				t.Errorf("%s reads of entry %d: %q", who, i, lines[i+1])
			}
		}
	}
}

// A file that breaks off while it is made does not look whole.
func TestAFileThatBreaksOffIsNotWhole(t *testing.T) {
	n := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := asking(t, "/things")
		a.w, a.r = w, r
		f := must(poured(a, "things", thingColumns, false, func() ([]thing, error) {
			if n++; n > 2 {
				return nil, errors.New("gone")
			}
			return []thing{{"a", n}}, nil
		}))
		a.sendFile(f)
	})
	s := httptest.NewServer(h)
	defer s.Close()
	r, err := s.Client().Get(s.URL)
	if err != nil {
		return // it was over before its head
	}
	defer r.Body.Close()
	if lines, err := csv.NewReader(r.Body).ReadAll(); err == nil {
		t.Errorf("it looks whole: %q", lines)
	}
}

// A part of a person's time line is not sorted by itself, which would look like an
// order of the whole: it leads to the trail, which is.
func TestAPartIsNotSortedAlone(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	if page := get(t, h, "/participants/P0002/timeline", as("monitor")).Body.String(); !strings.Contains(page, `id="entries" data-sort`) || strings.Contains(page, "/trail?whom=") {
		t.Error("the whole time line does not sort, or leads elsewhere for it")
	}
	crowded(m)
	for _, path := range []string{"/participants/P0002", "/participants/P0002/timeline?before=12"} {
		page := get(t, h, path, as("monitor")).Body.String()
		if strings.Contains(page, `id="entries" data-sort`) || !strings.Contains(page, `href="/trail?whom=P0002"`) {
			t.Errorf("%s: a part is sorted alone", path)
		}
	}
}
