package ui

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"dvala/desk"
)

// A table that grows with the trial is searched and sorted here, shown a page at a
// time, and given whole as a file. Its place in the address is its name and a
// hyphen before q, sort, desc and from, so that two of them can stand on a page;
// file=name asks for the file.

// listRows is how many rows of such a table stand on a page.
const listRows = 200

// listColumn is a column: what the address calls it, what its heading says, what
// it holds in codes, and how the page says that.
type listColumn[T any] struct {
	id, name string
	words    bool // text, not figures: to the left
	text     func(T) string
	codes    string           // what sort of codes the text is ("deviation:"); anyCode: of no sort
	show     func(T) string   // how the page says it; nil: by codes
	order    func(a, b T) int // nil: as it is shown, if it is words; else by text
	also     func(T) string   // what a search finds the row by beside what is shown; nil: nothing
}

// anyCode is of codes that have no sort of their own.
const anyCode = "*"

// shown gives a cell as the page has it.
func (c listColumn[T]) shown(a *ask, row T) string {
	if c.show != nil {
		return c.show(row)
	}
	text := c.text(row)
	switch c.codes {
	case "":
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return moment(at, a.speaker().zone)
		}
		return text
	case anyCode:
		return a.words.tell(a.lang, text)
	}
	return a.words.coded(a.lang, c.codes, text)
}

// listing is a page of a table.
type listing[T any] struct {
	Name, Path    string
	Rows          []T
	All, Fit      int // rows there are, and those that are looked for
	From          int
	Search        string
	Heads         []tableHead
	Keep          []option // what else the address says, by name
	Before, After string   // links
	File, Codes   string   // links to the file, as shown and in codes
	Longer        bool     // than a page
}

// Sorted says whether the address says in which order.
func (l listing[T]) Sorted() bool {
	return slices.ContainsFunc(l.Heads, func(h tableHead) bool { return h.Order != "" })
}

// glance is how many rows one sees without looking for any.
const glance = 5

// Glance says whether a table is so short that nothing in it needs to be looked for.
func (l listing[T]) Glance() bool { return l.All <= glance && l.Search == "" }

// tableHead is a heading: a link that sorts by its column.
type tableHead struct {
	ID, Name, Order, Query string
	Words                  bool
}

// fields of a listing in the address.
func (l listing[T]) param(of string) string {
	if l.Name == "" {
		return of
	}
	return l.Name + "-" + of
}

// Param is that for the form.
func (l listing[T]) Param(of string) string { return l.param(of) }

// listed makes the page that the address asks for, or the file. reveal opens what
// is sealed in rows; nil where nothing is. It is done for the page alone, unless
// the whole is searched, sorted or taken away.
func listed[T any](a *ask, name string, rows []T, columns []listColumn[T], reveal func([]T) ([]T, error)) (listing[T], *file, error) {
	return listedBy(a, name, listRows, rows, columns, reveal)
}

// listedBy is that with so many rows on a page.
func listedBy[T any](a *ask, name string, most int, rows []T, columns []listColumn[T], reveal func([]T) ([]T, error)) (listing[T], *file, error) {
	q := a.r.URL.Query()
	l := listing[T]{Name: name, Path: a.r.URL.Path, All: len(rows)}
	l.Search = strings.TrimSpace(q.Get(l.param("q")))
	by, desc := q.Get(l.param("sort")), q.Get(l.param("desc")) != ""
	whole := l.Search != "" || by != "" || l.asked(q)
	var err error
	if whole && reveal != nil {
		if rows, err = reveal(slices.Clone(rows)); err != nil {
			return l, nil, err
		}
	}
	if l.Search != "" {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r T) bool { return !holds(a, r, columns, l.Search) })
	}
	rows = ordered(a, rows, columns, by, desc)
	l.Fit = len(rows)
	if l.asked(q) {
		f, err := fileOf(a, cmp.Or(name, strings.Trim(a.r.URL.Path, "/")), rows, columns, q.Get("as") == "codes")
		return l, f, err
	}
	from, _ := strconv.Atoi(q.Get(l.param("from"))) // what is no number is the first page
	l.From = min(max(from, 0), len(rows))
	to := min(l.From+most, len(rows))
	l.links(q, columns, by, desc, to, most)
	if l.Rows = rows[l.From:to]; !whole && reveal != nil {
		l.Rows, err = reveal(slices.Clone(l.Rows))
	}
	return l, nil, err
}

