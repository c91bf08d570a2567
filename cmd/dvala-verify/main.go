// Command dvala-verify checks a trial from its exported files, or a backup. It needs
// no key, writes nothing, and is small so that an outsider can read it: this
// file, package audit beside it, and of the library packages ledger and seal.
//
//	dvala-verify [-checkpoint FILE] [-key PUBLIC-KEY] [-json] DIRECTORY
//	dvala-verify -receipt FILE [-key PUBLIC-KEY] [-json]
//
// The directory is an export, or a backup. A receipt is what a participant was
// given of one entry.
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
	"dvala/fault"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dvala-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	checkpoint := flags.String("checkpoint", "", "signed checkpoint `file` that left the trial's machine earlier")
	key := flags.String("key", "", "the ledger's public `key`, as told outside these files")
	receipt := flags.String("receipt", "", "check this receipt `file` alone: that its entry is on the ledger that its checkpoint signs")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: dvala-verify [-checkpoint FILE] [-key PUBLIC-KEY] [-json] DIRECTORY\n       dvala-verify -receipt FILE [-key PUBLIC-KEY] [-json]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil || (flags.NArg() == 1) == (*receipt != "") || flags.NArg() > 1 {
		if err == nil {
			flags.Usage()
		}
		return 2
	}
	if *receipt != "" {
		return checkReceipt(*receipt, *key, *asJSON, stdout, stderr)
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

// checkReceipt checks one receipt.
func checkReceipt(path, key string, asJSON bool, stdout, stderr io.Writer) int {
	raw, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(stderr, "dvala-verify:", err)
		return 2
	}
	r, err := audit.CheckReceipt(raw, key)
	if err != nil {
		fmt.Fprintf(stdout, "%s\nNOT SOUND: this is no receipt of that ledger\n", fault.Text(err))
		return 1
	}
	if asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		of := ""
		if r.Subject != "" {
			of = " of " + r.Subject
		}
		_, err = fmt.Fprintf(stdout, "entry %d is on the ledger: %s%s, written %s\n  hash %s\n  key  %s\nsound: it is among the %d entries that the checkpoint signs\n",
			r.Entry, r.Kind, of, r.At, r.Hash, r.PublicKey, r.Entries)
		if err == nil && key == "" {
			_, err = fmt.Fprintln(stdout, "The key is the receipt's own word: hold it against one told from elsewhere, -key.")
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "dvala-verify:", err)
		return 2
	}
	return 0
}
