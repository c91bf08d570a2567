package seal

import (
	"bytes"

	"dvala/fault"
)

// CodeHandover is of a file that cannot be a slot's key or a share of it on its
// way to a physician.
const CodeHandover fault.Code = "seal-handover"

// A handover is an age file of a few hundred bytes; with a post-quantum recipient
// it is longer.
const (
	ageVersion  = "age-encryption.org/v1\n"
	maxHandover = 16 << 10
)

// CheckHandover says whether a file can be a slot's key, or a holder's share of
// it, as it is sent to a physician: a binary age file of that size. What is in it
// nobody but she can read, so whether it is the right key shows on her machine,
// where what it opens is held against the slot's commitment.
func CheckHandover(raw []byte) error {
	rest, is := bytes.CutPrefix(raw, []byte(ageVersion))
	switch {
	case len(raw) > maxHandover:
		return fault.New(CodeHandover, "", "has %d bytes; a slot's key on its way has less than %d", len(raw), maxHandover)
	case bytes.HasPrefix(raw, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return fault.New(CodeHandover, "", "is an age file in letters").WithHint("send the file as dvala open --emergency wrote it")
	case recipients(rest) > 1:
		return fault.New(CodeHandover, "", "is encrypted to more than one").WithHint("one physician is named for an emergency, and no one else may read it")
	case !is || !bytes.HasPrefix(rest, []byte("-> ")) || !bytes.Contains(rest, []byte("\n--- ")):
		return fault.New(CodeHandover, "", "is no age file, so nobody could open it").WithHint("send the file that dvala open --emergency wrote, as it is")
	}
	return nil
}

// recipients counts those whom an age file names; what stands there to keep readers
// from relying on the form (grease) is none.
func recipients(rest []byte) (n int) {
	head, _, _ := bytes.Cut(rest, []byte("\n--- "))
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		if kind, is := bytes.CutPrefix(line, []byte("-> ")); is {
			kind, _, _ = bytes.Cut(kind, []byte(" "))
			if !bytes.HasSuffix(kind, []byte("-grease")) {
				n++
			}
		}
	}
	return n
}
