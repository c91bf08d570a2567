package sleepasandroid

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
)

// ms gives hours after midnight of 23 November 2026 in Stockholm.
func ms(hours float64) int64 {
	return time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC).UnixMilli() + int64(math.Round(hours*3.6e6))
}

// ev writes an event.
func ev(label string, hours float64) string { return fmt.Sprintf("%s-%d", label, ms(hours)) }

const fixed = "Id,Tz,From,To,Sched,Hours,Rating,Comment,Framerate,Snore,Noise,Cycles,DeepSleep,LenAdjust,Geo"

// tracked writes a sleep with movement and noise, as the app does.
func tracked(from, hours float64, events ...string) string {
	heading := fixed + `,"23:00","23:05"` + strings.Repeat(`,"Event"`, len(events))
	values := fmt.Sprintf(`"%d","Europe/Stockholm","22. 11. 2026 23:00","23. 11. 2026 6:00","23. 11. 2026 6:30","%.3f","0.0","a ""good"" one \n #home","10000","-1","-1.0","4","0.5","-7","","0.5","1.25"`, ms(from), hours)
	for _, e := range events {
		values += `,"` + e + `"`
	}
	return heading + "\n" + values + "\n" + strings.Repeat(`"",`, 15) + `"0.01","0.02"` + "\n"
}

// night by hand: 1 h light, 1 h deep, awake from 01:15 to 01:30 within 1 h REM, half an
// hour told by nothing, light to the end at 06:00.
var night = tracked(-1, 7,
	ev("DEVICE", -1)+"-123", ev("LIGHT_START", -1), ev("LIGHT_END", 0), ev("DEEP_START", 0), ev("DEEP_END", 1), ev("REM_START", 1), ev("REM_END", 2),
	ev("AWAKE_START", 1.25), ev("AWAKE_END", 1.5), ev("LIGHT_START", 2.5), ev("LIGHT_END", 6), ev("HR", 0)+"-60.0", ev("HR", 1)+"-50.0", ev("HR", 7)+"-99.0", "nonsense", ev("SNORE", 3))

const nightRuns = "120L 120N3 30R 30W 60R 60? 420L"

