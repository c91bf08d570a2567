package ui

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/protocol"
	"dvala/study"
)

// What an amendment changes is looked at before it is proposed: nothing is written
// or stored by looking, what was typed stays, and the file need not be chosen
// again.
func TestDifferenceIsLookedAtFirst(t *testing.T) {
	m := playground(t)
	m.state.UseProtocols(func(sum string, _ study.Instruments) (protocol.Checked, bool) {
		c, problems := protocol.Parse(m.files[sum])
		return c, problems.Err() == nil
	})
	h := handler(t, m)
	entries, files := m.log.Size(), len(m.files)
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	next := strings.Replace(strings.Replace(src, "\nversion: \"1\"", "\nversion: \"2\"", 1), "A small trial", "A small & quiet trial", 1)
	form := map[string]string{"key": "desk-a", "summary": "another title", "reason": "why not", "look": "yes"}
	w := send(t, h, "/do/amend-protocol", form, "protocol_file", next, as("investigator"))
	page := w.Body.String()
	for _, want := range []string{"What differs", "A small &amp; quiet trial", "another title", "why not", `name="protocol_file-text"`, "Nothing has been written yet."} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if w.Code != http.StatusOK || m.log.Size() != entries || len(m.files) != files {
		t.Errorf("%d: %d entries more, %d files more", w.Code, m.log.Size()-entries, len(m.files)-files)
	}
	// What is not sound is told beside the field, and what is fixed is warned of.
	w = send(t, h, "/do/amend-protocol", form, "protocol_file", "id: [", as("investigator"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="e-protocol_file"`) {
		t.Error("an unsound file:", w.Code)
	}
	w = send(t, h, "/do/amend-protocol", form, "protocol_file", strings.Replace(next, "a cup of tea", "a mug of tea", 1), as("investigator"))
	if !strings.Contains(w.Body.String(), "Some of it is fixed when the trial begins.") {
		t.Error("nothing warns of what is fixed")
	}
	w = send(t, h, "/do/amend-protocol", form, "", "", as("investigator"))
	if w.Code != http.StatusUnprocessableEntity || m.log.Size() != entries {
		t.Error("no file:", w.Code)
	}
	// The same form is then sent as it is, the file with it as text.
	delete(form, "look")
	form["protocol_file-text"], form["protocol_file-name"] = next, "next.yaml"
	w = send(t, h, "/do/amend-protocol", form, "", "", as("investigator"))
	if w.Code != http.StatusSeeOther || m.log.Size() == entries {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}
