package edf

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/sleep"
)

// file writes a small file by the letter of the format, so that these tests
// stand without the reference data.
func file(reserved string, records string, tals ...string) []byte {
	var b bytes.Buffer
	pad := func(width int, s string) { b.WriteString((s + strings.Repeat(" ", width))[:width]) }
	pad(8, "0")
	pad(80, "X F X Female_33yr")
	pad(80, "Startdate 24-APR-1989 X X X")
	pad(8, "24.04.89")
	pad(8, "16.13.00")
	pad(8, "768")
	pad(44, reserved)
	pad(8, records)
	pad(8, "1.5")
	pad(4, "2")
	for _, f := range []struct {
		width int
		one   string
		two   string
	}{
		{16, "EEG Fpz-Cz", "EDF Annotations"},
		{80, "", ""},
		{8, "uV", ""},
		{8, "-192", "-1"},
		{8, "192", "1"},
		{8, "-2048", "-32768"},
		{8, "2047", "32767"},
		{80, "", ""},
		{8, "2", "40"},
		{32, "", ""},
	} {
		pad(f.width, f.one)
		pad(f.width, f.two)
	}
	for i, tal := range tals {
		b.Write([]byte{byte(i), 0, 0xff, 0xff}) // samples i and -1
		b.WriteString(tal + strings.Repeat("\x00", 80-len(tal)))
	}
	return b.Bytes()
}

func small() []byte {
	return file("EDF+C", "2",
		"+0.25\x14\x14\x00+0.25\x1560\x14Sleep stage W\x14\x00",
		"+1.75\x14\x14\x00+60.25\x1530.5\x14Sleep stage 3\x14arousal\x14\x00")
}

func TestSmallFileByTheLetter(t *testing.T) {
	r, err := NewReader(bytes.NewReader(small()))
	if err != nil {
		t.Fatal(err)
	}
	h := r.Header()
	if h.Format != EDFPlusC || h.RecordDuration != 1500*time.Millisecond || h.StartDate.String() != "1989-04-24" || h.Signals[0].PhysMin != -192 {
		t.Errorf("%+v", h)
	}
	var onsets []time.Duration
	var texts []string
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		onsets = append(onsets, rec.Onset)
		for _, a := range rec.Annotations {
			texts = append(texts, fmt.Sprint(a.Onset, " ", a.Duration, " ", a.Text))
		}
		if got := rec.Digital(0, nil); got[0] != int32(rec.Index) || got[1] != -1 {
			t.Errorf("samples %v", got)
		}
	}
	if fmt.Sprint(onsets) != "[250ms 1.75s]" || strings.Join(texts, "; ") != "250ms 1m0s Sleep stage W; 1m0.25s 30.5s Sleep stage 3; 1m0.25s 30.5s arousal" {
		t.Errorf("%v, %q", onsets, texts)
	}
	if len(r.Warnings()) > 0 {
		t.Errorf("warnings of a sound file: %v", r.Warnings())
	}
}

