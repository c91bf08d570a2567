// Package audit checks a trial from its exported files, or a backup, without any
// key:
//
//	ledger.dvl        every entry, with a signed checkpoint
//	sealed-list.dvl   slots, kits, envelopes, commitments; sealed-list-2.dvl and on,
//	                  or among the blobs, what it was extended by
//	protocol.yaml     the protocol
//	openings.dvl      what the slots held, once the custodian has published it
//	blobs/<sha256>    the other files that entries name, definitions of instruments
//	                  among them, or blobs/<first two digits>/<sha256>
//
// It looks for whatever does not fit together, and names the entry, slot or file
// it is in. To read it: audit.go loads the files, walk.go follows the ledger
// from its first entry, openings.go compares what was opened with what was
// committed to and with the design, minimise.go draws again what was drawn by
// minimisation.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

// Names of the files in a trial's directory.
const (
	LedgerFile   = "ledger.dvl"
	ListFile     = "sealed-list.dvl"
	ProtocolFile = "protocol.yaml"
	OpeningsFile = "openings.dvl"
	ResultsFile  = "results.json"
	ReportFile   = "report.html"
	BlobFolder   = "blobs"
)

// Codes of the problems found here; those of ledger and seal are passed on.
const (
	CodeMissing   fault.Code = "file-missing"   // a file that must be there is not
	CodeFile      fault.Code = "file-hash"      // a file is not the one that was named
	CodeOpened    fault.Code = "trial-opened"   // the first entry does not fit the files
	CodeSlotOrder fault.Code = "slot-order"     // a randomisation did not take the next slot
	CodeKit       fault.Code = "kit-dispensed"  // a kit was handed out that is not the person's
	CodeAfterLock fault.Code = "after-lock"     // something happened in the wrong order around the lock
	CodeDrawn     fault.Code = "list-drawn"     // the list is not one that the protocol's design gives
	CodeExtended  fault.Code = "list-extended"  // a list was extended by one that does not fit it
	CodeTime      fault.Code = "time-order"     // an entry is dated before the one it follows
	CodeUnnamed   fault.Code = "file-unnamed"   // a file that no entry names
	CodeSeeded    fault.Code = "list-seeded"    // the list is that of a demonstration
	CodePublicKey fault.Code = "another-key"    // the ledger is signed by another key than expected
	maxFile                  = int64(256 << 20) // of the files that are read whole
	maxExtensions            = 99               // of a list, of those that lie beside the ledger
)

// Options of Check.
type Options struct {
	// Checkpoint is a signed checkpoint that left the trial's machine earlier;
	// nil where there is none. An empty one is a problem: what was given to prove
	// something must not pass for nothing.
	Checkpoint []byte
	// PublicKey is the ledger's key as it was told outside these files.
	PublicKey string
}

// Report is what was checked and what was found.
type Report struct {
	Trial      string     `json:"trial,omitempty"`
	Entries    uint64     `json:"entries"`
	Root       string     `json:"root,omitempty"`
	Slots      int        `json:"slots"`
	Randomised int        `json:"randomised"`
	Kits       int        `json:"kits_dispensed"`
	Files      int        `json:"files_checked"`
	Locked     bool       `json:"locked"`
	Opened     int        `json:"openings_checked"`
	Answered   int        `json:"allocations_answered,omitempty"` // under minimisation: slots that the custodian's process named
	Redrawn    int        `json:"allocations_redrawn,omitempty"`  // and those of which the draw was made again
	Seeded     bool       `json:"seeded"`
	Since      *uint64    `json:"unchanged_since,omitempty"` // entries under the earlier checkpoint
	Problems   fault.List `json:"problems"`
}

// Sound says whether nothing was found that stops.
func (r Report) Sound() bool { return r.Problems.Err() == nil }

// History says what is proven about the past.
func (r Report) History() string {
	if r.Since == nil {
		return "internal consistency only: without an earlier checkpoint nobody can tell whether the whole was rewritten"
	}
	return fmt.Sprintf("extended, not rewritten, since the checkpoint of %d entries", *r.Since)
}

// Check checks the files of a trial.
func Check(files fs.FS, o Options) Report {
	a := auditor{files: files, named: map[string]bool{}, turns: turns{of: map[string]int{}}, out: Report{Problems: fault.List{}}}
	export, ok := a.ledger(o)
	if !ok {
		return a.out
	}
	a.history(export, o)
	a.walk(export)
	a.openings()
	a.unnamed()
	return a.out
}

// auditor carries what has been read so far.
type auditor struct {
	files    fs.FS
	out      Report
	list     *seal.List // nil if it could not be read
	protocol protocol.Checked
	named    map[string]bool // hashes that entries name
	state    state
	turns    turns
}

func (a *auditor) add(code fault.Code, place, format string, args ...any) *fault.Problem {
	return a.out.Problems.Addf(code, place, format, args...)
}

