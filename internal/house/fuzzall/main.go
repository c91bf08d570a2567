// Command fuzzall finds every fuzz target in the tree and runs each in turn
// for a while. A tree without targets, or a target without seeds to start
// from, is an error: a check of nothing checks nothing.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var target = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

func main() {
	each := flag.Duration("time", 20*time.Second, "how long to run each target")
	only := flag.String("only", "", "run only targets whose package or name holds this")
	flag.Parse()
	os.Exit(run(*each, *only))
}

func run(each time.Duration, only string) int {
	type found struct{ dir, name string }
	var all []found
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range target.FindAllStringSubmatch(string(b), -1) {
			if !strings.Contains(string(b), "f.Add(") && !strings.Contains(string(b), ".Add(") {
				return fmt.Errorf("%s: %s has no seeds", name, m[1])
			}
			all = append(all, found{"./" + filepath.ToSlash(filepath.Dir(name)), m[1]})
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if len(all) == 0 {
		fmt.Fprintln(os.Stderr, "no fuzz target found")
		return 1
	}
	failed := 0
	for _, f := range all {
		if !strings.Contains(f.dir+" "+f.name, only) {
			continue
		}
		cmd := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+f.name+"$", "-fuzztime", each.String(), "-fuzzminimizetime", "20x", f.dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			failed++
			fmt.Printf("FAIL  %s %s\n%s\n", f.dir, f.name, out)
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		last := ""
		for _, l := range lines {
			if strings.HasPrefix(l, "fuzz: elapsed") {
				last = strings.TrimPrefix(l, "fuzz: ")
			}
		}
		fmt.Printf("ok    %s %s: %s\n", f.dir, f.name, last)
	}
	if failed > 0 {
		return 1
	}
	return 0
}
