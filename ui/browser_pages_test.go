package ui

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// otherPages are those that an investigator does not see, and who does.
var otherPages = []struct{ who, path string }{
	{"administrator", "/accounts"},
	{"coordinator", "/participants/P0002/contact"},
	{"custodian", "/emergencies"},
	{"custodian", "/do/open-allocations"},
	{"statistician", "/"},
	{"pharmacist", "/stock"},
	{"monitor", "/participants/P0002"},
}

// files are what is given to be kept, and is no page of the desk's; and what only
// leads on.
var files = []string{
	"GET /participants.csv", "GET /report.html", "GET /checkpoint", "GET /made/{job}", "GET /static/{name}",
	"GET /participants/{person}/consent/{n}",
}

// reached are pages that want a secret or a session, and are looked at in the
// middle of what leads to them.
var reached = map[string]string{
	"GET /sign-in/link/{token}":          "TestACoordinatorsDay",
	"POST /participants/{person}/invite": "TestACoordinatorsDay",
}

// Every page there is, is looked at in a browser: no route is left out.
func TestEveryPageIsLookedAt(t *testing.T) {
	mux := http.NewServeMux()
	for pattern := range table() {
		mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	seen := map[string]bool{}
	look := func(path string) {
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, path, nil))
		seen[pattern] = true
	}
	for _, p := range somePages {
		look(p)
	}
	for _, p := range otherPages {
		look(p.path)
	}
	for pattern := range table() {
		if strings.HasPrefix(pattern, "GET ") && !seen[pattern] && !slices.Contains(files, pattern) && reached[pattern] == "" {
			t.Errorf("no test looks at %s in a browser", pattern)
		}
	}
}

// On a telephone and on a desk, in both languages, light and dark: every page
// fits, has its style, is large enough for finger or mouse, and axe finds nothing
// serious. DVALA_SHOTS names a folder for pictures of all of them.
func TestInBrowser(t *testing.T) {
	chromiumFor(t)
	noAxe(t)
	h, _ := built(t, playground(t), house{book: named})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	for _, size := range [][2]int64{{360, 740}, {1440, 900}} {
		t.Run(map[int64]string{360: "telephone", 1440: "desk"}[size[0]], func(t *testing.T) {
			t.Parallel()
			b := window(t, server.URL)
			b.size(size[0], size[1])
			for _, look := range [][2]string{{"sv", "dark"}, {"en", "light"}} {
				b.be("investigator", look[0], look[1])
				for _, page := range somePages {
					b.open(page)
					b.inspect(shotName(look[0], look[1], b.width, page))
				}
				for _, p := range otherPages {
					b.be(p.who, look[0], look[1])
					b.open(p.path)
					b.inspect(shotName(look[0], look[1], b.width, "_"+p.who+p.path))
				}
			}
		})
	}
}

// twicePages are those with the most on them.
var twicePages = []string{
	"/", "/participants", "/participants/P0002", "/participants/P0002/timeline", "/participants/P0002/entry/12", "/screening", "/safety", "/stock", "/quality",
	"/protocol", "/instruments", "/trail", "/ledger", "/report", "/end", "/work", "/sign-in", "/do/screen", "/do/amend-protocol",
	"/participants/P0002/do/report-adverse-event", "/participants/P0002/do/answer?instrument=csd&night=2026-03-14",
}

// With text twice as large nothing is lost.
func TestTextTwiceAsLarge(t *testing.T) {
	b := newBrowser(t, handler(t, playground(t)))
	for _, size := range [][2]int64{{360, 740}, {1440, 900}} {
		b.size(size[0], size[1])
		b.be("investigator", "sv", "light")
		for _, page := range twicePages {
			b.open(page)
			b.twice(shotName("sv", "light", b.width, page))
		}
	}
}

// A coordinator's way by the keyboard alone: she goes to the participants,
// narrows them by a search, opens one, randomises her, and hands out the kit.
func TestDayByKeyboard(t *testing.T) {
	m := playground(t)
	b := newBrowser(t, handler(t, m))
	b.be("coordinator", "en", "light")
	b.do(chromedp.Navigate(b.url+"/"), chromedp.KeyEvent("g"), chromedp.KeyEvent("p"))
	b.until(`location.pathname === "/participants" && document.readyState === "complete"`, "the table of participants")
	b.do(chromedp.KeyEvent("/"))
	b.until(`document.activeElement.id === "q"`, "the search")
	b.do(chromedp.KeyEvent("P0003"))
	b.until(`document.querySelectorAll("#people tbody tr:not([hidden])").length === 1`, "one row")
	b.tabTo(`document.activeElement.textContent === "P0003"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname === "/participants/P0003" && document.readyState === "complete"`, "the person's page")
	b.tabTo(`document.activeElement.textContent === "Randomise"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.endsWith("/do/randomise") && document.readyState === "complete"`, "the form")
	b.tabTo(`document.activeElement.name === "grave"`)
	b.do(chromedp.KeyEvent(" "))
	b.tabTo(`document.activeElement.textContent === "Randomise now"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.includes("/entry/") && document.readyState === "complete"`, "the receipt")
	b.tabTo(`document.activeElement.textContent === "Hand out a kit"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname.endsWith("/do/dispense") && document.readyState === "complete"`, "the form of the kit")
	b.tabTo(`document.activeElement.textContent === "Hand out"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`document.querySelector(".large b") !== null && location.search === "?did=dispense" && document.readyState === "complete"`, "the kit")
	if got, want := ask1[string](b, `document.querySelector(".large b").textContent`), m.state.People["P0003"].Kits[0].Kit; got != want {
		t.Errorf("kit %q is shown, and %q was handed out", got, want)
	}
	b.do(chromedp.KeyEvent("?"))
	b.until(`document.getElementById("help").open`, "the help")
}
