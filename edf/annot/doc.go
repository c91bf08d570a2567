// Package annot reads what a scorer wrote beside a recording, in the dialects
// that are not EDF+: the XML of the National Sleep Research Resource and of
// Profusion, the event list of Noxturnal, and plain lists of one stage a line
// (Luna's .eannot, YASA's text files). Tables with a head, as BIDS has them, are
// read by dvala/wearable/epochs.
//
//	<PSGAnnotation>…<ScoredEvent>           NSRR: stages are events with a start
//	<CMPStudyConfig>…<SleepStage>2</…>      Profusion: one number an epoch
//	15/01/2016 22:30:00,…,Éveil,30,         Noxturnal: stages are events, localised
//	N2                                      list: one word an epoch
//
// All give a Scoring: stages and other events as annotations with onsets from
// the start of the recording, from which Hypnogram makes epochs. Files are
// streamed; the XML readers resolve no entity, follow no reference and give up
// at a depth, a length and a number of events that no night has.
package annot
