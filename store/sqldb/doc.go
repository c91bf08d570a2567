// Package sqldb opens the two databases a trial can lie in, SQLite and
// PostgreSQL, so that one text of SQL and one way to scan rows serve both.
//
//	DB       a database: whom to ask (Read), and Begin, which writes
//	Tx       one transaction that writes
//	Insert, Upsert   many rows at a time
//
// What differs between the two is in this package and in migrations alone:
// how they are opened, what is asserted of them, and their tables. Placeholders
// are $1, $2, … in both. A database is never trusted to do what it was told:
// that a commit is on disk before it returns is asked after it was set.
//
// In PostgreSQL every trial has a schema of its own, which stands first and
// alone in the search path; so the same statements work there too, and trials
// do not wait for each other.
package sqldb
