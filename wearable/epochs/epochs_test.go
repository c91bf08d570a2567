package epochs

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"pgregory.net/rapid"
)

func TestTables(t *testing.T) {
	yasa, err := Named("yasa")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, in string
		layout   Layout
		want     string
		epoch    time.Duration
	}{
		{"words", "onset,duration,stage\n0,30,Wake\n30,30,N1\n60,30,REM\n", Layout{}, "1W 1N1 1R", 30 * time.Second},
		{"semicolons, a mark and capitals", "\xef\xbb\xbfOnset;Stage\n0;WAKE\n30;Deep\n", Layout{}, "1W 1N3", 30 * time.Second},
		{"tabs and CRLF", "onset\tstage\r\n0\tW\r\n30\tN2\r\n", Layout{}, "1W 1N2", 30 * time.Second},
		{"stretches", "onset,duration,stage\n0,90,W\n90,60,light\n", Layout{}, "3W 2L", 30 * time.Second},
		{"minutes", "onset,duration,stage\n0,60,W\n60,60,S\n", Layout{}, "1W 1S", time.Minute},
		{"one stretch", "onset,duration,stage\n0,1200,W\n", Layout{}, "40W", 30 * time.Second},
		{"a gap", "onset,stage\n0,W\n30,W\n90,R\n", Layout{}, "2W 1? 1R", 30 * time.Second},
		{"a bare list of letters", "W\nW\nN1\n", Layout{}, "2W 1N1", 30 * time.Second},
		{"a bare list of numbers", "0\n0\n1.0\n-1\n4\n", Layout{Map: &yasa}, "2W 1N1 1? 1R", 30 * time.Second},
		{"one column with a head", "hypno\n0\n2\n", Layout{Map: &yasa}, "1W 1N2", 30 * time.Second},
		{"times", "timestamp,stage\n2026-11-22T23:00:00+01:00,W\n2026-11-22T23:01:00+01:00,N2\n", Layout{}, "1W 1N2", time.Minute},
		{"no onsets, twenty seconds", "stage\nW\nN2\n", Layout{Epoch: 20 * time.Second}, "1W 1N2", 20 * time.Second},
		{"another column", "t,scorer_a,scorer_b\n0,W,N1\n30,W,N2\n", Layout{Stage: "scorer_b"}, "1N1 1N2", 30 * time.Second},
	} {
		got, err := Read(strings.NewReader(c.in), c.layout)
		if err != nil || got.Hypnogram.String() != c.want || got.Hypnogram.Epoch() != c.epoch {
			t.Errorf("%s: %v of %v, %v; want %v", c.name, got.Hypnogram, got.Hypnogram.Epoch(), err, c.want)
		}
	}
}

func TestTimesTellTheStart(t *testing.T) {
	got, err := Read(strings.NewReader("time,stage\n2026-11-22 23:00:00,W\n2026-11-22 23:00:30,W\n"), Layout{Zone: time.FixedZone("", 3600)})
	if err != nil {
		t.Fatal(err)
	}
	if start, ok := got.Hypnogram.Start(); !ok || start.Format(time.RFC3339) != "2026-11-22T23:00:00+01:00" {
		t.Errorf("starts %v", start)
	}
}

func TestBadTables(t *testing.T) {
	for _, c := range []struct {
		name, in string
		layout   Layout
		code     fault.Code
		line     int
	}{
		{"empty", "", Layout{}, "epochs-empty", 0},
		{"a head only", "onset,stage\n", Layout{}, "epochs-empty", 0},
		{"no text", "\x00\x01\x02", Layout{}, "epochs-text", 0},
		{"no such column", "onset,stage\n0,W\n", Layout{Stage: "scorer"}, "epochs-column", 0},
		{"no column of stages", "onset,colour\n0,red\n", Layout{}, "epochs-column", 0},
		{"numbers without a map", "onset,stage\n0,0\n30,1\n", Layout{}, "epochs-map", 0},
		{"an unknown code", "onset,stage\n0,W\n30,X\n", Layout{}, "epochs-code", 3},
		{"an onset in words", "onset,stage\n0,W\nlater,W\n", Layout{}, "epochs-onset", 3},
		{"a duration of nothing", "onset,duration,stage\n0,30,W\n30,0,W\n", Layout{}, "epochs-duration", 3},
		{"the same epoch twice", "onset,duration,stage\n0,30,W\n0,30,W\n", Layout{}, "epochs-order", 3},
		{"off the grid", "onset,stage\n0,W\n30,W\n61,W\n", Layout{Epoch: 30 * time.Second}, "epochs-grid", 4},
		{"beyond a night", "onset,stage\n0,W\n30,W\n9000000,W\n", Layout{Epoch: 30 * time.Second}, "hypnogram-long", 4},
	} {
		_, err := Read(strings.NewReader(c.in), c.layout)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
			continue
		}
		if text := err.Error(); c.line > 0 && !strings.Contains(text, string(rune('0'+c.line))+":") {
			t.Errorf("%s: %v does not name line %d", c.name, err, c.line)
		}
	}
	for _, bad := range []string{"nobody", "0=W,0=R", "0=X", "0", "=,", "0=W,,"} {
		if _, err := Named(bad); err == nil {
			t.Errorf("map %q was made", bad)
		}
	}
}

