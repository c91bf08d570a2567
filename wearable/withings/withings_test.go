package withings

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"pgregory.net/rapid"
)

const (
	english = `from,to,"light (s)","deep (s)","rem (s)","awake (s)","wake up","Duration to sleep (s)","Duration to wake up (s)","Snoring (s)","Snoring episodes","Average heart rate","Heart rate (min)","Heart rate (max)","Night events"`
	german  = `von,bis,"leicht (s)","tief (s)","rem (s)","wach (s)",Aufwachen,"Dauer des Schlafs (s)","Dauer bis zum Wachwerden (s)","Schnarchen (s)",Schnarchepisoden,"Durchschnittliche Herzfrequenz","Herzfrequenz (min)","Herzfrequenz (max)","Night events"`
	swedish = "\ufeff" + `från;till;"lätt (s)";"djup (s)";"rem (s)";"vaken (s)";"Uppvaknanden";"Tid till insomning (s)";"Tid till uppstigning (s)";"Snarkning (s)";"Snarkepisoder";"Genomsnittlig hjärtfrekvens";"Hjärtfrekvens (min)";"Hjärtfrekvens (max)";"Händelser"`
	other   = `A,B,"C (s)","D (s)","E (s)","F (s)",G,"H (s)","I (s)","J (s)",K,L,M,N,O`
	row     = `2026-11-22T23:00:00+01:00,2026-11-23T07:00:00+01:00,14400,7200,5400,1800,2,600,120,0,0,54,48,70,`
	bed     = "start,duration,value\n" + `2026-11-22T23:00:00+01:00,"[600,14400,7200]","[0,1,2]"` + "\n" + `2026-11-23T05:10:00+01:00,"[5400,1200]","[3,0]"` + "\n"
	tracker = "start,duration,value\n" + `2026-11-22T22:50:00+01:00,"[600,28800,600]","[0,1,0]"` + "\n" + `2026-11-23T13:00:00+01:00,"[1800]","[2]"` + "\n"
)

