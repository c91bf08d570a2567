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
	{"custodian", "/allocations"},
	{"custodian", "/do/open-allocations"},
	{"statistician", "/"},
	{"pharmacist", "/stock"},
	{"monitor", "/participants/P0002"},
}

// files are what is given to be kept, and is no page of the desk's; and what only
// leads on.
var files = []string{
	"GET /participants.csv", "GET /emergencies/{entry}/folder", "GET /report.html", "GET /checkpoint", "GET /made/{job}", "GET /static/{name}",
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

// sizes are a telephone's and a desk's.
var sizes = []struct {
	name          string
	width, height int64
}{{"telephone", 360, 740}, {"desk", 1440, 900}}

// On a telephone and on a desk, in both languages, dark and light: every page
// fits, has its style, is large enough for a thumb, loses nothing when text is
// twice as large, and axe finds nothing serious. DVALA_SHOTS names a folder for
// pictures of all of them.
func TestInBrowser(t *testing.T) {
	chromiumFor(t)
	noAxe(t)
	h, _ := built(t, playground(t), house{book: named})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	for _, size := range sizes {
		for _, lang := range languages {
			t.Run(size.name+" "+lang, func(t *testing.T) {
				t.Parallel()
				b := window(t, server.URL)
				b.size(size.width, size.height)
				b.be("investigator", lang, "dark")
				for _, page := range somePages {
					b.wholly(lang, page, page)
				}
				for _, p := range otherPages {
					b.be(p.who, lang, "dark")
					b.wholly(lang, p.path, "_"+p.who+p.path)
				}
			})
		}
	}
}

// wholly looks at a page in both lights, and with text twice as large.
func (b *browser) wholly(lang, page, name string) {
	b.t.Helper()
	b.open(page)
	b.inspect(shotName(lang, "dark", b.width, name))
	b.twice(shotName(lang, "dark", b.width, name))
	b.axeElsewhere = lang != "sv" // colours are the same in either language
	defer func() { b.axeElsewhere = false }()
	b.light(shotName(lang, "light", b.width, name))
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
