package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"testing"
)

// Every module that a program was built from stands in its bill with its version
// and the sum of go.sum; what replaces another stands in its place; and the same
// program gives the same bytes.
func TestBill(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: "dvala", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "filippo.io/age", Version: "v1.3.2", Sum: "h1:abc="},
			{Path: "example.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/new/v2", Version: "v2.0.0+incompatible", Sum: "h1:def="}},
		},
		Settings: []debug.BuildSetting{{Key: "-trimpath", Value: "true"}, {Key: "vcs.time", Value: "2026-01-01T00:00:00Z"}},
	}
	one, err := bill("dvala", []byte("a program"), info)
	if err != nil {
		t.Fatal(err)
	}
	two, err := bill("dvala", []byte("a program"), info)
	if err != nil || !bytes.Equal(one, two) {
		t.Error("the same program gives another bill", err)
	}
	var d document
	if err := json.Unmarshal(one, &d); err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/std@1.26.8", "pkg:golang/filippo.io/age@v1.3.2", "pkg:golang/example.org/new/v2@v2.0.0+incompatible"}
	if d.Format != "CycloneDX" || d.Spec != "1.6" || len(d.Components) != len(want) || len(d.Dependencies[0].On) != len(want) {
		t.Fatalf("%s", one)
	}
	for i, c := range d.Components {
		if c.PURL != want[i] {
			t.Errorf("%s where %s is due", c.PURL, want[i])
		}
	}
	// SHA-256 of "a program", by sha256sum.
	if got := d.Metadata.Component.Hashes[0].Content; got != "d69ea8cda2433733c1ce02de65da8f48e6a3dbba6bb18876a2062908e54ef7cb" {
		t.Error(got)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(d.Serial) {
		t.Error(d.Serial)
	}
}
