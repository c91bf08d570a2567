package main

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
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
	// Translated are the report in the protocol's other languages: report.sv.html.
	Translated []translated
}

// translated is a report in another language.
type translated struct {
	Lang protocol.Language
	Page []byte
}

// inLang names a report's file in a language: report.sv.html for report.html.
func inLang(name string, l protocol.Language) string {
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + string(l) + ext
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
	return render(results, checked)
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

// render turns results into files: the report in English and, where the protocol
// has it, in Swedish.
func render(r estimate.Results, c protocol.Checked) (analysis, error) {
	a := analysis{Results: r}
	var err error
	if a.JSON, err = r.WithoutProvenance().JSON(); err != nil {
		return a, err
	}
	if a.Provenance, err = json.MarshalIndent(r.Provenance, "", "\t"); err != nil {
		return a, fault.Wrap("results-json", provenanceFile, err)
	}
	a.Provenance = append(a.Provenance, '\n')
	if a.Report, err = report.HTML(r); err != nil {
		return a, err
	}
	if slices.Contains(c.Protocol().Languages, "sv") {
		page, err := report.HTMLIn("sv", r, c.Said("sv"))
		if err != nil {
			return a, err
		}
		a.Translated = append(a.Translated, translated{"sv", page})
	}
	return a, nil
}

// put keeps results and reports with the trial, under names.
func (a analysis) put(t *store.Trial, results, report string) (study.Reported, error) {
	blobs := []store.Blob{{Name: results, Bytes: a.JSON}, {Name: report, Bytes: a.Report}}
	for _, in := range a.Translated {
		blobs = append(blobs, store.Blob{Name: inLang(report, in.Lang), Bytes: in.Page})
	}
	files, err := t.PutBlobs(blobs)
	if err != nil {
		return study.Reported{}, err
	}
	out := study.Reported{Results: files[0], Report: files[1]}
	for i, in := range a.Translated {
		out.Translated = append(out.Translated, study.Translation{Language: in.Lang, Report: files[i+2]})
	}
	return out, nil
}

// write puts the files into a directory, each whole or not at all.
func (a analysis) write(dir string) error {
	files := map[string][]byte{reportFile: a.Report, resultsFile: a.JSON, provenanceFile: a.Provenance}
	for _, in := range a.Translated {
		files[inLang(reportFile, in.Lang)] = in.Page
	}
	for name, b := range files {
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
