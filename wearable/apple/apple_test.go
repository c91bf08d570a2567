package apple

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
)

// clock writes hours after midnight of 23 November 2026, in Stockholm's winter.
func clock(hours float64) string {
	return time.Date(2026, 11, 23, 0, 0, 0, 0, time.FixedZone("", 3600)).
		Add(time.Duration(math.Round(hours*3600)) * time.Second).Format("2006-01-02 15:04:05 -0700")
}

const (
	watchName = "Kim’s Apple Watch"
	phoneName = "iPhone"
)

// stage writes a record of sleep.
func stage(source, value string, from, to float64) string {
	device := ""
	if source == watchName {
		device = watchDevice + " "
	}
	return fmt.Sprintf("<Record type=\"HKCategoryTypeIdentifierSleepAnalysis\" sourceName=\"%s\" sourceVersion=\"10.1\" %sstartDate=\"%s\" endDate=\"%s\" value=\"HKCategoryValueSleepAnalysis%s\"/>\n",
		source, device, clock(from), clock(to), value)
}

// quantity writes a record of a quantity.
func quantity(kind, source, unit string, from float64, value string) string {
	return fmt.Sprintf("<Record type=\"HKQuantityTypeIdentifier%s\" sourceName=\"%s\" unit=\"%s\" startDate=\"%s\" endDate=\"%s\" value=\"%s\"/>\n",
		kind, source, unit, clock(from), clock(from), value)
}

func document(records ...string) string {
	return doctype + "<HealthData locale=\"sv_SE\">\n" + strings.Join(records, "") + "</HealthData>\n"
}

