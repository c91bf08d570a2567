package ui

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"dvala/desk/access"
	"dvala/instrument"
	"dvala/study"
)

// without takes the network away, or gives it back.
func (b *browser) without(gone bool) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		speed := -1.0
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: gone, DownloadThroughput: speed, UploadThroughput: speed})
		return err
	}))
	b.until(map[bool]string{true: "!navigator.onLine", false: "navigator.onLine"}[gone], "the network")
}

// A coordinator's day from sign-in to sign-out, on a telephone and at a desk, in
// Swedish and in English, dark and light: somebody is screened, consents, is
// enrolled and invited; another is randomised and given a kit; a diary told by
// telephone is typed in while the network comes and goes; an event is reported, a
// wrong answer corrected, a query answered, kits received. Every page on the way
// is inspected, and DVALA_SHOTS keeps its picture.
func TestACoordinatorsDay(t *testing.T) {
	chromiumFor(t)
	for _, size := range sizes {
		for _, lang := range languages {
			for _, theme := range []string{"dark", "light"} {
				t.Run(size.name+" "+lang+" "+theme, func(t *testing.T) {
					t.Parallel()
					c := newClinic(t)
					d := &workday{clinic: c, t: t, before: c.person(41), b: c.window(), name: "day-" + lang + "-" + theme + "-" + itoa(uint64(size.width)) + "-"}
					d.ready = c.waiting(43, day(4))
					d.b.size(size.width, size.height)
					d.b.axeElsewhere = (lang == "sv") != (theme == "dark") // once in each language and each light is enough
					d.b.be("nobody", lang, theme)
					d.begin()
					who := d.newcomer()
					d.randomise()
					d.telephone(lang)
					d.safety()
					d.end(who)
				})
			}
		}
	}
}

// workday is a coordinator's.
type workday struct {
	*clinic
	t             *testing.T
	b             *browser
	name          string
	before, ready study.Subject
	shots         int
}

func (d *workday) look(what string) {
	d.t.Helper()
	d.shots++
	d.b.inspect(d.name + string(rune('a'+d.shots-1)) + "-" + what)
}

// begin is signing in: once by a link, and then by the passkey.
func (d *workday) begin() {
	d.t.Helper()
	b := d.b
	d.account("kim.ek", "Kim Ek", study.RoleCoordinator)
	b.do(chromedp.Navigate(must(d.svc.LinkFor(d.t.Context(), access.Shell(), "kim.ek")).URL))
	d.look("link")
	b.press("main button", "/sessions")
	b.press(`[data-passkey="add"]`, "/sessions")
	b.press(`form[action="/sign-out"] button`, "/sign-in")
	b.press(`[data-passkey="sign-in"]`, "/")
	d.look("today")
	if got := b.text("main"); !strings.Contains(got, string(d.ready)) && !strings.Contains(got, "1") {
		d.t.Errorf("today says nothing: %q", got)
	}
}

// newcomer is screened, consents, is enrolled, named and invited.
func (d *workday) newcomer() study.Subject {
	d.t.Helper()
	b := d.b
	b.open("/do/screen")
	for name, v := range map[string]string{"site": "main", "answers.age": "44", "answers.sex": "female", "answers.height": "171", "answers.poor_sleep": "yes"} {
		b.fill(name, v)
	}
	d.look("screening")
	who := study.Subject("P0003")
	page := "/participants/" + string(who)
	b.press("main .send button", page)
	b.act(page+"/do/consent", map[string]string{"language": "sv"}, page)
	b.act(page+"/do/enrol", nil, page)
	d.look("enrolled")
	b.open(page + "/contact")
	b.fill("name", "Astrid Ek")
	b.fill("mail", "astrid@example.org")
	d.look("contact")
	b.press("main .send button", page+"/contact")
	b.open(page)
	b.press(`form[action$="/invite"] button`, page+"/invite")
	d.look("invited")
	if code := b.text(".large b"); len(code) < 6 {
		d.t.Errorf("the code is %q", code)
	}
	return who
}

