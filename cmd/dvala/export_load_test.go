package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/cmd/dvala-verify/audit"
	"dvala/protocol"
	"dvala/store"
	"dvala/study"
)

// While people are screened as fast as it goes, what is exported is of one moment:
// the ledger verifies against its own signed checkpoint, which is of as many
// entries as there are, and tables tell of everybody up to a person and of nobody
// after her.
func TestExportUnderLoad(t *testing.T) {
	places := map[string]PlaceFlags{"sqlite": {Dir: filepath.Join(t.TempDir(), "trial")}}
	realTrialIn(t, places["sqlite"])
	places["postgres"] = realTrial(t)
	for name, at := range places {
		t.Run(name, func(t *testing.T) { exportUnderLoad(t, at) })
	}
}

func exportUnderLoad(t *testing.T, at PlaceFlags) {
	w, err := at.where()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := store.OpenAt(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				cmd := study.Screen{Site: "main", Answers: protocol.Answers{"age": protocol.Int(40), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true)}}
				if _, err := trial.Do(t.Context(), cmd, study.Meta{At: time.Now(), Actor: "anna", Role: study.RoleCoordinator, Key: fmt.Sprint("load-", i, "-", n)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	sizes := map[uint64]bool{}
	for i := range 4 {
		out := filepath.Join(t.TempDir(), fmt.Sprint(i))
		place := []string{"--dir", at.Dir}
		if at.Database != "" {
			place = []string{"--database", at.Database, "--blobs", at.Blobs}
		}
		verb(t, 0, append([]string{"export", "--ledger", "--out", filepath.Join(out, "ledger")}, place...)...)
		r := audit.Check(os.DirFS(filepath.Join(out, "ledger")), audit.Options{})
		if !r.Sound() {
			t.Error("an export under load does not verify")
		}
		verb(t, 0, append([]string{"export", "--out", filepath.Join(out, "tables")}, place...)...)
		sizes[uint64(upTo(t, filepath.Join(out, "tables")))] = true
	}
	close(stop)
	wg.Wait()
	if len(sizes) < 3 {
		t.Errorf("nobody was screened meanwhile: %v", sizes)
	}
}

// upTo says how many people a table of participants has, the first to the last.
func upTo(t *testing.T, dir string) int {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "participants.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		if want := fmt.Sprintf("P%04d", i+1); !strings.Contains(strings.Join(row, ","), want) {
			t.Fatalf("row %d is not of %s", i+1, want)
		}
	}
	return len(rows) - 1
}
