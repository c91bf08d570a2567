package person

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"dvala/fault"
)

// Bounds of a drawn signature, in units of the pad.
const (
	padWide, padHigh = 1000, 300
	mostPoints       = 4000
)

// drawing makes a picture of the strokes of a signature. Strokes are parted by
// semicolons, and points, x,y, by spaces. Of what came nothing is copied but
// numbers.
func drawing(strokes, about string) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><title>%s</title><g fill="none" stroke="#000" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">`,
		padWide, padHigh, html.EscapeString(about))
	points := 0
	for stroke := range strings.SplitSeq(strokes, ";") {
		b.WriteString(`<polyline points="`)
		n := 0
		for point := range strings.FieldsSeq(stroke) {
			x, y, _ := strings.Cut(point, ",")
			px, err := strconv.Atoi(x)
			py, err2 := strconv.Atoi(y)
			if points++; err != nil || err2 != nil || px < 0 || px > padWide || py < 0 || py > padHigh || points > mostPoints {
				return nil, fault.New("signature-form", "ink", "these are no strokes of the pad")
			}
			fmt.Fprintf(&b, "%d,%d ", px, py)
			if n++; n == 1 {
				fmt.Fprintf(&b, "%d,%d ", px, py) // a dot is seen, too
			}
		}
		b.WriteString(`"/>`)
	}
	if points == 0 {
		return nil, fault.New("signature-form", "ink", "nothing is drawn")
	}
	b.WriteString("</g></svg>\n")
	return []byte(b.String()), nil
}

// drawn makes the picture of what a person drew under her consent; nothing where
// she drew nothing.
func (p *Pages) drawn(v *visit, version, ink string) ([]byte, error) {
	if ink == "" {
		return nil, nil
	}
	return drawing(ink, p.words.say(v.lang, "consent.drawn", "trial", v.trial, "version", version))
}
