package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"dvala/civil"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/study"
)

// The pages of a list after one another hold what fits once and in order,
// whatever their length; what is not on the list is no place to go on from.
func TestPartsOfAList(t *testing.T) {
	var all []int
	for n := range 57 {
		all = append(all, n)
	}
	even := func(n int) bool { return n%2 == 0 }
	for _, fits := range []func(int) bool{nil, even} {
		for limit := 1; limit < 60; limit++ {
			var got []int
			in := Page{Limit: limit}
			for {
				page, next, err := part(all, in, strconv.Itoa, fits)
				if err != nil || len(page) > limit {
					t.Fatal(err, len(page))
				}
				got = append(got, page...)
				if next == "" {
					break
				}
				in.After = next
			}
			want := map[bool]int{true: 57, false: 29}[fits == nil]
			if len(got) != want || got[0] != 0 || got[len(got)-1] != 56 {
				t.Fatalf("%d at a time give %d", limit, len(got))
			}
		}
	}
	if _, _, err := part(all, Page{After: "99", Limit: 3}, strconv.Itoa, nil); fault.CodeOf(err) != "page-after" {
		t.Error(err)
	}
}

// The kits come in pages, each once, to who may see the stock and nobody else; no
// arm stands in them, for none is known.
func TestStockInPages(t *testing.T) {
	m := desktest.New(t, small, 12)
	h := as(m, everybody()[study.RolePharmacist], day(1))
	seen := map[string]bool{}
	path := base + "/stock?limit=5"
	for pages := 0; path != ""; pages++ {
		w := ask(h, http.MethodGet, path, "")
		var p struct {
			Kits []StockedKit `json:"kits"`
			Next string       `json:"next"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); w.Code != http.StatusOK || err != nil || len(p.Kits) > 5 || w.Header().Get("ETag") == "" || pages > 99 {
			t.Fatal(w.Code, err, w.Body)
		}
		for _, k := range p.Kits {
			if seen[k.Kit] || k.Site == "" || k.State != study.KitAnnounced {
				t.Errorf("%+v", k)
			}
			seen[k.Kit] = true
		}
		if path = ""; p.Next != "" {
			path = base + "/stock?limit=5&after=" + url.QueryEscape(p.Next)
		}
	}
	want := 0
	m.View(func(s *study.State) {
		for _, site := range s.Protocol.Protocol().Sites {
			want += len(s.StockOf(site.ID, civil.DateOf(day(1))))
		}
	})
	if len(seen) != want || want < 6 {
		t.Errorf("%d kits of %d", len(seen), want)
	}
	if w := ask(h, http.MethodGet, base+"/stock?state=lost", ""); w.Body.String() != `{"kits":[]}`+"\n" {
		t.Error(w.Body)
	}
	for _, role := range []study.Role{study.RoleParticipant, study.RoleStatistician} {
		if w := ask(as(m, everybody()[role], day(1)), http.MethodGet, base+"/stock", ""); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}
