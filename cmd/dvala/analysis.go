package main

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"

	"dvala/civil"
	"dvala/estimate"
	"dvala/fault"
	"dvala/report"
	"dvala/seal"
	"dvala/store"
	"dvala/study"
)

// The files that an analysis leaves in a directory.
const (
	reportFile     = "report.html"
	resultsFile    = "results.json"
	provenanceFile = "provenance.json"
)

// analysis is what comes of analysing a trial.
type analysis struct {
	Results    estimate.Results
	JSON       []byte // results.json: numbers, no hashes
	Provenance []byte // provenance.json: hashes
	Report     []byte // report.html
}

// analyseTrial analyses a trial directory: on the custodian's openings where
// they are on the ledger, else on a dummy allocation. The same directory gives
// the same bytes.
func analyseTrial(t *store.Trial) (analysis, error) {
	checked, state := t.Protocol(), t.State()
	prov := estimate.Provenance{
		Program: Release(), ProtocolHash: checked.HashHex(), ZoneRules: civil.ZoneRules,
	}
	if o := state.Opened; o != nil {
		prov.SealedHash, prov.Seed = o.SealedList.SHA256, o.Seed
	}
	if l := state.Locked; l != nil {
		prov.LockedRoot, prov.LockedSize = l.Root, l.Entries
	}
	// The store has held every entry against its hash, and the tree against the
	// signed checkpoint, when it opened the directory.
	held := true
	prov.LedgerVerified = &held

	groups, err := allocationOf(t, &prov)
	if err != nil {
		return analysis{}, err
	}
	data := estimate.FromState(checked, state, groups)
	results, err := estimate.Analyse(checked, data, groups.Dummy, prov)
	if err != nil {
		return analysis{}, err
	}
	return render(results)
}

// allocationOf gives the opened allocation, each opening held against its
// commitment; before the openings, a dummy of the same shape.
func allocationOf(t *store.Trial, prov *estimate.Provenance) (estimate.Allocation, error) {
	checked, state := t.Protocol(), t.State()
	if state.Openings == nil {
		h := fnv.New64a()
		h.Write([]byte(checked.ID()))
		return estimate.DummyAllocation(checked, state, h.Sum64())
	}
	list, err := study.WholeList(state.Lists(), t.Blob)
	if err != nil {
		return estimate.Allocation{}, err
	}
	raw, err := t.Blob(state.Openings.Openings.SHA256)
	if err != nil {
		return estimate.Allocation{}, err
	}
	openings, err := seal.ParseOpenings(bytes.NewReader(raw), list)
	if err != nil {
		return estimate.Allocation{}, err
	}
	prov.OpeningsHash = state.Openings.Openings.SHA256
	slots := map[int]string{}
	for i := range list.Len() {
		if content, ok := openings.Content(i); ok {
			slots[i] = content
		}
	}
	return estimate.OpenedAllocation(checked, state, slots)
}

// render turns results into files.
func render(r estimate.Results) (analysis, error) {
	a := analysis{Results: r}
	var err error
	if a.JSON, err = r.WithoutProvenance().JSON(); err != nil {
		return a, err
	}
	if a.Provenance, err = json.MarshalIndent(r.Provenance, "", "\t"); err != nil {
		return a, fault.Wrap("results-json", provenanceFile, err)
	}
	a.Provenance = append(a.Provenance, '\n')
	a.Report, err = report.HTML(r)
	return a, err
}

// write puts the files into a directory, each whole or not at all.
func (a analysis) write(dir string) error {
	for name, b := range map[string][]byte{reportFile: a.Report, resultsFile: a.JSON, provenanceFile: a.Provenance} {
		if err := writeWhole(filepath.Join(dir, name), b); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole replaces a file by writing another beside it and renaming that.
func writeWhole(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".dvala-*")
	if err != nil {
		return fault.Wrap("file-unwritable", path, err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fault.Wrap("file-unwritable", path, err)
	}
	return nil
}

// participants counts, for a line on the terminal.
func participants(s *study.State) (screened, randomised, completed int) {
	for _, p := range s.People {
		screened++
		if p.Randomised != nil {
			randomised++
		}
		if p.Completed != nil {
			completed++
		}
	}
	return screened, randomised, completed
}
