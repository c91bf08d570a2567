package oura

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
)

func hypnogram(t testing.TB, runs string) sleep.Hypnogram {
	t.Helper()
	stages, err := sleep.ParseStages(runs, 5760)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	h, err := sleep.NewHypnogram(time.Date(2026, 11, 22, 23, 10, 0, 0, zone), 30*time.Second, stages)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func write(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func document(t testing.TB) Sleep {
	t.Helper()
	d, err := FromHypnogram("s1", hypnogram(t, "20W 300N2 100N3 80R 9W 300N2 90R 1W"))
	if err != nil {
		t.Fatal(err)
	}
	v2, hr, low, hrv := "v2", 54.5, 47.0, 61.0
	d.Algorithm, d.HeartRateMean, d.HeartRateLowest, d.HRVMean = &v2, &hr, &low, &hrv
	return d
}

// What a made-up ring writes, the reader reads.
func TestWrittenDocumentsReadBack(t *testing.T) {
	d := document(t)
	score, dev, steps := 81.0, -0.2, 8123.0
	day := civil.On(2026, 11, 23)
	docs := Documents{
		Sleep:          []Sleep{d},
		DailySleep:     []DailySleep{{ID: "d1", Day: day, Score: &score, Timestamp: "2026-11-23T00:00:00+01:00"}},
		DailyReadiness: []DailyReadiness{{ID: "r1", Day: day, Score: &score, TemperatureDeviation: &dev, Timestamp: "2026-11-23T00:00:00+01:00"}},
		DailyActivity:  []DailyActivity{{ID: "a1", Day: day, Steps: &steps, Timestamp: "2026-11-23T04:00:00+01:00"}},
	}
	back, problems, err := Read(bytes.NewReader(write(t, docs)))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	r := Nights(back, Options{Zone: "Europe/Stockholm"})
	if len(r.Warnings) > 0 || len(r.Nights) != 1 {
		t.Fatalf("%v %v", r.Nights, r.Warnings)
	}
	n := r.Nights[0]
	if n.Date != day || n.Main.String() != "20W 300L 100N3 80R 9W 300L 90R 1W" || n.Source.Algorithm != "v2" || n.Source.Records[0] != "s1" {
		t.Errorf("%+v", n)
	}
	m := n.Measured
	if *m.HeartRateLowestBPM != 47 || *m.SleepScore != 81 || *m.TemperatureDeviationC != -0.2 || *m.Steps != 8123 || m.BreathsPerMin != nil {
		t.Errorf("%+v", m)
	}
	a, _ := n.Architecture()
	if *a.TSTMin != *n.Stated.TSTMin || *a.N3Min != *n.Stated.N3Min || *a.REMMin != *n.Stated.REMMin || *a.SOLMin != *n.Stated.SOLMin || a.N2Min != nil {
		t.Errorf("computed %v, stated %v", *a.TSTMin, *n.Stated.TSTMin)
	}
	if r.Decisions[0].Action != "kept" {
		t.Errorf("%v", r.Decisions)
	}
}

// Every shape in which documents come gives the same night.
func TestShapes(t *testing.T) {
	d := document(t)
	one, list := write(t, d), write(t, []Sleep{d})
	for name, in := range map[string][]byte{
		"a document":             one,
		"a list":                 list,
		"a page":                 write(t, Page[Sleep]{Data: []Sleep{d}}),
		"two pages in a row":     append(write(t, Page[Sleep]{Data: []Sleep{}}), write(t, Page[Sleep]{Data: []Sleep{d}})...),
		"a list of pages":        write(t, []Page[Sleep]{{Data: []Sleep{d}}}),
		"routes":                 write(t, Documents{Sleep: []Sleep{d}}),
		"routes with pages":      []byte(`{"sleep": {"data": ` + string(list) + `, "next_token": null}, "daily_sleep": null}`),
		"a document to a line":   append(append(one, '\n'), one...),
		"with unknown neighbour": []byte(`[{"id": "x", "color": "red"}, ` + string(one) + `]`),
	} {
		docs, _, err := Read(bytes.NewReader(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := Nights(docs, Options{})
		if len(r.Nights) != 1 || r.Nights[0].Zone != "+01:00" || r.Nights[0].Main.Len() != d.TimeInBed/30 {
			t.Errorf("%s: %d nights, %v", name, len(r.Nights), r.Warnings)
		}
	}
}

// The single documents, by kind, recognised by the fields of their own.
func TestKindsAreTold(t *testing.T) {
	docs, problems, err := Read(strings.NewReader(`
		{"id":"1","day":"2026-11-23","score":80,"timestamp":"2026-11-23T00:00:00+00:00","contributors":{"deep_sleep":70,"timing":null}}
		{"id":"2","day":"2026-11-23","score":null,"timestamp":"2026-11-23T00:00:00+00:00","contributors":{"hrv_balance":70}}
		{"id":"3","day":"2026-11-23","timestamp":"2026-11-23T04:00:00+00:00","contributors":{},"steps":12,"active_calories":1}
		{"id":"4","day":"2026-11-23","contributors":{},"temperature_deviation":0.1,"timestamp":"2026-11-23T00:00:00+00:00"}`))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if len(docs.DailySleep) != 1 || len(docs.DailyReadiness) != 2 || len(docs.DailyActivity) != 1 {
		t.Errorf("%+v", docs)
	}
	r := Nights(docs, Options{})
	if len(r.Nights) != 1 || r.Nights[0].Status != sleep.NoData || !r.Nights[0].Main.IsEmpty() {
		t.Errorf("%+v", r.Nights)
	}
}

func TestARingInADrawer(t *testing.T) {
	day := func(class byte) string {
		return `{"id":"1","day":"2026-11-22","timestamp":"2026-11-22T04:00:00+01:00","contributors":{},"steps":12,"class_5_min":"` + strings.Repeat("2", 192) + strings.Repeat(string(class), 96) +
			`"},{"id":"2","day":"2026-11-23","timestamp":"2026-11-23T04:00:00+01:00","contributors":{},"steps":0}`
	}
	for class, want := range map[byte]sleep.Status{'0': sleep.NotWorn, '1': sleep.NoData} {
		docs, _, err := Read(strings.NewReader("[" + day(class) + "]"))
		if err != nil {
			t.Fatal(err)
		}
		nights := Nights(docs, Options{}).Nights
		if len(nights) != 2 || nights[1].Status != want {
			t.Errorf("class %c: %+v", class, nights)
		}
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	change := func(f func(*Sleep)) []byte {
		d := document(t)
		f(&d)
		return write(t, d)
	}
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		in     []byte
		nights int
		code   fault.Code
	}{
		"totals that differ":       {change(func(d *Sleep) { d.TotalSleep = number(3600) }), 1, "oura-total"},
		"an unknown phase":         {change(func(d *Sleep) { d.Phase30Sec = text("0" + (*d.Phase30Sec)[1:]) }), 1, "oura-phase"},
		"phases too few":           {change(func(d *Sleep) { d.Phase30Sec = text((*d.Phase30Sec)[:300]) }), 1, "oura-length"},
		"no offset":                {change(func(d *Sleep) { d.BedtimeFrom = "2026-11-22T23:10:00" }), 0, "oura-time"},
		"up before going to bed":   {change(func(d *Sleep) { d.BedtimeFrom, d.BedtimeTo = d.BedtimeTo, d.BedtimeFrom }), 0, "oura-bedtime"},
		"no id":                    {change(func(d *Sleep) { d.ID = "" }), 0, "oura-id"},
		"phases for weeks":         {change(func(d *Sleep) { d.Phase30Sec = text(strings.Repeat("2", 100000)) }), 0, "oura-phase"},
		"a document of wrong type": {[]byte(`[{"id":7,"bedtime_start":1}]`), 0, "oura-document"},
	} {
		docs, problems, err := Read(bytes.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		r := Nights(docs, Options{})
		if all := append(problems, r.Warnings...); !all.Has(c.code) || len(r.Nights) != c.nights {
			t.Errorf("%s: %d nights, %v, want %s", name, len(r.Nights), all, c.code)
		}
	}
	for in, code := range map[string]fault.Code{"": "oura-empty", "[]": "oura-empty", `{"a":`: "oura-json", "\x00": "oura-json", `{"data":[]}`: "oura-empty"} {
		if _, _, err := Read(strings.NewReader(in)); fault.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", in, err, code)
		}
	}
}

func TestOnlyFiveMinutes(t *testing.T) {
	d := document(t)
	d.Phase30Sec = nil
	r := Nights(Documents{Sleep: []Sleep{d}}, Options{})
	if len(r.Nights) != 1 || r.Nights[0].Main.Epoch() != 5*time.Minute || len(r.Warnings) > 0 {
		t.Errorf("%+v", r)
	}
	d.Phase5Min = nil
	r = Nights(Documents{Sleep: []Sleep{d}}, Options{})
	if len(r.Nights) != 1 || !r.Nights[0].Main.IsEmpty() || math.Abs(*r.Nights[0].Stated.TSTMin-435) > 1e-9 {
		t.Errorf("totals alone: %+v", r)
	}
}

func TestStagesThatARingDoesNotKnowAreRefused(t *testing.T) {
	for _, runs := range []string{"10W 3?", "10S"} {
		if _, err := FromHypnogram("x", hypnogram(t, runs)); fault.CodeOf(err) != "oura-stage" {
			t.Errorf("%s: %v", runs, err)
		}
	}
}

// The phases and the required fields, as Oura's own OpenAPI document has them.
func TestOpenAPI(t *testing.T) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(dir, "data", "oura_openapi", "spec", "openapi.json"))
	if err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	var spec struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Description string }
				Required   []string
			}
		}
	}
	if err := json.Unmarshal(b, &spec); err != nil {
		t.Fatal(err)
	}
	schemas := spec.Components.Schemas
	text := schemas["PublicModifiedSleepModel"].Properties["sleep_phase_30_sec"].Description
	for _, want := range []string{"'1' = deep", "'2' = light", "'3' = REM", "'4' = awake"} {
		if !strings.Contains(text, want) {
			t.Errorf("the specification does not say %s: %s", want, text)
		}
	}
	for schema, doc := range map[string]any{
		"PublicModifiedSleepModel": Sleep{}, "PublicDailySleep": DailySleep{}, "PublicDailyReadiness": DailyReadiness{}, "PublicDailyActivity": DailyActivity{},
	} {
		var ours map[string]any
		if err := json.Unmarshal(write(t, doc), &ours); err != nil {
			t.Fatal(err)
		}
		for name := range ours {
			if _, ok := schemas[schema].Properties[name]; !ok {
				t.Errorf("%s has no field %s", schema, name)
			}
		}
		for _, name := range schemas[schema].Required {
			if _, ok := ours[name]; !ok && schema != "PublicDailyActivity" {
				t.Errorf("%s requires %s", schema, name)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	d := write(f, document(f))
	f.Add(d)
	f.Add([]byte(`{"data":[` + string(d) + `],"next_token":null}`))
	f.Add([]byte(`[[[[[[[[[[]]]]]]]]]]`))
	f.Add([]byte(`{"sleep":{"sleep":{"sleep":{"data":{"data":1}}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		docs, _, err := Read(bytes.NewReader(b))
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		for _, n := range Nights(docs, Options{}).Nights {
			if _, err := json.Marshal(n); err != nil {
				t.Fatalf("a night that cannot be written: %v", err)
			}
		}
	})
}
