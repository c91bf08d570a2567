package store

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"

	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

// The files of an export that have names of their own; the others lie in blobs
// under their hashes.
const (
	ledgerFile   = "ledger.dvl"
	protocolFile = "protocol.yaml"
	sealedFile   = "sealed-list.dvl"
	openingsFile = "openings.dvl"
	resultsFile  = "results.json"
	reportFile   = "report.html"
)

// Export writes the trial as it is handed to somebody who does not trust us:
// the whole ledger with its signed checkpoint, and every file that an entry
// names, each checked against its hash. No key is in it. The folder must be new
// or empty.
func (t *Trial) Export(ctx context.Context, dir string) error {
	if old, err := os.ReadDir(dir); err == nil && len(old) > 0 {
		return fault.New("export-dir", dir, "the folder is not empty").WithHint("choose a new one, so that nothing old is taken for part of the trial")
	}
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o755); err != nil {
		return fault.Wrap("export-dir", dir, err)
	}
	signed := t.Checkpoint()
	if len(signed) == 0 {
		return fault.New("export-empty", t.place, "the ledger has no entry yet")
	}
	c, err := ledger.OpenCheckpoint(signed, t.public)
	if err != nil {
		return err
	}
	entries, err := t.Entries(ctx, 0, c.Size)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := ledger.WriteExport(&b, t.public, entries, signed); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, ledgerFile), b.Bytes(), 0o644); err != nil {
		return fault.Wrap("export-write", ledgerFile, err)
	}
	// Of several reports the last has the plain names.
	files := map[string]study.File{}
	for _, e := range entries {
		f, err := study.Decode(e)
		if err != nil {
			return err
		}
		if _, is := f.Event.(study.Reported); is {
			for _, name := range []string{resultsFile, reportFile} {
				if old, ok := files[name]; ok {
					files[filepath.Join("blobs", old.SHA256)] = old
				}
			}
		}
		maps.Copy(files, exportPaths(f.Event))
	}
	for path, file := range files {
		if err := t.exportFile(filepath.Join(dir, path), file); err != nil {
			return err
		}
	}
	return nil
}

// exportPaths says where in an export the files of an event go.
func exportPaths(ev study.Event) map[string]study.File {
	switch e := ev.(type) {
	case study.Opened:
		out := map[string]study.File{protocolFile: e.Protocol, sealedFile: e.SealedList}
		for _, i := range e.Instruments {
			out[filepath.Join("blobs", i.Definition.SHA256)] = i.Definition
		}
		return out
	case study.AllocationsOpen:
		return map[string]study.File{openingsFile: e.Openings}
	case study.Reported:
		return map[string]study.File{resultsFile: e.Results, reportFile: e.Report}
	}
	out := map[string]study.File{}
	for _, f := range study.Files(ev) {
		out[filepath.Join("blobs", f.SHA256)] = f
	}
	return out
}

func (t *Trial) exportFile(path string, f study.File) error {
	data, err := t.Blob(f.SHA256)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fault.Wrap("export-write", path, err)
	}
	return nil
}
