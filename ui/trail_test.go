package ui

import (
	"net/http"
	"strings"
	"testing"

	"dvala/study"
)

// A corrected dose tells both its values on its history, with the reason; the
// trail finds the correction, and a pharmacist reads of no answer on it.
func TestHistoryAndTrail(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	inv := as("investigator")
	trail := get(t, h, "/trail?changed=yes", inv).Body.String()
	if strings.Count(trail, "<tr><th scope=\"row\">") != 1 || !strings.Contains(trail, "&lt;b&gt;") {
		t.Errorf("the trail of corrections\n%s", trail)
	}
	dose := m.state.People["P0002"].Corrections[0].Entry
	page := get(t, h, "/participants/P0002/entry/"+jsonNumber(dose)+"/history?field=units", inv).Body.String()
	for _, want := range []string{"<s>2</s>", ">1</td>", "&lt;b&gt;", "anna"} {
		if !strings.Contains(page, want) {
			t.Errorf("the history lacks %s\n%s", want, page)
		}
	}
	if w := get(t, h, "/participants/P0003/entry/"+jsonNumber(dose)+"/history?field=units", inv); w.Code == http.StatusOK {
		t.Error("an entry of somebody else has a history here")
	}
	pharm := get(t, h, "/trail?whom=P0002", as("pharmacist"))
	if body := pharm.Body.String(); pharm.Code != http.StatusOK || !strings.Contains(body, "(not for your role)") || strings.Contains(body, `href="/participants/P0002"`) {
		t.Errorf("the pharmacist: %d\n%s", pharm.Code, body)
	}
	if body := get(t, h, "/trail?since=2026-03-06&until=2026-03-06", inv).Body.String(); strings.Contains(body, `<td><data value="2026-03-05`) || !strings.Contains(body, `<td><data value="2026-03-06`) {
		t.Error("the dates are not those asked for")
	}
	if person := get(t, h, "/participants/P0002", inv).Body.String(); !strings.Contains(person, "/history?field=answers.sol") {
		t.Error("no way from an answer to its history")
	} else if !strings.Contains(person, "/history?field=answers.isi1") || !strings.Contains(person, `id="latest"`) {
		t.Error("no way from an answer at a visit to its history, or no time line on the page")
	}
}

// A person's time line is the audit trail's: newest first, all of it in pages,
// with who, why and from where, and nobody else's.
func TestTimelineIsTheTrail(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	page := get(t, h, "/participants/P0002/timeline", as("monitor")).Body.String()
	rows := strings.Count(page, `<tr><th scope="row" class="nb">`)
	want := 0
	for n := range m.state.Entries {
		if f := must(study.Decode(m.log.Entries()[n])); f.Subject == "P0002" {
			want++
		}
	}
	if rows != want || !strings.Contains(page, "&lt;b&gt;") || !strings.Contains(page, "/history") {
		t.Errorf("%d rows of %d\n%s", rows, want, page)
	}
	older := get(t, h, "/participants/P0002/timeline?before=12", as("monitor")).Body.String()
	if strings.Contains(older, "/entry/12\"") || !strings.Contains(older, "/entry/11\"") {
		t.Error("before an entry there are others")
	}
}

func jsonNumber(n uint64) string { return string(asJSON(n)) }
