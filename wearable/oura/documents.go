package oura

import "dvala/civil"

// Sleep is one document of /v2/usercollection/sleep: one period in bed. Durations
// are in seconds. What the ring did not tell is null.
type Sleep struct {
	ID          string     `json:"id"`
	Day         civil.Date `json:"day"`
	Type        *string    `json:"type"`          // long_sleep, sleep, late_nap, rest or deleted
	BedtimeFrom string     `json:"bedtime_start"` // RFC 3339 with the offset of the sleeper's clock
	BedtimeTo   string     `json:"bedtime_end"`
	Period      int        `json:"period"`
	LowBattery  bool       `json:"low_battery_alert"`
	TimeInBed   int        `json:"time_in_bed"`

	Phase5Min     *string `json:"sleep_phase_5_min"`  // 1 deep, 2 light, 3 REM, 4 awake
	Phase30Sec    *string `json:"sleep_phase_30_sec"` // the same, ten times finer
	AppPhase5Min  *string `json:"app_sleep_phase_5_min,omitempty"`
	Movement30Sec *string `json:"movement_30_sec"`

	TotalSleep *int `json:"total_sleep_duration"`
	Deep       *int `json:"deep_sleep_duration"`
	Light      *int `json:"light_sleep_duration"`
	REM        *int `json:"rem_sleep_duration"`
	Awake      *int `json:"awake_time"`
	Latency    *int `json:"latency"`
	Efficiency *int `json:"efficiency"` // percent
	Restless   *int `json:"restless_periods"`

	BreathMean      *float64 `json:"average_breath"`
	HeartRateMean   *float64 `json:"average_heart_rate"`
	HeartRateLowest *float64 `json:"lowest_heart_rate"`
	HRVMean         *float64 `json:"average_hrv"` // RMSSD, ms
	HeartRate       *Sample  `json:"heart_rate"`
	HRV             *Sample  `json:"hrv"`

	Readiness      *Readiness `json:"readiness"`
	ReadinessDelta *int       `json:"readiness_score_delta"`
	ScoreDelta     *int       `json:"sleep_score_delta"`
	Algorithm      *string    `json:"sleep_algorithm_version"` // v1 or v2
	Reason         *string    `json:"sleep_analysis_reason"`   // of the latest revision
	RingID         *string    `json:"ring_id,omitempty"`
}

// Sample is a row of measurements at one interval.
type Sample struct {
	Interval  float64    `json:"interval"` // seconds
	Items     []*float64 `json:"items"`
	Timestamp string     `json:"timestamp"`
}

// Readiness is the readiness that a sleep document carries.
type Readiness struct {
	Contributors              map[string]*int `json:"contributors"`
	Score                     *float64        `json:"score"`
	TemperatureDeviation      *float64        `json:"temperature_deviation"` // °C
	TemperatureTrendDeviation *float64        `json:"temperature_trend_deviation"`
}

// DailySleep is one document of /v2/usercollection/daily_sleep.
type DailySleep struct {
	ID           string          `json:"id"`
	Day          civil.Date      `json:"day"`
	Score        *float64        `json:"score"`
	Timestamp    string          `json:"timestamp"`
	Contributors map[string]*int `json:"contributors"`
}

// DailyReadiness is one document of /v2/usercollection/daily_readiness.
type DailyReadiness struct {
	ID                        string          `json:"id"`
	Day                       civil.Date      `json:"day"`
	Score                     *float64        `json:"score"`
	TemperatureDeviation      *float64        `json:"temperature_deviation"`
	TemperatureTrendDeviation *float64        `json:"temperature_trend_deviation"`
	Timestamp                 string          `json:"timestamp"`
	Contributors              map[string]*int `json:"contributors"`
}

// DailyActivity is one document of /v2/usercollection/daily_activity, as far as
// a sleep trial has use for it.
type DailyActivity struct {
	ID             string          `json:"id"`
	Day            civil.Date      `json:"day"`
	Score          *float64        `json:"score"`
	ActiveCalories *float64        `json:"active_calories"` // kcal
	TotalCalories  *float64        `json:"total_calories"`
	Steps          *float64        `json:"steps"`
	NonWearTime    *float64        `json:"non_wear_time"` // seconds
	Class5Min      *string         `json:"class_5_min"`   // 0 not worn, 1 rest … 5 high, from the timestamp on
	Timestamp      string          `json:"timestamp"`
	Contributors   map[string]*int `json:"contributors"`
}

// Page is a page of documents as the API sends them.
type Page[T any] struct {
	Data      []T     `json:"data"`
	NextToken *string `json:"next_token"`
}

// Documents is all that was read, or all of one person as one file: the names
// are those of the API's routes.
type Documents struct {
	Sleep          []Sleep          `json:"sleep,omitempty"`
	DailySleep     []DailySleep     `json:"daily_sleep,omitempty"`
	DailyReadiness []DailyReadiness `json:"daily_readiness,omitempty"`
	DailyActivity  []DailyActivity  `json:"daily_activity,omitempty"`
}

// Len gives the number of documents.
func (d Documents) Len() int {
	return len(d.Sleep) + len(d.DailySleep) + len(d.DailyReadiness) + len(d.DailyActivity)
}

// Append puts another's documents after these; the later of two revisions is
// the one that was read later.
func (d *Documents) Append(o Documents) {
	d.Sleep = append(d.Sleep, o.Sleep...)
	d.DailySleep = append(d.DailySleep, o.DailySleep...)
	d.DailyReadiness = append(d.DailyReadiness, o.DailyReadiness...)
	d.DailyActivity = append(d.DailyActivity, o.DailyActivity...)
}
