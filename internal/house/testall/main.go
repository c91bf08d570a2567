// Command testall runs the tests and says aloud what was skipped and why, so
// that a green run on a machine without a browser or a database is not taken
// for more than it is. With -cover it also holds floors 0 to 3 to a share of
// statements.
//
// Where DVALA_NO_SKIP is set (CI, which installs what tests need), a skip for
// want of a program fails the run; one for want of reference data, or of rights
// on the machine, does not.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"dvala/internal/house"
)

// event is a line of go test -json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// tally is what a run came to.
type tally struct {
	mu             sync.Mutex
	passed, failed int
	skipped        map[string][]string // reason → tests
	broken         []string            // packages that failed
}

func main() {
	cover := flag.Float64("cover", 0, "least share of statements covered in floors 0 to 3, in percent; 0 measures nothing")
	seed := flag.Uint64("seed", 1, "where the cases of property tests begin, so that the same source passes or fails the same; 0 draws others every time")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	os.Exit(run(packages, *cover, *seed))
}

func run(packages []string, cover float64, seed uint64) int {
	dir, err := os.MkdirTemp("", "dvala-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	drawing, others, err := byCases(packages)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	t := tally{skipped: map[string][]string{}}
	var profiles []string
	var wrong atomic.Bool
	var both sync.WaitGroup
	for i, group := range [][]string{drawing, others} {
		if len(group) == 0 {
			continue
		}
		// The two run beside each other, so that the longest package of the one does not
		// keep the other waiting: between them one more than there are processors.
		args := []string{"test", "-json", "-timeout=20m", "-p=" + strconv.Itoa(max(1, runtime.GOMAXPROCS(0)-i))}
		if cover > 0 {
			profiles = append(profiles, filepath.Join(dir, fmt.Sprintf("cover%d.out", i)))
			args = append(args, "-coverpkg=./...", "-coverprofile="+profiles[len(profiles)-1])
		}
		args = append(args, group...)
		if i == 0 && seed != 0 {
			args = append(args, "-rapid.seed="+strconv.FormatUint(seed, 10))
		}
		both.Go(func() {
			if !t.gotest(args) {
				wrong.Store(true)
			}
		})
	}
	both.Wait()
	failed := wrong.Load()
	bad := t.print()
	if len(profiles) > 0 && !failed {
		bad = !covered(profiles, cover) || bad
	}
	if failed || bad {
		return 1
	}
	return 0
}

// byCases tells packages whose tests draw their cases, and so know the flag for
// where to begin, from the others.
func byCases(packages []string) (drawing, others []string, err error) {
	const of = `{{.ImportPath}}{{range .Deps}}{{if eq . "pgregory.net/rapid"}} draws{{end}}{{end}}`
	cmd := exec.Command("go", append([]string{"list", "-test", "-f", of}, packages...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	draws := map[string]bool{}
	var all []string
	for _, line := range strings.Split(string(out), "\n") {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch test, is := strings.CutSuffix(name, ".test"); {
		case is:
			draws[test] = rest == "draws"
		case name != "" && !strings.Contains(rest, "["): // not a package made over for a test
			all = append(all, name)
		}
	}
	for _, name := range all {
		switch {
		case draws[name]:
			drawing = append(drawing, name)
		case strings.HasSuffix(name, "/ui"): // the longest of them begins first
			others = append([]string{name}, others...)
		default:
			others = append(others, name)
		}
	}
	return drawing, others, nil
}

// gotest runs go test and follows what it says.
func (t *tally) gotest(args []string) bool {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return false
	}
	t.follow(bufio.NewReader(out))
	return cmd.Wait() == nil
}

// follow reads the stream, prints a line for each package and the output of
// what fails.
func (t *tally) follow(r *bufio.Reader) {
	output := map[string]*bytes.Buffer{}
	for {
		line, err := r.ReadBytes('\n')
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) == nil {
			t.take(e, output)
		}
		if err != nil {
			return
		}
	}
}

func (t *tally) take(e event, output map[string]*bytes.Buffer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "build-output":
		fmt.Printf("      %s", e.Output)
	case "output":
		b := output[key]
		if b == nil {
			b = &bytes.Buffer{}
			output[key] = b
		}
		b.WriteString(e.Output)
	case "pass":
		if e.Test != "" {
			t.passed++
			delete(output, key)
		} else {
			fmt.Printf("ok    %-34s %6.1f s\n", e.Package, e.Elapsed)
		}
	case "fail":
		if e.Test != "" {
			t.failed++
			fmt.Printf("FAIL  %s %s\n%s", e.Package, e.Test, indent(output[key]))
		} else {
			t.broken = append(t.broken, e.Package)
			fmt.Printf("FAIL  %-34s %6.1f s\n%s", e.Package, e.Elapsed, indent(output[key]))
		}
	case "skip":
		if e.Test != "" {
			why := reason(output[key])
			t.skipped[why] = append(t.skipped[why], e.Package+" "+e.Test)
		}
	}
}

func indent(b *bytes.Buffer) string {
	if b == nil {
		return ""
	}
	return "      " + strings.ReplaceAll(strings.TrimRight(b.String(), "\n"), "\n", "\n      ") + "\n"
}

// reason finds the words of a t.Skip in a test's output.
func reason(b *bytes.Buffer) string {
	if b == nil {
		return "no reason given"
	}
	for _, line := range strings.Split(b.String(), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") || line == "" {
			continue
		}
		if file, rest, ok := strings.Cut(line, ": "); ok && strings.Contains(file, ".go:") {
			return rest
		}
		return line
	}
	return "no reason given"
}

// print tells the sum and says whether a skip makes the run bad.
func (t *tally) print() (bad bool) {
	reasons := make([]string, 0, len(t.skipped))
	n := 0
	for why, tests := range t.skipped {
		reasons = append(reasons, why)
		n += len(tests)
	}
	sort.Strings(reasons)
	if n > 0 {
		fmt.Printf("\nskipped, and so not shown to hold here:\n")
		for _, why := range reasons {
			fmt.Printf("  %3d  %s\n", len(t.skipped[why]), why)
			// What a machine does not allow cannot be installed.
			allowed := strings.Contains(why, "DVALA_REFERENCE") || strings.Contains(why, "-short") || strings.Contains(why, "the rights of root")
			if os.Getenv("DVALA_NO_SKIP") != "" && !allowed {
				bad = true
				for _, test := range t.skipped[why] {
					fmt.Printf("       not allowed here: %s\n", test)
				}
			}
		}
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, n)
	return bad
}

// covered reads profiles and holds floors 0 to 3 to the least share.
func covered(profiles []string, least float64) bool {
	var text strings.Builder
	for _, p := range profiles {
		b, err := os.ReadFile(p)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return false
		}
		text.Write(b)
	}
	hit, all := house.Coverage(text.String())
	total, of := 0, 0
	fmt.Println("\nstatements covered:")
	for floor := 0; floor <= 5; floor++ {
		if all[floor] == 0 {
			continue
		}
		fmt.Printf("  floor %d  %s %%\n", floor, strconv.FormatFloat(100*float64(hit[floor])/float64(all[floor]), 'f', 1, 64))
		if floor <= 3 {
			total += hit[floor]
			of += all[floor]
		}
	}
	share := 100 * float64(total) / float64(max(of, 1))
	fmt.Printf("  floors 0 to 3  %.1f %% (at least %g)\n", share, least)
	return share >= least
}
