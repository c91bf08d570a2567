package api

import (
	"context"
	"time"

	"dvala/desk/remind"
	"dvala/study"
)

// mailed is what was sent to everybody: a morning's reminder, that failed, and its second.
type mailed struct{}

func (mailed) Sent(_ context.Context, who study.Subject, _ time.Time) ([]remind.Sent, error) {
	return []remind.Sent{
		{Key: "diary 2026-03-04", Subject: who, Channel: remind.Push, At: day(2)},
		{Key: "diary 2026-03-04 again", Subject: who, Channel: remind.Mail, At: day(2).Add(time.Hour), OK: true},
		{Key: "form day-7", Subject: who, Channel: remind.Mail, At: day(7), OK: true},
	}, nil
}
