package garmin

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

func read(t testing.TB, zone string, files ...string) wearable.Result {
	t.Helper()
	var in []archive.File
	for i, f := range files {
		in = append(in, archive.Bytes(fmt.Sprintf("%02d.json", i), []byte(f)))
	}
	r, err := Read(in, session.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// connect is an answer of Connect for a night from 23:00 to 07:00 at +01:00:
// light 4 h 30, deep 1 h, REM 1 h, awake 30 min, an hour not measurable.
func connect(levels string) string {
	const ms = 1795384800000 // 2026-11-22T22:00:00Z
	return fmt.Sprintf(`{"dailySleepDTO":{"id":%[1]d,"calendarDate":"2026-11-23","sleepTimeSeconds":23400,
"sleepStartTimestampGMT":%[1]d,"sleepEndTimestampGMT":%[2]d,"sleepStartTimestampLocal":%[3]d,"sleepEndTimestampLocal":%[4]d,
"unmeasurableSleepSeconds":3600,"deepSleepSeconds":3600,"lightSleepSeconds":16200,"remSleepSeconds":3600,"awakeSleepSeconds":1800,
"deviceRemCapable":true,"sleepVersion":2,"sleepWindowConfirmationType":"enhanced_confirmed_final","averageRespirationValue":13.0,"averageSpO2Value":93.0,
"sleepScores":{"overall":{"value":83}}},"sleepLevels":%[5]s,"avgOvernightHrv":55.0,"avgSkinTempDeviationC":-0.4,
"dailyNapDTOS":[{"napTimeSec":1200,"napStartTimestampGMT":"2026-11-23T12:00:00.0","napEndTimestampGMT":"2026-11-23T12:25:00.0"}]}`,
		ms, ms+8*3600_000, ms+3600_000, ms+9*3600_000, levels)
}

const levels = `[{"startGMT":"2026-11-22T22:00:00.0","endGMT":"2026-11-23T02:30:00.0","activityLevel":1.0},
{"startGMT":"2026-11-23T02:30:00.0","endGMT":"2026-11-23T03:30:00.0","activityLevel":0.0},
{"startGMT":"2026-11-23T03:30:00.0","endGMT":"2026-11-23T04:30:00.0","activityLevel":-1.0},
{"startGMT":"2026-11-23T04:30:00.0","endGMT":"2026-11-23T05:30:00.0","activityLevel":2.0},
{"startGMT":"2026-11-23T05:30:00.0","endGMT":"2026-11-23T06:00:00.0","activityLevel":3.0}]`

func TestConnect(t *testing.T) {
	r := read(t, "", connect(levels))
	if len(r.Warnings) > 0 || len(r.Nights) != 1 {
		t.Fatalf("%v %v", r.Warnings, r.Nights)
	}
	n := r.Nights[0]
	if n.Main.String() != "540L 120N3 120? 120R 60W" || n.Zone != "+01:00" || n.Source.Algorithm != "sleepVersion 2" || len(n.Source.Records) != 2 {
		t.Errorf("%+v", n)
	}
	if m := n.Measured; *m.RMSSDMeanMS != 55 || *m.SleepScore != 83 || *m.TemperatureDeviationC != -0.4 || *m.BreathsPerMin != 13 || *m.OxygenSaturationPct != 93 {
		t.Errorf("%+v", m)
	}
	if d := r.Decisions; len(d) != 2 || d[0].Action != wearable.Kept || d[1].Action != wearable.Nap {
		t.Errorf("%v", d)
	}
	// A code that means something else would not add up.
	if r := read(t, "", connect(strings.Replace(levels, "2.0}", "0.0}", 1))); !r.Warnings.Has("garmin-total") {
		t.Errorf("%v", r.Warnings)
	}
}

// An answer that comes later without levels does not take those of an earlier
// one away.
func TestLevelsStay(t *testing.T) {
	for _, in := range [][]string{{connect(levels), connect("null")}, {connect("[]"), connect(levels)}} {
		r := read(t, "", in...)
		if len(r.Nights) != 1 || r.Nights[0].Main.IsEmpty() || len(r.Nights[0].Source.Records) != 2 {
			t.Errorf("%+v", r)
		}
	}
}

const exported = `[{"sleepStartTimestampGMT":"2026-11-22T22:00:00.0","sleepEndTimestampGMT":"2026-11-23T06:00:00.0","calendarDate":"2026-11-23",
"sleepWindowConfirmationType":"ENHANCED_CONFIRMED_FINAL","deepSleepSeconds":3600,"lightSleepSeconds":18000,"remSleepSeconds":3600,"awakeSleepSeconds":1800,
"unmeasurableSeconds":1800,"averageRespiration":15.4,"spo2SleepSummary":{"averageSPO2":92.5,"averageHR":51},"sleepScores":{"overallScore":75},"retro":false},
{"retro":false},{"calendarDate":"2026-11-24","sleepWindowConfirmationType":"OFF_WRIST","retro":false}]`

// The export has totals, and times in UTC without an offset.
func TestExport(t *testing.T) {
	const days = `[{"calendarDate":"2026-11-23","totalSteps":8123,"activeKilocalories":420.0}]`
	r := read(t, "Europe/Stockholm", exported, days)
	if len(r.Warnings) > 0 || len(r.Nights) != 2 || r.Nights[1].Status != sleep.NoData {
		t.Fatalf("%+v", r)
	}
	n := r.Nights[0]
	if !n.Main.IsEmpty() || *n.Stated.TSTMin != 420 || *n.Stated.TIBMin != 480 || n.LightsOff.Format("15:04 -0700") != "23:00 +0100" {
		t.Errorf("%+v %+v", n, n.Stated)
	}
	if m := n.Measured; *m.SleepScore != 75 || *m.HeartRateMeanBPM != 51 || *m.Steps != 8123 || *m.ActiveKcal != 420 {
		t.Errorf("%+v", m)
	}
	if u := read(t, "", exported); !u.Warnings.Has("garmin-zone") || u.Warnings.Err() != nil || u.Nights[0].Date != n.Date {
		t.Errorf("%v", u.Warnings)
	}
	// 22:00 to 06:00 UTC is 11:00 to 19:00 in Auckland, and Garmin's date shows it.
	if u := read(t, "", strings.Replace(exported, `"calendarDate":"2026-11-23"`, `"calendarDate":"2026-11-24"`, 1)); !u.Warnings.Has("garmin-date") {
		t.Errorf("%v", u.Warnings)
	}
}

func TestHealthAPI(t *testing.T) {
	const s = 1795384800 // 2026-11-22T22:00:00Z
	in := fmt.Sprintf(`{"sleeps":[{"summaryId":"x1","calendarDate":"2026-11-23","startTimeInSeconds":%d,"startTimeOffsetInSeconds":3600,"durationInSeconds":14400,
"unmeasurableSleepDurationInSeconds":0,"deepSleepDurationInSeconds":3600,"lightSleepDurationInSeconds":7200,"remSleepInSeconds":1800,"awakeDurationInSeconds":1800,
"sleepLevelsMap":{"deep":[{"startTimeInSeconds":%d,"endTimeInSeconds":%d}],"light":[{"startTimeInSeconds":%d,"endTimeInSeconds":%d}],
"rem":[{"startTimeInSeconds":%d,"endTimeInSeconds":%d}],"awake":[{"startTimeInSeconds":%d,"endTimeInSeconds":%d}]},"validation":"ENHANCED_FINAL"}]}`,
		s, s, s+3600, s+3600, s+10800, s+10800, s+12600, s+12600, s+14400)
	r := read(t, "", in)
	if len(r.Warnings) > 0 || r.Nights[0].Main.String() != "120N3 240L 60R 60W" || r.Nights[0].Zone != "+01:00" || r.Nights[0].Source.Algorithm != "enhanced_final" {
		t.Errorf("%+v", r)
	}
}

// A watch that knows no REM states none, not zero.
func TestNoREM(t *testing.T) {
	in := strings.NewReplacer(`"deviceRemCapable":true`, `"deviceRemCapable":false`, `"remSleepSeconds":3600`, `"remSleepSeconds":0`, `"lightSleepSeconds":16200`, `"lightSleepSeconds":19800`).Replace(connect("null"))
	if r := read(t, "", in); r.Nights[0].Stated.REMMin != nil || *r.Nights[0].Stated.LightMin != 330 {
		t.Errorf("%+v", r.Nights[0].Stated)
	}
}

func TestWrong(t *testing.T) {
	for in, code := range map[string]fault.Code{
		`{"dailySleepDTO":{"calendarDate":"yesterday"}}`: "garmin-record", `[7]`: "garmin-shape", `[[[[[[]]]]]]`: "garmin-shape", `[`: "garmin-json", `[{"calendarDate":"2026-11-23"}]`: "garmin-kind",
	} {
		r, err := Read([]archive.File{archive.Bytes("a.json", []byte(in))}, session.Options{})
		if err == nil && !r.Warnings.Has(code) || err != nil && fault.CodeOf(err) != "garmin-empty" {
			t.Errorf("%s: %v %v", in, r.Warnings, err)
		}
	}
	for _, c := range []struct {
		head, name string
		want       bool
	}{
		{exported, "x.json", true},
		{connect("[]"), "", true},
		{"[]", "DI_CONNECT/DI-Connect-Wellness/2025_1_sleepData.json", true},
		{`[{"calendarDate": "2023-07-01", "value": 60}`, "", true},
		{`[{"calendarDate": "2023-07-01", "x": 60}`, "", false},
		{"{}", "sleep.json", false},
	} {
		if Recognise([]byte(c.head), c.name) != c.want {
			t.Errorf("%.40s %s", c.head, c.name)
		}
	}
}

// Whatever the order of the files and however often one lies there, the nights
// are the same.
func TestOrderOfFiles(t *testing.T) {
	files := []archive.File{archive.Bytes("1.json", []byte(exported)), archive.Bytes("2.json", []byte(connect(levels))), archive.Bytes("3.json", []byte(exported))}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		r, err := Read(rapid.Permutation(files).Draw(rt, "order"), session.Options{Zone: "Europe/Stockholm"})
		if err != nil {
			rt.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil || want != "" && want != string(b) || r.Nights[0].Main.IsEmpty() {
			rt.Fatalf("%s\n%s\n%v", b, want, err)
		}
		want = string(b)
	})
}

// answers gives what Garmin answered in the recordings of the reference data,
// by address.
func answers(t *testing.T) map[string]string {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	out := map[string]string{}
	for _, pattern := range []string{"data/cassettes/*.yaml", "stats/cassettes/*.yaml"} {
		names, err := filepath.Glob(filepath.Join(dir, "data", "garmin", "tests", filepath.FromSlash(pattern)))
		if err != nil || len(names) == 0 {
			t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var tape struct {
				Interactions []struct {
					Request  struct{ URI string } `yaml:"request"`
					Response struct {
						Body struct{ String string } `yaml:"body"`
					} `yaml:"response"`
				} `yaml:"interactions"`
			}
			if err := yaml.Unmarshal(b, &tape); err != nil {
				t.Fatal(err)
			}
			for _, i := range tape.Interactions {
				if strings.Contains(i.Request.URI, "leep") {
					out[i.Request.URI] = i.Response.Body.String
				}
			}
		}
	}
	return out
}

// Real answers: every one reads without a warning, so that its stages add up to
// its sleep, and all to the time between its bounds; the dates are Garmin's.
func TestRecordedAnswers(t *testing.T) {
	all, nights := answers(t), 0
	for uri, body := range all {
		r := read(t, "", body)
		if len(r.Warnings) > 0 {
			t.Errorf("%s: %v", uri, r.Warnings)
		}
		for _, n := range r.Nights {
			_, date, ok := strings.Cut(uri, "date=")
			if ok && n.Date.String() != date {
				t.Errorf("%s is of the night to %v", uri, n.Date)
			}
			if n.Stated == nil {
				continue
			}
			nights++
			if sum := *n.Stated.LightMin + *n.Stated.N3Min + *n.Stated.REMMin; sum-*n.Stated.TSTMin > 1 || *n.Stated.TSTMin-sum > 1 || !n.Main.IsEmpty() || n.LightsOff == nil {
				t.Errorf("%s: %+v", uri, n.Stated)
			}
		}
	}
	if nights < 22 {
		t.Errorf("%d nights in %d answers", nights, len(all))
	}
	// By hand from the answer for 11 July 2021: 434 min asleep, 85 awake, 22 not measurable, 541 in bed.
	for uri, body := range all {
		if strings.HasSuffix(uri, "2021-07-11") {
			if n := read(t, "", body).Nights[0]; *n.Stated.TSTMin != 434 || *n.Stated.WakeMin != 85 || *n.Stated.TIBMin != 541 || n.Date != civil.On(2021, 7, 11) {
				t.Errorf("%+v", n.Stated)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(connect(levels)))
	f.Add([]byte(exported))
	f.Add([]byte(`{"sleeps":[{"startTimeInSeconds":1,"startTimeOffsetInSeconds":3600,"durationInSeconds":14400,"sleepLevelsMap":{"deep":[{"startTimeInSeconds":1,"endTimeInSeconds":3600}]}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, zone := range []string{"", "Europe/Stockholm"} {
			r, err := Read([]archive.File{archive.Bytes("a.json", b)}, session.Options{Zone: zone})
			if err != nil {
				continue
			}
			if _, err := json.Marshal(r.Nights); err != nil {
				t.Fatal(err)
			}
		}
	})
}
