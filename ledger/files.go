package ledger

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"dvala/fault"
)

// FileRef is how an entry names a file by its content. In an entry's data any
// member whose name ends in "file" holds one such object, and any member whose
// name ends in "files" holds a list of them.
type FileRef struct {
	SHA256 string `json:"sha256"`         // 64 lower-case hexadecimal digits
	Name   string `json:"name,omitempty"` // what people call it; not a path
	Bytes  int64  `json:"bytes"`          // its length
}

// Check says what is wrong with a reference, if anything.
func (f FileRef) Check() error {
	raw, err := hex.DecodeString(f.SHA256)
	if err != nil || len(raw) != 32 || hex.EncodeToString(raw) != f.SHA256 {
		return fmt.Errorf("%q is not a SHA-256 in lower-case hexadecimal", f.SHA256)
	}
	if f.Bytes < 0 {
		return fmt.Errorf("a file of %d bytes", f.Bytes)
	}
	return nil
}

// Files gives every file that the event's data names, at whatever depth, in an
// order that depends on the data alone.
func (ev Event) Files() ([]FileRef, error) {
	var v any
	if err := json.Unmarshal(ev.Data, &v); err != nil {
		return nil, fault.Wrap(CodeEntry, place(ev.Seq)+".data", err)
	}
	var out []FileRef
	err := collectFiles("", v, &out)
	if err != nil {
		return nil, fault.Wrap(CodeEntry, place(ev.Seq)+".data", err)
	}
	return out, nil
}

func collectFiles(name string, v any, out *[]FileRef) error {
	switch v := v.(type) {
	case map[string]any:
		if _, has := v["sha256"]; has && (strings.HasSuffix(name, "file") || strings.HasSuffix(name, "files")) {
			ref, err := fileRef(v)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			*out = append(*out, ref)
			return nil
		}
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			if err := collectFiles(n, v[n], out); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range v {
			if err := collectFiles(name, item, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func fileRef(v map[string]any) (FileRef, error) {
	sum, _ := v["sha256"].(string)
	name, _ := v["name"].(string)
	size, isNumber := v["bytes"].(float64)
	if !isNumber || size != float64(int64(size)) {
		return FileRef{}, fmt.Errorf("a file without its length in bytes")
	}
	ref := FileRef{SHA256: sum, Name: name, Bytes: int64(size)}
	return ref, ref.Check()
}
