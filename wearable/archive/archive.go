// Package archive gives the files of an export as its owner has it: a folder, a
// zip, or one file. It reads no disk itself; the program hands in how a file is
// opened.
//
// A zip is looked at before anything is unpacked, and refused if it holds more
// files, or would grow to more bytes, than any person's export does, or if one
// of its files grows a thousandfold: such an archive was made to fill a disk.
// What is read is also counted, because what a zip says of sizes may be a lie.
// Zips within zips are not opened.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"dvala/fault"
)

// What an export may be. Apple's are the largest: a few gigabytes of XML.
const (
	MaxFiles = 200_000
	MaxFile  = 32 << 30 // bytes of one file, unpacked
	MaxTotal = 64 << 30
	maxRatio = 1000 // unpacked to packed; text packs 10 to 50 times
	smallest = 8 << 20
)

// HeadSize is how much of a file's beginning is looked at to recognise it.
const HeadSize = 4096

// File is one file of an export.
type File struct {
	Name string // with slashes, from the top of the export
	Size int64  // bytes, as stated; -1 if unknown
	Open func() (io.ReadCloser, error)
}

// Base gives the name without folders, in lower case.
func (f File) Base() string { return strings.ToLower(path.Base(f.Name)) }

// Head gives the first bytes, at most HeadSize.
func (f File) Head() ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fault.Wrap("archive-open", f.Name, err)
	}
	defer r.Close()
	head := make([]byte, HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fault.Wrap("archive-read", f.Name, err)
	}
	return head[:n], nil
}

// ReadAll gives the whole file without a byte-order mark, and refuses one of
// more than limit bytes.
func (f File) ReadAll(limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fault.Wrap("archive-open", f.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fault.Wrap("archive-read", f.Name, err)
	}
	if int64(len(b)) > limit {
		return nil, fault.New("archive-large", f.Name, "more than %d MB", limit>>20).WithHint("a file of its kind is far smaller")
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), nil
}

// Bytes gives a file that is held in memory.
func Bytes(name string, b []byte) File {
	return File{Name: name, Size: int64(len(b)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

// IsZip says whether a file begins as a zip does.
func IsZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// Zip gives the files of a zip in order of name, after looking at what they
// would grow to.
func Zip(r io.ReaderAt, size int64) ([]File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New("archive-zip", "", "%v", err).WithHint("the archive is damaged or was not downloaded to its end")
	}
	if len(z.File) > MaxFiles {
		return nil, fault.New("archive-bomb", "", "%d files in one archive", len(z.File)).WithHint("no export has that many")
	}
	var total uint64
	var out []File
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		name := strings.ReplaceAll(f.Name, `\`, "/")
		total += f.UncompressedSize64
		if f.UncompressedSize64 > MaxFile || total > MaxTotal ||
			f.UncompressedSize64 > smallest && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return nil, fault.New("archive-bomb", name, "%d bytes would become %d", f.CompressedSize64, f.UncompressedSize64).
				WithHint("an archive that grows like this was made to fill a disk; it is not opened")
		}
		out = append(out, File{Name: name, Size: int64(f.UncompressedSize64), Open: counted(f)})
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