func TestStagesBecomeEpochs(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []Annotation
		want string
		warn fault.Code
	}{
		{"Rechtschaffen and Kales", []Annotation{ann(0, 60, "Sleep stage W"), ann(60, 30, "Sleep stage 3"), ann(90, 30, "Sleep stage 4"), ann(120, 30, "Movement time"), ann(150, 60, "Sleep stage R")}, "2W 2N3 1? 2R", ""},
		{"a gap is unscored", []Annotation{ann(0, 30, "Sleep stage N1"), ann(90, 30, "Sleep stage N2")}, "1N1 2? 1N2", ""},
		{"without durations", []Annotation{ann(0, -1, "Sleep stage N1"), ann(30, -1, "lights"), ann(90, -1, "Sleep stage N2")}, "3N1 1N2", ""},
		{"in no order", []Annotation{ann(60, 30, "Sleep stage 2"), ann(0, 60, "Sleep stage W")}, "2W 1N2", ""},
		{"overlap", []Annotation{ann(0, 90, "Sleep stage N1"), ann(60, 30, "Sleep stage N2")}, "2N1 1N2", "edf-stage-overlap"},
		{"off the grid", []Annotation{ann(0, 40, "Sleep stage N1"), ann(40, 50, "Sleep stage N2")}, "1N1 2N2", "edf-stage-grid"},
	} {
		h, l, err := Hypnogram(Header{StartTime: -1}, c.in, Standard(), 30*time.Second, time.UTC)
		if err != nil || h.String() != c.want || c.warn != "" && !l.Has(c.warn) || c.warn == "" && len(l) > 0 {
			t.Errorf("%s: %v, %v, %v; want %v", c.name, h, l, err, c.want)
		}
	}
	if _, _, err := Hypnogram(Header{}, []Annotation{ann(0, 1, "spike")}, Standard(), 30*time.Second, time.UTC); fault.CodeOf(err) != "edf-no-stages" {
		t.Errorf("no stages: %v", err)
	}
	if _, _, err := Hypnogram(Header{}, []Annotation{ann(0, 999999999, "Sleep stage W")}, Standard(), 30*time.Second, time.UTC); fault.CodeOf(err) != "hypnogram-long" {
		t.Errorf("thirty years of wake: %v", err)
	}
}

func ann(onset, duration int, text string) Annotation {
	a := Annotation{Onset: time.Duration(onset) * time.Second, Text: text}
	if duration >= 0 {
		a.Duration, a.HasDuration = time.Duration(duration)*time.Second, true
	}
	return a
}

