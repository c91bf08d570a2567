package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A faulty file is told in Swedish where it is brought: at the first run, and with an
// amendment, where a sound one shows what differs. The pages fit, and axe finds
// nothing serious.
func TestFaultyFilesInABrowser(t *testing.T) {
	chromiumFor(t)
	noAxe(t)
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	bad := strings.NewReplacer("\nversion: \"1\"", "\nversion: 1", "role: treatment", "role: traetment", "languages: [", "langauges: [", "slots_per_cell: 4", "slots_per_cell: many").Replace(src)
	next := strings.NewReplacer("\nversion: \"1\"", "\nversion: \"2\"", "A small trial", "A small & quiet trial", "Aged 35 to 55, sv: Mellan 35 och 55 år", "Aged 35 to 60, sv: Mellan 35 och 60 år").Replace(src)
	h := handler(t, playground(t))
	for _, size := range sizes {
		t.Run(size.name, func(t *testing.T) {
			name := fmt.Sprintf("file-sv-%d-", size.width)
			first := newBrowser(t, must(NewFirst(&checking{})))
			first.size(size.width, size.height)
			first.be("", "sv", "system")
			first.open("/")
			first.press(`[name="template"][value="parallel"]`, "/first/template")
			ask1[bool](first, `(document.getElementById("source").value = `+quoted(bad)+`, true)`)
			first.press(`[formaction="/first/check"]`, "/first/check")
			if got := first.text(".warn"); !strings.Contains(got, "menade du languages?") || !strings.Contains(got, "rad 4") {
				t.Errorf("what is wrong: %q", got)
			}
			first.both(name + "first")
			b := newBrowser(t, h)
			b.size(size.width, size.height)
			b.be("investigator", "sv", "light")
			b.open("/do/amend-protocol")
			b.bring("protocol_file", "next.yaml", []byte(bad))
			b.press(`[name="look"]`, "/do/amend-protocol")
			if got := b.text("main .warn ul"); !strings.Contains(got, "menade du languages?") || !strings.Contains(got, "rad 4") {
				t.Errorf("what is wrong with the amendment: %q", got)
			}
			b.inspect(name + "amendment")
			b.twice(name + "amendment")
			b.bring("protocol_file", "next.yaml", []byte(next))
			b.press(`[name="look"]`, "/do/amend-protocol")
			if got := b.text("main table"); !strings.Contains(got, "i ord") || !strings.Contains(got, "Mellan 35 och 60 år") {
				t.Errorf("what differs: %q", got)
			}
			b.inspect(name + "differs")
			b.twice(name + "differs")
		})
	}
}
