package person

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/study"
)

// place is where pages are looked at: a world, and addresses in it.
type place struct {
	name  string
	world *world
	url   string
	pages []string
}

// everywhere are worlds in which every page has something to show.
func everywhere(t *testing.T) []place {
	t.Helper()
	invitedNow := newWorld(t, smallTrial(), Options{})
	invitedNow.opt.Entrance = invited{t, invitedNow}
	invitedNow.restart(t)
	invitedNow.as(desk.Caller{Account: "invited-1", Grants: []desk.Grant{{Role: study.RoleParticipant, Site: "main"}}})
	unfit := newWorld(t, smallTrial(), Options{})
	unfit.as(desk.Participant(unfit.trial.Do(t, screening(20), unfit.clock(), "")))
	fresh := newWorld(t, withQuestions(t), Options{})
	fresh.screened(t)
	signed := newWorld(t, example(), Options{})
	who := signed.screened(t)
	signed.trial.Do(t, study.Consent{Version: "1.0", Language: "sv"}, signed.clock(), who)
	in := settled(t)
	out := []place{
		{"invited", invitedNow, "", []string{"/me/join", "/me/join/token", "/me/eligible"}},
		{"unfit", unfit, "", []string{"/me/eligible", "/me"}},
		{"fresh", fresh, "", []string{"/me", "/me/consent"}},
		{"signed", signed, "", []string{"/me", "/me/hours", "/me/install?first=yes", "/me/ring?first=yes"}},
		{"in", in, "", []string{
			"/me", "/me/diary", "/me/visit/day-7/isi", "/me/visit/day-7/lseq", "/me/visit/day-7/rsq-w", "/me/visit/day-21/guess", "/me/event", "/me/card", "/me/past",
			"/me/settings", "/me/data", "/me/leave", "/me/consent", "/me/consent/copy", "/me/install", "/me/ring", "/me/offline", "/me/nowhere", "/me/saved?entry=" + in.lastEntry(),
		}},
		{"afterwards", afterwards(t, smallTrial()), "", []string{"/me", "/me/past"}},
	}
	for i := range out {
		out[i].url = out[i].world.serve(t)
	}
	return out
}

// notPages are patterns behind which there is nothing to look at.
var notPages = map[string]string{
	"GET /me/consent/copy/{n}": "a file to save",
	"GET /me/ring/back":        "leads on to the ring's page",
}

// Every page there is has an address among those that are looked at.
func TestEveryPageIsLookedAt(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range everywhere(t) {
		for _, address := range p.pages {
			path, _, _ := strings.Cut(address, "?")
			for pattern := range p.world.pages.table() {
				if method, of, _ := strings.Cut(pattern, " "); method == "GET" && fits(of, path) {
					seen[pattern] = true
				}
			}
		}
	}
	w := newWorld(t, smallTrial(), Options{})
	for _, pattern := range slices.Sorted(maps.Keys(w.pages.table())) {
		if strings.HasPrefix(pattern, "GET ") && !seen[pattern] && notPages[pattern] == "" {
			t.Errorf("no address of %s is looked at", pattern)
		}
	}
}

func fits(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] && !strings.HasPrefix(p[i], "{") {
			return false
		}
	}
	return true
}

// hours of the two lights: before nine pages are dark whatever the system says.
var hours = map[bool]int{true: 7, false: 11}

func (p place) at(b *browser, dark bool) {
	b.Helper()
	midnight := p.world.clock().Truncate(24 * time.Hour)
	p.world.set(midnight.Add(time.Duration(hours[dark]-1)*time.Hour + 30*time.Minute)) // in Stockholm in March
	b.clock(p.world.clock())
}