// take keeps the problems of a file, naming the file.
func (a *auditor) take(file string, code fault.Code, err error) {
	var l fault.List
	l.Merge(code, "", err)
	a.out.Problems = append(a.out.Problems, l.In(file)...)
}

// ledger reads the ledger. It is false when nothing could be read at all.
func (a *auditor) ledger(o Options) (ledger.Export, bool) {
	f, err := a.files.Open(LedgerFile)
	if err != nil {
		a.missing(LedgerFile, err)
		return ledger.Export{}, false
	}
	defer f.Close()
	x, err := ledger.ReadExport(f)
	a.take(LedgerFile, ledger.CodeFormat, err)
	a.out.Trial, a.out.Entries = x.Key.Origin(), x.Log.Size()
	a.out.Root = x.Log.Root().String()
	if o.PublicKey != "" && x.Key.String() != o.PublicKey {
		a.add(CodePublicKey, "header", "the ledger is signed by %s, not by the key that was expected", x.Key).In(LedgerFile)
	}
	return x, x.Log.Size() > 0
}

// history compares with the earlier checkpoint, if one was given.
func (a *auditor) history(x ledger.Export, o Options) {
	if o.Checkpoint == nil {
		return
	}
	early, err := x.Extends(o.Checkpoint)
	if err != nil {
		a.take("earlier checkpoint", ledger.CodeHistory, err)
		return
	}
	a.out.Since = &early.Size
}

// blob gives the name of a file among the blobs: flat, or else in a folder of
// those whose hash begins alike.
func (a *auditor) blob(sum string) string {
	if len(sum) > 2 {
		deep := BlobFolder + "/" + sum[:2] + "/" + sum
		if _, err := fs.Stat(a.files, deep); err == nil {
			return deep
		}
	}
	return BlobFolder + "/" + sum
}

// read gives a whole file, and whether it is there.
func (a *auditor) read(name string) ([]byte, bool) {
	f, err := a.files.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil || int64(len(raw)) > maxFile {
		a.add(CodeFile, "", "cannot be read, or is longer than %d bytes", maxFile).In(name)
		return nil, false
	}
	return raw, true
}

func (a *auditor) missing(name string, err error) {
	message := "is not there"
	if !errors.Is(err, fs.ErrNotExist) {
		message = "cannot be read"
	}
	hint := fmt.Sprintf("give the directory that holds %s, %s and %s", LedgerFile, ListFile, ProtocolFile)
	if _, err := fs.Stat(a.files, "trial.db"); err == nil && name == LedgerFile {
		hint = "this is a trial's own directory, or a backup of an earlier release: dvala backup, or dvala export ledger, writes one that can be verified"
	}
	a.add(CodeMissing, "", "%s", message).In(name).WithHint("%s", hint)
}

// beside gives the files that may lie beside the ledger, in the folder of blobs, or
// in both places.
func (a *auditor) beside() []string {
	out := []string{ProtocolFile, ListFile, OpeningsFile, ResultsFile, ReportFile}
	for n := 2; n <= maxExtensions; n++ {
		name := fmt.Sprintf("sealed-list-%d.dvl", n)
		if _, err := fs.Stat(a.files, name); err != nil {
			break
		}
		out = append(out, name)
	}
	translated, _ := fs.Glob(a.files, "report.??.html") // the pattern is sound
	return append(out, translated...)
}

// file checks that a file which an entry names is there and has the hash.
func (a *auditor) file(entry uint64, ref ledger.FileRef) {
	a.out.Files++
	a.named[ref.SHA256] = true
	name := a.blob(ref.SHA256)
	sum, size, found := a.sum(name)
	if !found {
		for _, other := range a.beside() {
			s, n, ok := a.sum(other)
			if ok && (s == ref.SHA256 || other == ref.Name) {
				name, sum, size, found = other, s, n, true
			}
			if ok && s == ref.SHA256 {
				break
			}
		}
	}
	at := fmt.Sprintf("entry %d", entry)
	what := ref.SHA256
	if ref.Name != "" {
		what += " (" + ref.Name + ")"
	}
	switch {
	case !found:
		a.add(CodeMissing, at, "names the file %s, which is not there", what)
	case sum != ref.SHA256:
		a.add(CodeFile, at, "names the file %s, whose content has another hash", what).In(name).
			WithHint("the file was changed after the entry was written")
	case size != ref.Bytes:
		a.add(CodeFile, at, "names the file %s of %d bytes, and it has %d", what, ref.Bytes, size).In(name)
	}
}

func (a *auditor) sum(name string) (sum string, size int64, found bool) {
	f, err := a.files.Open(name)
	if err != nil {
		return "", 0, false
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	if err != nil {
		return "", 0, false
	}
	return hex.EncodeToString(h.Sum(nil)), size, true
}

// unnamed finds files that no entry names: among the blobs that is a warning;
// one beside the ledger would be taken for the trial's own.
func (a *auditor) unnamed() {
	for _, name := range a.beside() {
		if sum, _, found := a.sum(name); found && !a.named[sum] {
			a.add(CodeUnnamed, "", "no entry names this file by its hash").In(name).
				WithHint("it was changed after the entry was written, or does not belong to the trial")
		}
	}
	_ = fs.WalkDir(a.files, BlobFolder, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !a.named[e.Name()] {
			a.add(CodeUnnamed, "", "no entry names this file").AsWarning().In(name)
		}
		return nil
	})
}

