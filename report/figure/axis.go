package figure

import "math"

// Scale maps numbers onto a stretch of the picture.
type Scale struct{ From, To, A, B float64 }

// At gives the coordinate of a number.
func (s Scale) At(v float64) float64 {
	if s.To == s.From {
		return (s.A + s.B) / 2
	}
	return s.A + (v-s.From)/(s.To-s.From)*(s.B-s.A)
}

// Ticks gives about n round numbers that lie within from … to, and how many
// decimals they need: steps of 1, 2 or 5 times a power of ten.
func Ticks(from, to float64, n int) (at []float64, decimals int) {
	if !(to > from) || n < 1 || !(to-from > 1e-12*math.Max(math.Abs(from), math.Abs(to))) || math.IsInf(to-from, 0) {
		return []float64{from}, Decimals(from)
	}
	step := niceStep((to - from) / float64(n))
	decimals = max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for i := math.Ceil(from/step - 1e-9); i*step <= to+step*1e-9; i++ {
		at = append(at, i*step)
	}
	return at, decimals
}

func niceStep(raw float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	switch f := raw / power; {
	case f <= 1:
		return power
	case f <= 2:
		return 2 * power
	case f <= 5:
		return 5 * power
	default:
		return 10 * power
	}
}

// Extent is the least and the greatest of numbers that are there.
type Extent struct {
	Low, High float64
	any       bool
}

// Add takes a number in, if it is finite.
func (e *Extent) Add(vs ...float64) {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if !e.any {
			e.Low, e.High, e.any = v, v, true
			continue
		}
		e.Low, e.High = math.Min(e.Low, v), math.Max(e.High, v)
	}
}

// AddMaybe takes in what is there.
func (e *Extent) AddMaybe(vs ...*float64) {
	for _, v := range vs {
		if v != nil {
			e.Add(*v)
		}
	}
}

// Padded gives the extent widened by a share of itself on both sides; of
// nothing, 0 … 1; of one number, that number and half its size around it.
func (e Extent) Padded(share float64) (from, to float64) {
	if !e.any {
		return 0, 1
	}
	pad := (e.High - e.Low) * share
	if pad == 0 {
		pad = math.Max(math.Abs(e.High)/2, 0.5)
	}
	return e.Low - pad, e.High + pad
}
