package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store"
	"dvala/study"
)

// DoCmd gives a trial commands that are written down, one JSON object a line.
// All are read and rehearsed before any is done; with one problem none is.
type DoCmd struct {
	PlaceFlags
	Commands string `arg:"" optional:"" default:"-" type:"path" placeholder:"FILE" help:"The commands, one JSON object a line; - is standard input. (${default})"`
	Files    string `default:"." type:"path" placeholder:"DIR" help:"Where the files lie that the commands name. (${default})"`
	Rehearse bool   `help:"Say what would become of them, and do nothing."`
	Format   string `enum:"text,json" default:"text" help:"text or json: one line a command."`
}

// written is one line: a command with its circumstances.
type written struct {
	Do      string          `json:"do"`
	Key     string          `json:"key"`
	At      *time.Time      `json:"at"`
	Zone    string          `json:"zone"`
	Actor   string          `json:"actor"`
	Role    study.Role      `json:"role"`
	Subject study.Subject   `json:"subject"`
	Reason  string          `json:"reason"`
	Made    *time.Time      `json:"made"`
	Signed  *signed         `json:"signature"`
	Data    json.RawMessage `json:"data"`
}

// signed is a signature as it is written down: how the signer proved who she is
// is that she sits at this machine.
type signed struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

// meta gives a line's circumstances.
func (w written) meta(now time.Time) study.Meta {
	m := study.Meta{At: now, Zone: w.Zone, Actor: w.Actor, Role: w.Role, Reason: w.Reason, Key: w.Key, Subject: w.Subject, From: "shell"}
	if w.At != nil {
		m.At = w.At.UTC()
	}
	if w.Made != nil {
		m.Made = w.Made.UTC()
	}
	if w.Signed != nil {
		m.Signature = &study.Signature{Name: w.Signed.Name, Meaning: w.Signed.Meaning, Method: "shell"}
	}
	return m
}

// done is what became of a line.
type done struct {
	Line     int           `json:"line"`
	Do       string        `json:"do"`
	Key      string        `json:"key"`
	Subject  study.Subject `json:"subject,omitempty"`
	Entry    uint64        `json:"entry"` // the first it led to
	Entries  uint64        `json:"entries"`
	Repeated bool          `json:"repeated"` // it was on the ledger already
}

// Run does them.
func (c *DoCmd) Run(p *Program) error {
	ctx := context.Background()
	in, name := p.Stdin, "standard input"
	if c.Commands != "-" {
		f, err := os.Open(c.Commands)
		if err != nil {
			return fault.Wrap("file-unreadable", "", err).In(c.Commands)
		}
		defer f.Close()
		in, name = f, c.Commands
	}
	where, err := c.where()
	if err != nil {
		return err
	}
	trial, err := store.OpenAt(ctx, where)
	if err != nil {
		return err
	}
	defer trial.Close() // what was done is on disk by then
	r := commandReader{trial: trial, now: p.Now().UTC(), files: newFilesNamed(c.Files)}
	defer r.files.close()
	if err := r.read(in); err != nil {
		return inFile(name, err)
	}
	who, release, err := knownStaff(ctx, where, trial)
	if err != nil {
		return err
	}
	defer release()
	if err := r.mayAll(ctx, who); err != nil {
		return inFile(name, err)
	}
	if err := trial.DoubtClock(ctx, r.now); err != nil {
		return err
	}
	out, err := c.give(ctx, p, where, &r)
	if err != nil {
		return inFile(name, err)
	}
	return c.tell(p, out)
}

// give rehearses all commands, and then does them.
func (c *DoCmd) give(ctx context.Context, p *Program, where store.Where, r *commandReader) ([]done, error) {
	receipts, err := r.trial.Rehearse(ctx, r.items, r.files.blobs, nil)
	if err == nil {
		err = r.refusals(receipts)
	}
	if err == nil && !c.Rehearse {
		receipts, err = c.inEarnest(ctx, p, where, r)
	}
	if err != nil {
		return nil, err
	}
	out := make([]done, len(receipts))
	for i, got := range receipts {
		subject := got.Subject
		if subject == "" {
			subject = r.items[i].Meta.Subject
		}
		out[i] = done{r.lines[i], r.names[i], r.items[i].Meta.Key, subject, got.First, got.N, got.Repeated}
	}
	return out, nil
}

