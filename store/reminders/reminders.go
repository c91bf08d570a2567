// Package reminders keeps where people's browsers take push messages, since when
// the pages are on their home screens, and every message that was sent or tried:
// the book of package remind, in three tables of a database that somebody else has opened
// (SQLite or PostgreSQL; the statements are the same). None of it is a fact of
// the trial, so none of it is on the ledger.
//
//	reminder_screens        person, since when
//	reminder_subscriptions  person, endpoint, keys
//	reminder_outbox         every try: message, person, channel, when, whether it went
package reminders

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dvala/desk/remind"
	"dvala/fault"
	"dvala/study"
)

// Book is a remind.Book in a database.
type Book struct{ write, read *sql.DB }

var _ remind.Book = (*Book)(nil)

var tables = []string{
	`create table if not exists reminder_screens (person text primary key, at_us bigint not null)`,
	`create table if not exists reminder_subscriptions (person text not null, endpoint text not null, p256dh text not null, auth text not null, primary key (person, endpoint))`,
	`create table if not exists reminder_outbox (id text primary key, message text not null, person text not null, channel text not null, at_us bigint not null, ok bigint not null, detail text not null)`,
	`create index if not exists reminder_outbox_person on reminder_outbox (person, at_us)`,
}

// Open makes the tables, where they are not there yet. The two may be one, where
// what writes can be asked, too, while rows are open.
func Open(ctx context.Context, write, read *sql.DB) (*Book, error) {
	for _, ddl := range tables {
		if _, err := write.ExecContext(ctx, ddl); err != nil {
			return nil, fault.Wrap("reminders-open", "", err)
		}
	}
	return &Book{write, read}, nil
}

// Installed gives since when the pages are on a person's home screen; zero where
// nobody has seen that.
func (b *Book) Installed(ctx context.Context, who study.Subject) (time.Time, error) {
	var at int64
	err := b.read.QueryRowContext(ctx, `select at_us from reminder_screens where person = $1`, string(who)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.UnixMicro(at).UTC(), wrap(who, err)
}

// NoteInstalled notes that they are, the first time that it is seen.
func (b *Book) NoteInstalled(ctx context.Context, who study.Subject, at time.Time) error {
	_, err := b.write.ExecContext(ctx, `insert into reminder_screens (person, at_us) values ($1, $2) on conflict (person) do nothing`, string(who), at.UnixMicro())
	return wrap(who, err)
}

// Subscriptions gives where a person's browsers take push messages.
func (b *Book) Subscriptions(ctx context.Context, who study.Subject) ([]remind.Subscription, error) {
	rows, err := b.read.QueryContext(ctx, `select endpoint, p256dh, auth from reminder_subscriptions where person = $1 order by endpoint`, string(who))
	if err != nil {
		return nil, wrap(who, err)
	}
	defer rows.Close()
	var out []remind.Subscription
	for rows.Next() {
		var s remind.Subscription
		if err := rows.Scan(&s.Endpoint, &s.P256DH, &s.Auth); err != nil {
			return nil, wrap(who, err)
		}
		out = append(out, s)
	}
	return out, wrap(who, rows.Err())
}

// Subscribe keeps one.
func (b *Book) Subscribe(ctx context.Context, who study.Subject, s remind.Subscription) error {
	_, err := b.write.ExecContext(ctx, `insert into reminder_subscriptions (person, endpoint, p256dh, auth) values ($1, $2, $3, $4)
		on conflict (person, endpoint) do update set p256dh = excluded.p256dh, auth = excluded.auth`, string(who), s.Endpoint, s.P256DH, s.Auth)
	return wrap(who, err)
}

// Unsubscribe drops one.
func (b *Book) Unsubscribe(ctx context.Context, who study.Subject, endpoint string) error {
	_, err := b.write.ExecContext(ctx, `delete from reminder_subscriptions where person = $1 and endpoint = $2`, string(who), endpoint)
	return wrap(who, err)
}

// Forget drops all that is kept of a person but what was sent, which names her
// by her code alone.
func (b *Book) Forget(ctx context.Context, who study.Subject) error {
	for _, table := range []string{"reminder_screens", "reminder_subscriptions"} {
		if _, err := b.write.ExecContext(ctx, `delete from `+table+` where person = $1`, string(who)); err != nil {
			return wrap(who, err)
		}
	}
	return nil
}

// Sent gives the tries since a moment, the oldest first.
func (b *Book) Sent(ctx context.Context, who study.Subject, since time.Time) ([]remind.Sent, error) {
	rows, err := b.read.QueryContext(ctx, `select message, channel, at_us, ok, detail from reminder_outbox
		where person = $1 and at_us >= $2 order by at_us, id`, string(who), since.UnixMicro())
	if err != nil {
		return nil, wrap(who, err)
	}
	defer rows.Close()
	var out []remind.Sent
	for rows.Next() {
		s := remind.Sent{Subject: who}
		var at, ok int64
		if err := rows.Scan(&s.Key, &s.Channel, &at, &ok, &s.Detail); err != nil {
			return nil, wrap(who, err)
		}
		s.At, s.OK = time.UnixMicro(at).UTC(), ok == 1
		out = append(out, s)
	}
	return out, wrap(who, rows.Err())
}

// Note keeps a try.
func (b *Book) Note(ctx context.Context, s remind.Sent) error {
	ok := int64(0)
	if s.OK {
		ok = 1
	}
	id := string(s.Subject) + " " + s.Key + " " + string(s.Channel) + " " + s.At.UTC().Format(time.RFC3339Nano)
	_, err := b.write.ExecContext(ctx, `insert into reminder_outbox (id, message, person, channel, at_us, ok, detail) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (id) do nothing`, id, s.Key, string(s.Subject), string(s.Channel), s.At.UnixMicro(), ok, s.Detail)
	return wrap(s.Subject, err)
}

func wrap(who study.Subject, err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap("reminders", string(who), err)
}
