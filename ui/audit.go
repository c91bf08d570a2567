package ui

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

// check is what verifying the ledger and its files came to, at a size.
type check struct {
	size     uint64
	tree     ledger.Frontier
	Held     bool // the files, too
	Files    int
	Root     string
	Problems fault.List
}

// ledgerPage is a stretch of the ledger, the newest first.
type ledgerPage struct {
	Entries    []desk.Entry
	Total      uint64
	List       entryList
	Checkpoint string
	Key        string
	Check      check
	Zone       *time.Location
	Filter     filter
	Kinds      []study.Kind
	Roles      []study.Role
	Tell       *speaker
	See        bool // the reader may look at people
}

// filter is which entries are looked for.
type filter struct {
	Kind  study.Kind
	Whom  string
	Actor string
	Role  study.Role
}

// selection is what of the ledger is looked for; an actor by any part of the name.
func (f filter) selection() study.Selection {
	return study.Selection{
		Subject: study.Subject(strings.ToUpper(f.Whom)), Kinds: f.kinds(), Role: f.Role,
		Actor: func(name string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(f.Actor)) },
	}
}

func (f filter) kinds() []study.Kind {
	if f.Kind == "" {
		return nil
	}
	return []study.Kind{f.Kind}
}

func (a *ask) ledger() (view, error) {
	q := a.r.URL.Query()
	p := ledgerPage{
		See:        a.may("see-people", ""),
		Checkpoint: string(a.Trial.Checkpoint()), Key: a.Trial.PublicKey().String(), Kinds: study.Kinds(), Roles: desk.Roles(),
		Tell:   a.speaker(),
		Filter: filter{study.Kind(q.Get("kind")), strings.TrimSpace(q.Get("whom")), strings.TrimSpace(q.Get("actor")), study.Role(q.Get("role"))},
	}
	err := a.see("see-ledger", "", func(st *study.State, _ time.Time) error {
		p.Total, p.Zone = st.Entries, st.Protocol.Zone()
		return nil
	})
	if err != nil {
		return view{}, err
	}
	ask := desk.LedgerQuery{Pick: p.Filter.selection(), By: a.sorting(), Most: entryRows}
	if q.Get("file") == "ledger" {
		codes := q.Get("as") == "codes"
		f, err := poured(a, "ledger", p.columns(a, codes), codes, a.ledgerOnwards(ask))
		return view{file: f}, err
	}
	ask.From = a.begins()
	around, entries, err := a.ledgerPage(ask)
	if err != nil {
		return view{}, err
	}
	p.Entries, p.List = entries, entryListOf(a, "ledger", p.columns(a, false), around)
	p.Check, err = a.verify(a.r.Context(), p.Total, q.Get("check") == "files")
	return view{page: "ledger", title: a.t("Ledger"), data: p}, err
}

// ledgerPage reads a page of what is looked for, as far as the reader may read it.
func (a *ask) ledgerPage(ask desk.LedgerQuery) (desk.Stretch, []desk.Entry, error) {
	around, raw, _, err := a.Office.LedgerStretch(a.r.Context(), a.caller, ask)
	if err != nil {
		return around, nil, err
	}
	out := make([]desk.Entry, len(raw))
	for i, e := range raw {
		if out[i], err = a.Office.ReadEntry(a.r.Context(), a.caller, e); err != nil {
			return around, nil, err
		}
	}
	return around, out, nil
}

// ledgerOnwards gives all that is looked for, some at a time.
func (a *ask) ledgerOnwards(ask desk.LedgerQuery) func() ([]desk.Entry, error) {
	ask.Most = onwardsRows
	over := false
	return func() ([]desk.Entry, error) {
		if over {
			return nil, nil
		}
		around, entries, err := a.ledgerPage(ask)
		ask.From, over = around.Next, around.Next == nil
		return entries, err
	}
}

