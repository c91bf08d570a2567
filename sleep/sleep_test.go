package sleep

import (
	"encoding/json"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"pgregory.net/rapid"
)

// stageRows draws hypnograms as sleepers make them: runs, not noise.
func stageRows(alphabet ...Stage) *rapid.Generator[[]Stage] {
	return rapid.Custom(func(t *rapid.T) []Stage {
		var out []Stage
		for range rapid.IntRange(1, 40).Draw(t, "runs") {
			s := rapid.SampledFrom(alphabet).Draw(t, "stage")
			for range rapid.IntRange(1, 60).Draw(t, "length") {
				out = append(out, s)
			}
		}
		return out
	})
}

func TestEveryLetterReadsBack(t *testing.T) {
	if Stage(0) != Unscored {
		t.Fatal("the zero Stage must be unscored")
	}
	for _, s := range Stages() {
		back, err := ParseStage(s.String())
		if err != nil || back != s {
			t.Errorf("%v reads back as %v, %v", s, back, err)
		}
	}
	for _, bad := range []string{"", "w", "1", "REM", "N4", "N1 ", "5"} {
		if _, err := ParseStage(bad); fault.CodeOf(err) != "stage-letter" {
			t.Errorf("ParseStage(%q): %v", bad, err)
		}
	}
}

func TestRunsHaveOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := stageRows(Stages()...).Draw(t, "row")
		text := FormatStages(row)
		back, err := ParseStages(text, len(row))
		if err != nil || FormatStages(back) != text || len(back) != len(row) {
			t.Fatalf("%q reads back as %q, %v", text, FormatStages(back), err)
		}
		if _, err := ParseStages(text, len(row)-1); fault.CodeOf(err) != "stages-many" {
			t.Fatalf("a limit one short: %v", err)
		}
	})
	for _, bad := range []string{"W", "0W", "01W", "3W 2W", "3W  2N1", " 3W", "3W ", "3X", "-1W", "99999999999999999999W", "3 W"} {
		if got, err := ParseStages(bad, 1000); err == nil {
			t.Errorf("ParseStages(%q) = %q, want a problem", bad, FormatStages(got))
		}
	}
}

func TestHypnogramRefusesWhatNoNightIs(t *testing.T) {
	long := make([]Stage, 5761)
	for _, c := range []struct {
		name   string
		epoch  time.Duration
		stages []Stage
		code   fault.Code
	}{
		{"no epochs", 30 * time.Second, nil, "hypnogram-empty"},
		{"epoch of zero", 0, []Stage{W}, "epoch-length"},
		{"epoch of an hour", time.Hour, []Stage{W}, "epoch-length"},
		{"epoch with microseconds", 30*time.Second + time.Microsecond, []Stage{W}, "epoch-length"},
		{"over two days", 30 * time.Second, long, "hypnogram-long"},
		{"no such stage", 30 * time.Second, []Stage{W, 8}, "stage-letter"},
	} {
		if _, err := NewHypnogram(time.Time{}, c.epoch, c.stages); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

func TestHypnogramDoesNotShareItsStages(t *testing.T) {
	row := []Stage{W, N1}
	h, err := NewHypnogram(time.Time{}, 30*time.Second, row)
	if err != nil {
		t.Fatal(err)
	}
	row[0] = R
	h.Stages()[1] = R
	if h.String() != "1W 1N1" {
		t.Errorf("a caller changed a hypnogram to %v", h)
	}
}

func exampleNight(t testing.TB) Night {
	t.Helper()
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	stages, err := ParseStages("30W 4N1 60N2 50N3 1? 40N2 20R 10W", 5760)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 22, 23, 10, 30, 0, zone)
	h, err := NewHypnogram(start, 30*time.Second, stages)
	if err != nil {
		t.Fatal(err)
	}
	nap, err := NewHypnogram(time.Date(2026, 11, 22, 16, 0, 0, 0, zone), 30*time.Second, []Stage{W, Light, Light})
	if err != nil {
		t.Fatal(err)
	}
	hr, off := 52.5, start.Add(5*time.Minute).UTC()
	return Night{
		Date: civil.On(2026, 11, 23), Zone: "Europe/Stockholm", Status: Worn, Main: h, Naps: []Hypnogram{nap}, LightsOff: &off,
		Source:   Provenance{Vendor: "oura", Algorithm: "v2", Records: []string{"a1"}},
		Measured: &Measures{HeartRateMeanBPM: &hr},
	}
}

func TestNightHasOneSpelling(t *testing.T) {
	n := exampleNight(t)
	got, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"date":"2026-11-23","zone":"Europe/Stockholm","status":"worn",` +
		`"main":{"start":"2026-11-22T23:10:30+01:00","epoch_s":30,"stages":"30W 4N1 60N2 50N3 1? 40N2 20R 10W"},` +
		`"naps":[{"start":"2026-11-22T16:00:00+01:00","epoch_s":30,"stages":"1W 2L"}],` +
		`"lights_off":"2026-11-22T23:15:30+01:00",` +
		`"source":{"vendor":"oura","algorithm":"v2","records":["a1"]},"measured":{"heart_rate_mean_bpm":52.5}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back Night
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != want {
		t.Errorf("read and written again: %s, %v", again, err)
	}
}

func TestNightRefusesWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Night)
		code   fault.Code
	}{
		"no date":              {func(n *Night) { n.Date = civil.Date{} }, "night-date"},
		"a day that is none":   {func(n *Night) { n.Date = civil.On(2026, 2, 30) }, "night-date"},
		"another night":        {func(n *Night) { n.Date = civil.On(2026, 11, 22) }, "night-date"},
		"no zone":              {func(n *Night) { n.Zone = "" }, "zone-unknown"},
		"offset of 19 hours":   {func(n *Night) { n.Zone = "+19:00" }, "zone-unknown"},
		"no vendor":            {func(n *Night) { n.Source.Vendor = "" }, "night-source"},
		"status unknown":       {func(n *Night) { n.Status = "lost" }, "night-status"},
		"hash too short":       {func(n *Night) { n.Source.SHA256 = "ab" }, "night-hash"},
		"a nap without epochs": {func(n *Night) { n.Naps = append(n.Naps, Hypnogram{}) }, "hypnogram-empty"},
		"lights off at noon":   {func(n *Night) { x := n.LightsOff.Add(13 * time.Hour); n.LightsOff = &x }, "lights-order"},
		"lights on before off": {func(n *Night) { x := n.LightsOff.Add(-time.Minute); n.LightsOn = &x }, "lights-order"},
	} {
		n := exampleNight(t)
		c.change(&n)
		_, err := NewNight(n)
		if l, ok := err.(fault.List); !ok || !l.Has(c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func FuzzNightJSON(f *testing.F) {
	good, err := json.Marshal(exampleNight(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(good), `{}`, `null`, `[]`, `{"date":"2026-11-23","zone":"UTC","main":null,"source":{"vendor":"x"}}`,
		`{"date":"2026-11-23","zone":"+02:00","main":{"start":"2026-11-23T01:00:00Z","epoch_s":1e-300,"stages":"9999999999W"},"source":{"vendor":"x"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var n Night
		if json.Unmarshal(b, &n) != nil {
			return
		}
		once, err := json.Marshal(n)
		if string(b) == "null" || n.Source.Vendor == "" {
			return
		}
		if err != nil {
			t.Fatalf("a night that was read cannot be written: %v", err)
		}
		var back Night
		if err := json.Unmarshal(once, &back); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, _ := json.Marshal(back); string(twice) != string(once) {
			t.Fatalf("not one spelling:\n%s\n%s", once, twice)
		}
	})
}
