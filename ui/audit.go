package ui

import (
	"context"
	"encoding/hex"
	"net/url"
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
	Problems []string
}

// ledgerPage is a stretch of the ledger, the newest first.
type ledgerPage struct {
	Entries      []desk.Entry
	Total        uint64
	Newer, Older string // links
	Checkpoint   string
	Key          string
	Check        check
	Zone         *time.Location
	Filter       filter
	Kinds        []study.Kind
	Roles        []study.Role
	Tell         *speaker
	See          bool // the reader may look at people
}

// filter is which entries are looked for.
type filter struct {
	Kind  study.Kind
	Whom  string
	Actor string
	Role  study.Role
}

func (f filter) any() bool { return f != filter{} }

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

// link gives the address of a stretch with the same filter.
func (f filter) link(before uint64) string {
	q := url.Values{"before": {strconv.FormatUint(before, 10)}}
	for name, v := range map[string]string{"kind": string(f.Kind), "whom": f.Whom, "actor": f.Actor, "role": string(f.Role)} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return "/ledger?" + q.Encode()
}

const ledgerRows = 100

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
	before := p.Total
	if n, err := strconv.ParseUint(q.Get("before"), 10, 62); err == nil && n < p.Total {
		before = n
	}
	older, err := a.fill(&p, before)
	if err != nil {
		return view{}, err
	}
	if older > 0 {
		p.Older = p.Filter.link(older)
	}
	if before < p.Total && !p.Filter.any() {
		p.Newer = p.Filter.link(min(before+ledgerRows, p.Total))
	} else if before < p.Total {
		p.Newer = p.Filter.link(p.Total)
	}
	p.Check, err = a.verify(a.r.Context(), p.Total, q.Get("check") == "files")
	return view{page: "ledger", title: a.t("Ledger"), data: p}, err
}

// fill takes what fits backwards until a page is full, and gives where to go on.
func (a *ask) fill(p *ledgerPage, before uint64) (older uint64, err error) {
	if before == 0 {
		return 0, nil
	}
	var places []uint64
	err = a.see("see-ledger", "", func(st *study.State, _ time.Time) error {
		for place := range st.Select(p.Filter.selection(), before-1, true) {
			if places = append(places, place); len(places) > ledgerRows {
				break
			}
		}
		return nil
	})
	for i, place := range places {
		if i == ledgerRows {
			return place + 1, err
		}
		raw, err := a.Trial.Entries(a.r.Context(), place, 1)
		if err != nil {
			return 0, err
		}
		for _, e := range raw {
			read, err := a.Office.ReadEntry(a.r.Context(), a.caller, e)
			if err != nil {
				return 0, err
			}
			p.Entries = append(p.Entries, read)
		}
	}
	return 0, err
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
				c.Problems = append(c.Problems, fault.Text(err))
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
		c.Problems = append(c.Problems, fault.Text(err))
	case cp.Size == total && cp.Root != root:
		c.Problems = append(c.Problems, "the signed checkpoint is of other entries than these")
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
			c.Problems = append(c.Problems, "entry "+strconv.FormatUint(f.Index, 10)+": "+fault.Text(err))
		}
	}
}

func (a *ask) checkpoint() (view, error) {
	err := a.see("see-ledger", "", func(*study.State, time.Time) error { return nil })
	return view{file: &file{kind: "text/plain; charset=utf-8", name: "checkpoint", data: a.Trial.Checkpoint()}}, err
}
