package healthconnect

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"dvala/wearable/session"
)

// record is the fields of one record, by their keys.
type record map[string]json.RawMessage

// The names in use for each field, Health Connect's own first.
var (
	startNames     = []string{"startTime", "start_time", "start", "startDate", "stage_start_time", "startTimeMillis"}
	endNames       = []string{"endTime", "end_time", "end", "endDate", "stage_end_time", "endTimeMillis"}
	timeNames      = []string{"time", "timestamp", "epoch_millis", "timeMillis"}
	startZoneNames = []string{"startZoneOffset", "start_zone_offset", "zoneOffset", "zone_offset"}
	endZoneNames   = []string{"endZoneOffset", "end_zone_offset"}
	stagesNames    = []string{"stages", "sleepStages", "sleep_stages"}
	stageNames     = []string{"stage", "stageType", "stage_type", "type", "value"}
	idNames        = []string{"id", "uuid", "uid", "recordId"}
	appNames       = []string{"dataOrigin", "packageName", "package_name", "source", "app"}
	modifiedNames  = []string{"lastModifiedTime", "last_modified_time", "lastModified"}
	typeNames      = []string{"recordType", "record_type", "dataType", "type"}
	metadataNames  = []string{"metadata"}
	deviceNames    = []string{"device"}
	samplesNames   = []string{"samples", "deltas"}
	valueNames     = []string{"beatsPerMinute", "beats_per_minute", "bpm", "heartRateVariabilityMillis", "heart_rate_variability_millis", "rmssd", "rate", "percentage", "delta", "count", "value"}
)

// get gives the first field that is there under any of the names.
func (r record) get(names []string) json.RawMessage {
	for _, n := range names {
		if raw, ok := r[n]; ok && !bytes.Equal(raw, []byte("null")) {
			return raw
		}
	}
	return nil
}

// object gives a field that is an object.
func (r record) object(names []string) record {
	var out record
	_ = json.Unmarshal(r.get(names), &out) // what is none has no fields
	return out
}

// text gives a field that is a text, or an object with one inside.
func (r record) text(names []string) string {
	raw := r.get(names)
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var inner record
	if json.Unmarshal(raw, &inner) == nil && inner != nil {
		return inner.text([]string{"packageName", "package_name", "model", "name", "id"})
	}
	return ""
}

// number reads a number, a text that is one, or an object with one inside, as
// units are written.
func number(raw json.RawMessage) (float64, bool) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(v) && math.Abs(v) < 1e15 {
		return v, true
	}
	var inner record
	if json.Unmarshal(raw, &inner) != nil {
		return 0, false
	}
	for _, n := range []string{"value", "inCelsius", "celsius", "temperature"} {
		if v, ok := inner[n]; ok && len(v) < len(raw) {
			return number(v)
		}
	}
	return 0, false
}

// instant reads a time: RFC 3339, or milliseconds or seconds since 1970. offset
// says that an offset other than Z was written. A time without any is none.
func instant(raw json.RawMessage) (t time.Time, offset, ok bool) {
	if v, ok := number(raw); ok {
		if math.Abs(v) < 1e11 {
			v *= 1000
		}
		t = time.UnixMilli(int64(v)).UTC()
	} else {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return time.Time{}, false, false
		}
		if t, ok = session.ParseInstant(s); !ok {
			return time.Time{}, false, false
		}
		_, seconds := t.Zone()
		offset = seconds != 0 || strings.HasSuffix(s, "+00:00")
	}
	return t, offset, t.Year() >= 2000 && t.Year() <= 2999
}

// zoneOffset reads an offset: "+01:00", "Z", seconds, or an object with either.
func zoneOffset(raw json.RawMessage) *time.Location {
	if raw == nil {
		return nil
	}
	var inner record
	if json.Unmarshal(raw, &inner) == nil && inner != nil {
		if v, ok := inner["totalSeconds"]; ok {
			return zoneOffset(v)
		}
		if v, ok := inner["id"]; ok && len(v) < len(raw) {
			return zoneOffset(v)
		}
		return nil
	}
	var s string
	seconds := 0
	switch {
	case json.Unmarshal(raw, &s) == nil && s == "Z":
	case s != "":
		t, err := time.Parse("-07:00", s)
		if err != nil {
			return nil
		}
		_, seconds = t.Zone()
	default:
		v, ok := number(raw)
		if !ok || v != math.Trunc(v) {
			return nil
		}
		seconds = int(v)
	}
	if seconds < -18*3600 || seconds > 18*3600 || seconds%60 != 0 {
		return nil
	}
	return time.FixedZone("", seconds)
}

// stageType reads a stage: its number, or its name with or without what stands
// before it.
func stageType(raw json.RawMessage) (int, bool) {
	if v, ok := number(raw); ok {
		_, known := Stages[int(v)]
		return int(v), known && v == math.Trunc(v)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return 0, false
	}
	s = strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(s))
	for _, before := range []string{"SLEEP_STAGE_", "SLEEP_", "STAGE_TYPE_", "STAGE_", "TYPE_"} {
		if len(s) > len(before) && s != "SLEEPING" {
			s = strings.TrimPrefix(s, before)
		}
	}
	n, ok := words[s]
	return n, ok
}

