package person

import "testing"

// Numbers can be called with a tap; dates, codes and short numbers are left alone,
// and nothing of the text becomes markup.
func TestDialled(t *testing.T) {
	for text, want := range map[string]string{
		"Ring 046-17 71 00 dygnet runt": `Ring <a class="tel" href="tel:046177100">046-17 71 00</a> dygnet runt`,
		"+46 (0)70 123 45 67":           `<a class="tel" href="tel:+46701234567">+46 (0)70 123 45 67</a>`,
		"Dr <b>A</b>, 0701234567.":      `Dr &lt;b&gt;A&lt;/b&gt;, <a class="tel" href="tel:0701234567">0701234567</a>.`,
		"112":                           "112",
		"the number on the card":        "the number on the card",
	} {
		if got := string(dialled(text)); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
