// Command sourcesum writes the hash of the source into the file that the
// program embeds. It is run by go generate, and a test fails while the file
// is older than the source.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"dvala/internal/house"
)

func main() {
	root := "../.."
	sum, err := house.SourceHash(os.DirFS(root))
	if err == nil {
		err = os.WriteFile(filepath.Join(root, house.SourceSum), []byte(sum+"\n"), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
