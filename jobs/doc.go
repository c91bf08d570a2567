// Package jobs is work in the background, on River, in the trial's own
// database: what takes long, what happens by the clock, and what speaks to the
// world outside.
//
//	Args      one kind of work: a small struct with what it needs to know
//	Handlers  what is done for each kind; Handle adds one
//	Queue     Enqueue, EnqueueTx, Status, Recent; Start works
//	Piece     work that somebody asked for, and what came of it; it outlives its job
//
// A job is done at least once: a process may die between doing it and saying so,
// and another then does it again. So a handler gives its commands under keys
// made from the job, and what it sends carries one.
//
//	enqueued ─► running ─► completed
//	    ▲           ├─► retryable ─► running …   (an error; later and later)
//	    │           └─► discarded                (an error too often)
//	    └── rescued: its process has not said for half a minute that it lives
//
// EnqueueTx puts a job into the transaction that makes it necessary: it is there
// if the facts are, and not otherwise. No rule of a trial is in this room, and
// a job's arguments name people by their codes alone.
package jobs
