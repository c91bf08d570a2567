package watch

import (
	"math"
	"slices"

	"dvala/civil"
	"dvala/instrument/diary"
	"dvala/study"
)

// Wearer is a night of a device that hardly can be of the person whose it is
// said to be.
type Wearer struct {
	Subject study.Subject
	Vendor  string
	Night   civil.Date
	Entry   uint64
	// Overlap is the share of the device's sleep period that lies in the time
	// that the diary tells in bed, where both are there.
	Overlap *float64
	// HeartRate and Variability are how far the night lies from the person's own
	// nights, in robust standard deviations; with the sign.
	HeartRate, Variability *float64
	Because                []string // diary-elsewhere, heart-rate-shift, variability-shift
}

// Thresholds, which are ours: half of the night outside the bed; and a heart
// rate and its variability that both lie 3.5 robust standard deviations off
// (Iglewicz & Hoaglin 1993), or one of them 6.
const (
	outsideBed = 0.5
	bothOff    = 3.5
	oneOff     = 6
	ownNights  = 7 // that a person's own level rests on, at least
)

// Wearers gives the nights that raise the question, by person and date.
func Wearers(s *study.State) []Wearer {
	var out []Wearer
	for _, who := range s.Order {
		out = append(out, wearersOf(s.People[who])...)
	}
	return out
}

func wearersOf(p *study.Participant) []Wearer {
	var out []Wearer
	for _, vendor := range sortedKeys(p.Nights) {
		out = append(out, strange(p, vendor)...)
	}
	return out
}

func strange(p *study.Participant, vendor string) []Wearer {
	of := p.Nights[vendor]
	dates := make([]civil.Date, 0, len(of))
	var rates, variabilities []float64
	for d, n := range of {
		dates = append(dates, d)
		if m := n.Night.Measured; m != nil {
			if m.HeartRateMeanBPM != nil {
				rates = append(rates, *m.HeartRateMeanBPM)
			}
			if m.RMSSDMeanMS != nil && *m.RMSSDMeanMS > 0 {
				variabilities = append(variabilities, math.Log(*m.RMSSDMeanMS))
			}
		}
	}
	slices.SortFunc(dates, civil.Date.Compare)
	var out []Wearer
	for _, d := range dates {
		n := of[d]
		w := Wearer{Subject: p.Subject, Vendor: vendor, Night: d, Entry: n.Entry, Overlap: overlap(p.Diary[d], n)}
		if m := n.Night.Measured; m != nil {
			if m.HeartRateMeanBPM != nil {
				w.HeartRate = off(*m.HeartRateMeanBPM, rates)
			}
			if m.RMSSDMeanMS != nil && *m.RMSSDMeanMS > 0 {
				w.Variability = off(math.Log(*m.RMSSDMeanMS), variabilities)
			}
		}
		if w.judge(); len(w.Because) > 0 {
			out = append(out, w)
		}
	}
	return out
}

func (w *Wearer) judge() {
	if w.Overlap != nil && *w.Overlap < outsideBed {
		w.Because = append(w.Because, "diary-elsewhere")
	}
	rate, variability := size(w.HeartRate), size(w.Variability)
	both := rate > bothOff && variability > bothOff
	if both || rate > oneOff {
		w.Because = append(w.Because, "heart-rate-shift")
	}
	if both || variability > oneOff {
		w.Because = append(w.Because, "variability-shift")
	}
}

func size(z *float64) float64 {
	if z == nil {
		return 0
	}
	return math.Abs(*z)
}

// overlap gives the share of the device's sleep that lies in the time in bed.
func overlap(r *study.Response, n *study.RecordedNight) *float64 {
	main := n.Night.Main
	if r == nil || main.IsEmpty() {
		return nil
	}
	zone, err := civil.Zone(n.Night.Zone)
	if err != nil {
		return nil
	}
	told, _ := diary.Read(r.Answered.Night, zone, r.Answers)
	if told.IntoBed == nil || told.OutOfBed == nil || !told.IntoBed.Before(*told.OutOfBed) {
		return nil
	}
	from, begins := main.Start()
	to, ends := main.End()
	if !begins || !ends {
		return nil
	}
	length := to.Sub(from)
	if length <= 0 {
		return nil
	}
	if from.Before(*told.IntoBed) {
		from = *told.IntoBed
	}
	if to.After(*told.OutOfBed) {
		to = *told.OutOfBed
	}
	share := max(0, to.Sub(from).Seconds()/length.Seconds())
	return &share
}

// off gives how far a value lies from the median of a person's own, in units of
// 1.4826 times their median absolute deviation; absent of few nights, or where
// more than half are the same.
func off(x float64, own []float64) *float64 {
	if len(own) < ownNights {
		return nil
	}
	centre := median(own)
	away := make([]float64, len(own))
	for i, v := range own {
		away[i] = math.Abs(v - centre)
	}
	spread := 1.4826 * median(away)
	if spread == 0 {
		return nil
	}
	z := (x - centre) / spread
	return &z
}

func median(of []float64) float64 {
	v := slices.Clone(of)
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
