package polar

import (
	"encoding/json"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"pgregory.net/rapid"
)

// By hand: wake 23:00–23:10, light to 02:00 in two codes, deep to 04:00, unknown
// to 04:30, REM to 06:00, wake to 06:10.
const night1 = `{"polar_user":"https://www.polaraccesslink/v3/users/1","date":"2026-11-23","sleep_start_time":"2026-11-22T23:00:00+01:00","sleep_end_time":"2026-11-23T06:10:00+01:00","device_id":"1111AAAA",
"light_sleep":10200,"deep_sleep":7200,"rem_sleep":5400,"unrecognized_sleep_stage":1800,"total_interruption_duration":1200,"sleep_score":80,
"hypnogram":{"00:30":3,"23:00":0,"23:10":2,"02:00":4,"04:00":5,"04:30":1,"06:00":0},"heart_rate_samples":{"23:05":60,"02:02":50,"03:00":0}}`

func read(t testing.TB, zone string, files ...string) wearable.Result {
	t.Helper()
	var in []archive.File
	for i, f := range files {
		in = append(in, archive.Bytes(string(rune('a'+i))+".json", []byte(f)))
	}
	r, err := Read(in, session.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNights(t *testing.T) {
	for _, in := range []string{night1, "[" + night1 + "]", "\ufeff" + `{"nights":[` + night1 + `]}`} {
		r := read(t, "", in)
		if len(r.Warnings) > 0 || len(r.Nights) != 1 {
			t.Fatalf("%v", r.Warnings)
		}
		n := r.Nights[0]
		if n.Main.String() != "20W 340L 240N3 60? 180R 20W" || n.Zone != "+01:00" || n.Source.Model != "1111AAAA" || *n.Stated.WakeMin != 20 || n.Stated.TSTMin != nil {
			t.Errorf("%v %+v", n.Main, n.Stated)
		}
		if m := n.Measured; *m.HeartRateMeanBPM != 55 || *m.HeartRateLowestBPM != 50 || *m.SleepScore != 80 {
			t.Errorf("%+v", m)
		}
	}
	if !Recognise([]byte(night1), "") || Recognise([]byte(`{"sleep_start_time":1}`), "") {
		t.Error("nights are not told from others")
	}
	// In another zone it is the same sleep by another clock.
	if n := read(t, "America/New_York", night1).Nights[0]; n.Main.String() != "20W 340L 240N3 60? 180R 20W" || n.Zone != "America/New_York" {
		t.Errorf("%v", n.Main)
	}
	bare := strings.ReplaceAll(night1, "+01:00", "")
	if r := read(t, "", bare); !r.Warnings.Has("polar-zone") || r.Nights[0].Main.String() != "20W 340L 240N3 60? 180R 20W" {
		t.Errorf("%v", r.Warnings)
	}
}

func TestWrong(t *testing.T) {
	for in, want := range map[string]fault.Code{"[": "polar-json", "[7]": "polar-night", "{}": "polar-time", strings.Replace(night1, `"02:00":4`, `"2 am":4,"03:00":9`, 1): "polar-hypnogram"} {
		if r := read(t, "", in); !r.Warnings.Has(want) {
			t.Errorf("%.30s: %v", in, r.Warnings)
		}
	}
	if _, err := Read([]archive.File{archive.Bytes("a", []byte("[]"))}, session.Options{}); fault.CodeOf(err) != "polar-empty" {
		t.Error(err)
	}
}

func TestOrderOfFiles(t *testing.T) {
	files := []archive.File{archive.Bytes("1", []byte(night1)), archive.Bytes("2", []byte(night1)), archive.Bytes("3", []byte(strings.NewReplacer("11-22", "11-23", "11-23", "11-24").Replace(night1)))}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		r, err := Read(rapid.Permutation(files).Draw(rt, "order"), session.Options{})
		b, _ := json.Marshal(r)
		if err != nil || len(r.Nights) != 2 || want != "" && want != string(b) {
			rt.Fatalf("%s\n%s %v", b, want, err)
		}
		want = string(b)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(night1))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read([]archive.File{archive.Bytes("a", b)}, session.Options{})
		if err != nil {
			return
		}
		if _, err := json.Marshal(r.Nights); err != nil {
			t.Fatal(err)
		}
	})
}
