package desk

import (
	"sync"
	"time"
)

// Jump is a clock that was set while the program ran.
type Jump struct {
	At time.Time     // by the clock as it is now
	By time.Duration // forwards; negative: backwards
}

// jumps that are smaller are the slow corrections of a clock that is kept.
const smallestJump = 2 * time.Second

// WallClock is the one place where the office's time comes from. It holds the clock
// on the wall against one that only runs, and says when they part: then somebody
// set the clock, and the times and dates written from then on differ.
type WallClock struct {
	wall    func() time.Time
	running func() time.Duration
	noticed func(Jump)

	mu     sync.Mutex
	offset time.Duration // between the two
	begun  bool
}

// NewWallClock makes a clock. The running time is counted from anywhere; noticed is
// called for every jump, and may be nil.
func NewWallClock(wall func() time.Time, running func() time.Duration, noticed func(Jump)) *WallClock {
	return &WallClock{wall: wall, running: running, noticed: noticed}
}

// Now gives the time on the wall.
func (c *WallClock) Now() time.Time {
	c.mu.Lock()
	now := c.wall().Round(0) // without the reading of the running clock
	offset := time.Duration(now.UnixNano()) - c.running()
	by := offset - c.offset
	jumped := c.begun && (by >= smallestJump || by <= -smallestJump)
	if jumped || !c.begun {
		c.offset, c.begun = offset, true
	}
	c.mu.Unlock()
	if jumped && c.noticed != nil {
		c.noticed(Jump{At: now.UTC(), By: by.Round(time.Millisecond)})
	}
	return now
}
