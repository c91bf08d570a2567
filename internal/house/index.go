package house

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// Folders are the folders of pages whose README lists every page by its title.
var Folders = map[string]string{
	"doc/methods": "# Methods\n\nOne page an algorithm: model, symbols, estimate, numerics, missing data, where we differ from others,\nhow it is checked, references. Complete enough to write the code again.\n",
	"doc/formats": "# Formats\n\nOne page a format: its fields, an example, its versions.\n",
}

// Index gives the README of a folder of pages: its opening and a list of the
// pages by their titles.
func Index(tree fs.FS, folder string) (string, error) {
	names, err := fs.Glob(tree, path.Join(folder, "*.md"))
	if err != nil {
		return "", err
	}
	var lines []string
	for _, name := range names {
		if path.Base(name) == "README.md" {
			continue
		}
		b, err := fs.ReadFile(tree, name)
		if err != nil {
			return "", err
		}
		title, _, _ := strings.Cut(string(b), "\n")
		title, ok := strings.CutPrefix(title, "# ")
		if !ok {
			return "", fmt.Errorf("%s does not begin with a title", name)
		}
		lines = append(lines, fmt.Sprintf("- [%s](%s)", strings.TrimSpace(title), path.Base(name)))
	}
	sort.Slice(lines, func(i, j int) bool { return strings.ToLower(lines[i]) < strings.ToLower(lines[j]) })
	return Folders[folder] + "\n" + strings.Join(lines, "\n") + "\n", nil
}