// Bytes put at an offset of the small file make each kind of bad file.
func TestBadFiles(t *testing.T) {
	change := func(at int, s string) []byte {
		b := small()
		copy(b[at:], s)
		return b
	}
	for _, c := range []struct {
		name string
		in   []byte
		code fault.Code
	}{
		{"empty", nil, "edf-empty"},
		{"cut in the first part", small()[:100], "edf-short"},
		{"cut in the signals", small()[:700], "edf-short"},
		{"not EDF", change(0, "\x89PNG    "), "edf-magic"},
		{"signals in words", change(252, "two "), "edf-signals"},
		{"signals negative", change(252, "-1  "), "edf-signals"},
		{"more signals than bytes", change(252, "9999"), "edf-short"},
		{"duration of nothing", change(244, "long    "), "edf-record-duration"},
		{"duration infinite", change(244, "inf     "), "edf-record-duration"},
		{"samples negative", change(256+2*216, "-5      "), "edf-samples"},
		{"samples beyond reason", change(256+2*216, "60000000"), "edf-record-size"},
		{"physical minimum in words", change(256+2*104, "low     "), "edf-number"},
	} {
		_, _, _, err := ReadAnnotations(bytes.NewReader(c.in))
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	for _, c := range []struct {
		name string
		in   []byte
		code fault.Code
	}{
		{"no such day", change(88, "Unknown  31-XXX-1989"), ""},
		{"bad date", append(change(168, "00.00.00")[:88], change(88, "X X X X X X X X X X X X X X X")[88:]...), ""},
		{"records too many", change(236, "7       "), "edf-records"},
		{"records unknown", change(236, "-1      "), ""},
		{"decimal comma", change(244, "1,5     "), "edf-comma"},
		{"cut in a record", small()[:len(small())-3], "edf-short"},
		{"header bytes", change(184, "512     "), "edf-header-bytes"},
		{"not a list", change(768+4, "hello\x14\x14\x00"), "edf-annotation"},
		{"not plus", change(192, "     "), "edf-kind"},
	} {
		_, _, warnings, err := ReadAnnotations(bytes.NewReader(c.in))
		if err != nil || c.code != "" && !warnings.Has(c.code) {
			t.Errorf("%s: %v, %v, want a warning %s", c.name, err, warnings, c.code)
		}
	}
}

func TestYearsOfTwoDigits(t *testing.T) {
	b := file("", "0")
	for field, want := range map[string]string{"01.01.85": "1985-01-01", "31.12.84": "2084-12-31", "29.02.01": "", "24-04-89": "1989-04-24", "1.2.3": "2003-02-01"} {
		copy(b[168:176], (field + "        ")[:8])
		h, _, _, err := ReadAnnotations(bytes.NewReader(b))
		if err != nil || h.StartDate.String() != want {
			t.Errorf("%s: %v, %v", field, h.StartDate, err)
		}
	}
}

// A header that claims a great deal before a short file must not be believed.
func TestHostileHeaderTakesNoMemory(t *testing.T) {
	b := file("EDF+C", "99999999", "+0\x14\x14\x00")
	copy(b[256+2*216:], "30000000")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, l, err := ReadAnnotations(bytes.NewReader(b))
	runtime.ReadMemStats(&after)
	if err != nil || !l.Has("edf-short") {
		t.Errorf("%v, %v", l, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes taken for a file of %d", used, len(b))
	}
}

func referenceDir(t testing.TB) string {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	return dir
}

type refFile struct {
	Patient, Recording, StartDate, StartTime, Reserved string
	HeaderBytes                                        int     `json:"header_bytes"`
	NRecords                                           int     `json:"n_records"`
	RecordSec                                          float64 `json:"record_sec"`
	Signals                                            []struct {
		Label, Transducer, Unit, Prefilter string
		NSamp                              int
		N                                  int
		DigFirst                           []int32 `json:"dig_first"`
		DigSum                             int64   `json:"dig_sum"`
		DigMin                             int32   `json:"dig_min"`
		DigMax                             int32   `json:"dig_max"`
	}
	Annotations [][]any
	SHA256      string
}

// Header, samples and annotations of every reference file that is here, against
// an independent parser and MNE 1.3.0 (golden/sleep/edf_read_refs.json). MNE
// counts onsets from the first sample, EDF+ from the whole second before it.
func TestFilesReadAsTheirReferencesSay(t *testing.T) {
	dir := referenceDir(t)
	var golden struct{ Files map[string]refFile }
	b, err := os.ReadFile(filepath.Join(dir, "golden", "sleep", "edf_read_refs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	byHash := map[string]string{}
	for name, f := range golden.Files {
		byHash[f.SHA256] = name
	}
	read := 0
	for _, folder := range []string{"data/edf", "golden/sleep/inputs"} {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, d os.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".edf" && ext != ".bdf" {
				return err
			}
			content, err := os.ReadFile(path)
			if name, ok := byHash[fmt.Sprintf("%x", sha256.Sum256(content))]; ok && err == nil {
				readAs(t, name, bytes.NewReader(content), golden.Files[name])
				read++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files have a reference", read)
	if read < 7 {
		t.Fatalf("only %d files", read)
	}
}

func readAs(t *testing.T, name string, in io.Reader, want refFile) {
	r, err := NewReader(in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	h := r.Header()
	if h.Patient != want.Patient || h.Recording != want.Recording || h.Bytes != want.HeaderBytes || h.Records != want.NRecords || h.Reserved != want.Reserved ||
		h.RecordDuration.Seconds() != want.RecordSec || len(h.Signals) != len(want.Signals) {
		t.Errorf("%s: header %+v", name, h)
		return
	}
	sums, counts := make([]int64, len(h.Signals)), make([]int, len(h.Signals))
	var notes []Annotation
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, rec.Annotations...)
		for i := range h.Signals {
			x := rec.Digital(i, nil)
			for k, v := range x {
				sums[i] += int64(v)
				if s := want.Signals[i]; rec.Index == 0 && k < len(s.DigFirst) && v != s.DigFirst[k] {
					t.Errorf("%s: signal %d sample %d is %d, want %d", name, i, k, v, s.DigFirst[k])
				}
			}
			counts[i] += len(x)
		}
	}
	for i, s := range want.Signals {
		// The independent parser took the bytes for Latin-1; one recorder wrote UTF-8.
		if latin1(h.Signals[i].Label) != s.Label && h.Signals[i].Label != s.Label || latin1(h.Signals[i].Unit) != s.Unit && h.Signals[i].Unit != s.Unit || h.Signals[i].Samples != s.NSamp || h.Signals[i].Prefilter != s.Prefilter {
			t.Errorf("%s: signal %d is %+v", name, i, h.Signals[i])
		}
		if !h.Signals[i].IsAnnotations() && (counts[i] != s.N || sums[i] != s.DigSum) {
			t.Errorf("%s: signal %d has %d samples with sum %d, want %d and %d", name, i, counts[i], sums[i], s.N, s.DigSum)
		}
	}
	first, _ := r.FirstOnset()
	if len(notes) != len(want.Annotations) {
		t.Errorf("%s: %d annotations, want %d", name, len(notes), len(want.Annotations))
		return
	}
	for i, a := range notes {
		w := want.Annotations[i]
		if math.Abs((a.Onset-first).Seconds()-w[0].(float64)) > 1e-6 || math.Abs(a.Duration.Seconds()-w[1].(float64)) > 1e-6 || a.Text != w[2].(string) {
			t.Errorf("%s: annotation %d is %+v, want %v", name, i, a, w)
		}
	}
}

// latin1 reads the bytes of a string one by one.
func latin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// Every file of the reference folder reads, with the warnings it deserves.
func TestEveryFileReads(t *testing.T) {
	dir := referenceDir(t)
	deserved := map[string]fault.Code{
		"invalid-date.edf": "edf-date", "test_uneven_samp.edf": "edf-time", "bdf_test.edf": "edf-annotations", "bdf_test.bdf": "edf-kind",
	}
	count := 0
	err := filepath.WalkDir(filepath.Join(dir, "data", "edf"), func(path string, d os.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".edf" && ext != ".bdf" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, _, l, err := ReadAnnotations(f)
		count++
		if want := deserved[d.Name()]; err != nil || want != "" && !l.Has(want) {
			t.Errorf("%s: %v, %v, want %s", d.Name(), l, err, want)
		} else if len(l) > 0 {
			t.Logf("%s: %v", d.Name(), l)
		}
		return nil
	})
	if err != nil || count < 18 {
		t.Fatalf("%d files, %v", count, err)
	}
}

// The Sleep-EDF hypnogram in EDF+ and BDF+ against the stages MNE makes of it.
func TestSleepEDFHypnogram(t *testing.T) {
	dir := referenceDir(t)
	var golden struct {
		Records map[string]struct {
			FullStages string `json:"full_stages"`
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "golden", "sleep", "sleepedf_hypnograms_yasa.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	want := golden.Records["SC4001EC-Hypnogram.edf"].FullStages
	letters := map[sleep.Stage]byte{sleep.W: 'W', sleep.N1: '1', sleep.N2: '2', sleep.N3: '3', sleep.R: 'R', sleep.Unscored: '?'}
	for _, ext := range []string{"edf", "bdf"} {
		f, err := os.Open(filepath.Join(dir, "data", "edf", "edfio", "SC4001EC-Hypnogram."+ext))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		h, notes, _, err := ReadAnnotations(f)
		if err != nil {
			t.Fatal(err)
		}
		hyp, l, err := Hypnogram(h, notes, Standard(), 30*time.Second, time.UTC)
		if err != nil || len(l) > 0 {
			t.Fatal(err, l)
		}
		var got []byte
		for _, s := range hyp.Stages() {
			got = append(got, letters[s])
		}
		if string(got) != want {
			t.Errorf("%s: %d epochs, want %d, or they differ", ext, len(got), len(want))
		}
		if start, ok := hyp.Start(); !ok || start.Format(time.DateTime) != "1989-04-24 16:13:00" {
			t.Errorf("%s starts %v", ext, start)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(small())
	f.Add(small()[:700])
	f.Add(file("EDF+D", "-1", "+-1\x14\x14\x00", "+9\x1599999999999\x14Sleep stage R"))
	f.Add(append([]byte("\xffBIOSEMI"), small()[8:]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		var notes []Annotation
		for {
			rec, err := r.Next()
			if err != nil {
				break
			}
			notes = append(notes, rec.Annotations...)
			for i := range r.Header().Signals {
				rec.Digital(i, nil)
			}
		}
		if _, _, err := Hypnogram(r.Header(), notes, Standard(), 30*time.Second, time.UTC); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
	})
}
