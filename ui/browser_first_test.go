package ui

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dvala/fault"
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

func (m *maker) is(now Making) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = now
}

// The pages on which a trial is begun: chosen, read, checked, tried, waited for,
// and begun again after it failed, at both sizes and in both languages.
func TestFirstRunPages(t *testing.T) {
	chromiumFor(t)
	noAxe(t)
	for i, size := range [][2]int64{{360, 740}, {1440, 900}} {
		m := &maker{}
		b := newBrowser(t, must(NewFirst(m)))
		b.size(size[0], size[1])
		name := fmt.Sprintf("first-%s-%d-", languages[1-i], size[0])
		b.be("", languages[1-i], "system")
		b.open("/")
		b.inspect(name + "1-choose")
		b.press(`[name="template"][value="n-of-1"]`, "/first/template")
		b.inspect(name + "2-edit")
		b.twice(name + "2-edit")
		ask1[bool](b, `(document.getElementById("source").value += "wrong: 1\n", true)`)
		b.press(`[formaction="/first/check"]`, "/first/check")
		if got := b.text(".warn"); !strings.Contains(got, "field-unknown") {
			t.Errorf("what is wrong: %q", got)
		}
		b.inspect(name + "3-wrong")
		b.press(`[name="until"][value="midway"]`, "/first/try")
		ask1[bool](b, `(document.getElementById("source").value = "dvala: 1\nid: mine\n", true)`)
		b.press(`[formaction="/first/check"]`, "/first/check")
		b.inspect(name + "4-right")
		b.press(`[name="until"][value="midway"]`, "/")
		b.inspect(name + "5-wait")
		if m.source != "dvala: 1\r\nid: mine\r\n" || !m.midway {
			t.Errorf("tried %q, halfway %v", m.source, m.midway)
		}
		m.is(Making{Step: "failed", Err: fault.Wrap("demo-dir", "trial", errors.New("the disk is full"))})
		b.open("/")
		b.inspect(name + "6-failed")
		b.press(`a[href="/?again=1"]`, "/")
		if ask1[int](b, `document.querySelectorAll('[name="template"]').length`) != 3 {
			t.Error("it cannot be begun again")
		}
	}
}
