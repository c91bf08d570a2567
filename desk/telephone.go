package desk

import (
	"context"
	"time"

	"dvala/study"
)

// Device is what is known of the telephone on which a person answers. What waits
// on it nobody else can know: that it has not been in touch is the only sign.
type Device struct {
	Installed time.Time // since when the pages are on its home screen; zero: not that we know
	Seen      time.Time // when it was last in touch; zero: never
}

// unsyncedAfter is how long a device may be away before the staff see that what
// was filled in may be waiting on it.
const unsyncedAfter = 24 * time.Hour

// Away says whether a device that was in touch has not been for more than a day.
func (d Device) Away(now time.Time) bool {
	return !d.Seen.IsZero() && now.Sub(d.Seen) > unsyncedAfter
}

// Telephones knows of people's devices.
type Telephones interface {
	Device(ctx context.Context, who study.Subject) (Device, error)
	// LastSeenBefore gives when devices were last in touch, of those that were and
	// have not been since some moment.
	LastSeenBefore(ctx context.Context, since time.Time) (map[study.Subject]time.Time, error)
}

// DeviceOf tells of a person's device whoever may see the person; not ok where
// nothing is known of devices, as of people who are made up.
func (o *Office) DeviceOf(ctx context.Context, c Caller, who study.Subject) (d Device, ok bool, err error) {
	if err := o.See(ctx, c, "see-person", who, func(*study.State) error { return nil }); err != nil {
		return d, false, err
	}
	if o.parts.Telephones == nil {
		return d, false, nil
	}
	d, err = o.parts.Telephones.Device(ctx, who)
	return d, err == nil, err
}
