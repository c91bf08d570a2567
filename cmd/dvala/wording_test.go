package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
	"dvala/ui/person"
)

// wordingFile writes made-up words for an instrument.
func wordingFile(t *testing.T, dir, name, id, lang, validated string) {
	t.Helper()
	d, ok := instrument.ByID(instrument.ID(id))
	if !ok {
		t.Fatal(id)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "format: dvala-wording-1\ninstrument: %s\nversion: %q\nlanguage: %s\nvalidated: %s\n", d.ID, d.Version, lang, validated)
	b.WriteString("licence: {holder: H, reference: L-1, granted-to: the trial, date: \"2026-11-23\", covers: one study on screen}\nitems:\n")
	for _, it := range d.Items {
		fmt.Fprintf(&b, "  - id: %s\n    text: word for %s\n", it.ID, it.ID)
		if it.Better != "" {
			fmt.Fprintf(&b, "    better: %s\n", it.Better)
		}
		b.WriteString("    anchors: [")
		for at := it.Min; at <= it.Max; at++ {
			fmt.Fprintf(&b, "{at: %d, text: step %d}, ", at, at)
		}
		b.WriteString("]\n")
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// An adjective list is offered with its licensed words and not before; words
// that do not claim to be validated are shown with a note.
func TestAdjectivesWithTheirWordsAlone(t *testing.T) {
	trial := desktest.New(t, filepath.Join("..", "..", "examples", "mgt-2024", "protocol.yaml"), 4)
	no := protocol.Bool(false)
	who := trial.Do(t, study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(41), "sex": protocol.Choice("female"), "poor_sleep": protocol.Bool(true), "isi": protocol.Int(16),
		"kidney_disease": no, "pregnant": no, "takes_magnesium": no, "sleep_medicine": no, "night_shifts": no,
	}}, desktest.Start, "")
	var visit string
	trial.View(func(s *study.State) { visit = s.Protocol.Protocol().Visits[0].ID })
	see := func(validated string) string {
		opt := person.Options{}
		if validated != "" {
			dir := t.TempDir()
			wordingFile(t, dir, "poms-en.yaml", "poms40", "en", validated)
			wordingFile(t, dir, "kss-en.yaml", "kss", "en", "true") // not of this trial
			var told bytes.Buffer
			var loaded wordings
			var err error
			trial.View(func(s *study.State) { loaded, err = loadWordings(dir, s, &told) })
			if err != nil || len(loaded) != 1 || !strings.Contains(told.String(), "does not use") {
				t.Fatalf("%v %d %s", err, len(loaded), told.String())
			}
			opt.Wording = loaded.Of
		}
		pages, err := person.New(desk.NewOffice(trial, func() time.Time { return desktest.Start }), opt)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		pages.Routes(mux)
		c := desk.Participant(who)
		c.Lang = "en"
		r := httptest.NewRequest(http.MethodGet, "/me/visit/"+visit+"/poms40", nil)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
		return w.Body.String()
	}
	const word, note = "word for ten1", "This is not the validated wording"
	if body := see(""); strings.Contains(body, `id="answers"`) || !strings.Contains(body, "cannot be answered until its licensed wording is loaded") {
		t.Error("it is offered without its words", body)
	}
	if body := see("true"); !strings.Contains(body, word) || strings.Contains(body, note) || !strings.Contains(body, `name="validated" value="yes"`) {
		t.Error("the validated words are not shown as such", body)
	}
	if body := see("false"); !strings.Contains(body, word) || !strings.Contains(body, note) || strings.Contains(body, `name="validated"`) {
		t.Error("words that claim nothing pass for validated", body)
	}
}

// A wrong file stops the server, and all that is wrong is told at once.
func TestWrongWording(t *testing.T) {
	trial := desktest.New(t, filepath.Join("..", "..", "study", "testdata", "small.yaml"), 4)
	dir := t.TempDir()
	load := func() (err error) {
		trial.View(func(s *study.State) { _, err = loadWordings(dir, s, &bytes.Buffer{}) })
		return err
	}
	if err := load(); fault.CodeOf(err) != "wording-none" {
		t.Error(err)
	}
	wordingFile(t, dir, "a.yaml", "kss", "sv", "true")
	if err := load(); err != nil {
		t.Error(err)
	}
	wordingFile(t, dir, "b.yaml", "kss", "sv", "true")
	if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte("instrument: nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := fault.Text(load()); !strings.Contains(text, "a.yaml has the same instrument") || !strings.Contains(text, "there is no instrument") {
		t.Error(text)
	}
}
