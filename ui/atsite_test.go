package ui

import (
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/study"
)

// twoSites is a trial at two places, with people at each.
func twoSites(t *testing.T) *memory {
	t.Helper()
	text := strings.NewReplacer(
		"  - {id: main, name: The one site}\n", "  - {id: main, name: The one site}\n  - {id: north, name: Another}\n",
		"strata: [{name: sex}]", "strata: [{name: site}, {name: sex}]",
	).Replace(string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml")))))
	c, problems := protocol.Parse([]byte(text))
	if problems.Err() != nil {
		t.Fatal(problems.Text())
	}
	m := &memory{key: must(ledger.GenerateKey(rand.Reader, c.ID())), files: map[string][]byte{}}
	list := m.put("a list")
	sealed := study.Sealed{SHA256: list.SHA256, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	for n := range 4 {
		for i, cell := range c.Cells() {
			sealed.Slots = append(sealed.Slots, study.Slot{Cell: cell.Key, Kits: []study.Kit{{Visit: "day-0", Number: "K" + strconv.Itoa(100*i+n)}}})
		}
	}
	m.state = study.New(c, sealed, study.BuiltIn)
	for _, id := range study.Asked(c) {
		d, _ := instrument.ByID(id)
		m.put(string(d.Canonical()))
	}
	seed := uint64(3)
	m.do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: m.put(text), ProtocolHash: c.HashHex(), SealedList: list, Sealing: "seed", Seed: &seed, Program: "test", Zones: civil.ZoneRules, Simulated: true,
	}}, start, "")
	for i, site := range []string{"main", "north", "main", "north", "north"} {
		who := m.do(study.Screen{Site: site, Answers: adult(40 + i)}, start, "")
		m.do(study.Consent{Version: "1.0", Language: "sv"}, start, who)
		m.do(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, start, who)
	}
	for _, who := range []study.Subject{"P0001", "P0002", "P0004"} {
		m.do(study.Randomise{}, day(3), who)
		m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up"}}, day(3), who)
	}
	return m
}

// With a role at one site, the numbers of the first page, of the screening log and of
// the data's quality are of that site's people: each leads to exactly those it
// counts, and the page says of which site they are and whose the plan is.
func TestTotalsAreOfTheReadersSite(t *testing.T) {
	m := twoSites(t)
	h := handler(t, m)
	for site, screened := range map[string]int{"main": 2, "north": 3, "": 5} {
		at := atSite(site)
		for _, page := range []string{"/", "/screening", "/quality"} {
			body := get(t, h, page, as("coordinator"), at).Body.String()
			for _, n := range numbersIn(t, body) {
				if got := rowsAt(t, h, n.to, as("coordinator"), at); n.to != "" && !strings.HasPrefix(n.to, "/ledger") && got != n.n {
					t.Errorf("at %q, %s: %s in %q leads to %s, which lists %d", site, page, n.text, n.row, n.to, got)
				}
			}
		}
		today := get(t, h, "/", as("coordinator"), at).Body.String()
		if !strings.Contains(today, `<a href="/participants?flow=screened">`+strconv.Itoa(screened)+`</a>`) {
			t.Errorf("at %q there are not %d screened", site, screened)
		}
		if says := strings.Contains(today, "Counted are the people of") && strings.Contains(today, "The plan is the whole trial&#39;s"); says != (site != "") {
			t.Errorf("at %q it says of whom the numbers are: %v", site, says)
		}
		if planned := regexp.MustCompile(`<small>of (\d+)</small>`).FindStringSubmatch(today); planned == nil || planned[1] != strconv.Itoa(m.state.Protocol.Protocol().Design.Participants) {
			t.Errorf("at %q the plan is %v", site, planned)
		}
	}
}

// atSite makes whoever asks have her role there alone.
func atSite(site string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: siteCookie, Value: site}) }
}
