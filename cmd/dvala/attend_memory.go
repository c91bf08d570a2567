package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"dvala/custody"
	"dvala/fault"
	"dvala/seal"
)

// remembered is the file in which an attendant keeps what it has answered: requests
// and places, and no arm.
type remembered struct {
	List     string             `json:"sealed_list"` // SHA-256 of the trial's first list
	Answered []custody.Answered `json:"answered"`
}

// readMemory reads what was answered before; nothing where there is no file yet.
func readMemory(path string, list seal.Hash) ([]custody.Answered, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(path)
	}
	var m remembered
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fault.New("memory-form", "", "is not what an attendant keeps").In(path).
			WithHint("look for a copy of it; without one begin with a new file, and compare the ledger with a checkpoint that left the machine")
	}
	if m.List != list.String() {
		return nil, fault.New(custody.CodeForeign, "", "is what was answered for another list").In(path).WithHint("name another file: --memory FILE")
	}
	return m.Answered, nil
}

// writeMemory keeps it, whole or not at all, and sees it to the disk.
func writeMemory(path string, list seal.Hash, answered []custody.Answered) error {
	raw, err := json.MarshalIndent(remembered{list.String(), answered}, "", " ")
	if err != nil {
		return fault.Wrap("memory-form", path, err)
	}
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	if err := writeNew(path+".new", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	return nil
}
