package fitbit

import (
	"encoding/json"
	"strconv"
	"strings"
)

// log is one sleep log.
type log struct {
	LogID       text      `json:"logId"`
	DateOfSleep string    `json:"dateOfSleep"`
	StartTime   string    `json:"startTime"`
	EndTime     string    `json:"endTime"`
	Duration    *figure   `json:"duration"` // ms
	Type        string    `json:"type"`
	LogType     string    `json:"logType"`
	MainSleep   *bool     `json:"mainSleep"`   // Takeout
	IsMainSleep *bool     `json:"isMainSleep"` // Web API
	Asleep      *figure   `json:"minutesAsleep"`
	Awake       *figure   `json:"minutesAwake"`
	ToSleep     *figure   `json:"minutesToFallAsleep"`
	InBed       *figure   `json:"timeInBed"`
	Efficiency  *figure   `json:"efficiency"`
	Levels      *levels   `json:"levels"`
	MinuteData  []minutes `json:"minuteData"` // version 1
}

type levels struct {
	Data      []level            `json:"data"`
	ShortData []level            `json:"shortData"`
	Summary   map[string]summary `json:"summary"`
}

type level struct {
	DateTime string  `json:"dateTime"`
	Level    string  `json:"level"`
	Seconds  *figure `json:"seconds"`
}

type summary struct {
	Minutes *figure `json:"minutes"`
}

type minutes struct {
	Value text `json:"value"`
}

// main says whether Fitbit takes the log for the main sleep, if it says.
func (l log) main() (is, said bool) {
	switch {
	case l.MainSleep != nil:
		return *l.MainSleep, true
	case l.IsMainSleep != nil:
		return *l.IsMainSleep, true
	}
	return false, false
}

// minutesOf gives the summary's minutes of a level.
func (l log) minutesOf(name string) *float64 {
	if l.Levels == nil {
		return nil
	}
	s, ok := l.Levels.Summary[name]
	if !ok {
		return nil
	}
	return s.Minutes.value()
}

// figure is a number that may be written as text.
type figure float64

func (f *figure) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil {
		return json.Unmarshal(b, (*float64)(f))
	}
	*f = figure(v)
	return nil
}

func (f *figure) value() *float64 {
	if f == nil {
		return nil
	}
	v := float64(*f)
	return &v
}

// text is a name that may be written as a number.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = text(n.String())
	return nil
}
