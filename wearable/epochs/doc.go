// Package epochs reads plain tables of scored epochs: one row an epoch, or one
// row a stretch of one stage, parted by tabs, commas or semicolons, and lists of
// codes in JSON.
//
//	onset	duration	stage
//	0	30	W
//	30	30	N1
//
// Columns are found by name; a Layout says others. The onset is seconds from the
// start of the record, or a date with a time of day, which then tells when the
// night began. Without an onset the rows follow each other. A duration of
// several epochs stands for all of them.
//
// What the codes mean is said by a Map with a name (maps.json) or given by the
// user. Words and letters explain themselves; numbers do not, and a table of
// numbers without a map is refused. A code that the map does not have is a
// problem with its line, never a guess.
//
// Epochs that the table leaves out are unscored. doc/formats/epochs.md has
// examples.
package epochs
