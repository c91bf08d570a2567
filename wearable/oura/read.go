// Package oura reads what an Oura ring tells through the Oura API v2, and
// writes made-up documents of the same shape.
//
// Read takes JSON as it comes: single documents, lists of them, pages
//
//	{"data": [ … ], "next_token": null}
//
// one after another in one file, and whole folders' worth as
//
//	{"sleep": [ … ], "daily_sleep": [ … ], "daily_readiness": [ … ], "daily_activity": [ … ]}
//
// A document is recognised by the fields that only its kind has. Nights then
// makes nights of them, by the rules of package wearable. The phases 1 to 4 of
// sleep_phase_30_sec and sleep_phase_5_min are N3, L, R and W: the ring does not
// tell N1 from N2. doc/formats/oura.md tells the fields.
package oura

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"dvala/fault"
)

// maxDepth bounds lists within pages within lists.
const maxDepth = 6

// Read reads documents until the end. Documents that cannot be read are told as
// problems in the list, with their place, and the others are kept; the error is
// of what cannot be read at all.
func Read(r io.Reader) (Documents, fault.List, error) {
	var in reader
	dec := json.NewDecoder(r)
	for i := 1; ; i++ {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Documents{}, nil, fault.New("oura-json", fmt.Sprintf("byte %d", dec.InputOffset()), "%v", err).
				WithHint("the file is not JSON, or was cut off")
		}
		place := ""
		if i > 1 {
			place = fmt.Sprintf("value %d: ", i)
		}
		in.value(raw, "", place, 0)
	}
	if in.docs.Len() == 0 && len(in.problems.Errors()) == 0 {
		return Documents{}, nil, fault.New("oura-empty", "", "no Oura documents").
			WithHint("expected are documents, lists or pages of sleep, daily_sleep, daily_readiness and daily_activity")
	}
	return in.docs, in.problems, nil
}

type reader struct {
	docs     Documents
	problems fault.List
}

// routes are the keys of a file with all of one person, in the order read.
var routes = []string{"sleep", "daily_sleep", "daily_readiness", "daily_activity"}

// value takes one JSON value: a document, a list, a page, or routes.
func (in *reader) value(raw json.RawMessage, kind, place string, depth int) {
	if depth > maxDepth {
		in.problems.Addf("oura-shape", place, "lists in lists without end")
		return
	}
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) == nil && many != nil {
		for i, one := range many {
			in.value(one, kind, fmt.Sprintf("%s[%d]", place, i), depth+1)
		}
		return
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil || keys == nil {
		in.problems.Addf("oura-shape", place, "%.20s is no document", raw)
		return
	}
	if data, ok := keys["data"]; ok {
		in.value(data, kind, place+"data", depth+1)
		return
	}
	routed := false
	for _, route := range routes {
		if docs, ok := keys[route]; ok && string(docs) != "null" {
			in.value(docs, route, place+route, depth+1)
			routed = true
		}
	}
	if routed {
		return
	}
	if kind == "" {
		kind = kindOf(keys)
	}
	in.document(raw, kind, place)
}

// kindOf tells the kinds apart by fields that only one of them has.
func kindOf(keys map[string]json.RawMessage) string {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := keys[n]; ok {
				return true
			}
		}
		return false
	}
	if has("bedtime_start", "sleep_phase_5_min") {
		return "sleep"
	}
	if has("steps", "active_calories", "class_5_min") {
		return "daily_activity"
	}
	if has("temperature_deviation", "temperature_trend_deviation") {
		return "daily_readiness"
	}
	var c map[string]json.RawMessage
	if json.Unmarshal(keys["contributors"], &c) != nil {
		return ""
	}
	for _, n := range []string{"deep_sleep", "rem_sleep", "total_sleep", "latency", "restfulness"} {
		if _, ok := c[n]; ok {
			return "daily_sleep"
		}
	}
	for _, n := range []string{"recovery_index", "hrv_balance", "previous_night", "resting_heart_rate"} {
		if _, ok := c[n]; ok {
			return "daily_readiness"
		}
	}
	return ""
}

func (in *reader) document(raw json.RawMessage, kind, place string) {
	var err error
	switch kind {
	case "sleep":
		err = add(&in.docs.Sleep, raw)
	case "daily_sleep":
		err = add(&in.docs.DailySleep, raw)
	case "daily_readiness":
		err = add(&in.docs.DailyReadiness, raw)
	case "daily_activity":
		err = add(&in.docs.DailyActivity, raw)
	default:
		in.problems.Addf("oura-kind", place, "a document of no known kind").
			WithHint("known are sleep, daily_sleep, daily_readiness and daily_activity").AsWarning()
		return
	}
	if err != nil {
		in.problems.Addf("oura-document", place, "%s: %v", kind, err)
	}
}

func add[T any](to *[]T, raw json.RawMessage) error {
	var doc T
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	*to = append(*to, doc)
	return nil
}
