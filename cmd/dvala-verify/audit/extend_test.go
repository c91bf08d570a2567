package audit_test

import (
	"testing"
	"testing/fstest"

	"dvala/cmd/dvala-verify/audit"
	"dvala/custody"
	"dvala/fault"
	"dvala/seal"
)

// A trial whose list was extended is sound with the extension among its blobs
// or beside the ledger, and randomises into it; not without it, nor with one
// that follows on another list.
func TestExtendedList(t *testing.T) {
	for name, c := range map[string]struct {
		keep func(x *trial, raw []byte) data
		code fault.Code
	}{
		"among the blobs": {func(x *trial, raw []byte) data { return x.blob("sealed-list-2.dvl", raw) }, ""},
		"beside the ledger": {func(x *trial, raw []byte) data {
			x.files["sealed-list-2.dvl"] = &fstest.MapFile{Data: raw}
			return x.keep("", raw)
		}, ""},
		"nowhere": {func(x *trial, raw []byte) data { return x.keep("", raw) }, audit.CodeMissing},
		"the first again": {func(x *trial, _ []byte) data {
			return x.keep("", x.list.Bytes())
		}, seal.CodeExtension},
	} {
		x := begin(t)
		more, err := custody.Extend(x.protocol, x.list, custody.Extension{Slots: 4}, custody.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ref := c.keep(x, more.List.Bytes())
		if c.code == seal.CodeExtension {
			x.blob("", x.list.Bytes())
		}
		x.add("list-extended", "", data{"sealed_file": ref, "first": x.list.Len(), "slots": more.List.Len()})
		whole, err := seal.Join(x.list, more.List)
		if err != nil {
			t.Fatal(err)
		}
		cell := whole.Cell(whole.Cells()[0])
		x.list = whole
		x.randomise("P0001", cell[0])
		x.export()
		r := audit.Check(x.files, audit.Options{})
		if c.code == "" && (len(r.Problems) > 0 || r.Slots != whole.Len()) {
			t.Errorf("%s: %d slots, %s", name, r.Slots, r.Problems.Text())
		}
		if c.code != "" && !r.Problems.Has(c.code) {
			t.Errorf("%s: no %s in %s", name, c.code, r.Problems.Text())
		}
	}
}
