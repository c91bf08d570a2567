package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dvala/fault"
	"dvala/ui"
)

// firstDraft is the file in which the pages of the first run keep how far
// somebody has come. A folder that holds nothing else holds no trial yet.
const firstDraft = "first-run.json"

var _ interface {
	ui.Keeper
	ui.Alone
} = (*firstRun)(nil)

// Keep writes the draft whole, or leaves the earlier one.
func (f *firstRun) Keep(d ui.Draft) error {
	f.drafts.Lock()
	defer f.drafts.Unlock()
	b, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return fault.Wrap("first-draft", "", err)
	}
	path := filepath.Join(f.dir, firstDraft)
	if err = os.MkdirAll(f.dir, 0o755); err == nil {
		if err = os.WriteFile(path+".new", b, 0o600); err == nil {
			err = os.Rename(path+".new", path)
		}
	}
	if err != nil {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	return nil
}

// Kept reads it. One that cannot be read is none.
func (f *firstRun) Kept() (d ui.Draft, ok bool) {
	f.drafts.Lock()
	defer f.drafts.Unlock()
	b, err := os.ReadFile(filepath.Join(f.dir, firstDraft))
	if err != nil || json.Unmarshal(b, &d) != nil {
		return ui.Draft{}, false
	}
	return d, true
}

// Forget takes it away.
func (f *firstRun) Forget() error {
	f.drafts.Lock()
	defer f.drafts.Unlock()
	path := filepath.Join(f.dir, firstDraft)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	return nil
}
