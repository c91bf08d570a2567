package main

import (
	"encoding/json"
	"fmt"

	"dvala/protocol"
)

// DiffCmd tells what differs in meaning between two versions of a protocol, and
// whether a running trial could take the newer one.
type DiffCmd struct {
	Old    string `arg:"" help:"The older protocol file."`
	New    string `arg:"" help:"The newer one."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
}

// Run compares the files. That they differ is no failure.
func (cmd *DiffCmd) Run(p *Program) error {
	var both [2]protocol.Checked
	for i, path := range []string{cmd.Old, cmd.New} {
		file, err := parseProtocol(path)
		if err != nil {
			return err
		}
		if err := file.problems.Err(); err != nil {
			return err
		}
		both[i] = file.checked
	}
	changes := protocol.Diff(both[0], both[1])
	if cmd.Format == "json" {
		if changes == nil {
			changes = []protocol.Change{}
		}
		enc := json.NewEncoder(p.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(changes)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(p.Stdout, "The two say the same.")
		return err
	}
	fixed := 0
	for _, c := range changes {
		mark := " "
		if c.Class.Fixed() {
			mark, fixed = "!", fixed+1
		}
		if _, err := fmt.Fprintf(p.Stdout, "%s %-13s %s: %s → %s\n", mark, c.Class, c.Place, orNothing(c.Old), orNothing(c.New)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.Stdout, "\n%s.", counted(len(changes), "change"))
	if err == nil && fixed > 0 {
		_, err = fmt.Fprintf(p.Stdout, " Those marked ! are fixed when a trial begins: a running one cannot take this version.")
	}
	if err == nil {
		_, err = fmt.Fprintln(p.Stdout)
	}
	return err
}

// orNothing shows a value in a line, and what is not there.
func orNothing(s string) string {
	const most = 100
	switch r := []rune(s); {
	case s == "":
		return "nothing"
	case len(r) > most:
		return string(r[:most]) + "…"
	}
	return s
}
