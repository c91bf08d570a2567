package person

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"dvala/study"
)

// A drawing is enough: it is stored as a picture, and the consent names it by its
// hash.
func TestSignatureDrawn(t *testing.T) {
	w := newWorld(t, withQuestions(t), Options{})
	who := w.screened(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me/consent?lang=sv")
	for id := range map[string]bool{"stop": true, "lot": true} {
		b.choose("ask."+id, "1")
	}
	b.choose("part.research", "yes")
	b.tabTo(`[name="agree"]`)
	b.key(" ")
	b.drag(".pad canvas", 0.2, 0.7)
	b.drag(".pad canvas", 0.3, 0.9)
	b.picture("signature")
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/consent/copy"`, "the copy")
	w.state(func(s *study.State) {
		c := s.People[who].Consents[0]
		if c.Drawn == nil || c.Document == nil || c.Name != "" || c.Language != "sv" {
			t.Fatalf("%+v", c)
		}
		raw, err := w.trial.Blob(c.Drawn.SHA256)
		if err != nil || strings.Count(string(raw), "<polyline") != 2 || !strings.Contains(string(raw), "Underskrift under samtycke 1.0") {
			t.Errorf("%v %s", err, raw)
		}
	})
}

// Whatever comes as strokes is refused or makes a picture of numbers alone.
func FuzzDrawing(f *testing.F) {
	for _, s := range []string{"", ";", "1,2 3,4;5,6", "1,2\"/><script>", "1001,0", "-1,2", "1,2,3", "1e3,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, strokes string) {
		got, err := drawing(strokes, "a <b> & c")
		if err != nil {
			return
		}
		for d := xml.NewDecoder(strings.NewReader(string(got))); ; {
			token, err := d.Token()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && !strings.Contains(" svg title g polyline ", " "+e.Name.Local+" ") {
				t.Fatalf("%q makes %s", strokes, e.Name.Local)
			}
		}
	})
}
