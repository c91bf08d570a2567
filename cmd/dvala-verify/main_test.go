package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Exit codes: 2 for a wrong command line or an unreadable file that it names, 1
// for problems.
func TestRunExitCodes(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ledger.dvl"), []byte("dvala-ledger 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "usage:"},
		{[]string{"-nonsense", dir}, 2, "usage:"},
		{[]string{"-checkpoint", filepath.Join(dir, "none"), dir}, 2, "none"},
		{[]string{dir}, 1, "ledger.dvl:2: header: the file ends here [ledger-truncated]"},
		{[]string{filepath.Join(dir, "nowhere")}, 1, "file-missing"},
		{[]string{"-receipt", filepath.Join(dir, "none")}, 2, "none"},
		{[]string{"-receipt", filepath.Join(dir, "ledger.dvl")}, 1, "NOT SOUND"},
		{[]string{"-receipt", filepath.Join(dir, "ledger.dvl"), dir}, 2, "usage:"},
		{[]string{"-json", dir}, 1, `"code": "ledger-truncated"`},
	} {
		var out, err bytes.Buffer
		if code := run(c.args, &out, &err); code != c.code || !strings.Contains(out.String()+err.String(), c.says) {
			t.Errorf("%q: code %d\n%s%s", c.args, code, out.String(), err.String())
		}
	}
}
