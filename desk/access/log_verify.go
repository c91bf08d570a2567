package access

import (
	"context"
	"strconv"

	"dvala/fault"
)

// LogAnchor is how long the access log was at some time, and the hash of its last
// line: kept where whoever writes to the log cannot write, it shows later that
// nothing up to there was changed, taken out or cut off.
type LogAnchor struct {
	Lines int64
	Hash  string // hexadecimal; empty of no line
	Where string // what keeps it, for a person: "entry 17"
}

// CodeLog is of an access log that is not what it was.
const CodeLog fault.Code = "access-log"

// VerifyLog reads the whole access log, checks its chain, and holds it against
// the head that is kept beside it and against anchors from elsewhere, in any
// order. It gives how many lines there are and the last one's hash.
func VerifyLog(ctx context.Context, r Reader, anchors ...LogAnchor) (n int64, head string, err error) {
	// Before the lines, so that one that is written meanwhile does no harm.
	kept, keptHash, err := r.LogHead(ctx)
	if err != nil {
		return 0, "", err
	}
	anchors = append(anchors, LogAnchor{kept, keptHash, "the head that is kept beside the log"})
	due := map[int64][]LogAnchor{}
	longest := anchors[0]
	for _, a := range anchors {
		due[a.Lines] = append(due[a.Lines], a)
		if a.Lines > longest.Lines {
			longest = a
		}
	}
	if err := anchored(due[0], ""); err != nil {
		return 0, "", err
	}
	for {
		page, err := r.LogEntries(ctx, n+1, 1000)
		if err != nil {
			return n, head, err
		}
		for _, e := range page {
			want, err := Chain(head, e)
			if err != nil {
				return n, head, err
			}
			if e.Seq != n+1 || e.Hash != want {
				return n, head, logIll(n+1, "is not what was written, or one before it is missing")
			}
			n, head = e.Seq, e.Hash
			if err := anchored(due[n], head); err != nil {
				return n, head, err
			}
		}
		if len(page) == 0 {
			break
		}
	}
	if n < longest.Lines {
		return n, head, logIll(n, "is the last, and by %s there were %d: the end of the log was cut off", longest.Where, longest.Lines)
	}
	return n, head, nil
}

// anchored holds the hash of a line against what was kept of it.
func anchored(of []LogAnchor, head string) error {
	for _, a := range of {
		if a.Hash != head {
			return logIll(a.Lines, "is not the one of which %s keeps the hash %.16s…: the log was written anew", a.Where, a.Hash)
		}
	}
	return nil
}

func logIll(line int64, says string, args ...any) error {
	return fault.New(CodeLog, "line "+strconv.FormatInt(line, 10), says, args...).
		WithHint("somebody, or a disk, has changed people.db: keep it as it is, and find out who could write to it; the lines as they were may be in a backup")
}
