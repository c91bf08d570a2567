package seal

import (
	"maps"
	"slices"

	"dvala/fault"
)

// CodeExtension is the code of lists that do not go on from one another.
const CodeExtension fault.Code = "seal-extension"

// Join makes one list of a trial's first and of those that extend it, in their
// order: each names the file before it by its hash and begins where that one
// ends. The hash of what comes out is the last file's, which so stands for all.
func Join(first *List, more ...*List) (*List, error) {
	var bad fault.List
	if first.header.Extension() && len(first.parts) == 0 {
		bad.Addf(CodeExtension, "header", "extends the list of sha256 %s, and is not a trial's first", first.header.Extends)
		return nil, bad
	}
	if len(more) == 0 {
		return first, nil
	}
	out := &List{
		header: first.header, slots: slices.Clone(first.slots), hash: first.hash, raw: first.raw,
		cells: map[string][]int{}, kits: maps.Clone(first.kits), parts: first.Parts(),
	}
	for key, list := range first.cells {
		out.cells[key] = slices.Clone(list)
	}
	for _, next := range more {
		if bad = out.fits(next); bad.Err() != nil {
			return nil, bad
		}
		out.slots = append(out.slots, next.slots...)
		for _, key := range next.Cells() {
			out.cells[key] = append(out.cells[key], next.cells[key]...)
		}
		maps.Copy(out.kits, next.kits)
		out.hash, out.raw, out.parts = next.hash, next.raw, append(out.parts, next)
	}
	return out, nil
}

// fits says what keeps a list from going on from another.
func (l *List) fits(next *List) fault.List {
	var bad fault.List
	switch h := next.header; {
	case h.Extends != l.hash:
		bad.Addf(CodeExtension, "header", "extends the list of sha256 %s, and this is %s", h.Extends, l.hash).
			WithHint("an extension is made from the list that the trial has, with all its extensions")
	case h.First != len(l.slots):
		bad.Addf(CodeExtension, "header", "begins at slot %d, and the list before it has %d", h.First, len(l.slots))
	case h.Trial != l.header.Trial || h.Sealing != l.header.Sealing:
		bad.Addf(CodeExtension, "header", "is of another trial or sealing than the list that it extends")
	}
	if bad.Err() != nil {
		return bad
	}
	commitments := map[Hash]bool{}
	for _, s := range l.slots {
		commitments[s.Commitment] = true
	}
	for _, s := range next.slots {
		at := slotPlace(s.Index)
		for _, k := range s.Kits {
			if other, twice := l.kits[k.Number]; twice {
				bad.Addf(CodeKit, at, "kit %q is in slot %d as well", clip(k.Number), other)
			}
		}
		if commitments[s.Commitment] {
			bad.Addf(CodeCommitment, at, "has the commitment of an earlier slot")
		}
		if s.For != nil && (l.slots[*s.For].For != nil || l.slots[*s.For].Cell != s.Cell) {
			bad.Addf(CodeSlot, at, "adds kits to slot %d, which is none or of another cell", *s.For)
		}
	}
	return bad
}

// Parts gives the lists that were joined, or the one that there is.
func (l *List) Parts() []*List {
	if len(l.parts) == 0 {
		return []*List{l}
	}
	return slices.Clone(l.parts)
}