// columns of the ledger: as the page has them, or, of the file in codes, one each,
// with the hash and the bytes.
func (p ledgerPage) columns(a *ask, codes bool) []listColumn[desk.Entry] {
	type row = desk.Entry
	out := []listColumn[row]{
		{id: "entry", name: "Entry", text: func(r row) string { return strconv.FormatUint(r.Index, 10) }},
		{id: "when", name: "When", text: func(r row) string { return stamp(r.At) }, show: func(r row) string { return moment(r.At, p.Zone) }},
		{id: "what", name: "What", words: true, codes: "kind:", text: func(r row) string { return string(r.Kind) }},
		{id: "whom", name: "Whom", words: true, text: func(r row) string { return string(r.Subject) }},
		{id: "says", name: "Says", words: true, text: func(r row) string { return r.Raw }, show: func(r row) string {
			return strings.TrimSpace(p.Tell.Line(r.Says) + " " + r.Reason)
		}},
		{id: "by", name: "By", words: true, text: func(r row) string { return r.Actor }, show: func(r row) string {
			return strings.TrimSpace(r.Actor + " " + a.words.coded(a.lang, "role:", string(r.Role)))
		}},
	}
	if codes {
		out = append(
			out,
			listColumn[row]{id: "role", text: func(r row) string { return string(r.Role) }},
			listColumn[row]{id: "zone", text: func(r row) string { return r.Zone }},
			listColumn[row]{id: "hash", text: func(r row) string { return r.Hash }},
		)
	}
	return out
}

// indexStep is how many entries are read at a time.
const indexStep = 4096

// verify holds the entries against the signed checkpoint: those that are new
// since it was asked last, for what is before them has been hashed already. With
// files it holds every file that an entry names against its hash, too.
func (s *Server) verify(ctx context.Context, total uint64, files bool) (check, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.checked
	c.Problems = slices.Clip(c.Problems)
	from := c.size
	if files {
		from, c = 0, check{}
	}
	seen := map[string]bool{}
	for at := from; at < total; {
		entries, err := s.Trial.Entries(ctx, at, min(indexStep, total-at))
		if err != nil || len(entries) == 0 {
			return c, err
		}
		for _, e := range entries {
			c.tree, _ = c.tree.Append(e.Bytes)
			if f, err := study.Decode(e); err != nil {
				c.Problems.Merge("store-damaged", entryPlace(e.Index), err)
			} else if files {
				s.holdFiles(&c, f, seen)
			}
		}
		at += uint64(len(entries))
	}
	c.size = total
	root := c.tree.Root()
	c.Root = hex.EncodeToString(root[:])
	s.checked = c
	if total == 0 {
		return c, nil
	}
	cp, err := ledger.OpenCheckpoint(s.Trial.Checkpoint(), s.Trial.PublicKey())
	switch {
	case err != nil:
		c.Problems.Merge("store-damaged", "checkpoint", err)
	case cp.Size == total && cp.Root != root:
		c.Problems.Addf("store-damaged", "checkpoint", "the signed checkpoint is of other entries than these")
	}
	return c, nil
}

func (s *Server) holdFiles(c *check, f study.Fact, seen map[string]bool) {
	c.Held = true
	for _, file := range study.Files(f.Event) {
		if seen[file.SHA256] {
			continue
		}
		seen[file.SHA256] = true
		c.Files++
		if _, err := s.Trial.Blob(file.SHA256); err != nil {
			c.Problems.Merge("store-damaged", "", err)
			c.Problems[len(c.Problems)-1].Place = entryPlace(f.Index)
		}
	}
}

func entryPlace(n uint64) string { return "entry " + strconv.FormatUint(n, 10) }

func (a *ask) checkpoint() (view, error) {
	err := a.see("see-ledger", "", func(*study.State, time.Time) error { return nil })
	return view{file: &file{kind: "text/plain; charset=utf-8", name: "checkpoint", data: a.Trial.Checkpoint()}}, err
}
