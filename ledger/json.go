package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxDepth bounds how deep data may nest.
const maxDepth = 64

// compactObject takes the white space out of a JSON object and checks it.
func compactObject(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return json.RawMessage("{}"), nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return nil, err
	}
	out := b.Bytes()
	if out[0] != '{' {
		return nil, errors.New("is not a JSON object")
	}
	return out, checkCompact(out)
}

// checkCompact says whether raw is JSON without white space in which no object
// names a member twice, not even in another case: readers differ on which of
// the two they take, and a fact must read alike to all.
func checkCompact(raw []byte) error {
	if !json.Valid(raw) {
		return errors.New("is not JSON")
	}
	s := scanner{raw: raw}
	if err := s.value(0); err != nil {
		return err
	}
	if s.at != len(raw) {
		return fmt.Errorf("has white space or more at byte %d", s.at)
	}
	return nil
}

// scanner walks over bytes that are known to be valid JSON.
type scanner struct {
	raw []byte
	at  int
}

func (s *scanner) value(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nests deeper than %d", maxDepth)
	}
	switch c := s.peek(); c {
	case '{':
		return s.object(depth)
	case '[':
		return s.array(depth)
	case '"':
		s.text()
	case ' ', '\t', '\n', '\r':
		return fmt.Errorf("has white space at byte %d", s.at)
	default:
		for s.at < len(s.raw) && !bytes.ContainsRune([]byte(",]} \t\n\r"), rune(s.raw[s.at])) {
			s.at++
		}
	}
	return nil
}

func (s *scanner) object(depth int) error {
	s.at++ // {
	seen := map[string]bool{}
	for s.peek() != '}' {
		if s.peek() != '"' {
			return fmt.Errorf("has white space at byte %d", s.at)
		}
		var key string
		if err := json.Unmarshal(s.text(), &key); err != nil {
			return err
		}
		if fold := strings.ToLower(key); seen[fold] {
			return fmt.Errorf("names %q twice", key)
		} else {
			seen[fold] = true
		}
		if s.peek() != ':' {
			return fmt.Errorf("has white space at byte %d", s.at)
		}
		s.at++
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if err := s.comma('}'); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

func (s *scanner) array(depth int) error {
	s.at++ // [
	for s.peek() != ']' {
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if err := s.comma(']'); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

// comma steps over a comma, and leaves the closing bracket where it is.
func (s *scanner) comma(closing byte) error {
	switch s.peek() {
	case ',':
		s.at++
		return nil
	case closing:
		return nil
	}
	return fmt.Errorf("has white space at byte %d", s.at)
}

// text steps over a string and gives it with its quotes.
func (s *scanner) text() []byte {
	from := s.at
	s.at++
	for s.at < len(s.raw) && s.raw[s.at] != '"' {
		if s.raw[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	s.at++
	return s.raw[from:min(s.at, len(s.raw))]
}

func (s *scanner) peek() byte {
	if s.at < len(s.raw) {
		return s.raw[s.at]
	}
	return 0
}
