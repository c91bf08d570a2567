package house

import (
	"path"
	"strconv"
	"strings"
)

// Coverage counts, by floor, the statements of a Go coverage profile and those
// that were run. A block that several packages' tests report counts once, and
// is covered if any of them ran it.
func Coverage(profile string) (hit, all [6]int) {
	type block struct {
		floor, statements int
		run               bool
	}
	blocks := map[string]*block{}
	for _, line := range strings.Split(profile, "\n") {
		// dvala/sleep/stage.go:10.2,12.3 2 1
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] == "mode:" {
			continue
		}
		file, _, ok := strings.Cut(fields[0], ":")
		if !ok {
			continue
		}
		pkg := path.Dir(strings.TrimPrefix(file, Module+"/"))
		room, ok := roomOf(pkg)
		n, err := strconv.Atoi(fields[1])
		if !ok || err != nil {
			continue
		}
		b := blocks[fields[0]]
		if b == nil {
			b = &block{floor: room.Floor, statements: n}
			blocks[fields[0]] = b
		}
		b.run = b.run || fields[2] != "0"
	}
	for _, b := range blocks {
		all[b.floor] += b.statements
		if b.run {
			hit[b.floor] += b.statements
		}
	}
	return hit, all
}
