package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"dvala/desk/desktest"
	"dvala/study"
)

// In whatever order the trail and the ledger are asked for, the pages after one
// another hold every entry once, in that order over all of them; the other way
// round they are the same backwards, the very first entry among them.
func TestTrailAndLedgerInOrder(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Person(t, desktest.Start)
	m.Person(t, desktest.Start)
	h := as(m, everybody()[study.RoleAuditor], day(1))
	type line struct {
		Entry, Index         uint64
		Kind, Subject, Actor string
	}
	pages := func(list, query string, limit int) (out []line) {
		t.Helper()
		from := ""
		for n := 0; n < 50; n++ {
			var page struct {
				Entries []line
				Next    *uint64
			}
			w := ask(h, http.MethodGet, fmt.Sprintf("%s/%s?%s&limit=%d%s", base, list, query, limit, from), "")
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK || len(page.Entries) > limit {
				t.Fatalf("%s?%s: %d %s", list, query, w.Code, w.Body)
			}
			out = append(out, page.Entries...)
			if page.Next == nil {
				return out
			}
			from = fmt.Sprint("&from=", *page.Next)
		}
		t.Fatalf("%s?%s has no end", list, query)
		return nil
	}
	whole := pages("trail", "sort=entry", 1000)
	if len(whole) < 7 {
		t.Fatalf("%d entries", len(whole))
	}
	key := map[string]func(line) string{
		"entry": func(line) string { return "" }, "kind": func(l line) string { return l.Kind },
		"subject": func(l line) string { return l.Subject }, "actor": func(l line) string { return l.Actor },
	}
	for sort, of := range key {
		want := slices.Clone(whole)
		slices.SortStableFunc(want, func(x, y line) int { return cmp.Compare(of(x), of(y)) })
		for _, newest := range []string{"", "&newest=true"} {
			for _, limit := range []int{1, 2, 3, 100} {
				got, places := pages("trail", "sort="+sort+newest, limit), []uint64{}
				if !slices.Equal(got, want) {
					t.Errorf("the trail by %s%s, %d a page:\n%v\nwant\n%v", sort, newest, limit, got, want)
				}
				for _, l := range pages("ledger", "sort="+sort+newest, limit) {
					places = append(places, l.Index)
				}
				if !slices.EqualFunc(places, want, func(at uint64, l line) bool { return at == l.Entry }) {
					t.Errorf("the ledger by %s%s, %d a page: %v", sort, newest, limit, places)
				}
			}
			slices.Reverse(want)
		}
	}
	if w := ask(h, http.MethodGet, base+"/trail?sort=says", ""); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("an order that there is not: %d", w.Code)
	}
}
