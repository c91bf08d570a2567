package main

import (
	"fmt"
	"strings"

	"dvala/fault"
)

// code128 are the widths of bars and spaces of the symbols of Code 128, by
// value: six for each, together 11 modules; 105 is the start of set C, 106 the
// stop with its last bar (ISO/IEC 15417:2007, table 1).
const code128 = "212222222122222221121223121322131222122213122312132212221213" +
	"221312231212112232122132122231113222123122123221223211221132" +
	"221231213212223112312131311222321122321221312212322112322211" +
	"212123212321232121111323131123131321112313132113132311211313" +
	"231113231311112133112331132131113123113321133121313121211331" +
	"231131213113213311213131311123311321331121312113312311332111" +
	"314111221411431111111224111422121124121421141122141221112214" +
	"112412122114122411142112142211241211221114413111241112134111" +
	"111242121142121241114212124112124211411212421112421211212141" +
	"214121412121111143111341131141114113114311411113411311113141" +
	"114131311141411131211412211214211232"

const code128Stop = "2331112"

// barcode draws an even number of digits in Code 128, set C, as SVG: two digits
// a symbol, a check symbol after them (the sum of value times place, modulo 103)
// and ten modules of quiet on each side.
func barcode(digits string) (string, error) {
	if len(digits) == 0 || len(digits)%2 != 0 || strings.Trim(digits, "0123456789") != "" {
		return "", fault.New("barcode", "kit", "%.20q is not an even number of digits", digits)
	}
	widths, sum := symbol(105), 105
	for i := 0; i < len(digits); i += 2 {
		value := int(digits[i]-'0')*10 + int(digits[i+1]-'0')
		widths += symbol(value)
		sum += value * (i/2 + 1)
	}
	widths += symbol(sum%103) + code128Stop
	var path strings.Builder
	x := 10
	for i := range len(widths) {
		w := int(widths[i] - '0')
		if i%2 == 0 {
			fmt.Fprintf(&path, "M%d 0h%dv40h-%dz", x, w, w)
		}
		x += w
	}
	return fmt.Sprintf(`<svg viewBox="0 0 %d 40" preserveAspectRatio="none" role="img" aria-label="%s"><path d="%s"/></svg>`, x+10, digits, path.String()), nil
}

func symbol(value int) string { return code128[6*value : 6*value+6] }
