// Package sleep holds what is known of one night's sleep: stages, the
// hypnogram, the night with its provenance, and the measures computed from
// them.
//
// # Stages
//
// A stage is a letter, here and at every border:
//
//	W   wake
//	N1  N2  N3   non-REM sleep as AASM scores it
//	R   REM sleep
//	L   light sleep: N1 or N2, the device did not say which
//	S   asleep, and no stage told
//	?   unscored; the zero value
//
// What a device did not tell apart stays untold: a night with L has no N1 and
// no N2 minutes, a night with S has no stage minutes at all, and none of them
// is ever shared out by guess.
//
// # Hypnogram
//
// A Hypnogram is epochs of one length from a start. Written down it is runs,
// each a count and a letter:
//
//	24W 3N1 41N2 30N3 1? 12N2 18R
//
// Unscored epochs stay in place. The start is an instant in its own zone, or
// unknown, as in data sets that were freed of dates.
//
// # Night
//
// A Night is named by the date of waking up (see civil.NightOf). It has at
// most one main sleep; naps stand apart. Its JSON is canonical: the same night
// gives the same bytes on every machine, so that it can be named by its hash.
//
// # Measures
//
// ArchitectureOf measures a hypnogram. Measures that a night does not define,
// such as the latency to REM where there was none, are absent: a nil pointer,
// a dash in print, no key in JSON. They are never zero or NaN.
package sleep
