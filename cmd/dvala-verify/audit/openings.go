package audit

import (
	"bytes"
	"fmt"

	"dvala/alloc/design"
	"dvala/seal"
)

// openings checks what the custodian published, if anything: each opening
// against its commitment, and the list they make up against the design.
func (a *auditor) openings() {
	a.cells()
	raw, there := a.read(OpeningsFile)
	named := a.state.openings
	if !there && named != nil {
		raw, there = a.read(a.blob(named.SHA256))
	}
	if a.list == nil || !there {
		return // what is missing was found on the walk
	}
	o, err := seal.ParseOpenings(bytes.NewReader(raw), a.list)
	a.take(OpeningsFile, seal.CodeCommitment, err)
	if err != nil {
		return
	}
	a.out.Opened = o.Len()
	a.drawn(o)
	a.redrawn(o)
}

// cells checks that the sealed list has the cells of the protocol and is as long
// as it says.
func (a *auditor) cells() {
	if a.list == nil || a.protocol.IsZero() {
		return
	}
	want := a.protocol.Protocol().Randomisation.SlotsPerCell
	for _, c := range a.protocol.Cells() {
		if n := len(a.list.Parts()[0].Cell(c.Key)); n < want {
			a.add(CodeDrawn, c.Key, "has %d slots, and the protocol says at least %d", n, want).In(ListFile)
		}
	}
	for _, key := range a.list.Cells() {
		if _, ok := a.protocol.Cell(key); !ok {
			a.add(CodeDrawn, key, "is no cell of the protocol").In(ListFile)
		}
	}
}

// drawn checks that every cell's part of the list, and of each that extends it,
// is made of complete blocks of the protocol's sizes and ratio.
func (a *auditor) drawn(o *seal.Openings) {
	if a.protocol.IsZero() {
		return
	}
	d, err := design.Of(a.protocol)
	if err != nil {
		a.take(ProtocolFile, CodeDrawn, err)
		return
	}
	for _, part := range a.list.Parts() {
		for _, key := range part.Cells() {
			var ids []string
			for _, i := range part.Cell(key) {
				id, _ := o.Content(i)
				ids = append(ids, id)
			}
			if err := d.Admits(ids); err != nil {
				a.add(CodeDrawn, fmt.Sprintf("cell %s", key), "was not drawn as the protocol says: %s", messageOf(err)).In(OpeningsFile)
			}
		}
	}
}
