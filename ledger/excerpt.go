package ledger

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"dvala/fault"
)

// Some entries of a ledger as one file, each with the proof that it is in the
// tree that the checkpoint signs. Text, lines ended by a line feed:
//
//	dvala-excerpt 1
//	key mgt-2024+7d4f1a90+AUd…
//
//	<hashes of the proof in base64, with commas> {"seq":0,…}
//	- {"seq":24,…}
//
//	mgt-2024
//	25
//	<root in base64>
//
//	— mgt-2024 <signature in base64>
//
// The entries are in the ledger's order. A line without a proof, as in a ledger
// of one entry, has a hyphen.
const excerptMagic = "dvala-excerpt 1"

// Excerpt is some entries of a ledger as their file holds them.
type Excerpt struct {
	Key        PublicKey
	Entries    []Entry
	Checkpoint Checkpoint
	Signed     []byte // the checkpoint as signed
}

// WriteExcerpt writes entries of a ledger, in its order, with the proof of each
// under a signed checkpoint.
func WriteExcerpt(w io.Writer, key PublicKey, entries []Entry, hashes HashReader, signed []byte) error {
	c, err := OpenCheckpoint(signed, key)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\nkey %s\n\n", excerptMagic, key)
	for _, e := range entries {
		proof, err := ProveInclusion(c.Size, e.Index, hashes)
		if err != nil {
			return err
		}
		var texts []string
		for _, h := range proof {
			texts = append(texts, h.String())
		}
		if len(texts) == 0 {
			texts = []string{"-"}
		}
		fmt.Fprintf(b, "%s %s\n", strings.Join(texts, ","), e.Bytes)
	}
	fmt.Fprintf(b, "\n%s", signed)
	return b.Flush()
}

// ReadExcerpt reads what WriteExcerpt wrote and checks that every entry is in the
// tree that the checkpoint signs. The error is a fault.List of every problem found;
// entries are given only if there is none.
func ReadExcerpt(r io.Reader) (Excerpt, error) {
	x := exportReader{in: bufio.NewReader(r), magic: excerptMagic}
	x.out.Log = &Log{}
	if !x.header() {
		return Excerpt{}, x.bad.Err()
	}
	out := Excerpt{Key: x.out.Key}
	var proofs []Inclusion
	for {
		line, ok := x.next(fmt.Sprintf("line %d", x.line+1))
		if !ok {
			return Excerpt{}, x.bad.Err()
		}
		if len(line) == 0 {
			break
		}
		proof, e, err := excerptLine(line)
		if err != nil {
			x.bad.Merge(CodeFormat, "", err)
			x.bad[len(x.bad)-1].At(x.line)
			continue
		}
		proofs, out.Entries = append(proofs, proof), append(out.Entries, e)
	}
	if out.Checkpoint, out.Signed = x.signed(); len(x.bad) > 0 {
		return Excerpt{}, x.bad.Err()
	}
	for i, e := range out.Entries {
		if i > 0 && e.Index <= out.Entries[i-1].Index {
			x.bad.Addf(CodeFormat, place(e.Index), "stands after entry %d", out.Entries[i-1].Index)
		}
		x.bad.Merge(CodeRoot, place(e.Index), CheckInclusion(proofs[i], out.Checkpoint, e))
	}
	if len(x.bad) > 0 {
		return Excerpt{}, x.bad.Err()
	}
	return out, nil
}

// excerptLine reads one entry and its proof.
func excerptLine(line []byte) (Inclusion, Entry, error) {
	texts, raw, found := bytes.Cut(line, []byte(" "))
	e := Entry{Bytes: bytes.Clone(raw)}
	ev, err := Decode(e.Bytes)
	if !found || err != nil {
		return nil, e, fault.New(CodeEntry, "entry", "is not an entry with its proof")
	}
	e.Index = ev.Seq
	if string(texts) == "-" {
		return nil, e, nil
	}
	var proof Inclusion
	for text := range strings.SplitSeq(string(texts), ",") {
		h, err := ParseHash(text)
		if err != nil {
			return nil, e, fault.New(CodeHash, place(e.Index), "has a proof that cannot be read")
		}
		proof = append(proof, h)
	}
	return proof, e, nil
}
