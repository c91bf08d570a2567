package oura

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"pgregory.net/rapid"
)

func readExport(t testing.TB, zone string, files map[string]string) wearable.Result {
	t.Helper()
	var in []archive.File
	for name, content := range files {
		in = append(in, archive.Bytes(name, []byte(content)))
	}
	r, err := ReadExport(in, Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// theirs is what another reader (the Python package oura, in its test of hypnograms) makes
// of the letters in version1: awake, REM, light, deep.
const theirs = "AARARLLLLLDDLLLRRRRLDDDLLLLLLLLLLDDDDRRRRRRLLLLDDDLLRRRRRRRRRRLLRLLLLRRA"

// The letters are theirs; the fields beside them are those that account exports
// of the time have.
const version1 = "\ufeff" + `{"sleep":[{"summary_date":"2017-11-05","period_id":2,"is_longest":1,"timezone":120,"bedtime_end":"2017-11-06T08:18:19+02:00","bedtime_start":"2017-11-06T02:13:19+02:00",
"breath_average":13.5,"duration":21900,"total":20700,"awake":1200,"rem":6300,"deep":3600,"light":10800,"onset_latency":480,"efficiency":95,"hr_lowest":49,"hr_average":56.375,"rmssd":54,"score":70,"temperature_delta":-0.06,
"hypnogram_5min":"443432222211222333321112222222222111133333322221112233333333332232222334"}],
"activity":[{"summary_date":"2017-11-06","score":87,"steps":9206,"cal_active":417}],"readiness":[{"summary_date":"2017-11-05","period_id":2,"score":62}]}`

func TestVersion1(t *testing.T) {
	r := readExport(t, "", map[string]string{"oura_data.json": version1})
	if len(r.Nights) != 1 || r.Warnings.Err() != nil {
		t.Fatalf("%v %v", r.Nights, r.Warnings)
	}
	n := r.Nights[0]
	letters := ""
	for _, s := range n.Main.Stages() {
		letters += map[sleep.Stage]string{sleep.N3: "D", sleep.Light: "L", sleep.R: "R", sleep.W: "A"}[s]
	}
	if n.Date != civil.On(2017, 11, 6) || letters != theirs || n.Source.Records[0] != "2017-11-05.2" {
		t.Errorf("%+v %s", n, letters)
	}
	if m := n.Measured; *m.SleepScore != 70 || *m.ReadinessScore != 62 || *m.Steps != 9206 || *m.ActivityScore != 87 || *m.TemperatureDeviationC != -0.06 || *m.RMSSDMeanMS != 54 {
		t.Errorf("%+v", m)
	}
	if s := n.Stated; *s.TSTMin != 345 || *s.TIBMin != 365 || *s.SOLMin != 8 {
		t.Errorf("%+v", s)
	}
}

// The row of a table of trends that a public project shows, with its heading.
const trends = `date,Sleep Score,Total Sleep Score,Total Bedtime,Total Sleep Time,Awake Time,REM Sleep Time,Light Sleep Time,Deep Sleep Time,Restless Sleep,Sleep Efficiency,Sleep Latency,Sleep Timing,Sleep Timing,Bedtime Start,Bedtime End,Average Resting Heart Rate,Lowest Resting Heart Rate,Average HRV,Temperature Deviation (°C),Respiratory Rate,Activity Score,Activity Burn,Steps,Readiness Score
2020-03-04,74,74,27300,24690,2610,2400,14490,7800,41,90,270,13170,,2020-03-03T22:14:42-08:00,2020-03-04T05:49:42-08:00,56.63,46,69,-0.29,13.75,87,278,8123,81
2020-03-05,,,,,,,,,,,,,,,,,,,,,,,4000,
2020-03-06,,,600,0,600,0,0,0,,,,,,2020-03-06T02:00:00-08:00,2020-03-06T02:10:00-08:00,,,,,,,,,
`

// Totals only: no hypnogram, and the bounds stay.
func TestTrends(t *testing.T) {
	r := readExport(t, "", map[string]string{"oura_trends.csv": trends})
	if len(r.Nights) != 1 || len(r.Warnings) > 0 {
		t.Fatalf("%+v", r)
	}
	n := r.Nights[0]
	if !n.Main.IsEmpty() || *n.Stated.TSTMin != 411.5 || *n.Stated.N3Min != 130 || *n.Stated.SEPct != 90 || n.LightsOff.Format("15:04:05") != "22:14:42" || n.Zone != "-08:00" {
		t.Errorf("%+v %+v", n, n.Stated)
	}
	if m := n.Measured; *m.SleepScore != 74 || *m.ReadinessScore != 81 || *m.TemperatureDeviationC != -0.29 || *m.Steps != 8123 {
		t.Errorf("%+v", m)
	}
	got := ""
	for _, d := range r.Decisions {
		got += fmt.Sprintf("%v %s %s; ", d.Night, d.Action, d.Why)
	}
	if got != "2020-03-04 kept the main sleep; 2020-03-05 dropped no bedtime is told; 2020-03-06 dropped no sleep in it; " {
		t.Error(got)
	}
}

// sleepModel writes documents as the export's tables have them.
func sleepModel(t testing.TB, docs ...Sleep) string {
	t.Helper()
	columns := []string{"id", "day", "type", "bedtime_start", "bedtime_end", "time_in_bed", "sleep_phase_5_min", "sleep_phase_30_sec", "total_sleep_duration", "deep_sleep_duration", "light_sleep_duration", "rem_sleep_duration", "awake_time", "latency", "efficiency", "average_heart_rate", "heart_rate", "readiness", "low_battery_alert", "sleep_algorithm_version"}
	var b strings.Builder
	b.WriteString(strings.Join(columns, ";") + "\r\n")
	for _, d := range docs {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(write(t, d), &fields); err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			if i > 0 {
				b.WriteByte(';')
			}
			cell := string(fields[c])
			var s string
			if json.Unmarshal(fields[c], &s) == nil {
				cell = s
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// The tables of the export hold what the API tells, and give the same night.
func TestTablesOfTheExport(t *testing.T) {
	d := document(t)
	d.ID = "00123" // stays text
	d.HeartRate = &Sample{Interval: 300, Items: []*float64{nil, d.HeartRateMean}, Timestamp: "2026-11-22T23:10:00+01:00"}
	d.Readiness = &Readiness{TemperatureDeviation: d.HRVMean}
	files := map[string]string{
		"App Data/sleepmodel.csv":     sleepModel(t, d),
		"App Data/dailysleep.csv":     "id;contributors;day;score;timestamp\nx;\"{\"\"deep_sleep\"\": 90}\";2026-11-23;81;2026-11-23T00:00:00+01:00\n",
		"App Data/dailyreadiness.csv": "id;contributors;day;score;temperature_deviation;temperature_trend_deviation;timestamp\ny;{'not': 'json'};2026-11-23;77;-0,2;;2026-11-23T00:00:00+01:00\n",
		"App Data/dailyactivity.csv":  "id;class_5_min;score;active_calories;steps;day;timestamp\nz;1112223;66;321;8000;2026-11-23;2026-11-23T04:00:00+01:00\n",
	}
	r := readExport(t, "Europe/Stockholm", files)
	if len(r.Nights) != 1 || len(r.Warnings) > 0 {
		t.Fatalf("%+v", r)
	}
	n := r.Nights[0]
	if n.Main.String() != "20W 300L 100N3 80R 9W 300L 90R 1W" || n.Source.Records[0] != "00123" || n.Source.Algorithm != "v2" {
		t.Errorf("%+v", n)
	}
	if m := n.Measured; *m.SleepScore != 81 || *m.ReadinessScore != 77 || *m.TemperatureDeviationC != -0.2 || *m.Steps != 8000 || *m.ActivityScore != 66 {
		t.Errorf("%+v", m)
	}
	for name, content := range files {
		if !Recognise([]byte(content), name) {
			t.Errorf("%s is not recognised", name)
		}
	}
}

// Where several files tell of one sleep, phases win over totals.
func TestPhasesWinOverTotals(t *testing.T) {
	d := document(t)
	table := "date,Sleep Score,Total Sleep Time,Bedtime Start,Bedtime End\n2026-11-23,80,25000," + d.BedtimeFrom + "," + d.BedtimeTo + "\n"
	files := []archive.File{archive.Bytes("z trends.csv", []byte(table)), archive.Bytes("a.json", write(t, d)), archive.Bytes("b.csv", []byte(sleepModel(t, d)))}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		r, err := ReadExport(rapid.Permutation(files).Draw(rt, "order"), Options{})
		if err != nil {
			rt.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil || len(r.Nights) != 1 || r.Nights[0].Main.IsEmpty() || *r.Nights[0].Measured.SleepScore != 80 || want != "" && want != string(b) {
			rt.Fatalf("%s\n%s %v", b, want, err)
		}
		want = string(b)
	})
}

func TestExportsThatAreWrong(t *testing.T) {
	for content, code := range map[string]fault.Code{
		"a;b\n1;2\n": "oura-table", "{": "oura-json", "date,sleep score,bedtime start,bedtime end\nyesterday,1,,\n": "oura-document",
		"id;bedtime_start;sleep_phase_5_min;time_in_bed\nx;;;1,5\n": "oura-document",
	} {
		r, err := ReadExport([]archive.File{archive.Bytes("a", []byte(content))}, Options{})
		if err == nil && !r.Warnings.Has(code) || err != nil && code != "oura-table" {
			t.Errorf("%s: %v %v", content, r.Warnings, err)
		}
	}
	for s, want := range map[string]bool{version1: true, trends: true, `{"data":[{"bedtime_start":1}]}`: true, `{"sleep":[{"dateOfSleep":""}]}`: false, "onset,duration,stage\n": false} {
		if Recognise([]byte(s), "x") != want {
			t.Errorf("%.40s", s)
		}
	}
}

func FuzzReadExport(f *testing.F) {
	f.Add([]byte(version1))
	f.Add([]byte(trends))
	f.Add([]byte(sleepModel(f, document(f))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadExport([]archive.File{archive.Bytes("a", bytes.Clone(b))}, Options{})
		if err != nil {
			return
		}
		if _, err := json.Marshal(r.Nights); err != nil {
			t.Fatal(err)
		}
	})
}
