package garmin

import (
	"encoding/json"
	"strings"
	"time"

	"dvala/civil"
)

// answer is what Connect gives for a date.
type answer struct {
	DTO       *dto     `json:"dailySleepDTO"`
	Levels    []level  `json:"sleepLevels"`
	Naps      []nap    `json:"dailyNapDTOS"`
	HRV       *float64 `json:"avgOvernightHrv"`
	Deviation *float64 `json:"avgSkinTempDeviationC"`
}

// dto is the sleep of a date: of Connect, and, with some keys named otherwise,
// of the export.
type dto struct {
	Date         civil.Date `json:"calendarDate"`
	Start        instant    `json:"sleepStartTimestampGMT"`
	End          instant    `json:"sleepEndTimestampGMT"`
	StartLocal   instant    `json:"sleepStartTimestampLocal"`
	EndLocal     instant    `json:"sleepEndTimestampLocal"`
	Sleep        *float64   `json:"sleepTimeSeconds"`
	Deep         *float64   `json:"deepSleepSeconds"`
	Light        *float64   `json:"lightSleepSeconds"`
	REM          *float64   `json:"remSleepSeconds"`
	Awake        *float64   `json:"awakeSleepSeconds"`
	Unmeasurable *float64   `json:"unmeasurableSleepSeconds"`
	Unmeasured   *float64   `json:"unmeasurableSeconds"` // export
	REMCapable   *bool      `json:"deviceRemCapable"`
	Confirmed    string     `json:"sleepWindowConfirmationType"`
	Version      *float64   `json:"sleepVersion"`
	HeartRate    *float64   `json:"avgHeartRate"`
	SpO2         *float64   `json:"averageSpO2Value"`
	SpO2Rate     *float64   `json:"averageSpO2HRSleep"`
	Breaths      *float64   `json:"averageRespirationValue"`
	Breathing    *float64   `json:"averageRespiration"` // export
	Naps         []nap      `json:"dailyNapDTOS"`
	SpO2Summary  *struct {
		Average *float64 `json:"averageSPO2"`
		Rate    *float64 `json:"averageHR"`
	} `json:"spo2SleepSummary"` // export
	Scores *struct {
		Overall *struct {
			Value *float64 `json:"value"`
		} `json:"overall"`
		OverallScore *float64 `json:"overallScore"` // export
	} `json:"sleepScores"`
}

type level struct {
	From  instant  `json:"startGMT"`
	To    instant  `json:"endGMT"`
	Level *float64 `json:"activityLevel"`
}

type nap struct {
	From    instant  `json:"napStartTimestampGMT"`
	To      instant  `json:"napEndTimestampGMT"`
	Seconds *float64 `json:"napTimeSec"`
}

// summary is a sleep of the Health API.
type summary struct {
	ID           string                `json:"summaryId"`
	Date         civil.Date            `json:"calendarDate"`
	Start        *float64              `json:"startTimeInSeconds"`
	Offset       *float64              `json:"startTimeOffsetInSeconds"`
	Duration     *float64              `json:"durationInSeconds"` // of all, wake too
	Unmeasurable *float64              `json:"unmeasurableSleepDurationInSeconds"`
	Unmeasured   *float64              `json:"unmeasurableSleepInSeconds"`
	Deep         *float64              `json:"deepSleepDurationInSeconds"`
	Light        *float64              `json:"lightSleepDurationInSeconds"`
	REM          *float64              `json:"remSleepInSeconds"`
	Awake        *float64              `json:"awakeDurationInSeconds"`
	Map          map[string][]interval `json:"sleepLevelsMap"`
	Validation   string                `json:"validation"`
	Score        *struct {
		Value *float64 `json:"value"`
	} `json:"overallSleepScore"`
}

type interval struct {
	From *float64 `json:"startTimeInSeconds"`
	To   *float64 `json:"endTimeInSeconds"`
}

// day is a date of the export's daily summaries, or of the daily scores.
type day struct {
	Date  civil.Date `json:"calendarDate"`
	Steps *float64   `json:"totalSteps"`
	Kcal  *float64   `json:"activeKilocalories"`
	Value *float64   `json:"value"`
}

// instant is a time in milliseconds since 1970, or its figures by the clock of
// UTC. Zero is none.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var ms int64
	if json.Unmarshal(b, &ms) == nil {
		if ms > 0 && ms < 1<<45 {
			t.Time = time.UnixMilli(ms).UTC()
		}
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	for _, l := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if got, err := time.Parse(l, strings.TrimSuffix(s, "Z")); err == nil {
			t.Time = got
			return nil
		}
	}
	return nil // an unreadable time is none; the record then lacks it
}
