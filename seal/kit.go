package seal

import (
	"math/rand/v2"
	"strings"

	"dvala/fault"
)

// damm is the quasigroup of order ten of H. Michael Damm (2004), whose check
// digit finds every single wrong digit and every two neighbours exchanged.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// check gives the check digit of digits; of digits with their check digit it
// gives 0.
func check(digits string) byte {
	var interim byte
	for i := range len(digits) {
		interim = damm[interim][digits[i]-'0']
	}
	return interim
}

// KitNumbers draws n different kit numbers. They are drawn from a space at least
// a thousand times as large, so that a number read wrong is hardly ever that of
// another kit, and carry a check digit, so that it is noticed: "4821-7305", the
// last digit being the check. They depend on the generator alone.
func KitNumbers(r *rand.Rand, n int) []string { return FreshKitNumbers(r, n, nil) }

// FreshKitNumbers draws n kit numbers that are none of those taken, out of a
// space at least a thousand times as large as both together.
func FreshKitNumbers(r *rand.Rand, n int, taken map[string]bool) []string {
	digits, space := 7, 10_000_000
	for space < 1000*(n+len(taken)) {
		digits, space = digits+2, space*100
	}
	seen := make(map[int]bool, n)
	out := make([]string, 0, n)
	for len(out) < n {
		x := r.IntN(space)
		if seen[x] {
			continue
		}
		seen[x] = true
		if number := kitNumber(x, digits); !taken[number] {
			out = append(out, number)
		}
	}
	return out
}

func kitNumber(x, digits int) string {
	text := make([]byte, digits, digits+1)
	for i := digits - 1; i >= 0; i-- {
		text[i] = byte('0' + x%10)
		x /= 10
	}
	text = append(text, '0'+check(string(text)))
	half := len(text) / 2
	return string(text[:half]) + "-" + string(text[half:])
}

// ParseKitNumber reads a kit number as a person types it, with or without
// hyphen and spaces, checks its check digit, and gives it in its one form.
func ParseKitNumber(typed string) (string, error) {
	text := strings.NewReplacer("-", "", " ", "").Replace(typed)
	if len(text) < 8 || len(text) > 16 || len(text)%2 != 0 || strings.Trim(text, "0123456789") != "" {
		return "", fault.New(CodeKit, "kit", "%q is not a kit number", clip(typed)).WithHint("it is printed on the kit as two groups of digits")
	}
	if check(text) != 0 {
		return "", fault.New(CodeKit, "kit", "%q is not the number of any kit: a digit is wrong, or two are exchanged", clip(typed)).
			WithHint("read it again from the kit")
	}
	return text[:len(text)/2] + "-" + text[len(text)/2:], nil
}
