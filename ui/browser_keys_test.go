package ui

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dvala/desk/access"
	"dvala/instrument"
	"dvala/study"
)

// to moves to what a selector names by the Tab key alone.
func (b *browser) to(selector string) {
	b.t.Helper()
	b.tabTo(`document.activeElement.matches(` + quoted(selector) + `)`)
}

// enterOn moves to something and presses Enter on it, which leads to a page.
func (b *browser) enterOn(selector, path string) {
	b.t.Helper()
	b.to(selector)
	ask1[bool](b, `(globalThis.left = true)`)
	b.do(chromedp.KeyEvent("\r"))
	b.at(path)
}

func (b *browser) typeInto(selector, text string) {
	b.t.Helper()
	b.to(selector)
	b.do(chromedp.KeyEvent(text))
}

// An investigator's way by the keyboard alone, at a desk and on a telephone with a
// keyboard: she follows her link, adds a passkey, randomises somebody, corrects an
// answer with a reason, and signs.
func TestRandomiseCorrectAndSignByKeyboard(t *testing.T) {
	chromiumFor(t)
	for _, size := range sizes {
		t.Run(size.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t)
			who, ready := c.person(41), c.waiting(43, day(4))
			isi := instrument.Answers{}
			for _, id := range []instrument.ItemID{"isi1", "isi2", "isi3", "isi4", "isi5", "isi6", "isi7"} {
				isi[id] = instrument.Number(2)
			}
			c.do(study.Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: asJSON(isi)}, c.after(), who)
			entry := itoa(c.state.People[who].Visits["day-0"]["isi"].Entry)
			c.account("ines.lind", "Ines Lind", study.RoleInvestigator)
			b := c.window()
			b.size(size.width, size.height)
			b.do(chromedp.Navigate(must(c.svc.LinkFor(t.Context(), access.Shell(), "ines.lind")).URL))
			b.enterOn("main button", "/sessions")
			b.enterOn(`[data-passkey="add"]`, "/sessions")

			b.goBy("p", "/participants")
			b.enterOn(`#people a[href="/participants/`+string(ready)+`"]`, "/participants/"+string(ready))
			b.enterOn(`a[href$="/do/randomise"]`, "/participants/"+string(ready)+"/do/randomise")
			b.to(`[name="grave"]`)
			b.do(chromedp.KeyEvent(" "))
			b.to("main .send button")
			b.do(chromedp.KeyEvent("\r"))
			b.until(`location.pathname.includes("/entry/") && document.readyState === "complete"`, "the receipt")

			page := "/participants/" + string(who)
			b.goBy("p", "/participants")
			b.enterOn(`#people a[href="`+page+`"]`, page)
			b.enterOn(`a[href="`+page+`/entry/`+entry+`"]`, page+"/entry/"+entry)
			b.enterOn(`a[href="`+page+`/do/correct?entry=`+entry+`&field=answers.isi3"]`, page+"/do/correct")
			b.typeInto(`[name="new"]`, "4")
			b.typeInto("#reason", "misheard")
			b.enterOn("main .send button", page)
			if size.name == "telephone" { // what is done seldom is folded there
				b.to("details.more summary")
				b.do(chromedp.KeyEvent("\r"))
			}
			b.enterOn(`a[href="`+page+`/do/sign"]`, page+"/do/sign")
			b.typeInto(`[name="signature"]`, "ines.lind")
			b.enterOn("main .send button", page)

			p := c.state.People[who]
			if got := p.Visits["day-0"]["isi"].Answers["isi3"]; got != instrument.Number(4) || c.state.People[ready].Randomised == nil {
				t.Errorf("corrected to %v; randomised %v", got, c.state.People[ready].Randomised)
			}
			if len(p.Signatures) != 1 || p.Signatures[0].Signature.Name != "Ines Lind" || !strings.Contains(p.Signatures[0].Signature.Method, "passkey") {
				t.Errorf("signed: %+v", p.Signatures)
			}
		})
	}
}

// goBy presses g and a letter.
func (b *browser) goBy(key, path string) {
	b.t.Helper()
	ask1[bool](b, `(globalThis.left = true)`)
	b.do(chromedp.KeyEvent("g"), chromedp.KeyEvent(key))
	b.at(path)
}
