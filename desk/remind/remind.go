// Package remind decides whom to remind of what, when, and in which words: pure
// code over a person's plan, her own hours, and what has been sent. Sending is
// package notify's.
//
// A person is reminded once when her morning entry is open and her hour has
// come, and once more if nothing has arrived after a while; of a form on the
// day it is planned for and on the last day it counts; of the evening's dose at
// her hour, if she wishes. When the information about the trial has changed she
// is told so, and once more some days after; of entries and forms, which are not
// taken before she has consented anew, she is not reminded meanwhile. Nothing is sent in her quiet hours, nothing after
// she has left or completed, and nothing about what has arrived. When several
// mornings in a row have gone by without an entry, the staff are told, once.
//
// The words say neither what is studied nor what is taken: a reminder lies open
// on a table.
package remind

import (
	"context"
	"time"

	"dvala/civil"
	"dvala/schedule"
	"dvala/study"
)

// Settings are how a person is reminded on a date. The zero value reminds her of
// nothing.
type Settings struct {
	Lang               string
	Zone               *time.Location // where she is
	Channels           []Channel      // in the order in which she prefers them
	Morning            civil.Clock    // from when on she may be reminded of the morning's entry
	Evening            civil.Clock    // of the dose
	QuietFrom, QuietTo civil.Clock    // nothing is sent in between; the same hour twice: no quiet hours
}

// SettingsOf gives what the trial knows of how a person wants to be reminded, at
// a moment and where she then is.
func SettingsOf(s *study.State, p *study.Participant, now time.Time) Settings {
	zone := s.Protocol.Zone()
	if p.Enrolled != nil {
		zone = schedule.ZoneOn(s.Protocol, p.Anchor(), civil.DateOf(now.In(zone)))
	}
	r := p.Reminders(civil.DateOf(now.In(zone)))
	out := Settings{
		Lang: string(r.Language), Zone: zone, Morning: r.Morning, Evening: r.Evening, QuietFrom: r.Quiet.From, QuietTo: r.Quiet.To,
	}
	for _, c := range r.Channels {
		if c == string(Push) || c == string(Mail) { // a calendar reminds by itself
			out.Channels = append(out.Channels, Channel(c))
		}
	}
	return out
}

// Subscription is a browser's address for push messages, as it gave it.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256DH   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// Channel is a way by which a message goes.
type Channel string

// The channels.
const (
	Push Channel = "push"
	Mail Channel = "mail"
)

// Kind of a message.
type Kind string

// The kinds.
const (
	Diary Kind = "diary" // the morning's entry
	Form  Kind = "form"  // a form of a visit
	Dose  Kind = "dose"  // the evening's dose
	Alert Kind = "alert" // to the staff: a person is silent
	News  Kind = "news"  // the information has changed, and wants her consent
)

// Message is one thing to send.
type Message struct {
	Key      string // names it: the same key is sent once
	Kind     Kind
	Again    bool // it is the second of its sort
	Subject  study.Subject
	Channels []Channel // to try, in this order, until one takes it
	Lang     string
	Title    string
	Body     string
	Link     string // below the server's address

	run   int        // of an alert: mornings without an entry
	since civil.Date // and the first of them
}

// Sent is one try at sending, as it is kept.
type Sent struct {
	Key     string
	Subject study.Subject
	Channel Channel
	At      time.Time
	OK      bool
	Detail  string // what went wrong, in the other side's words
}

// Book keeps what is no fact of the trial: where a person's browsers take
// messages, since when the pages are on her home screen, and what was sent.
type Book interface {
	Installed(ctx context.Context, who study.Subject) (time.Time, error) // zero: not that we know
	NoteInstalled(ctx context.Context, who study.Subject, at time.Time) error
	Subscriptions(ctx context.Context, who study.Subject) ([]Subscription, error)
	Subscribe(ctx context.Context, who study.Subject, s Subscription) error
	Unsubscribe(ctx context.Context, who study.Subject, endpoint string) error
	// Sent gives the tries since a moment, the oldest first.
	Sent(ctx context.Context, who study.Subject, since time.Time) ([]Sent, error)
	Note(ctx context.Context, s Sent) error
}

// Quiet says whether an hour lies in the quiet ones.
func (s Settings) Quiet(c civil.Clock) bool {
	switch {
	case s.QuietFrom == s.QuietTo:
		return false
	case s.QuietFrom < s.QuietTo:
		return c >= s.QuietFrom && c < s.QuietTo
	}
	return c >= s.QuietFrom || c < s.QuietTo
}
