// Package blob keeps files under their SHA-256: in a folder, or in a bucket of
// an object store that speaks S3. A file is there whole or not at all, is never
// changed, and is checked against its name when it is read.
//
//	DIR/ab/abc…              in a folder, by the first two digits
//	s3://bucket/prefix/ab/abc…
//
// Small files are handed over as bytes, many at a time. Large ones are
// streamed: hashed while they are written to a passing file, and moved to their
// name when all of it has come, so that 4 GB take no more memory than 4 kB.
package blob
