package ui

import (
	"bytes"
	"net/http"
)

// tried shows what was tried with made-up people.
func (f *first) tried(w http.ResponseWriter, r *http.Request) {
	if t, ok := f.maker.(Trier); ok {
		if err := t.Show(); err != nil {
			f.show(w, r, firstPage{Step: "choose", Templates: f.maker.Templates(), Problem: f.told(f.lang(r), err)}, "A trial to begin with")
			return
		}
		f.stay(w, r)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// back leads from there to where the real trial begins.
func (f *first) back(w http.ResponseWriter, r *http.Request) {
	if t, ok := f.maker.(Trier); ok {
		t.Back()
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// helper gives the sheet with all that the helper does, in the language of the
// trial: a file of its own, to be printed or sent.
func (f *first) helper(w http.ResponseWriter, r *http.Request) {
	p := firstPage{Plan: planOf(r.PostFormValue("source"), f.lang(r))}
	if p.Plan == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	lang, name := p.Plan.Lang, map[string]string{"en": "helper.html", "sv": "medhjalpare.html"}
	if _, ok := f.pages[lang]; !ok {
		lang = "en"
	}
	p.Plan = planOf(r.PostFormValue("source"), lang)
	var b bytes.Buffer
	if err := f.pages[lang].ExecuteTemplate(&b, "helper-sheet", p); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name[lang]+`"`)
	_, _ = w.Write(b.Bytes()) // a reader that went away needs no answer
}
