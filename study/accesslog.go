package study

import (
	"encoding/hex"

	"dvala/fault"
)

// The access log (who signed in, who was given a role) lies beside the ledger. How
// long it was, and the hash of its last line, are put on the ledger now and then,
// so that what was cut off it or written anew later is found out.

// KindAccessLog is of how the access log stood.
const KindAccessLog Kind = "access-log"

type (
	// NoteAccessLog puts on the ledger how the access log stands. It does nothing
	// where that is what the last such entry says.
	NoteAccessLog struct{ AccessLogStood }
	// AccessLogStood says how many lines it had, and the hash of the last, which is
	// of all before it as well.
	AccessLogStood struct {
		Lines int64  `json:"lines"`
		Hash  string `json:"hash"` // SHA-256, hexadecimal
	}
)

func (NoteAccessLog) command()    {}
func (NoteAccessLog) about() whom { return theTrial }
func (NoteAccessLog) leads() Kind { return KindAccessLog }
func (NoteAccessLog) afterLock()  {}
func (AccessLogStood) Kind() Kind { return KindAccessLog }

func (c NoteAccessLog) decide(d *decision) ([]Event, error) {
	if n := len(d.s.AccessLog); n > 0 && d.s.AccessLog[n-1].What == c.AccessLogStood {
		return nil, nil
	}
	return one(c.AccessLogStood, c.check())
}

func (e AccessLogStood) check() error {
	var l fault.List
	if e.Lines < 1 {
		l.Addf("access-log", "lines", "a log that is noted has a line")
	}
	checkHash(&l, "hash", e.Hash)
	return l.Err()
}

func (e AccessLogStood) fold(s *State, _ *Participant, f Fact) error {
	s.AccessLog = append(s.AccessLog, Entered[AccessLogStood]{f.Index, f.At, e})
	return nil
}

// checkHash reports what is no SHA-256 in small hexadecimal digits.
func checkHash(l *fault.List, place, sum string) {
	raw, err := hex.DecodeString(sum)
	if err != nil || len(raw) != 32 || hex.EncodeToString(raw) != sum {
		l.Addf("hash-form", place, "is not a SHA-256 in hexadecimal")
	}
}
