// Package remind decides whom to remind of what, when, and in which words: pure
// code over a person's plan, her own hours, and what has been sent. Sending is
// package notify's.
//
// A person is reminded once when her morning entry is open and her hour has
// come, and once more if nothing has arrived after a while; of a form on the
// day it is planned for and on the last day it counts; of the evening's dose at
// her hour, if she wishes. Nothing is sent in her quiet hours, nothing after
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
	"dvala/study"
)

// Settings are how a person wants to be reminded. The zero value reminds her of
// nothing.
type Settings struct {
	Lang      string      `json:"lang"`
	Zone      string      `json:"zone"` // IANA
	Push      bool        `json:"push"`
	Mail      bool        `json:"mail"`
	Morning   civil.Clock `json:"morning"`            // from when on she may be reminded of the morning's entry
	Evening   civil.Clock `json:"evening"`            // of the dose
	Dose      bool        `json:"dose"`               // she wants that
	QuietFrom civil.Clock `json:"quiet_from"`         // nothing is sent from then
	QuietTo   civil.Clock `json:"quiet_to"`           // until then; the same hour twice: no quiet hours
	Installed time.Time   `json:"installed,omitzero"` // when the pages were put on the home screen
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

// Book keeps settings, subscriptions, and what was sent.
type Book interface {
	Settings(ctx context.Context, who study.Subject) (Settings, bool, error)
	Keep(ctx context.Context, who study.Subject, s Settings) error
	Subscriptions(ctx context.Context, who study.Subject) ([]Subscription, error)
	Subscribe(ctx context.Context, who study.Subject, s Subscription) error
	Unsubscribe(ctx context.Context, who study.Subject, endpoint string) error
	// Sent gives the tries since a moment, the oldest first.
	Sent(ctx context.Context, who study.Subject, since time.Time) ([]Sent, error)
	Note(ctx context.Context, s Sent) error
}

// Defaults gives settings that fit a person who wakes at an hour: a reminder
// half an hour later, none between ten in the evening and her waking.
func Defaults(lang, zone string, wake civil.Clock) Settings {
	const day = 24 * 60
	return Settings{
		Lang: lang, Zone: zone, Mail: true, Morning: (wake + 30) % day, Evening: 21 * 60,
		QuietFrom: 22 * 60, QuietTo: wake % day,
	}
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
