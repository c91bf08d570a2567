package desk

import (
	"time"

	"dvala/wearable"
)

// Took says what became of the nights of a file or of a ring.
type Took struct {
	New, Corrected, Again int                 // nights: first told, told otherwise than before, known as they are
	Outside, Empty        int                 // nights that the trial does not ask for, and without a main sleep
	Records               []wearable.Decision // of the nights that it asks for
	Others                []string            // devices that are not the trial's
	Unread                int                 // records that could not be read
	Later                 bool                // nothing yet: it is being read
}

// Reading is how far a person's file has come, or what came of it.
type Reading struct {
	Sent        time.Time
	Done, Total int
	Over        bool
	Took        Took   // once it is over
	Code        string // why it could not be taken
}

// Link is how a person's ring stands.
type Link struct {
	Ready     bool      // this server can ask the vendor at all
	Since     time.Time // when she connected it; zero: it is not connected
	Last      time.Time // when its nights last came
	NeedsHer  bool      // the vendor does not answer to what she allowed any more
	Automatic bool      // nights are fetched by themselves
}
