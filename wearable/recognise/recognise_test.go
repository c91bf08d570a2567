package recognise

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/wearable/archive"
	"pgregory.net/rapid"
)

// One night of every vendor, each in the words of its export.
var exports = map[string]map[string]string{
	"apple": {"apple_health_export/export.xml": `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
]>
<HealthData locale="sv_SE">
 <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch" sourceVersion="10" device="&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch&gt;" creationDate="2026-11-23 07:00:00 +0100" startDate="2026-11-22 23:00:00 +0100" endDate="2026-11-23 07:00:00 +0100" value="HKCategoryValueSleepAnalysisAsleepCore"/>
</HealthData>`},
	"fitbit": {"Takeout/Fitbit/Global Export Data/sleep-2026-11-01.json": `[{"logId":1,"dateOfSleep":"2026-11-23","startTime":"2026-11-22T23:00:00.000","endTime":"2026-11-23T07:00:00.000","type":"stages","mainSleep":true,"levels":{"data":[{"dateTime":"2026-11-22T23:00:00.000","level":"light","seconds":28800}]}}]`},
	"garmin": {"DI_CONNECT/DI-Connect-Wellness/2026-10-01_2027-01-09_1_sleepData.json": `[{"sleepStartTimestampGMT":"2026-11-22T22:00:00.0","sleepEndTimestampGMT":"2026-11-23T06:00:00.0","calendarDate":"2026-11-23","deepSleepSeconds":3600,"lightSleepSeconds":25200,"awakeSleepSeconds":0}]`},
	"whoop":  {"my_whoop_data/sleeps.csv": "Cycle start time,Cycle timezone,Sleep onset,Wake onset,Asleep duration (min),Nap\n2026-11-22 23:00:00,UTC+01:00,2026-11-22 23:00:00,2026-11-23 07:00:00,450,false\n"},
	"withings": {
		"data/sleep.csv":               "von,bis,\"leicht (s)\",\"tief (s)\",\"rem (s)\",\"wach (s)\",Aufwachen\n2026-11-22T23:00:00+01:00,2026-11-23T07:00:00+01:00,28800,0,0,0,0\n",
		"data/raw_bed_sleep-state.csv": "start,duration,value\n2026-11-22T23:00:00+01:00,[28800],[1]\n",
	},
	"sleepasandroid": {"sleep-export.csv": "Id,Tz,From,To,Sched,Hours,Rating,Comment,Framerate,Snore,Noise,Cycles,DeepSleep,LenAdjust,Geo,\"Event\"\n" +
		"\"1795384800000\",\"Europe/Stockholm\",\"22. 11. 2026 23:00\",\"23. 11. 2026 7:00\",\"\",\"8.000\",\"0.0\",\"\",\"0\",\"-1\",\"-1.0\",\"-1\",\"0.5\",\"0\",\"\",\"LIGHT_START-1795384800000\"\n"},
	"healthconnect": {"health_connect.json": `{"SleepSessionRecord":[{"startTime":"2026-11-22T22:00:00Z","startZoneOffset":"+01:00","endTime":"2026-11-23T06:00:00Z","endZoneOffset":"+01:00",
"stages":[{"startTime":"2026-11-22T22:00:00Z","endTime":"2026-11-23T06:00:00Z","stage":4}],"metadata":{"id":"a","dataOrigin":{"packageName":"com.example.ring"}}}]}`},
	"welltory":   {"sleep.csv": "\"user_code\",\"day\",\"sleep_begin\",\"sleep_end\",\"sleep_duration\"\n\"a\",\"2026-11-23\",\"2026-11-22 23:00:00\",\"2026-11-23 07:00:00\",\"27000\"\n"},
	"polar":      {"nights.json": `{"nights":[{"polar_user":"u","date":"2026-11-23","sleep_start_time":"2026-11-22T23:00:00+01:00","sleep_end_time":"2026-11-23T07:00:00+01:00","hypnogram":{"23:00":2}}]}`},
	"actigraphy": {"counts.csv": counts()},
	"oura":       {"App Data/sleepmodel.csv": "id;day;type;bedtime_start;bedtime_end;time_in_bed;sleep_phase_5_min\na;2026-11-23;long_sleep;2026-11-22T23:00:00+01:00;2026-11-23T07:00:00+01:00;28800;" + strings.Repeat("2", 96) + "\n"},
}

