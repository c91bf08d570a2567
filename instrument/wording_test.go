package instrument_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/instrument"
)

// made writes a wording file for an instrument with made-up texts.
func made(d *instrument.Definition, lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format: dvala-wording-1\ninstrument: %s\nversion: %q\nlanguage: %s\nvalidated: true\n", d.ID, d.Version, lang)
	b.WriteString("licence: {holder: H, reference: L-1, granted-to: the trial, date: \"2026-11-23\", covers: one study on screen}\ninstruction: Read this first\nitems:\n")
	for _, it := range d.Items {
		fmt.Fprintf(&b, "  - id: %s\n    text: made up for %s\n", it.ID, it.ID)
		if it.Better != "" {
			fmt.Fprintf(&b, "    better: %s\n", it.Better)
		}
		if it.Kind == instrument.Rating || it.Kind == instrument.VAS || it.Kind == instrument.Adjective {
			fmt.Fprintf(&b, "    anchors: [{at: %d, text: low}, {at: %d, text: high}]\n", it.Min, it.Max)
		}
		if it.Kind == instrument.Choice {
			b.WriteString("    choices:\n")
			for _, o := range it.Choices {
				fmt.Fprintf(&b, "      - {code: %s, text: made up %s}\n", o.Code, o.Code)
			}
		}
	}
	return b.String()
}

// With validated wording loaded a screen shows it and says nothing; in another
// language, or without it, the screen shows topics and says so.
func TestShow(t *testing.T) {
	for _, d := range instrument.All() {
		w, err := instrument.ParseWording([]byte(made(d, "sv")), d)
		if err != nil {
			t.Fatalf("%s: %s", d.ID, fault.Text(err))
		}
		with, without, other := instrument.Show(d, "sv", w), instrument.Show(d, "sv", nil), instrument.Show(d, "en", w)
		if with.Text != instrument.ValidatedText || with.Notice != "" || !with.Answerable || with.Items[0].Text != "made up for "+string(d.Items[0].ID) || with.Intro != "Read this first" {
			t.Errorf("%s: loaded wording is not shown: %+v", d.ID, with)
		}
		own := d.Words == instrument.OwnWords
		if (without.Text == instrument.OwnText) != own || (without.Notice == "") != own || other.Text == instrument.ValidatedText {
			t.Errorf("%s: topics pass for validated wording", d.ID)
		}
		if without.Answerable == (d.Words == instrument.LicensedWords) {
			t.Errorf("%s: answerable without its words: %v", d.ID, without.Answerable)
		}
		for i, it := range without.Items {
			if it.Text == "" || it.ID != d.Items[i].ID {
				t.Errorf("%s: item %d has no text", d.ID, i)
			}
		}
	}
	lseq, isi := byID(t, "lseq"), byID(t, "isi")
	w, _ := instrument.ParseWording([]byte(made(lseq, "sv")), lseq)
	if instrument.Show(isi, "sv", w).Text != instrument.TopicText {
		t.Error("wording of one instrument is shown on another")
	}
	w, err := instrument.ParseWording([]byte(strings.Replace(made(isi, "en"), "validated: true\n", "", 1)), isi)
	if err != nil {
		t.Fatal(err)
	}
	if d := instrument.Show(isi, "en", w); d.Text != instrument.LoadedText || d.Notice != "This is not the validated wording. The text was supplied by those who run the trial." {
		t.Errorf("loaded text that claims no validity: %+v", d)
	}
}

// A screen names a form by topics in Swedish, with "du".
func TestShowTopics(t *testing.T) {
	d := instrument.Show(byID(t, "poms40"), "sv", nil)
	if d.Items[0].Text != "Spänning 1" || d.Items[39].Text != "Självkänsla 6" {
		t.Errorf("adjectives are to be numbered within their scale: %q … %q", d.Items[0].Text, d.Items[39].Text)
	}
	if q := instrument.Show(byID(t, "csd"), "sv", nil).Items[0].Text; q != "När gick du och lade dig?" {
		t.Errorf("got %q", q)
	}
}

func TestBadWordingIsNamed(t *testing.T) {
	lseq, guess := byID(t, "lseq"), byID(t, "guess")
	for _, c := range []struct {
		name     string
		d        *instrument.Definition
		from, to string
		code     fault.Code
	}{
		{"another version", lseq, `version: "1"`, `version: "2"`, "wording-of"},
		{"another instrument", lseq, "instrument: lseq", "instrument: isi", "wording-of"},
		{"printed the other way", lseq, "better: higher", "better: lower", "wording-polarity"},
		{"no direction on a line", lseq, "    better: higher\n", "", "wording-polarity"},
		{"no licence reference", lseq, "reference: L-1", `reference: ""`, "wording-licence"},
		{"no date", lseq, "2026-11-23", "2026-11-31", "wording-licence"},
		{"item left out", lseq, "  - id: lseq10", "  - id: lseq9", "wording-item"},
		{"item twice", lseq, "  - id: lseq10", "  - id: lseq9", "id-twice"},
		{"item unknown", lseq, "  - id: lseq10", "  - id: lseq11", "item-unknown"},
		{"text missing", lseq, "made up for lseq3", `"  "`, "wording-item"},
		{"one end without text", lseq, "{at: 0, text: low}, ", "", "wording-anchors"},
		{"anchor outside", lseq, "{at: 0, text: low}, ", "{at: -1, text: low}, ", "item-anchors"},
		{"choice left out", guess, "      - {code: comparator, text: made up comparator}\n", "", "item-choices"},
		{"language", lseq, "language: sv", "language: swedish", "wording-language"},
		{"format", lseq, "dvala-wording-1", "dvala-wording-2", "format"},
		{"unknown field", lseq, "instruction:", "instructions:", "field-unknown"},
	} {
		_, err := instrument.ParseWording([]byte(strings.Replace(made(c.d, "sv"), c.from, c.to, 1)), c.d)
		var l fault.List
		if !errors.As(err, &l) || !l.Has(c.code) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
			continue
		}
		if l[0].Line == 0 {
			t.Errorf("%s: no line: %v", c.name, l[0])
		}
	}
	if _, err := instrument.ParseWording([]byte(made(lseq, "sv")), &instrument.Definition{}); err == nil {
		t.Error("wording for an unchecked definition was read")
	}
}

func FuzzWording(f *testing.F) {
	for _, d := range instrument.All() {
		f.Add([]byte(made(d, "sv")))
	}
	isi, _ := instrument.ByID("isi")
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := instrument.ParseWording(b, isi)
		if err != nil {
			var l fault.List
			if !errors.As(err, &l) {
				t.Fatalf("not a list of problems: %v", err)
			}
			return
		}
		for _, it := range instrument.Show(isi, w.Language, w).Items {
			if strings.TrimSpace(it.Text) == "" {
				t.Fatal("an accepted wording leaves an item without text")
			}
		}
	})
}
