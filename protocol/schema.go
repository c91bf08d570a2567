package protocol

import (
	_ "embed"
	"slices"
)

//go:embed protocol.schema.json
var schema []byte

// Schema gives the JSON Schema (draft 2020-12) of the file, for editors: what
// Parse asks of each field alone, with the comments of the types. It is made
// from the types by go generate.
func Schema() []byte { return slices.Clone(schema) }
