// Command dvala-verify checks a finished trial from its exported files. It needs
// no key, writes nothing, and is small so that an outsider can read it: this
// file, package audit beside it, and of the library packages ledger and seal.
//
//	dvala-verify [-checkpoint FILE] [-key PUBLIC-KEY] [-json] DIRECTORY
//
// Exit codes:
//
//	0  all fits together
//	1  problems were found; they are printed
//	2  the command line was wrong, or a file it names cannot be read
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"dvala/cmd/dvala-verify/audit"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dvala-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	checkpoint := flags.String("checkpoint", "", "signed checkpoint `file` that left the trial's machine earlier")
	key := flags.String("key", "", "the ledger's public `key`, as told outside these files")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: dvala-verify [-checkpoint FILE] [-key PUBLIC-KEY] [-json] DIRECTORY")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		if err == nil {
			flags.Usage()
		}
		return 2
	}
	o := audit.Options{PublicKey: *key}
	if *checkpoint != "" {
		raw, err := os.ReadFile(*checkpoint)
		if err != nil {
			fmt.Fprintln(stderr, "dvala-verify:", err)
			return 2
		}
		o.Checkpoint = raw
	}
	r := audit.Check(os.DirFS(flags.Arg(0)), o)
	var err error
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.Tell(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "dvala-verify:", err)
		return 2
	}
	if !r.Sound() {
		return 1
	}
	return 0
}
