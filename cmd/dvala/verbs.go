package main

import "github.com/alecthomas/kong"

// Verbs is the command line: one field a verb, in the order of a trial.
type Verbs struct {
	Version kong.VersionFlag `help:"Print the version."`
}
