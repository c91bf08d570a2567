package estimate

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"dvala/fault"
)

// Digits is how many significant digits a number keeps in results.json: what
// machines that add in another order agree on, with room to spare.
const Digits = 10

// JSON gives the canonical bytes of results.json: fields in the order of the
// types, indented by a tab, numbers rounded to ten significant digits, a line
// feed at the end. The same results are the same bytes.
func (r Results) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(r); err != nil {
		return nil, fault.Wrap("results-number", "", err).WithHint("a number that is not finite must be absent")
	}
	return roundNumbers(b.Bytes()), nil
}

// ParseResults reads what JSON writes, and refuses fields it does not know.
func ParseResults(b []byte) (Results, error) {
	var r Results
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Results{}, fault.Wrap("results-json", "", err)
	}
	if r.Format != 1 {
		return Results{}, fault.New("results-format", "format", "results of format %d are not known", r.Format)
	}
	return r, nil
}

// roundNumbers rewrites the fractions of a JSON text to Digits; whole numbers
// stand as they are.
func roundNumbers(in []byte) []byte {
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); {
		c := in[i]
		switch {
		case c == '"':
			j := i + 1
			for in[j] != '"' {
				if in[j] == '\\' {
					j++
				}
				j++
			}
			out = append(out, in[i:j+1]...)
			i = j + 1
		case c == '-' || c >= '0' && c <= '9':
			j := i + 1
			for j < len(in) && bytes.IndexByte([]byte("0123456789.eE+-"), in[j]) >= 0 {
				j++
			}
			out = append(out, roundNumber(string(in[i:j]))...)
			i = j
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

func roundNumber(s string) string {
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return s
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'e', Digits-1, 64), 64)
	if x == 0 {
		return "0"
	}
	if a := math.Abs(x); a >= 1e-6 && a < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'e', -1, 64)
}
