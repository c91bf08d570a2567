package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"dvala/desk/remind"
	"dvala/study"
)

// Sending is one try at sending something to a person, or to the staff about her:
// what sort of message, by which way, when, and whether the other side took it.
// What it said is not kept, and an address is not told.
type Sending struct {
	N       int // its place among all that was sent to her, from 1
	At      time.Time
	What    string // diary, form, dose, news; to staff: silent, serious; letter of anything else
	Of      string // the date or the visit that it was about
	Again   bool   // the second of its sort
	Staff   bool   // it went to the staff
	Channel string // push, mail
	Taken   bool   // the service or the mail server took it; that it was read nobody knows
}

// Sendings keeps what was sent. Package store/reminders does.
type Sendings interface {
	Sent(ctx context.Context, who study.Subject, since time.Time) ([]remind.Sent, error)
}

// SendingsTo gives every try at sending to a person or about her, the newest first.
// Nothing is known where nothing is sent, as of people who are made up.
func (o *Office) SendingsTo(ctx context.Context, c Caller, who study.Subject) ([]Sending, error) {
	if err := o.See(ctx, c, "see-sendings", who, func(*study.State) error { return nil }); err != nil {
		return nil, err
	}
	if o.parts.Sendings == nil {
		return nil, nil
	}
	all, err := o.parts.Sendings.Sent(ctx, who, time.Time{})
	if err != nil {
		return nil, err
	}
	out := make([]Sending, len(all))
	for i, s := range all {
		x := sendingOf(s)
		x.N = i + 1
		out[len(all)-1-i] = x
	}
	return out, nil
}

// toHer are the sorts of messages that go to the person, and about her those to staff
// whose name tells nothing but that.
var (
	toHer   = []string{string(remind.Diary), string(remind.Form), string(remind.Dose), string(remind.News)}
	toStaff = []string{"silent", "serious"}
)

// sendingOf takes from the name of a message what may be told: its sort, what it was
// about, and whether it was the second. Names of letters to staff hold accounts.
func sendingOf(s remind.Sent) Sending {
	words := strings.Fields(s.Key)
	out := Sending{At: s.At, What: "letter", Staff: true, Channel: string(s.Channel), Taken: s.OK}
	switch {
	case len(words) == 0:
	case slices.Contains(toHer, words[0]):
		out.What, out.Staff, out.Again = words[0], false, words[len(words)-1] == "again" && len(words) > 2
		if len(words) > 1 {
			out.Of = words[1]
		}
	case slices.Contains(toStaff, words[0]):
		out.What = words[0]
	}
	return out
}

// SendingSorts are the sorts of messages, for the catalogues of languages.
func SendingSorts() []string { return append(append([]string{"letter"}, toHer...), toStaff...) }
