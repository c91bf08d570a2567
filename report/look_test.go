package report

import (
	"os"
	"path/filepath"
	"testing"
)

// Writes the fixtures as files when DVALA_REPORT_OUT names a directory, for
// looking at them in a browser.
func TestWriteForLooking(t *testing.T) {
	dir := os.Getenv("DVALA_REPORT_OUT")
	if dir == "" {
		return // nothing is asked for
	}
	for _, f := range fixtures() {
		b, err := HTML(f.results)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.name+".html"), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
