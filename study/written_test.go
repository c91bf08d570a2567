package study

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"

	"dvala/civil"
	"dvala/fault"
)

// A command that is written down reads back as it was, whatever its kind.
func TestCommandsAsWritten(t *testing.T) {
	d := civil.DateOf(start)
	all := map[string]Command{
		"screen":               screenCommand(40, "female"),
		"consent":              Consent{Version: "1.0", Language: "sv"},
		"enrol":                Enrol{Zone: "Europe/Stockholm", Wake: 420},
		"randomise":            Randomise{},
		"dispense":             Dispense{Visit: "day-0"},
		"return":               Return{Visit: "day-7", Kit: "K1", Units: 0},
		"answer":               Answer{Instrument: "csd", Night: d, Language: "sv", Answers: json.RawMessage(`{"sol":10}`)},
		"record-night":         ringNight(t, d, 10),
		"take-dose":            TakeDose{DoseTaken{Date: d}},
		"note-event":           NoteEvent{EventOccurred{Event: "travel", From: d}},
		"report-adverse-event": ReportAdverseEvent{AdverseEvent{Term: "headache", Onset: d}},
		"note-deviation":       NoteDeviation{Deviation{Code: "x", Date: d}},
		"correct":              Correct{Entry: 7, Field: "units", New: json.RawMessage("null")},
		"withdraw":             Withdraw{From: "treatment", Why: "moved"},
		"complete":             Complete{},
		"record-dry-run":       RecordDryRun{DryRun{Results: File{SHA256: anyHash}, Report: File{SHA256: anyHash}}},
		"lock":                 Lock{},
		"open-allocations":     OpenAllocations{AllocationsOpen{File{SHA256: anyHash}}},
		"record-report":        RecordReport{Reported{Results: File{SHA256: anyHash}, Report: File{SHA256: anyHash}}},
	}
	maps.Copy(all, conductCommands)
	maps.Copy(all, kitCommands)
	for name, cmd := range all {
		raw := must(json.Marshal(cmd))
		back, err := ReadCommand(name, raw)
		if err != nil {
			t.Errorf("%s %s: %v", name, raw, err)
			continue
		}
		if again := must(json.Marshal(back)); string(again) != string(raw) || reflect.TypeOf(back) != reflect.TypeOf(cmd) {
			t.Errorf("%s: %s became %T %s", name, raw, back, again)
		}
	}
	for _, name := range CommandNames() {
		if _, ok := all[name]; !ok {
			t.Errorf("no example of the command %s", name)
		}
	}
}

// What is missing or not known is named, all of it at once; a number that is not
// there is not 0.
func TestCommandsBadlyWritten(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []fault.Code
	}{
		{"dance", `{}`, []fault.Code{"command-unknown"}},
		{"Screen", `{}`, []fault.Code{"command-unknown"}},
		{"open", `{}`, []fault.Code{"command-unknown"}},
		{"take-dose", `{"date":"2026-03-02"}`, []fault.Code{"command-member"}},
		{"take-dose", `{"date":"2026-03-02","Units":1,"much":2}`, []fault.Code{"command-member", "command-member", "command-member"}},
		{"take-dose", `{"date":"2026-02-30","units":1}`, []fault.Code{"date-form"}},
		{"take-dose", `{"date":"2026-03-02","units":1.5}`, []fault.Code{"command-form"}},
		{"take-dose", `{"date":"2026-03-02","units":null}`, []fault.Code{"command-member"}},
		{"take-dose", `[1]`, []fault.Code{"command-form"}},
		{"take-dose", `null`, []fault.Code{"command-form"}},
		{"take-dose", `{"date":`, []fault.Code{"command-form"}},
		{"lock", `{"now":true}`, []fault.Code{"command-member"}},
		{"lock", ``, nil},
	} {
		_, err := ReadCommand(c.name, []byte(c.data))
		var l fault.List
		l.Merge("", "", err)
		var got []fault.Code
		for _, p := range l {
			got = append(got, p.Code)
			if p.Place == "" {
				t.Errorf("%s %s: no place: %v", c.name, c.data, p)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s: %v, want %v", c.name, c.data, err, c.want)
		}
	}
}

func FuzzReadCommand(f *testing.F) {
	for _, name := range CommandNames() {
		f.Add(name, `{}`)
	}
	for name, cmd := range conductCommands {
		f.Add(name, string(must(json.Marshal(cmd))))
	}
	f.Add("answer", `{"instrument":"isi","visit":"day-0","language":"sv","answers":{"isi1":2}}`)
	f.Add("take-dose", `{"date":"2026-03-02","units":2}`)
	f.Fuzz(func(t *testing.T, name, data string) {
		cmd, err := ReadCommand(name, []byte(data))
		var l fault.List
		l.Merge("", "", err)
		for _, p := range l {
			if p.Code == "" || p.Message == "" {
				t.Fatalf("%+v", p)
			}
		}
		if (cmd == nil) != (err != nil) {
			t.Fatal("a command and a problem, or neither")
		}
	})
}
