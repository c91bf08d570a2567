package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"dvala/edf"
	"dvala/fault"
)

// EdfCmd prints what EDF and BDF files hold, and repairs them.
type EdfCmd struct {
	Files       []string `arg:"" name:"file" type:"path" help:"EDF, EDF+, BDF or BDF+ files."`
	Format      string   `enum:"text,json" default:"text" help:"text or json."`
	Annotations bool     `help:"Print every annotation, also when there are many."`
	Repair      string   `type:"path" placeholder:"FILE" help:"Write the one file again with a header by the letter of the format; its records stay as they are."`
}

// edfReport is one file, for programs.
type edfReport struct {
	File          string          `json:"file"`
	Kind          edf.Format      `json:"kind"`
	Start         string          `json:"start,omitempty"` // by the clock of the recorder
	Patient       string          `json:"patient"`
	Recording     string          `json:"recording"`
	Records       int             `json:"records"`
	RecordS       float64         `json:"record_s"`
	LengthS       float64         `json:"length_s"`                // of what was recorded
	FirstOnsetS   float64         `json:"first_onset_s,omitempty"` // the fraction of a second in the start
	Channels      []edfChannel    `json:"channels"`
	Stretches     []edfStretch    `json:"stretches,omitempty"` // where there are gaps
	Annotations   []edfAnnotation `json:"annotations"`
	WarningsFound []checkProblem  `json:"warnings"`
}

type edfChannel struct {
	Label      string  `json:"label"`
	RateHz     float64 `json:"rate_hz,omitempty"`
	Samples    int     `json:"samples_per_record"`
	Unit       string  `json:"unit"`
	PhysMin    float64 `json:"physical_min"`
	PhysMax    float64 `json:"physical_max"`
	DigMin     int     `json:"digital_min"`
	DigMax     int     `json:"digital_max"`
	Transducer string  `json:"transducer,omitempty"`
	Prefilter  string  `json:"prefilter,omitempty"`
	Text       bool    `json:"annotations,omitempty"` // holds annotations and no samples
}

type edfStretch struct {
	FromS float64 `json:"from_s"`
	ToS   float64 `json:"to_s"`
}

type edfAnnotation struct {
	OnsetS    float64  `json:"onset_s"`
	DurationS *float64 `json:"duration_s,omitempty"`
	Text      string   `json:"text"`
}

// Run prints every file; one that cannot be read is named and the others are
// printed.
func (cmd *EdfCmd) Run(p *Program) error {
	if cmd.Repair != "" {
		if len(cmd.Files) != 1 {
			return fault.New("edf-repair", "--repair", "%d files cannot become one", len(cmd.Files)).WithHint("repair one file at a time")
		}
		return repairFile(p, cmd.Files[0], cmd.Repair)
	}
	failed := 0
	reports := []edfReport{}
	for _, name := range cmd.Files {
		r, err := readEDFReport(name)
		if err != nil {
			failed++
			fmt.Fprintln(p.Stderr, fault.Text(named(err, name)))
			continue
		}
		reports = append(reports, r)
	}
	if err := cmd.write(p, reports); err != nil {
		return err
	}
	if failed > 0 {
		return errPrinted
	}
	return nil
}

func (cmd *EdfCmd) write(p *Program, reports []edfReport) error {
	if cmd.Format == "json" {
		return writeJSON(p.Stdout, reports)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(p.Stdout)
		}
		if err := r.text(p.Stdout, cmd.Annotations); err != nil {
			return err
		}
	}
	return nil
}

// openEDF opens a file for reading by time.
func openEDF(name string) (*edf.File, io.Closer, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, openFault(err)
	}
	st, err := f.Stat()
	if err == nil {
		var e *edf.File
		if e, err = edf.Open(f, st.Size()); err == nil {
			return e, f, nil
		}
	}
	f.Close()
	return nil, nil, err
}

