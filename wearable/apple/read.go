package apple

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
)

// Options is what the export does not say.
type Options struct {
	Zone    string   // IANA name or offset; if empty, each night has the offset of its own waking
	SHA256  string   // of the source, for the nights' provenance
	Sources []string // names of sources, the one to be preferred first
}

// Recognise says whether a file is an Apple Health export.xml by its first
// bytes, or a zip that holds one by its name or by that of its first file.
func Recognise(head []byte, name string) bool {
	if archive.IsZip(head) {
		base := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
		return bytes.Contains(head[:min(len(head), 512)], []byte("apple_health_export/")) || base == "apple_health_export.zip"
	}
	return isExport(head)
}

// isExport looks for the root element, of which export.xml names the document's
// type at once.
func isExport(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<")) {
		return false
	}
	return bytes.Contains(head, []byte("<!DOCTYPE HealthData")) || bytes.Contains(head, []byte("<HealthData"))
}

// ReadXML reads an export.xml to its end.
func ReadXML(r io.Reader, opt Options) (wearable.Result, error) {
	e, err := gather(r)
	if err != nil {
		return wearable.Result{}, err
	}
	return e.nights(opt)
}

// Read finds export.xml among the files of an export and reads it. It has other
// names in other languages, so it is the XML file whose root is HealthData. An
// export holds all that an earlier one does: of several the largest is read, and
// the others are named in a warning, since steps would add up twice.
func Read(files []archive.File, opt Options) (wearable.Result, error) {
	var found []archive.File
	for _, f := range files {
		if !strings.HasSuffix(f.Base(), ".xml") && len(files) > 1 {
			continue
		}
		head, err := f.Head()
		if err != nil {
			return wearable.Result{}, err
		}
		if isExport(head) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return wearable.Result{}, fault.New("apple-none", "", "no export.xml among %d files", len(files)).
			WithHint("in Health: your picture, Export All Health Data")
	}
	largest := slices.MaxFunc(found, func(a, b archive.File) int { return cmp.Compare(a.Size, b.Size) })
	r, err := largest.Open()
	if err != nil {
		return wearable.Result{}, fault.Wrap("archive-open", largest.Name, err)
	}
	defer r.Close()
	result, err := ReadXML(r, opt)
	for _, f := range found {
		if f.Name != largest.Name {
			result.Warnings.Addf("apple-several", f.Name, "a second export; only %s is read, which is larger", largest.Name).
				WithHint("give it apart if it is another person's").AsWarning()
		}
	}
	return result, err
}
