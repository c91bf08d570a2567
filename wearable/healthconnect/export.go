package healthconnect

import (
	"cmp"
	"math"
	"slices"
	"time"

	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
)

// Stages is what Health Connect's stage types mean. Awake in bed, out of bed
// and awake are all wake: Health Connect says of who is out of bed that they are
// "assumed to be awake". Sleeping is asleep without a stage; light is N1 and N2
// together.
var Stages = map[int]sleep.Stage{
	0: sleep.Unscored, // unknown
	1: sleep.W,        // awake
	2: sleep.Asleep,   // sleeping
	3: sleep.W,        // out of bed
	4: sleep.Light,
	5: sleep.N3, // deep
	6: sleep.R,
	7: sleep.W, // awake in bed
}

// words are the names of the stage types, without what stands before them.
var words = map[string]int{
	"UNKNOWN": 0, "AWAKE": 1, "SLEEPING": 2, "ASLEEP": 2, "OUT_OF_BED": 3, "LIGHT": 4, "DEEP": 5, "REM": 6, "AWAKE_IN_BED": 7,
}

// Session is one row of sleep_session_record_table, or one SleepSessionRecord.
type Session struct {
	ID       string // of the record; one that is empty is made of app and start
	App      string // package name of the app that wrote it
	Model    string // of the device
	Start    time.Time
	End      time.Time
	Zone     *time.Location // of the sleeper's clock at the end; nil if not told
	Modified time.Time      // zero if not told
	Stages   []Stage
}

// Stage is one row of sleep_stages_table, or one Stage.
type Stage struct {
	Start, End time.Time
	Type       int
}

// Export is all that was read.
type Export struct {
	Sessions []Session // in the order of reading

	HeartRate []Measurement // beats per minute
	RMSSD     []Measurement // ms
	Breath    []Measurement // per minute
	Oxygen    []Measurement // percent
	Skin      []Measurement // °C from the person's own usual
	Steps     wearable.Steps

	problems fault.List
	bad      int
	apps     map[string]uint16
}

// Measurement is one measured value.
type Measurement struct {
	UnixMS int64
	Value  float64
}

// maxProblems bounds what is told of records left out.
const maxProblems = 50

func (e *Export) problem(code fault.Code, place, format string, args ...any) {
	e.bad++
	if e.bad <= maxProblems {
		e.problems.Addf(code, place, format, args...).WithHint("the record is left out").AsWarning()
	}
}

// app numbers the apps, for steps.
func (e *Export) app(name string) uint16 {
	if e.apps == nil {
		e.apps = map[string]uint16{}
	}
	i, ok := e.apps[name]
	if !ok {
		if len(e.apps) == math.MaxUint16 {
			return math.MaxUint16
		}
		i = uint16(len(e.apps))
		e.apps[name] = i
	}
	return i
}

// AddSteps takes steps of an app that began at an instant, told in the zone
// whose clock decides the date.
func (e *Export) AddSteps(app string, at time.Time, steps float64) {
	_, offset := at.Zone()
	e.Steps.Add(e.app(app), at.Unix(), int16(offset/60), steps)
}

// sorted gives measurements in order of time.
func sorted(ms []Measurement) []Measurement {
	out := slices.Clone(ms)
	slices.SortStableFunc(out, func(a, b Measurement) int { return cmp.Compare(a.UnixMS, b.UnixMS) })
	return out
}

// between gives mean and least of what was measured from one instant to
// another, nil if nothing was. The measurements are in order of time.
func between(ms []Measurement, from, to time.Time) (mean, least *float64) {
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(ms, t.UnixMilli(), func(m Measurement, unix int64) int { return cmp.Compare(m.UnixMS, unix) })
		return i
	}
	within := ms[at(from):at(to)]
	if len(within) == 0 {
		return nil, nil
	}
	sum, low := 0.0, math.Inf(1)
	for _, m := range within {
		sum += m.Value
		low = min(low, m.Value)
	}
	sum /= float64(len(within))
	return &sum, &low
}
