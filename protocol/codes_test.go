package protocol_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var codeIn = regexp.MustCompile(`(?:\badd|\bwarn|\bunknown|fault\.New|Addf)\("([a-z]+(?:-[a-z]+)*)"|^\t\t"([a-z]+-refused)"`)

// Codes that no file can lead to, or not with a small one: those of answers,
// and of what the other tests hold.
var elsewhere = []string{"answer-", "cell-unknown", "site-unknown", "criterion-undefined", "custodian-placeholder", "protocol-size"}

// Every code in the source has its bad example, so that none is untried and
// each has a report that a person has read.
func TestEveryCodeHasAnExample(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no source", err)
	}
	codes := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for line := range strings.SplitSeq(string(read(t, name)), "\n") {
			for _, m := range codeIn.FindAllStringSubmatch(line, -1) {
				code := m[1] + m[2]
				codes++
				if _, err := os.Stat("testdata/bad/" + code + ".txt"); err != nil && !exempt(code) {
					t.Errorf("%s: %s has no example in testdata/bad", name, code)
				}
			}
		}
	}
	if codes < 150 {
		t.Fatalf("only %d codes found: the search is broken", codes)
	}
}

func exempt(code string) bool {
	for _, e := range elsewhere {
		if strings.HasPrefix(code, e) {
			return true
		}
	}
	return false
}
