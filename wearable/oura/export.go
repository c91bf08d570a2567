package oura

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/table"
)

// maxFile bounds a file: ten years of an account are some hundred megabytes.
const maxFile = 512 << 20

// Recognise says whether a file holds what Read or ReadExport read, by its first
// bytes.
func Recognise(head []byte, name string) bool {
	s := string(head)
	for _, key := range []string{`"bedtime_start"`, `"summary_date"`, `"sleep_phase_5_min"`, `"daily_sleep"`, `"daily_readiness"`, `"daily_activity"`, `"class_5_min"`, `"recovery_index"`, `"hrv_balance"`} {
		if strings.Contains(s, key) {
			return true
		}
	}
	if strings.Contains(s, `"contributors"`) && strings.Contains(s, `"deep_sleep"`) {
		return true
	}
	line, _, _ := strings.Cut(s, "\n")
	t, err := table.Read([]byte(line))
	return err == nil && tableKind(t) != ""
}

// ReadExport makes nights of the files of an account's export, or of a folder of
// answers of the API: JSON of the API v2 and of version 1, the tables of the
// export (sleepmodel.csv and its neighbours), and the table of trends that the
// web page gives. What tells phases is read after what tells totals only, so
// that it counts where both tell of one sleep; among equals the order is that
// of the names.
func ReadExport(files []archive.File, opt Options) (wearable.Result, error) {
	if opt.Zone != "" {
		if _, err := sleep.Location(opt.Zone); err != nil {
			return wearable.Result{}, err
		}
	}
	in := export{}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b archive.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		b, err := f.ReadAll(maxFile)
		if err != nil {
			return wearable.Result{}, err
		}
		if text := bytes.TrimLeft(b, " \t\r\n"); len(text) > 0 && (text[0] == '{' || text[0] == '[') {
			in.json(f.Name, b)
			continue
		}
		in.table(f.Name, b)
	}
	docs := in.trends
	docs.Append(in.old)
	docs.Append(in.documents)
	if docs.Len() == 0 && in.problems.Err() == nil {
		return wearable.Result{}, fault.New("oura-empty", "", "no Oura documents").
			WithHint("an export has them in sleepmodel.csv, in a table of trends, or in JSON")
	}
	r := Nights(docs, opt)
	bound(&r, docs)
	r.Warnings = append(in.problems, r.Warnings...)
	r.Decisions = append(in.told, r.Decisions...)
	slices.SortStableFunc(r.Decisions, func(a, b wearable.Decision) int { return a.Night.Compare(b.Night) })
	return r, nil
}

// export gathers what the files hold, by how much it tells.
type export struct {
	trends    Documents // totals
	old       Documents // five-minute phases
	documents Documents
	problems  fault.List
	told      []wearable.Decision
}

// json takes a file of version 1 or of the API v2.
func (in *export) json(name string, b []byte) {
	var account struct {
		Sleep     []json.RawMessage `json:"sleep"`
		Activity  []json.RawMessage `json:"activity"`
		Readiness []json.RawMessage `json:"readiness"`
	}
	isOld := func(docs []json.RawMessage) bool {
		return slices.ContainsFunc(docs, func(raw json.RawMessage) bool { return bytes.Contains(raw, []byte(`"summary_date"`)) })
	}
	if json.Unmarshal(b, &account) == nil && (isOld(account.Sleep) || isOld(account.Activity) || isOld(account.Readiness)) {
		in.version1(name, account.Sleep, account.Activity, account.Readiness)
		return
	}
	docs, problems, err := Read(bytes.NewReader(b))
	if err != nil {
		in.problems.Merge("oura-json", name, err)
		return
	}
	in.problems = append(in.problems, problems.In(name)...)
	in.documents.Append(docs)
}

// tableKind tells the export's tables apart by their headings.
func tableKind(t *table.Table) string {
	switch {
	case t.Has("bedtime start", "sleep phase 5 min"):
		return "sleep"
	case t.Has("bedtime start", "bedtime end", "sleep score"):
		return "trends"
	case t.Has("day", "class 5 min"), t.Has("day", "score", "steps"):
		return "daily_activity"
	case t.Has("day", "score", "temperature deviation"):
		return "daily_readiness"
	case t.Has("day", "score", "contributors"):
		return "daily_sleep"
	}
	return ""
}

func (in *export) table(name string, b []byte) {
	t, err := table.Read(b)
	if err != nil {
		in.problems.Merge("oura-table", name, err)
		return
	}
	kind := tableKind(t)
	if kind == "" {
		in.problems.Addf("oura-table", "", "a table of no known kind").In(name).AsWarning()
		return
	}
	for _, r := range t.Rows() {
		var err error
		switch kind {
		case "trends":
			in.trend(r)
		case "sleep":
			err = add(&in.documents.Sleep, object(t, r))
		case "daily_sleep":
			err = add(&in.documents.DailySleep, object(t, r))
		case "daily_readiness":
			err = add(&in.documents.DailyReadiness, object(t, r))
		case "daily_activity":
			err = add(&in.documents.DailyActivity, object(t, r))
		}
		if err != nil {
			in.problems.Addf("oura-document", kind, "%v", err).At(r.Line).In(name)
		}
	}
}

// letters are columns that hold text, also where it looks like a number.
var letters = map[string]bool{
	"id": true, "day": true, "type": true, "bedtime_start": true, "bedtime_end": true, "timestamp": true,
	"sleep_phase_5_min": true, "sleep_phase_30_sec": true, "app_sleep_phase_5_min": true, "movement_30_sec": true, "class_5_min": true,
	"sleep_algorithm_version": true, "sleep_analysis_reason": true, "ring_id": true,
}

// object makes of a row the JSON that the API would send. What a cell holds in
// braces is taken if it is JSON.
func object(t *table.Table, r table.Row) json.RawMessage {
	out := map[string]any{}
	for i, h := range t.Heading {
		column, cell := strings.ToLower(strings.TrimSpace(h)), r.At(i)
		switch number := table.Number(cell); {
		case cell == "" || cell == "null" || cell == "None":
		case letters[column]:
			out[column] = cell
		case cell == "true" || cell == "false":
			out[column] = cell == "true"
		case number != nil:
			out[column] = number
		case json.Valid([]byte(cell)):
			out[column] = json.RawMessage(cell)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

// bound gives nights that have totals and no phases the bounds of their time in
// bed as lights off and on.
func bound(r *wearable.Result, docs Documents) {
	main := map[civil.Date][]string{}
	for _, d := range r.Decisions {
		if d.Action == wearable.Kept || d.Action == wearable.Merged {
			main[d.Night] = append(main[d.Night], d.Record)
		}
	}
	byID := map[string]Sleep{}
	for _, d := range docs.Sleep {
		byID[d.ID] = d
	}
	for i, n := range r.Nights {
		if !n.Main.IsEmpty() || len(main[n.Date]) == 0 {
			continue
		}
		var m maker
		for _, id := range main[n.Date] {
			from, ok1 := m.instant(byID[id].BedtimeFrom, id)
			to, ok2 := m.instant(byID[id].BedtimeTo, id)
			if ok1 && (n.LightsOff == nil || from.Before(*n.LightsOff)) {
				n.LightsOff = &from
			}
			if ok2 && (n.LightsOn == nil || to.After(*n.LightsOn)) {
				n.LightsOn = &to
			}
		}
		if made, err := sleep.NewNight(n); err == nil {
			r.Nights[i] = made
		} else {
			r.Warnings.Merge("oura-night", fmt.Sprintf("night to %v", n.Date), err)
		}
	}
}
