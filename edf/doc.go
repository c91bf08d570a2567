// Package edf reads the European Data Format and its kin: EDF, EDF+ (continuous
// and discontinuous), BDF and BDF+.
//
// A file is a header of 256 bytes, 256 bytes more for every signal, then data
// records of one length, each holding every signal's samples in turn:
//
//	header   version 8, patient 80, recording 80, start date 8, start time 8,
//	         header bytes 8, reserved 44, records 8, record seconds 8, signals 4
//	signals  label 16, transducer 80, unit 8, physical minimum 8 and maximum 8,
//	         digital minimum 8 and maximum 8, prefilter 80, samples 8,
//	         reserved 32; each field for all signals before the next field
//	record   samples of two bytes (BDF: three), low byte first, signed
//
// All header fields are text padded with spaces. In the plus formats a signal
// called “EDF Annotations” (“BDF Annotations”) holds text instead of samples:
// time-stamped annotation lists,
//
//	+30630␕120␔Sleep stage 1␔␀        ␕ = 0x15, ␔ = 0x14
//
// an onset in seconds after the start, perhaps a duration, one or more texts.
// The first list of a record has an empty text and tells when the record began.
//
// A Reader streams: it holds the header and one record, whatever the file
// claims to hold. What recorders get wrong and a reader can live with is told
// as warnings; see Reader.Warnings. doc/formats/edf.md has the whole table.
package edf
