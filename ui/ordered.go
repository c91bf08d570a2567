package ui

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"dvala/desk"
	"dvala/study"
)

// The trail and the ledger hold a million entries, of which a page reads a hundred:
// they are put in order over all of them by what the register knows of each without
// reading it, and not by what each says. Their place in the address is sort, desc
// and from as in a listing, but for from, which names the entry that a page begins
// with. Said nothing, the newest comes first.

// entryRows is how many entries stand on a page.
const entryRows = 100

// orders are what the columns of such a table are put in order by.
var orders = map[string]study.By{"entry": study.ByEntry, "when": study.ByEntry, "what": study.ByKind, "whom": study.BySubject, "by": study.ByActor}

// entryList is a page of such a table.
type entryList struct {
	Name, Path    string
	Heads         []tableHead
	Keep          []option // how it is sorted, for a form
	Unsorted      string   // the columns that do not put it in order
	Before, After string   // links
	File, Codes   string   // links to the file, as shown and in codes
}

// sorting is the order that the address asks for.
func (a *ask) sorting() study.Sorting {
	q := a.r.URL.Query()
	by, known := orders[q.Get("sort")]
	if !known {
		return study.Sorting{By: study.ByEntry, Down: true}
	}
	return study.Sorting{By: by, Down: q.Get("desc") != "", Kinds: a.kindOrder()}
}

// kindOrder compares kinds as the reader's language orders their words.
func (a *ask) kindOrder() func(x, y study.Kind) int {
	in := collate.New(language.Make(a.lang), collate.Numeric, collate.IgnoreCase)
	said := func(k study.Kind) string { return a.words.coded(a.lang, "kind:", string(k)) }
	return func(x, y study.Kind) int { return in.CompareString(said(x), said(y)) }
}

// begins is the entry that a page begins with; nil: the first in its order.
func (a *ask) begins() *uint64 {
	n, err := strconv.ParseUint(a.r.URL.Query().Get("from"), 10, 62)
	if err != nil {
		return nil
	}
	return &n
}

// entryListOf gives the ways from a page: those of its columns that order all of it
// are links, the others are words.
func entryListOf[T any](a *ask, name string, columns []listColumn[T], around desk.Stretch) entryList {
	q := a.r.URL.Query()
	l := entryList{Name: name, Path: a.r.URL.Path}
	with := func(change func(url.Values)) string {
		v := url.Values{}
		for name, of := range q {
			if name != "did" && name != "lang" && name != "file" && name != "as" && name != "check" && of[0] != "" {
				v[name] = of[:1]
			}
		}
		change(v)
		if len(v) == 0 {
			return l.Path
		}
		return l.Path + "?" + v.Encode()
	}
	begin := func(at *uint64) string {
		return with(func(v url.Values) {
			if v.Del("from"); at != nil {
				v.Set("from", strconv.FormatUint(*at, 10))
			}
		})
	}
	if around.Next != nil {
		l.After = begin(around.Next)
	}
	if around.First || around.Before != nil {
		l.Before = begin(around.Before)
	}
	l.File = with(func(v url.Values) { v.Del("from"); v.Set("file", name) })
	l.Codes = with(func(v url.Values) { v.Del("from"); v.Set("file", name); v.Set("as", "codes") })
	sorted, desc := q.Get("sort"), q.Get("desc") != ""
	if _, known := orders[sorted]; !known {
		sorted, desc = "entry", true
	}
	var unsorted []string
	for _, c := range columns {
		h := tableHead{ID: c.id, Name: c.name, Words: c.words}
		if c.id == sorted {
			h.Order = map[bool]string{false: "ascending", true: "descending"}[desc]
		}
		if _, sorts := orders[c.id]; sorts {
			h.Query = with(func(v url.Values) {
				v.Del("from")
				v.Del("desc")
				if v.Set("sort", c.id); c.id == sorted && !desc {
					v.Set("desc", "1")
				}
			})
		}
		if h.Query == "" {
			unsorted = append(unsorted, "“"+a.t(c.name)+"”")
		}
		l.Heads = append(l.Heads, h)
	}
	l.Unsorted = strings.Join(unsorted, ", ")
	for _, of := range []string{"sort", "desc"} {
		if q.Get(of) != "" {
			l.Keep = append(l.Keep, option{of, q.Get(of)})
		}
	}
	return l
}

// poured gives a table of entries as a file, in the order in which they are asked
// for, some at a time: more gives the next of them, and none once there are no more.
func poured[T any](a *ask, name string, columns []listColumn[T], codes bool, more func() ([]T, error)) (*file, error) {
	first, err := fileOf(a, name, nil, columns, codes) // the heading
	if err != nil {
		return nil, err
	}
	next := func() ([]byte, error) {
		rows, err := more()
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		for _, r := range rows {
			_ = w.Write(fileRow(a, r, columns, codes)) // into memory
		}
		w.Flush()
		return b.Bytes(), w.Error()
	}
	part, err := next() // what cannot be read at all is a page that says so
	if err != nil {
		return nil, err
	}
	first.stream, first.data, first.size = &pouring{part: slices.Concat(first.data, part), more: next}, nil, -1
	return first, nil
}

// pouring is read while it is being made.
type pouring struct {
	part []byte
	more func() ([]byte, error)
	over bool
}

func (p *pouring) Read(b []byte) (int, error) {
	for len(p.part) == 0 {
		if p.over {
			return 0, io.EOF
		}
		var err error
		if p.part, err = p.more(); err != nil {
			return 0, err
		}
		p.over = len(p.part) == 0
	}
	n := copy(b, p.part)
	p.part = p.part[n:]
	return n, nil
}

func (p *pouring) Close() error { return nil }
