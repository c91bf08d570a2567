package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"dvala/estimate"
	"dvala/report"
)

// PlanCmd prints the statistical analysis plan in words, from the protocol
// alone: before the trial, and the same text as the methods of its report.
type PlanCmd struct {
	File string `arg:"" help:"The protocol file."`
	Out  string `help:"Write it as a page instead, as in plan.html." type:"path"`
}

// Run prints the plan, or writes its page.
func (c *PlanCmd) Run(p *Program) error {
	checked, problems, err := checkProtocol(c.File)
	if err != nil {
		return err
	}
	if err := problems.Err(); err != nil {
		return err
	}
	text := estimate.Methods(checked)
	proto := checked.Protocol()
	if c.Out == "" {
		width := p.Width
		if width < 40 || width > 100 {
			width = 88
		}
		fmt.Fprintf(p.Stdout, "%s\n", wrapped(proto.Title, width, ""))
		writePlan(p.Stdout, text, width)
		_, err := fmt.Fprintf(p.Stdout, "\nFollows from version %s of the protocol, SHA-256 %s.\n", proto.Version, checked.HashHex())
		return err
	}
	page, err := report.Plan{
		Title: proto.Title, Question: proto.Question, Version: proto.Version, Hash: checked.HashHex(), Program: Release(), Text: text,
	}.HTML()
	if err != nil {
		return err
	}
	if err := writeWhole(filepath.Clean(c.Out), page); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "plan     %s\n", c.Out)
	return nil
}

// writePlan prints headings, lists and paragraphs for a terminal.
func writePlan(w io.Writer, text string, width int) {
	for _, p := range strings.Split(text, "\n\n") {
		if head, ok := strings.CutPrefix(p, "# "); ok {
			fmt.Fprintf(w, "\n%s\n%s\n", head, strings.Repeat("-", len([]rune(head))))
			continue
		}
		for _, line := range strings.Split(p, "\n") {
			if item, ok := strings.CutPrefix(line, "- "); ok {
				fmt.Fprintf(w, "- %s\n", wrapped(item, width-2, "  "))
			} else {
				fmt.Fprintf(w, "%s\n", wrapped(line, width, ""))
			}
		}
		fmt.Fprintln(w)
	}
}

// wrapped breaks a text into lines at spaces.
func wrapped(text string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		l := len([]rune(word))
		switch {
		case i == 0:
		case n+1+l > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += l
	}
	return b.String()
}
