package civil

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"sync"
	"time"

	"dvala/fault"
)

// The IANA rules as the Go distribution packs them (public domain). They are
// pinned here because the system's own files differ between machines, and the
// same ledger must give the same nights everywhere.
//
//go:embed zoneinfo.zip
var zoneZip []byte

// ZoneRules names the release of the IANA rules inside the program.
const ZoneRules = "2025c"

var zones = sync.OnceValue(func() map[string]*zip.File {
	r, err := zip.NewReader(bytes.NewReader(zoneZip), int64(len(zoneZip)))
	if err != nil {
		panic("civil: the embedded zone rules are damaged: " + err.Error())
	}
	m := make(map[string]*zip.File, len(r.File))
	for _, f := range r.File {
		m[f.Name] = f
	}
	return m
})

var loaded sync.Map // name → *time.Location

// Zone gives the time zone of an IANA name such as Europe/Stockholm, from the
// rules inside the program and never from the machine's own.
func Zone(name string) (*time.Location, error) {
	if name == "UTC" || name == "Etc/UTC" {
		return time.UTC, nil
	}
	if z, ok := loaded.Load(name); ok {
		return z.(*time.Location), nil
	}
	f, ok := zones()[name]
	if !ok || f.FileInfo().IsDir() {
		return nil, fault.New("zone-unknown", "", "%q is not a time zone", name).WithHint("use an IANA name, as in Europe/Stockholm")
	}
	r, err := f.Open()
	if err != nil {
		return nil, fault.Wrap("zone-damaged", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fault.Wrap("zone-damaged", name, err)
	}
	z, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, fault.Wrap("zone-damaged", name, err)
	}
	loaded.Store(name, z)
	return z, nil
}
