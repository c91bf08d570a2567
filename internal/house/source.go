package house

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// SourceSum is the file in which the program carries the hash of its own
// source, so that a report can name exactly what made it: a binary's hash
// would differ from machine to machine, and a commit is not known to every
// build.
const SourceSum = "cmd/dvala/source.sum"

// SourceHash gives the SHA-256 over what the program is built from: go.mod,
// go.sum, every shipped Go file of the rooms, and every file of the kinds that
// are embedded in them, by path and content in the order of their paths.
func SourceHash(tree fs.FS) (string, error) {
	embedded := map[string]bool{".go": true, ".yaml": true, ".sql": true, ".html": true, ".css": true, ".js": true, ".zip": true, ".svg": true, ".json": true}
	var names []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "doc" || base == "node_modules") {
				return fs.SkipDir
			}
			if _, ok := roomOf(name); name != "." && !ok && name != "cmd" && name != "internal" {
				return fs.SkipDir
			}
			return nil
		}
		own := path.Dir(name) != "." && embedded[path.Ext(name)] && !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "internal/house/")
		if own || name == "go.mod" || name == "go.sum" {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	sort.Strings(names)
	h := sha256.New()
	for _, name := range names {
		b, err := fs.ReadFile(tree, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