func readEDFReport(name string) (edfReport, error) {
	f, closer, err := openEDF(name)
	if err != nil {
		return edfReport{}, err
	}
	defer closer.Close()
	notes, warnings, err := f.Annotations()
	if err != nil {
		return edfReport{}, err
	}
	h := f.Header()
	r := edfReport{
		File: name, Kind: h.Format, Patient: h.Patient, Recording: h.Recording, Records: f.Records(), RecordS: h.RecordDuration.Seconds(),
		LengthS: (time.Duration(f.Records()) * h.RecordDuration).Seconds(), Channels: []edfChannel{}, Annotations: []edfAnnotation{}, WarningsFound: []checkProblem{},
	}
	if t, ok := h.Start(time.UTC); ok {
		r.Start = t.Format(time.DateTime)
	}
	st := f.Stretches()
	if len(st) > 0 {
		r.FirstOnsetS = st[0].From.Seconds()
	}
	if len(st) > 1 {
		for _, s := range st {
			r.Stretches = append(r.Stretches, edfStretch{s.From.Seconds(), s.To.Seconds()})
		}
	}
	for _, s := range h.Signals {
		rate, _ := s.Rate(h)
		r.Channels = append(r.Channels, edfChannel{
			s.Label, rate, s.Samples, s.Unit, s.PhysMin, s.PhysMax, s.DigMin, s.DigMax, s.Transducer, s.Prefilter, s.IsAnnotations(),
		})
	}
	for _, a := range notes {
		one := edfAnnotation{OnsetS: a.Onset.Seconds(), Text: a.Text}
		if a.HasDuration {
			d := a.Duration.Seconds()
			one.DurationS = &d
		}
		r.Annotations = append(r.Annotations, one)
	}
	for _, w := range append(f.Warnings(), warnings...) {
		r.WarningsFound = append(r.WarningsFound, checkProblem{w.Severity.String(), w})
	}
	return r, nil
}

// shownAnnotations is how many annotations are printed unasked.
const shownAnnotations = 12

func (r edfReport) text(out io.Writer, all bool) error {
	var b strings.Builder
	start := r.Start
	if start == "" {
		start = "start unknown"
	}
	fmt.Fprintf(&b, "%s: %s, %s, %s of record%s\n", filepath.Base(r.File), r.Kind, start, lengthInWords(r.LengthS), map[bool]string{true: " with gaps"}[len(r.Stretches) > 0])
	fmt.Fprintf(&b, "  patient    %s\n  recording  %s\n  records    %d of %g s\n", orDash(r.Patient), orDash(r.Recording), r.Records, r.RecordS)
	if r.FirstOnsetS != 0 {
		fmt.Fprintf(&b, "  first      %g s after the start\n", r.FirstOnsetS)
	}
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\n  channel\tHz\tunit\tfrom\tto\tfilter")
	for _, c := range r.Channels {
		if c.Text {
			fmt.Fprintf(w, "  %s\t\t\t\t\t\n", c.Label)
			continue
		}
		rate := "–"
		if c.RateHz > 0 {
			rate = fmt.Sprintf("%.6g", c.RateHz)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%g\t%g\t%s\n", orDash(c.Label), rate, orDash(c.Unit), c.PhysMin, c.PhysMax, c.Prefilter)
	}
	w.Flush()
	if len(r.Stretches) > 0 {
		fmt.Fprintf(&b, "\n  %s, parted by gaps:\n", fmt.Sprint(len(r.Stretches), " stretches"))
		for i, s := range r.Stretches {
			gap := ""
			if i > 0 {
				gap = fmt.Sprintf("  after a gap of %g s", s.FromS-r.Stretches[i-1].ToS)
			}
			fmt.Fprintf(&b, "    %g to %g s%s\n", s.FromS, s.ToS, gap)
		}
	}
	r.annotationsText(&b, all)
	for i, w := range r.WarningsFound {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  %s\n", w.Error())
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (r edfReport) annotationsText(b *strings.Builder, all bool) {
	if len(r.Annotations) == 0 {
		return
	}
	fmt.Fprintf(b, "\n  %s:\n", counted(len(r.Annotations), "annotation"))
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	for i, a := range r.Annotations {
		if i == shownAnnotations && !all {
			break
		}
		length := ""
		if a.DurationS != nil {
			length = fmt.Sprintf("%g s", *a.DurationS)
		}
		fmt.Fprintf(w, "    %g s\t%s\t%s\n", a.OnsetS, length, a.Text)
	}
	w.Flush()
	if left := len(r.Annotations) - shownAnnotations; left > 0 && !all {
		fmt.Fprintf(b, "    and %d more: --annotations prints them\n", left)
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// lengthInWords writes 8 h 0 min 30 s.
func lengthInWords(seconds float64) string {
	s := int(seconds)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%g s", seconds)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min %d s", s/3600, s/60%60, s%60)
}

// repairFile writes a mended copy beside the file, never over anything.
func repairFile(p *Program, from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return named(openFault(err), from)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return named(openFault(err), from)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return named(openFault(err), to)
	}
	changes, err := edf.Repair(f, st.Size(), out)
	if closing := out.Close(); err == nil && closing != nil {
		err = fault.Wrap("edf-write", "", closing)
	}
	if err != nil {
		os.Remove(to)
		return named(err, from)
	}
	if len(changes) == 0 {
		_, err = fmt.Fprintf(p.Stdout, "%s: nothing to repair; %s is a copy\n", from, to)
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s\n", changes.In(from).Text())
	return err
}
