package main

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/desk/remind"
	"dvala/store/people"
	"dvala/study"
)

// telephones knows of people's telephones: the home screen is in the book of
// reminders, and the last touch among the sessions.
type telephones struct {
	book   remind.Book
	people *people.Store
}

// Device tells of a person's.
func (d *telephones) Device(ctx context.Context, who study.Subject) (out desk.Device, err error) {
	if out.Installed, err = d.book.Installed(ctx, who); err != nil {
		return out, err
	}
	out.Seen, err = d.people.LastSeen(ctx, who)
	return out, err
}

// LastSeenBefore tells of those that have not been in touch since some moment.
func (d *telephones) LastSeenBefore(ctx context.Context, since time.Time) (map[study.Subject]time.Time, error) {
	return d.people.LastSeenBefore(ctx, since)
}
