package edf

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/fault"
)

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// files gives every EDF and BDF file of the reference.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, folder := range []string{"data/edf", "golden/sleep/inputs"} {
		err := filepath.WalkDir(filepath.Join(referenceDir(t), folder), func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".edf" && ext != ".bdf" {
				return err
			}
			out[path], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d files", len(out))
	}
	return out
}

// By time and as a stream, every file gives the same samples and annotations;
// their physical values have the mean and spread of the reference.
func TestFileAndReaderAgree(t *testing.T) {
	var golden struct {
		Files map[string]struct {
			SHA256  string
			Signals []struct {
				PhysFirst []float64 `json:"phys_first"`
				PhysMean  float64   `json:"phys_mean"`
				PhysStd   float64   `json:"phys_std"`
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(referenceDir(t), "golden", "sleep", "edf_read_refs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &golden); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for path, b := range files(t) {
		f := open(t, b)
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		h := f.Header()
		rows := make([][]float64, len(h.Signals))
		var notes []Annotation
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Onset(rec.Index); got != rec.Onset && h.Format != EDFPlusC && h.Format != BDFPlusC {
				t.Errorf("%s: record %d begins %v and %v", path, rec.Index, got, rec.Onset)
			}
			notes = append(notes, rec.Annotations...)
			for i := range h.Signals {
				rows[i] = rec.Physical(i, rows[i])
			}
		}
		if r.Records() != f.Records() {
			t.Errorf("%s: %d and %d records", path, r.Records(), f.Records())
		}
		var which []int
		for i, s := range h.Signals {
			if _, _, ok := s.Scale(); ok {
				which = append(which, i)
			}
		}
		all, err := f.All(which, 3)
		if err != nil {
			t.Fatal(err)
		}
		for k, i := range which {
			if !slices.Equal(all[k], rows[i]) {
				t.Errorf("%s: signal %d differs", path, i)
			}
		}
		found, _, err := f.Annotations()
		if err != nil || len(found) != len(notes) {
			t.Errorf("%s: %d annotations and %d, %v", path, len(found), len(notes), err)
		}
		for _, g := range golden.Files {
			if g.SHA256 != fmt.Sprintf("%x", sha256.Sum256(b)) {
				continue
			}
			for i, s := range g.Signals {
				if len(s.PhysFirst) == 0 {
					continue
				}
				compared++
				mean, sq := 0.0, 0.0
				for _, v := range rows[i] {
					mean += v / float64(len(rows[i]))
				}
				for _, v := range rows[i] {
					sq += (v - mean) * (v - mean)
				}
				std := math.Sqrt(sq / float64(len(rows[i])))
				scale := 1e-9 * math.Max(1, math.Abs(h.Signals[i].PhysMax))
				if math.Abs(mean-s.PhysMean) > scale || math.Abs(std-s.PhysStd) > scale || math.Abs(rows[i][0]-s.PhysFirst[0]) > scale {
					t.Errorf("%s: signal %d has mean %v and SD %v, want %v and %v", path, i, mean, std, s.PhysMean, s.PhysStd)
				}
			}
		}
	}
	if compared < 50 {
		t.Errorf("%d signals compared", compared)
	}
}

// written makes a file of two signals at different rates and 5 records.
func written(t testing.TB, kind Format, onsets ...time.Duration) []byte {
	t.Helper()
	var b bytes.Buffer
	h := Header{
		Format: kind, Records: len(onsets), RecordDuration: time.Second, StartDate: civil.On(2026, 11, 24), StartTime: 23 * time.Hour,
		Signals: []Signal{
			{Label: "EEG C4-M1", Unit: "uV", PhysMin: -500, PhysMax: 500, DigMin: -32768, DigMax: 32767, Samples: 4},
			{Label: "SpO2", Unit: "%", PhysMin: 0, PhysMax: 100, DigMin: 0, DigMax: 1000, Samples: 1},
		},
	}
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range onsets {
		k := float64(4 * i)
		notes := []Annotation{{Onset: at, Duration: 500 * time.Millisecond, HasDuration: true, Text: fmt.Sprint("på ", i)}}
		if !kind.IsPlus() {
			notes = nil
		}
		if err := w.WritePhysical(at, [][]float64{{k, k + 1, k + 2, k + 3}, {90 + float64(i)}}, notes); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func at(s ...float64) (out []time.Duration) {
	for _, v := range s {
		out = append(out, time.Duration(v*float64(time.Second)))
	}
	return out
}

// A file with two gaps: what lies between two times is cut at the gaps.
func TestBetweenAcrossGaps(t *testing.T) {
	f := open(t, written(t, EDFPlusD, at(0.5, 1.5, 10, 11, 20)...))
	if len(f.Warnings()) > 0 {
		t.Error(f.Warnings())
	}
	var got []string
	for _, s := range f.Stretches() {
		got = append(got, fmt.Sprint(s.From, "-", s.To, ":", s.First, "+", s.Count))
	}
	if s := strings.Join(got, " "); s != "500ms-2.5s:0+2 10s-12s:2+2 20s-21s:4+1" {
		t.Error(s)
	}
	for _, c := range []struct {
		from, to float64
		want     string
	}{
		{0, 100, "500ms [0 1 2 3 4 5 6 7] 10s [8 9 10 11 12 13 14 15] 20s [16 17 18 19]"},
		{1, 10.3, "1s [2 3 4 5 6 7] 10s [8 9]"},
		{1.01, 1.2, ""},
		{3, 9, ""},
		{11.5, 11.5, ""},
		{11.4, 11.8, "11.5s [14 15]"},
	} {
		pieces, err := f.Between(0, time.Duration(c.from*1e9), time.Duration(c.to*1e9))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, p := range pieces {
			for i, v := range p.Values {
				p.Values[i] = math.Round(v)
			}
			out = append(out, fmt.Sprint(p.Onset, p.Values))
		}
		if s := strings.Join(out, " "); s != c.want {
			t.Errorf("%v to %v: %s, want %s", c.from, c.to, s, c.want)
		}
	}
	if _, err := f.Between(2, 0, 1); fault.CodeOf(err) != "edf-range" {
		t.Error(err)
	}
	if _, err := f.Between(7, 0, 1); fault.CodeOf(err) != "edf-no-signal" {
		t.Error(err)
	}
}

// Gaps are laid out as what is no number.
func TestTimeline(t *testing.T) {
	f := open(t, written(t, EDFPlusD, at(0.5, 1.5, 4.5)...))
	rows, err := f.Timeline([]int{1}, 1)
	if err != nil || len(rows[0]) != 5 || math.Round(rows[0][1]) != 91 || !math.IsNaN(rows[0][2]) || !math.IsNaN(rows[0][3]) || math.Round(rows[0][4]) != 92 {
		t.Error(rows, err)
	}
	if _, err := open(t, written(t, EDFPlusD, at(0, 1e6)...)).Timeline([]int{0}, 1); fault.CodeOf(err) != "edf-long" {
		t.Error(err)
	}
}

// Annotations that do not fit into the first signal for them go on in the next.
func TestManyAnnotationSignals(t *testing.T) {
	text := func(samples int) Signal {
		return Signal{Label: "BDF Annotations", PhysMin: -1, PhysMax: 1, DigMin: -1 << 23, DigMax: 1<<23 - 1, Samples: samples}
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{
		Format: BDFPlusC, Records: 1, RecordDuration: time.Second,
		Signals: []Signal{text(5), {Label: "a", PhysMax: 1, DigMax: 10, Samples: 2}, text(6), text(40)},
	})
	if err != nil {
		t.Fatal(err)
	}
	notes := []Annotation{{Onset: 1e9, Text: "första"}, {Onset: 2e9, Text: "andra"}, {Onset: 3e9, Text: "tredje", Duration: 1e6, HasDuration: true}}
	if err := w.Write(250*time.Millisecond, [][]int32{{3, 4}}, notes); err != nil {
		t.Fatal(err)
	}
	f := open(t, b.Bytes())
	got, l, err := f.Annotations()
	if err != nil || len(l) > 0 || len(f.Warnings()) > 0 || !slices.Equal(got, notes) || f.Onset(0) != 250*time.Millisecond {
		t.Error(got, l, f.Warnings(), err)
	}
}

// A file that calls itself continuous and is not says so when its annotations
// are read.
func TestHiddenGap(t *testing.T) {
	b := written(t, EDFPlusD, at(0, 1, 5, 6)...)
	copy(b[192:], "EDF+C")
	_, l, err := open(t, b).Annotations()
	if err != nil || len(l) != 1 || !strings.Contains(l.Error(), "record 3: warning: the record says it began 3s later") {
		t.Error(l, err)
	}
}

func TestRecordsThatOverlap(t *testing.T) {
	if l := open(t, written(t, EDFPlusD, at(0, 0.5)...)).Warnings(); !l.Has("edf-record-overlap") {
		t.Error(l)
	}
}

// What is written is read back: header, samples, annotations, record times.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Format{EDF, EDFPlusC, EDFPlusD, BDF, BDFPlusC, BDFPlusD}).Draw(t, "kind")
		limit := 1 << (8*kind.sampleBytes() - 1)
		h := Header{
			Format: kind, Records: -1, RecordDuration: rapid.SampledFrom([]time.Duration{time.Second, 500 * time.Millisecond, 30 * time.Second, 1001 * time.Millisecond}).Draw(t, "duration"),
			StartDate: civil.On(1985, 1, 2).Add(rapid.IntRange(0, 36000).Draw(t, "day")), StartTime: time.Duration(rapid.IntRange(0, 86399).Draw(t, "time")) * time.Second,
		}
		ascii := rapid.StringMatching(`([!-~]([ -~]{0,6}[!-~])?)?`)
		fewest := 1 // a record without samples or annotations has no bytes
		if kind.IsPlus() {
			fewest = 0
		}
		for range rapid.IntRange(fewest, 4).Draw(t, "signals") {
			lo := rapid.IntRange(-limit, limit-2).Draw(t, "low")
			h.Signals = append(h.Signals, Signal{
				Label: ascii.Draw(t, "label"), Transducer: ascii.Draw(t, "transducer"), Unit: ascii.Draw(t, "unit"), Prefilter: ascii.Draw(t, "prefilter"),
				PhysMin: float64(rapid.IntRange(-99999, 0).Draw(t, "min")) / 10, PhysMax: float64(rapid.IntRange(1, 99999).Draw(t, "max")) / 10,
				DigMin: lo, DigMax: rapid.IntRange(lo+1, limit-1).Draw(t, "high"), Samples: rapid.IntRange(1, 9).Draw(t, "samples"),
			})
		}
		var b bytes.Buffer
		w, err := NewWriter(&b, h)
		if err != nil {
			t.Fatal(err)
		}
		records := rapid.IntRange(1, 4).Draw(t, "records")
		var wantRows [][][]int32
		var wantNotes []Annotation
		var onsets []time.Duration
		next := time.Duration(rapid.IntRange(0, 999).Draw(t, "first")) * time.Millisecond
		for range records {
			var rows [][]int32
			for _, s := range h.Signals {
				row := make([]int32, s.Samples)
				for k := range row {
					row[k] = int32(rapid.IntRange(s.DigMin, s.DigMax).Draw(t, "v"))
				}
				rows = append(rows, row)
			}
			var notes []Annotation
			if kind.IsPlus() && rapid.Bool().Draw(t, "note") {
				a := Annotation{Onset: next, Text: rapid.StringMatching(`[a-zåäöα-ω ]{1,12}`).Draw(t, "text")}
				if a.HasDuration = rapid.Bool().Draw(t, "lasts"); a.HasDuration {
					a.Duration = time.Duration(rapid.IntRange(0, 1e9).Draw(t, "for"))
				}
				notes = append(notes, a)
			}
			if err := w.Write(next, rows, notes); err != nil {
				t.Fatal(err)
			}
			wantRows, wantNotes, onsets = append(wantRows, rows), append(wantNotes, notes...), append(onsets, next)
			next += h.RecordDuration
			if kind.IsDiscontinuous() {
				next += time.Duration(rapid.IntRange(0, 5).Draw(t, "gap")) * time.Second
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		g := r.Header()
		if g.Format != kind || g.StartDate != h.StartDate || g.StartTime != h.StartTime || g.RecordDuration != h.RecordDuration || len(r.Warnings()) > 0 {
			t.Fatalf("%+v became %+v, %v", h, g, r.Warnings())
		}
		if !slices.Equal(g.Signals, w.Header().Signals) {
			t.Fatalf("%+v became %+v", w.Header().Signals, g.Signals)
		}
		var notes []Annotation
		for i := range records {
			rec, err := r.Next()
			if err != nil || kind.IsPlus() && rec.Onset != onsets[i] {
				t.Fatal(err, rec.Onset, onsets[i])
			}
			for k := range h.Signals {
				if got := rec.Digital(k, nil); !slices.Equal(got, wantRows[i][k]) {
					t.Fatalf("%v became %v", wantRows[i][k], got)
				}
			}
			notes = append(notes, rec.Annotations...)
		}
		if len(r.Warnings()) > 0 || !slices.Equal(notes, wantNotes) {
			t.Fatalf("%v, %v became %v", r.Warnings(), wantNotes, notes)
		}
	})
}

// A file does not know how many records it will have; closing tells it.
func TestCloseFillsInTheRecords(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "x.edf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := NewWriter(f, Header{Format: EDF, Records: -1, RecordDuration: time.Second, Signals: []Signal{{Label: "a", PhysMax: 1, DigMax: 10, Samples: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{0.5, 7, -1} {
		if err := w.WritePhysical(0, [][]float64{{v}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || w.Clipped() != 2 {
		t.Fatal(err, w.Clipped())
	}
	st, _ := f.Stat()
	g, err := Open(f, st.Size())
	if err != nil || g.Header().Records != 3 {
		t.Fatal(err)
	}
	rows, err := g.All([]int{0}, 1)
	if err != nil || fmt.Sprint(rows[0]) != "[0.5 1 0]" {
		t.Error(rows, err)
	}
}

func TestWriterRefuses(t *testing.T) {
	good := Signal{Label: "a", PhysMax: 1, DigMax: 10, Samples: 2}
	with := func(change func(*Signal)) []Signal { s := good; change(&s); return []Signal{s} }
	for _, c := range []struct {
		name string
		h    Header
		code fault.Code
	}{
		{"no kind", Header{}, "edf-kind"},
		{"not ASCII", Header{Format: EDF, Patient: "Åsa", RecordDuration: time.Second}, "edf-text"},
		{"too long", Header{Format: EDF, Patient: strings.Repeat("x", 81), RecordDuration: time.Second}, "edf-width"},
		{"duration", Header{Format: EDF, RecordDuration: time.Second / 3}, "edf-width"},
		{"digital limits", Header{Format: EDF, RecordDuration: time.Second, Signals: with(func(s *Signal) { s.DigMax = 40000 })}, "edf-range"},
		{"physical limits", Header{Format: EDF, RecordDuration: time.Second, Signals: with(func(s *Signal) { s.PhysMax = 0 })}, "edf-range"},
		{"tiny limits", Header{Format: EDF, RecordDuration: time.Second, Signals: with(func(s *Signal) { s.PhysMax = 1e-9 })}, "edf-width"},
		{"huge limits", Header{Format: EDF, RecordDuration: time.Second, Signals: with(func(s *Signal) { s.PhysMax = 1e9 })}, "edf-width"},
		{"no samples", Header{Format: EDF, RecordDuration: time.Second, Signals: with(func(s *Signal) { s.Samples = 0 })}, "edf-samples"},
	} {
		if _, err := NewWriter(io.Discard, c.h); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	w, err := NewWriter(io.Discard, Header{Format: EDFPlusC, Records: 1, RecordDuration: time.Second, Signals: []Signal{good}})
	if err != nil {
		t.Fatal(err)
	}
	note := func(s string) []Annotation { return []Annotation{{Text: s}} }
	for _, c := range []struct {
		rows  [][]int32
		notes []Annotation
		code  fault.Code
	}{
		{nil, nil, "edf-samples"},
		{[][]int32{{1}}, nil, "edf-samples"},
		{[][]int32{{1, 2}, {3}}, nil, "edf-samples"},
		{[][]int32{{1, 2}}, note(strings.Repeat("x", 200)), "edf-annotation-room"},
		{[][]int32{{1, 2}}, note("a\x14b"), "edf-annotation"},
	} {
		if err := w.Write(0, c.rows, c.notes); fault.CodeOf(err) != c.code {
			t.Errorf("%v %v: %v", c.rows, c.notes, err)
		}
	}
	if err := w.Close(); fault.CodeOf(err) != "edf-records" {
		t.Error(err)
	}
}

// Every fault below is one that recorders make: it is told, and gone from the
// repaired file, whose samples are the same.
func TestRepair(t *testing.T) {
	change := func(at int, s string) []byte {
		b := bytes.Clone(small())
		copy(b[at:], s)
		return b
	}
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"records", change(236, "7       "), `records: warning: "7" became "2"`},
		{"records unknown", change(236, "-1      "), `records: warning: "-1" became "2"`},
		{"header bytes", change(184, "512     "), `header bytes: warning: "512" became "768"`},
		{"date with slashes", change(168, "24/04/89"), `start date: warning: "24/04/89" became "24.04.89"`},
		{"no date", append(bytes.Clone(change(168, "00.00.00")[:88]), append([]byte("Startdate 00-XXX-0000 X X X                                                     "), change(168, "00.00.00")[168:]...)...), `became "01.01.85"`},
		{"no time", change(176, "99.99.99"), `start time: warning: "99.99.99" became "00.00.00"`},
		{"decimal comma", change(244, "1,5     "), `record duration: warning: "1,5" became "1.5"`},
		{"zero bytes", change(192+5, "\x00\x00\x00"), `reserved: warning: "EDF+C\x00\x00\x00" became "EDF+C"`},
		{"micro sign", change(256+2*96, "\xb5V      "), `unit: warning: "\xb5V" became "uV"`},
		{"wrong family", change(192, "BDF+C"), `reserved: warning: "BDF+C" became "EDF+C"`},
		{"cut short", small()[:len(small())-3], `records: warning: "2" became "1"`},
	} {
		var out bytes.Buffer
		l, err := Repair(bytes.NewReader(c.in), int64(len(c.in)), &out)
		if err != nil || !strings.Contains(l.Error(), c.want) {
			t.Errorf("%s: %v, %v", c.name, l, err)
			continue
		}
		before, after := open(t, c.in), open(t, out.Bytes())
		if w := after.Warnings(); len(w) > 0 {
			t.Errorf("%s: still %v", c.name, w)
		}
		a, _ := before.All([]int{0}, 1)
		b, _ := after.All([]int{0}, 1)
		if !slices.Equal(a[0], b[0]) || len(b[0]) == 0 {
			t.Errorf("%s: samples %v became %v", c.name, a, b)
		}
		var again bytes.Buffer
		if l, err := Repair(bytes.NewReader(out.Bytes()), int64(out.Len()), &again); err != nil || len(l) > 0 || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: repaired twice: %v, %v", c.name, l, err)
		}
	}
}

// Every reference file can be repaired, and is sound then but for what cannot
// be known.
func TestRepairReferenceFiles(t *testing.T) {
	lasting := []fault.Code{"edf-range", "edf-record-time", "edf-kind", "edf-record-duration", "edf-annotation"}
	for path, b := range files(t) {
		var out bytes.Buffer
		l, err := Repair(bytes.NewReader(b), int64(len(b)), &out)
		if err != nil {
			t.Errorf("%s: %v, %v", path, l, err)
			continue
		}
		for _, p := range open(t, out.Bytes()).Warnings() {
			if !slices.Contains(lasting, p.Code) {
				t.Errorf("%s: still %v", path, p)
			}
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add(small(), int64(0), int64(1e9))
	f.Add(written(f, EDFPlusD, at(0, 1, 5)...), int64(5e8), int64(6e9))
	f.Add(written(f, BDFPlusC, at(0.25, 1.25)...), int64(-1), int64(6e9))
	f.Fuzz(func(t *testing.T, b []byte, from, to int64) {
		file, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		for i := range file.Header().Signals {
			if _, err := file.Between(i, time.Duration(from), time.Duration(to)); err != nil && fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			if rows, err := file.All([]int{i}, 2); err == nil && len(rows) != 1 {
				t.Fatal("no row")
			}
			if _, err := file.Timeline([]int{i}, 1); err != nil && fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
		}
		if _, _, err := file.Annotations(); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
		var out bytes.Buffer
		if _, err := Repair(bytes.NewReader(b), int64(len(b)), &out); err != nil {
			return
		}
		again, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || again.Records() != file.Records() {
			t.Fatalf("a repaired file: %v", err)
		}
		for _, p := range again.Warnings() {
			if p.Code == "edf-records" || p.Code == "edf-header-bytes" || p.Code == "edf-short" || p.Code == "edf-comma" {
				t.Fatalf("after repair: %v", p)
			}
		}
	})
}

// A night: 8 hours, 8 channels of 256 samples per second, read whole.
func BenchmarkNight(b *testing.B) {
	name := filepath.Join(b.TempDir(), "night.edf")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	h := Header{Format: EDF, Records: 8 * 3600, RecordDuration: time.Second}
	rows := make([][]int32, 8)
	for i := range rows {
		h.Signals = append(h.Signals, Signal{Label: fmt.Sprint("EEG ", i), Unit: "uV", PhysMin: -500, PhysMax: 500, DigMin: -32768, DigMax: 32767, Samples: 256})
		rows[i] = make([]int32, 256)
		for k := range rows[i] {
			rows[i][k] = int32(k*131 - 9000*i%30000)
		}
	}
	w, err := NewWriter(f, h)
	if err != nil {
		b.Fatal(err)
	}
	for range h.Records {
		if err := w.Write(0, rows, nil); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("All", func(b *testing.B) {
		b.SetBytes(8 * 8 * 3600 * 256 * 2)
		for b.Loop() {
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			st, _ := f.Stat()
			file, err := Open(f, st.Size())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := file.All([]int{0, 1, 2, 3, 4, 5, 6, 7}, 2); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("Stream", func(b *testing.B) {
		b.SetBytes(8 * 8 * 3600 * 256 * 2)
		for b.Loop() {
			f, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			r, err := NewReader(f)
			if err != nil {
				b.Fatal(err)
			}
			row := make([]float64, 0, 256)
			for {
				rec, err := r.Next()
				if err != nil {
					break
				}
				for i := range 8 {
					row = rec.Physical(i, row[:0])
				}
			}
			f.Close()
		}
	})
}
