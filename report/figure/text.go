package figure

import (
	"strings"
	"unicode/utf8"

	"dvala/report/voice"
)

// Widths of ASCII letters in a sans-serif face, in thousandths of the size:
// a little more than Helvetica's, since the reader's face is not known.
var widths = [...]struct {
	letters string
	width   int
}{
	{"ijl'|", 250},
	{" .,:;!ftI()[]r/-", 330},
	{"0123456789", 570},
	{"abcdeghknopqsuvxyz<>=+_?$#", 560},
	{"ABEFKLPSTVXYZRDHNUC&", 710},
	{"GOQwM", 790},
	{"mW%@", 920},
}

var widthOf = func() (w [128]int) {
	for i := range w {
		w[i] = 560
	}
	for _, g := range widths {
		for _, r := range g.letters {
			w[r] = g.width
		}
	}
	return w
}()

// Width estimates how wide a line of text is at the size given.
func Width(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		switch {
		case r < 128:
			sum += widthOf[r]
		case voice.IsMark(r):
		case r >= 0x2e80: // ideographs, emoji
			sum += 1050
		default:
			sum += 600
		}
	}
	return float64(sum) * size / 1000
}

// breaks are where a line may end; a no-break space is none of them.
func breaks(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }

// Wrap breaks text into lines no wider than width: at spaces, and inside a
// word that is wider than a line.
func Wrap(s string, width, size float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(s, breaks) {
		for {
			try := word
			if line != "" {
				try = line + " " + word
			}
			if Width(try, size) <= width {
				line = try
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := fit(word, width, size)
			lines, word = append(lines, head), word[len(head):]
			if word == "" {
				break
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fit gives the longest beginning of a word that fits, at least one letter.
func fit(word string, width, size float64) string {
	end := 0
	for i, r := range word {
		next := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			next = i + 1
			if _, n := utf8.DecodeRuneInString(word[i:]); n > 1 {
				next = i + n
			}
		}
		if end > 0 && Width(word[:next], size) > width {
			break
		}
		end = next
	}
	return word[:end]
}

// Lines writes lines of text below each other and gives the y after the last.
func (c *Canvas) Lines(class string, x, y, step float64, lines []string) float64 {
	for _, l := range lines {
		c.Text(class, x, y, l)
		y += step
	}
	return y
}
