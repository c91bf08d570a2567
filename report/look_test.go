package report

import (
	"os"
	"path/filepath"
	"testing"

	"dvala/protocol"
)

// Writes the fixtures as files when DVALA_REPORT_OUT names a directory, for
// looking at them in a browser: in English, and in the folder sv in Swedish.
func TestWriteForLooking(t *testing.T) {
	dir := os.Getenv("DVALA_REPORT_OUT")
	if dir == "" {
		return // nothing is asked for
	}
	if err := os.MkdirAll(filepath.Join(dir, "sv"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range fixtures() {
		for folder, lang := range map[string]protocol.Language{"": "en", "sv": "sv"} {
			b, err := HTMLIn(lang, f.results, saidInSwedish())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, folder, f.name+".html"), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
