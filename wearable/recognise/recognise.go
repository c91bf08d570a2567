// Package recognise finds out by itself whose export a set of files is, and has
// it read by that vendor's reader.
//
// Every file is asked for its first bytes, and belongs to the first vendor in
// the table below that knows them. One set may hold the exports of several: each
// vendor's files are read together and give nights of their own, but for tables
// of activity counts, each of which is a recording of its own. Files that no
// vendor knows are counted and left alone; an export is full of them.
package recognise

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/actigraphy"
	"dvala/wearable/apple"
	"dvala/wearable/archive"
	"dvala/wearable/fitbit"
	"dvala/wearable/garmin"
	"dvala/wearable/healthconnect"
	"dvala/wearable/oura"
	"dvala/wearable/polar"
	"dvala/wearable/session"
	"dvala/wearable/sleepasandroid"
	"dvala/wearable/welltory"
	"dvala/wearable/whoop"
	"dvala/wearable/withings"
)

// Options is what the files do not say.
type Options struct {
	Zone    string   // IANA name or offset
	SHA256  string   // of the source, for the nights' provenance
	Sources []string // Apple, Health Connect: names of sources or apps, the one to be preferred first
}

// vendor is a reader with its way to know its files.
type vendor struct {
	name      string
	recognise func(head []byte, name string) bool
	read      func(files []archive.File, opt Options) (wearable.Result, error)
	each      bool // every file is a recording of its own
}

// vendors in the order in which they are asked: the surest signs first.
var vendors = []vendor{
	{name: "apple", recognise: apple.Recognise, read: func(f []archive.File, o Options) (wearable.Result, error) {
		return apple.Read(f, apple.Options{Zone: o.Zone, SHA256: o.SHA256, Sources: o.Sources})
	}},
	{name: "sleepasandroid", recognise: sleepasandroid.Recognise, read: plain(sleepasandroid.Read)},
	{name: "fitbit", recognise: fitbit.Recognise, read: plain(fitbit.Read)},
	{name: "garmin", recognise: garmin.Recognise, read: plain(garmin.Read)},
	{name: "polar", recognise: polar.Recognise, read: plain(polar.Read)},
	{name: "whoop", recognise: whoop.Recognise, read: plain(whoop.Read)},
	{name: "welltory", recognise: welltory.Recognise, read: plain(welltory.Read)},
	{name: "withings", recognise: withings.Recognise, read: plain(withings.Read)},
	{name: "oura", recognise: oura.Recognise, read: func(f []archive.File, o Options) (wearable.Result, error) {
		return oura.ReadExport(f, oura.Options{Zone: o.Zone, SHA256: o.SHA256})
	}},
	{name: "healthconnect", recognise: healthconnect.Recognise, read: readHealthConnect},
	{name: "actigraphy", recognise: actigraphy.Recognise, read: readActigraphy, each: true},
}

// readHealthConnect reads the files as if they were one: what they hold follows
// each other.
func readHealthConnect(files []archive.File, o Options) (wearable.Result, error) {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	var all []io.Reader
	for _, f := range files {
		r, err := f.Open()
		if err != nil {
			return wearable.Result{}, fault.Wrap("archive-open", f.Name, err)
		}
		defer r.Close()
		b := bufio.NewReader(r)
		if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
			_, _ = b.Discard(3) // they are there
		}
		all = append(all, b, strings.NewReader("\n"))
	}
	return healthconnect.Read(io.MultiReader(all...), healthconnect.Options{Zone: o.Zone, SHA256: o.SHA256, Apps: o.Sources})
}

func readActigraphy(files []archive.File, o Options) (wearable.Result, error) {
	r, err := files[0].Open()
	if err != nil {
		return wearable.Result{}, fault.Wrap("archive-open", files[0].Name, err)
	}
	defer r.Close()
	return actigraphy.Nights(r, actigraphy.Options{Zone: o.Zone, SHA256: o.SHA256})
}

func plain(read func([]archive.File, session.Options) (wearable.Result, error)) func([]archive.File, Options) (wearable.Result, error) {
	return func(f []archive.File, o Options) (wearable.Result, error) {
		return read(f, session.Options{Zone: o.Zone, SHA256: o.SHA256})
	}
}

// Vendors lists whose exports are known.
func Vendors() []string {
	var out []string
	for _, v := range vendors {
		out = append(out, v.name)
	}
	return out
}

// Vendor says whose a file is, "" if nobody's who is known.
func Vendor(head []byte, name string) string {
	if archive.IsZip(head) {
		return ""
	}
	for _, v := range vendors {
		if v.recognise(head, name) {
			return v.name
		}
	}
	return ""
}

// Found is what one vendor's files gave.
type Found struct {
	Vendor string
	Files  []string // read, by name
	Result wearable.Result
	Err    error // if nothing could be read of them
}

// Read reads the files of an export, vendor by vendor in the order of the table.
// It is an error if no file is known.
func Read(files []archive.File, opt Options) ([]Found, error) {
	groups := map[string][]archive.File{}
	var unread fault.List
	for _, f := range files {
		head, err := f.Head()
		if err != nil {
			unread.Merge("archive-read", f.Name, err)
			continue
		}
		if v := Vendor(head, f.Name); v != "" {
			groups[v] = append(groups[v], f)
		}
	}
	var out []Found
	for _, v := range vendors {
		group := groups[v.name]
		if len(group) == 0 {
			continue
		}
		parts := [][]archive.File{group}
		if v.each {
			parts = slices.Collect(slices.Chunk(group, 1))
		}
		for _, part := range parts {
			found := Found{Vendor: v.name}
			for _, f := range part {
				found.Files = append(found.Files, f.Name)
			}
			slices.Sort(found.Files)
			found.Result, found.Err = v.read(part, opt)
			out = append(out, found)
		}
	}
	if len(out) > 0 {
		out[0].Result.Warnings = append(unread, out[0].Result.Warnings...)
		return out, nil
	}
	if len(unread) > 0 {
		return nil, unread
	}
	return nil, fault.New("device-unknown", "", "none of %d files is of a device that is known", len(files)).
		WithHint("known are exports of Apple Health, Fitbit, Garmin, Health Connect, Oura, Polar, Sleep as Android, Whoop and Withings, and tables of activity counts")
}
