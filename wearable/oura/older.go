package oura

import (
	"encoding/json"
	"fmt"
	"time"

	"dvala/civil"
	"dvala/wearable"
	"dvala/wearable/table"
)

// sleep1 is a sleep of version 1 of the API, and of account exports of its time.
// The summary date is that of the evening.
type sleep1 struct {
	Date       civil.Date `json:"summary_date"`
	Period     int        `json:"period_id"`
	Longest    int        `json:"is_longest"`
	From       string     `json:"bedtime_start"`
	To         string     `json:"bedtime_end"`
	Hypnogram  *string    `json:"hypnogram_5min"` // as sleep_phase_5_min
	Duration   *float64   `json:"duration"`
	Total      *float64   `json:"total"`
	Awake      *float64   `json:"awake"`
	REM        *float64   `json:"rem"`
	Light      *float64   `json:"light"`
	Deep       *float64   `json:"deep"`
	Latency    *float64   `json:"onset_latency"`
	Efficiency *float64   `json:"efficiency"`
	HeartRate  *float64   `json:"hr_average"`
	Lowest     *float64   `json:"hr_lowest"`
	RMSSD      *float64   `json:"rmssd"`
	Breath     *float64   `json:"breath_average"`
	Deviation  *float64   `json:"temperature_deviation"`
	Delta      *float64   `json:"temperature_delta"` // its older name
	Score      *float64   `json:"score"`
}

// day1 is a day's activity or readiness of version 1.
type day1 struct {
	Date  civil.Date `json:"summary_date"`
	Score *float64   `json:"score"`
	Steps *float64   `json:"steps"`
	Kcal  *float64   `json:"cal_active"`
}

// version1 makes documents of version 2 of those of version 1.
func (in *export) version1(name string, sleeps, activity, readiness []json.RawMessage) {
	note := func(kind string, i int, err error) {
		if err != nil {
			in.problems.Addf("oura-document", fmt.Sprintf("%s[%d]", kind, i), "%v", err).In(name)
		}
	}
	for i, raw := range sleeps {
		var s sleep1
		err := json.Unmarshal(raw, &s)
		note("sleep", i, err)
		if err != nil || s.Date.IsZero() {
			continue
		}
		in.old.Sleep = append(in.old.Sleep, s.document())
		if s.Score != nil && s.Longest == 1 {
			in.old.DailySleep = append(in.old.DailySleep, DailySleep{Day: s.Date.Add(1), Score: s.Score, Timestamp: s.To})
		}
	}
	for i, raw := range activity {
		var d day1
		err := json.Unmarshal(raw, &d)
		note("activity", i, err)
		if err == nil && !d.Date.IsZero() {
			in.old.DailyActivity = append(in.old.DailyActivity, DailyActivity{Day: d.Date, Score: d.Score, Steps: d.Steps, ActiveCalories: d.Kcal})
		}
	}
	for i, raw := range readiness {
		var d day1
		err := json.Unmarshal(raw, &d)
		note("readiness", i, err)
		if err == nil && !d.Date.IsZero() {
			deviation := in.deviation(d.Date)
			in.old.DailyReadiness = append(in.old.DailyReadiness, DailyReadiness{Day: d.Date.Add(1), Score: d.Score, TemperatureDeviation: deviation})
		}
	}
}

// deviation gives the temperature that version 1 tells with the sleep of an
// evening.
func (in *export) deviation(evening civil.Date) *float64 {
	for _, s := range in.old.Sleep {
		if s.Day == evening.Add(1) && s.Readiness != nil {
			return s.Readiness.TemperatureDeviation
		}
	}
	return nil
}

