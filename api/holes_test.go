package api

import (
	"regexp"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var holes = regexp.MustCompile(`\{([^}]+)\}`)

// Every hole of a path is a parameter of its operation: one that is not is never
// read, and the operation is about nobody.
func TestEveryHoleIsAParameter(t *testing.T) {
	_, api := build(nil, Options{})
	for path, item := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			in := map[string]bool{}
			for _, p := range op.Parameters {
				in[p.Name] = p.In == "path"
			}
			for _, h := range holes.FindAllStringSubmatch(path, -1) {
				if !in[h[1]] {
					t.Errorf("%s %s does not read {%s}", op.Method, path, h[1])
				}
			}
		}
	}
}
