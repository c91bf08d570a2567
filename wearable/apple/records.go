package apple

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

// kind is what a sleep record says.
type kind uint8

const (
	inBed kind = iota
	unspecified
	awake
	core
	deep
	rem
)

// Values is what the values of HKCategoryTypeIdentifierSleepAnalysis mean. In
// bed is no stage. Core is N1 and N2 together.
var Values = map[string]sleep.Stage{
	"HKCategoryValueSleepAnalysisInBed":             sleep.Unscored,
	"HKCategoryValueSleepAnalysisAsleep":            sleep.Asleep, // before iOS 16
	"HKCategoryValueSleepAnalysisAsleepUnspecified": sleep.Asleep,
	"HKCategoryValueSleepAnalysisAwake":             sleep.W,
	"HKCategoryValueSleepAnalysisAsleepCore":        sleep.Light,
	"HKCategoryValueSleepAnalysisAsleepDeep":        sleep.N3,
	"HKCategoryValueSleepAnalysisAsleepREM":         sleep.R,
}

// stages is what a kind is, and kinds the way back.
var (
	stages = [...]sleep.Stage{inBed: sleep.Unscored, unspecified: sleep.Asleep, awake: sleep.W, core: sleep.Light, deep: sleep.N3, rem: sleep.R}
	kinds  = map[sleep.Stage]kind{sleep.Unscored: inBed, sleep.Asleep: unspecified, sleep.W: awake, sleep.Light: core, sleep.N3: deep, sleep.R: rem}
)

// sample is one record of sleep.
type sample struct {
	from, to instant
	kind     kind
	entered  bool // by the person
	source   uint16
	version  uint16 // of the source; of export.strings
	zone     uint16 // of the same; 0 if not told
}

// source is one app or device.
type source struct {
	name  string
	class class
	model string // of the device, as Apple calls it
}

// class is what kind of device a source is.
type class uint8

const (
	phone class = iota
	other
	watch
)

// What an export may hold of each; no person's comes near.
const (
	maxStrings  = 1 << 15
	maxProblems = 50
)

// export is what one pass over the file gathers.
type export struct {
	samples []sample
	sources []source
	names   map[string]uint16 // of sources, by name and class
	seen    map[string]uint16 // of sources, by name and device as written
	key     []byte            // scratch for seen
	strings []string
	indices map[string]uint16
	series  [seriesCount]series
	wrist   []temperature
	steps   wearable.Steps

	records, bad int // records looked at; those left out for a fault
	problems     fault.List
}

func newExport() *export {
	e := &export{names: map[string]uint16{}, seen: map[string]uint16{}, strings: []string{""}, indices: map[string]uint16{"": 0}}
	return e
}

// problem tells of a record left out, of the first of them.
func (e *export) problem(code fault.Code, place, format string, args ...any) {
	e.bad++
	if e.bad <= maxProblems {
		e.problems.Addf(code, place, format, args...).WithHint("the record is left out").AsWarning()
	}
}

// gather reads the whole document.
func gather(r io.Reader) (*export, error) {
	e, s := newExport(), newScanner(r)
	if err := s.start(); err != nil {
		return nil, err
	}
	rooted, closed := false, false
	open := -1 // the sleep record whose inside is read
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !rooted {
			if string(t.name) != "HealthData" || t.end {
				return nil, fault.New("apple-root", s.place(), "the document is a %.40q and no HealthData", t.name).
					WithHint("read export.xml, not export_cda.xml or another file beside it")
			}
			rooted = true
			closed = t.empty
			continue
		}
		switch {
		case t.end:
			if string(t.name) == "Record" {
				open = -1
			}
			closed = string(t.name) == "HealthData"
		case string(t.name) == "Record":
			made, err := e.record(t, s)
			if err != nil {
				return nil, err
			}
			open = -1
			if made && !t.empty {
				open = len(e.samples) - 1
			}
		case open >= 0 && string(t.name) == "MetadataEntry":
			e.metadata(&e.samples[open], t)
		}
	}
	if !rooted {
		return nil, fault.New("apple-empty", "", "no document")
	}
	if !closed {
		e.problems.Addf("apple-cut", "", "the file ends before its end tag").WithHint("it was cut off; what it holds so far is used").AsWarning()
	}
	if e.bad > maxProblems {
		e.problems.Addf("apple-more", "", "%d more records were left out", e.bad-maxProblems).AsWarning()
	}
	return e, nil
}

// fields are the attributes of a record that are used, as written.
type fields struct{ source, version, device, unit, start, end, value []byte }

// record takes one record. made says that it became the last sample of sleep.
func (e *export) record(t tag, s *scanner) (made bool, err error) {
	var f fields
	m := notUsed
	for attrs := t.attrs; ; {
		name, value, rest, ok, bad := attribute(attrs)
		if bad {
			return false, s.malformed("a record whose attributes cannot be told apart")
		}
		if !ok {
			break
		}
		attrs = rest
		switch string(name) {
		case "type":
			if m = metricOf(value); m == notUsed {
				return false, nil
			}
		case "sourceName":
			f.source = value
		case "sourceVersion":
			f.version = value
		case "device":
			f.device = value
		case "unit":
			f.unit = value
		case "startDate":
			f.start = value
		case "endDate":
			f.end = value
		case "value":
			f.value = value
		}
	}
	if m == notUsed {
		return false, nil
	}
	e.records++
	from, ok1 := parseInstant(f.start)
	to, ok2 := parseInstant(f.end)
	if f.end == nil {
		to, ok2 = from, ok1
	}
	if !ok1 || !ok2 || to.unix < from.unix {
		e.problem("apple-time", s.place(), "a record from %.30q to %.30q", f.start, f.end)
		return false, nil
	}
	if m == metricSleep {
		return e.sleep(f, from, to, s)
	}
	e.measure(m, f, from, to, s)
	return false, nil
}

