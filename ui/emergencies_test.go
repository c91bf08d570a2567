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

	"dvala/study"
)

// Emergencies come in pages, the newest first or in the order that is asked for, with
// how many there are; the file holds all of them.
func TestEmergenciesComeInPages(t *testing.T) {
	m := playground(t)
	n := emergencyRows + 5
	for i := range n {
		x := m.state.People["P0002"] // one after another, as the ledger would hold them once each was read
		x.Unblindings = append(x.Unblindings, study.Unblinding{Entry: uint64(100 + i), Asked: day(12).Add(time.Duration(i) * time.Minute), By: "ingrid", Physician: fmt.Sprint("Dr ", i)})
	}
	h := handler(t, m)
	article := regexp.MustCompile(`<article class="proposal"><h2>.*?<small>entry (\d+)</small>`)
	entries := func(path string) (out []string, next string) {
		w := get(t, h, path, as("investigator"))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), fmt.Sprintf("Emergencies <small>%d</small>", n)) {
			t.Fatalf("%s: %d, or it does not say how many", path, w.Code)
		}
		for _, x := range article.FindAllStringSubmatch(w.Body.String(), -1) {
			out = append(out, x[1])
		}
		if x := regexp.MustCompile(`<a href="([^"]+)" rel="next">`).FindStringSubmatch(w.Body.String()); x != nil {
			next = html.UnescapeString(x[1])
		}
		return out, next
	}
	newest, next := entries("/emergencies")
	rest, end := entries(next)
	if len(newest) != emergencyRows || len(rest) != n-emergencyRows || end != "" {
		t.Fatalf("%d and %d on two pages", len(newest), len(rest))
	}
	all := slices.Concat(newest, rest)
	oldest, _ := entries("/emergencies?emergencies-sort=asked")
	slices.Reverse(all)
	if !slices.Equal(oldest, all[:emergencyRows]) {
		t.Errorf("the oldest first: %v of %v", oldest, all)
	}
	if lines := strings.Count(get(t, h, "/emergencies?file=emergencies", as("investigator")).Body.String(), "\n"); lines != n+1 {
		t.Errorf("the file has %d lines", lines)
	}
}
