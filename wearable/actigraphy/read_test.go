package actigraphy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

const preamble = `------------ Data File Created By ActiGraph wGT3X-BT ActiLife v6.13.4 Firmware v1.9.2 date format %s Filter Normal -----------
Serial Number: MOS2D00000000
Start Time 15:00:00
Start Date %s
Epoch Period (hh:mm:ss) %s
Download Time 09:00:00
Download Date %s
Current Memory Address: 0
Current Battery Voltage: 4.1     Mode = 12
--------------------------------------------------
`

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Six epochs of 30 s, of which the fourth has no count, in every way of writing.
func TestWaysOfWriting(t *testing.T) {
	actilife := func(format, date string) string { return fmt.Sprintf(preamble, format, date, "00:00:30", date) }
	stamped := func(layout, heading, comma string) string {
		s := heading + "\n"
		for i, v := range []string{"1", "2,5", "3", "", "5", "6"} {
			if comma == "," {
				v = strings.Replace(v, ",", ".", 1)
			}
			at := time.Date(2026, 11, 22, 15, 0, 30*i, 0, time.UTC)
			stamp := at.Format(layout)
			if layout == "offset" {
				stamp = at.Format("2006-01-02T15:04:05") + "+01:00"
			}
			if layout == "unix" {
				stamp = fmt.Sprint(at.Unix() - 3600)
			}
			s += stamp + comma + v + comma + "9\n"
		}
		return s
	}
	body := "1,9\n2.5,9\n3,9\n,9\n5,9\n6,9\n"
	for name, c := range map[string]struct {
		in     string
		layout Layout
	}{
		"ActiLife without a heading": {actilife("M/d/yyyy", "11/22/2026") + body, Layout{}},
		"ActiLife with one":          {actilife("M/d/yyyy", "11/22/2026") + "Axis1,Axis2\n" + body, Layout{}},
		"days first":                 {actilife("dd/MM/yyyy", "22/11/2026") + body, Layout{}},
		"years first":                {actilife("yyyy-MM-dd", "2026-11-22") + body, Layout{}},
		"German":                     {strings.ReplaceAll(actilife("dd.MM.yyyy", "22.11.2026")+"1;9\n2,5;9\n3;9\n;9\n5;9\n6;9\n", "\n", "\r\n"), Layout{}},
		"byte-order mark":            {"\xef\xbb\xbf" + actilife("M/d/yyyy", "11/22/2026") + body, Layout{}},
		"date and time":              {actilife("M/d/yyyy", "11/22/2026") + stamped("1/2/2006,15:04:05", "Date,Time,Axis1,Axis2", ","), Layout{}},
		"ISO times":                  {stamped("2006-01-02 15:04:05", "timestamp,axis1,axis2", ","), Layout{}},
		"times with an offset":       {stamped("offset", "timestamp,Axis1,Axis2", ","), Layout{}},
		"GENEActiv's times":          {stamped("2006-01-02 15:04:05:000", "Time;Counts;Light", ";"), Layout{}},
		"CentrePoint":                {strings.NewReplacer("\n", "\n7,8,").Replace(strings.TrimSuffix(stamped("unix", "Study Id,Subject Id,Timestamp,Y,Z", ","), "\n")) + "\n", Layout{}},
		"American times":             {stamped("1/2/2006 3:04:05 PM", "timestamp,Axis1,Axis2", ","), Layout{MonthFirst: true}},
		"a column named":             {stamped("2006-01-02 15:04:05", "time,ENMO,x", ","), Layout{Column: "enmo"}},
		"tabs":                       {stamped("2006-01-02 15:04:05", "time\tActivity\tx", "\t"), Layout{}},
	} {
		c.layout.Zone = zone(t)
		got, problems, err := Read(strings.NewReader(c.in), c.layout)
		if err != nil || len(problems.Errors()) > 0 || !problems.Has("actigraphy-number") {
			t.Errorf("%s: %v %v", name, err, problems)
			continue
		}
		if got.Start.Format(time.RFC3339) != "2026-11-22T15:00:00+01:00" || got.Epoch != 30*time.Second || fmt.Sprint(got.Values) != "[1 2.5 3 0 5 6]" || fmt.Sprint(got.Gaps) != "[false false false true false false]" {
			t.Errorf("%s: %+v", name, got)
		}
		m, err := got.Minutes()
		if err != nil || fmt.Sprint(m) != "[{3.5 true} {3 false} {11 true}]" {
			t.Errorf("%s: %v %v", name, m, err)
		}
	}
}

// Epochs left out are gaps, those told twice count once.
func TestGaps(t *testing.T) {
	in := "timestamp,axis1\n2026-11-22 22:00:00,1\n2026-11-22 22:01:00,2\n2026-11-22 22:04:00,3\n2026-11-22 22:04:00,4\n2026-11-22 22:05:00,5\n2026-11-22 22:06:00,6\n"
	c, problems, err := Read(strings.NewReader(in), Layout{})
	if err != nil || fmt.Sprint(c.Values) != "[1 2 0 0 3 5 6]" || !c.Gaps[2] || !problems.Has("actigraphy-order") || !problems.Has("actigraphy-zone") {
		t.Errorf("%v %v %v", c, problems, err)
	}
}

