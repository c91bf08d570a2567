package ui

import (
	"io"
	"strconv"

	"dvala/study"
)

// longestCopy bounds the copy of a consent.
const longestCopy = 4 << 20

// consentFile gives the copy of one of a person's consents, counted from 1, as it
// was stored when she gave it, to whoever may read her files.
func (a *ask) consentFile() (view, error) {
	who := study.Subject(a.r.PathValue("person"))
	n, err := strconv.Atoi(a.r.PathValue("n"))
	var f *study.File
	if err == nil {
		err = a.Office.See(a.r.Context(), a.caller, "see-person", who, func(st *study.State) error {
			if all := st.People[who].Consents; n > 0 && n <= len(all) {
				f = all[n-1].Document
			}
			return nil
		})
	}
	if err != nil || f == nil {
		return view{}, noPage(a.r.URL.Path)
	}
	r, err := a.Office.OpenFile(a.r.Context(), a.caller, who, *f)
	if err != nil {
		return view{}, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, longestCopy))
	return view{file: &file{kind: "text/html; charset=utf-8", name: "consent-" + string(who) + "-" + strconv.Itoa(n) + ".html", data: raw}}, err
}
