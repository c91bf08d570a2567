package annot

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"

	"dvala/edf"
	"dvala/fault"
	"dvala/sleep"
)

// Scoring is what a file says of a night.
type Scoring struct {
	Dialect string
	Header  edf.Header // start date and time, as far as the file tells them
	Epoch   time.Duration
	Stages  []edf.Annotation // each text is a stage's letter
	Events  []edf.Annotation // all others, as the file names them
}

// What a file may hold at most: a night has some thousand events.
const (
	maxBytes  = 64 << 20
	maxEvents = 200_000
	maxLine   = 64 << 10
)

// Hypnogram makes epochs of the stages; see edf.Hypnogram.
func (s Scoring) Hypnogram(zone *time.Location) (sleep.Hypnogram, fault.List, error) {
	letters := edf.Dialect{Name: s.Dialect, Stages: map[string]sleep.Stage{}}
	for _, l := range sleep.Stages() {
		letters.Stages[l.String()] = l
	}
	epoch := s.Epoch
	if epoch == 0 {
		epoch = 30 * time.Second
	}
	return edf.Hypnogram(s.Header, s.Stages, letters, epoch, zone)
}

// add takes one event in; a stage if the dialect knows it.
func (s *Scoring) add(at, length time.Duration, text string, stages map[string]sleep.Stage) error {
	if len(s.Stages)+len(s.Events) >= maxEvents {
		return fault.New("annot-many", "", "more than %d events", maxEvents)
	}
	a := edf.Annotation{Onset: at, Duration: length, HasDuration: true, Text: text}
	if stage, ok := stages[fold(text)]; ok {
		a.Text = stage.String()
		s.Stages = append(s.Stages, a)
	} else {
		s.Events = append(s.Events, a)
	}
	return nil
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Options say what a file cannot say itself.
type Options struct {
	Epoch   time.Duration          // of a plain list; 0 is 30 s
	Numbers map[string]sleep.Stage // what the numbers of a plain list mean; nil refuses them
}

// Read finds out by the first bytes which dialect a file is in, and reads it.
func Read(r io.Reader, o Options) (Scoring, fault.List, error) {
	b := text(r)
	head, err := b.Peek(4096)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return Scoring{}, nil, fault.Wrap("annot-read", "", err)
	}
	switch kind := Kind(head); kind {
	case "nsrr", "profusion":
		return readXML(b, kind)
	case "noxturnal":
		return readNoxturnal(b)
	case "list":
		return readList(b, o)
	}
	return Scoring{}, nil, fault.New("annot-kind", "", "this is no scoring of a kind that is known").
		WithHint("NSRR or Profusion XML, Noxturnal's event list, or one stage a line")
}

// text decodes UTF-16 where a byte-order mark says so, and drops the mark.
func text(r io.Reader) *bufio.Reader {
	b := bufio.NewReader(io.LimitReader(r, maxBytes))
	mark, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return bufio.NewReader(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b))
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		b.Discard(3) // cannot fail: these bytes are in the buffer
	}
	return b
}

// Kind names the dialect of a file's beginning: nsrr, profusion, noxturnal,
// list, or nothing.
func Kind(head []byte) string {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		if b, err := text(bytes.NewReader(head[:len(head)&^1])).Peek(len(head) / 2); err == nil || err == io.EOF {
			head = b
		}
	}
	s := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	if strings.HasPrefix(s, "<") {
		switch root := rootOf(s); {
		case root == "PSGAnnotation":
			return "nsrr"
		case root == "CMPStudyConfig":
			return "profusion"
		}
		return ""
	}
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	if len(lines) > 1 && strings.Contains(lines[1], "[]") && strings.Contains(lines[1], "[s]") {
		return "noxturnal"
	}
	for _, l := range lines {
		if l = strings.TrimSpace(l); l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if _, ok := words[fold(l)]; ok || isNumber(l) {
			return "list"
		}
		break
	}
	return ""
}
