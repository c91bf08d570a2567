// Command pages writes the README of each folder of pages anew. It is run by
// go generate, and a test fails while a list is older than its folder.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"dvala/internal/house"
)

func main() {
	root := "../.."
	for folder := range house.Folders {
		text, err := house.Index(os.DirFS(root), folder)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, folder, "README.md"), []byte(text), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
