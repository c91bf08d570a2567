// Command gallery looks through the pictures that the browser tests kept, and
// writes a page that shows them all, for a person to look at. A picture that is
// one colour, or a folder that lacks pictures of the places named, is an error: a
// look at nothing sees nothing.
package main

import (
	"flag"
	"fmt"
	"html/template"
	"image"
	_ "image/png" // what pictures are
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	want := flag.String("want", "", "parts of names, with commas: of each there must be a picture")
	flag.Parse()
	problems, n, err := run(flag.Arg(0), strings.FieldsFunc(*want, func(r rune) bool { return r == ',' }))
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d pictures of pages: %s\n", n, filepath.Join(flag.Arg(0), "index.html"))
}

func run(dir string, want []string) (problems []string, n int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return nil, 0, err
	}
	slices.Sort(names)
	for i, path := range names {
		blank, err := isBlank(path)
		switch {
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: %v", path, err))
		case blank:
			problems = append(problems, path+": is all of one colour")
		}
		names[i] = filepath.Base(path)
	}
	for _, part := range want {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, part) }) {
			problems = append(problems, fmt.Sprintf("%s: no picture's name has %q in it", dir, part))
		}
	}
	if len(names) == 0 {
		return append(problems, dir+": there are no pictures"), 0, nil
	}
	return problems, len(names), writePage(filepath.Join(dir, "index.html"), names)
}

// isBlank says whether a picture is of a page with nothing on it: it looks at
// points of a grid.
func isBlank(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return false, err
	}
	b := img.Bounds()
	first := img.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			if img.At(x, y) != first {
				return false, nil
			}
		}
	}
	return true, nil
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Pictures of pages</title>
<style>body{font:14px/1.4 system-ui,sans-serif;margin:1rem;background:#ddd;color:#111;display:flex;flex-wrap:wrap;gap:1rem}
h1{width:100%;margin:0;font-size:1.2rem}figure{margin:0;width:18rem}img{width:100%;max-height:30rem;object-fit:cover;object-position:top;background:#fff}</style>
<h1>Pictures of pages: {{len .}}</h1>
{{range .}}<figure><a href="{{.}}"><img loading="lazy" src="{{.}}" alt=""></a><figcaption>{{.}}</figcaption></figure>
{{end}}</html>
`))

func writePage(path string, names []string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := page.Execute(f, names); err != nil {
		return err
	}
	return f.Close()
}