func read(t testing.TB, opt Options, records ...string) wearable.Result {
	t.Helper()
	r, err := ReadXML(strings.NewReader(document(records...)), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var stockholm = Options{Zone: "Europe/Stockholm"}

// A night from 23:00 to 06:00 by hand: 1 h core, 1 h deep, half an hour awake, a
// gap of half an hour, 2 h core, 2 h REM.
var night = []string{
	stage(watchName, "AsleepCore", -1, 0), stage(watchName, "AsleepDeep", 0, 1), stage(watchName, "Awake", 1, 1.5),
	stage(watchName, "AsleepCore", 2, 4), stage(watchName, "AsleepREM", 4, 6),
}

const nightRuns = "120L 120N3 60W 60? 240L 240R"

func TestANight(t *testing.T) {
	records := append([]string{
		quantity("HeartRate", watchName, "count/min", -1.5, "80"), // before
		quantity("HeartRate", watchName, "count/min", 0, "50"),
		quantity("HeartRate", watchName, "count/min", 5.9, "1"+"."),
		quantity("HeartRate", watchName, "count/s", 5, "0.8"),
		quantity("HeartRate", watchName, "count/min", 6, "90"), // the end is after the night
		quantity("HeartRateVariabilitySDNN", watchName, "ms", 1, "40.5"),
		quantity("HeartRateVariabilitySDNN", watchName, "ms", 2, "50.5"),
		quantity("RespiratoryRate", watchName, "count/min", 3, "14.5"),
		quantity("OxygenSaturation", watchName, "%", 3, "0.96"),
		quantity("OxygenSaturation", watchName, "%", 4, "98"),
		strings.Replace(quantity("AppleSleepingWristTemperature", watchName, "degC", -1, "35.25"), `endDate="`+clock(-1), `endDate="`+clock(6), 1),
		quantity("StepCount", watchName, "count", 9, "100"), quantity("StepCount", phoneName, "count", 9.2, "150"),
		quantity("StepCount", watchName, "count", 9.5, "100"), quantity("StepCount", phoneName, "count", 12, "30"),
		quantity("StepCount", watchName, "count", -2, "7"), // of the day before
		stage(phoneName, "InBed", -1.25, 6.25),
	}, night...)
	r := read(t, stockholm, records...)
	if len(r.Nights) != 1 || len(r.Warnings) > 0 {
		t.Fatalf("%+v %v", r, r.Warnings)
	}
	n := r.Nights[0]
	if n.Date.String() != "2026-11-23" || n.Main.String() != nightRuns || n.Zone != "Europe/Stockholm" || n.Source.Model != "Watch6,2" || n.Source.Algorithm != "10.1" {
		t.Errorf("%v %v %+v", n.Date, n.Main, n.Source)
	}
	m := n.Measured
	// 50, 48 and 1 are within: (50+48+1)/3 = 33.
	if *m.HeartRateMeanBPM != 33 || *m.HeartRateLowestBPM != 1 || *m.SDNNMeanMS != 45.5 || m.RMSSDMeanMS != nil || *m.BreathsPerMin != 14.5 ||
		math.Abs(*m.OxygenSaturationPct-97) > 1e-12 || *m.TemperatureC != 35.25 {
		b, _ := json.Marshal(m)
		t.Errorf("%s", b)
	}
	// Of the hour from 9 the watch has 200 and the phone 150; from 12 only the phone.
	if *m.Steps != 230 || *n.Stated.TIBMin != 450 {
		t.Errorf("%v steps, %v min in bed", *m.Steps, *n.Stated.TIBMin)
	}
}

// nights tells date, main sleep and number of naps of each night.
func nights(r wearable.Result) string {
	s := ""
	for _, n := range r.Nights {
		s += fmt.Sprintf("%v %v/%d;", n.Date, n.Main, len(n.Naps))
	}
	return s
}

func whole(source, value string) string { return stage(source, value, -1, 6) }

// What aggregators of these exports get wrong, and the oddities of devices.
func TestOddities(t *testing.T) {
	const want = "2026-11-23 " + nightRuns + "/0;"
	unspecified := "2026-11-23 840S/0;"
	with := func(more ...string) []string { return append(more, night...) }
	for name, c := range map[string]struct {
		records []string
		opt     Options
		want    string
	}{
		"asleep and stages of one source are one sleep": {with(whole(watchName, "AsleepUnspecified")), stockholm, "2026-11-23 120L 120N3 60W 60S 240L 240R/0;"},
		"two apps tell of the same night":               {with(whole("AutoSleep", "Asleep"), whole("Pillow", "AsleepUnspecified")), stockholm, want},
		"two apps with stages: the watch":               {with(whole("Pillow", "AsleepCore")), stockholm, want},
		"the phone's night beside the watch's":          {with(whole(phoneName, "Asleep"), whole(phoneName, "InBed")), stockholm, want},
		"the order given":                               {with(whole("Pillow", "AsleepUnspecified")), Options{Zone: "Europe/Stockholm", Sources: []string{"Pillow", watchName}}, unspecified},
		"the order given, of which one is not there":    {with(whole("Pillow", "AsleepUnspecified")), Options{Zone: "Europe/Stockholm", Sources: []string{"Oura", watchName}}, want},
		"a watch before a phone":                        {[]string{whole(watchName, "Asleep"), stage(phoneName, "Asleep", -1, 6.5)}, stockholm, unspecified},
		"a fragment does not win":                       {[]string{stage(watchName, "AsleepDeep", 1, 2), whole(phoneName, "Asleep")}, stockholm, unspecified},
		"every record twice":                            {append(with(), night...), stockholm, want},
		"split by an hour awake":                        {[]string{stage(watchName, "AsleepCore", -1, 3), stage(watchName, "AsleepCore", 4, 6)}, stockholm, "2026-11-23 480L 120? 240L/0;"},
		"two long parts, two hours apart":               {[]string{stage(watchName, "AsleepCore", -3, 1), stage(watchName, "AsleepCore", 3, 7)}, stockholm, "2026-11-23 480L 240? 480L/0;"},
		"a nap":                                         {with(stage(watchName, "AsleepCore", 13, 13.5)), stockholm, "2026-11-23 " + nightRuns + "/1;"},
		"a nap after three is of the coming night":      {with(stage(watchName, "AsleepCore", 15.5, 16.5)), stockholm, want + "2026-11-24 /1;"},
		"eighteen minutes of nothing but wake":          {[]string{stage(watchName, "Awake", 2, 2.3)}, stockholm, ""},
		"in bed, and nothing tells of sleep":            {[]string{whole(phoneName, "InBed")}, stockholm, "2026-11-23 /0;"},
		"across the window's edge":                      {[]string{stage(watchName, "AsleepCore", 11, 17)}, stockholm, "2026-11-23 720L/0;"},
		"of no length":                                  {[]string{stage(watchName, "AsleepCore", 1, 1)}, stockholm, ""},
		"nothing":                                       {nil, stockholm, ""},
	} {
		r := read(t, c.opt, c.records...)
		if got := nights(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if len(r.Warnings) > 0 {
			t.Errorf("%s: %v", name, r.Warnings)
		}
	}
}

// Asleep and stages told beside each other were 13 h 37 min in a known program;
// the night had 6 h 49 min.
func TestNothingCountsTwice(t *testing.T) {
	r := read(t, stockholm, stage(watchName, "AsleepUnspecified", 0, 6+49.0/60), stage(watchName, "AsleepCore", 0, 6), stage(watchName, "AsleepREM", 6, 6+49.0/60))
	a, ok := sleep.ArchitectureOf(r.Nights[0].Main, sleep.Lights{})
	if !ok || *a.TSTMin != 409 {
		t.Errorf("%v min", *a.TSTMin)
	}
}

// The records of a file may come in any order.
func TestOrderOfRecordsDoesNotMatter(t *testing.T) {
	all := append([]string{whole(phoneName, "InBed"), whole("Pillow", "Asleep"), stage(watchName, "AsleepCore", 13, 14), stage(phoneName, "InBed", 20, 23)}, night...)
	want := nights(read(t, stockholm, all...))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := nights(read(t, stockholm, all...)); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}

// The time in bed of a night of two parts is stated once.
func TestTimeInBedOfParts(t *testing.T) {
	r := read(t, stockholm, stage(phoneName, "InBed", -1, 6), stage(watchName, "InBed", -0.5, 6.5), stage(watchName, "AsleepCore", -1, 2), stage(watchName, "AsleepCore", 4, 6), whole("Pillow", "AsleepCore"))
	if n := r.Nights[0]; *n.Stated.TIBMin != 450 {
		t.Errorf("%v", *n.Stated.TIBMin)
	}
}

// A day between nights that has steps and no sleep is a night without data;
// before the first and after the last there was nothing to sleep with.
func TestNightsWithoutSleep(t *testing.T) {
	late := stage(watchName, "AsleepCore", 47, 54)
	r := read(t, Options{}, append([]string{quantity("StepCount", phoneName, "count", -50, "5"), quantity("StepCount", phoneName, "count", 30, "5000"), late}, night...)...)
	if len(r.Nights) != 3 || r.Nights[1].Status != sleep.NoData || r.Nights[1].Zone != "+01:00" || *r.Nights[1].Measured.Steps != 5000 {
		t.Errorf("%+v", r.Nights)
	}
}

// The export writes all times by the clock of the phone that exported; a record
// says inside where it was made. 04:00 to 11:00 in Stockholm is 22:00 to 05:00
// in New York, and an afternoon in New York is no night there.
func TestTravel(t *testing.T) {
	at := func(zone string, from, to float64) string {
		return strings.Replace(stage(watchName, "AsleepCore", from, to), "/>", "><MetadataEntry key=\"HKTimeZone\" value=\""+zone+"\"/><MetadataEntry value='1' key='HKWasUserEntered'/></Record>", 1)
	}
	r := read(t, Options{}, at("America/New_York", 4, 11), at("America/New_York", 20, 20.5), at("Nowhere/None", 28, 35))
	if len(r.Nights) != 2 || r.Nights[0].Zone != "-05:00" || r.Nights[0].Date.String() != "2026-11-23" || r.Nights[1].Zone != "+01:00" {
		t.Fatalf("%+v", r.Nights)
	}
	// 20:00 in Stockholm is 14:00 in New York, still of the night to the 23rd.
	if start, _ := r.Nights[0].Main.Start(); start.Hour() != 22 || len(r.Nights[0].Naps) != 1 {
		t.Errorf("%v, %d naps", start, len(r.Nights[0].Naps))
	}
	home := read(t, stockholm, at("America/New_York", 4, 11))
	if home.Nights[0].Zone != "Europe/Stockholm" {
		t.Error(home.Nights[0].Zone)
	}
}

// On 25 October 2026 clocks went back at three: 23:00 to 06:00 is eight hours,
// and on 29 March six.
func TestClockChange(t *testing.T) {
	for _, c := range []struct {
		from, to string
		epochs   int
	}{
		{"2026-10-24 23:00:00 +0200", "2026-10-25 06:00:00 +0100", 960},
		{"2026-03-28 23:00:00 +0100", "2026-03-29 06:00:00 +0200", 720},
	} {
		r := read(t, stockholm, fmt.Sprintf(`<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="w" startDate="%s" endDate="%s" value="HKCategoryValueSleepAnalysisAsleepCore"/>`, c.from, c.to))
		if n := r.Nights[0]; n.Main.Len() != c.epochs || n.Main.Epoch() != 30*time.Second || n.Date.String() != c.to[:10] {
			t.Errorf("%v %v", n.Date, n.Main)
		}
	}
}

// One document, written in every way that XML allows, in pieces of every size.
func TestWaysOfWriting(t *testing.T) {
	record := `<Record
	type = 'HKCategoryTypeIdentifierSleepAnalysis' value="HKCategoryValueSleepAnalysisAsleepCore" endDate="` + clock(6) + `"
	startDate="` + clock(-1) + `" unknown="a &gt; b > c" device='&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch, model:Watch, hardware:Watch6,2&gt;' sourceName="Bo &amp; Åsa&#39;s &quot;w&#x41;tch&#10;&quot;"  />`
	for name, doc := range map[string]string{
		"bare":            `<HealthData>` + record + `</HealthData>`,
		"doctype":         document(record),
		"byte-order mark": "\xef\xbb\xbf" + document(record),
		"comments and CDATA": `<?xml version="1.0"?><!-- <Record type="HKCategoryTypeIdentifierSleepAnalysis"> - -->` + "\n" + `<HealthData><!----><![CDATA[ <Record ]] > ]]>text > text` +
			record + `<?pi <Record ?><![CDATA[]]></HealthData>`,
		"inside a correlation":        `<HealthData><Correlation type="x">` + record + `</Correlation></HealthData>`,
		"with its end tag":            `<HealthData><Other/>` + strings.Replace(record, "/>", "></Record>", 1) + `</HealthData >`,
		"a doctype that iOS 16 broke": `<!DOCTYPE HealthData [` + "\n<!ELEMENT Record (a)>\n  startDate CDATA #IMPLIED\n>\n<!ATTLIST Record value CDATA 'it&apos;s ]>'>\n]>" + `<HealthData>` + record + `</HealthData>`,
		"system identifier":           `<!DOCTYPE HealthData SYSTEM "a>b.dtd" ><HealthData>` + record + `</HealthData>`,
	} {
		for _, in := range []struct {
			how string
			r   func() (wearable.Result, error)
		}{
			{"whole", func() (wearable.Result, error) { return ReadXML(strings.NewReader(doc), stockholm) }},
			{"by bytes", func() (wearable.Result, error) {
				return ReadXML(iotest.OneByteReader(strings.NewReader(doc)), stockholm)
			}},
		} {
			r, err := in.r()
			if err != nil || len(r.Nights) != 1 || r.Nights[0].Main.String() != "840L" || len(r.Warnings) > 0 {
				t.Errorf("%s, %s: %v %v", name, in.how, r, err)
				continue
			}
			if rec := r.Decisions[0].Record; rec != "Bo & Åsa's \"wAtch\n\" 2026-11-22T22:00:00Z" || r.Nights[0].Source.Model != "Watch6,2" {
				t.Errorf("%s, %s: %q", name, in.how, rec)
			}
		}
	}
}

// No entity that the document declares is expanded, however often it refers to
// itself; the record that uses it is left out, and the others stand.
func TestEntitiesAreNotExpanded(t *testing.T) {
	doc := `<!DOCTYPE HealthData [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><HealthData>` +
		stage("&b;", "AsleepCore", -1, 6) + stage("&c;", "AsleepCore", -1, 6) + whole(watchName, "AsleepDeep") + `</HealthData>`
	r, err := ReadXML(strings.NewReader(doc), stockholm)
	if err != nil || nights(r) != "2026-11-23 840N3/0;" || !r.Warnings.Has("apple-entity") || len(r.Warnings) != 2 {
		t.Errorf("%s %v %v", nights(r), r.Warnings, err)
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	good := night[0]
	for name, c := range map[string]struct {
		doc  string
		code fault.Code
	}{
		"empty":                    {"", "apple-empty"},
		"not XML":                  {"a,b,c\n1,2,3\n", "apple-empty"},
		"the other document":       {`<ClinicalDocument xmlns="urn:hl7-org:v3"/>`, "apple-root"},
		"UTF-16":                   {"\xff\xfe<\x00", "apple-encoding"},
		"cut in a tag":             {document(good)[:len(document(good))-60], "apple-xml"},
		"cut in a comment":         {"<HealthData><!-- ", "apple-xml"},
		"cut in the doctype":       {doctype[:500], "apple-xml"},
		"a quotation mark lost":    {document(strings.Replace(good, `" endDate`, ` endDate`, 1)), "apple-xml"},
		"an attribute without any": {document(strings.Replace(good, `startDate="`, `startDate=x"`, 1)), "apple-xml"},
		"a tag in a tag":           {document("<Record <Record/>"), "apple-xml"},
		"a tag without end":        {"<HealthData><Record a=\"" + strings.Repeat("x", 3<<20), "apple-xml"},
	} {
		if _, err := ReadXML(strings.NewReader(c.doc), stockholm); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	for name, c := range map[string]struct {
		record string
		code   fault.Code
	}{
		"the thirtieth of February": {strings.Replace(good, "2026-11-22", "2026-02-30", 1), "apple-time"},
		"an end before its start":   {stage(watchName, "AsleepCore", 6, -1), "apple-time"},
		"a time without offset":     {strings.Replace(good, " +0100", "", 1), "apple-time"},
		"an unknown value":          {stage(watchName, "AsleepSnoring", 0, 1), "apple-value"},
		"a sleep of weeks":          {stage(watchName, "AsleepCore", 0, 400), "apple-bounds"},
		"a unit":                    {quantity("HeartRate", watchName, "Hz", 0, "1"), "apple-unit"},
		"no number":                 {quantity("HeartRate", watchName, "count/min", 0, "NaN"), "apple-number"},
	} {
		if r := read(t, stockholm, c.record); !r.Warnings.Has(c.code) || len(r.Nights) > 0 {
			t.Errorf("%s: %v", name, r.Warnings)
		}
	}
	if r := read(t, stockholm, strings.Repeat(stage(watchName, "?", 0, 1), 1000)); len(r.Warnings) != maxProblems+1 || !r.Warnings.Has("apple-more") {
		t.Errorf("%d problems", len(r.Warnings))
	}
	cut, err := ReadXML(strings.NewReader(strings.TrimSuffix(document(night...), "</HealthData>\n")), stockholm)
	if err != nil || !cut.Warnings.Has("apple-cut") || len(cut.Nights) != 1 {
		t.Errorf("%v %v", cut, err)
	}
	if _, err := ReadXML(strings.NewReader(document()), Options{Zone: "Mars"}); fault.CodeOf(err) != "zone-unknown" {
		t.Error(err)
	}
	if _, err := ReadXML(iotest.TimeoutReader(strings.NewReader(document(strings.Repeat(good, 2000)))), stockholm); fault.CodeOf(err) != "apple-read" {
		t.Error(err)
	}
}

func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"apple_health_export/export_cda.xml", "apple_health_export/Exportieren.xml", "apple_health_export/workout-routes/route.gpx"} {
		if content, ok := files[name]; ok {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The document has other names in other languages and stands beside others.
func TestZip(t *testing.T) {
	files := map[string]string{"apple_health_export/export_cda.xml": "<?xml version=\"1.0\"?><ClinicalDocument/>", "apple_health_export/Exportieren.xml": document(night...), "apple_health_export/workout-routes/route.gpx": "<gpx/>"}
	b := zipped(t, files)
	if !Recognise(b[:600], "Kim/Exportieren.zip") {
		t.Error("the zip is not recognised")
	}
	list, err := archive.Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(list, stockholm)
	if err != nil || nights(r) != "2026-11-23 "+nightRuns+"/0;" {
		t.Errorf("%s %v", nights(r), err)
	}
	if r, err = Read([]archive.File{archive.Bytes("export", []byte(document(night...)))}, stockholm); err != nil || len(r.Nights) != 1 {
		t.Error(err)
	}
	two := []archive.File{archive.Bytes("a.xml", []byte(document(night[0]))), archive.Bytes("b.xml", []byte(document(night...)))}
	if r, err = Read(two, stockholm); err != nil || nights(r) != "2026-11-23 "+nightRuns+"/0;" || !r.Warnings.Has("apple-several") || r.Warnings[0].Place != "a.xml" {
		t.Errorf("%s %v %v", nights(r), r.Warnings, err)
	}
	if _, err := Read([]archive.File{archive.Bytes("a.xml", []byte("<a/>"))}, stockholm); fault.CodeOf(err) != "apple-none" {
		t.Error(err)
	}
}

func TestRecognise(t *testing.T) {
	for _, c := range []struct {
		head, name string
		want       bool
	}{
		{doctype, "export.xml", true},
		{"\xef\xbb\xbf\n<HealthData>", "x", true},
		{"<ClinicalDocument>", "export.xml", false},
		{"Id,Tz,<HealthData>", "sleep.csv", false},
		{"PK\x03\x04", "takeout.zip", false},
		{"PK\x03\x04", "a/apple_health_export.zip", true},
		{"", "", false},
	} {
		if got := Recognise([]byte(c.head), c.name); got != c.want {
			t.Errorf("%.20q: %v", c.head, got)
		}
	}
}

// A made-up export of some weeks has the nights that its generator wrote.
func TestGenerated(t *testing.T) {
	var b bytes.Buffer
	want, size, err := generate(&b, 4<<20, 7)
	if err != nil || size != int64(b.Len()) || size < 4<<20 {
		t.Fatal(size, err)
	}
	r, err := ReadXML(&b, Options{})
	if err != nil || len(r.Nights) < want || len(r.Warnings) > 0 {
		t.Fatalf("%d nights of %d, %v %v", len(r.Nights), want, r.Warnings, err)
	}
	for _, n := range r.Nights {
		if n.Main.IsEmpty() {
			continue
		}
		if d := n.Main.Duration(); d < 6*time.Hour-time.Minute || d > 8*time.Hour+time.Minute || n.Measured.HeartRateMeanBPM == nil {
			t.Errorf("%v: %v", n.Date, d)
		}
	}
}

// The clock moved by whole days moves the dates and nothing else, and so does a
// night added after the others.
func TestShiftedAndAdded(t *testing.T) {
	for _, days := range []float64{-400, -1, 1, 100} {
		var shifted []string
		for _, s := range []struct {
			value    string
			from, to float64
		}{{"AsleepCore", -1, 0}, {"AsleepDeep", 0, 1}, {"Awake", 1, 1.5}, {"AsleepCore", 2, 4}, {"AsleepREM", 4, 6}} {
			shifted = append(shifted, stage(watchName, s.value, s.from+24*days, s.to+24*days))
		}
		r := read(t, Options{Zone: "+01:00"}, shifted...)
		if want := time.Date(2026, 11, 23+int(days), 0, 0, 0, 0, time.UTC).Format("2006-01-02 ") + nightRuns + "/0;"; nights(r) != want {
			t.Errorf("%v days: %s, want %s", days, nights(r), want)
		}
		both := read(t, Options{Zone: "+01:00"}, append(shifted, night...)...)
		if len(both.Nights) != 2 || !strings.Contains(nights(both), "2026-11-23 "+nightRuns+"/0;") {
			t.Errorf("%v days: %s", days, nights(both))
		}
	}
}

// Measurements in any order, many in one minute, give the same mean.
func TestSeries(t *testing.T) {
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	rng := rand.New(rand.NewPCG(3, 4))
	var in []int
	for i := range 20000 {
		in = append(in, i)
	}
	for range 3 {
		var s series
		for _, i := range in {
			s.add(start.Unix()+int64(i/100*60), float64(40+i%100)) // a hundred in each of two hundred minutes
		}
		// Minutes 10 and 11 of which each has 40 … 139.
		mean, least := s.between(start.Add(10*time.Minute+30*time.Second), start.Add(12*time.Minute))
		if mean == nil || *mean != 89.5 || *least != 40 {
			t.Fatalf("%v %v", mean, least)
		}
		if mean, _ := s.between(start.Add(200*time.Minute), start.Add(300*time.Minute)); mean != nil {
			t.Error("a mean of nothing")
		}
		rng.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	}
	var s series
	s.add(math.MaxInt64/2, 1)
	s.add(-1, 1)
	if s.Len() != 0 {
		t.Error("a time that is none")
	}
}
