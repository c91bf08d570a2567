package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"dvala/fault"
)

// A whole ledger as one file, text, lines ended by a line feed:
//
//	dvala-ledger 1
//	key mgt-2024+7d4f1a90+AUd…
//
//	<leaf hash in base64> {"seq":0,…}
//	<leaf hash in base64> {"seq":1,…}
//
//	mgt-2024
//	2
//	<root in base64>
//
//	— mgt-2024 <signature in base64>
//
// The hash before each entry is not needed to verify the whole; it is there so
// that damage names the entry it is in.
const (
	exportMagic = "dvala-ledger 1"
	maxNote     = 64 << 10
	maxProblems = 100
	// lineRoom is an entry, its hash, a space and a line feed.
	lineRoom = MaxEntry + 64
)

// Export is a whole ledger as its file holds it.
type Export struct {
	Key        PublicKey
	Log        *Log
	Checkpoint Checkpoint
	Signed     []byte // the checkpoint as signed
}

// WriteExport writes a ledger with its signed checkpoint. The checkpoint must be
// of exactly these entries and signed by that key; whether it is shows when the
// last of them has been written.
func WriteExport(w io.Writer, key PublicKey, entries iter.Seq2[Entry, error], signed []byte) error {
	c, err := OpenCheckpoint(signed, key)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(b, "%s\nkey %s\n\n", exportMagic, key)
	var f Frontier
	for e, err := range entries {
		if err != nil {
			return err
		}
		next, hashes := f.Append(e.Bytes)
		f = next
		fmt.Fprintf(b, "%s %s\n", hashes[0], e.Bytes)
	}
	if c.Size != f.Size() {
		return fault.New(CodeRoot, "checkpoint", "is of %d entries and there are %d to write", c.Size, f.Size())
	}
	if f.Root() != c.Root {
		return fault.New(CodeRoot, "checkpoint", "is of other entries than those to write")
	}
	fmt.Fprintf(b, "\n%s", signed)
	return b.Flush()
}

// Each gives entries that are in memory one after the other.
func Each(entries []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// ReadExport reads what WriteExport wrote and checks all that can be checked
// from the file alone: every entry's hash, form and number, the signature of
// the checkpoint, and that the entries give the root it signs. The error is a
// fault.List of every problem found, each naming the entry it is in; what could
// be read is given beside it.
func ReadExport(r io.Reader) (Export, error) {
	x := exportReader{in: bufio.NewReader(r), magic: exportMagic}
	x.out.Log = &Log{}
	if x.header() && x.entries() {
		x.checkpoint()
	}
	return x.out, x.bad.Err()
}

type exportReader struct {
	in    *bufio.Reader
	magic string // the first line
	line  int
	out   Export
	bad   fault.List
}

// next gives the next line without its line feed. It is false at the end of
// the file, at a line that is not ended, and at one that is too long, each of
// which it has reported under place.
func (x *exportReader) next(place string) ([]byte, bool) {
	x.line++
	raw, err := x.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		raw = bytes.Clone(raw)
		for errors.Is(err, bufio.ErrBufferFull) && len(raw) < lineRoom {
			var more []byte
			more, err = x.in.ReadSlice('\n')
			raw = append(raw, more...)
		}
	}
	switch {
	case err == nil && len(raw) <= lineRoom:
		return raw[:len(raw)-1], true
	case err == nil || errors.Is(err, bufio.ErrBufferFull):
		x.bad.Addf(CodeFormat, place, "is longer than %d bytes", MaxEntry).At(x.line)
	case errors.Is(err, io.EOF):
		x.bad.Addf(CodeTruncated, place, "the file ends here").At(x.line).
			WithHint("the copy is incomplete; get the file again")
	default:
		x.bad.Add(fault.Wrap(CodeTruncated, place, err)).At(x.line)
	}
	return nil, false
}