// A device's clock runs on through the hour that clocks on walls repeat: eleven
// hours from 20:00 on 24 October 2026 end at 06:00.
func TestClockChange(t *testing.T) {
	in := "timestamp,axis1\n"
	for i := range 11 * 60 {
		in += time.Date(2026, 10, 24, 20, i, 0, 0, time.UTC).Format("2006-01-02 15:04:05") + ",0\n"
	}
	c, problems, err := Read(strings.NewReader(in), Layout{Zone: zone(t)})
	if err != nil || len(problems) > 0 || len(c.Values) != 660 {
		t.Fatal(err, problems, len(c.Values))
	}
	if end := c.Start.Add(660 * time.Minute); end.Format("15:04 -0700") != "06:00 +0100" {
		t.Error(end)
	}
}

// record is counts from 15:00 on 22 November 2026, by runs.
func record(t testing.TB, runs string) Counts {
	t.Helper()
	c := Counts{Start: time.Date(2026, 11, 22, 15, 0, 0, 0, zone(t)), Epoch: time.Minute, Model: "wGT3X-BT"}
	for _, m := range counts(t, runs) {
		c.Values, c.Gaps = append(c.Values, m.Counts), append(c.Gaps, !m.Known)
	}
	return c
}

func nights(r wearable.Result) string {
	s := ""
	for _, n := range r.Nights {
		s += fmt.Sprintf("%v %v %v/%d;", n.Date, n.Status, n.Main, len(n.Naps))
	}
	return s
}

// quiet is minutes of sleep: now and then a movement, so that no rule takes the
// device for laid aside.
func quiet(minutes int) string { return strings.Repeat("50x0 3x50 ", minutes/53) }

// By hand, Cole–Kripke in ActiLife's scale: counts of 3000 are W at once, and
// three minutes of 50 (Σ of weights 0.5 at most) remain S. 480 min busy until
// 23:00; W reaches two minutes past them… of which the first five are scored by
// what came before: 106·30 = 3.18 at the fourth. So S from 23:04 on; and the two
// minutes before the morning's movement are W (74·30, 67·30).
func TestNights(t *testing.T) {
	busy := "480x3000 "
	for name, c := range map[string]struct {
		runs string
		opt  Options
		want string
	}{
		"a night":                   {busy + quiet(477) + "300x3000", Options{}, "2026-11-23 worn 471S/0;"},
		"a night without a device":  {busy + "477x0 300x3000", Options{}, "2026-11-23 not-worn /0;"},
		"two nights, one not worn":  {busy + quiet(477) + "483x3000 " + "477x0 " + "300x3000 600x0", Options{}, "2026-11-23 worn 471S/0;2026-11-24 not-worn /0;"},
		"no data":                   {busy + "477x? 300x3000", Options{}, "2026-11-23 no-data /0;"},
		"all night awake":           {"1260x3000", Options{}, "2026-11-23 worn /0;"},
		"split by an hour awake":    {busy + quiet(212) + "50x3000 " + quiet(265) + "300x3000", Options{}, "2026-11-23 worn 412S 112? 518S/0;"},
		"by day, to be still":       {"120x3000 53x0 3x50 53x0 1000x3000", Options{}, "2026-11-23 worn /0;"},
		"Sadeh, by a diary":         {"480x3000 " + quiet(477) + "303x3000", Options{Algorithm: "sadeh", InBed: bed(t, 23, 31)}, "2026-11-23 worn 4W 470S 6W/0;"},
		"nothing told of a device":  {"60x3000", Options{}, ""},
		"zeros, with no rule on it": {busy + "477x0 300x3000", Options{NonWear: "none"}, "2026-11-23 worn 471S/0;"},
		"across the window's edge":  {quiet(318) + "1000x3000", Options{NonWear: "none"}, "2026-11-23 worn 316S/0;"},
	} {
		c.opt.Zone = "Europe/Stockholm"
		r, err := Score(record(t, c.runs), c.opt)
		if err != nil || len(r.Warnings) > 0 {
			t.Errorf("%s: %v %v", name, err, r.Warnings)
		}
		if got := nights(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		for _, n := range r.Nights {
			for _, s := range n.Main.Stages() {
				if s != sleep.W && s != sleep.Asleep && s != sleep.Unscored {
					t.Fatalf("%s: counts do not tell %v", name, s)
				}
			}
		}
	}
}

func bed(t testing.TB, from, to float64) []InBed {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, zone(t))
	return []InBed{{day.Add(time.Duration(from * float64(time.Hour))), day.Add(time.Duration(to * float64(time.Hour)))}}
}

