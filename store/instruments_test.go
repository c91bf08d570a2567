package store

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"dvala/cmd/dvala-verify/audit"
	"dvala/fault"
	"dvala/instrument"
	"dvala/study"
)

// An operator's own instrument is asked and scored like those of the program,
// and is kept with the trial: the directory opens, and its export is verified,
// where nobody has the operator's file.
func TestOwnInstrument(t *testing.T) {
	own := must(instrument.Parse(must(os.ReadFile(filepath.Join("..", "instrument", "testdata", "good", "own.yaml")))))
	src := must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml")))
	src = bytes.ReplaceAll(src, []byte("[isi, kss]"), []byte("[isi, evening]"))
	dir := t.TempDir()
	trial := openedFrom(t, dir, startOf(src, own))
	who := do(t, trial, screen(0), at(0, "")).Subject
	do(t, trial, study.Consent{Version: "1.0", Language: "sv"}, at(0, who))
	do(t, trial, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, who))
	do(t, trial, study.Randomise{}, at(3, who))
	do(t, trial, study.Answer{
		Instrument: "evening", Visit: "day-0", Language: "sv", Answers: json.RawMessage(`{"calm":4,"tense":2}`),
	}, at(3, who))
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	again := must(Open(ctx, dir))
	defer again.Close()
	r := again.State().People[who].Visits["day-0"]["evening"]
	// By hand: calm 4, and tense 2 reversed on 1 to 5 is 4.
	if ease, ok := r.Scores.Value("ease"); !ok || ease != 8 {
		t.Errorf("%+v", r.Scores)
	}
	export := filepath.Join(t.TempDir(), "export")
	if err := again.Export(ctx, export); err != nil {
		t.Fatal(err)
	}
	if r := audit.Check(os.DirFS(export), audit.Options{}); !r.Sound() {
		t.Error(r.Problems.Text())
	}
}

// Another definition in the place of the one that the trial began with is
// refused, although the file is whole: the ledger names the old one.
func TestDefinitionExchanged(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	isi, _ := instrument.ByID("isi")
	other := must(instrument.Parse(bytes.Replace(isi.Canonical(), []byte(`"days":14`), []byte(`"days":7`), 1)))
	f := must(trial.PutBlob("isi.json", other.Canonical()))
	must(trial.db.Write.Exec("UPDATE meta SET value = replace(value, ?, ?) WHERE key = 'instruments'", isi.SHA256(), f.SHA256))
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, dir); fault.CodeOf(err) != "store-damaged" || !bytes.Contains([]byte(err.Error()), []byte("opened-instruments")) {
		t.Error(err)
	}
}
