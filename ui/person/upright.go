package person

import "bytes"

// turners are the characters that turn the direction of what follows them: with
// one of them in it a text can be shown as another than it is. The pages are in
// languages that need none.
var turners = []string{
	"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
}

// Upright gives a page in which every character that turns the direction of text
// is shown as one that cannot be read, in its place.
func Upright(page []byte) []byte {
	for _, c := range turners {
		page = bytes.ReplaceAll(page, []byte(c), []byte("\ufffd"))
	}
	return page
}
