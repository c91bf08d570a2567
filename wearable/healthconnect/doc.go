// Package healthconnect reads what Android's Health Connect holds of sleep:
// from the JSON that exporting apps write, or from the rows of the database
// that Health Connect itself exports, which the program reads and hands in as
// an Export.
//
//	{"SleepSessionRecord": [
//	  {"startTime": "2026-11-22T22:10:00Z", "startZoneOffset": "+01:00",
//	   "endTime": "2026-11-23T06:02:00Z", "endZoneOffset": "+01:00",
//	   "stages": [{"startTime": "2026-11-22T22:10:00Z", "endTime": "…", "stage": 4}, …],
//	   "metadata": {"id": "…", "dataOrigin": {"packageName": "com.example.ring"},
//	                "lastModifiedTime": "2026-11-23T08:00:00Z"}}]}
//
// Exporters agree on little but the names of Health Connect's own classes: so
// records are found wherever they stand, by the name of their kind in the key
// above them or within, and the fields by any of the names in use. Times are
// text or milliseconds; stages numbers or words.
//
// The database cannot be read here, because this floor of the program reaches
// no database; doc/formats/wearables.md says which columns the rows come from.
//
// One session is one sleep. Of two apps' sessions of the same time the order is
// that of the options, then one with stages before one without, within the rules
// of package wearable; of two with one id, the one modified later counts.
package healthconnect
