package instrument

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed data/*.yaml
var files embed.FS

// catalog holds the definitions of this program, in order of their names.
var catalog = sync.OnceValue(func() []*Definition {
	names, err := fs.Glob(files, "data/*.yaml")
	if err != nil || len(names) == 0 {
		panic("instrument: no definitions are embedded")
	}
	out := make([]*Definition, len(names))
	for i, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			panic("instrument: " + err.Error())
		}
		if out[i], err = Parse(b); err != nil {
			panic("instrument: " + name + ": " + err.Error())
		}
	}
	return out
})

// All gives every definition inside the program, in order of their names.
func All() []*Definition { return append([]*Definition(nil), catalog()...) }

// ByID gives the definition of that name inside the program.
func ByID(id ID) (*Definition, bool) {
	for _, d := range catalog() {
		if d.ID == id {
			return d, true
		}
	}
	return nil, false
}
