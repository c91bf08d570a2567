package ui

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/study"
)

// shownTable gives the rows of a table as they are shown, a column without a name
// left out, and what is folded in a cell or to be pressed.
const shownTable = `((t) => { const named = [...(t.tHead?.rows[0].cells ?? [])].map((h) => { const c = h.cloneNode(true); c.querySelectorAll(".hidden").forEach((x) => x.remove()); return c.textContent.trim() !== ""; });
	return [...t.rows].filter((r) => r.offsetParent !== null).map((r) => [...r.cells].filter((_, i) => named[i] ?? true).map((c) => { const d = c.cloneNode(true); d.querySelectorAll("details, meter, input, button, select").forEach((x) => x.remove()); d.querySelectorAll("data").forEach((x) => x.replaceWith(x.value)); d.querySelectorAll("br, div, p").forEach((x) => x.before(" ")); return d.textContent.trim().replace(/\s+/g, " "); })); })`

// Tables sort, are narrowed, and are taken away as they are shown: on every page,
// in both languages, the file of each table holds what stands on the page, in its
// order, and a cell that a spreadsheet would run is guarded.
func TestTablesAreTakenAwayAsShown(t *testing.T) {
	m := playground(t)
	busy(m)
	m.do(study.NoteDeviation{Deviation: study.Deviation{Code: "other", Note: "=HYPERLINK(1)"}}, day(12), "P0002")
	b := newBrowser(t, handler(t, m))
	guarded := 0
	for _, lang := range languages {
		b.be("investigator", lang, "light")
		for _, page := range []string{"/", "/quality", "/screening", "/participants/P0002", "/participants/P0002/timeline", "/participants/P0002/entry/12/history", "/stock", "/protocol"} {
			b.open(page)
			n := ask1[int](b, `(globalThis.tables = [...document.querySelectorAll("table[data-download]")]).length`)
			if n == 0 {
				t.Errorf("%s: no table can be taken away", page)
			}
			for i := range n {
				guarded += b.takes(page, lang, i)
			}
		}
		b.served(lang)
	}
	if guarded == 0 {
		t.Error("no cell needed guarding: the test shows little")
	}
}

// takes sorts a table by its last named column, narrows it by its first cell, and
// holds its file against what is shown.
func (b *browser) takes(page, lang string, i int) (guarded int) {
	b.t.Helper()
	ask1[bool](b, `((t) => { const heads = [...t.querySelectorAll("thead button")]; heads.at(-1)?.click(); heads.at(-1)?.click(); return true; })(tables[`+strconv.Itoa(i)+`])`)
	ask1[bool](b, `((t) => { const box = (t.closest(".scroll") ?? t).previousElementSibling?.querySelector("input[type=search]"); if (!box) return false;
		box.value = t.tBodies[0].rows[0].cells[0].textContent.trim().slice(0, 4); box.dispatchEvent(new Event("input", {bubbles: true})); return true; })(tables[`+strconv.Itoa(i)+`])`)
	shown := ask1[[][]string](b, shownTable+`(tables[`+strconv.Itoa(i)+`])`)
	text := ask1[string](b, `(() => { let blob; const was = URL.createObjectURL; URL.createObjectURL = (b) => (blob = b, "#"); const t = tables[`+strconv.Itoa(i)+`];
		const link = (t.closest(".scroll") ?? t).nextElementSibling.querySelector("a[download]"); link.addEventListener("click", (e) => e.preventDefault(), {once: true}); link.click(); URL.createObjectURL = was; return blob.text(); })()`)
	return b.same(page+" "+lang, shown, text)
}

// served holds the files that the server makes against what the page shows: all of
// it, and what is left when the box has narrowed it.
func (b *browser) served(lang string) {
	b.t.Helper()
	for page, id := range map[string]string{"/participants?sort=stage": "people", "/queries?queries-sort=age": "t-queries", "/safety": "t-deviations", "/due?kind=diary": "t-due", "/forms?instrument=csd&part=items": "t-forms", "/corrections": "t-corrections", "/trail": "t-trail", "/trail?sort=what&whom=P0002": "t-trail", "/ledger?sort=by": "t-ledger"} {
		b.open(page)
		table := `document.getElementById("` + id + `")`
		shown := ask1[[][]string](b, shownTable+`(`+table+`)`)
		b.same(page+" "+lang, shown, ask1[string](b, `fetch(document.querySelector("a[data-of=`+id+`]").href).then((r) => r.text())`))
		narrowed := ask1[bool](b, `((box, t) => { if (!box) return false; box.value = t.tBodies[0].rows[0].textContent.trim().split(/\s/)[0]; box.dispatchEvent(new Event("input", {bubbles: true})); return [...t.tBodies[0].rows].some((r) => r.hidden); })(document.querySelector("[data-filter=`+id+`]"), `+table+`)`)
		if !narrowed {
			continue
		}
		shown = ask1[[][]string](b, shownTable+`(`+table+`)`)
		text := ask1[string](b, `(() => { let blob; const was = URL.createObjectURL; URL.createObjectURL = (b) => (blob = b, "#");
			const link = document.querySelector("a[data-of=`+id+`]"); link.addEventListener("click", (e) => e.preventDefault()); link.click(); URL.createObjectURL = was; return blob ? blob.text() : fetch(link.href).then((r) => r.text()); })()`)
		b.same(page+" narrowed "+lang, shown, text)
	}
}

// same holds a file against rows, and counts the cells that are guarded.
func (b *browser) same(what string, shown [][]string, text string) (guarded int) {
	b.t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != len(shown) {
		b.t.Errorf("%s: the file has %d rows, and the page %d: %v", what, len(rows), len(shown), err)
		return 0
	}
	for i, row := range rows {
		for j, cell := range row {
			if strings.HasPrefix(cell, "'") {
				guarded++
				row[j] = cell[1:]
			}
			row[j] = strings.Join(strings.Fields(row[j]), " ")
		}
		if !slices.Equal(row, shown[i]) {
			b.t.Errorf("%s: row %d of the file is\n%q, and on the page\n%q", what, i, row, shown[i])
		}
	}
	return guarded
}
