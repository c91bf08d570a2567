package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/fault"
	"dvala/store"
	"dvala/study"
	"dvala/wearable/oura"
)

// filesNamed are the files that commands name by their paths. None outside the
// one directory is read.
type filesNamed struct {
	dir   string
	root  *os.Root
	err   error
	blobs []store.Blob // of the trial, to be stored as they are
	// seal stores a file about a person under her key; nil: it is only named.
	seal func(who study.Subject, name string, raw []byte) (study.File, error)
}

func newFilesNamed(dir string) filesNamed {
	root, err := os.OpenRoot(dir)
	return filesNamed{dir: dir, root: root, err: err}
}

func (f *filesNamed) close() {
	if f.root != nil {
		_ = f.root.Close() // it was only read
	}
}

// maxNamed is the longest file that a command may name.
const maxNamed = 256 << 20

func (f *filesNamed) read(place, path string) ([]byte, error) {
	if f.err != nil {
		return nil, fault.Wrap("file-unreadable", place, f.err)
	}
	file, err := f.root.Open(path)
	if err != nil {
		return nil, fault.Wrap("file-unreadable", place, err).WithHint("a path below %s; another directory is given with --files", f.dir)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxNamed+1))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", place, err)
	}
	if len(raw) > maxNamed {
		return nil, fault.New("file-unreadable", place, "%s is longer than %d bytes", path, maxNamed)
	}
	return raw, nil
}

// resolve gives the data of a command with each path, in a member whose name
// ends in _file, replaced by the reference to what lies there. The record of a
// ring's night that is left out is read from its document.
func (f *filesNamed) resolve(w written, trial *store.Trial) ([]byte, error) {
	var members map[string]json.RawMessage
	if len(w.Data) == 0 || json.Unmarshal(w.Data, &members) != nil {
		return w.Data, nil // whoever reads the command says what is wrong
	}
	var bad fault.List
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var path string
		if !strings.HasSuffix(name, "_file") || json.Unmarshal(members[name], &path) != nil {
			continue
		}
		raw, err := f.read("data."+name, path)
		if err != nil {
			bad.Merge("file-unreadable", "data."+name, err)
			continue
		}
		ref, err := f.refer(w, baseOf(path), raw)
		if err != nil {
			bad.Merge("file-unreadable", "data."+name, err)
			continue
		}
		if members[name], err = json.Marshal(ref); err != nil {
			return nil, err
		}
		if w.readsNight() {
			record, err := ringNight(raw, ref.SHA256, members["vendor"], members["night"], zoneOf(w, trial))
			if err != nil {
				bad.Merge("night-form", "data."+name, err)
				continue
			}
			members["record"] = record
		}
	}
	if bad.Err() != nil {
		return nil, bad
	}
	return json.Marshal(members)
}

// readsNight says of a line that the record of its night is left out, and so read
// from the document.
func (w written) readsNight() bool {
	var members map[string]json.RawMessage
	if w.Do != "record-night" || json.Unmarshal(w.Data, &members) != nil {
		return false
	}
	_, there := members["record"]
	return !there
}

// refer gives the reference to a file. What a command tells of a person's own,
// her nights and what she signed, is about her.
func (f *filesNamed) refer(w written, name string, raw []byte) (study.File, error) {
	if hers := w.Do == "record-night" || w.Do == "consent"; hers && f.seal != nil {
		return f.seal(w.Subject, name, raw)
	}
	sum := sha256.Sum256(raw)
	f.blobs = append(f.blobs, store.Blob{Name: name, Bytes: raw})
	return study.File{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(raw)), Name: name}, nil
}

func baseOf(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// zoneOf gives the zone of a person: the command's, hers, or else the site's.
func zoneOf(w written, trial *store.Trial) string {
	if w.Zone != "" {
		return w.Zone
	}
	if p, ok := trial.State().People[w.Subject]; ok && p.Enrolled != nil {
		return p.Enrolled.Zone
	}
	return trial.Protocol().Protocol().Zone
}

// ringNight reads one night from a vendor's document.
func ringNight(raw []byte, sum string, vendor, night json.RawMessage, zone string) (json.RawMessage, error) {
	if string(vendor) != `"oura"` {
		return nil, fault.New("device-unknown", "data.vendor", "%.60s is not read here", vendor).
			WithHint(`"oura" is; a night of another device is given whole, as record`)
	}
	var date civil.Date
	if err := json.Unmarshal(night, &date); err != nil {
		return nil, fault.New("date-form", "data.night", "says for which night to take the record").WithHint("the date of waking up, as in 2026-03-02")
	}
	docs, problems, err := oura.Read(bytes.NewReader(raw))
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, err
	}
	for _, n := range oura.Nights(docs, oura.Options{Zone: zone, SHA256: sum}).Nights {
		if n.Date == date {
			return json.Marshal(n)
		}
	}
	return nil, fault.New("oura-no-night", "data.night", "the document has no night to %v", date)
}
