package store

import "dvala/store/sqldb"

// The tables, with their columns in the order in which rows are written. The
// first columns are the key.
var (
	entriesTable     = sqldb.Table{Name: "entries", Columns: []string{"seq", "bytes"}, Key: 1}
	hashesTable      = sqldb.Table{Name: "hashes", Columns: []string{"place", "hash"}, Key: 1}
	checkpointsTable = sqldb.Table{Name: "checkpoints", Columns: []string{"size", "signed"}, Key: 1}

	participants = sqldb.Table{Name: "participants", Key: 1, Columns: []string{
		"subject", "site", "screened_at", "eligible", "consented_at", "language", "zone", "enrolled_on",
		"randomised_on", "cell", "slot", "left_treatment_on", "left_trial_on", "completed_on",
	}}
	answers = sqldb.Table{Name: "answers", Key: 3, Columns: []string{
		"subject", "visit", "instrument", "entry", "version", "date", "late", "answers", "scores",
	}}
	diaries = sqldb.Table{Name: "diary", Key: 2, Columns: []string{"subject", "night", "entry", "date", "late", "answers"}}
	nights  = sqldb.Table{Name: "nights", Key: 3, Columns: []string{
		"subject", "vendor", "night", "entry", "status", "tst_min", "waso_spt_min", "se_tib_pct", "superseded", "source",
	}}
	doses  = sqldb.Table{Name: "doses", Key: 2, Columns: []string{"subject", "date", "entry", "units"}}
	kits   = sqldb.Table{Name: "kits", Key: 1, Columns: []string{"kit", "subject", "visit", "date", "returned"}}
	events = sqldb.Table{Name: "events", Key: 3, Columns: []string{"subject", "kind", "n", "data"}}
	tasks  = sqldb.Table{Name: "tasks", Key: 4, Columns: []string{
		"subject", "kind", "name", "date", "opens", "due", "closes", "arrived", "whole",
	}}
)

// projections are the tables that Rebuild makes anew.
var projections = []sqldb.Table{participants, answers, diaries, nights, doses, kits, events, tasks}
