package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dvala/custody"
	"dvala/examples"
	"dvala/fault"
	"dvala/internal/house/looks"
	"dvala/protocol"
)

// maker is one that makes nothing, and says what it is told to.
type maker struct {
	mu     sync.Mutex
	now    Making
	source string
	midway bool
}

func (*maker) Templates() []string { return []string{"parallel", "crossover", "n-of-1"} }

func (*maker) Source(template string) (string, error) {
	if template == "" {
		return "", fault.New("template", template, "there is no such template")
	}
	return "dvala: 1\nid: " + template + "\n", nil
}

func (*maker) Check(source string) (l fault.List) {
	if strings.Contains(source, "wrong") {
		l.Addf("field-unknown", "wrong", "there is no such field").WithHint("see doc/formats/protocol.md")
	}
	return l
}

func (m *maker) Try(source string, midway bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.source, m.midway, m.now = source, midway, Making{Step: "play", Done: 3, Of: 10}
	return nil
}

func (m *maker) Doing() Making {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *maker) Fill(source, key string) (string, error) {
	out, err := protocol.FillRecipient([]byte(source), key)
	return string(out), err
}

func (m *maker) Begin(_ string, sealed []byte, _ string) (string, error) {
	if string(sealed) != "a list" {
		return "", fault.New("sealed-protocol", "header", "was sealed for another protocol")
	}
	return "/begun", nil
}

func (m *maker) is(now Making) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

// scheme is what the system says of light and dark.
func (b *browser) scheme(dark bool) {
	b.t.Helper()
	value := map[bool]string{true: "dark", false: "light"}[dark]
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return err
	}))
}

// The pages on which a trial is begun: chosen, read, checked, tried, waited for,
// and begun again after it failed, at both sizes, in both languages, dark and
// light as the system is.
func TestFirstRunPages(t *testing.T) {
	chromiumFor(t)
	noAxe(t)
	for _, size := range sizes {
		for _, lang := range languages {
			t.Run(size.name+" "+lang, func(t *testing.T) {
				t.Parallel()
				m := &maker{}
				b := newBrowser(t, must(NewFirst(m)))
				b.size(size.width, size.height)
				b.be("", lang, "system")
				b.firstRun(m, fmt.Sprintf("first-%s-%d-", lang, size.width))
			})
		}
	}
}

// both looks at a page as it is in a dark system, and in a light one.
func (b *browser) both(name string) {
	b.t.Helper()
	b.scheme(true)
	b.inspect(name + "-dark")
	b.scheme(false)
	if must(looks.Axe()) != "" {
		b.told(name+"-light", looks.AxeColours)
	}
	b.picture(name + "-light")
	b.twice(name)
}

// still keeps pages that ask themselves again while something runs from going away
// in the middle of a look at them.
func (b *browser) still() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, devpage.AddScriptToEvaluateOnNewDocument, devpage.AddScriptToEvaluateOnNewDocumentParams{
			Source: `((wait) => { globalThis.setTimeout = (f, ms, ...more) => ms === 1500 ? 0 : wait(f, ms, ...more); })(setTimeout)`,
		})
		return err
	}))
}

func (b *browser) firstRun(m *maker, name string) {
	b.t.Helper()
	b.still()
	b.open("/")
	b.both(name + "1-choose")
	b.press(`[name="template"][value="n-of-1"]`, "/first/template")
	b.both(name + "2-edit")
	ask1[bool](b, `(document.getElementById("source").value += "wrong: 1\n", true)`)
	b.press(`[formaction="/first/check"]`, "/first/check")
	if got := b.text(".warn"); !strings.Contains(got, "field-unknown") {
		b.t.Errorf("what is wrong: %q", got)
	}
	b.both(name + "3-wrong")
	b.press(`[name="until"][value="midway"]`, "/first/try")
	ask1[bool](b, `(document.getElementById("source").value = "dvala: 1\nid: mine\n", true)`)
	b.press(`[formaction="/first/check"]`, "/first/check")
	b.both(name + "4-right")
	b.beginReal(name)
	b.press(`[name="until"][value="midway"]`, "/")
	b.both(name + "5-wait")
	if m.source != "dvala: 1\r\nid: mine\r\n" || !m.midway {
		b.t.Errorf("tried %q, halfway %v", m.source, m.midway)
	}
	m.is(Making{Step: "failed", Err: fault.Wrap("demo-dir", "trial", errors.New("the disk is full"))})
	b.open("/")
	b.both(name + "6-failed")
	b.press(`a[href="/?again=1"]`, "/")
	if ask1[int](b, `document.querySelectorAll('[name="template"]').length`) != 3 {
		b.t.Error("it cannot be begun again")
	}
}

// beginReal is the way to a trial of one person with real people, and back to the
// protocol with which it was gone.
func (b *browser) beginReal(name string) {
	b.t.Helper()
	src := string(must(examples.Protocol("nof1")))
	ask1[bool](b, `(document.getElementById("source").value = `+quoted(src)+`, true)`)
	b.press(`[formaction="/first/real"]`, "/first/real")
	b.both(name + "4-real")
	b.fill("key", "age1wrong")
	b.press(`[formaction="/first/key"]`, "/first/key")
	if got := b.text(".warn"); got == "" {
		b.t.Error("a key that is none is taken")
	}
	key := must(custody.NewKey(start, false)).Recipient().String()
	b.fill("key", " "+key+" ")
	b.press(`[formaction="/first/key"]`, "/first/key")
	if got := b.text(".steps .done code"); got != key {
		b.t.Errorf("the key in the protocol is %q", got)
	}
	b.both(name + "4-sealed")
	b.fill("name", "Ida Ek")
	b.bring("sealed", "sealed-list.dvl", []byte("another list"))
	b.press(`main button.main`, "/first/begin")
	if got := b.text(".warn"); got == "" || ask1[string](b, `document.getElementById("name").value`) != "Ida Ek" {
		b.t.Errorf("another list is taken, or her name is gone: %q", got)
	}
	b.both(name + "4-refused")
	b.press(`[formaction="/first/check"]`, "/first/check")
	ask1[bool](b, `(document.getElementById("source").value = "dvala: 1\nid: mine\n", true)`)
}
