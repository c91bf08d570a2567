package sleep

import (
	"cmp"
	"slices"
	"time"

	"dvala/fault"
)

// State is asleep or awake, or not known.
type State uint8

// The states.
const (
	Unknown State = iota
	Awake
	Sleeping
)

// String names the state.
func (s State) String() string {
	return [...]string{"unknown", "awake", "asleep"}[min(s, Sleeping)]
}

// Series is states of one person over days, one an epoch, without gaps in time:
// what is not known is Unknown.
type Series struct {
	Start  time.Time
	Epoch  time.Duration
	States []State
}

// maxNights bounds a series: three years.
const maxNights = 1100

// SeriesOf lays nights of one person on one row of states, from the opening of
// the first night's window to the close of the last.
//
// Within a recorded sleep or nap each epoch is what its middle was scored as.
// Outside them a night whose device was worn is Awake: it would have told of
// sleep. A night that was not worn, or has no record, is Unknown from 15:00 to
// 15:00. A night with a main sleep and no status counts as worn.
//
// Two nights of one date are refused: choose a source first.
func SeriesOf(nights []Night, epoch time.Duration) (Series, error) {
	if epoch < MinEpoch || epoch > time.Hour || (24*time.Hour)%epoch != 0 {
		return Series{}, fault.New("epoch-length", "", "an epoch of %v does not divide a day", epoch)
	}
	sorted := slices.Clone(nights)
	slices.SortStableFunc(sorted, func(a, b Night) int { return a.Date.Compare(b.Date) })
	if len(sorted) == 0 {
		return Series{}, fault.New("series-empty", "", "no nights")
	}
	if days := sorted[len(sorted)-1].Date.Sub(sorted[0].Date); days >= maxNights {
		return Series{}, fault.New("series-long", "", "the nights are %d days apart, more than %d", days, maxNights)
	}
	windows := make([][2]time.Time, len(sorted))
	for i, n := range sorted {
		if i > 0 && n.Date == sorted[i-1].Date {
			return Series{}, fault.New("series-twice", n.Date.String(), "two nights of one date").WithHint("choose one source")
		}
		zone, err := Location(n.Zone)
		if err != nil {
			return Series{}, err
		}
		windows[i][0], windows[i][1] = n.Date.Window(zone)
	}
	s := Series{Start: windows[0][0], Epoch: epoch}
	s.States = make([]State, s.index(windows[len(windows)-1][1]))
	for i, n := range sorted {
		if n.Status == Worn || n.Status == "" && !n.Main.IsEmpty() {
			s.fill(windows[i][0], windows[i][1], Awake)
		}
	}
	for _, n := range sorted {
		for _, h := range append([]Hypnogram{n.Main}, n.Naps...) {
			s.lay(h)
		}
	}
	return s, nil
}

// index gives the epoch in which an instant lies, or begins.
func (s Series) index(t time.Time) int {
	return int(t.Sub(s.Start) / s.Epoch)
}

func (s Series) fill(from, to time.Time, state State) {
	for i := max(0, s.index(from)); i < min(len(s.States), s.index(to)); i++ {
		s.States[i] = state
	}
}

// lay writes a hypnogram over what is there.
func (s Series) lay(h Hypnogram) {
	start, ok := h.Start()
	if !ok || h.IsEmpty() {
		return
	}
	end, _ := h.End()
	for i := max(0, s.index(start)-1); i < len(s.States); i++ {
		mid := s.Start.Add(time.Duration(i)*s.Epoch + s.Epoch/2)
		if mid.Before(start) {
			continue
		}
		if !mid.Before(end) {
			break
		}
		switch stage := h.At(int(mid.Sub(start) / h.Epoch())); {
		case stage.IsSleep():
			s.States[i] = Sleeping
		case stage == W:
			s.States[i] = Awake
		default:
			s.States[i] = Unknown
		}
	}
}

// WholeDays gives the series with every day (24 hours from the start on) of which
// more than most is unknown made unknown altogether, and how many days are left.
func (s Series) WholeDays(most time.Duration) (Series, int) {
	out := Series{s.Start, s.Epoch, slices.Clone(s.States)}
	perDay := int(24 * time.Hour / s.Epoch)
	days := 0
	for from := 0; from < len(out.States); from += perDay {
		day := out.States[from:min(from+perDay, len(out.States))]
		unknown := perDay - len(day) // a day that is not all there lacks the rest
		for _, st := range day {
			if st == Unknown {
				unknown++
			}
		}
		if cmp.Compare(time.Duration(unknown)*s.Epoch, most) > 0 {
			for i := range day {
				day[i] = Unknown
			}
			continue
		}
		days++
	}
	return out, days
}