// sleep takes a record of sleep.
func (e *export) sleep(f fields, from, to instant, s *scanner) (bool, error) {
	stage, known := Values[string(f.value)]
	if !known {
		e.problem("apple-value", s.place(), "a sleep of the unknown value %.60q", f.value)
		return false, nil
	}
	if from.unix == to.unix {
		return false, nil
	}
	src, err := e.source(f, s)
	if err != nil || src < 0 {
		return false, err
	}
	v, known := e.indices[string(f.version)]
	if !known {
		version, _ := text(f.version)
		if v, err = e.index(version); err != nil {
			return false, err
		}
	}
	e.samples = append(e.samples, sample{from: from, to: to, kind: kinds[stage], source: uint16(src), version: v})
	return true, nil
}

// metadata takes what a sleep record says of itself inside.
func (e *export) metadata(of *sample, t tag) {
	var key, value []byte
	for attrs := t.attrs; ; {
		name, v, rest, ok, bad := attribute(attrs)
		if !ok || bad {
			break
		}
		attrs = rest
		switch string(name) {
		case "key":
			key = v
		case "value":
			value = v
		}
	}
	switch string(key) {
	case "HKTimeZone":
		if zone, ok := text(value); ok {
			if i, err := e.index(zone); err == nil {
				of.zone = i
			}
		}
	case "HKWasUserEntered":
		of.entered = string(value) == "1"
	}
}

// source gives the number of a record's source, −1 if its name cannot be read.
func (e *export) source(f fields, s *scanner) (int, error) {
	// What is written before the device's name is an address of its own in each record.
	device := f.device
	if i := bytes.Index(device, []byte("name:")); i >= 0 {
		device = device[i:]
	}
	e.key = append(append(append(e.key[:0], f.source...), 0), device...)
	if i, ok := e.seen[string(e.key)]; ok {
		return int(i), nil
	}
	name, ok := text(f.source)
	if !ok {
		e.problem("apple-entity", s.place(), "a source named with an entity that is not XML's own: %.60q", f.source)
		return -1, nil
	}
	written, _ := text(f.device)
	src := source{name: name, class: classOf(written), model: deviceField(written, "hardware")}
	if src.class == other && written == "" {
		src.class = classOfName(name)
	}
	known := name + "\x00" + strconv.Itoa(int(src.class))
	i, ok := e.names[known]
	if !ok {
		if len(e.sources) >= maxStrings {
			return -1, fault.New("apple-sources", s.place(), "more than %d sources", maxStrings)
		}
		i = uint16(len(e.sources))
		e.sources, e.names[known] = append(e.sources, src), i
	}
	if e.sources[i].model == "" {
		e.sources[i].model = src.model // some records tell no device
	}
	if len(e.seen) >= maxStrings {
		clear(e.seen)
	}
	e.seen[string(e.key)] = i
	return int(i), nil
}

// index keeps a text once.
func (e *export) index(s string) (uint16, error) {
	if i, ok := e.indices[s]; ok {
		return i, nil
	}
	if len(e.strings) >= maxStrings {
		return 0, fault.New("apple-sources", "", "more than %d versions and zones", maxStrings)
	}
	e.strings = append(e.strings, strings.Clone(s))
	e.indices[s] = uint16(len(e.strings) - 1)
	return e.indices[s], nil
}

// classOf tells the device of a record by what is written of it:
//
//	<<HKDevice: 0x…>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:10.1>
func classOf(d string) class {
	switch {
	case strings.Contains(d, "model:Watch"), strings.Contains(d, "hardware:Watch"), strings.Contains(d, "name:Apple Watch"):
		return watch
	case strings.Contains(d, "model:iPhone"), strings.Contains(d, "hardware:iPhone"), strings.Contains(d, "name:iPhone"), strings.Contains(d, "model:iPad"):
		return phone
	}
	return other
}

// classOfName tells it by the name, where no device is written.
func classOfName(name string) class {
	n := strings.ToLower(name)
	switch {
	case strings.Contains(n, "watch"):
		return watch
	case strings.Contains(n, "iphone"), strings.Contains(n, "ipad"), n == "health", n == "clock":
		return phone
	}
	return other
}

// deviceField gives a field of a device's text. Hardware names hold commas, so
// a field ends before the next that has a colon.
func deviceField(device, field string) string {
	_, after, ok := strings.Cut(device, field+":")
	if !ok {
		return ""
	}
	if i := strings.Index(after, ", "); i >= 0 {
		after = after[:i]
	}
	return strings.TrimSuffix(strings.TrimSpace(after), ">")
}

// number reads a decimal number that a measure can have.
func number(b []byte) (float64, bool) {
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil && !math.IsNaN(v) && math.Abs(v) < 1e7
}
