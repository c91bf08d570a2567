package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // Health Connect's own export is an SQLite file

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/healthconnect"
)

// maxDatabase is the largest database that is taken out of an export.
const maxDatabase = 4 << 30

// healthConnectDatabases parts the SQLite databases of Health Connect's own
// export from the other files.
func healthConnectDatabases(files []archive.File) (databases, rest []archive.File) {
	for _, f := range files {
		name := strings.ToLower(f.Name)
		if strings.HasSuffix(name, ".db") && strings.Contains(name, "health_connect") {
			databases = append(databases, f)
		} else {
			rest = append(rest, f)
		}
	}
	return databases, rest
}

// readHealthConnectDatabase takes the database out into a file of its own, since
// SQLite reads no stream, and hands its rows to the reader.
func readHealthConnectDatabase(f archive.File, zone string) (wearable.Result, error) {
	dir, err := os.MkdirTemp("", "dvala-health-connect-")
	if err != nil {
		return wearable.Result{}, fault.Wrap("read", f.Name, err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "export.db")
	if err := takeOut(f, path); err != nil {
		return wearable.Result{}, err
	}
	at := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&immutable=1"}
	db, err := sql.Open("sqlite", at.String())
	if err != nil {
		return wearable.Result{}, fault.Wrap("healthconnect-database", f.Name, err)
	}
	defer db.Close()
	e, err := healthConnectRows(context.Background(), db)
	if err != nil {
		return wearable.Result{}, fault.Wrap("healthconnect-database", f.Name, err).
			WithHint("the tables sleep_session_record_table and sleep_stages_table are needed")
	}
	return healthconnect.Nights(e, healthconnect.Options{Zone: zone}), nil
}

func takeOut(f archive.File, path string) error {
	in, err := f.Open()
	if err != nil {
		return fault.Wrap("read", f.Name, err)
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return fault.Wrap("read", f.Name, err)
	}
	n, err := io.Copy(out, io.LimitReader(in, maxDatabase+1))
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fault.Wrap("read", f.Name, err)
	}
	if n > maxDatabase {
		return fault.New("archive-large", f.Name, "the database is larger than %d GB", maxDatabase>>30)
	}
	return nil
}

// healthConnectRows reads sessions and their stages. Who wrote a session stands
// in a table of its own; without it the number of the app has to do.
func healthConnectRows(ctx context.Context, db *sql.DB) (*healthconnect.Export, error) {
	apps := map[int64]string{}
	if rows, err := db.QueryContext(ctx, "SELECT row_id, package_name FROM application_info_table"); err == nil {
		defer rows.Close()
		for rows.Next() {
			var id int64
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				return nil, err
			}
			apps[id] = name
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	e := &healthconnect.Export{}
	place := map[int64]int{}
	rows, err := db.QueryContext(ctx, `SELECT row_id, uuid, start_time, end_time, end_zone_offset, last_modified_time, app_info_id
		FROM sleep_session_record_table ORDER BY row_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row, start, end int64
		var id []byte
		var offset, modified, app sql.NullInt64
		if err := rows.Scan(&row, &id, &start, &end, &offset, &modified, &app); err != nil {
			return nil, err
		}
		s := healthconnect.Session{ID: hex.EncodeToString(id), Start: time.UnixMilli(start), End: time.UnixMilli(end)}
		if offset.Valid && offset.Int64 > -86400 && offset.Int64 < 86400 {
			s.Zone = time.FixedZone("", int(offset.Int64))
		}
		if modified.Valid {
			s.Modified = time.UnixMilli(modified.Int64)
		}
		if s.App = apps[app.Int64]; s.App == "" && app.Valid {
			s.App = fmt.Sprintf("app %d", app.Int64)
		}
		place[row] = len(e.Sessions)
		e.Sessions = append(e.Sessions, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if err := healthConnectStages(ctx, db, e, place); err != nil {
		return nil, err
	}
	return e, healthConnectMeasures(ctx, db, e, apps)
}

func healthConnectStages(ctx context.Context, db *sql.DB, e *healthconnect.Export, place map[int64]int) error {
	rows, err := db.QueryContext(ctx, "SELECT parent_key, stage_start_time, stage_end_time, stage_type FROM sleep_stages_table ORDER BY parent_key, stage_start_time")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var parent, start, end int64
		var kind int
		if err := rows.Scan(&parent, &start, &end, &kind); err != nil {
			return err
		}
		if i, ok := place[parent]; ok {
			s := &e.Sessions[i]
			s.Stages = append(s.Stages, healthconnect.Stage{Start: time.UnixMilli(start), End: time.UnixMilli(end), Type: kind})
		}
	}
	return rows.Err()
}