// asked says whether the address asks for this table's file.
func (l *listing[T]) asked(q url.Values) bool {
	return q.Has("file") && q.Get("file") == l.Name
}

// links gives the ways to the pages around this one, to the same table sorted
// otherwise, and to the file.
func (l *listing[T]) links(q url.Values, columns []listColumn[T], by string, desc bool, to, most int) {
	with := func(change func(url.Values)) string {
		v := url.Values{}
		for name, of := range q {
			if l.keeps(name) {
				v[name] = of
			}
		}
		change(v)
		if len(v) == 0 {
			return l.Path
		}
		return l.Path + "?" + v.Encode()
	}
	at := func(from int) string { return with(func(v url.Values) { v.Set(l.param("from"), strconv.Itoa(from)) }) }
	if l.From > 0 {
		l.Before = at(max(0, l.From-most))
	}
	if to < l.Fit {
		l.After = at(to)
	}
	l.Longer = l.Before != "" || l.After != ""
	l.File = with(func(v url.Values) { v.Del(l.param("from")); v.Set("file", l.Name) })
	l.Codes = with(func(v url.Values) { v.Del(l.param("from")); v.Set("file", l.Name); v.Set("as", "codes") })
	for _, c := range columns {
		h := tableHead{ID: c.id, Name: c.name, Words: c.words}
		again := by == c.id
		if again {
			h.Order = map[bool]string{false: "ascending", true: "descending"}[desc]
		}
		h.Query = with(func(v url.Values) {
			v.Del(l.param("from"))
			v.Del(l.param("desc"))
			if v.Set(l.param("sort"), c.id); again && !desc {
				v.Set(l.param("desc"), "1")
			}
		})
		l.Heads = append(l.Heads, h)
	}
	for _, name := range slices.Sorted(keys(q)) {
		if l.keeps(name) && name != l.param("q") && name != l.param("from") {
			l.Keep = append(l.Keep, option{name, q.Get(name)})
		}
	}
}

// keeps says whether a way from here on goes on saying something: not what was
// just done, nor how another table of the page is sorted.
func (l *listing[T]) keeps(name string) bool {
	whose, _, of := strings.Cut(name, "-")
	return name != "did" && name != "lang" && name != "file" && (!of || whose == l.Name)
}

func keys(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range q {
			if !yield(name) {
				return
			}
		}
	}
}

// holds says whether every word of a search is in a row, as the file has it or as
// the page says it.
func holds[T any](a *ask, row T, columns []listColumn[T], search string) bool {
	var text strings.Builder
	for _, c := range columns {
		cell := c.text(row)
		text.WriteString(cell + " " + a.words.tell(a.lang, cell) + " " + c.shown(a, row) + " ")
		if c.also != nil {
			text.WriteString(c.also(row) + " ")
		}
	}
	all := strings.ToLower(text.String())
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// ordered sorts rows by a column: words as the reader's language orders them,
// figures within words by their size.
func ordered[T any](a *ask, rows []T, columns []listColumn[T], by string, desc bool) []T {
	i := slices.IndexFunc(columns, func(c listColumn[T]) bool { return c.id == by })
	if i < 0 {
		return rows
	}
	less := columns[i].order
	switch {
	case less != nil:
	case columns[i].words:
		in := collate.New(language.Make(a.lang), collate.Numeric, collate.IgnoreCase)
		less = func(x, y T) int { return in.CompareString(columns[i].shown(a, x), columns[i].shown(a, y)) }
	default:
		less = func(x, y T) int { return natural(columns[i].text(x), columns[i].text(y)) }
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y T) int {
		if desc {
			return less(y, x)
		}
		return less(x, y)
	})
	return rows
}

// natural compares two texts, runs of digits in them as numbers: K9 before K10.
func natural(x, y string) int { return desk.Natural(x, y) }
