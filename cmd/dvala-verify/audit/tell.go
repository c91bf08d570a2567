package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"dvala/fault"
)

// Tell writes the report for a person: every problem, then what was checked and
// what that proves.
func (r Report) Tell(w io.Writer) error {
	var b []byte
	for _, p := range r.Problems {
		b = fmt.Appendf(b, "%s\n", p.Text())
	}
	if len(b) > 0 {
		b = append(b, '\n')
	}
	name := r.Trial
	if name == "" {
		name = "a trial that does not say its name"
	}
	b = fmt.Appendf(b, "%s: %d entries, root %s\n", name, r.Entries, r.Root)
	line := func(what string, format string, args ...any) {
		b = fmt.Appendf(b, "  %-14s %s\n", what, fmt.Sprintf(format, args...))
	}
	if r.Answered > 0 {
		line("randomised", "%d of %d slots, each named and signed by the custodian's process", r.Randomised, r.Slots)
	} else {
		line("randomised", "%d of %d slots, in the order of the sealed list", r.Randomised, r.Slots)
	}
	line("kits", "%d handed out", r.Kits)
	line("files", "%d that entries name by hash", r.Files)
	switch {
	case r.Opened > 0:
		line("allocation", "%d openings checked against their commitments", r.Opened)
		if r.Answered > 0 {
			line("", "%d arms drawn again from the factors and the seed", r.Redrawn)
		}
	case r.Locked:
		line("allocation", "sealed; the trial is locked")
	default:
		line("allocation", "sealed; the trial is not locked yet")
	}
	if r.Seeded {
		line("", "the list is that of a demonstration")
	}
	line("history", "%s", r.History())
	verdict := "sound: all of this fits together"
	if !r.Sound() {
		verdict = fmt.Sprintf("NOT SOUND: %d problems, named above", len(r.Problems.Errors()))
	}
	b = fmt.Appendf(b, "%s\n", verdict)
	_, err := w.Write(b)
	return err
}

// MarshalJSON writes the severity of each problem as a word.
func (r Report) MarshalJSON() ([]byte, error) {
	type problem struct {
		Severity string `json:"severity"`
		*fault.Problem
	}
	problems := make([]problem, len(r.Problems))
	for i, p := range r.Problems {
		problems[i] = problem{p.Severity.String(), p}
	}
	type plain Report
	return json.Marshal(struct {
		Sound bool `json:"sound"`
		plain
		History  string    `json:"history"`
		Problems []problem `json:"problems"`
	}{r.Sound(), plain(r), r.History(), problems})
}

func messageOf(err error) string {
	var p *fault.Problem
	if errors.As(err, &p) {
		return p.Message
	}
	return err.Error()
}
