package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/ledger"
	"dvala/store"
	"dvala/study"
)

// ShowCmd prints any file of ours for a person.
type ShowCmd struct {
	Path string `arg:"" type:"path" help:"A file, or the directory of a trial."`
	All  bool   `help:"Print all of what is long."`
}

// longest is the size of the longest file that is read to be shown.
const longest = 512 << 20

// Run shows.
func (c *ShowCmd) Run(p *Program) error {
	info, err := os.Stat(c.Path)
	if err != nil {
		return fault.Wrap("file-unreadable", "", err).In(c.Path)
	}
	s := &show{Program: p, path: c.Path, all: c.All}
	if info.IsDir() {
		return s.directory()
	}
	raw, err := readWhole(c.Path, longest)
	if err != nil {
		return err
	}
	return s.file(raw)
}

// show is one showing.
type show struct {
	*Program
	path string
	all  bool
}

func (s *show) say(format string, args ...any) { fmt.Fprintf(s.Stdout, format+"\n", args...) }

// pairs prints what and what of it, aligned. A pair without a value is left out.
func (s *show) pairs(of ...string) {
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(of); i += 2 {
		if of[i+1] != "" {
			fmt.Fprintf(w, "  %s\t%s\n", of[i], of[i+1])
		}
	}
	_ = w.Flush() // standard output that is gone is noticed by the next line
}

// kinds are the files we know, and how each begins.
var kinds = []struct {
	is   func(raw []byte) bool
	show func(s *show, raw []byte) error
}{
	{begins("dvala-ledger 1\n"), (*show).ledger},
	{begins("dvala-sealed-list 1\n"), (*show).sealed},
	{begins("dvala-openings 1\n"), (*show).openings},
	{begins("PRIVATE+KEY+"), (*show).signingKey},
	{holds("AGE-SECRET-KEY-"), (*show).custodianKey},
	{begins("age-encryption.org/v1\n"), (*show).encrypted},
	{begins("SQLite format 3\x00"), (*show).database},
	{isCheckpoint, (*show).checkpoint},
	{isPublicKey, (*show).publicKey},
	{hasMembers("estimands", "trial", "arms"), (*show).results},
	{hasMembers("date", "zone", "main"), (*show).night},
	{hasMembers("seq", "kind", "data"), (*show).entry},
	{isDefinition, (*show).definition},
	{isProtocol, (*show).protocol},
}

func (s *show) file(raw []byte) error {
	for _, k := range kinds {
		if k.is(raw) {
			return inFile(s.path, k.show(s, raw))
		}
	}
	return fault.New("file-kind", "", "is no file of Dvala's that can be recognised").In(s.path).
		WithHint("dvala score reads nights of other programs; a report is for a browser")
}

func begins(with string) func([]byte) bool {
	return func(raw []byte) bool { return bytes.HasPrefix(raw, []byte(with)) }
}

func holds(what string) func([]byte) bool {
	return func(raw []byte) bool { return len(raw) < 1<<16 && bytes.Contains(raw, []byte(what)) }
}

// longestJSON is the size of the longest JSON file of ours; the long ones are
// lists of lines.
const longestJSON = 16 << 20

// hasMembers recognises a JSON object by members that it has.
func hasMembers(names ...string) func([]byte) bool {
	return func(raw []byte) bool {
		if len(raw) > longestJSON || !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
			return false
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(raw, &m) != nil {
			return false
		}
		return !slices.ContainsFunc(names, func(n string) bool { return m[n] == nil })
	}
}

// directory shows a trial's directory, or an export.
func (s *show) directory() error {
	if _, err := os.Stat(filepath.Join(s.path, "trial.db")); err == nil {
		return s.trial()
	}
	for _, name := range []string{"ledger.dvl", filepath.Join("export", "ledger.dvl"), filepath.Join("trial", "ledger.dvl")} {
		if raw, err := readWhole(filepath.Join(s.path, name), longest); err == nil {
			s.path = filepath.Join(s.path, name)
			return s.ledger(raw)
		}
	}
	return fault.New("store-none", "", "there is neither a trial nor an export of one in this directory").In(s.path)
}