// A diary's times in bed are lights off and on, so the time to fall asleep is known.
func TestInBed(t *testing.T) {
	r, err := Score(record(t, "480x3000 "+quiet(477)+"303x3000"), Options{Zone: "Europe/Stockholm", InBed: bed(t, 22.5, 31.5), Rescore: true})
	if err != nil || len(r.Nights) != 1 {
		t.Fatal(err, r)
	}
	n := r.Nights[0]
	a, ok := sleep.ArchitectureOf(n.Main, sleep.Lights{Off: *n.LightsOff, On: *n.LightsOn})
	// S from 23:04; a minute from 4 W, three from 10 and four from 15: 23:08.
	if !ok || *a.SOLMin != 38 || n.Source.Algorithm != "cole-kripke webster choi" || n.Source.Model != "wGT3X-BT" {
		t.Errorf("%v %+v", *a.SOLMin, n.Source)
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	whole := fmt.Sprintf(preamble, "M/d/yyyy", "11/22/2026", "00:01:00", "x")
	for name, c := range map[string]struct {
		in   string
		code fault.Code
	}{
		"empty":                   {"", "table-empty"},
		"no rows":                 {whole + "Axis1,Axis2\n", "actigraphy-empty"},
		"no counts":               {"time,light\n2026-11-22 22:00,1\n", "actigraphy-column"},
		"acceleration":            {"timestamp,ENMO\n2026-11-22 22:00,0.01\n", "actigraphy-scale"},
		"no time":                 {"axis1,axis2\n1,2\n", "actigraphy-time"},
		"a row without":           {"time,axis1\n2026-11-22 22:00,1\nx,2\n", "actigraphy-time"},
		"one row of no length":    {"time,axis1\n2026-11-22 22:00,1\n", "actigraphy-epoch"},
		"an epoch of 45 s":        {strings.Replace(whole, "00:01:00", "00:00:45", 1) + "1\n2\n", "actigraphy-epoch"},
		"an epoch of words":       {strings.Replace(whole, "00:01:00", "often", 1), "actigraphy-epoch"},
		"a start of words":        {strings.Replace(whole, "15:00:00", "noon", 1), "actigraphy-time"},
		"first lines without end": {strings.Replace(whole, "\n-----", "\n", 1)[:300], "actigraphy-form"},
		"years apart":             {"time,axis1\n2026-11-22 22:00,1\n2026-11-22 22:01,1\n2026-11-22 22:02,1\n2426-11-22 22:00,1\n", "actigraphy-time"},
	} {
		if _, err := Nights(strings.NewReader(c.in), Options{Zone: "Europe/Stockholm"}); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	good := whole + "Axis1\n" + strings.Repeat("1\n", 10)
	for name, c := range map[string]struct {
		opt  Options
		code fault.Code
	}{
		"zone":      {Options{Zone: "Mars"}, "zone-unknown"},
		"algorithm": {Options{Algorithm: "guess"}, "actigraphy-algorithm"},
		"non-wear":  {Options{NonWear: "guess"}, "actigraphy-nonwear"},
		"column":    {Options{Layout: Layout{Column: "x"}}, "actigraphy-column"},
	} {
		if _, err := Nights(strings.NewReader(good), c.opt); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := (Counts{Epoch: 45 * time.Second}).Minutes(); err == nil {
		t.Error("epochs of 45 s")
	}
}

func TestRecognise(t *testing.T) {
	for head, want := range map[string]bool{
		preamble: true, "\xef\xbb\xbfDate,Time,Axis1,Axis2\n": true, "timestamp;Activity Counts\n": true, "time,x,y,z\n": false,
		"onset\tduration\tstage\n": false, "Axis1": false, "": false,
	} {
		if Recognise([]byte(head), "x.csv") != want {
			t.Errorf("%.30q", head)
		}
	}
}

func FuzzNights(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(preamble, "M/d/yyyy", "11/22/2026", "00:01:00", "x") + "Axis1,Axis2\n" + strings.Repeat("0,1\n", 300)))
	f.Add([]byte("timestamp;axis1\n2026-11-22 22:00:00;1,5\n2026-11-22 22:00:30;2\n"))
	f.Add([]byte("Timestamp,Y\n1795382100,5\n1795382160,6\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Nights(bytes.NewReader(b), Options{Zone: "Europe/Stockholm", NonWear: "none"})
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

// Minutes told in epochs of 15 s give the same nights; so does a record that
// begins a day later, on another date.
func TestFinerEpochsAndOtherDates(t *testing.T) {
	c := record(t, "480x3000 "+quiet(477)+"300x3000")
	want, err := Score(c, Options{Zone: "Europe/Stockholm"})
	if err != nil {
		t.Fatal(err)
	}
	fine := Counts{Start: c.Start, Epoch: 15 * time.Second, Model: c.Model}
	for _, v := range c.Values {
		fine.Values, fine.Gaps = append(fine.Values, v/4, v/2, 0, v/4), append(fine.Gaps, false, false, false, false)
	}
	later := c
	later.Start = c.Start.AddDate(0, 0, 1)
	for name, other := range map[string]Counts{"finer": fine, "later": later} {
		got, err := Score(other, Options{Zone: "Europe/Stockholm"})
		if err != nil || len(got.Nights) != 1 || got.Nights[0].Main.String() != want.Nights[0].Main.String() {
			t.Errorf("%s: %s, want %s", name, nights(got), nights(want))
		}
	}
}