// opened reads the protocol and the sealed list and holds them against the first
// entry.
func (a *auditor) opened(first openedFact) {
	if first.Trial != a.out.Trial {
		a.add(CodeOpened, "entry 0", "opens the trial %q, and the ledger is that of %q", first.Trial, a.out.Trial)
	}
	if raw, ok := a.named1(ProtocolFile, first.Protocol.SHA256); ok {
		c, problems := protocol.Parse(raw, protocol.Instruments(a.definitions(first.Instruments)))
		a.out.Problems = append(a.out.Problems, problems.Errors().In(ProtocolFile)...)
		a.protocol = c
		if !c.IsZero() && c.HashHex() != first.ProtocolHash {
			a.add(CodeOpened, "entry 0", "names a protocol of another hash than %s has", ProtocolFile)
		}
	}
	raw, ok := a.named1(ListFile, first.Sealed.SHA256)
	if !ok {
		return
	}
	l, err := seal.Parse(bytes.NewReader(raw))
	a.take(ListFile, seal.CodeFormat, err)
	if err != nil {
		return
	}
	a.list, a.out.Slots, a.out.Seeded = l, l.Len(), l.Seeded()
	h := l.Header()
	if h.Trial != first.Trial || h.Protocol.String() != first.ProtocolHash || h.Sealing != first.Sealing {
		a.add(CodeOpened, "header", "the sealed list is of another trial, protocol or sealing than entry 0 says").In(ListFile)
	}
	if !a.protocol.IsZero() && a.protocol.Minimises() != (h.Live != nil) {
		a.add(CodeOpened, "header", "the sealed list and the protocol do not agree on whether its slots are named one by one").In(ListFile)
	}
	if l.Seeded() {
		a.add(CodeSeeded, "header", "the list was drawn from a seed that others know: this is a demonstration").AsWarning().In(ListFile)
	}
}

// extended takes on a list that goes on from those there are: it must name the
// last of them by its hash, and its kits and slots must be new.
func (a *auditor) extended(at string, f extendedFact) {
	if a.list == nil {
		return // the list was named already
	}
	name := a.blob(f.Sealed.SHA256)
	raw, there := a.read(name)
	for n := 2; !there && n <= maxExtensions; n++ {
		name = fmt.Sprintf("sealed-list-%d.dvl", n)
		if sum, _, found := a.sum(name); found && sum == f.Sealed.SHA256 {
			raw, there = a.read(name)
		}
	}
	if !there {
		return // the walk has named it
	}
	more, err := seal.Parse(bytes.NewReader(raw))
	if err == nil {
		var whole *seal.List
		if whole, err = seal.Join(a.list, more); err == nil {
			a.list, a.out.Slots = whole, whole.Len()
			return
		}
	}
	a.take(name, seal.CodeExtension, err)
	a.add(CodeExtended, at, "takes on a list that does not go on from the one there is")
}

// definitions reads the definitions of instruments that the first entry names,
// by which answers are scored. The protocol may ask no others: what this program
// has inside may be of another version.
func (a *auditor) definitions(named []instrumentNamed) func(instrument.ID) (*instrument.Definition, bool) {
	byID := map[instrument.ID]*instrument.Definition{}
	for _, n := range named {
		name := a.blob(n.Definition.SHA256)
		raw, there := a.read(name)
		if !there {
			continue // the walk has named it
		}
		d, err := instrument.Parse(raw)
		a.take(name, CodeOpened, err)
		if err != nil {
			continue
		}
		if string(d.ID) != n.ID || d.Version != n.Version {
			a.add(CodeOpened, "entry 0", "names the definition of %s %s, and it is of %s %s", n.ID, n.Version, d.ID, d.Version).In(name)
		}
		byID[d.ID] = d
	}
	return func(id instrument.ID) (*instrument.Definition, bool) {
		d, ok := byID[id]
		return d, ok
	}
}

// named1 reads a file that lies beside the ledger, or else among the blobs, and
// says whether it has the hash it should; a file that has not is read all the
// same, so that what is wrong in it is named.
func (a *auditor) named1(name, sum string) ([]byte, bool) {
	raw, ok := a.read(name)
	if !ok {
		if raw, ok = a.read(a.blob(sum)); !ok {
			a.missing(name, fs.ErrNotExist)
			return nil, false
		}
	}
	got := sha256.Sum256(raw)
	if hex.EncodeToString(got[:]) != sum {
		a.add(CodeOpened, "entry 0", "names another file than this by its hash").In(name).
			WithHint("the file was changed after the trial was opened")
	}
	return raw, true
}
