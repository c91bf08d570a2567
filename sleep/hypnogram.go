package sleep

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"time"

	"dvala/fault"
)

// What a hypnogram may be. Two days hold a whole Sleep-EDF record; the limits
// are there so that a hostile file cannot ask for more memory than a night.
const (
	MinEpoch  = time.Second
	MaxEpoch  = 10 * time.Minute
	MaxLength = 48 * time.Hour
)

// Hypnogram is epochs of one length from a start, each with a stage. It is
// made by NewHypnogram only, is not changed afterwards, and its zero value is
// the empty hypnogram: no night at all.
type Hypnogram struct {
	start  time.Time // zero if unknown
	epoch  time.Duration
	stages []Stage
}

// NewHypnogram makes a hypnogram. The start is in the zone whose clock the
// sleeper saw, or the zero time if it is unknown. The epoch is a whole number
// of milliseconds from MinEpoch to MaxEpoch, and there is at least one stage.
func NewHypnogram(start time.Time, epoch time.Duration, stages []Stage) (Hypnogram, error) {
	if epoch < MinEpoch || epoch > MaxEpoch || epoch%time.Millisecond != 0 {
		return Hypnogram{}, fault.New("epoch-length", "epoch", "an epoch of %v", epoch).
			WithHint("epochs are whole milliseconds from %v to %v; 30 s is usual", MinEpoch, MaxEpoch)
	}
	if len(stages) == 0 {
		return Hypnogram{}, fault.New("hypnogram-empty", "stages", "no epochs")
	}
	if len(stages) > int(MaxLength/epoch) {
		return Hypnogram{}, fault.New("hypnogram-long", "stages", "%d epochs of %v are more than %v", len(stages), epoch, MaxLength)
	}
	for i, s := range stages {
		if s >= stageCount {
			return Hypnogram{}, fault.New("stage-letter", "stages", "epoch %d has no stage that exists (%d)", i+1, int(s))
		}
	}
	if !start.IsZero() {
		start = start.Round(0) // drop the monotonic reading, which has no place in a record
		if start.Year() < 1900 || start.Year() > 2999 {
			return Hypnogram{}, fault.New("hypnogram-start", "start", "a start in the year %d", start.Year())
		}
	}
	return Hypnogram{start: start, epoch: epoch, stages: slices.Clone(stages)}, nil
}

// IsEmpty says whether there is no hypnogram here.
func (h Hypnogram) IsEmpty() bool { return len(h.stages) == 0 }

// Start gives when the first epoch begins, and whether that is known.
func (h Hypnogram) Start() (time.Time, bool) { return h.start, !h.start.IsZero() }

// End gives when the last epoch ends, and whether that is known.
func (h Hypnogram) End() (time.Time, bool) {
	return h.start.Add(h.Duration()), !h.start.IsZero()
}

// Mid gives the instant half way between start and end.
func (h Hypnogram) Mid() (time.Time, bool) {
	return h.start.Add(h.Duration() / 2), !h.start.IsZero()
}

// Epoch gives the length of an epoch.
func (h Hypnogram) Epoch() time.Duration { return h.epoch }

// Len gives the number of epochs.
func (h Hypnogram) Len() int { return len(h.stages) }

// At gives the stage of epoch i, from 0.
func (h Hypnogram) At(i int) Stage { return h.stages[i] }

// Stages gives all stages, as a copy.
func (h Hypnogram) Stages() []Stage { return slices.Clone(h.stages) }

// Duration gives the time from start to end.
func (h Hypnogram) Duration() time.Duration { return time.Duration(len(h.stages)) * h.epoch }

// Count gives the number of epochs of that stage.
func (h Hypnogram) Count(s Stage) int {
	n := 0
	for _, t := range h.stages {
		if t == s {
			n++
		}
	}
	return n
}

// String gives the runs, as in "24W 3N1 41N2".
func (h Hypnogram) String() string { return FormatStages(h.stages) }

// Equal says whether both have the same epochs at the same instants.
func (h Hypnogram) Equal(o Hypnogram) bool {
	return h.start.Equal(o.start) && h.epoch == o.epoch && slices.Equal(h.stages, o.stages)
}

// In gives the hypnogram with its start told in another zone.
func (h Hypnogram) In(zone *time.Location) Hypnogram {
	if !h.start.IsZero() {
		h.start = h.start.In(zone)
	}
	return h
}

// StartingAt gives the hypnogram with another start, or with an unknown one if
// the time is zero.
func (h Hypnogram) StartingAt(start time.Time) (Hypnogram, error) {
	return NewHypnogram(start, h.epoch, h.stages)
}

// Slice gives epochs i up to j, as Go slices count, with the start moved along.
// The range must hold at least one epoch.
func (h Hypnogram) Slice(i, j int) Hypnogram {
	if i >= j {
		panic("sleep: empty slice of a hypnogram")
	}
	out := Hypnogram{start: h.start, epoch: h.epoch, stages: h.stages[i:j:j]}
	if !h.start.IsZero() {
		out.start = h.start.Add(time.Duration(i) * h.epoch)
	}
	return out
}

// Refine gives the same night in epochs n times shorter, each old epoch
// repeated n times.
func (h Hypnogram) Refine(n int) (Hypnogram, error) {
	if n < 1 || h.epoch%time.Duration(n) != 0 {
		return Hypnogram{}, fault.New("epoch-length", "epoch", "%v does not divide by %d", h.epoch, n)
	}
	stages := make([]Stage, 0, n*len(h.stages))
	for _, s := range h.stages {
		for range n {
			stages = append(stages, s)
		}
	}
	return NewHypnogram(h.start, h.epoch/time.Duration(n), stages)
}

type hypnogramJSON struct {
	Start  *time.Time `json:"start,omitempty"`
	EpochS float64    `json:"epoch_s"`
	Stages string     `json:"stages"`
}

// wireTime gives an instant as RFC 3339 can hold it: offsets with seconds,
// which zones had before there were railways, become UTC.
func wireTime(t time.Time) time.Time {
	if _, offset := t.Zone(); offset%60 != 0 {
		return t.UTC()
	}
	return t
}

// MarshalJSON writes {"start":…,"epoch_s":30,"stages":"24W 3N1 …"}; the empty
// hypnogram is null.
func (h Hypnogram) MarshalJSON() ([]byte, error) {
	if h.IsEmpty() {
		return []byte("null"), nil
	}
	w := hypnogramJSON{EpochS: h.epoch.Seconds(), Stages: h.String()}
	if !h.start.IsZero() {
		start := wireTime(h.start)
		w.Start = &start
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *Hypnogram) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*h = Hypnogram{}
		return nil
	}
	var w hypnogramJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return fault.Wrap("hypnogram-json", "", err)
	}
	ms := w.EpochS * 1000
	if !(ms >= 1 && ms <= float64(MaxEpoch/time.Millisecond)) || ms != math.Trunc(ms) {
		return fault.New("epoch-length", "epoch_s", "an epoch of %v s", w.EpochS).WithHint("30 is usual")
	}
	epoch := time.Duration(ms) * time.Millisecond
	stages, err := ParseStages(w.Stages, int(MaxLength/max(epoch, MinEpoch)))
	if err != nil {
		return err
	}
	var start time.Time
	if w.Start != nil {
		start = *w.Start
	}
	made, err := NewHypnogram(start, epoch, stages)
	if err != nil {
		return err
	}
	*h = made
	return nil
}
