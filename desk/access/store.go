package access

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/study"
)

// Reader is what is asked of the rows behind this package. A second result of
// false says that there is no such row.
type Reader interface {
	Account(ctx context.Context, id string) (Account, bool, error)
	AccountByMail(ctx context.Context, mail string) (Account, bool, error)
	AccountByIssuer(ctx context.Context, issuer, external string) (Account, bool, error)
	Accounts(ctx context.Context) ([]Account, error)
	Roles(ctx context.Context, account string) ([]Given, error) // those in force
	Session(ctx context.Context, hash string) (Session, bool, error)
	SessionByID(ctx context.Context, id string) (Session, bool, error)
	Sessions(ctx context.Context, account string) ([]Session, error) // those not ended, newest first
	Link(ctx context.Context, hash string) (Link, bool, error)       // by the hash of its token or code
	Passkeys(ctx context.Context, account string) ([]Passkey, error)
	Passkey(ctx context.Context, id string) (Passkey, bool, error)
	Failures(ctx context.Context, name string) (n int, until time.Time, err error)
	LogEntries(ctx context.Context, from, n int64) ([]LogEntry, error)
	LogHead(ctx context.Context) (n int64, hash string, err error) // the number of the last entry
	Invitation(ctx context.Context, id string) (Invitation, bool, error)
	InvitationBy(ctx context.Context, hash string) (Invitation, bool, error) // by the hash of its token or code
	Invitations(ctx context.Context) ([]Invitation, error)                   // the newest first, with who came
	ArrivalOf(ctx context.Context, session string) (Arrival, bool, error)
	ArrivalsOn(ctx context.Context, device string) ([]Arrival, error) // who answered on it; "": on any
}

// Writer is a transaction.
type Writer interface {
	Reader
	PutAccount(ctx context.Context, a Account) error // a new one
	CloseAccount(ctx context.Context, id string, at time.Time) error
	SetIssuer(ctx context.Context, id, issuer, external string) error
	Give(ctx context.Context, g Given) error
	Revoke(ctx context.Context, g Given) (was bool, err error)

	PutSession(ctx context.Context, s Session) error
	Touch(ctx context.Context, hash string, seen time.Time) error
	Prove(ctx context.Context, hash string, strong time.Time, method string) error
	// Spend uses a proof up for one signature, and counts it. It gives false if
	// the proof was spent before.
	Spend(ctx context.Context, hash string, proof time.Time) (spent bool, err error)
	EndSession(ctx context.Context, account, id string, at time.Time) (was bool, err error)
	EndSessions(ctx context.Context, account, except string, at time.Time) error // except: an ID

	PutLink(ctx context.Context, l Link) error
	// TakeLink uses a link up; false if it was used or voided, or has run out.
	TakeLink(ctx context.Context, hash string, now time.Time) (Link, bool, error)
	VoidLinks(ctx context.Context, account string, p Purpose, now time.Time) error

	PutInvitation(ctx context.Context, i Invitation) error
	RevokeInvitation(ctx context.Context, id string, at time.Time) (was bool, err error)
	PutArrival(ctx context.Context, a Arrival) error
	// TakePlace takes one of the places of an invitation; false where it is
	// closed or all are taken. A visit that has one keeps it.
	TakePlace(ctx context.Context, session string, now time.Time) (bool, error)
	NoteArrival(ctx context.Context, session string, who study.Subject) error
	NoteDevice(ctx context.Context, session, device string) error
	ForgetDevice(ctx context.Context, who study.Subject) error

	PutPasskey(ctx context.Context, p Passkey) error // new, or used: its record is replaced
	DropPasskey(ctx context.Context, account, id string) (was bool, err error)

	PutCeremony(ctx context.Context, hash string, data []byte, expires time.Time) error
	TakeCeremony(ctx context.Context, hash string, now time.Time) ([]byte, bool, error)

	// Take takes from a bucket that refills one every so often and holds so many;
	// it gives how long to wait where it is empty. Buckets are shared by all who
	// share the store.
	Take(ctx context.Context, name string, now time.Time, b Bucket) (wait time.Duration, err error)
	Fail(ctx context.Context, name string, now time.Time, until func(n int) time.Time) error
	Clear(ctx context.Context, name string) error

	// BeginOnce claims a key that nobody had, or that of the same request which was
	// begun before a moment and never ended; OnceOf gives what there is under one;
	// EndOnce keeps the answer, or with no status forgets the request.
	BeginOnce(ctx context.Context, o Once, stale time.Time) (begun bool, err error)
	OnceOf(ctx context.Context, account, key string) (Once, bool, error)
	EndOnce(ctx context.Context, o Once) error

	AddLog(ctx context.Context, e LogEntry) error // number and hash are given here
	Sweep(ctx context.Context, before time.Time) error
}

// Store keeps the rows. Package people has it on SQLite and on PostgreSQL.
type Store interface {
	Reader
	// Write runs a function in one transaction, which is on disk when Write
	// returns without an error; with one, nothing has happened. The function may
	// be run again when two transactions met.
	Write(ctx context.Context, do func(Writer) error) error
}

// granted gives grants without their history.
func granted(all []Given) []desk.Grant {
	out := make([]desk.Grant, len(all))
	for i, g := range all {
		out[i] = g.Grant
	}
	return out
}
