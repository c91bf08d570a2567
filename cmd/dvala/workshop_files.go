package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"dvala/estimate"
	"dvala/exchange"
	"dvala/fault"
	"dvala/store"
)

// still opens the trial as it is now, beside the one that is written to, so that
// what takes long sees one state of it.
func (w *workshop) still(ctx context.Context, look func(*store.Trial) error) error {
	t, err := store.ReadAt(ctx, w.where)
	if err != nil {
		return err
	}
	return errors.Join(look(t), t.Close())
}

// formatOf gives the export verb's word for a kind of tables.
func formatOf(kind string) string {
	if kind == "tables" {
		return "csv"
	}
	return kind
}

// tables writes all data in one of the forms that dvala export has.
func (w *workshop) tables(ctx context.Context, o order) (made, error) {
	o.tell(ctx, 1, 3)
	var files []exchange.File
	err := w.still(ctx, func(t *store.Trial) error {
		var groups estimate.Allocation
		var err error
		if t.State().Openings != nil {
			if groups, err = allocationOf(t, &estimate.Provenance{}); err != nil {
				return err
			}
		}
		files, err = (&ExportCmd{Format: formatOf(o.What)}).files(t, groups)
		return err
	})
	if err != nil {
		return made{}, err
	}
	o.tell(ctx, 2, 3)
	return w.pack(ctx, o, func(add func(string, io.Reader) error) error {
		for _, f := range files {
			if err := add(f.Name, bytes.NewReader(f.Bytes)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ledger writes the trial as it is handed to somebody who does not trust us.
func (w *workshop) ledger(ctx context.Context, o order) (made, error) {
	dir, err := os.MkdirTemp("", "dvala-export-*")
	if err != nil {
		return made{}, fault.Wrap("file-unwritable", os.TempDir(), err)
	}
	defer os.RemoveAll(dir)
	root := filepath.Join(dir, exportDir)
	o.tell(ctx, 1, 3)
	if err := w.still(ctx, func(t *store.Trial) error { return t.Export(ctx, root) }); err != nil {
		return made{}, err
	}
	o.tell(ctx, 2, 3)
	return w.pack(ctx, o, func(add func(string, io.Reader) error) error {
		return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			return add(filepath.ToSlash(rel), f)
		})
	})
}

// pack lays files into one, each with the same date, so that the same files are
// the same bytes. None of it is whole in memory.
func (w *workshop) pack(ctx context.Context, o order, each func(add func(name string, r io.Reader) error) error) (made, error) {
	r, to := io.Pipe()
	go func() {
		z := zip.NewWriter(to)
		err := each(func(name string, from io.Reader) error {
			part, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
			if err == nil {
				_, err = io.Copy(part, from)
			}
			return err
		})
		if err == nil {
			err = z.Close()
		}
		to.CloseWithError(err) // nil: the end
	}()
	shelf := w.trial.Files()
	m := made{file: w.trial.Protocol().ID() + "-" + o.What + ".zip", kept: keptName(o, o.attempt)}
	var err error
	m.bytes, err = shelf.Lay(ctx, m.kept, r)
	r.CloseWithError(io.ErrClosedPipe) // whoever writes still is told
	if err != nil {
		return made{}, err
	}
	for before := 1; before < o.attempt; before++ { // of a process that died
		if err := shelf.Drop(ctx, keptName(o, before)); err != nil {
			return made{}, err
		}
	}
	return m, nil
}

func keptName(o order, attempt int) string { return fmt.Sprintf("%d-%d.zip", o.id, attempt) }

// sweep takes away what was made long ago.
func (w *workshop) sweep(ctx context.Context) error {
	old, err := w.queue.Passed(ctx, w.office.Now().Add(-keepMade))
	for _, p := range old {
		if err = w.trial.Files().Drop(ctx, p.Kept); err == nil {
			err = w.queue.Gone(ctx, p.Job)
		}
		if err != nil {
			return err
		}
	}
	return err
}
