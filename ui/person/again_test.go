package person

import (
	"strings"
	"testing"

	"dvala/civil"
	"dvala/study"
)

// From the day on which the information has changed, her first page leads to it
// and to nothing else; the page tells that it has changed and is about the new
// version; when she has consented anew, all is as before, and asked as the new
// version asks.
func TestNewInformation(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	who := w.person(t)
	w.trial.Amend(t, smallTrial(), day(0, 9, 0), civil.On(2026, 3, 4), `version: "1.0"`, `version: "1.1"`,
		"safety: {", "safety: {contact: {en: call 112233, sv: ring 112233}, ", "Vad det handlar om", "Vad det nu handlar om")
	w.set(day(1, 7, 30))
	if _, body, _ := w.get(t, "/me?lang=sv"); strings.Contains(body, "ny information") || strings.Contains(body, "112233") || !strings.Contains(body, "/me/diary?night=") {
		t.Error("the day before is as the first version has it:", body)
	}
	w.set(day(2, 7, 30))
	for lang, text := range map[string]string{"sv": "Det finns ny information om studien", "en": "There is new information about the trial"} {
		_, body, _ := w.get(t, "/me?lang="+lang)
		if !strings.Contains(body, text) || !strings.Contains(body, `href="/me/consent"`) || !strings.Contains(body, "112233") {
			t.Error("her first page does not say so:", body)
		}
		if strings.Contains(body, "/me/diary?night=") || strings.Contains(body, `data-started="true"`) {
			t.Error("an entry is asked for that is not taken:", body)
		}
	}
	if _, body, _ := w.get(t, "/me/consent?lang=sv"); !strings.Contains(body, "har ändrats sedan du samtyckte") || !strings.Contains(body, "Vad det nu handlar om") ||
		!strings.Contains(body, `name="version" value="1.1"`) {
		t.Error(body)
	}
	w.trial.Do(t, study.Consent{Version: "1.1", Language: "sv"}, w.clock(), who)
	if _, body, _ := w.get(t, "/me?lang=sv"); strings.Contains(body, "ny information") || !strings.Contains(body, "/me/diary?night=2026-03-04") {
		t.Error(body)
	}
}
