// Package store keeps a trial in a directory: the ledger and what is derived
// from it in an SQLite file, and the files that the ledger names in a folder.
//
//	DIR/trial.db         the ledger, its hash tree, checkpoints and projections
//	DIR/blobs/ab/abc…    files by their SHA-256, never changed
//	DIR/ledger.pub       the key that checks checkpoints
//	DIR/ledger.key       the key that signs them; only the owner can read it (0600)
//	DIR/checkpoint       the last signed checkpoint, as a file to carry away
//	DIR/writer.lock      held by the process that writes
//
// In trial.db,
//
//	entries      seq, bytes             the ledger; rows are added and nothing else
//	hashes       place, hash            the tree over it, as x/mod/sumdb/tlog places it
//	checkpoints  size, signed           one for every commit
//	meta         key, value             the protocol's and the sealed list's hashes
//
// and the projections participants, answers, diary, nights, doses, kits,
// events, tasks: what the ledger says, as rows for whoever wants to ask in SQL.
// They hold nothing of their own. Rebuild makes them anew.
//
// A trial that several servers share lies in PostgreSQL instead, in a schema of
// its own with the same tables, and its files in a bucket (package blob); the
// directory is then not needed. Where names a place of either kind.
//
// In a directory one process writes; in PostgreSQL any number, one group of
// commands at a time. Commands that wait at the same time are decided one after
// the other on the state in memory and committed together: entries, hashes,
// checkpoint and projections in one transaction, which is synced before anyone
// is told. A command that is refused leaves nothing behind and disturbs no
// other. doc/store.md has the reasons and what was tested.
package store
