package fitbit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"pgregory.net/rapid"
)

// springNight is a log as the Web API gave it for the night to 30 March 2025,
// when clocks in Europe went forward at 02:00: levels and short wakes as pairs
// of minutes-and-seconds from 22:11:30 and of seconds. Figures from a public
// project's record of a real answer. Fitbit's own totals: 86 min wake, 326
// light, 61 deep, 4 REM; in bed "537", of which 60 min never were.
func springNight(t testing.TB) string {
	t.Helper()
	type level struct {
		DateTime string `json:"dateTime"`
		Level    string `json:"level"`
		Seconds  int    `json:"seconds"`
	}
	at := time.Date(2025, 3, 29, 22, 11, 30, 0, time.UTC)
	var data, short []level
	for _, l := range []struct {
		name    string
		seconds int
	}{
		{"wake", 510},
		{"light", 150},
		{"wake", 300},
		{"light", 330},
		{"wake", 300},
		{"light", 540},
		{"wake", 660},
		{"light", 3570},
		{"wake", 240},
		{"light", 720},
		{"deep", 1200},
		{"light", 1920},
		{"deep", 2280},
		{"light", 1440},
		{"deep", 300},
		{"light", 960},
		{"wake", 540},
		{"light", 120},
		{"wake", 690},
		{"light", 10860},
		{"rem", 270},
		{"wake", 750},
		{"unknown", 3600},
	} {
		data = append(data, level{at.Format("2006-01-02T15:04:05.000"), l.name, l.seconds})
		at = at.Add(time.Duration(l.seconds) * time.Second)
	}
	for _, s := range []string{
		"29T22:30:00 60", "29T22:40:30 180", "29T23:00:30 30", "30T00:48:30 60", "30T00:53:00 150", "30T01:41:00 150", "30T02:14:30 30",
		"30T03:28:30 30", "30T03:47:30 120", "30T04:00:00 30", "30T04:05:00 60", "30T04:17:30 30", "30T04:24:30 30", "30T04:28:30 90",
		"30T04:40:30 30", "30T04:43:00 30", "30T05:11:30 30", "30T05:51:30 30",
	} {
		var day, clock string
		var seconds int
		if _, err := fmt.Sscanf(strings.Replace(s, "T", " ", 1), "%s %s %d", &day, &clock, &seconds); err != nil {
			t.Fatal(err)
		}
		short = append(short, level{"2025-03-" + day + "T" + clock + ".000", "wake", seconds})
	}
	b, err := json.Marshal(map[string]any{"sleep": []any{map[string]any{
		"dateOfSleep": "2025-03-30", "logId": 48809009246, "type": "stages", "logType": "auto_detected", "isMainSleep": true,
		"startTime": "2025-03-29T22:11:30.000", "endTime": "2025-03-30T07:09:00.000", "duration": 32220000, "efficiency": 90,
		"minutesAsleep": 391, "minutesAwake": 86, "timeInBed": 537, "minutesToFallAsleep": 0,
		"levels": map[string]any{"data": data, "shortData": short, "summary": map[string]any{
			"deep": map[string]int{"minutes": 61}, "light": map[string]int{"minutes": 326}, "rem": map[string]int{"minutes": 4}, "wake": map[string]int{"minutes": 86},
		}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func read(t testing.TB, zone string, files ...string) wearable.Result {
	t.Helper()
	var in []archive.File
	for i, f := range files {
		in = append(in, archive.Bytes(fmt.Sprintf("sleep-%02d.json", i), []byte(f)))
	}
	r, err := Read(in, session.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// With the zone the hour that never was is gone, and the short wakes laid over
// the rest give Fitbit's own totals to within its rounding (326.5 min of light
// are told as 326, 60.5 of deep as 61).
func TestSpringNight(t *testing.T) {
	r := read(t, "Europe/Stockholm", springNight(t))
	if len(r.Warnings) > 0 || len(r.Nights) != 1 {
		t.Fatalf("%v %v", r.Warnings, r.Nights)
	}
	n := r.Nights[0]
	h := n.Main
	end, _ := h.End()
	if h.Len() != 955 || end.Format(time.RFC3339) != "2025-03-30T07:09:00+02:00" {
		t.Errorf("%d epochs to %v", h.Len(), end)
	}
	for s, half := range map[sleep.Stage]int{sleep.W: 172, sleep.Light: 653, sleep.N3: 121, sleep.R: 9, sleep.Unscored: 0} {
		if h.Count(s) != half {
			t.Errorf("%v: %d epochs of 30 s, want %d", s, h.Count(s), half)
		}
	}
	if *n.Stated.TIBMin != 537 || n.Source.Algorithm != "stages" || n.Source.Records[0] != "log 48809009246" || n.Date.String() != "2025-03-30" {
		t.Errorf("%+v %+v", n.Source, n.Stated)
	}
	// Without a zone the stages are the same, and the hour is unscored.
	u := read(t, "", springNight(t))
	if !u.Warnings.Has("fitbit-zone") || u.Warnings.Err() != nil || u.Nights[0].Main.Count(sleep.Unscored) != 120 || u.Nights[0].Main.Count(sleep.W) != 172 {
		t.Errorf("%v %v", u.Warnings, u.Nights[0].Main)
	}
}

const classic = `[{"logId":"7","dateOfSleep":"2016-02-02","startTime":"2016-02-01T23:40:00.000","endTime":"2016-02-02T06:40:00.000","duration":25200000,
"minutesAsleep":390,"minutesAwake":30,"timeInBed":420,"type":"classic","mainSleep":true,"levels":{"data":[
{"dateTime":"2016-02-01T23:40:00.000","level":"restless","seconds":600},{"dateTime":"2016-02-01T23:50:00.000","level":"asleep","seconds":10800},
{"dateTime":"2016-02-02T02:50:00.000","level":"awake","seconds":1200},{"dateTime":"2016-02-02T03:10:00.000","level":"asleep","seconds":12600}]}}]`

// Asleep is S: no stage is made up. Restless counts as Fitbit counts it.
func TestClassic(t *testing.T) {
	r := read(t, "Europe/Stockholm", classic)
	if len(r.Warnings) > 0 || r.Nights[0].Main.String() != "10W 180S 20W 210S" || r.Nights[0].Main.Epoch() != time.Minute {
		t.Errorf("%v %v", r.Nights[0].Main, r.Warnings)
	}
}

func TestVersion1(t *testing.T) {
	var m []string
	for i := range 240 {
		m = append(m, fmt.Sprintf(`{"dateTime":"%02d:%02d:00","value":"%d"}`, (23+i/60)%24, i%60, 1+i/10%3))
	}
	r := read(t, "UTC", `{"sleep":[{"logId":1,"dateOfSleep":"2015-05-02","startTime":"2015-05-01T23:00:00","isMainSleep":true,"duration":14400000,"minuteData":[`+strings.Join(m, ",")+`]}]}`)
	if h := r.Nights[0].Main; h.Len() != 240 || h.Count(sleep.Asleep) != 80 || h.Count(sleep.W) != 160 {
		t.Errorf("%v", h)
	}
}

func stages(id int, from, to, main, extra string) string {
	return fmt.Sprintf(`{"logId":%d,"dateOfSleep":"x","startTime":"%s.000","endTime":"%s.000","type":"stages","mainSleep":%s%s}`, id, from, to, main, extra)
}

func levelsOf(from, name string, seconds int) string {
	return fmt.Sprintf(`,"levels":{"data":[{"dateTime":"%s.000","level":"%s","seconds":%d}]}`, from, name, seconds)
}

// Oddities of logs, each with what becomes of the records.
func TestOddities(t *testing.T) {
	night := stages(1, "2026-11-22T23:00:00", "2026-11-23T05:00:00", "true", levelsOf("2026-11-22T23:00:00", "light", 21600))
	for _, c := range []struct {
		name, logs, want string
	}{
		{"split by an awakening", night + "," + stages(2, "2026-11-23T05:30:00", "2026-11-23T07:00:00", "false", levelsOf("2026-11-23T05:30:00", "rem", 5400)), "2026-11-23 720L 60? 180R +0 merged merged"},
		{"a nap", night + "," + stages(2, "2026-11-23T13:00:00", "2026-11-23T14:00:00", "false", levelsOf("2026-11-23T13:00:00", "light", 3600)), "2026-11-23 720L +1 kept nap"},
		{"a nap that is the day's longest sleep", stages(2, "2026-11-23T13:00:00", "2026-11-23T14:00:00", "true", levelsOf("2026-11-23T13:00:00", "light", 3600)), "2026-11-23  +1 nap"},
		{"eighteen minutes of wake", stages(2, "2026-11-23T02:00:00", "2026-11-23T02:18:00", "true", levelsOf("2026-11-23T02:00:00", "wake", 1080)), "dropped"},
		{"a duplicate of a second phone", night + "," + stages(9, "2026-11-22T23:01:00", "2026-11-23T05:00:00", "true", levelsOf("2026-11-22T23:01:00", "deep", 21540)), "2026-11-23 718N3 +0 superseded kept"},
		{"a correction", night + "," + stages(1, "2026-11-22T23:00:00", "2026-11-23T06:00:00", "true", levelsOf("2026-11-22T23:00:00", "light", 25200)), "2026-11-23 840L +0 superseded kept"},
		{"a fragment", night + "," + stages(3, "2026-11-23T01:00:00", "2026-11-23T02:00:00", "true", levelsOf("2026-11-23T01:00:00", "deep", 3600)), "2026-11-23 720L +0 superseded kept"},
		{"typed in by hand", stages(4, "2026-11-22T23:00:00", "2026-11-23T05:00:00", "true", `,"logType":"manual","minutesAsleep":360`+levelsOf("2026-11-22T23:00:00", "asleep", 21600)), "2026-11-23  +0 kept"},
		{"across the window's edge", stages(5, "2026-11-22T11:00:00", "2026-11-22T17:00:00", "true", levelsOf("2026-11-22T11:00:00", "light", 21600)), "2026-11-22 720L +0 kept"},
	} {
		r := read(t, "Europe/Stockholm", "\xef\xbb\xbf["+c.logs+"]")
		var got []string
		for _, n := range r.Nights {
			got = append(got, fmt.Sprintf("%v %v +%d", n.Date, n.Main, len(n.Naps)))
		}
		for _, d := range r.Decisions {
			got = append(got, string(d.Action))
		}
		if g := strings.Join(got, " "); g != c.want || len(r.Warnings) > 0 {
			t.Errorf("%s: %q, want %q; %v", c.name, g, c.want, r.Warnings)
		}
	}
}

// On 25 October 2026 clocks went back at 03:00. Whether the figures run on or
// follow the clock, the night is nine hours of sleep.
func TestAutumnNight(t *testing.T) {
	for name, second := range map[string]string{"running on": "2026-10-25T04:00:00", "by the clock": "2026-10-25T03:00:00"} {
		l := `,"levels":{"data":[{"dateTime":"2026-10-24T23:00:00.000","level":"light","seconds":18000},{"dateTime":"` + second + `.000","level":"deep","seconds":14400}]}`
		r := read(t, "Europe/Stockholm", "["+stages(1, "2026-10-24T23:00:00", "2026-10-25T07:00:00", "true", l)+"]")
		if got := r.Nights[0].Main.String(); got != "600L 480N3" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestScores(t *testing.T) {
	r, err := Read([]archive.File{
		archive.Bytes("Takeout/Fitbit/Sleep Score/sleep_score.csv", []byte("sleep_log_entry_id,timestamp,overall_score\n7,2016-02-02T06:40:00Z,81\n8,,\n")),
		archive.Bytes("Takeout/Fitbit/Global Export Data/sleep-2016-02-01.json", []byte(classic)),
	}, session.Options{Zone: "Europe/Stockholm"})
	if err != nil || *r.Nights[0].Measured.SleepScore != 81 {
		t.Errorf("%+v %v", r, err)
	}
}

// What is wrong is told, and the rest is read.
func TestWrong(t *testing.T) {
	for in, code := range map[string]fault.Code{
		"[{}]": "fitbit-log", `[{"logId":1,"startTime":"x"}]`: "fitbit-time", `[{"logId":1,"startTime":"2026-11-22T23:00:00"}]`: "fitbit-time",
		`[7]`: "fitbit-log", `{"a":1}`: "fitbit-json", `[`: "fitbit-json",
	} {
		if r := read(t, "UTC", in); !r.Warnings.Has(code) || r.Warnings.Err() == nil {
			t.Errorf("%s: %v", in, r.Warnings)
		}
	}
	odd := stages(1, "2026-11-22T23:00:00", "2026-11-23T05:00:00", "true", `,"levels":{"data":[{"dateTime":"2026-11-22T23:00:00.000","level":"dozing","seconds":60},{"dateTime":"?","level":"deep","seconds":60},{"dateTime":"2026-11-22T23:01:00.000","level":"deep","seconds":60}]}`)
	if r := read(t, "UTC", "["+odd+"]"); len(r.Warnings.Warnings()) != 2 || r.Nights[0].Main.Count(sleep.N3) != 2 {
		t.Errorf("%v", r.Warnings)
	}
	if _, err := Read([]archive.File{archive.Bytes("sleep-1.json", []byte("[]"))}, session.Options{}); fault.CodeOf(err) != "fitbit-empty" {
		t.Error(err)
	}
	if !Recognise([]byte(classic), "") || Recognise([]byte(`[{"day":"2026-11-23"}]`), "sleep.json") {
		t.Error("logs are not told from others")
	}
}

// In whatever order the files lie, and if one lies there twice, the nights are
// the same.
func TestOrderOfFiles(t *testing.T) {
	a := "[" + stages(1, "2026-11-22T23:00:00", "2026-11-23T05:00:00", "true", levelsOf("2026-11-22T23:00:00", "light", 21600)) + "]"
	b := "[" + stages(2, "2026-11-23T23:00:00", "2026-11-24T05:00:00", "true", levelsOf("2026-11-23T23:00:00", "deep", 21600)) + "]"
	files := []archive.File{archive.Bytes("1.json", []byte(a)), archive.Bytes("2.json", []byte(b)), archive.Bytes("3.json", []byte(springNight(t))), archive.Bytes("copy of 1.json", []byte(a))}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		r, err := Read(rapid.Permutation(files).Draw(rt, "order"), session.Options{Zone: "Europe/Stockholm"})
		if err != nil {
			rt.Fatal(err)
		}
		got, err := json.Marshal(r)
		if err != nil {
			rt.Fatal(err)
		}
		if want == "" {
			want = string(got)
		}
		if string(got) != want || len(r.Nights) != 3 {
			rt.Fatalf("%s\n%s", got, want)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(classic))
	f.Add([]byte(springNight(f)))
	f.Add([]byte(`{"sleep":[{"logId":1,"startTime":"2015-05-01T23:00:00","duration":"6000000","minuteData":[{"value":1}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, zone := range []string{"", "Europe/Stockholm"} {
			r, err := Read([]archive.File{archive.Bytes("sleep.json", b)}, session.Options{Zone: zone})
			if err != nil {
				continue
			}
			if _, err := json.Marshal(r.Nights); err != nil {
				t.Fatal(err)
			}
		}
	})
}