// counts is a table of activity by the minute from 18:00 to noon, still from
// 23:00 to 07:00.
func counts() string {
	var b strings.Builder
	b.WriteString("timestamp,axis1\n")
	for at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC); at.Day() == 22 || at.Hour() < 12; at = at.Add(time.Minute) {
		n := 900 + at.Minute()
		if at.Hour() == 23 || at.Hour() < 7 {
			n = at.Minute() % 3
		}
		fmt.Fprintf(&b, "%s,%d\n", at.Format("2006-01-02 15:04:05"), n)
	}
	return b.String()
}

func filesOf(vendor string) []archive.File {
	out := []archive.File{archive.Bytes("README.txt", []byte("Your data.")), archive.Bytes("photo.jpg", []byte("\xff\xd8\xff"))}
	for name, content := range exports[vendor] {
		out = append(out, archive.Bytes(name, []byte(content)))
	}
	return out
}

// Every vendor's export is known by itself, among files that nobody knows, and
// gives the one night that it has.
func TestEveryVendor(t *testing.T) {
	if len(exports) != len(Vendors()) {
		t.Errorf("%d vendors, %d examples", len(Vendors()), len(exports))
	}
	for vendor := range exports {
		found, err := Read(filesOf(vendor), Options{Zone: "Europe/Stockholm"})
		if err != nil || len(found) != 1 || found[0].Vendor != vendor || found[0].Err != nil || len(found[0].Files) != len(exports[vendor]) {
			t.Errorf("%s: %+v %v", vendor, found, err)
			continue
		}
		r := found[0].Result
		if len(r.Nights) != 1 || r.Nights[0].Date.String() != "2026-11-23" || r.Nights[0].Source.Vendor != vendor || r.Warnings.Err() != nil {
			t.Errorf("%s: %+v %v", vendor, r.Nights, r.Warnings)
		}
		if n := r.Nights[0]; n.Main.IsEmpty() && (n.Stated == nil || n.LightsOff == nil) {
			t.Errorf("%s: neither stages nor totals: %+v", vendor, n)
		}
	}
}

// All of them in one zip, in whatever order, give each vendor's nights.
func TestAllInOneZip(t *testing.T) {
	var names []string
	content := map[string]string{}
	for _, files := range exports {
		for name, text := range files {
			names = append(names, name)
			content[name] = text
		}
	}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range rapid.Permutation(names).Draw(rt, "order") {
			w, err := z.Create(name)
			if err != nil {
				rt.Fatal(err)
			}
			if _, err := io.WriteString(w, content[name]); err != nil {
				rt.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			rt.Fatal(err)
		}
		files, err := archive.Zip(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			rt.Fatal(err)
		}
		found, err := Read(files, Options{Zone: "Europe/Stockholm"})
		got, _ := json.Marshal(found)
		if err != nil || len(found) != len(exports) || want != "" && want != string(got) {
			rt.Fatalf("%s\n%s\n%v", got, want, err)
		}
		want = string(got)
	})
}

func TestUnknown(t *testing.T) {
	if _, err := Read(filesOf(""), Options{}); fault.CodeOf(err) != "device-unknown" {
		t.Error(err)
	}
	for _, s := range []string{"", "PK\x03\x04", "onset,duration,stage\n0,30,W\n", "[0,1,2]", `{"hello": 1}`, "0       X X X X"} {
		if v := Vendor([]byte(s), "night"); v != "" {
			t.Errorf("%q is taken for %s", s, v)
		}
	}
}

func FuzzVendor(f *testing.F) {
	for _, files := range exports {
		for name, content := range files {
			f.Add([]byte(content), name)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		if Vendor(b[:min(len(b), archive.HeadSize)], name) == "" {
			return
		}
		found, err := Read([]archive.File{archive.Bytes(name, b)}, Options{})
		if err != nil {
			t.Fatalf("known and then not: %v", err)
		}
		if _, err := json.Marshal(found[0].Result.Nights); err != nil {
			t.Fatal(err)
		}
	})
}

// Each table of counts is a recording of its own; Health Connect's files are one.
func TestTogetherOrApart(t *testing.T) {
	one, two := exports["actigraphy"]["counts.csv"], exports["healthconnect"]["health_connect.json"]
	found, err := Read([]archive.File{
		archive.Bytes("a.csv", []byte(one)), archive.Bytes("b.csv", []byte(one)),
		archive.Bytes("a.json", []byte("\xef\xbb\xbf"+two)), archive.Bytes("b.json", []byte("\xef\xbb\xbf"+two)),
	}, Options{Zone: "Europe/Stockholm"})
	if err != nil || len(found) != 3 || found[0].Vendor != "healthconnect" || len(found[0].Result.Nights) != 1 || len(found[0].Files) != 2 || found[2].Files[0] != "b.csv" {
		t.Errorf("%+v %v", found, err)
	}
}