func (c *DoCmd) tell(p *Program, all []done) error {
	var b bytes.Buffer
	fresh := 0
	for _, d := range all {
		if !d.Repeated {
			fresh++
		}
		if c.Format == "json" {
			raw, err := json.Marshal(d)
			if err != nil {
				return err
			}
			b.Write(append(raw, '\n'))
			continue
		}
		entry := fmt.Sprintf("entry %d", d.Entry)
		switch {
		case d.Repeated:
			entry = "was done before"
		case d.Entries > 1:
			entry = fmt.Sprintf("entries %d to %d", d.Entry, d.Entry+d.Entries-1)
		}
		fmt.Fprintf(&b, "line %-4d %-20s %-6s %s\n", d.Line, d.Do, d.Subject, entry)
	}
	if c.Format == "text" {
		what := "done"
		if c.Rehearse {
			what = "would be done; nothing was"
		}
		fmt.Fprintf(&b, "%d of %s %s\n", fresh, counted(len(all), "command"), what)
	}
	_, err := p.Stdout.Write(b.Bytes())
	return err
}

// commandReader reads lines to commands.
type commandReader struct {
	trial *store.Trial
	now   time.Time
	files filesNamed
	keys  map[string]int // line, by key
	came  []cameLine
	items []store.Item
	names []string
	lines []int
}

// cameLine is a line as it came.
type cameLine struct {
	n   int
	raw []byte
}

// maxCommands is how many lines are taken at once: they are one transaction.
const maxCommands = 100_000

// read reads all lines, and gives the problems of all.
func (r *commandReader) read(in io.Reader) error {
	var bad fault.List
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, ledger.MaxEntry)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if len(r.came) == maxCommands {
			bad.Addf("commands-many", "", "there are more than %d commands", maxCommands).At(n).WithHint("give them in several files")
			break
		}
		r.came = append(r.came, cameLine{n, bytes.Clone(line)})
	}
	if err := lines.Err(); err != nil {
		p := fault.Wrap("file-unreadable", "", err).At(n + 1)
		if errors.Is(err, bufio.ErrTooLong) {
			p = fault.New("command-long", "", "the line is longer than %d bytes", ledger.MaxEntry).At(n + 1).
				WithHint("one command a line; what is long goes into a file that the command names")
		}
		bad.Add(p)
	}
	bad.Merge("command-form", "", r.parse())
	if len(bad) == 0 && len(r.items) == 0 {
		bad.Addf("commands-none", "", "there is no command").
			WithHint(`a line is like {"do":"screen","key":"s1","actor":"anna","role":"coordinator","data":{…}}`)
	}
	return bad.Err()
}

// parse makes commands of the lines.
func (r *commandReader) parse() error {
	r.keys, r.items, r.names, r.lines, r.files.blobs = map[string]int{}, nil, nil, nil, nil
	var bad fault.List
	for _, l := range r.came {
		if err := r.line(l.n, l.raw); err != nil {
			bad = append(bad, atLine(l.n, err)...)
		}
	}
	return bad.Err()
}

// atLine gives the problems of a line, placed.
func atLine(n int, err error) fault.List {
	var l fault.List
	l.Merge("command-form", "", err)
	for _, p := range l {
		if p.Line == 0 {
			p.At(n)
		}
	}
	return l
}

func (r *commandReader) line(n int, raw []byte) error {
	var w written
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		p := fault.New("command-form", "", "cannot be read as a command: %s", strings.TrimPrefix(err.Error(), "json: "))
		p.Cause = err
		return p.WithHint("a line is one JSON object with the members do, key, actor, role, and at, zone, subject, reason, data where they are needed")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New("command-form", "", "there is more on the line than one JSON object")
	}
	var bad fault.List
	switch first, twice := r.keys[w.Key]; {
	case w.Key == "":
		bad.Addf("command-key", "key", "is missing").WithHint("a name of your own, another for every command: with it the same file can be given twice, and is done once")
	case twice:
		bad.Addf("command-key", "key", "is that of line %d", first)
	default:
		r.keys[w.Key] = n
	}
	m := w.meta(r.now)
	if r.now.Add(time.Minute).Before(m.At) {
		bad.Addf("command-future", "at", "%s is still to come", m.At.Format(time.RFC3339)).WithHint("leave it out for now")
	}
	data, err := r.files.resolve(w, r.trial)
	bad.Merge("command-form", "data", err)
	if err == nil {
		m.Read = w.readsNight()
		cmd, err := study.ReadCommand(w.Do, data)
		bad.Merge("command-form", "data", err)
		r.items = append(r.items, store.Item{Cmd: cmd, Meta: m})
		r.names, r.lines = append(r.names, w.Do), append(r.lines, n)
	}
	return bad.Err()
}

// refusals gives why commands were refused, each with its line.
func (r *commandReader) refusals(receipts []store.Receipt) error {
	var bad fault.List
	for i, got := range receipts {
		if got.Err != nil {
			bad = append(bad, atLine(r.lines[i], got.Err)...)
		}
	}
	if len(bad) > 0 {
		bad.Addf("commands-refused", "", "nothing was done, because of the problems above")
	}
	return bad.Err()
}
