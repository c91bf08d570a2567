package person

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dvala/civil"
	"dvala/desk"
	"dvala/protocol"
	"dvala/study"
)

// screened makes somebody of the example trial who has been screened and no
// more, and signs her in.
func (w *world) screened(t testing.TB) study.Subject {
	t.Helper()
	no := protocol.Bool(false)
	who := w.trial.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(41), "sex": protocol.Choice("female"), "poor_sleep": protocol.Bool(true), "isi": protocol.Int(16),
		"kidney_disease": no, "pregnant": no, "takes_magnesium": no, "sleep_medicine": no, "night_shifts": no,
	}}, w.clock(), "")
	w.as(desk.Participant(who))
	return who
}

// key presses keys one after another, as somebody without a mouse would.
func (b *browser) key(keys ...string) {
	b.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// tabTo presses the tab key until what a selector names has the focus.
func (b *browser) tabTo(selector string) {
	b.Helper()
	for range 80 {
		if ask[bool](b, `document.activeElement !== null && document.activeElement.matches(`+quote(selector)+`)`) {
			return
		}
		b.key(kb.Tab)
	}
	b.Fatalf("the tab key does not lead to %s; it is at %s", selector, ask[string](b, `document.activeElement.outerHTML.slice(0, 120)`))
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

func (b *browser) tap(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// write sets a field as the browser's own picker would.
func (b *browser) write(id, text string) {
	b.Helper()
	ask[bool](b, `(() => { const f = document.getElementById("`+id+`"); f.value = "`+text+`"; f.dispatchEvent(new Event("input", {bubbles: true})); return true; })()`)
}

// From the invitation to the first page, with nothing but a keyboard: consent
// with its questions, the home screen, her hours, the ring.
func TestComingInByKeyboardAlone(t *testing.T) {
	for _, lang := range languages {
		// In Swedish with questions and a signature of the protocol's own, in English
		// with what follows from its design.
		own := lang == "sv"
		path := example()
		if own {
			path = withQuestions(t)
		}
		w := newWorld(t, path, Options{})
		who := w.screened(t)
		b := newBrowser(t, w.serve(t), 360, 740)
		b.clock(w.clock())
		b.open("/me?lang=" + lang)
		b.picture("trial-" + lang + "-1-first")
		b.tabTo(".button.big")
		b.key(kb.Enter)
		b.until(`location.pathname === "/me/consent"`, "the consent")
		b.ready()
		b.picture("trial-" + lang + "-2-consent")
		ids, right, wrong := []string{"stop", "unwell", "lot", "blind"}, "right", "a"
		if own {
			ids, right, wrong = []string{"stop", "lot"}, "1", "0"
		}
		choose := func(id, value string) {
			b.tabTo(`[name="ask.` + id + `"]`)
			for range 4 { // in a group of radio buttons arrows choose
				if ask[string](b, `(document.activeElement.checked && document.activeElement.value) || ""`) == value {
					return
				}
				b.key(kb.ArrowDown)
			}
			t.Fatalf("no arrow leads to %s of %s", value, id)
		}
		choose("stop", wrong)
		for _, id := range ids[1:] {
			choose(id, right)
		}
		if own {
			b.tabTo(`[name="part.research"]`)
			b.key(kb.ArrowDown, kb.ArrowDown, kb.ArrowUp)
			if !ask[bool](b, `document.querySelector('[name="part.research"][value="no"]').checked`) {
				b.key(kb.ArrowDown)
			}
		}
		b.tabTo(`[name="agree"]`)
		b.key(" ")
		if own {
			b.tabTo(`#name`)
			b.key("E", "v", "a")
		}
		b.tabTo(`button[type="submit"]`)
		b.key(kb.Enter)
		b.until(`document.querySelector("#ask-stop .problem")`, "what was answered wrongly")
		b.ready()
		b.picture("trial-" + lang + "-3-again")
		choose("stop", right)
		b.tabTo(`button[type="submit"]`)
		b.key(kb.Enter)
		b.until(`location.pathname === "/me/consent/copy"`, "the copy")
		b.ready()
		b.picture("trial-" + lang + "-4-copy")
		b.tabTo(`a.button`)
		b.key(kb.Enter)
		b.until(`location.pathname === "/me/install"`, "the home screen")
		b.ready()
		b.picture("trial-" + lang + "-5-install")
		b.tabTo(`button[type="submit"]`)
		b.key(kb.Enter)
		b.until(`location.pathname === "/me/hours"`, "her hours")
		b.ready()
		b.write("wake", "06:15")
		b.picture("trial-" + lang + "-6-hours")
		b.tabTo(`button[type="submit"]`)
		b.key(kb.Enter)
		b.until(`location.pathname === "/me/ring"`, "the ring")
		b.ready()
		b.picture("trial-" + lang + "-7-ring")
		b.tabTo(`a.button`)
		b.key(kb.Enter)
		b.until(`location.pathname === "/me"`, "home")
		b.ready()
		b.picture("trial-" + lang + "-8-home")
		w.state(func(s *study.State) {
			p := s.People[who]
			if len(p.Consents) != 1 || p.Consents[0].Language != protocol.Language(lang) || p.Enrolled == nil || p.Enrolled.Wake != 6*60+15 || p.Enrolled.Zone != "Europe/Stockholm" {
				t.Errorf("in %s: %+v, %+v", lang, p.Consents, p.Enrolled)
			}
			c := p.Consents[0]
			if own && (c.Name != "Eva" || c.Understood["stop"] != study.Understood{Option: 1, Tries: 2} || c.Understood["lot"] != study.Understood{Option: 1, Tries: 1} || c.Optional["research"]) {
				t.Errorf("consented to: %+v", c)
			}
			if r := p.Reminders(civil.On(2026, 3, 3)); r.Morning != 6*60+45 || len(r.Channels) != 1 {
				t.Errorf("reminded by %+v", r)
			}
		})
		b.cancel()
	}
}

// withQuestions writes the example trial with a consent that asks questions of
// its own and is signed by name.
func withQuestions(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile(example())
	if err != nil {
		t.Fatal(err)
	}
	const head = "consent:\n  version: \"1.0\"\n"
	more := head + `  signature: typed
  questions:
    - id: stop
      ask: {en: May you stop?, sv: Får du sluta?}
      options: [{en: "No", sv: Nej}, {en: When I like, sv: När jag vill}]
      right: 1
      why: {en: You may stop when you like., sv: Du får sluta när du vill.}
    - id: lot
      ask: {en: Who chooses?, sv: Vem väljer?}
      options: [{en: I, sv: Jag}, {en: It is drawn by lot, sv: Det lottas}]
      right: 1
      why: {en: It is drawn by lot., sv: Det lottas.}
  optional:
    - id: research
      label: {en: My data may be used in other research, sv: Mina uppgifter får användas i annan forskning}
`
	text := strings.Replace(string(src), head, more, 1)
	if text == string(src) {
		t.Fatal("the example's consent begins otherwise")
	}
	path := filepath.Join(t.TempDir(), "protocol.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// enrolled brings somebody of the example trial to her run-in.
func (w *world) enrolled(t testing.TB) study.Subject {
	t.Helper()
	who := w.screened(t)
	w.trial.Do(t, study.Consent{Version: "1.0", Language: "sv"}, w.clock(), who)
	w.trial.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, w.clock(), who)
	return who
}
