package healthconnect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

// utc writes hours after midnight of 23 November 2026 in Stockholm, as UTC.
func utc(hours float64) string {
	return time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(hours*3600)) * time.Second).Format(time.RFC3339)
}

func ms(hours float64) int64 {
	t, err := time.Parse(time.RFC3339, utc(hours))
	if err != nil {
		panic(err)
	}
	return t.UnixMilli()
}

// st is a stage from one hour to another.
type st struct {
	from, to float64
	stage    int
}

func recordOf(id string, from, to float64, stages ...st) string {
	var list []string
	for _, s := range stages {
		list = append(list, fmt.Sprintf(`{"startTime":"%s","endTime":"%s","stage":%d}`, utc(s.from), utc(s.to), s.stage))
	}
	return fmt.Sprintf(`{"startTime":"%s","startZoneOffset":"+01:00","endTime":"%s","endZoneOffset":"+01:00","stages":[%s],"metadata":{"id":"%s","dataOrigin":{"packageName":"com.ring"},"device":{"model":"R1"}}}`,
		utc(from), utc(to), strings.Join(list, ","), id)
}

// night is by hand: 23:00 awake in bed for 30 min, 1 h light, 1 h deep, 30 min
// out of bed, 1 h REM, 1 h unknown, 2 h sleeping.
var night = recordOf("n", -1, 6, st{-1, -0.5, 7}, st{-0.5, 0.5, 4}, st{0.5, 1.5, 5}, st{1.5, 2, 3}, st{2, 3, 6}, st{3, 4, 0}, st{4, 6, 2})

const nightRuns = "60W 120L 120N3 60W 120R 120? 240S"

