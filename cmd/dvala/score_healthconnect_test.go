package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/wearable/healthconnect"
)

// Health Connect's own export, a zip with a database, is read like any other.
// Made by hand: in bed from 22:30 to 06:30 UTC, 450 of 480 minutes asleep.
// madeHealthConnect is a small database of the kind that Health Connect exports, as
// bytes; further statements are done on it.
func madeHealthConnect(t testing.TB, further ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC)
	at := func(minutes int) int64 { return start.Add(time.Duration(minutes) * time.Minute).UnixMilli() }
	statements := []string{
		"CREATE TABLE application_info_table (row_id INTEGER PRIMARY KEY, package_name TEXT)",
		"INSERT INTO application_info_table VALUES (1, 'com.example.watch')",
		"CREATE TABLE sleep_session_record_table (row_id INTEGER PRIMARY KEY, uuid BLOB, start_time INTEGER, end_time INTEGER, end_zone_offset INTEGER, last_modified_time INTEGER, app_info_id INTEGER)",
		fmt.Sprintf("INSERT INTO sleep_session_record_table VALUES (7, x'0a0b', %d, %d, 3600, %d, 1)", at(0), at(480), at(500)),
		"CREATE TABLE sleep_stages_table (parent_key INTEGER, stage_start_time INTEGER, stage_end_time INTEGER, stage_type INTEGER)",
		fmt.Sprintf("INSERT INTO sleep_stages_table VALUES (7, %d, %d, 1), (7, %d, %d, 4), (7, %d, %d, 5), (7, %d, %d, 6)",
			at(0), at(30), at(30), at(300), at(300), at(390), at(390), at(480)),
	}
	statements = append(statements,
		"CREATE TABLE heart_rate_record_series_table (parent_key INTEGER, beats_per_minute INTEGER, epoch_millis INTEGER)",
		fmt.Sprintf("INSERT INTO heart_rate_record_series_table VALUES (1, 50, %d), (1, 58, %d), (2, 54, %d), (2, 9999, %d), (3, 120, %d)", at(60), at(120), at(200), at(210), at(600)),
		"CREATE TABLE heart_rate_variability_rmssd_record_table (time INTEGER, heart_rate_variability_millis REAL)",
		fmt.Sprintf("INSERT INTO heart_rate_variability_rmssd_record_table VALUES (%d, 41.5), (%d, NULL)", at(90), at(91)),
		"CREATE TABLE respiratory_rate_record_table (something_else INTEGER)",
		"CREATE TABLE steps_record_table (start_time INTEGER, start_zone_offset INTEGER, count INTEGER, app_info_id INTEGER)",
		fmt.Sprintf("INSERT INTO steps_record_table VALUES (%d, 3600, 1200, 1), (%d, NULL, 700, 1)", at(700), at(710)),
	)
	for _, s := range append(statements, further...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestScoreOfHealthConnectDatabase(t *testing.T) {
	dir := t.TempDir()
	b := madeHealthConnect(t)
	path := put(t, dir, "made.db", string(b))
	// Pulse by hand: mean of 50, 58 and 54 within the night; 9999 is no pulse, 120 is
	// after it. A table with other columns and one that is missing give nothing.
	again, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := healthConnectRows(context.Background(), again)
	again.Close()
	if err != nil {
		t.Fatal(err)
	}
	result := healthconnect.Nights(e, healthconnect.Options{Zone: "Europe/Stockholm"})
	if len(result.Nights) != 1 {
		t.Fatalf("%+v", result)
	}
	if m := result.Nights[0].Measured; m == nil || m.HeartRateMeanBPM == nil || *m.HeartRateMeanBPM != 54 || *m.HeartRateLowestBPM != 50 || *m.RMSSDMeanMS != 41.5 || m.BreathsPerMin != nil {
		t.Errorf("%+v", m)
	}
	export := put(t, dir, "Health Connect.zip", zipOf(t, map[string]string{"health_connect_export.db": string(b)}))
	out, problems, err := runScore(t, "--zone", "Europe/Stockholm", export)
	if err != nil {
		t.Fatal(err, problems)
	}
	for _, want := range []string{"night to 2026-11-23", "450.0 min", "480.0 min"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}

	broken := put(t, dir, "broken.zip", zipOf(t, map[string]string{"health_connect_export.db": "SQLite format 3\x00 and no more"}))
	if _, problems, err := runScore(t, broken); err == nil || !strings.Contains(problems, "healthconnect-database") {
		t.Errorf("a broken database was taken: %v %s", err, problems)
	}
}
