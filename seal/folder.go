package seal

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dvala/fault"
)

// CodeFolder is of a folder for an emergency that cannot be read.
const CodeFolder fault.Code = "emergency-folder"

// Folder is all that whoever helps in an emergency needs beside a key of her own,
// as one zip file: the entries that ask, with their proofs, the sealed list and
// what extends it, the protocol, and the parts that the custodian or holders have
// sent so far. Nothing in it can be read without a key that the trial does not
// hold.
type Folder struct {
	Excerpt  []byte   // of the ledger (ledger.ReadExcerpt)
	Lists    [][]byte // sealed, in their order
	Protocol []byte
	Parts    [][]byte // each encrypted to the physician
	ReadMe   string   // what to do, in words
}

// Names in the zip file.
const (
	folderExcerpt  = "request.dvl"
	folderLists    = "sealed/"
	folderProtocol = "protocol.yaml"
	folderParts    = "parts/"
	folderReadMe   = "READ-ME.txt"
)

// maxFolder is how many files a folder has at most, and maxFolderBytes how long
// they are together.
const (
	maxFolder      = 1000
	maxFolderBytes = MaxFile
)

// Bytes gives the zip file. The same folder gives the same bytes.
func (f Folder) Bytes() ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	put := func(name string, data []byte) error {
		at, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = at.Write(data)
		}
		return err
	}
	err := cmp.Or(put(folderReadMe, []byte(f.ReadMe)), put(folderExcerpt, f.Excerpt), put(folderProtocol, f.Protocol))
	for i, l := range f.Lists {
		err = cmp.Or(err, put(fmt.Sprintf("%s%03d.dvl", folderLists, i), l))
	}
	for i, p := range f.Parts {
		err = cmp.Or(err, put(fmt.Sprintf("%s%03d.age", folderParts, i), p))
	}
	if err = cmp.Or(err, w.Close()); err != nil {
		return nil, fault.Wrap(CodeFolder, "", err)
	}
	return b.Bytes(), nil
}

// ParseFolder reads what Bytes wrote. It looks into none of the files.
func ParseFolder(raw []byte) (Folder, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return Folder{}, fault.New(CodeFolder, "", "is no zip file").WithHint("give the file that the page Emergencies gives of a request, as it is")
	}
	if len(z.File) > maxFolder {
		return Folder{}, fault.New(CodeFolder, "", "has %d files; a folder has %d at most", len(z.File), maxFolder)
	}
	files := slices.Clone(z.File)
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var f Folder
	left := int64(maxFolderBytes)
	for i, x := range files {
		if i > 0 && files[i-1].Name == x.Name {
			return Folder{}, fault.New(CodeFolder, x.Name, "is in it twice")
		}
		data, err := unzip(x, left)
		if err != nil {
			return Folder{}, err
		}
		left -= int64(len(data))
		switch name := x.Name; {
		case name == folderReadMe:
			f.ReadMe = string(data)
		case name == folderExcerpt:
			f.Excerpt = data
		case name == folderProtocol:
			f.Protocol = data
		case strings.HasPrefix(name, folderLists):
			f.Lists = append(f.Lists, data)
		case strings.HasPrefix(name, folderParts):
			f.Parts = append(f.Parts, data)
		default:
			return Folder{}, fault.New(CodeFolder, fmt.Sprintf("%.80q", name), "does not belong in it")
		}
	}
	if f.Excerpt == nil || len(f.Lists) == 0 {
		return Folder{}, fault.New(CodeFolder, "", "lacks the request or the sealed list").WithHint("give the file that the page Emergencies gives of a request, as it is")
	}
	return f, nil
}

// unzip reads one file of at most so many bytes, whatever it says of its length.
func unzip(x *zip.File, most int64) ([]byte, error) {
	bad := func(err error) error { return fault.Wrap(CodeFolder, fmt.Sprintf("%.80q", x.Name), err) }
	r, err := x.Open()
	if err != nil {
		return nil, bad(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, bad(err)
	case int64(len(data)) > most:
		return nil, fault.New(CodeFolder, fmt.Sprintf("%.80q", x.Name), "makes the folder longer than %d bytes", maxFolderBytes)
	}
	return data, nil
}
