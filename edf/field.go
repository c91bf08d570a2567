package edf

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text decodes a header field. The format allows ASCII only; recorders write
// UTF-8 and Latin-1 too, and both are read.
func text(b []byte) string {
	b = trimmed(b)
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// trimmed cuts the padding: spaces, and the zero bytes some recorders use.
func trimmed(b []byte) []byte {
	return []byte(strings.Trim(string(b), " \x00"))
}

// whole reads a whole number of a header.
func whole(b []byte) (int, bool) {
	n, err := strconv.ParseInt(string(trimmed(b)), 10, 32)
	return int(n), err == nil
}

// number reads a decimal number of a header; a decimal comma is a fault that
// European recorders make, and is read.
func number(b []byte) (v float64, comma, ok bool) {
	s := string(trimmed(b))
	comma = strings.Contains(s, ",")
	if strings.ContainsAny(s, "xXpPnN_") { // what strconv allows beyond decimals: hex, inf, nan
		return 0, comma, false
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v, comma, err == nil && !math.IsInf(v, 0)
}

// seconds reads decimal seconds exactly, to the nanosecond; digits beyond are
// cut. It takes no sign, exponent or space.
func seconds(s string) (time.Duration, bool) {
	intPart, frac, _ := strings.Cut(s, ".")
	if intPart == "" && frac == "" || len(intPart) > 9 || !digits(intPart) || !digits(frac) {
		return 0, false
	}
	frac = (frac + "000000000")[:9]
	whole, _ := strconv.ParseInt("0"+intPart, 10, 64)
	nanos, _ := strconv.ParseInt(frac, 10, 64)
	return time.Duration(whole)*time.Second + time.Duration(nanos), true
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