func read(t testing.TB, zone string, files map[string]string) wearable.Result {
	t.Helper()
	var in []archive.File
	for name, content := range files {
		in = append(in, archive.Bytes(name, []byte(content)))
	}
	r, err := Read(in, session.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// One night in English, German and Swedish, with commas and with semicolons, and
// in a language that nobody knows.
func TestLanguages(t *testing.T) {
	for heading, unknown := range map[string]bool{english: false, german: false, swedish: false, other: true} {
		content := heading + "\n" + row + "\n"
		if strings.Contains(heading, ";") {
			content = heading + "\n" + strings.ReplaceAll(row, ",", ";") + "\n"
		}
		if !Recognise([]byte(content), "withings/sleep.csv") {
			t.Errorf("not recognised: %s", heading)
		}
		r := read(t, "", map[string]string{"sleep.csv": content})
		if r.Warnings.Has("withings-heading") != unknown || r.Warnings.Err() != nil || len(r.Nights) != 1 {
			t.Fatalf("%s: %v", heading, r.Warnings)
		}
		n := r.Nights[0]
		if s := n.Stated; *s.LightMin != 240 || *s.N3Min != 120 || *s.REMMin != 90 || *s.WakeMin != 30 || *s.TSTMin != 450 || *s.TIBMin != 480 || *s.SOLMin != 10 || !n.Main.IsEmpty() || n.LightsOff == nil {
			t.Errorf("%s: %+v", heading, s)
		}
		if m := n.Measured; *m.HeartRateMeanBPM != 54 || *m.HeartRateLowestBPM != 48 {
			t.Errorf("%s: %+v", heading, m)
		}
	}
}

// Two rows of a German export that a public study shows. By hand, the first:
// 102 + 366 min asleep and 2 awake are the 470 from 00:15 to 08:05.
func TestGermanRows(t *testing.T) {
	r := read(t, "", map[string]string{"sleep.csv": german + "\n" +
		"2024-02-07T00:15:00+01:00,2024-02-07T08:05:00+01:00,6120,21960,0,120,0,120,0,0,0,54,50,64,\n" +
		"2024-02-08T00:09:00+01:00,2024-02-08T08:01:00+01:00,20400,7800,0,120,0,120,0,0,0,52,48,65,\n"})
	if len(r.Warnings) > 0 || len(r.Nights) != 2 {
		t.Fatalf("%v", r.Warnings)
	}
	if s := r.Nights[0].Stated; *s.TSTMin != 468 || *s.WakeMin != 2 || *s.TIBMin != 470 || *s.SOLMin != 2 || s.REMMin != nil || *r.Nights[0].Measured.HeartRateMeanBPM != 54 {
		t.Errorf("%+v", s)
	}
}

// The row bounds the night, the mat's states fill it, the watch's are not mixed
// in, and its nap stands alone.
func TestStates(t *testing.T) {
	r := read(t, "", map[string]string{"sleep.csv": english + "\n" + row, "raw_bed_sleep-state.csv": bed, "raw_tracker_sleep-state.csv": tracker})
	if len(r.Warnings) > 0 || len(r.Nights) != 1 {
		t.Fatalf("%v %v", r.Warnings, r.Nights)
	}
	n := r.Nights[0]
	if n.Main.String() != "20W 480L 240N3 180R 40W" || n.Source.Model != "bed" || len(n.Naps) != 1 || n.Naps[0].String() != "60N3" || *n.Stated.TSTMin != 450 {
		t.Errorf("%v %v %+v", n.Main, n.Naps, n.Source)
	}
	// Without the table of sleeps both devices tell of one night; the mat counts.
	r = read(t, "", map[string]string{"raw_bed_sleep-state.csv": bed, "raw_tracker_sleep-state.csv": tracker})
	if n := r.Nights[0]; len(r.Nights) != 1 || n.Main.String() != "20W 480L 240N3 180R 40W" || r.Decisions[0].Action != wearable.Superseded {
		t.Errorf("%v %v", n.Main, r.Decisions)
	}
	// Without the mat the watch fills the row, cut to its bounds.
	r = read(t, "", map[string]string{"sleep.csv": english + "\n" + row, "raw_tracker_sleep-state.csv": tracker})
	if n := r.Nights[0]; n.Main.String() != "960L" || n.Source.Model != "tracker" || !r.Warnings.Has("withings-total") {
		t.Errorf("%v %v", n.Main, r.Warnings)
	}
	// The old mat knew asleep and awake only.
	r = read(t, "", map[string]string{"raw_sleep-monitor_sleep-state.csv": bed})
	if n := r.Nights[0]; n.Main.String() != "20W 480S 420? 40W" || !r.Warnings.Has("withings-state") {
		t.Errorf("%v", n.Main)
	}
}

// States over an hour apart are two sleeps; over less, one with a gap.
func TestGaps(t *testing.T) {
	gap := "start,duration,value\n" + `2026-11-22T23:00:00+01:00,[7200],[1]` + "\n" + `2026-11-23T01:30:00+01:00,"[7200]","[2]"` + "\n" + `2026-11-23T05:00:00+01:00,"[1800]","[1]"` + "\n"
	r := read(t, "", map[string]string{"raw_bed_sleep-state.csv": gap})
	if n := r.Nights[0]; n.Main.String() != "240L 60? 240N3" || len(n.Naps) != 1 {
		t.Errorf("%v %v", n.Main, n.Naps)
	}
}

// Older exports have no offset.
func TestWithoutOffset(t *testing.T) {
	content := english + "\n" + strings.NewReplacer("T", " ", "+01:00", "").Replace(row)
	r := read(t, "Europe/Stockholm", map[string]string{"sleep.csv": content})
	if len(r.Warnings) > 0 || r.Nights[0].LightsOff.Format("15:04 -0700") != "23:00 +0100" {
		t.Errorf("%+v", r)
	}
	if r := read(t, "", map[string]string{"sleep.csv": content}); !r.Warnings.Has("withings-zone") {
		t.Errorf("%v", r.Warnings)
	}
}

func TestWrong(t *testing.T) {
	for name, content := range map[string]string{
		"sleep.csv":               english + "\nyesterday,today,1,2,3,4\n",
		"raw_bed_sleep-state.csv": "start,duration,value\n2026-11-22T23:00:00+01:00,\"[1,2]\",\"[1]\"\n",
	} {
		r := read(t, "", map[string]string{name: content})
		if r.Warnings.Err() == nil || r.Warnings[0].Line != 2 || r.Warnings[0].File != name {
			t.Errorf("%s: %v", name, r.Warnings)
		}
	}
	if r := read(t, "", map[string]string{"sleep.csv": english + "\n" + strings.Replace(row, "14400", "10000", 1)}); !r.Warnings.Has("withings-total") || r.Warnings.Err() != nil {
		t.Errorf("%v", r.Warnings)
	}
	if _, err := Read([]archive.File{archive.Bytes("sleep.csv", []byte(english))}, session.Options{}); fault.CodeOf(err) != "withings-empty" {
		t.Error(err)
	}
	for _, c := range []struct{ head, name string }{{"from,to,steps,a,b,c\n", "sleep.csv"}, {"start,duration,value\n", "raw_hr_hr.csv"}, {"onset,duration,stage\n0,30,W\n", "night.csv"}} {
		if Recognise([]byte(c.head), c.name) {
			t.Errorf("%s is taken for Withings'", c.name)
		}
	}
}

// The order of files and of rows changes nothing, nor does a row told twice.
func TestOrder(t *testing.T) {
	rows := []string{row, strings.NewReplacer("11-22", "11-24", "11-23", "11-25").Replace(row), row}
	want := ""
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(rows).Draw(rt, "rows")
		files := []archive.File{archive.Bytes("sleep.csv", []byte(english+"\n"+strings.Join(order, "\n"))), archive.Bytes("raw_bed_sleep-state.csv", []byte(bed)), archive.Bytes("raw_tracker_sleep-state.csv", []byte(tracker))}
		r, err := Read(rapid.Permutation(files).Draw(rt, "files"), session.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		b, err := json.Marshal(r.Nights)
		if got := fmt.Sprintf("%s %d", b, len(r.Nights)); err != nil || want != "" && want != got {
			rt.Fatalf("%s\n%s\n%v", got, want, err)
		} else {
			want = got
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(german+"\n"+row), false)
	f.Add([]byte(bed), true)
	f.Fuzz(func(t *testing.T, b []byte, states bool) {
		name := "sleep.csv"
		if states {
			name = "raw_bed_sleep-state.csv"
		}
		Recognise(b, name)
		r, err := Read([]archive.File{archive.Bytes(name, b)}, session.Options{})
		if err != nil {
			return
		}
		if _, err := json.Marshal(r.Nights); err != nil {
			t.Fatal(err)
		}
	})
}
