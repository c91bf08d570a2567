package whoop

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"pgregory.net/rapid"
)

const sleeps = "\xef\xbb\xbfCycle start time,Cycle end time,Cycle timezone,Sleep onset,Wake onset,Sleep performance %,Respiratory rate (rpm),Asleep duration (min),In bed duration (min),Light sleep duration (min),Deep (SWS) duration (min),REM duration (min),Awake duration (min),Sleep need (min),Sleep debt (min),Sleep efficiency %,Sleep consistency %,Nap\r\n" +
	"2026-11-22 23:10:00,2026-11-23 22:55:00,UTC+01:00,2026-11-22 23:10:00,2026-11-23 06:50:00,88,15.1,430,460,220,90,120,30,474,30,93,80,false\r\n" +
	"2026-11-22 23:10:00,2026-11-23 22:55:00,UTC+01:00,2026-11-23 13:00:00,2026-11-23 13:40:00,,14.8,35,40,35,0,0,5,,,88,,true\r\n" +
	"2026-11-23 22:55:00,,UTC+01:00,,,,,,,,,,,,,,,\r\n"

const cycles = "Cycle start time,Cycle end time,Cycle timezone,Recovery score %,Resting heart rate (bpm),Heart rate variability (ms),Skin temp (celsius),Blood oxygen %,Day Strain,Energy burned (cal),Max HR (bpm),Average HR (bpm),Sleep onset,Wake onset,Asleep duration (min)\n" +
	"2026-11-22 23:10:00,2026-11-23 22:55:00,UTC+01:00,71,52,58,33.1,97,11.2,2100,165,72,2026-11-22 23:10:00,2026-11-23 06:50:00,430\n"

func read(t testing.TB, zone string, files ...archive.File) wearable.Result {
	t.Helper()
	r, err := Read(files, session.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Both tables tell of one sleep; a nap and an unfinished cycle are told of.
func TestExport(t *testing.T) {
	r := read(t, "", archive.Bytes("physiological_cycles.csv", []byte(cycles)), archive.Bytes("sleeps.csv", []byte(sleeps)))
	if len(r.Warnings) > 0 || len(r.Nights) != 1 {
		t.Fatalf("%v %v", r.Warnings, r.Nights)
	}
	n := r.Nights[0]
	if !n.Main.IsEmpty() || len(n.Naps) != 0 || *n.Stated.TSTMin != 430 || *n.Stated.N3Min != 90 || n.Zone != "+01:00" || n.Status != sleep.Worn ||
		n.LightsOff.Format("15:04") != "23:10" || n.LightsOn.Format("15:04") != "06:50" {
		t.Errorf("%+v %+v", n, n.Stated)
	}
	if m := n.Measured; *m.RMSSDMeanMS != 58 || *m.ReadinessScore != 71 || *m.SleepScore != 88 || *m.BreathsPerMin != 15.1 || *m.TemperatureC != 33.1 {
		t.Errorf("%+v", m)
	}
	got := ""
	for _, d := range r.Decisions {
		got += fmt.Sprintf("%v %s %s; ", d.Night, d.Action, d.Why)
	}
	if got != "2026-11-23 kept the main sleep; 2026-11-23 nap apart from the main sleep; 2026-11-24 dropped the cycle has no sleep; " {
		t.Error(got)
	}
}

// Told by another zone's clock it is the same sleep.
func TestTravel(t *testing.T) {
	away := strings.NewReplacer("UTC+01:00", "UTC-04:00").Replace(sleeps)
	if r := read(t, "", archive.Bytes("sleeps.csv", []byte(away))); r.Nights[0].Zone != "-04:00" || r.Nights[0].LightsOff.UTC().Hour() != 3 {
		t.Errorf("%+v", r.Nights[0])
	}
	if r := read(t, "Europe/Stockholm", archive.Bytes("sleeps.csv", []byte(away))); r.Nights[0].LightsOff.Format("15:04") != "04:10" {
		t.Errorf("%+v", r.Nights[0])
	}
	bare := strings.ReplaceAll(sleeps, "UTC+01:00", "")
	if r := read(t, "", archive.Bytes("sleeps.csv", []byte(bare))); !r.Warnings.Has("whoop-zone") || r.Warnings.Err() != nil {
		t.Errorf("%v", r.Warnings)
	}
}

func TestWhatDoesNotAddUp(t *testing.T) {
	r := read(t, "", archive.Bytes("sleeps.csv", []byte(strings.Replace(sleeps, "15.1,430,460", "15.1,380,500", 1))))
	if !r.Warnings.Has("whoop-total") || !r.Warnings.Has("whoop-bounds") || r.Warnings.Err() != nil || *r.Nights[0].Stated.TSTMin != 380 {
		t.Errorf("%v", r.Warnings)
	}
	bad := read(t, "", archive.Bytes("sleeps.csv", []byte(strings.Replace(sleeps, "2026-11-23 06:50:00", "morning", 1))))
	if !bad.Warnings.Has("whoop-time") || bad.Warnings[0].Line != 2 {
		t.Errorf("%v", bad.Warnings)
	}
	if !Recognise([]byte(sleeps), "") || !Recognise([]byte(cycles), "") || Recognise([]byte("Cycle start time,Workout start time"), "workouts.csv") {
		t.Error("tables are not told from others")
	}
}

func TestOrderOfFiles(t *testing.T) {
	files := []archive.File{archive.Bytes("physiological_cycles.csv", []byte(cycles)), archive.Bytes("sleeps.csv", []byte(sleeps)), archive.Bytes("sleeps copy.csv", []byte(sleeps))}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		r := read(t, "", rapid.Permutation(files).Draw(rt, "order")...)
		b, err := json.Marshal(r.Nights)
		if err != nil || want != "" && want != string(b) {
			rt.Fatalf("%s\n%s\n%v", b, want, err)
		}
		want = string(b)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sleeps))
	f.Add([]byte(cycles))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read([]archive.File{archive.Bytes("sleeps.csv", b)}, session.Options{})
		if err != nil {
			return
		}
		if _, err := json.Marshal(r.Nights); err != nil {
			t.Fatal(err)
		}
	})
}
