package desk

import (
	"sync"
	"time"

	"dvala/fault"
)

// Jump is a clock that was set while the program ran.
type Jump struct {
	At time.Time     `json:"at"` // by the clock as it is now
	By time.Duration `json:"by"` // forwards; negative: backwards
	// Wrong says that the clock was known to be wrong before it was set.
	Wrong bool `json:"wrong,omitempty"`
}

// jumps that are smaller are the slow corrections of a clock that is kept.
const smallestJump = 2 * time.Second

// Ahead is by how much a clock may be set forward while nobody has to say that
// it is right. What is entered by a clock that is ahead stays on the ledger, and
// nothing can follow before that time.
const Ahead = 10 * time.Minute

// CodeClockAhead is of what is refused because the clock went far ahead.
const CodeClockAhead fault.Code = "clock-ahead"

// WallClock is the one place where the office's time comes from. It holds the clock
// on the wall against one that only runs, and says when they part: then somebody
// set the clock, and the times and dates written from then on differ. One that was
// set forward by more than Ahead, since the start or since it was confirmed, is
// not trusted until it is set back or confirmed.
type WallClock struct {
	server  string
	wall    func() time.Time
	running func() time.Duration
	noticed func(Jump)

	mu     sync.Mutex
	offset time.Duration // between the two
	right  time.Duration // the offset at which the clock was right
	begun  bool
	wrong  bool  // it is, and is to be set
	doubt  error // why it was not trusted from the start; nil: it was
}

// NewWallClock makes the clock of a server, by name. The running time is counted
// from anywhere; noticed is called for every jump, and may be nil.
func NewWallClock(server string, wall func() time.Time, running func() time.Duration, noticed func(Jump)) *WallClock {
	return &WallClock{server: server, wall: wall, running: running, noticed: noticed}
}

// Now gives the time on the wall.
func (c *WallClock) Now() time.Time {
	c.mu.Lock()
	now := c.wall().Round(0) // without the reading of the running clock
	offset := time.Duration(now.UnixNano()) - c.running()
	by := offset - c.offset
	jumped := c.begun && (by >= smallestJump || by <= -smallestJump)
	wrong := jumped && c.wrong
	if !c.begun || wrong {
		c.right, c.wrong = offset, false
	}
	if jumped || !c.begun {
		c.offset, c.begun = offset, true
	}
	c.mu.Unlock()
	if jumped && c.noticed != nil {
		c.noticed(Jump{At: now.UTC(), By: by.Round(time.Millisecond), Wrong: wrong})
	}
	return now
}

// Trust says why times that Now gave last cannot be put on the ledger, if so.
func (c *WallClock) Trust() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by := c.offset - c.right; by >= Ahead {
		return fault.New(CodeClockAhead, c.server, "the clock of this server was set forward by %v while it ran, and nothing is written until that is known to be right", by.Round(time.Second)).
			WithHint("set the clock right, and it goes on by itself; or an administrator confirms the time, with a reason (confirm-clock)")
	}
	return c.doubt
}

// Doubt says that the clock was not to be trusted at the start, and why; nil, that
// it is after all.
func (c *WallClock) Doubt(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doubt = why
}

// Wrong says that the clock is known to be wrong: it stands before the last entry.
// When it is set, that is not held against it.
func (c *WallClock) Wrong() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = true
}

// Confirm says that the clock of a server, or of all with an empty name, is right
// as it stands.
func (c *WallClock) Confirm(server string) {
	if server != "" && server != c.server {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.right, c.doubt = c.offset, nil
}
