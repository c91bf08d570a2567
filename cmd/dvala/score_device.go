package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	vendors "dvala/wearable/recognise"
)

// source is what a person named: a folder, a zip or a file of a device, whose
// files are listed, or something else that is read from its beginning.
type source struct {
	files []archive.File
	plain io.Reader
	size  int64 // of plain; 0 where unknown
	close func() error
}

// openSource looks at what was named, and no further than its first bytes.
func openSource(p *Program, name string) (source, error) {
	nothing := func() error { return nil }
	if name == "-" {
		return standardInput(p.Stdin)
	}
	info, err := os.Stat(name)
	if err != nil {
		return source{}, openFault(err)
	}
	if info.IsDir() {
		files, err := folder(name)
		return source{files: files, close: nothing}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return source{}, openFault(err)
	}
	head := make([]byte, archive.HeadSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		f.Close()
		return source{}, openFault(err)
	}
	head = head[:n]
	switch {
	case archive.IsZip(head):
		files, err := archive.Zip(f, info.Size())
		if err != nil {
			f.Close()
			return source{}, err
		}
		return source{files: files, close: f.Close}, nil
	case vendors.Vendor(head, filepath.ToSlash(name)) != "":
		return source{files: []archive.File{onDisk(name, filepath.ToSlash(name), info.Size())}, close: f.Close}, nil
	}
	return source{plain: io.MultiReader(bytes.NewReader(head), f), size: info.Size(), close: f.Close}, nil
}

// standardInput is held in memory if it is a zip or a device's file.
func standardInput(stdin io.Reader) (source, error) {
	nothing := func() error { return nil }
	b := bufio.NewReaderSize(stdin, archive.HeadSize)
	head, err := b.Peek(archive.HeadSize)
	if err != nil && err != io.EOF {
		return source{}, fault.Wrap("read", "", err)
	}
	isZip := archive.IsZip(head)
	if !isZip && vendors.Vendor(head, "-") == "" {
		return source{plain: b, close: nothing}, nil
	}
	all, err := io.ReadAll(io.LimitReader(b, maxPlain+1))
	if err != nil {
		return source{}, fault.Wrap("read", "", err)
	}
	if len(all) > maxPlain {
		return source{}, fault.New("archive-large", "", "more than %d MB on standard input", maxPlain>>20).WithHint("name the file instead")
	}
	if !isZip {
		return source{files: []archive.File{archive.Bytes("-", all)}, close: nothing}, nil
	}
	files, err := archive.Zip(bytes.NewReader(all), int64(len(all)))
	return source{files: files, close: nothing}, err
}

func onDisk(path, name string, size int64) archive.File {
	return archive.File{Name: name, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// folder lists the files of a folder and of those below it.
func folder(root string) ([]archive.File, error) {
	var out []archive.File
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if len(out) >= archive.MaxFiles {
			return fault.New("archive-many", "", "more than %d files", archive.MaxFiles)
		}
		out = append(out, onDisk(path, filepath.ToSlash(name), info.Size()))
		return nil
	})
	if err != nil {
		return nil, openFault(err)
	}
	return out, nil
}

// devices reads the nights of a device's files, and says in a line what became
// of its records.
func (cmd *ScoreCmd) devices(p *Program, name string, files []archive.File, opt scoreOptions) ([]scored, fault.List, error) {
	databases, files := healthConnectDatabases(files)
	var found []vendors.Found
	for _, f := range databases {
		result, err := readHealthConnectDatabase(f, opt.zoneName)
		found = append(found, vendors.Found{Vendor: "healthconnect", Files: []string{f.Name}, Result: result, Err: err})
	}
	if len(files) > 0 || len(databases) == 0 {
		more, err := vendors.Read(files, vendors.Options{Zone: opt.zoneName})
		if err != nil && len(databases) == 0 {
			return nil, nil, err
		}
		found = append(found, more...)
	}
	var out []scored
	var problems fault.List
	for _, v := range found {
		problems = append(problems, v.Result.Warnings...)
		problems.Merge("read", "", v.Err)
		if line := became(v.Result.Decisions); line != "" && !cmd.Why {
			fmt.Fprintf(p.Stderr, "%s: %s: %s\n", name, v.Vendor, line)
		}
		for _, d := range v.Result.Decisions {
			if opt.why != nil {
				opt.why(d)
			}
		}
		nights := 0
		for _, n := range v.Result.Nights {
			if n.Main.IsEmpty() && n.Stated == nil {
				continue
			}
			nights++
			scorer := strings.TrimSpace(n.Source.Model + " " + n.Source.Algorithm)
			out = append(out, scored{Night: n.Date.String(), Kind: v.Vendor, Scorer: scorer, Hypnogram: n.Main, Naps: n.Naps, Stated: n.Stated, lights: lightsOf(n), zone: n.Zone})
		}
		if nights == 0 && v.Err == nil {
			problems.Addf(fault.Code(v.Vendor+"-no-night"), "", "no night's sleep in %s", plural(len(v.Files), "file"))
		}
	}
	// One unusable record fails the file's exit code, and the other nights still stand.
	return out, problems.Warnings(), errorOrNil(problems)
}