// take uses a record, if it is one.
func (in *reader) take(rec record, k kind, place string) {
	if own := kindNamed(rec.text(typeNames)); own != unknown {
		k = own
	}
	if k == unknown {
		k = rec.kindByFields()
	}
	if k == unknown || k == useless || len(rec) == 0 {
		return
	}
	if k == sleepKind {
		if rec.get(startNames) == nil && rec.get(stagesNames) == nil {
			return // an object that holds sessions, not one
		}
		in.records++
		in.session(rec, place)
		return
	}
	if rec.get(samplesNames) == nil && rec.get(valueNames) == nil {
		return
	}
	in.records++
	in.measurement(rec, k, place)
}

// kindByFields tells a record by fields that only its kind has.
func (r record) kindByFields() kind {
	has := func(names ...string) bool { return r.get(names) != nil }
	switch {
	case has(stagesNames...) && has(startNames...):
		return sleepKind
	case has("beatsPerMinute", "beats_per_minute", "bpm"):
		return heartKind
	case has("heartRateVariabilityMillis", "heart_rate_variability_millis"):
		return rmssdKind
	case has("percentage") && has("time"):
		return oxygenKind
	}
	return unknown
}

// session takes a session of sleep.
func (in *reader) session(rec record, place string) {
	start, offset1, ok1 := instant(rec.get(startNames))
	end, offset2, ok2 := instant(rec.get(endNames))
	if !ok1 || !ok2 || !end.After(start) {
		in.e.problem("healthconnect-time", place, "a sleep from %.40s to %.40s", rec.get(startNames), rec.get(endNames))
		return
	}
	meta := rec.object(metadataNames)
	first := func(names []string) string {
		if s := rec.text(names); s != "" {
			return s
		}
		return meta.text(names)
	}
	s := Session{ID: first(idNames), App: first(appNames), Model: first(deviceNames), Start: start, End: end}
	for _, raw := range []json.RawMessage{rec.get(endZoneNames), rec.get(startZoneNames)} {
		if s.Zone == nil {
			s.Zone = zoneOffset(raw)
		}
	}
	if s.Zone == nil && (offset2 || offset1) {
		_, seconds := end.Zone()
		s.Zone = time.FixedZone("", seconds)
	}
	for _, r := range []record{rec, meta} {
		if t, _, ok := instant(r.get(modifiedNames)); ok && s.Modified.IsZero() {
			s.Modified = t
		}
	}
	var stages []record
	if raw := rec.get(stagesNames); raw != nil && json.Unmarshal(raw, &stages) != nil {
		in.e.problem("healthconnect-stages", place, "the stages are no list")
		return
	}
	for _, st := range stages {
		from, _, ok1 := instant(st.get(startNames))
		to, _, ok2 := instant(st.get(endNames))
		n, ok3 := stageType(st.get(stageNames))
		if !ok1 || !ok2 || !ok3 || to.Before(from) {
			in.e.problem("healthconnect-stages", place, "a stage %.40s from %.40s to %.40s", st.get(stageNames), st.get(startNames), st.get(endNames))
			return
		}
		if to.After(from) {
			s.Stages = append(s.Stages, Stage{from, to, n})
		}
	}
	in.e.Sessions = append(in.e.Sessions, s)
}

// limits are what a measurement of each kind can be.
var limits = map[kind][2]float64{heartKind: {1, 400}, rmssdKind: {0.1, 2000}, breathKind: {0.1, 200}, oxygenKind: {1, 100}, skinKind: {-30, 30}, stepsKind: {0, 1e6}}

// measurement takes a record of numbers: one, or several samples.
func (in *reader) measurement(rec record, k kind, place string) {
	parts := []record{rec}
	if raw := rec.get(samplesNames); raw != nil {
		parts = nil
		if json.Unmarshal(raw, &parts) != nil {
			in.e.problem("healthconnect-samples", place, "the samples are no list")
			return
		}
	}
	for _, p := range parts {
		at, _, ok1 := instant(p.get(append(timeNames, startNames...)))
		v, ok2 := number(p.get(valueNames))
		if l := limits[k]; !ok1 || !ok2 || v < l[0] || v > l[1] {
			in.e.problem("healthconnect-value", place, "%.40s at %.40s", p.get(valueNames), p.get(append(timeNames, startNames...)))
			continue
		}
		m := Measurement{at.UnixMilli(), v}
		switch k {
		case heartKind:
			in.e.HeartRate = append(in.e.HeartRate, m)
		case rmssdKind:
			in.e.RMSSD = append(in.e.RMSSD, m)
		case breathKind:
			in.e.Breath = append(in.e.Breath, m)
		case oxygenKind:
			in.e.Oxygen = append(in.e.Oxygen, m)
		case skinKind:
			in.e.Skin = append(in.e.Skin, m)
		case stepsKind:
			zone := zoneOffset(p.get(startZoneNames))
			if zone == nil {
				zone = at.Location()
			}
			app := rec.text(appNames)
			if app == "" {
				app = rec.object(metadataNames).text(appNames)
			}
			in.e.AddSteps(app, at.In(zone), v)
		}
	}
}
