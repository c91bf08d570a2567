// Command dvala runs a sleep trial from the protocol file to the printed
// report. Each verb is in a file of its own; only this program knows the
// clock, the arguments and the exit codes:
//
//	0  done
//	1  done in part, or what was checked has problems; they are printed
//	2  the command line itself was wrong
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"dvala/fault"
)

// version is the release; a build from a checkout says so.
const version = "0.1.0"

const about = `Dvala runs a sleep trial from the protocol file to the printed report.

Start with:  dvala demo
`

// errPrinted is returned by a verb that has told its problems already.
var errPrinted = errors.New("problems were found")

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its streams handed in, so that tests can read them.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runAt(time.Now, args, stdin, stdout, stderr)
}

// runAt is run by another clock.
func runAt(now func() time.Time, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &Program{
		Stdin: stdin, Stdout: stdout, Stderr: stderr, Now: now, Width: 80,
	}
	if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			p.Width = w
		}
	}
	if f, ok := stderr.(*os.File); ok {
		p.Terminal = term.IsTerminal(int(f.Fd()))
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	var verbs Verbs
	exited := -1
	parser, err := kong.New(&verbs,
		kong.Name("dvala"),
		kong.Description(about),
		kong.UsageOnError(),
		kong.WithHyphenPrefixedParameters(true), // so that --effect -6 is a number
		kong.Configuration(kong.JSON),           // the file that --config names, and no other
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "try", Title: "To see what it is"},
			{Key: "plan", Title: "Before a trial"},
			{Key: "seal", Title: "The sealed list and the ledger"},
			{Key: "run", Title: "A trial and its data"},
			{Key: "nights", Title: "Nights, without a trial"},
		}),
		kong.Vars{"version": Release()},
	)
	if err != nil {
		fmt.Fprintln(stderr, "dvala:", err)
		return 2
	}
	ctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "dvala: %v\n\thint: dvala --help lists the verbs, dvala VERB --help the flags of one\n", err)
		return 2
	}
	if err := ctx.Run(p); err != nil {
		if !errors.Is(err, errPrinted) {
			fmt.Fprintln(stderr, strings.TrimRight(fault.Text(err), "\n"))
		}
		return 1
	}
	return 0
}

// sourceSum is the hash of the source this program was built from.
//
//go:generate go run dvala/internal/house/pages
//go:generate go run dvala/internal/house/sourcesum
//go:embed source.sum
var sourceSum string

// Release names the program, its version and the source it was built from, in
// words that are the same on every machine.
func Release() string {
	return "dvala " + version + " (source " + strings.TrimSpace(sourceSum)[:16] + ")"
}