func (x *exportReader) header() bool {
	magic, ok := x.next("header")
	if !ok {
		return false
	}
	if string(magic) != x.magic {
		x.bad.Addf(CodeFormat, "header", "is not %q", x.magic).At(x.line)
		return false
	}
	line, ok := x.next("header")
	if !ok {
		return false
	}
	text, isKey := strings.CutPrefix(string(line), "key ")
	key, err := ParsePublicKey(text)
	if !isKey || err != nil {
		x.bad.Addf(CodeKey, "header", "does not hold a ledger's public key").At(x.line)
	}
	x.out.Key = key
	empty, ok := x.next("header")
	if ok && len(empty) > 0 {
		x.bad.Addf(CodeFormat, "header", "is not followed by an empty line").At(x.line)
	}
	return ok
}

// entries reads to the empty line after the last entry.
func (x *exportReader) entries() bool {
	for i := uint64(0); ; i++ {
		line, ok := x.next(place(i))
		if !ok {
			return false
		}
		if len(line) == 0 {
			return true
		}
		if p := x.entry(i, line); p != nil {
			x.bad.Add(p).At(x.line)
		}
		if len(x.bad) >= maxProblems {
			x.bad.Addf(CodeFormat, place(i), "too many problems; the rest was not read").At(x.line)
			return false
		}
	}
}

func (x *exportReader) entry(i uint64, line []byte) *fault.Problem {
	sum, raw, found := bytes.Cut(line, []byte(" "))
	e := Entry{Index: i, Bytes: bytes.Clone(raw)}
	// The entry keeps its place in the tree even when it is damaged, so that the
	// numbers of those after it stay right.
	x.out.Log.add(e)
	if !found || string(sum) != e.Hash().String() {
		return fault.New(CodeHash, place(i), "does not have the hash written beside it").
			WithHint("this entry was changed after it was written down")
	}
	if _, err := e.Event(); err != nil {
		p := fault.New(CodeEntry, place(i), "%s", err)
		var lower *fault.Problem
		if errors.As(err, &lower) {
			p.Message = lower.Message
		}
		return p
	}
	return nil
}

// signed reads the checkpoint at the end and checks its signature.
func (x *exportReader) signed() (c Checkpoint, signed []byte) {
	from := x.line + 1
	signed, err := io.ReadAll(io.LimitReader(x.in, maxNote))
	if err != nil {
		x.bad.Add(fault.Wrap(CodeTruncated, "checkpoint", err)).At(from)
		return c, nil
	}
	if len(signed) == 0 || signed[len(signed)-1] != '\n' {
		x.bad.Addf(CodeTruncated, "checkpoint", "the file ends before the signature does").At(from).
			WithHint("the copy is incomplete; get the file again")
		return c, nil
	}
	if x.out.Key.Origin() == "" {
		return c, signed // the header was reported already
	}
	c, err = OpenCheckpoint(signed, x.out.Key)
	if err != nil {
		x.bad.Merge(CodeSignature, "checkpoint", err)
		x.bad[len(x.bad)-1].At(from)
	}
	return c, signed
}

func (x *exportReader) checkpoint() {
	from := x.line + 1
	before := len(x.bad)
	c, signed := x.signed()
	x.out.Signed = signed
	if signed == nil || x.out.Key.Origin() == "" || len(x.bad) > before {
		return
	}
	x.out.Checkpoint = c
	switch log := x.out.Log; {
	case len(x.bad) > 0:
		// Damage has been named; that the root differs follows from it.
	case c.Size != log.Size():
		x.bad.Addf(CodeRoot, "checkpoint", "signs %d entries and the file has %d", c.Size, log.Size()).At(from)
	case c.Root != log.Root():
		x.bad.Addf(CodeRoot, "checkpoint", "signs another root than the %d entries give", c.Size).At(from).
			WithHint("at least one entry was changed together with the hash beside it")
	}
}

// Extends checks that the ledger is an extension of an earlier, signed
// checkpoint of it: that history was added to and not rewritten.
func (x Export) Extends(signed []byte) (Checkpoint, error) {
	early, err := OpenCheckpoint(signed, x.Key)
	if err != nil {
		return Checkpoint{}, err
	}
	proof, err := ProveConsistency(early.Size, x.Log.Size(), x.Log)
	if err != nil {
		return early, err
	}
	return early, CheckConsistency(proof, early, x.Log.Checkpoint(x.Key.Origin()))
}