func read(t testing.TB, in string, opt Options) wearable.Result {
	t.Helper()
	r, err := Read(strings.NewReader(in), opt)
	if err != nil {
		t.Fatalf("%v: %s", err, in)
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

// Every shape in which exporters write gives the same night.
func TestShapes(t *testing.T) {
	plain := `{"start":` + fmt.Sprint(ms(-1)) + `,"end":` + fmt.Sprint(ms(6)) + `,"uid":"n","source":"com.ring","device":"R1","zoneOffset":3600,"sleepStages":[` +
		fmt.Sprintf(`{"start":%d,"end":%d,"stageType":"SLEEP_STAGE_TYPE_AWAKE_IN_BED"},{"start":%d,"end":%d,"stageType":"LIGHT"},{"start":%d,"end":%d,"stageType":"deep"},`, ms(-1), ms(-0.5), ms(-0.5), ms(0.5), ms(0.5), ms(1.5)) +
		fmt.Sprintf(`{"start":%d,"end":%d,"stageType":"STAGE_TYPE_OUT_OF_BED"},{"start":"%d","end":"%d","stageType":"6"},{"start":%d,"end":%d,"stageType":"sleeping"}]}`, ms(1.5), ms(2), ms(2), ms(3), ms(4), ms(6))
	for name, in := range map[string]string{
		"under its class":        `{"SleepSessionRecord":[` + night + `],"ExerciseSessionRecord":[{"startTime":[[[1]]]}]}`,
		"a list with its type":   `[{"recordType":"androidx.health.connect.client.records.SleepSessionRecord",` + night[1:] + `]`,
		"one record":             night,
		"records a level down":   `{"result":{"sleepSessions":{"records":[` + night + `]}},"version":1}`,
		"records with a kind":    `{"records":[{"type":"SleepSession",` + night[1:] + `]}`,
		"one to a line":          night + "\n" + night,
		"byte-order mark":        "\xef\xbb\xbf" + night,
		"milliseconds and words": `{"sleep":[` + plain + `]}`,
		"offsets in the times":   strings.NewReplacer("Z\"", "+00:00\"").Replace(strings.Replace(night, `"+01:00"`, `{"id":"+01:00","totalSeconds":3600}`, 2)),
		"the database's names":   `{"sleep_session_record_table":[{"uuid":"n","start_time":` + fmt.Sprint(ms(-1)) + `,"end_time":` + fmt.Sprint(ms(6)) + `,"end_zone_offset":3600,"package_name":"com.ring","device":"R1",` + night[strings.Index(night, `"stages"`):] + `]}`,
	} {
		r := read(t, in, Options{})
		if nights(r) != "2026-11-23 "+nightRuns+"/0;" || len(r.Warnings) > 0 {
			t.Errorf("%s: %s %v", name, nights(r), r.Warnings)
			continue
		}
		if n := r.Nights[0]; n.Zone != "+01:00" || n.Source.Algorithm != "com.ring" || n.Source.Model != "R1" || n.Source.Records[0] != "n" {
			t.Errorf("%s: %s %+v", name, n.Zone, n.Source)
		}
	}
}

func TestOddities(t *testing.T) {
	light := func(id string, from, to float64) string { return recordOf(id, from, to, st{from, to, 4}) }
	in := func(records ...string) string { return `{"SleepSessionRecord":[` + strings.Join(records, ",") + `]}` }
	modified := func(s, at string) string {
		return strings.Replace(s, `"metadata":{`, `"metadata":{"lastModifiedTime":"`+at+`",`, 1)
	}
	other := func(s string) string { return strings.Replace(s, "com.ring", "com.phone", 1) }
	for name, c := range map[string]struct {
		in, want string
		opt      Options
	}{
		"the same id with a new end":                  {in(modified(light("a", -1, 6), "2026-11-23T09:00:00Z"), modified(light("a", -1, 5), "2026-11-23T08:00:00Z")), "2026-11-23 840L/0;", Options{}},
		"the same id, not told when":                  {in(light("a", -1, 5), light("a", -1, 6)), "2026-11-23 840L/0;", Options{}},
		"a session within another":                    {in(light("a", -1, 6), light("b", 1, 2)), "2026-11-23 840L/0;", Options{}},
		"two apps: stages before none":                {in(light("a", -1, 6), other(recordOf("b", -1.5, 6.5))), "2026-11-23 840L/0;", Options{}},
		"two apps: stages before asleep":              {in(light("a", -1, 6), other(recordOf("b", -1, 6, st{-1, 6, 2}))), "2026-11-23 840L/0;", Options{}},
		"two apps: the order given":                   {in(light("a", -1, 6), other(recordOf("b", -1, 6, st{-1, 6, 2}))), "2026-11-23 840S/0;", Options{Apps: []string{"com.phone", "com.ring"}}},
		"split by an awakening":                       {in(light("a", -1, 3), light("b", 3.5, 6)), "2026-11-23 480L 60? 300L/0;", Options{}},
		"a nap, and one after three":                  {in(light("a", -1, 6), light("b", 13, 14), light("c", 16, 17)), "2026-11-23 840L/1;2026-11-24 /1;", Options{}},
		"eighteen minutes of nothing but wake":        {in(recordOf("a", 2, 2.3, st{2, 2.3, 1})), "", Options{}},
		"stages with gaps":                            {in(recordOf("a", -1, 6, st{-1, 1, 4}, st{2, 6, 5})), "2026-11-23 240L 120? 480N3/0;", Options{}},
		"a stage before the session":                  {in(recordOf("a", -1, 6, st{-3, 1, 4}, st{1, 9, 5})), "2026-11-23 240L 600N3/0;", Options{}},
		"across the window's edge":                    {in(light("a", 11, 17)), "2026-11-23 720L/0;", Options{}},
		"no stages: no hypnogram is made up":          {in(recordOf("a", -1, 6)), "2026-11-23 /0;", Options{}},
		"no offset, and a zone":                       {in(strings.ReplaceAll(light("a", -1, 6), "ZoneOffset", "x")), "2026-11-23 840L/0;", Options{Zone: "Europe/Stockholm"}},
		"travel: in New York it is still the evening": {in(strings.ReplaceAll(light("a", 5, 8), "+01:00", "-05:00")), "2026-11-23 360L/0;", Options{}},
	} {
		r := read(t, c.in, c.opt)
		if got := nights(r); got != c.want || len(r.Warnings) > 0 {
			t.Errorf("%s: %s, want %s; %v", name, got, c.want, r.Warnings)
		}
	}
	alone := read(t, in(recordOf("a", -1, 6)), Options{}).Nights[0]
	if *alone.Stated.TIBMin != 420 || alone.LightsOff == nil {
		t.Errorf("%+v", alone)
	}
}

func TestMeasures(t *testing.T) {
	r := read(t, `{"SleepSessionRecord":[`+night+`],
		"HeartRateRecord":[{"startTime":"`+utc(-2)+`","samples":[{"time":"`+utc(-1.1)+`","beatsPerMinute":90},{"time":"`+utc(5)+`","beatsPerMinute":54},{"time":"`+utc(-1)+`","beatsPerMinute":50}]}],
		"HeartRateVariabilityRmssdRecord":[{"time":"`+utc(1)+`","heartRateVariabilityMillis":40.5}],
		"RespiratoryRateRecord":[{"time":"`+utc(1)+`","rate":{"value":14}}],
		"OxygenSaturationRecord":[{"time":"`+utc(1)+`","percentage":{"value":"96.5"}}],
		"SkinTemperatureRecord":[{"startTime":"`+utc(0)+`","baseline":{"inCelsius":34},"deltas":[{"time":"`+utc(1)+`","delta":{"inCelsius":0.5}},{"time":"`+utc(2)+`","delta":{"inCelsius":-0.25}}]}],
		"StepsRecord":[{"startTime":"`+utc(9)+`","endTime":"`+utc(9.1)+`","startZoneOffset":"+01:00","count":100,"metadata":{"dataOrigin":"a"}},{"startTime":"`+utc(9.2)+`","startZoneOffset":"+01:00","count":90,"metadata":{"dataOrigin":"b"}}]}`, Options{})
	if len(r.Warnings) > 0 {
		t.Fatal(r.Warnings)
	}
	m := r.Nights[0].Measured
	if *m.HeartRateMeanBPM != 52 || *m.HeartRateLowestBPM != 50 || *m.RMSSDMeanMS != 40.5 || m.SDNNMeanMS != nil || *m.BreathsPerMin != 14 || *m.OxygenSaturationPct != 96.5 || *m.TemperatureDeviationC != 0.125 || *m.Steps != 100 {
		b, _ := json.Marshal(m)
		t.Errorf("%s", b)
	}
}

// The rows of the database go the same way without any JSON.
func TestRows(t *testing.T) {
	start := time.UnixMilli(ms(-1))
	e := &Export{Sessions: []Session{{ID: "x", Start: start, End: start.Add(7 * time.Hour), Zone: time.FixedZone("", 3600), Stages: []Stage{{start, start.Add(7 * time.Hour), 5}}}}}
	e.AddSteps("a", start.In(time.FixedZone("", 3600)), 10)
	if r := Nights(e, Options{}); nights(r) != "2026-11-23 840N3/0;" {
		t.Errorf("%s %v", nights(r), r.Warnings)
	}
	if len(e.Sessions) != 1 || Stages[4] != sleep.Light {
		t.Error("the export was changed")
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		code fault.Code
	}{
		"no offset and no zone": {strings.ReplaceAll(night, "ZoneOffset", "x"), "healthconnect-zone"},
		"an end before":         {recordOf("a", 6, -1), "healthconnect-time"},
		"no end":                {strings.Replace(night, `"endTime"`, `"x"`, 1), "healthconnect-time"},
		"an unknown stage":      {recordOf("a", -1, 6, st{-1, 6, 9}), "healthconnect-stages"},
		"stages that are text":  {strings.Replace(recordOf("a", -1, 6), "[]", `"x"`, 1), "healthconnect-stages"},
		"a sleep of weeks":      {recordOf("a", 0, 500, st{0, 400, 4}), "healthconnect-bounds"},
		"a heart that is none":  {`{"HeartRateRecord":[{"time":"` + utc(0) + `","bpm":-5}]}`, "healthconnect-value"},
		"samples that are none": {`{"HeartRateRecord":[{"samples":5}]}`, "healthconnect-samples"},
	} {
		r := read(t, c.in, Options{})
		if !r.Warnings.Has(c.code) || len(r.Nights) > 0 {
			t.Errorf("%s: %v %s", name, r.Warnings, nights(r))
		}
	}
	for in, code := range map[string]fault.Code{
		"": "healthconnect-empty", "[]": "healthconnect-empty", `{"a":1}`: "healthconnect-empty", `{"a":`: "healthconnect-json", "<x>": "healthconnect-json",
		night[:len(night)-5]: "healthconnect-json", strings.Repeat("[", 100): "healthconnect-shape", `{"SleepSessionRecord":[{"startTime":}]}`: "healthconnect-json",
	} {
		if _, err := Read(strings.NewReader(in), Options{}); fault.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", in, err, code)
		}
	}
	many := strings.Repeat(recordOf("a", 6, -1)+"\n", 200)
	if r := read(t, many, Options{}); len(r.Warnings) != maxProblems+1 || !r.Warnings.Has("healthconnect-more") {
		t.Errorf("%d", len(r.Warnings))
	}
	if r := read(t, night, Options{Zone: "Mars"}); r.Warnings.Err() == nil {
		t.Error("a zone on Mars")
	}
}

func TestRecognise(t *testing.T) {
	for in, want := range map[string]bool{
		`{"SleepSessionRecord":[]}`: true, night: true, "\xef\xbb\xbf [{\"type\":\"SLEEP_SESSION\"}]": true,
		`{"sleep":[{"bedtime_start":1}]}`: false, "Id,Tz,startZoneOffset": false, "": false,
	} {
		if got := Recognise([]byte(in), ""); got != want {
			t.Errorf("%.30s: %v", in, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"SleepSessionRecord":[` + night + `]}`))
	f.Add([]byte(`[{"recordType":"HeartRateRecord","samples":[{"time":1700000000000,"bpm":{"value":"60"}}]},{"type":"Steps","start":1,"count":5}]`))
	f.Add([]byte(`{"records":{"data":[{"startZoneOffset":{"totalSeconds":3600},"stages":[{"stage":"STAGE_TYPE_REM"}]}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read(bytes.NewReader(b), Options{Zone: "+01:00"})
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
