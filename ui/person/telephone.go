package person

import (
	"html/template"
	"regexp"
	"strings"
)

// telephone is a number in a text: an optional plus, and eight digits at least
// with what people write between them. Dates and short numbers are none.
var telephone = regexp.MustCompile(`\+?[0-9(][0-9()\x{2009}\x{00A0} /–-]{5,20}[0-9]`)

// dialled gives a text in which telephone numbers can be tapped to be called.
func dialled(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, m := range telephone.FindAllStringIndex(text, -1) {
		number := text[m[0]:m[1]]
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, strings.Replace(number, "(0)", "", 1))
		if len(strings.TrimPrefix(digits, "+")) < 7 {
			continue
		}
		b.WriteString(template.HTMLEscapeString(text[at:m[0]]))
		b.WriteString(`<a class="tel" href="tel:` + digits + `">` + template.HTMLEscapeString(number) + `</a>`)
		at = m[1]
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // every part is escaped, and the address is digits
}
