package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"dvala/fault"
)

// The files of this package are lines: a first one that says what the file is,
// then JSON objects, each preceded by the SHA-256 of its bytes in base64, so
// that damage names the slot it is in.

// MaxFile is the length in bytes of the longest file that is read.
const MaxFile = 1 << 28

func appendLine(b []byte, v any) ([]byte, error) {
	raw, err := marshal(v)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	b = base64.StdEncoding.AppendEncode(b, sum[:])
	b = append(append(append(b, ' '), raw...), '\n')
	return b, nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// lineReader takes a file apart, line by line.
type lineReader struct {
	rest []byte
	line int
}

// readEither reads a file of one of several first lines, and says which.
func readEither(r io.Reader, magics ...string) (*lineReader, string, *fault.Problem) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, "", fault.Wrap(CodeTruncated, "file", err)
	}
	if len(raw) > MaxFile {
		return nil, "", fault.New(CodeFormat, "file", "is longer than %d bytes", MaxFile)
	}
	l := &lineReader{rest: raw}
	first, p := l.next("header")
	if p != nil {
		return nil, "", p
	}
	if !slices.Contains(magics, string(first)) {
		return nil, "", fault.New(CodeFormat, "header", "does not begin with %q", magics[len(magics)-1]).At(1)
	}
	return l, string(first), nil
}

func (l *lineReader) done() bool { return len(l.rest) == 0 }

func (l *lineReader) next(place string) ([]byte, *fault.Problem) {
	l.line++
	line, rest, ended := bytes.Cut(l.rest, []byte("\n"))
	if !ended {
		l.rest = nil
		return nil, fault.New(CodeTruncated, place, "the file ends here").At(l.line).
			WithHint("the copy is incomplete; get the file again")
	}
	l.rest = rest
	return line, nil
}

// into reads the next line into v, which must come out as the same bytes when
// written again: a file has one form.
func (l *lineReader) into(v any, place string) *fault.Problem {
	line, p := l.next(place)
	if p != nil {
		return p
	}
	sum, raw, found := bytes.Cut(line, []byte(" "))
	want := sha256.Sum256(raw)
	if !found || string(sum) != base64.StdEncoding.EncodeToString(want[:]) {
		return fault.New(CodeHash, place, "does not have the hash written before it").At(l.line).
			WithHint("this line was changed after it was written")
	}
	if err := strictly(raw, v); err != nil {
		return fault.Wrap(CodeSlot, place, err).At(l.line)
	}
	return nil
}

func strictly(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("is not understood: %w", err)
	}
	again, err := marshal(v)
	if err != nil || !bytes.Equal(again, raw) {
		return errors.New("is not in its one form")
	}
	return nil
}