func (s *show) trial() error {
	ctx := context.Background()
	t, err := store.Read(ctx, s.path)
	if err != nil {
		return err
	}
	defer t.Close()
	var o desk.Overview
	var digest string
	t.View(func(st *study.State) {
		o = desk.NewOverview(st, s.Now())
		digest, err = st.Digest()
	})
	if err != nil {
		return err
	}
	s.say("Trial %s: %s", o.Trial, o.Title)
	f := o.Flow
	n := func(x int) string { return fmt.Sprint(x) }
	made := ""
	if o.Simulated {
		made = "made up"
	}
	s.pairs(
		"question", o.Question, "state", string(o.Phase), "people", made,
		"screened", n(f.Screened), "not eligible", n(f.NotEligible), "enrolled", n(f.Enrolled),
		"randomised", fmt.Sprintf("%d of %d planned", f.Randomised, o.Planned), "left the trial", n(f.LeftTrial),
		"completed", n(f.Completed), "adverse events", fmt.Sprintf("%d, serious %d", o.Adverse, o.Serious),
		"corrections", n(o.Corrections), "ledger", fmt.Sprintf("%d entries, held against the signed checkpoint", o.Entries),
		"state digest", digest, "public key", t.PublicKey().String(),
	)
	for _, need := range o.Today {
		s.say("  needs a person: %d × %s", need.N, need.What)
	}
	if !s.all {
		return nil
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\ncode\tstage\tstratum\trandomised\tdiaries\tnights\tdoses\tadverse\tneeds\n")
	t.View(func(st *study.State) {
		for _, l := range desk.People(st, o.AsOf) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d/%d\t%d/%d\t%d\t%d\t%s\n", l.Subject, l.Stage, l.Cell, l.Randomised,
				l.Diaries.Got, l.Diaries.Due, l.Nights.Got, l.Nights.Due, l.Doses, l.Adverse, strings.Join(l.Needs, ", "))
		}
	})
	return w.Flush()
}

// ledger shows an exported ledger and what is wrong with it.
func (s *show) ledger(raw []byte) error {
	x, bad := ledger.ReadExport(bytes.NewReader(raw))
	if x.Log == nil {
		return bad
	}
	entries := x.Log.Entries()
	s.say("Ledger of %s, %d entries", x.Key.Origin(), len(entries))
	if bad == nil {
		s.pairs("public key", x.Key.String(), "root", x.Checkpoint.Root.String(), "checkpoint", "signed by the key, and of these entries")
	}
	const few = 20
	from := 0
	if !s.all && len(entries) > few {
		from = len(entries) - few
		s.say("  the last %d entries; --all prints the others too", few)
	}
	if err := s.entries(entries[from:]); err != nil {
		return err
	}
	if bad != nil {
		return bad
	}
	return nil
}

func (s *show) entries(entries []ledger.Entry) error {
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		d, err := desk.NewEntry(e)
		if err != nil {
			fmt.Fprintf(w, "%d\tcannot be read: %s\n", e.Index, strings.ReplaceAll(fault.Text(err), "\n", " "))
			continue
		}
		about := d.About
		if d.Reason != "" {
			about += " (" + d.Reason + ")"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", d.Index, d.At.Format(time.DateTime), d.Kind, d.Subject, d.Actor, oneLine(about))
	}
	return w.Flush()
}

// oneLine keeps text of people from breaking the table, or the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func (s *show) entry(raw []byte) error {
	var at struct {
		Seq uint64 `json:"seq"`
	}
	raw = bytes.TrimSpace(raw)
	if err := json.Unmarshal(raw, &at); err != nil {
		return fault.Wrap("file-kind", "", err).In(s.path)
	}
	if err := s.entries([]ledger.Entry{{Index: at.Seq, Bytes: raw}}); err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return err
	}
	_, err := io.Copy(s.Stdout, &pretty)
	s.say("")
	return err
}
