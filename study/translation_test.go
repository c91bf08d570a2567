package study

import (
	"encoding/json"
	"testing"
)

// A report names each language once, and its translations are files of the
// entry; one without is written as it was before there were any.
func TestTranslations(t *testing.T) {
	f := File{SHA256: anyHash, Bytes: 1}
	r := Reported{Results: f, Report: f, Translated: []Translation{{"sv", f}}}
	if err := r.check(); err != nil || len(Files(r)) != 3 || len(Files(DryRun(r))) != 3 {
		t.Error(err, Files(r))
	}
	for _, bad := range [][]Translation{{{"en", f}}, {{"sv", f}, {"sv", f}}, {{"", f}}, {{"sv", File{}}}} {
		r.Translated = bad
		if r.check() == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	raw, err := json.Marshal(Reported{Results: f, Report: f})
	old, _ := json.Marshal(map[string]File{"results_file": f, "report_file": f})
	var a, b map[string]any
	if err != nil || json.Unmarshal(raw, &a) != nil || json.Unmarshal(old, &b) != nil || len(a) != len(b) {
		t.Errorf("%s", raw)
	}
}
