// Package withings reads the tables that Withings exports. sleep.csv has a row a
// sleep, with seconds of each stage; its headings are in the language of the
// account:
//
//	from,to,"light (s)","deep (s)","rem (s)","awake (s)","wake up","Duration to sleep (s)",…
//	von,bis,"leicht (s)","tief (s)","rem (s)","wach (s)",Aufwachen,…
//	2026-11-22T23:10:00+01:00,2026-11-23T06:50:00+01:00,13200,5400,7200,1800,2,600,…
//
// raw_bed_sleep-state.csv and raw_tracker_sleep-state.csv have the states
// themselves, as lists of seconds and of codes from a start on:
//
//	start,duration,value
//	2026-11-22T23:10:00+01:00,"[600,1800,60]","[0,1,2]"
//
// 0 is awake, 1 light, 2 deep, 3 REM; 4 and 5, entered by hand and unspecified,
// are asleep. In raw_sleep-monitor_sleep-state.csv, of the old mat, 1 is asleep.
//
// A row of sleep.csv gives the bounds, and the states within them the hypnogram:
// those of the mat under the mattress if it tells half of it or more, else of the
// watch, else of the one that tells most. States that no row covers are sleeps of their own,
// joined over gaps of up to an hour. A row without states has totals only.
package withings

import (
	"strings"

	"dvala/sleep"
	"dvala/wearable/table"
)

// States is what the codes of a sleep state mean; others are unscored.
var States = map[int]sleep.Stage{0: sleep.W, 1: sleep.Light, 2: sleep.N3, 3: sleep.R, 4: sleep.Asleep, 5: sleep.Asleep}

// monitorStates is what they meant on the old mat.
var monitorStates = map[int]sleep.Stage{0: sleep.W, 1: sleep.Asleep}

// A column of sleep.csv, in its usual place and by the words that name it.
// English and German are as the exports have them; the other languages are told
// by the word alone, and an unknown language by the place.
var columns = []struct {
	name  string
	place int
	words []string
}{
	{"from", 0, []string{"from", "start", "von", "från", "de", "du", "desde", "dal", "van", "fra", "inicio", "début"}},
	{"to", 1, []string{"to", "end", "bis", "till", "à", "au", "hasta", "al", "tot", "til", "fin"}},
	{"light", 2, []string{"light", "lightsleepduration", "leicht", "leichter", "lätt", "léger", "ligero", "leggero", "leve", "licht", "let", "lett", "kevyt"}},
	{"deep", 3, []string{"deep", "deepsleepduration", "tief", "tiefer", "djup", "profond", "profundo", "profondo", "diep", "dyb", "dyp", "syvä"}},
	{"rem", 4, []string{"rem", "remsleepduration", "mor", "paradoxal"}},
	{"awake", 5, []string{"awake", "wach", "vaken", "éveillé", "réveillé", "despierto", "sveglio", "acordado", "wakker", "vågen", "våken", "hereillä"}},
}

// Recognise says whether a file is one of Withings' that are read here.
func Recognise(head []byte, name string) bool {
	base := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	line, _, _ := strings.Cut(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	if strings.HasSuffix(base, "sleep-state.csv") {
		return strings.HasPrefix(table.Fold(line), "start duration value")
	}
	t, err := table.Read([]byte(line))
	if err != nil || len(t.Heading) < 6 {
		return false
	}
	found, seconds := find(t), 0
	for _, h := range t.Heading[2:] {
		if f := table.Fold(h); strings.HasSuffix(f, " s") || strings.HasSuffix(f, "sleepduration") {
			seconds++
		}
	}
	if seconds < 4 {
		return false
	}
	return len(found) == len(columns) || base == "sleep.csv"
}

// find gives the place of each column that a heading names by one of its words.
// A column is taken once, the first that fits.
func find(t *table.Table) map[string]int {
	out := map[string]int{}
	for _, c := range columns {
		for i, h := range t.Heading {
			if _, ok := out[c.name]; !ok && named(h, c.words) {
				out[c.name] = i
			}
		}
	}
	return out
}

// named says whether the first word of a heading is one of the words: “light
// (s)”, but not “Duration of light”.
func named(heading string, words []string) bool {
	first, _, _ := strings.Cut(table.Fold(heading), " ")
	for _, w := range words {
		if first == w {
			return true
		}
	}
	return false
}