// randomise gives somebody a place and a kit, whose number is read off.
func (d *workday) randomise() {
	d.t.Helper()
	b, page := d.b, "/participants/"+string(d.ready)
	b.open(page + "/do/randomise")
	b.fill("grave", "yes")
	d.look("randomise")
	ask1[bool](b, `(globalThis.left = true, document.querySelector("main .send button").click(), true)`)
	b.until(`location.pathname.includes("/entry/") && document.readyState === "complete" && !globalThis.left`, "the receipt")
	b.act(page+"/do/dispense?visit=day-0", nil, ask1[string](b, `location.pathname`)[:len(page)]+"/entry/"+itoa(d.state.Entries))
	d.look("kit")
	if got, want := b.text(".large b"), d.state.People[d.ready].Kits[0].Kit; got != want {
		d.t.Errorf("kit %q is shown, and %q was handed out", got, want)
	}
}

// telephone is a form told on the telephone and typed in, with the network gone
// when it is to be sent; and one answer of it that was wrong.
func (d *workday) telephone(lang string) {
	d.t.Helper()
	b, page := d.b, "/participants/"+string(d.before)
	b.open(page + "/do/answer?instrument=isi&visit=day-7")
	for i := 1; i <= 7; i++ {
		b.fill("answers.isi"+itoa(uint64(i)), "2")
	}
	d.look("form")
	entries := d.state.Entries
	b.without(true)
	ask1[bool](b, `(document.querySelector("main .send button").click(), true)`)
	b.until(`!document.querySelector("[data-offline]").hidden`, "that there is no network")
	d.look("no-network")
	if d.state.Entries != entries || ask1[string](b, `document.querySelector('[name="answers.isi7"]').value`) != "2" {
		d.t.Error("it was sent, or what was typed is gone")
	}
	b.without(false)
	b.press("main .send button", page)
	isi := d.state.People[d.before].Visits["day-7"]["isi"]
	if isi == nil || d.state.Entries < entries+1 {
		d.t.Fatal("the answers did not come")
	}
	b.act(page+"/do/correct?entry="+itoa(isi.Entry)+"&field=answers.isi3", map[string]string{"new": "4", "reason": "misheard"}, page)
	if got := d.state.People[d.before].Visits["day-7"]["isi"].Answers["isi3"]; got != instrument.Number(4) {
		d.t.Errorf("corrected to %v", got)
	}
	d.look("person")
	b.press(`a[href$="/history?field=answers.isi3"]`, page+"/entry/"+itoa(isi.Entry)+"/history")
	d.look("history")
	if got := b.text("main tbody"); !strings.Contains(got, "misheard") {
		d.t.Errorf("its history: %q", got)
	}
}

// safety is an event, a query that is answered, and kits that came.
func (d *workday) safety() {
	d.t.Helper()
	b, page := d.b, "/participants/"+string(d.before)
	b.act(page+"/do/report-adverse-event", map[string]string{
		"term": "headache", "onset": "2026-03-14", "severity": "mild", "serious": "no", "related": "possible", "outcome": "ongoing",
	}, page)
	b.open("/safety")
	d.look("safety")
	q := d.do(study.RaiseQuery{Text: "Is the bedtime right?"}, d.after(), d.before)
	id := d.state.People[q].Queries[len(d.state.People[q].Queries)-1].ID
	b.act(page+"/do/answer-query?query="+itoa(id), map[string]string{"text": "Asked her: it is."}, page)
	for _, p := range []string{"/stock", "/quality", "/held", "/screening", page + "/timeline", "/participants?need=late"} {
		b.open(p)
		d.look(strings.NewReplacer("/", "", "?", "-", "=", "-").Replace(p))
	}
}

// end is signing out, after which nothing is to be seen.
func (d *workday) end(who study.Subject) {
	d.t.Helper()
	b := d.b
	b.open("/")
	b.press(`form[action="/sign-out"] button`, "/sign-in")
	d.look("out")
	b.open("/participants/" + string(who))
	b.at("/sign-in")
	x := d.state.People[who]
	if x == nil || x.Enrolled == nil || len(d.state.People[d.before].Adverse) != 1 || d.state.People[d.ready].Randomised == nil {
		d.t.Error("not all of the day is on the ledger")
	}
	last := d.log.Entries()[d.state.Entries-1]
	if f := must(study.Decode(last)); f.Actor != "kim.ek" || f.Role != study.RoleCoordinator || !strings.Contains(f.From, "page") {
		d.t.Errorf("the last entry is by %s, %s, from %q", f.Actor, f.Role, f.From)
	}
}
