package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dvala/estimate"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
)

// CheckCmd reads a protocol, says everything that is wrong or weak about it,
// which SPIRIT items it leaves open, and what it amounts to. Warnings alone
// leave the exit code at 0.
type CheckCmd struct {
	File   string `arg:"" help:"The protocol file."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
}

// checkReport is what check says, for programs.
type checkReport struct {
	File     string                `json:"file"`
	OK       bool                  `json:"ok"`
	Problems []checkProblem        `json:"problems"`
	Open     []protocol.SpiritItem `json:"spirit_unanswered,omitempty"`
	Summary  *checkSummary         `json:"summary,omitempty"`
}

type checkProblem struct {
	Severity string `json:"severity"`
	*fault.Problem
}

// checkSummary is what a good protocol amounts to.
type checkSummary struct {
	ID           string   `json:"id"`
	Version      string   `json:"version"`
	SHA256       string   `json:"sha256"`
	Design       string   `json:"design"`
	Participants int      `json:"participants"`
	Arms         []string `json:"arms"`
	Cells        []string `json:"cells"`
	Visits       []string `json:"visits"`
	Estimands    []string `json:"estimands"`
	Sealable     bool     `json:"sealable"`
}

// Run checks the file.
func (cmd *CheckCmd) Run(p *Program) error {
	c, problems, err := checkProtocol(cmd.File)
	if err != nil {
		return err
	}
	if cmd.Format == "json" {
		err = writeCheckJSON(p.Stdout, cmd.File, c, problems)
	} else {
		err = writeCheckText(p.Stdout, cmd.File, c, problems)
	}
	if err != nil {
		return err
	}
	if problems.Err() != nil {
		return errPrinted
	}
	return nil
}

// checkProtocol reads a protocol and asks besides whether this version can
// estimate what it claims: what would be refused at the end is better refused
// at the start.
func checkProtocol(file string) (protocol.Checked, fault.List, error) {
	f, err := parseProtocol(file)
	c, problems := f.checked, f.problems
	if err != nil || c.IsZero() {
		return c, problems, err
	}
	for _, p := range estimate.Supported(c) {
		if p.Line == 0 {
			p.At(c.Line(p.Place))
		}
		problems.Add(p.In(file))
	}
	problems.Sort()
	return c, problems, nil
}

// protocolFile is a protocol as it was read from its file.
type protocolFile struct {
	source   []byte
	checked  protocol.Checked // zero where the problems forbid it
	problems fault.List
	lookup   func(instrument.ID) (*instrument.Definition, bool)
}

// parseProtocol reads a protocol, with the operator's instruments beside it.
func parseProtocol(path string) (protocolFile, error) {
	src, err := readProtocol(path)
	if err != nil {
		return protocolFile{}, err
	}
	byID, err := instrumentsBeside(path)
	if err != nil {
		return protocolFile{}, err
	}
	c, problems := protocol.Parse(src, protocol.File(path), protocol.Instruments(byID))
	return protocolFile{src, c, problems, byID}, nil
}

// instrumentsBeside looks instruments up among those inside the program, and
// after them among the operator's own: the files instruments/*.yaml beside the
// protocol. A name of the program's own cannot be taken.
func instrumentsBeside(file string) (func(instrument.ID) (*instrument.Definition, bool), error) {
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(file), "instruments", "*.yaml"))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(file)
	}
	own := map[instrument.ID]*instrument.Definition{}
	var problems fault.List
	for _, path := range paths {
		src, err := readProtocol(path)
		if err != nil {
			problems.Merge("file-unreadable", "", err)
			continue
		}
		d, err := instrument.Parse(src)
		if err != nil {
			var of fault.List
			of.Merge("instrument-form", "", err)
			problems = append(problems, of.In(path)...)
			continue
		}
		if _, taken := instrument.ByID(d.ID); taken || own[d.ID] != nil {
			problems.Addf("instrument-name-taken", "id", "there is an instrument %q already", d.ID).In(path)
			continue
		}
		own[d.ID] = d
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return func(id instrument.ID) (*instrument.Definition, bool) {
		if d, ok := instrument.ByID(id); ok {
			return d, true
		}
		d, ok := own[id]
		return d, ok
	}, nil
}

// readProtocol reads no more of a file than a protocol can be long, so that a
// wrong name does not fill the memory.
func readProtocol(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(path)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, protocol.MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(path)
	}
	return src, nil
}

func writeCheckJSON(w io.Writer, file string, c protocol.Checked, problems fault.List) error {
	out := checkReport{File: file, OK: problems.Err() == nil, Problems: []checkProblem{}}
	for _, p := range problems {
		out.Problems = append(out.Problems, checkProblem{p.Severity.String(), p})
	}
	if !c.IsZero() {
		out.Open = protocol.Unanswered(c)
		s := summarise(c)
		out.Summary = &s
	}
	return writeJSON(w, out)
}

func writeCheckText(w io.Writer, file string, c protocol.Checked, problems fault.List) error {
	var b strings.Builder
	if len(problems) > 0 {
		fmt.Fprintf(&b, "%s\n\n", problems.Text())
	}
	fmt.Fprintf(&b, "%s: %s\n", file, countProblems(problems))
	if !c.IsZero() {
		writeSpirit(&b, protocol.Unanswered(c))
		writeSummary(&b, c)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func countProblems(problems fault.List) string {
	errors, warnings := len(problems.Errors()), len(problems.Warnings())
	switch {
	case errors > 0:
		return fmt.Sprintf("%s and %s; the protocol cannot be used as it stands", counted(errors, "error"), counted(warnings, "warning"))
	case warnings > 0:
		return fmt.Sprintf("no errors and %s; the protocol can be used, and is weaker than it could be", counted(warnings, "warning"))
	}
	return "no errors and no warnings"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func writeSpirit(b *strings.Builder, open []protocol.SpiritItem) {
	all := len(protocol.SpiritItems())
	fmt.Fprintf(b, "\nSPIRIT 2025: %d of %d items answered", all-len(open), all)
	if len(open) == 0 {
		b.WriteString("\n")
		return
	}
	b.WriteString("; not answered:\n")
	for _, item := range open {
		where := "spirit." + item.Number
		if item.Field != "" {
			where = item.Field
		}
		fmt.Fprintf(b, "  %-4s %s (%s)\n", item.Number, item.Title, where)
	}
}

func writeSummary(b *strings.Builder, c protocol.Checked) {
	s := summarise(c)
	fmt.Fprintf(b, "\n%s, version %s: %s\n", s.ID, s.Version, c.Protocol().Title)
	line := func(label string, what ...string) {
		for i, w := range what {
			if i > 0 {
				label = ""
			}
			fmt.Fprintf(b, "  %-11s %s\n", label, w)
		}
	}
	line("SHA-256", s.SHA256)
	line("design", s.Design)
	line("arms", s.Arms...)
	line("cells", strings.Join(s.Cells, "  "))
	line("visits", s.Visits...)
	line("estimands", s.Estimands...)
	if !s.Sealable {
		line("sealing", "waits for the custodian's key")
	}
}

func summarise(c protocol.Checked) checkSummary {
	p := c.Protocol()
	_, sealable := c.Recipient()
	s := checkSummary{
		ID: p.ID, Version: p.Version, SHA256: c.HashHex(), Design: designInWords(p.Design),
		Participants: p.Design.Participants, Sealable: sealable,
	}
	for _, a := range p.Arms {
		s.Arms = append(s.Arms, fmt.Sprintf("%s, %s", a.ID, a.Role))
	}
	for _, x := range c.Cells() {
		s.Cells = append(s.Cells, x.Key)
	}
	for _, v := range p.Visits {
		s.Visits = append(s.Visits, visitInWords(v))
	}
	for _, e := range c.InOrder() {
		s.Estimands = append(s.Estimands, estimandInWords(e))
	}
	return s
}

func designInWords(d protocol.Design) string {
	out := fmt.Sprintf("%s, %s", d.Kind, counted(d.Participants, "participant"))
	if d.RunInDays > 0 {
		out += fmt.Sprintf(", %s of run-in", counted(d.RunInDays, "day"))
	}
	out += fmt.Sprintf(", %s of treatment", counted(d.TreatmentDays, "day"))
	if d.Periods > 1 {
		out += fmt.Sprintf(" in each of %d periods, %s between", d.Periods, counted(d.WashoutDays, "day"))
	}
	return out
}

func visitInWords(v protocol.Visit) string {
	out := fmt.Sprintf("%s on day %d", v.ID, v.Day)
	if v.Before > 0 || v.After > 0 {
		out += fmt.Sprintf(" (day %d to %d)", v.Day-v.Before, v.Day+v.After)
	}
	if len(v.Instruments) > 0 {
		out += ": " + strings.Join(v.Instruments, ", ")
	}
	return out
}

func estimandInWords(e protocol.Estimand) string {
	v := e.Variable
	when := "at " + v.Visit
	switch {
	case v.Nights != nil:
		when = fmt.Sprintf("over nights %d to %d", v.Nights.From, v.Nights.To)
	case len(v.Visits) > 0:
		when = "at " + strings.Join(v.Visits, " and ")
	case v.Visit == "":
		when = "to the end of treatment"
	}
	out := string(e.Place)
	if e.Order > 0 {
		out += fmt.Sprintf(" %d", e.Order)
	}
	return fmt.Sprintf("%s, %s: %s %s, %s minus %s, %s", e.ID, out, v.Outcome, when, e.Treatment.Treatment, e.Treatment.Comparator, e.Model.Kind)
}
