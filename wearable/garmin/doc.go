// Package garmin reads sleep as Garmin tells it: answers of Connect,
//
//	{"dailySleepDTO": {"sleepStartTimestampGMT": 1751863648000, "sleepStartTimestampLocal": …, "deepSleepSeconds": …},
//	 "sleepLevels": [{"startGMT": "2025-07-07T04:48:00.0", "endGMT": "…", "activityLevel": 1.0}, …]}
//
// the account's export (…_sleepData.json: a list with totals, times in UTC and
// no offset; UDSFile_….json: steps and energy), summaries of the Health API
// ({"sleeps": […]} with sleepLevelsMap), and daily scores. An activityLevel is
// 0 deep, 1 light, 2 REM, 3 awake, and -1 where the watch could not measure.
//
// Garmin often tells totals without levels. Such a night has its totals and its
// bounds, and no hypnogram. doc/formats/wearables.md has the oddities.
package garmin

import (
	"strings"

	"dvala/sleep"
)

// Levels is what a level of Connect means; others, and -1, are unscored.
var Levels = map[float64]sleep.Stage{0: sleep.N3, 1: sleep.Light, 2: sleep.R, 3: sleep.W}

// LevelNames is what a name of the Health API's map means.
var LevelNames = map[string]sleep.Stage{"deep": sleep.N3, "light": sleep.Light, "rem": sleep.R, "awake": sleep.W}

// Recognise says whether a file is one of Garmin's that are read here, by its
// first bytes, or by its name where those tell nothing.
func Recognise(head []byte, name string) bool {
	s := string(head)
	for _, key := range []string{`"dailySleepDTO"`, `"sleepStartTimestampGMT"`, `"sleepWindowConfirmationType"`, `"sleepLevelsMap"`, `"startTimeOffsetInSeconds"`} {
		if strings.Contains(s, key) {
			return true
		}
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasSuffix(base, "_sleepData.json") || strings.HasPrefix(base, "UDSFile_") || scores(s)
}

// scores says whether a text begins as a list of daily scores does.
func scores(s string) bool {
	s = strings.Join(strings.Fields(strings.TrimPrefix(s, "\ufeff")), "")
	return strings.HasPrefix(s, `[{"calendarDate":`) && len(s) > 35 && strings.HasPrefix(s[30:], `"value":`)
}
