package heart

import (
	"math"
	"time"

	"dvala/sleep"
)

// Measures is heart rate and its variability over some of the night.
type Measures struct {
	Intervals int      `json:"intervals"`          // all of them
	Normal    int      `json:"normal"`             // those the measures rest on
	Pairs     int      `json:"pairs"`              // adjacent normal ones
	RateBPM   *float64 `json:"rate_bpm,omitempty"` // 60,000 over the mean interval
	MeanNNMS  *float64 `json:"mean_nn_ms,omitempty"`
	SDNNMS    *float64 `json:"sdnn_ms,omitempty"`  // over n−1
	RMSSDMS   *float64 `json:"rmssd_ms,omitempty"` // root mean square of successive differences
	PNN50Pct  *float64 `json:"pnn50_pct,omitempty"`
	LFMS2     *float64 `json:"lf_ms2,omitempty"` // 0.04 to 0.15 Hz
	HFMS2     *float64 `json:"hf_ms2,omitempty"` // 0.15 to 0.4 Hz
	LFHF      *float64 `json:"lf_hf,omitempty"`
	SpectrumS float64  `json:"spectrum_s,omitempty"` // how many seconds the powers rest on
}

// Windows of spectra: as long as the Task Force of 1996 has them, and the
// shortest in which 0.04 Hz can be told from nothing.
const (
	windowS   = 300
	shortestS = 120
)

// Measure takes all intervals together. The spectra are of windows of at most
// 5 and at least 2 minutes, averaged by their length.
//
//	SDNN  = √( Σ(NN−mean)²/(n−1) )
//	RMSSD = √( Σ(NN_i+1 − NN_i)²/pairs ),   pNN50 = 100·(differences > 50 ms)/pairs
//
// Source: Task Force 1996, doi:10.1161/01.CIR.93.5.1043.
func Measure(all []Interval) Measures { return measure(all, []part{{all}}) }

// ByStage measures each stage by itself: the intervals that end in it, the
// differences and spectra within uninterrupted stretches of it. The hypnogram
// begins offset after the record.
func ByStage(all []Interval, h sleep.Hypnogram, offset time.Duration) map[sleep.Stage]Measures {
	in := map[sleep.Stage][]Interval{}
	stretches := map[sleep.Stage][]part{}
	var last sleep.Stage
	for _, v := range all {
		i := int(math.Floor((v.EndS-offset.Seconds())/h.Epoch().Seconds() + 1e-9))
		if i < 0 || i >= h.Len() {
			last = sleep.Unscored
			continue
		}
		s := h.At(i)
		if s != last || len(stretches[s]) == 0 {
			v.joined = false // the one before belongs to another stage
			stretches[s] = append(stretches[s], part{})
		}
		p := &stretches[s][len(stretches[s])-1]
		p.of = append(p.of, v)
		in[s] = append(in[s], v)
		last = s
	}
	out := map[sleep.Stage]Measures{}
	for s, v := range in {
		out[s] = measure(v, stretches[s])
	}
	return out
}

// part is intervals without a break of stage between them.
type part struct {
	of []Interval
}

func measure(all []Interval, stretches []part) Measures {
	m := Measures{Intervals: len(all)}
	sum := 0.0
	for _, v := range all {
		if v.Normal {
			m.Normal++
			sum += v.MS
		}
	}
	if m.Normal == 0 {
		return m
	}
	mean := sum / float64(m.Normal)
	rate := 60000 / mean
	m.MeanNNMS, m.RateBPM = &mean, &rate
	squares, steps, over := 0.0, 0.0, 0
	for i, v := range all {
		if v.Normal {
			squares += (v.MS - mean) * (v.MS - mean)
		}
		if v.joined && i > 0 {
			d := v.MS - all[i-1].MS
			steps += d * d
			m.Pairs++
			if math.Abs(d) > 50 {
				over++
			}
		}
	}
	if m.Normal > 1 {
		sd := math.Sqrt(squares / float64(m.Normal-1))
		m.SDNNMS = &sd
	}
	if m.Pairs > 0 {
		r, p := math.Sqrt(steps/float64(m.Pairs)), 100*float64(over)/float64(m.Pairs)
		m.RMSSDMS, m.PNN50Pct = &r, &p
	}
	m.spectra(stretches)
	return m
}

// spectra adds the powers of all windows long enough.
func (m *Measures) spectra(stretches []part) {
	lf, hf, total := 0.0, 0.0, 0.0
	for _, p := range stretches {
		if len(p.of) == 0 {
			continue
		}
		from, to := p.of[0].EndS, p.of[len(p.of)-1].EndS
		if to-from < shortestS {
			continue
		}
		each := (to - from) / math.Ceil((to-from)/windowS)
		next := 0
		for at := from; at < to-each/2; at += each {
			var t, ms []float64
			for ; next < len(p.of) && p.of[next].EndS < at+each; next++ {
				if p.of[next].Normal {
					t, ms = append(t, p.of[next].EndS), append(ms, p.of[next].MS)
				}
			}
			// With a fifth of the window missing, its spectrum would be that of the gaps.
			covered := 0.0
			for _, v := range ms {
				covered += v / 1000
			}
			if covered < 0.8*each {
				continue
			}
			l, h := lombBands(t, ms)
			lf, hf, total = lf+l*each, hf+h*each, total+each
		}
	}
	if total == 0 {
		return
	}
	lf, hf = lf/total, hf/total
	m.LFMS2, m.HFMS2, m.SpectrumS = &lf, &hf, total
	if hf > 0 {
		r := lf / hf
		m.LFHF = &r
	}
}
