package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dvala/protocol"
)

// TestMain lets scripts run the program under its own name. A script of a trial
// that goes on for days sets the clock with NOW.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"dvala": func() {
			now := time.Now
			if s := os.Getenv("NOW"); s != "" {
				at, err := time.Parse(time.RFC3339, s)
				if err != nil {
					panic(err)
				}
				now = func() time.Time { return at }
			}
			os.Exit(runAt(now, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// The scripts read like a manual: what is typed, and what comes.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){"fill": fill}})
}

// fill does by program what a person does with an editor: it puts the public
// key that was told into a protocol. Usage: fill PROTOCOL TOLD.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	key, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	out, err := protocol.FillRecipient([]byte(ts.ReadFile(args[0])), key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out, 0o644))
}
