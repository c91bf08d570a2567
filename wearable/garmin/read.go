package garmin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
)

// maxFile bounds a file: three months of an export are a megabyte.
const maxFile = 256 << 20

// Read makes nights of the files, in order of their names. A record that cannot
// be used is told and left out.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	if _, err := opt.Location(); err != nil {
		return wearable.Result{}, err
	}
	in := reader{report: session.Report{Vendor: "garmin", Days: map[civil.Date]session.Day{}}, zoned: opt.Zone != ""}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		if !json.Valid(b) {
			in.report.Problems.Addf("garmin-json", f.Name, "not JSON").WithHint("the file was cut off, or is another's")
			continue
		}
		in.value(b, f.Name, 0)
	}
	if in.records == 0 && in.report.Problems.Err() == nil {
		return wearable.Result{}, fault.New("garmin-empty", "", "no sleep").WithHint("the export has it in DI_CONNECT/DI-Connect-Wellness/…_sleepData.json")
	}
	if in.unzoned > 0 {
		in.report.Problems.Addf("garmin-zone", "", "%d sleeps are told in UTC and without an offset; the clock of UTC is taken for the sleeper's", in.unzoned).
			WithHint("--zone Europe/Stockholm says whose clock it was").AsWarning()
	}
	return session.Nights(in.report, opt), nil
}

type reader struct {
	report  session.Report
	zoned   bool // by the options
	records int
	unzoned int
}

// maxDepth bounds lists within lists.
const maxDepth = 4

// value takes a record or a list of them.
func (in *reader) value(raw json.RawMessage, place string, depth int) {
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) == nil {
		if depth >= maxDepth {
			in.report.Problems.Addf("garmin-shape", place, "lists in lists without end")
			return
		}
		for i, one := range many {
			in.value(one, fmt.Sprintf("%s[%d]", place, i), depth+1)
		}
		return
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil {
		in.report.Problems.Addf("garmin-shape", place, "no record")
		return
	}
	has := func(key string) bool { _, ok := keys[key]; return ok }
	var err error
	switch {
	case has("sleeps"):
		in.value(keys["sleeps"], place+".sleeps", depth+1)
		return
	case has("dailySleepDTO"):
		err = decode(raw, in.connect)
	case has("startTimeInSeconds"):
		err = decode(raw, in.summary)
	case has("totalSteps"), has("activeKilocalories"), has("value") && has("calendarDate"):
		err = decode(raw, in.day)
	case has("sleepStartTimestampGMT"), has("retro"), has("sleepWindowConfirmationType"):
		err = decode(raw, func(d dto) { in.sleep(d, answer{}) })
	default:
		in.report.Problems.Addf("garmin-kind", place, "a record of no known kind").AsWarning()
		return
	}
	if err != nil {
		in.report.Problems.Addf("garmin-record", place, "%v", err)
		return
	}
	in.records++
}

func decode[T any](raw json.RawMessage, use func(T)) error {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	use(v)
	return nil
}

func (in *reader) connect(a answer) {
	if a.DTO != nil {
		in.sleep(*a.DTO, a)
	}
}

// day keeps what is told of a date beside sleep.
func (in *reader) day(d day) {
	if d.Date.IsZero() {
		return
	}
	have := in.report.Days[d.Date]
	if d.Steps != nil {
		have.Measured.Steps = d.Steps
	}
	if d.Kcal != nil {
		have.Measured.ActiveKcal = d.Kcal
	}
	if d.Value != nil && *d.Value >= 0 && *d.Value <= 100 {
		have.Measured.SleepScore = d.Value
	}
	in.report.Days[d.Date] = have
}

// nothing notes a date of which Garmin has a record and no sleep.
func (in *reader) nothing(date civil.Date) {
	if have := in.report.Days[date]; !date.IsZero() && have.Status == "" {
		have.Status = sleep.NoData
		in.report.Days[date] = have
	}
}
