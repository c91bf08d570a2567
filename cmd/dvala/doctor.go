package main

import (
	"context"
	"encoding/json"
	"fmt"

	"dvala/store"
)

// DoctorCmd looks at everything that a trial needs to go on.
type DoctorCmd struct {
	PlaceFlags
	Deep   bool   `help:"Read every file and check it against its hash, read every row, and unwrap every person's key."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
}

// Run looks, and tells all it has found.
func (c *DoctorCmd) Run(p *Program) error {
	w, err := c.where()
	if err != nil {
		return err
	}
	ctx := context.Background()
	found := store.Examine(ctx, w, p.Now(), c.Deep)
	if fine(found, "database") {
		found = append(found, examinePeople(ctx, w, c.Deep)...)
	}
	ill := false
	for _, f := range found {
		ill = ill || !f.OK
		if c.Format == "json" {
			raw, err := json.Marshal(f)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "%s\n", raw)
			continue
		}
		mark := "ok"
		switch {
		case !f.OK:
			mark = "WRONG"
		case f.Warn:
			mark = "note"
		}
		fmt.Fprintf(p.Stdout, "%-6s %-14s %s\n", mark, f.What, f.Says)
		if f.Hint != "" {
			fmt.Fprintf(p.Stdout, "%-21s hint: %s\n", "", f.Hint)
		}
	}
	if ill {
		return errPrinted
	}
	return nil
}

// fine says whether something was looked at and is as it should be.
func fine(found []store.Finding, what string) bool {
	there := false
	for _, f := range found {
		if f.What == what {
			there = true
			if !f.OK {
				return false
			}
		}
	}
	return there
}
