package agree

import (
	"time"

	"dvala/fault"
	"dvala/sleep"
)

// Scheme is the classes in which scorings are compared.
type Scheme uint8

// The schemes, from fine to coarse.
const (
	FiveStages Scheme = iota // W N1 N2 N3 R
	FourStages               // W L N3 R
	TwoStates                // W S
)

// Classes lists the scheme's classes in the order of tables.
func (s Scheme) Classes() []sleep.Stage {
	switch s {
	case FourStages:
		return []sleep.Stage{sleep.W, sleep.Light, sleep.N3, sleep.R}
	case TwoStates:
		return []sleep.Stage{sleep.W, sleep.Asleep}
	}
	return []sleep.Stage{sleep.W, sleep.N1, sleep.N2, sleep.N3, sleep.R}
}

// String names the scheme.
func (s Scheme) String() string {
	return [...]string{"W N1 N2 N3 R", "W L N3 R", "W S"}[s]
}

// class gives the index of a stage among the classes; ok is false for an
// unscored epoch and for a stage that the scheme is too fine for.
func (s Scheme) class(stage sleep.Stage) (int, bool) {
	switch {
	case stage == sleep.W:
		return 0, true
	case !stage.IsSleep():
		return 0, false
	case s == TwoStates:
		return 1, true
	case s == FourStages:
		switch stage {
		case sleep.N1, sleep.N2, sleep.Light:
			return 1, true
		case sleep.N3:
			return 2, true
		case sleep.R:
			return 3, true
		}
		return 0, false
	}
	switch stage {
	case sleep.N1:
		return 1, true
	case sleep.N2:
		return 2, true
	case sleep.N3:
		return 3, true
	case sleep.R:
		return 4, true
	}
	return 0, false
}

// SchemeOf gives the finest scheme that all hypnograms have.
func SchemeOf(hs ...sleep.Hypnogram) Scheme {
	s := FiveStages
	for _, h := range hs {
		if h.Count(sleep.Asleep) > 0 {
			return TwoStates
		}
		if h.Count(sleep.Light) > 0 {
			s = FourStages
		}
	}
	return s
}

// Pair is two scorings of one night, laid on the same epochs.
type Pair struct {
	Name           string
	Ref, Dev       []sleep.Stage
	Epoch          time.Duration
	Scheme         Scheme
	RefLen, DevLen int // epochs of each before the longer was cut
}

// MakePair lays two hypnograms on epochs of one length. Where both starts are
// known they are set against each other by the clock, to the nearest epoch;
// else the first epochs are. What only one of them covers is left out. Epochs of
// two lengths are refined to the greatest that divides both.
func MakePair(name string, ref, dev sleep.Hypnogram) (Pair, error) {
	if ref.IsEmpty() || dev.IsEmpty() {
		return Pair{}, fault.New("agree-empty", name, "one of the two scorings is empty")
	}
	epoch := common(ref.Epoch(), dev.Epoch())
	if epoch < sleep.MinEpoch {
		return Pair{}, fault.New("agree-epoch", name, "epochs of %v and %v have no common part of a second or more", ref.Epoch(), dev.Epoch())
	}
	r, err := ref.Refine(int(ref.Epoch() / epoch))
	if err != nil {
		return Pair{}, err
	}
	d, err := dev.Refine(int(dev.Epoch() / epoch))
	if err != nil {
		return Pair{}, err
	}
	shift := 0
	a, ok1 := r.Start()
	b, ok2 := d.Start()
	if ok1 && ok2 {
		shift = int(b.Sub(a).Round(epoch) / epoch)
	}
	p := Pair{Name: name, Epoch: epoch, Scheme: SchemeOf(ref, dev), RefLen: r.Len(), DevLen: d.Len()}
	p.Ref, p.Dev = shifted(r.Stages(), d.Stages(), shift)
	if len(p.Ref) == 0 {
		return Pair{}, fault.New("agree-apart", name, "the two scorings have no time in common").WithHint("are the clocks and the zone right?")
	}
	return p, nil
}

// shifted cuts two rows to what they share when the second begins shift epochs
// after the first.
func shifted(ref, dev []sleep.Stage, shift int) (r, d []sleep.Stage) {
	from := max(0, shift)
	to := min(len(ref), len(dev)+shift)
	if from >= to {
		return nil, nil
	}
	return ref[from:to], dev[from-shift : to-shift]
}

func common(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
