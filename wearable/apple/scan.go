package apple

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"dvala/fault"
)

// Sizes of the window that is read through.
const (
	windowSize = 256 << 10
	maxTag     = 1 << 20 // a longer tag is none
	maxDoctype = 1 << 20
)

// tag is one tag of the document. Its slices are valid until the next is read.
type tag struct {
	name  []byte
	attrs []byte // what stands between the name and the end
	end   bool   // </name>
	empty bool   // <name/>
}

// scanner gives the tags of an XML document in order and nothing else of it:
// text, comments, processing instructions, CDATA sections and the document type
// are stepped over. It does not check that tags nest.
type scanner struct {
	r        io.Reader
	buf      []byte
	at, to   int   // unread is buf[at:to]
	before   int64 // bytes of the document before buf[0]
	finished bool
}

func newScanner(r io.Reader) *scanner { return &scanner{r: r, buf: make([]byte, windowSize)} }

// place tells where in the document the scanner is.
func (s *scanner) place() string { return fmt.Sprintf("byte %d", s.before+int64(s.at)) }

func (s *scanner) malformed(format string, args ...any) error {
	return fault.New("apple-xml", s.place(), format, args...).WithHint("the file is damaged, or is not an export.xml of Apple Health")
}

// more reads on, keeping what is unread. It says false at the end.
func (s *scanner) more() (bool, error) {
	if s.finished {
		return false, nil
	}
	if s.at > 0 {
		copy(s.buf, s.buf[s.at:s.to])
		s.before += int64(s.at)
		s.to -= s.at
		s.at = 0
	}
	if s.to == len(s.buf) {
		if len(s.buf) >= maxTag {
			return false, s.malformed("a tag of more than %d bytes", maxTag)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 { // readers may return nothing, but not for ever
		n, err := s.r.Read(s.buf[s.to:])
		s.to += n
		if errors.Is(err, io.EOF) {
			s.finished = true
			return n > 0, nil
		}
		if err != nil {
			if fault.CodeOf(err) != "" {
				return false, err
			}
			return false, fault.Wrap("apple-read", s.place(), err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, fault.Wrap("apple-read", s.place(), io.ErrNoProgress)
}

// have reads on until n bytes are unread, and says whether there are.
func (s *scanner) have(n int) (bool, error) {
	for s.to-s.at < n {
		if ok, err := s.more(); !ok {
			return false, err
		}
	}
	return true, nil
}

// startsWith says whether the unread begins with the text.
func (s *scanner) startsWith(text string) (bool, error) {
	ok, err := s.have(len(text))
	return ok && string(s.buf[s.at:s.at+len(text)]) == text, err
}

// start steps over a byte-order mark and refuses what is not UTF-8.
func (s *scanner) start() error {
	if _, err := s.have(4); err != nil {
		return err
	}
	head := s.buf[s.at:s.to]
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.HasPrefix(head, []byte("<\x00")) || bytes.HasPrefix(head, []byte("\x00<")) {
		return fault.New("apple-encoding", "", "the file is UTF-16").WithHint("Apple Health writes UTF-8; an editor has changed it")
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		s.at += 3
	}
	return nil
}

// next gives the next tag, io.EOF after the last.
func (s *scanner) next() (tag, error) {
	for {
		i := bytes.IndexByte(s.buf[s.at:s.to], '<')
		if i < 0 {
			s.at = s.to
			ok, err := s.more()
			if err != nil {
				return tag{}, err
			}
			if !ok {
				return tag{}, io.EOF
			}
			continue
		}
		s.at += i
		if ok, err := s.have(2); err != nil {
			return tag{}, err
		} else if !ok {
			return tag{}, s.malformed("the file ends within a tag")
		}
		var err error
		switch s.buf[s.at+1] {
		case '?':
			err = s.skipPast(2, "?>")
		case '!':
			err = s.skipDeclaration()
		default:
			return s.tag()
		}
		if err != nil {
			return tag{}, err
		}
	}
}

// skipPast steps over a part of any length that ends with the text, n bytes of
// which have been looked at.
func (s *scanner) skipPast(n int, text string) error {
	s.at += n
	for {
		if i := bytes.Index(s.buf[s.at:s.to], []byte(text)); i >= 0 {
			s.at += i + len(text)
			return nil
		}
		s.at = max(s.at, s.to-len(text)+1)
		ok, err := s.more()
		if err != nil {
			return err
		}
		if !ok {
			return s.malformed("the file ends before %q", text)
		}
	}
}

func (s *scanner) skipDeclaration() error {
	for _, d := range []struct{ from, to string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		if is, err := s.startsWith(d.from); err != nil {
			return err
		} else if is {
			return s.skipPast(len(d.from), d.to)
		}
	}
	is, err := s.startsWith("<!DOCTYPE")
	if err != nil {
		return err
	}
	if !is {
		return s.malformed("a declaration outside the document type")
	}
	return s.skipDoctype()
}

// skipDoctype steps over the document type. Nothing in it is believed: entities
// it may declare are unknown later. Some versions of iOS write one that is
// itself broken, with lists of attributes that belong to no element; so what
// stands between declarations is stepped over too.
func (s *scanner) skipDoctype() error {
	from := s.before + int64(s.at)
	s.at += len("<!DOCTYPE")
	subset, declaration := false, false
	for {
		if ok, err := s.have(4); err != nil {
			return err
		} else if !ok && s.at == s.to {
			return s.malformed("the file ends within the document type")
		}
		if s.before+int64(s.at)-from > maxDoctype {
			return s.malformed("a document type of more than %d bytes", maxDoctype)
		}
		c, rest := s.buf[s.at], s.buf[s.at:s.to]
		var err error
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			err = s.skipPast(4, "-->")
		case bytes.HasPrefix(rest, []byte("<?")):
			err = s.skipPast(2, "?>")
		case (c == '"' || c == '\'') && (declaration || !subset):
			err = s.skipPast(1, string(rune(c)))
		case c == '[' && !subset:
			subset = true
			s.at++
		case c == '<':
			declaration = true
			s.at++
		case c == ']' && subset && !declaration:
			subset = false
			s.at++
		case c == '>' && declaration:
			declaration = false
			s.at++
		case c == '>' && !subset:
			s.at++
			return nil
		default:
			s.at++
		}
		if err != nil {
			return err
		}
	}
}

// tag reads the tag at which the scanner stands.
func (s *scanner) tag() (tag, error) {
	n, err := s.tagLength()
	if err != nil {
		return tag{}, err
	}
	body := s.buf[s.at+1 : s.at+n-1]
	var t tag
	if body[0] == '/' {
		t.end, body = true, body[1:]
	} else if body[len(body)-1] == '/' {
		t.empty, body = true, body[:len(body)-1]
	}
	i := 0
	for i < len(body) && !isSpace(body[i]) {
		i++
	}
	if i == 0 || bytes.IndexByte(body[:i], '=') >= 0 {
		return tag{}, s.malformed("a tag without a name")
	}
	t.name, t.attrs = body[:i], body[i:]
	s.at += n
	return t, nil
}

// tagLength finds the end of the tag, stepping over quoted values, in which '>'
// may stand.
func (s *scanner) tagLength() (int, error) {
	i := 1
	for {
		for i < s.to-s.at {
			b := s.buf[s.at:s.to]
			switch c := b[i]; c {
			case '>':
				if i == 1 {
					return 0, s.malformed("an empty tag")
				}
				return i + 1, nil
			case '<':
				return 0, s.malformed("a tag begins within a tag")
			case '"', '\'':
				n := bytes.IndexByte(b[i+1:], c)
				if n < 0 || i+n+2 >= len(b) {
					goto read // the value goes on, or what follows it is not there yet
				}
				i += n + 2
				if next := b[i]; next != '>' && next != '/' && !isSpace(next) {
					return 0, s.malformed("a quotation mark too few or too many")
				}
			default:
				i++
			}
		}
	read:
		ok, err := s.more()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, s.malformed("the file ends within a tag")
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// attribute takes the first attribute off a tag's. ok is false when there are
// no more; bad says that what is left is none. The value is as written.
func attribute(attrs []byte) (name, value, rest []byte, ok, bad bool) {
	i := 0
	for i < len(attrs) && isSpace(attrs[i]) {
		i++
	}
	if i == len(attrs) {
		return nil, nil, nil, false, false
	}
	attrs = attrs[i:]
	n := bytes.IndexByte(attrs, '=')
	if n < 1 {
		return nil, nil, nil, false, true
	}
	name, rest = bytes.TrimRight(attrs[:n], " \t\r\n"), attrs[n+1:]
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' || len(name) == 0 {
		return nil, nil, nil, false, true
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return nil, nil, nil, false, true
	}
	value, rest = rest[1:1+end], rest[end+2:]
	return name, value, rest, true, bytes.IndexByte(value, '<') >= 0
}
