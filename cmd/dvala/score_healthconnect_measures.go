package main

import (
	"context"
	"database/sql"
	"time"

	"dvala/wearable/healthconnect"
)

// healthConnectSamples says where the database keeps what is measured in a night,
// and within which bounds a value can be true. A heart rate belongs to a series and
// its own instant, the others stand alone.
var healthConnectSamples = []struct {
	query     string
	low, high float64
	to        func(*healthconnect.Export) *[]healthconnect.Measurement
}{
	{
		"SELECT epoch_millis, beats_per_minute FROM heart_rate_record_series_table", 1, 400,
		func(e *healthconnect.Export) *[]healthconnect.Measurement { return &e.HeartRate },
	},
	{
		"SELECT time, heart_rate_variability_millis FROM heart_rate_variability_rmssd_record_table", 0.1, 2000,
		func(e *healthconnect.Export) *[]healthconnect.Measurement { return &e.RMSSD },
	},
	{
		"SELECT time, rate FROM respiratory_rate_record_table", 0.1, 200,
		func(e *healthconnect.Export) *[]healthconnect.Measurement { return &e.Breath },
	},
	{
		"SELECT time, percentage FROM oxygen_saturation_record_table", 1, 100,
		func(e *healthconnect.Export) *[]healthconnect.Measurement { return &e.Oxygen },
	},
}

// healthConnectMeasures adds pulse, its variability, breathing, oxygen and steps.
// An export holds the tables of what its phone knows: one that is not there, or has
// other columns, gives nothing. A database that breaks off within one is an error.
func healthConnectMeasures(ctx context.Context, db *sql.DB, e *healthconnect.Export, apps map[int64]string) error {
	for _, s := range healthConnectSamples {
		rows, err := db.QueryContext(ctx, s.query)
		if err != nil {
			continue
		}
		to := s.to(e)
		err = eachRow(rows, func() error {
			var at sql.NullInt64
			var value sql.NullFloat64
			if err := rows.Scan(&at, &value); err != nil {
				return err
			}
			if at.Valid && value.Valid && value.Float64 >= s.low && value.Float64 <= s.high {
				*to = append(*to, healthconnect.Measurement{UnixMS: at.Int64, Value: value.Float64})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	rows, err := db.QueryContext(ctx, "SELECT start_time, start_zone_offset, count, app_info_id FROM steps_record_table")
	if err != nil {
		return nil //nolint:nilerr // no table, no steps
	}
	return eachRow(rows, func() error {
		var start, offset, count, app sql.NullInt64
		if err := rows.Scan(&start, &offset, &count, &app); err != nil {
			return err
		}
		if start.Valid && offset.Valid && offset.Int64 > -86400 && offset.Int64 < 86400 && count.Int64 > 0 && count.Int64 <= 1e6 {
			e.AddSteps(apps[app.Int64], time.UnixMilli(start.Int64).In(time.FixedZone("", int(offset.Int64))), float64(count.Int64))
		}
		return nil
	})
}

// eachRow calls do with every row and closes them.
func eachRow(rows *sql.Rows, do func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := do(); err != nil {
			return err
		}
	}
	return rows.Err()
}
