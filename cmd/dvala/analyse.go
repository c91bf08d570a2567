package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dvala/civil"
	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
)

// AnalyseCmd analyses a trial of ours, on its openings or on a dummy allocation
// before them, or a trial that was run elsewhere, from its tables and a mapping
// file.
type AnalyseCmd struct {
	PlaceFlags
	Protocol string `help:"The protocol of a trial run elsewhere." type:"path"`
	Data     string `help:"The directory with its tables." type:"path"`
	Mapping  string `help:"How its tables are to be read; mapping.yaml beside the protocol unless given." type:"path"`
	Out      string `help:"Where the report goes; numbers and hashes go beside it, and where the protocol has Swedish the report in Swedish, as report.sv.html." default:"report.html" type:"path"`
}

// Run analyses, and writes the report, its numbers and its provenance.
func (c *AnalyseCmd) Run(p *Program) error {
	var a analysis
	var err error
	switch {
	case c.named() == (c.Data != ""):
		return fault.New("analyse-what", "", "what to analyse is not named, or twice").
			WithHint("give --dir or --database for a trial of ours, or --protocol and --data for one run elsewhere; DVALA_DIR and DVALA_DATABASE count, too")
	case c.named():
		a, err = c.ours(p)
	case c.Protocol != "":
		a, err = c.elsewhere(p)
	default:
		return fault.New("analyse-what", "--data", "tables are read by a protocol, and none is named").WithHint("give --protocol FILE")
	}
	if err != nil {
		return err
	}
	if err := c.write(a); err != nil {
		return err
	}
	tellResults(p, a.Results)
	fmt.Fprintf(p.Stdout, "report   %s\n", c.Out)
	for _, in := range a.Translated {
		fmt.Fprintf(p.Stdout, "report   %s\n", inLang(c.Out, in.Lang))
	}
	fmt.Fprintf(p.Stdout, "numbers  %s\nhashes   %s\n", c.beside("results.json"), c.beside("provenance.json"))
	return nil
}

// beside names a file next to the report: report.results.json for report.html.
func (c *AnalyseCmd) beside(suffix string) string {
	return strings.TrimSuffix(c.Out, filepath.Ext(c.Out)) + "." + suffix
}

func (c *AnalyseCmd) write(a analysis) error {
	if err := os.MkdirAll(filepath.Dir(c.Out), 0o755); err != nil {
		return fault.Wrap("file-unwritable", c.Out, err)
	}
	type file struct {
		path string
		b    []byte
	}
	files := []file{{c.Out, a.Report}, {c.beside("results.json"), a.JSON}, {c.beside("provenance.json"), a.Provenance}}
	for _, in := range a.Translated {
		files = append(files, file{inLang(c.Out, in.Lang), in.Page})
	}
	for _, f := range files {
		if err := writeWhole(f.path, f.b); err != nil {
			return err
		}
	}
	return nil
}

// ours analyses a trial directory.
func (c *AnalyseCmd) ours(p *Program) (analysis, error) {
	t, err := c.read(context.Background())
	if err != nil {
		return analysis{}, err
	}
	defer t.Close()
	if t.State().Openings == nil {
		fmt.Fprintln(p.Stderr, "The openings are not on the ledger yet: this report is on a dummy allocation, and its arms are nobody's.")
	}
	return analyseTrial(t)
}

// elsewhere analyses a trial from its tables.
func (c *AnalyseCmd) elsewhere(p *Program) (analysis, error) {
	checked, problems, err := checkProtocol(c.Protocol)
	if err != nil {
		return analysis{}, err
	}
	if err := problems.Err(); err != nil {
		return analysis{}, err
	}
	file := c.Mapping
	if file == "" {
		file = filepath.Join(filepath.Dir(c.Protocol), "mapping.yaml")
	}
	src, err := readProtocol(file)
	if err != nil {
		return analysis{}, err
	}
	mapping, problems := estimate.ParseMapping(src, estimate.MappingFile(file))
	if err := problems.Err(); err != nil {
		return analysis{}, err
	}
	data, hash, problems := estimate.FromTables(checked, mapping, os.DirFS(c.Data))
	if err := problems.Err(); err != nil {
		return analysis{}, err
	}
	if w := problems.Warnings(); len(w) > 0 {
		fmt.Fprintln(p.Stderr, w.Text())
	}
	results, err := estimate.Analyse(checked, data, false, externalProvenance(checked, hash))
	if err != nil {
		return analysis{}, err
	}
	return render(results, checked)
}

func externalProvenance(c protocol.Checked, data string) estimate.Provenance {
	return estimate.Provenance{
		Program: Release(), ProtocolHash: c.HashHex(), DataHash: data, ZoneRules: civil.ZoneRules,
	}
}

// tellResults says on the terminal what each estimand gave.
func tellResults(p *Program, r estimate.Results) {
	for _, e := range r.Estimands {
		fmt.Fprintf(p.Stdout, "%s (%s, %s)\n  %s\n", e.ID, e.Place, e.Claim, e.Sentence)
	}
	for _, c := range r.Checks {
		mark := "note"
		if c.Held != nil {
			mark = map[bool]string{true: "held", false: "NOT HELD"}[*c.Held]
		}
		fmt.Fprintf(p.Stdout, "check %s: %s: %s\n", mark, c.What, c.Detail)
	}
}
