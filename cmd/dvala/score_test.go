package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/sleep"
	"dvala/wearable/oura"
	"github.com/alecthomas/kong"
)

// runScore runs the verb as the command line does.
func runScore(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var verbs struct {
		Score ScoreCmd `cmd:""`
	}
	parser, err := kong.New(&verbs, kong.Exit(func(int) { t.Fatal("the command line was refused") }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(append([]string{"score"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	p := &Program{Stdin: strings.NewReader("W\nW\nN2\nN2\n"), Stdout: &out, Stderr: &problems, Now: time.Now, Width: 80}
	err = ctx.Run(p)
	return out.String(), problems.String(), err
}

// put writes a file of a night into a folder and gives its path.
func put(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func ouraFile(t *testing.T) string {
	t.Helper()
	stages, err := sleep.ParseStages("20W 300N2 100N3 80R 9W 300N2 90R 1W", 5760)
	if err != nil {
		t.Fatal(err)
	}
	h, err := sleep.NewHypnogram(time.Date(2026, 11, 22, 23, 10, 0, 0, time.FixedZone("", 3600)), 30*time.Second, stages)
	if err != nil {
		t.Fatal(err)
	}
	d, err := oura.FromHypnogram("s1", h)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(oura.Page[oura.Sleep]{Data: []oura.Sleep{d}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const tableOfEpochs = "onset,duration,stage\n0,600,Wake\n600,5400,N2\n6000,1200,REM\n"

func TestScoreTellsKindsApart(t *testing.T) {
	dir := t.TempDir()
	files := []string{
		put(t, dir, "ring.json", ouraFile(t)),
		put(t, dir, "night.csv", tableOfEpochs),
		put(t, dir, "scorer.json", "[0, 0, 1, 2, 2, 3, 4, -1]"),
		put(t, dir, "night.edf", string(smallEDF())),
		"-",
	}
	out, problems, err := runScore(t, append([]string{"--format", "json"}, files...)...)
	if err != nil || !strings.Contains(problems, "[epochs-map]") {
		t.Fatal(err, problems)
	}
	var nights []scored
	if err := json.Unmarshal([]byte(out), &nights); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ kind, runs, night string }{
		{"oura", "20W 300L 100N3 80R 9W 300L 90R 1W", "2026-11-23"},
		{"epochs", "20W 180N2 40R", ""},
		{"codes", "2W 1N1 2N2 1N3 1R 1?", ""},
		{"EDF+C", "2W 4N3 2R", "1989-04-25"},
		{"epochs", "2W 2N2", ""},
	} {
		if n := nights[i]; n.Kind != want.kind || n.Hypnogram.String() != want.runs || n.Night != want.night {
			t.Errorf("%s: %s %v %s", n.File, n.Kind, n.Hypnogram, n.Night)
		}
	}
	if got := *nights[1].Architecture.TSTMin; got != 110 {
		t.Errorf("TST %v, by hand 110 min", got)
	}
}

// One bad file in a hundred is named, and the other 99 are scored.
func TestScoreOneBadFileInAHundred(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for i := range 99 {
		files = append(files, put(t, dir, "night"+string(rune('a'+i/10))+string(rune('0'+i%10))+".csv", tableOfEpochs))
	}
	files = append(files[:50], append([]string{put(t, dir, "broken.csv", "onset,stage\n0,W\n30,Q\n")}, files[50:]...)...)
	out, problems, err := runScore(t, append([]string{"--format", "csv"}, files...)...)
	if !errors.Is(err, errPrinted) {
		t.Errorf("the exit code does not tell: %v", err)
	}
	if !strings.Contains(problems, "broken.csv:3: ") || !strings.Contains(problems, "[epochs-code]") || !strings.Contains(problems, "1 of 100 files") {
		t.Errorf("%s", problems)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 100 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][7] != "tst_min" || rows[1][7] != "110" || rows[1][8] != "10" {
		t.Errorf("%v %v", rows[0][:20], rows[1][:20])
	}
}

func TestScoreForPeople(t *testing.T) {
	dir := t.TempDir()
	night := put(t, dir, "night.csv", tableOfEpochs)
	out, _, err := runScore(t, night)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  W ▆", " N2 ", "total sleep time", "110.0 min", "latency to N3 from lights off", "– min"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	many, _, err := runScore(t, night, night, night, night)
	if err != nil || strings.Count(many, "\n") != 5 || !strings.Contains(many, "R lat") {
		t.Errorf("%v\n%s", err, many)
	}
	page, _, err := runScore(t, "--format", "html", put(t, dir, "<b>.csv", tableOfEpochs))
	if err != nil || !strings.Contains(page, "<svg") || strings.Contains(page, "<b>.csv") {
		t.Errorf("%v\n%.500s", err, page)
	}
}

func TestScoreLightsByTheClock(t *testing.T) {
	dir := t.TempDir()
	ring := put(t, dir, "ring.json", ouraFile(t))
	out, _, err := runScore(t, "--format", "json", "--lights-off", "23:00", "--lights-on", "06:40", ring)
	var nights []scored
	if err != nil || json.Unmarshal([]byte(out), &nights) != nil {
		t.Fatal(err, out)
	}
	if _, why, err := runScore(t, "--why", ring); err != nil || !strings.Contains(why, "night to 2026-11-23: s1: kept, the main sleep") {
		t.Errorf("%v %s", err, why)
	}
	if a := nights[0].Architecture; a.TIBMin != 460 || *a.SOLMin != 20 {
		t.Errorf("TIB %v and SOL %v, by hand 460 and 20 min", a.TIBMin, *a.SOLMin)
	}
}

// Seven nights of one person, 23:10 to 06:40: the same every night.
func TestScoreOfOnePerson(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for day := range 7 {
		at := time.Date(2026, 11, 16+day, 23, 10, 0, 0, time.FixedZone("", 3600)).Format(time.RFC3339)
		files = append(files, put(t, dir, "n"+string(rune('0'+day))+".csv", "time,duration,stage\n"+at+",27000,Light\n"))
	}
	out, _, err := runScore(t, append([]string{"--person", "--age", "40"}, files...)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"over 7 nights", "23:10", "06:40", "0:00 h (5 work and 2 free nights)", "100.0 (7 days", "7 to 9 hours of sleep"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	text, _, err := runScore(t, append([]string{"--person", "--format", "json"}, files...)...)
	var r personReport
	if err != nil || json.Unmarshal([]byte(text), &r) != nil || r.Timing == nil || *r.Timing.SRI != 100 || r.Means[0].N != 7 {
		t.Errorf("%v\n%.400s", err, text)
	}
	page, _, err := runScore(t, append([]string{"--person", "--format", "html"}, files...)...)
	if err != nil || strings.Count(page, `<figure id="night-`) != 7 || strings.Count(page, `id="raster"`) != 1 || !strings.Contains(page, "sleep regularity index 100") {
		t.Errorf("%v\n%.300s", err, page)
	}
	if _, _, err := runScore(t, "--person", files[0], files[0]); err == nil {
		t.Error("two nights of one date")
	}
}

func TestScoreRefusesFlags(t *testing.T) {
	night := put(t, t.TempDir(), "night.csv", tableOfEpochs)
	for _, args := range [][]string{{"--map", "nobody"}, {"--zone", "Mars/Base"}, {"--epoch", "1ms"}, {"--lights-off", "noon"}} {
		if _, _, err := runScore(t, append(args, night)...); err == nil || errors.Is(err, errPrinted) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, problems, err := runScore(t, filepath.Join(t.TempDir(), "missing.csv")); !errors.Is(err, errPrinted) || !strings.Contains(problems, "missing.csv: no such file") {
		t.Errorf("%v %s", err, problems)
	}
}

// smallEDF is an EDF+ file of annotations alone, by the letter of the format.
func smallEDF() []byte {
	var b bytes.Buffer
	pad := func(width int, s string) { b.WriteString((s + strings.Repeat(" ", width))[:width]) }
	for _, f := range []struct {
		width int
		s     string
	}{
		{8, "0"},
		{80, "X X X X"},
		{80, "Startdate 24-APR-1989 X X X"},
		{8, "24.04.89"},
		{8, "23.13.00"},
		{8, "512"},
		{44, "EDF+C"},
		{8, "1"},
		{8, "0"},
		{4, "1"},
		{16, "EDF Annotations"},
		{80, ""},
		{8, ""},
		{8, "-1"},
		{8, "1"},
		{8, "-32768"},
		{8, "32767"},
		{80, ""},
		{8, "100"},
		{32, ""},
	} {
		pad(f.width, f.s)
	}
	tals := "+0\x14\x14\x00+0\x1560\x14Sleep stage W\x14\x00+60\x1590\x14Sleep stage 3\x14\x00+150\x1530\x14Sleep stage 4\x14\x00+180\x1560\x14Sleep stage R\x14\x00"
	b.WriteString(tals + strings.Repeat("\x00", 200-len(tals)))
	return b.Bytes()
}

// All nights of the open data sets, through the verb.
func TestScoreReferenceNights(t *testing.T) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	for _, c := range []struct {
		glob string
		n    int
	}{{"boas/sub-*/eeg/*psg_events.tsv", 128}, {"boas/sub-*/eeg/*headband_events.tsv", 128}, {"dod/scorers/*/scorer_1/*.json", 80}} {
		files, err := filepath.Glob(filepath.Join(dir, "data", c.glob))
		if err != nil || len(files) != c.n {
			t.Fatalf("%d files, %v", len(files), err)
		}
		out, _, err := runScore(t, append([]string{"--format", "csv"}, files...)...)
		if rows := strings.Count(out, "\n"); err != nil || rows != c.n+1 {
			t.Errorf("%s: %d rows, %v", c.glob, rows, err)
		}
	}
}
