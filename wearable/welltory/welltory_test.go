package welltory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"dvala/wearable/archive"
	"dvala/wearable/session"
)

const heading = `"user_code","day","sleep_begin","sleep_end","sleep_duration","sleep_awake_duration","sleep_rem_duration","sleep_light_duration","sleep_deep_duration","pulse_min","pulse_max","pulse_average"` + "\n"

const rows = heading +
	`"b","2026-11-24","2026-11-23 23:00:00","2026-11-24 07:00:00","27000.000","1800","5400","16200","5400","48","80","56.5"` + "\n" +
	`"a","2026-11-24","2026-11-23 22:30:00","2026-11-24 06:30:00","28800.000","","","","","","",""` + "\n"

// Two people's nights of one date stay apart; 27,000 s are 450 min.
func TestRead(t *testing.T) {
	r, err := Read([]archive.File{archive.Bytes("sleep.csv", []byte(rows))}, session.Options{Zone: "Europe/Stockholm"})
	if err != nil || len(r.Nights) != 2 || r.Nights[0].Source.Scorer != "a" || r.Nights[1].Source.Scorer != "b" {
		t.Fatalf("%v %+v", err, r)
	}
	n := r.Nights[1]
	if n.Date.String() != "2026-11-24" || !n.Main.IsEmpty() || *n.Stated.TSTMin != 450 || *n.Stated.TIBMin != 480 || *n.Stated.N3Min != 90 || *n.Measured.HeartRateMeanBPM != 56.5 {
		t.Errorf("%+v %+v", n, n.Stated)
	}
	if r.Nights[0].Stated.N3Min != nil {
		t.Error("what is not told is not absent")
	}
}

// Every row of the published table (CC0, hrv-covid19) is a sleep that is read.
func TestPublishedTable(t *testing.T) {
	root := os.Getenv("DVALA_REFERENCE")
	if root == "" {
		root = "../../../shared"
	}
	b, err := os.ReadFile(filepath.Join(root, "data", "welltory", "data", "sleep.csv"))
	if err != nil {
		t.Skip("data/welltory not found; set DVALA_REFERENCE to the reference data")
	}
	r, err := Read([]archive.File{archive.Bytes("sleep.csv", b)}, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Decisions) != 425 {
		t.Errorf("%d of 425 rows were told of", len(r.Decisions))
	}
	people := map[string]bool{}
	for _, n := range r.Nights {
		people[n.Source.Scorer] = true
		if n.Stated != nil && n.Stated.TSTMin != nil && n.Stated.TIBMin != nil && *n.Stated.TSTMin > *n.Stated.TIBMin+2.5 {
			t.Logf("%s %s: %.0f min asleep in %.0f", n.Source.Scorer, n.Date, *n.Stated.TSTMin, *n.Stated.TIBMin)
		}
	}
	t.Logf("%d nights of %d people, %d warnings", len(r.Nights), len(people), len(r.Warnings))
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(rows))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read([]archive.File{archive.Bytes("sleep.csv", b)}, session.Options{})
		if err != nil {
			return
		}
		if _, err := json.Marshal(r.Nights); err != nil {
			t.Fatal(err)
		}
	})
}