func (s sleep1) document() Sleep {
	deviation := s.Deviation
	if deviation == nil {
		deviation = s.Delta
	}
	d := Sleep{
		ID: fmt.Sprintf("%v.%d", s.Date, s.Period), Day: s.Date.Add(1), BedtimeFrom: s.From, BedtimeTo: s.To, Phase5Min: s.Hypnogram,
		TotalSleep: whole(s.Total), Deep: whole(s.Deep), Light: whole(s.Light), REM: whole(s.REM), Awake: whole(s.Awake), Latency: whole(s.Latency), Efficiency: whole(s.Efficiency),
		HeartRateMean: s.HeartRate, HeartRateLowest: s.Lowest, HRVMean: s.RMSSD, BreathMean: s.Breath,
	}
	d.TimeInBed = bed(whole(s.Duration), s.From, s.To)
	if deviation != nil {
		d.Readiness = &Readiness{TemperatureDeviation: deviation}
	}
	return d
}

// bed gives the time in bed in seconds, from the bounds if it is not told.
func bed(told *int, from, to string) int {
	if told != nil {
		return *told
	}
	a, err1 := time.Parse(time.RFC3339Nano, from)
	b, err2 := time.Parse(time.RFC3339Nano, to)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Seconds())
}

// whole rounds down to seconds or percent, as the API does.
func whole(v *float64) *int {
	if v == nil || !(*v >= 0 && *v < 1<<31) {
		return nil
	}
	n := int(*v)
	return &n
}

// trend makes documents of a row of the table of trends. Its date is that of
// waking.
func (in *export) trend(r table.Row) {
	date, err := civil.ParseDate(r.Text("date"))
	if err != nil {
		in.problems.Addf("oura-document", "trends", "%q is not a date", r.Text("date")).At(r.Line)
		return
	}
	number := func(names ...string) *float64 { return r.Number(names...) }
	d := Sleep{
		ID: "trend " + date.String(), Day: date, BedtimeFrom: r.Text("bedtime start"), BedtimeTo: r.Text("bedtime end"),
		TotalSleep: whole(number("total sleep duration", "total sleep time")), Deep: whole(number("deep sleep duration", "deep sleep time")),
		Light: whole(number("light sleep duration", "light sleep time")), REM: whole(number("rem sleep duration", "rem sleep time")), Awake: whole(number("awake time")),
		Latency: whole(number("sleep latency")), Efficiency: whole(number("sleep efficiency")),
		HeartRateMean: number("average resting heart rate"), HeartRateLowest: number("lowest resting heart rate"), HRVMean: number("average hrv"), BreathMean: number("respiratory rate"),
	}
	d.TimeInBed = bed(whole(number("total bedtime")), d.BedtimeFrom, d.BedtimeTo)
	deviation := number("temperature deviation °c", "temperature deviation c", "temperature deviation")
	if deviation != nil {
		d.Readiness = &Readiness{TemperatureDeviation: deviation}
	}
	switch {
	case d.BedtimeFrom == "" || d.BedtimeTo == "":
		in.told = append(in.told, wearable.Decision{Night: date, Record: d.ID, Action: wearable.Dropped, Why: "no bedtime is told"})
	case d.TotalSleep != nil && *d.TotalSleep == 0:
		in.told = append(in.told, wearable.Decision{Night: date, Record: d.ID, Action: wearable.Dropped, Why: "no sleep in it"})
	default:
		in.trends.Sleep = append(in.trends.Sleep, d)
	}
	if v := number("sleep score"); v != nil {
		in.trends.DailySleep = append(in.trends.DailySleep, DailySleep{Day: date, Score: v, Timestamp: d.BedtimeTo})
	}
	if v := number("readiness score"); v != nil {
		in.trends.DailyReadiness = append(in.trends.DailyReadiness, DailyReadiness{Day: date, Score: v, TemperatureDeviation: deviation, Timestamp: d.BedtimeTo})
	}
	if steps, score := number("steps"), number("activity score"); steps != nil || score != nil {
		in.trends.DailyActivity = append(in.trends.DailyActivity, DailyActivity{Day: date, Score: score, Steps: steps, ActiveCalories: number("activity burn")})
	}
}