// A table written and read again is the same night, whichever way it is told.
func TestTablesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.SampledFrom(sleep.Stages()), 1, 200).Draw(t, "row")
		var epochs, list strings.Builder
		epochs.WriteString("onset\tduration\tstage\n")
		for i, s := range row {
			epochs.WriteString(strings.Join([]string{itoa(30 * i), "30", s.String()}, "\t") + "\n")
			list.WriteString(s.String() + "\n")
		}
		for _, in := range []string{epochs.String(), list.String()} {
			got, err := Read(strings.NewReader(in), Layout{})
			if err != nil || !slices.Equal(got.Hypnogram.Stages(), row) {
				t.Fatalf("%v, %v", got.Hypnogram, err)
			}
		}
	})
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestMapsAreSound(t *testing.T) {
	if len(Maps()) < 8 {
		t.Fatal("maps are missing")
	}
	for _, m := range Maps() {
		for code := range m.Codes {
			if m.Fold && code != strings.ToLower(code) {
				t.Errorf("%s: %q is not in lower case", m.Name, code)
			}
		}
	}
}

func referenceDir(t testing.TB) string {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	return dir
}

// All 128 nights of the Bitbrain Open Access Sleep data read, each table
// recognised, with as many epochs of each stage as counting the codes gives.
func TestBOAS(t *testing.T) {
	dir := referenceDir(t)
	human, err := Named("boas-human")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		glob   string
		layout Layout
		column string
		want   map[sleep.Stage]int
	}{
		{"*psg_events.tsv", Layout{}, "stage_hum", map[sleep.Stage]int{sleep.W: 19137, sleep.N1: 4462, sleep.N2: 72181, sleep.N3: 5225, sleep.R: 18754, sleep.Unscored: 336}},
		{"*psg_events.tsv", Layout{Map: &human, Stage: "stage_hum"}, "stage_hum", map[sleep.Stage]int{sleep.W: 19137}},
		{"*psg_events.tsv", Layout{Stage: "stage_ai"}, "stage_ai", map[sleep.Stage]int{sleep.W: 19545, sleep.N1: 3094, sleep.N2: 71667, sleep.N3: 5151, sleep.R: 20088, sleep.Unscored: 550}},
		{"*headband_events.tsv", Layout{}, "stage_ai", map[sleep.Stage]int{sleep.W: 18910, sleep.N1: 2156, sleep.N2: 70612, sleep.N3: 4055, sleep.R: 19481, sleep.Unscored: 4881}},
	} {
		files, err := filepath.Glob(filepath.Join(dir, "data", "boas", "sub-*", "eeg", c.glob))
		if err != nil || len(files) != 128 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		got := map[sleep.Stage]int{}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			table, err := Read(bytes.NewReader(b), c.layout)
			if err != nil || table.Column != c.column {
				t.Errorf("%s: %v, column %s", f, err, table.Column)
				continue
			}
			for _, s := range sleep.Stages() {
				got[s] += table.Hypnogram.Count(s)
			}
		}
		for s, n := range c.want {
			if got[s] != n {
				t.Errorf("%s of %s: %d epochs of %v, want %d", c.column, c.glob, got[s], s, n)
			}
		}
	}
}

// All scorers of the Dreem Open Datasets: 400 lists.
func TestDOD(t *testing.T) {
	dir := referenceDir(t)
	dod, err := Named("dod")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "data", "dod", "scorers", "*", "*", "*.json"))
	if len(files) != 400 {
		t.Fatalf("%d files", len(files))
	}
	got := map[sleep.Stage]int{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		h, err := ReadList(bytes.NewReader(b), dod, 0)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		for _, s := range sleep.Stages() {
			got[s] += h.Count(s)
		}
	}
	for s, n := range map[sleep.Stage]int{sleep.W: 90094, sleep.N1: 26321, sleep.N2: 184372, sleep.N3: 49355, sleep.R: 62777, sleep.Unscored: 16636} {
		if got[s] != n {
			t.Errorf("%d epochs of %v, want %d", got[s], s, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"onset,duration,stage\n0,30,W\n", "W\nN1\n", "a\tb\n\"\n", "onset;stage\n1e300;W\n", "onset,stage\n-5,W\n2026-01-01 00:00:00,W\n",
		"stage\n\n", "onset,duration,stage\n0,0.001,W\n0.001,100000,R\n",
	} {
		f.Add([]byte(s))
	}
	dod, err := Named("dod")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := Read(bytes.NewReader(b), Layout{}); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
		if _, err := ReadList(bytes.NewReader(b), dod, 0); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
	})
}