// became sums up decisions: how many were kept, merged and so on, and, of those
// that count for nothing, why. Where every record was kept there is nothing to
// say.
func became(decisions []wearable.Decision) string {
	counts := map[wearable.Action]int{}
	reasons := map[wearable.Action]map[string]int{}
	for _, d := range decisions {
		counts[d.Action]++
		why, _, _ := strings.Cut(d.Why, ": ") // without the name of the other record
		if reasons[d.Action] == nil {
			reasons[d.Action] = map[string]int{}
		}
		reasons[d.Action][why]++
	}
	if counts[wearable.Kept] == len(decisions) {
		return ""
	}
	var parts []string
	for _, a := range []wearable.Action{wearable.Kept, wearable.Merged, wearable.Nap, wearable.Superseded, wearable.Dropped} {
		if counts[a] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", counts[a], a)
		if a == wearable.Superseded || a == wearable.Dropped {
			var whys []string
			for why, n := range reasons[a] {
				whys = append(whys, fmt.Sprintf("%d: %s", n, why))
			}
			slices.Sort(whys)
			part += " (" + strings.Join(whys, "; ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ") + "; --why tells of each"
}

// totalsOnly says that a night has its vendor's totals and no stages in time.
func (s scored) totalsOnly() bool { return s.Hypnogram.IsEmpty() }

// split parts nights with stages from those with totals only.
func split(nights []scored) (staged, totals []scored) {
	for _, n := range nights {
		if n.totalsOnly() {
			totals = append(totals, n)
		} else {
			staged = append(staged, n)
		}
	}
	return staged, totals
}

// scoreTotals prints what vendors state of nights of which they tell no stages
// in time. Nothing is computed from it.
func scoreTotals(w io.Writer, nights []scored) error {
	for _, n := range nights {
		line := fmt.Sprintf("%s: no stages in time; %s states", n.title(), n.Kind)
		for _, f := range statedFigures(n.Stated) {
			line += fmt.Sprintf(" %s %s,", f.what, hoursAndMinutes(*f.value))
		}
		if !n.lights.Off.IsZero() && !n.lights.On.IsZero() {
			line += fmt.Sprintf(" from %s to %s", n.lights.Off.Format("15:04"), n.lights.On.Format("15:04"))
		}
		if _, err := fmt.Fprintln(w, strings.TrimSuffix(line, ",")); err != nil {
			return err
		}
	}
	return nil
}

// statedFigure is one total of a vendor.
type statedFigure struct {
	what  string
	value *float64
}

// statedFigures lists what is stated, in minutes.
func statedFigures(t *sleep.Totals) []statedFigure {
	if t == nil {
		return nil
	}
	var out []statedFigure
	for _, f := range []statedFigure{{"in bed", t.TIBMin}, {"asleep", t.TSTMin}, {"light", t.LightMin}, {"deep", t.N3Min}, {"REM", t.REMMin}, {"awake", t.WakeMin}} {
		if f.value != nil {
			out = append(out, f)
		}
	}
	return out
}

func hoursAndMinutes(minutes float64) string {
	m := int(minutes + 0.5)
	return fmt.Sprintf("%d:%02d h", m/60, m%60)
}
