package person

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/internal/house/looks"
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
		{"own-draw", ownWorld(t, desk.ToDraw), "", []string{"/me", "/me/trial"}},
		{"own-box", ownWorld(t, desk.UnderWay), "", []string{"/me", "/me/trial", "/me/trial/helper"}},
		{"own-close", ownWorld(t, desk.ToClose), "", []string{"/me", "/me/trial"}},
		{"own-open", ownWorld(t, desk.ToOpen), "", []string{"/me", "/me/trial"}},
		{"own-told", ownWorld(t, desk.Told), "", []string{"/me", "/me/trial", "/me/past"}},
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
	"GET /me/trial/ledger":     "a file to save",
	"GET /me/trial/checkpoint": "a file to save",
	"GET /me/trial/report":     "the report, which has tests of its own",
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

// early is a morning there: before nine pages are dark whatever the system says.
func (p place) early() {
	p.world.set(p.world.clock().Truncate(24 * time.Hour).Add(6*time.Hour + 30*time.Minute)) // half past seven in Stockholm in March
}

// sizes are a telephone's and a desk's.
var sizes = []struct {
	name          string
	width, height int64
}{{"telephone", 360, 740}, {"desk", 1440, 900}}

// Every page, on a telephone and at a desk, in both languages, dark and light:
// it fits its window, nothing is smaller than a thumb, nothing is lost when text
// is twice as large, and axe finds nothing serious.
func TestPagesInABrowser(t *testing.T) {
	chromium(t)
	all := everywhere(t)
	for _, p := range all {
		p.early()
	}
	for _, size := range sizes {
		for _, lang := range languages {
			t.Run(size.name+" "+lang, func(t *testing.T) {
				t.Parallel()
				b := newBrowser(t, "", size.width, size.height)
				b.scheme(false)
				for _, p := range all {
					b.url = p.url
					b.clock(p.world.clock())
					for _, path := range p.pages {
						b.visit(path, lang)
						b.wholly(fmt.Sprintf("%s-%s-%d-%s", p.name, plain(path), size.width, lang))
					}
				}
			})
		}
	}
}

// wholly looks at a page that is open in both lights, and with text twice as
// large; a questionnaire that shows one question at a time is looked at as one
// page, too.
func (b *browser) wholly(name string) {
	b.Helper()
	if got := ask[int64](b, `document.documentElement.scrollWidth`); got > b.size[0] {
		b.Errorf("%s is %d wide", name, got)
	}
	b.targets(name)
	b.axe(name)
	b.picture(name + "-dark")
	b.told(name+" with text twice as large", looks.Lost)
	if b.light(); must(looks.Axe()) != "" {
		b.told(name+" in the light", looks.AxeColours)
	}
	b.picture(name + "-light")
	const other = `((e) => e !== null && e.checkVisibility() && (e.click(), true))(document.getElementById("view"))`
	if ask[bool](b, other) {
		b.targets(name + " in the other view")
		b.axe(name + " in the other view")
		b.told(name+" in the other view with text twice as large", looks.Lost)
		b.picture(name + "-other-view")
		ask[bool](b, other)
	}
}

// At a quarter past eight in the evening pages are dark, whatever the system says;
// at noon they are as the system is: the two lights are not only a class.
func TestLightsOfTheDay(t *testing.T) {
	w := settled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	const paper, night = "rgb(255, 255, 255)", "rgb(14, 19, 32)"
	for _, c := range []struct {
		hour   int
		system bool
		want   string
	}{{7, false, night}, {12, false, paper}, {12, true, night}, {21, false, night}} {
		w.set(day(14, c.hour, 15))
		b.clock(w.clock())
		b.scheme(c.system)
		b.open("/me?lang=sv")
		if got := ask[string](b, `getComputedStyle(document.body).backgroundColor`); got != c.want {
			t.Errorf("at %d, the system dark %v: %s, want %s", c.hour, c.system, got, c.want)
		}
	}
}

// light takes the dark of the hour away, as the day does.
func (b *browser) light() {
	b.Helper()
	ask[bool](b, `(document.documentElement.classList.remove("dark"), document.querySelector('meta[name="color-scheme"]').content = "light dark", true)`)
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

// Where axe-core is not at hand, that is said: accessibility was not checked by it.
func TestAxeIsAtHand(t *testing.T) {
	if must(looks.Axe()) == "" {
		t.Skip("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
}
