package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/healthconnect"
)

// healthConnectTables are the tables that are read, and how many columns of each.
var healthConnectTables = []struct {
	name    string
	create  string
	columns int
}{
	{"application_info_table", "row_id, package_name", 2},
	{"sleep_session_record_table", "row_id, uuid, start_time, end_time, end_zone_offset, last_modified_time, app_info_id", 7},
	{"sleep_stages_table", "parent_key, stage_start_time, stage_end_time, stage_type", 4},
	{"heart_rate_record_series_table", "epoch_millis, beats_per_minute", 2},
	{"heart_rate_variability_rmssd_record_table", "time, heart_rate_variability_millis", 2},
	{"respiratory_rate_record_table", "time, rate", 2},
	{"oxygen_saturation_record_table", "time, percentage", 2},
	{"steps_record_table", "start_time, start_zone_offset, count, app_info_id", 4},
}

// taken draws values of any kind that SQLite keeps from bytes.
type taken struct{ left []byte }

func (t *taken) n(n int) []byte {
	out := make([]byte, n)
	t.left = t.left[copy(out, t.left):]
	return out
}

func (t *taken) value() any {
	switch kind := t.n(1)[0]; kind % 8 {
	case 0:
		return nil
	case 1:
		return string(t.n(int(kind) / 16))
	case 2:
		return t.n(int(kind) / 16)
	case 3:
		return math.Float64frombits(binary.LittleEndian.Uint64(t.n(8)))
	case 4:
		return int64(binary.LittleEndian.Uint64(t.n(8)))
	case 5: // an instant of one evening
		return 1795000000000 + int64(binary.LittleEndian.Uint32(t.n(4))%72_000_000)
	}
	return int64(t.n(1)[0])
}

// Whatever stands in the columns, reading ends with nights in order or an error.
func FuzzHealthConnectRows(f *testing.F) {
	f.Add([]byte{1, 6, 1, 2, 6, 1, 2, 0xff, 5, 0, 0, 0, 0, 5, 0, 0, 0, 2, 6, 0, 0, 6, 1, 2, 6, 1, 5, 0, 0, 0, 0, 5, 0, 0, 0, 1, 6, 4})
	f.Add([]byte{1, 6, 1, 4, 255, 255, 255, 255, 255, 255, 255, 127, 3, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		from := &taken{b}
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for i, table := range healthConnectTables {
			if from.n(1)[0] == 7 && i > 2 {
				continue // an export need not have it
			}
			if _, err := tx.Exec("CREATE TABLE " + table.name + " (" + table.create + ")"); err != nil {
				t.Fatal(err)
			}
			for range from.n(1)[0] % 6 {
				values := make([]any, table.columns)
				for k := range values {
					values[k] = from.value()
				}
				marks := "?" + string(bytes.Repeat([]byte(", ?"), table.columns-1))
				if _, err := tx.Exec("INSERT INTO "+table.name+" VALUES ("+marks+")", values...); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		e, err := healthConnectRows(context.Background(), db)
		if err != nil {
			return
		}
		sound(t, healthconnect.Nights(e, healthconnect.Options{Zone: "Europe/Stockholm"}))
	})
}

// A damaged database ends in an error or in nights, never in a crash. To fuzz it
// by coverage would count the branches of SQLite, and come to a few inputs a
// minute; so bytes are changed at random here, in every kind of page.
func TestDamagedHealthConnectDatabase(t *testing.T) {
	made := madeHealthConnect(t)
	times := 300
	if n, err := strconv.Atoi(os.Getenv("DVALA_SOAK")); err == nil {
		times = n
	}
	read := 0
	for seed := range times {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		b := bytes.Clone(made)
		switch seed % 8 {
		case 0:
			b = b[:r.IntN(len(b))]
		case 1: // a page twice
			copy(b[4096*r.IntN(len(b)/4096):], b[4096*r.IntN(len(b)/4096):][:4096])
		default:
			page := 4096 * r.IntN(len(b)/4096)
			for range 1 + r.IntN(6) {
				at := page + r.IntN(4096)
				if r.IntN(2) == 0 {
					at = page + r.IntN(120) // where a page says what is on it
				}
				b[at] = byte(r.Uint32())
			}
		}
		got, err := readHealthConnectDatabase(archive.File{
			Name: "health_connect_export.db", Size: int64(len(b)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
		}, "Europe/Stockholm")
		if err == nil {
			sound(t, got)
			read++
		} else if fault.CodeOf(err) == "" {
			t.Errorf("seed %d: an error without a code: %v", seed, err)
		}
	}
	if read == 0 || read == times {
		t.Errorf("%d of %d were read", read, times)
	}
}

// sound asks of nights that they can be written, and that what was measured lies
// within the bounds that are stated.
func sound(t *testing.T, r wearable.Result) {
	t.Helper()
	for _, n := range r.Nights {
		if _, err := json.Marshal(n); err != nil {
			t.Errorf("a night that cannot be written: %v", err)
		}
		if m := n.Measured; m != nil {
			for _, v := range []*float64{m.HeartRateMeanBPM, m.HeartRateLowestBPM, m.RMSSDMeanMS, m.BreathsPerMin} {
				if v != nil && !(*v > 0 && *v <= 2000) {
					t.Errorf("%v of %+v", *v, n)
				}
			}
		}
	}
}