func read(t testing.TB, in string, opt session.Options) wearable.Result {
	t.Helper()
	r, err := ReadCSV(strings.NewReader(in), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func nights(r wearable.Result) string {
	s := ""
	for _, n := range r.Nights {
		s += fmt.Sprintf("%v %v/%d;", n.Date, n.Main, len(n.Naps))
	}
	return s
}

func TestANight(t *testing.T) {
	r := read(t, night, session.Options{})
	if nights(r) != "2026-11-23 "+nightRuns+"/0;" || len(r.Warnings) > 0 {
		t.Fatalf("%s %v", nights(r), r.Warnings)
	}
	n := r.Nights[0]
	if *n.Measured.HeartRateMeanBPM != 55 || *n.Measured.HeartRateLowestBPM != 50 || *n.Stated.TIBMin != 420 || n.Stated.TSTMin != nil || n.Zone != "+01:00" {
		t.Errorf("%+v %+v", n, n.Measured)
	}
}

func TestOddities(t *testing.T) {
	const want = "2026-11-23 " + nightRuns + "/0;"
	light := func(from, hours float64) string {
		return tracked(from, hours, ev("LIGHT_START", from), ev("LIGHT_END", from+hours))
	}
	manual := func(adjust string) string {
		return fixed + ",\"7:00\"\n" + fmt.Sprintf(`"%d","Europe/Stockholm","x","y","","7,000","0.0","Manually added","10007","-1","-1.0","-1","-1.0","%s","","0.0"`, ms(-1), adjust) + "\n"
	}
	for name, c := range map[string]struct {
		in, want, warning string
	}{
		"byte-order mark":                         {"\xef\xbb\xbf" + night, want, ""},
		"carriage returns":                        {strings.ReplaceAll(night, "\n", "\r\n"), want, ""},
		"quoted headings":                         {strings.Replace(night, "Id,Tz,", `"Id","Tz",`, 1), want, ""},
		"semicolons":                              {strings.NewReplacer(`","`, `";"`, "Id,Tz,From,To,Sched,Hours,Rating,Comment,Framerate,Snore,Noise,Cycles,DeepSleep,LenAdjust,Geo,", "Id;Tz;From;To;Sched;Hours;Rating;Comment;Framerate;Snore;Noise;Cycles;DeepSleep;LenAdjust;Geo;").Replace(night), want, ""},
		"old columns":                             {strings.NewReplacer("DeepSleep,LenAdjust,Geo", "DeepSleep", `"0.5","-7","",`, `"0.5",`).Replace(night), want, ""},
		"new columns before":                      {strings.NewReplacer("Id,Tz,", "Id,New,Tz,", `","Europe`, `","n","Europe`).Replace(night), want, ""},
		"a decimal comma":                         {strings.Replace(night, `"7.000"`, `"7,000"`, 1), want, ""},
		"twice in the file":                       {night + night, want, ""},
		"times by the clock only":                 {strings.Replace(night, fmt.Sprint(`"`, ms(-1), `"`), `"x"`, 1), want, ""},
		"a phase ends where the next begins":      {tracked(-1, 7, ev("LIGHT_START", -1), ev("DEEP_START", 1), ev("LIGHT_END", 2), ev("DEEP_END", 6)), "2026-11-23 240L 600N3/0;", ""},
		"an unfinished phase":                     {tracked(-1, 7, ev("LIGHT_START", -1), ev("LIGHT_END", 1), ev("DEEP_START", 1)), "2026-11-23 240L 600N3/0;", "sleepasandroid-open"},
		"phases that end and never began":         {tracked(-1, 7, ev("LIGHT_END", 1)), "2026-11-23 /0;", "sleepasandroid-loose"},
		"split by an awakening":                   {light(-1, 4) + light(3.5, 2), "2026-11-23 480L 60? 240L/0;", ""},
		"a nap":                                   {light(-1, 7) + light(13, 1), "2026-11-23 840L/1;", ""},
		"a fragment":                              {light(-1, 7) + light(1, 1), "2026-11-23 840L/0;", ""},
		"eighteen minutes of wake":                {tracked(2, 0.3, ev("AWAKE_START", 2), ev("AWAKE_END", 2.3)), "", ""},
		"by hand: no hypnogram is made up":        {manual("-1.0"), "2026-11-23 /0;", ""},
		"tracked counts before entered by hand":   {night + strings.Replace(manual("-1.0"), fmt.Sprint(ms(-1)), fmt.Sprint(ms(-0.9)), 1), want, ""},
		"across the window's edge":                {light(11, 6), "2026-11-23 720L/0;", ""},
		"an unknown zone is read as UTC and said": {strings.Replace(night, "Europe/Stockholm", "Sweden", 1), want, "sleepasandroid-zone"},
	} {
		r := read(t, c.in, session.Options{})
		if got := nights(r); got != c.want || c.warning == "" != (len(r.Warnings) == 0) || c.warning != "" && !r.Warnings.Has(fault.Code(c.warning)) {
			t.Errorf("%s: %s, want %s; %v", name, got, c.want, r.Warnings)
		}
	}
	for adjust, want := range map[string]float64{"-1.0": 420, "-1": 419, "-30": 390, "0": 420, "": 420} {
		if n := read(t, manual(adjust), session.Options{}).Nights[0]; *n.Stated.TSTMin != want {
			t.Errorf("adjusted by %s: %v min, want %v", adjust, *n.Stated.TSTMin, want)
		}
	}
}

// On 25 October 2026 clocks in Stockholm went back at three. A sleep from 23:00
// for eight hours ends at 06:00, and the Id says so whatever From and To say.
func TestClockChange(t *testing.T) {
	start := time.Date(2026, 10, 24, 21, 0, 0, 0, time.UTC).UnixMilli()
	in := fixed + ",Event,Event\n" + fmt.Sprintf(`"%d","Europe/Stockholm","24. 10. 2026 23:00","25. 10. 2026 6:00","","8.0","","","","","","","","","","LIGHT_START-%d","LIGHT_END-%d"`, start, start, start+8*3_600_000) + "\n"
	n := read(t, in, session.Options{Zone: "Europe/Stockholm"}).Nights[0]
	if end, _ := n.Main.End(); n.Main.String() != "960L" || end.Hour() != 6 || n.Date.String() != "2026-10-25" || n.Zone != "Europe/Stockholm" {
		t.Errorf("%v %v %v", n.Date, n.Main, end)
	}
}

func TestZip(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range [][2]string{{"sleep-export.csv", night}, {"prefs.xml", "<map/>"}, {"alarms.json", "[]"}} {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if !Recognise(b.Bytes(), "x.zip") || !Recognise([]byte("PK\x03\x04"), "My/sleep-export.zip") || Recognise([]byte("PK\x03\x04"), "other.zip") {
		t.Error("not recognised")
	}
	files, err := archive.Zip(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Read(files, session.Options{}); err != nil || len(r.Nights) != 1 {
		t.Errorf("%v %v", r, err)
	}
	later := strings.ReplaceAll(night, "LIGHT_", "DEEP_") + tracked(23, 7, ev("REM_START", 23), ev("REM_END", 30))
	if r, err := Read(append(files, archive.Bytes("later/sleep-export.csv", []byte(later))), session.Options{}); err != nil || len(r.Nights) != 2 || strings.Contains(r.Nights[0].Main.String(), "L") {
		t.Errorf("%v %v", r, err)
	}
	if _, err := Read(files[:1], session.Options{}); fault.CodeOf(err) != "sleepasandroid-none" {
		t.Error(err)
	}
}

func TestRecognise(t *testing.T) {
	for head, want := range map[string]bool{night: true, "\xef\xbb\xbf\"Id\",\"Tz\",\"From\",\"To\",": true, "Id,Name\n1,2": false, "": false} {
		if Recognise([]byte(head), "") != want {
			t.Errorf("%.20q", head)
		}
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	for in, code := range map[string]fault.Code{"": "sleepasandroid-empty", "a,b\nc,d\n": "sleepasandroid-form", "Id" + strings.Repeat(",", maxColumns): "sleepasandroid-form"} {
		if _, err := ReadCSV(strings.NewReader(in), session.Options{}); fault.CodeOf(err) != code {
			t.Errorf("%.10q: %v, want %s", in, err, code)
		}
	}
	for name, in := range map[string]string{
		"no time":   "Id,Tz,Hours\nx,y,5\n",
		"no length": fmt.Sprintf("Id,Hours\n%d,-5\n", ms(0)),
		"a month":   fmt.Sprintf("Id,Hours\n%d,700\n", ms(0)),
	} {
		if r := read(t, in, session.Options{}); !r.Warnings.Has("sleepasandroid-time") || len(r.Nights) > 0 {
			t.Errorf("%s: %v", name, r.Warnings)
		}
	}
	if _, err := ReadCSV(strings.NewReader(night), session.Options{Zone: "Mars"}); fault.CodeOf(err) != "zone-unknown" {
		t.Error(err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(night))
	f.Add([]byte("Id;Tz;From;To;Hours;Event\n1795382100000;UTC;;;8,5;DEEP_START-1795382400000\n"))
	f.Add([]byte("Id,Tz,From,To\nx,Europe/Stockholm,22. 11. 2026 23:00,23. 11. 2026 6:00\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadCSV(bytes.NewReader(b), session.Options{})
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		for _, n := range r.Nights {
			if _, err := json.Marshal(n); err != nil {
				t.Fatalf("a night that cannot be written: %v", err)
			}
		}
	})
}