// Every page fits its window, in both languages, light and dark, on a telephone
// and on a desk, and nothing is smaller than a thumb.
func TestPagesInABrowser(t *testing.T) {
	all := everywhere(t)
	for _, size := range [][2]int64{{360, 740}, {1440, 900}} {
		b := newBrowser(t, "", size[0], size[1])
		b.scheme(false)
		for _, p := range all {
			b.url = p.url
			p.at(b, true)
			for _, lang := range languages {
				for _, path := range p.pages {
					b.visit(path, lang)
					name := fmt.Sprintf("%s-%s-%d-%s", p.name, plain(path), size[0], lang)
					if got := ask[int64](b, `document.documentElement.scrollWidth`); got > size[0] {
						t.Errorf("%s is %d wide", name, got)
					}
					b.targets(name)
					b.picture(name + "-dark")
					b.light()
					b.picture(name + "-light")
				}
			}
		}
		b.cancel()
	}
}

// light takes the dark of the hour away, as the day does.
func (b *browser) light() {
	b.Helper()
	ask[bool](b, `(document.documentElement.classList.remove("dark"), true)`)
}

func plain(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")
}

// visit opens a page in a language.
func (b *browser) visit(path, lang string) {
	b.Helper()
	if strings.Contains(path, "?") {
		b.open(path + "&lang=" + lang)
		return
	}
	b.open(path + "?lang=" + lang)
}

// axe finds nothing serious on any page: on a telephone in the dark in Swedish,
// and in the light in English.
func TestAxeFindsNothingSerious(t *testing.T) {
	path := os.Getenv("DVALA_AXE")
	if path == "" {
		t.Skip("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, "", 360, 740)
	b.scheme(false)
	check := func(name string) {
		t.Helper()
		ask[bool](b, string(axe)+";true")
		ask[bool](b, `(globalThis.found = null, axe.run(document, {resultTypes: ["violations"], preload: false}).then(
			r => globalThis.found = r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.failureSummary || "").split("\n")[1]).join(" | ")),
			e => globalThis.found = [String(e)]), true)`)
		b.until(`globalThis.found !== null`, "what axe found")
		for _, f := range ask[[]string](b, `globalThis.found`) {
			t.Errorf("%s: %s", name, f)
		}
	}
	for _, p := range everywhere(t) {
		b.url = p.url
		for lang, dark := range map[string]bool{"sv": true, "en": false} {
			p.at(b, dark)
			for _, page := range p.pages {
				b.visit(page, lang)
				check(fmt.Sprintf("%s of %s (%s, dark %v)", page, p.name, lang, dark))
				if strings.HasSuffix(page, "/rsq-w") {
					b.tap("#view")
					check("a questionnaire in the other view")
				}
			}
		}
	}
}

// With text twice as large nothing is cut off, nothing lies over anything else,
// and the page scrolls one way only.
func TestTextTwiceAsLarge(t *testing.T) {
	b := newBrowser(t, "", 360, 740)
	for _, p := range everywhere(t) {
		b.url = p.url
		p.at(b, true)
		for _, page := range p.pages {
			b.twice(p.name, page)
		}
	}
}

// twice looks at a page with text twice as large.
func (b *browser) twice(where, page string) {
	b.Helper()
	b.visit(page, "sv")
	ask[bool](b, `(document.documentElement.style.fontSize = "200%", true)`)
	name := where + "-" + plain(page) + "-double"
	if got := ask[int64](b, `document.documentElement.scrollWidth`); got > 360 {
		b.Errorf("%s is %d wide: %s", page, got, ask[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > 361).map(e => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20)).slice(0, 4).join("; ")`))
	}
	cut := ask[[]string](b, `Array.from(document.querySelectorAll("main *, header *, footer *")).filter(e => {
			if (e.closest(".hidden, [hidden], .whole") || e.tagName === "TEXTAREA" || e.tagName === "SELECT") return false;
			const s = getComputedStyle(e);
			return s.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && e.tagName !== "INPUT";
		}).map(e => e.tagName + " " + e.textContent.trim().slice(0, 40))`)
	for _, c := range cut {
		b.Errorf("%s cuts off %s", page, c)
	}
	b.picture(name)
}
