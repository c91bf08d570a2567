package report

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// The report in English is byte for byte what it was before there was one in
// Swedish. A change that is meant writes the sums again:
//
//	DVALA_REPORT_OUT=DIR go test ./report -run TestWriteForLooking
//	(cd DIR && sha256sum *.html) > report/testdata/english.sha256
func TestEnglishAsItWas(t *testing.T) {
	raw, err := os.ReadFile("testdata/english.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 2 {
			want[f[1]] = f[0]
		}
	}
	if len(want) < 8 {
		t.Fatalf("only %d sums", len(want))
	}
	for _, f := range fixtures() {
		sum := sha256.Sum256([]byte(render(t, f.results)))
		if got := hex.EncodeToString(sum[:]); got != want[f.name+".html"] {
			t.Errorf("%s: the English report changed: %s", f.name, got)
		}
	}
}
