package store

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"

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
	reportStem   = "report." // with a language and .html, the same report in that
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
	c, err := ledger.OpenCheckpoint(t.Checkpoint(), t.public)
	if len(t.Checkpoint()) == 0 {
		return fault.New("export-empty", t.place, "the ledger has no entry yet")
	}
	if err != nil {
		return err
	}
	if err := t.exportLedger(ctx, filepath.Join(dir, ledgerFile)); err != nil {
		return err
	}
	files, err := t.exportedFiles(ctx, c.Size)
	if err != nil {
		return err
	}
	for path, file := range files {
		if err := t.exportFile(ctx, filepath.Join(dir, path), file); err != nil {
			return err
		}
	}
	return nil
}

// exportLedger writes all entries that the checkpoint signs, and it; nothing of a
// ledger that has none yet.
func (t *Trial) exportLedger(ctx context.Context, path string) error {
	signed := t.Checkpoint()
	if len(signed) == 0 {
		return nil
	}
	c, err := ledger.OpenCheckpoint(signed, t.public)
	if err != nil {
		return err
	}
	return writeExported(path, func(w io.Writer) error {
		return ledger.WriteExport(w, t.public, t.Each(ctx, c.Size), signed)
	})
}

// exportedFiles says where the files that the first n entries name go. Of
// several reports the last has the plain names.
func (t *Trial) exportedFiles(ctx context.Context, n uint64) (map[string]study.File, error) {
	files := map[string]study.File{}
	for e, err := range t.Each(ctx, n) {
		if err != nil {
			return nil, err
		}
		f, err := study.Decode(e)
		if err != nil {
			return nil, err
		}
		if _, is := f.Event.(study.Reported); is {
			for name, old := range files {
				if name == resultsFile || strings.HasPrefix(name, reportStem) {
					delete(files, name)
					files[filepath.Join("blobs", old.SHA256)] = old
				}
			}
		}
		maps.Copy(files, exportPaths(f.Event))
	}
	return files, nil
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
		out := map[string]study.File{resultsFile: e.Results, reportFile: e.Report}
		for _, t := range e.Translated {
			out[reportStem+string(t.Language)+".html"] = t.Report
		}
		return out
	}
	out := map[string]study.File{}
	for _, f := range study.Files(ev) {
		out[filepath.Join("blobs", f.SHA256)] = f
	}
	return out
}

// exportFile copies a file, however long it is; reading it to its end checks it
// against its hash.
func (t *Trial) exportFile(ctx context.Context, path string, f study.File) error {
	return writeExported(path, func(w io.Writer) error {
		from, _, err := t.blobs.Open(ctx, f.SHA256, 0, -1)
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(w, from)
		return err
	})
}

// writeExported writes one file of an export.
func writeExported(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fault.Wrap("export-write", path, err)
	}
	err = write(f)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = fault.Wrap("export-write", path, cerr)
	}
	return err
}
