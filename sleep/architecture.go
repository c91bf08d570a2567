package sleep

import "time"

// Lights says when the person began and stopped trying to sleep. Either may be
// unknown: the zero time.
type Lights struct {
	Off, On time.Time
}

// Architecture is the measures of one sleep. Times are minutes, shares are
// percent. A nil pointer is a measure that this sleep does not define, or that
// its source did not tell. doc/methods/architecture.md defines each.
type Architecture struct {
	EpochS      float64 `json:"epoch_s"`
	TIBMin      float64 `json:"tib_min"`      // lights off to lights on; without lights, first to last scored epoch
	ScoredMin   float64 `json:"scored_min"`   // within it
	UnscoredMin float64 `json:"unscored_min"` // within it: says how far to trust all below

	TSTMin  *float64 `json:"tst_min,omitempty"`  // all sleep
	WakeMin *float64 `json:"wake_min,omitempty"` // all wake
	SPTMin  *float64 `json:"spt_min,omitempty"`  // sleep onset to the end of the last sleep

	SOLMin                 *float64 `json:"sol_min,omitempty"` // lights off to first sleep
	LPSMin                 *float64 `json:"lps_min,omitempty"` // lights off to the first 10 min of unbroken sleep
	UnscoredBeforeOnsetMin *float64 `json:"unscored_before_onset_min,omitempty"`

	WASOSPTMin      *float64 `json:"waso_spt_min,omitempty"`       // wake from onset to the end of the last sleep
	WASOLightsOnMin *float64 `json:"waso_lights_on_min,omitempty"` // wake from onset to lights on
	FinalWakeMin    *float64 `json:"final_wake_min,omitempty"`     // wake after the last sleep: the difference of the two

	SETIBPct       *float64 `json:"se_tib_pct,omitempty"`      // TST of TIB: sleep efficiency as AASM has it
	SESPTPct       *float64 `json:"se_spt_pct,omitempty"`      // TST of SPT
	MaintenancePct *float64 `json:"maintenance_pct,omitempty"` // TST of sleep onset to lights on

	N1Min       *float64 `json:"n1_min,omitempty"`
	N2Min       *float64 `json:"n2_min,omitempty"`
	LightMin    *float64 `json:"light_min,omitempty"` // N1 and N2 together: what every device that stages tells
	N3Min       *float64 `json:"n3_min,omitempty"`
	REMMin      *float64 `json:"rem_min,omitempty"`
	UnstagedMin *float64 `json:"unstaged_min,omitempty"` // asleep, no stage told

	N1Pct    *float64 `json:"n1_pct,omitempty"` // of TST, as are the next four
	N2Pct    *float64 `json:"n2_pct,omitempty"`
	LightPct *float64 `json:"light_pct,omitempty"`
	N3Pct    *float64 `json:"n3_pct,omitempty"`
	REMPct   *float64 `json:"rem_pct,omitempty"`

	N1LatencyMin    *float64 `json:"n1_latency_min,omitempty"` // from lights off, as are the next four
	N2LatencyMin    *float64 `json:"n2_latency_min,omitempty"`
	LightLatencyMin *float64 `json:"light_latency_min,omitempty"`
	N3LatencyMin    *float64 `json:"n3_latency_min,omitempty"`
	REMLatencyMin   *float64 `json:"rem_latency_min,omitempty"`

	REMLatencyOnsetMin *float64 `json:"rem_latency_onset_min,omitempty"` // from sleep onset: REM latency as AASM has it

	Awakenings         *int     `json:"awakenings,omitempty"`            // bouts of wake between first and last sleep
	AwakeningsOver5Min *int     `json:"awakenings_over_5_min,omitempty"` // those of more than 5 minutes
	AwakeningMeanMin   *float64 `json:"awakening_mean_min,omitempty"`

	StageShifts           *int     `json:"stage_shifts,omitempty"`            // changes of stage from one scored epoch to the next, onset to lights on
	StageShiftsPerH       *float64 `json:"stage_shifts_per_h,omitempty"`      // of TST
	FragmentationPerH     *float64 `json:"fragmentation_per_h,omitempty"`     // changes from sleep to wake per hour of TST, the last waking counted
	EntropyBits           *float64 `json:"entropy_bits,omitempty"`            // of the shares of W, N1, N2, N3, R over the scored epochs
	TransitionEntropyBits *float64 `json:"transition_entropy_bits,omitempty"` // of the next stage given this one

	N3ThirdsPct  *[3]float64 `json:"n3_thirds_pct,omitempty"`  // how the night's N3 is spread over the thirds of SPT
	REMThirdsPct *[3]float64 `json:"rem_thirds_pct,omitempty"` // the same of REM

	Bouts        []Bouts      `json:"bouts,omitempty"`              // of each stage that occurs, onset to last sleep
	StageByThird []StageThird `json:"stage_by_third_min,omitempty"` // in each third of SPT
	StageByHour  []StageHour  `json:"stage_by_hour_min,omitempty"`  // in each hour from sleep onset
	Transitions  Transitions  `json:"transitions,omitzero"`         // from each scored epoch to the next, between the lights

	Cycles *CycleSummary `json:"cycles,omitempty"`
}

// ArchitectureOf measures a hypnogram.
//
//	h       unscored epochs may lie anywhere. Not modified. Of the empty
//	        hypnogram all measures are absent and ok is false.
//	lights  rounded to the nearest edge of an epoch. Unknown lights are taken
//	        to be where scoring begins and ends. Time between lights off and
//	        lights on that the record does not cover counts as unscored.
//
// TIB = lights on − lights off; TST = sleep within it; SPT = first sleep to the
// end of the last; SOL = first sleep − lights off; all the rest as the fields
// say and doc/methods/architecture.md defines.
//
// Unscored time is in TIB and SPT and in nothing else: it is neither sleep nor
// wake, no change of stage is counted across it, and it ends a run of
// persistent sleep.
//
// Invariants (TestArchitectureInvariants): halving the epoch changes nothing
// but counts that are per epoch; moving the clock changes nothing; unscored
// epochs at either end change nothing; TST = sum of the stages; TIB = SOL +
// WASO to lights on + TST + unscored.
//
// Source: the AASM manual's definitions (Iber 2007), read second-hand;
// Menghini 2021, doi:10.1093/sleep/zsaa170. Differs from YASA and Luna as the
// method page tells.
func ArchitectureOf(h Hypnogram, lights Lights) (a Architecture, ok bool) {
	w, ok := windowOf(h, lights)
	if !ok {
		return Architecture{}, false
	}
	a = Architecture{EpochS: h.epoch.Seconds(), TIBMin: w.min(w.length())}
	var counts [stageCount]int
	for _, s := range w.stages {
		counts[s]++
	}
	scored := len(w.stages) - counts[Unscored]
	a.ScoredMin, a.UnscoredMin = w.min(scored), w.min(w.length()-scored)
	if scored == 0 {
		return a, true
	}
	v := w.vocabulary(counts)
	asleep := scored - counts[W]
	a.TSTMin, a.WakeMin = some(w.min(asleep)), some(w.min(counts[W]))
	a.SETIBPct = percent(asleep, w.length())
	a.stageMinutes(w, v, counts)
	a.EntropyBits = v.entropy(counts, scored)
	a.Transitions = TransitionsOf(w.stages)
	a.TransitionEntropyBits = v.transitionEntropy(a.Transitions)
	if asleep > 0 {
		a.fromOnset(w, v, counts, asleep)
	}
	return a, true
}

// Architecture measures the main sleep of a night within its lights; ok is
// false if there was none.
func (n Night) Architecture() (a Architecture, ok bool) {
	var lights Lights
	if n.LightsOff != nil {
		lights.Off = *n.LightsOff
	}
	if n.LightsOn != nil {
		lights.On = *n.LightsOn
	}
	return ArchitectureOf(n.Main, lights)
}

// stageMinutes fills minutes and shares of TST.
func (a *Architecture) stageMinutes(w window, v vocabulary, counts [stageCount]int) {
	a.UnstagedMin = nil
	if counts[Asleep] > 0 {
		a.UnstagedMin = some(w.min(counts[Asleep]))
	}
	asleep := counts[N1] + counts[N2] + counts[N3] + counts[R] + counts[Light] + counts[Asleep]
	fill := func(told bool, n int, minutes, share **float64) {
		if told {
			*minutes, *share = some(w.min(n)), percent(n, asleep)
		}
	}
	fill(v.n1n2, counts[N1], &a.N1Min, &a.N1Pct)
	fill(v.n1n2, counts[N2], &a.N2Min, &a.N2Pct)
	fill(v.staged, counts[N1]+counts[N2]+counts[Light], &a.LightMin, &a.LightPct)
	fill(v.staged, counts[N3], &a.N3Min, &a.N3Pct)
	fill(v.staged, counts[R], &a.REMMin, &a.REMPct)
}

// fromOnset fills what only a sleep with sleep in it has.
func (a *Architecture) fromOnset(w window, v vocabulary, counts [stageCount]int, asleep int) {
	first, last := w.onset(), w.lastSleep()
	span := w.stages[first : last+1]
	wakeInside, unscoredBefore := 0, w.lead
	for _, s := range w.stages[:first] {
		if s == Unscored {
			unscoredBefore++
		}
	}
	for _, s := range span {
		if s == W {
			wakeInside++
		}
	}
	finalWake := 0
	for _, s := range w.stages[last+1:] {
		if s == W {
			finalWake++
		}
	}
	a.SPTMin = some(w.min(len(span)))
	a.SOLMin = some(w.min(w.lead + first))
	a.UnscoredBeforeOnsetMin = some(w.min(unscoredBefore))
	a.WASOSPTMin = some(w.min(wakeInside))
	a.WASOLightsOnMin = some(w.min(wakeInside + finalWake))
	a.FinalWakeMin = some(w.min(finalWake))
	a.SESPTPct = percent(asleep, len(span))
	a.MaintenancePct = percent(asleep, w.length()-w.lead-first)
	a.LPSMin = w.persistent(PersistentSleep)
	a.latencies(w, v, first)
	a.Bouts, a.StageByHour, a.StageByThird = BoutsOf(span, w.epoch), byHour(span, w.epoch), byThird(span, w.epoch)
	a.continuity(w, v, first, last, asleep)
	if v.staged {
		a.N3ThirdsPct = thirds(span, func(s Stage) bool { return s == N3 })
		a.REMThirdsPct = thirds(span, func(s Stage) bool { return s == R })
		summary := summarise(CyclesOf(w.stages, w.epoch, FeinbergFloyd()), w.stages, w.lead, w.epoch)
		a.Cycles = &summary
	}
}

func (a *Architecture) latencies(w window, v vocabulary, onset int) {
	first := func(told bool, is func(Stage) bool) *float64 {
		if !told {
			return nil
		}
		for i, s := range w.stages {
			if is(s) {
				return some(w.min(w.lead + i))
			}
		}
		return nil
	}
	a.N1LatencyMin = first(v.n1n2, func(s Stage) bool { return s == N1 })
	a.N2LatencyMin = first(v.n1n2, func(s Stage) bool { return s == N2 })
	a.LightLatencyMin = first(v.staged, func(s Stage) bool { return s == N1 || s == N2 || s == Light })
	a.N3LatencyMin = first(v.staged, func(s Stage) bool { return s == N3 })
	a.REMLatencyMin = first(v.staged, func(s Stage) bool { return s == R })
	if a.REMLatencyMin != nil {
		a.REMLatencyOnsetMin = some(*a.REMLatencyMin - w.min(w.lead+onset))
	}
}

// continuity fills awakenings and changes of stage.
func (a *Architecture) continuity(w window, v vocabulary, first, last, asleep int) {
	bouts := awakenings(w.stages[first : last+1])
	over, total := 0, 0
	for _, n := range bouts {
		total += n
		if time.Duration(n)*w.epoch > 5*time.Minute {
			over++
		}
	}
	n := len(bouts)
	a.Awakenings, a.AwakeningsOver5Min = &n, &over
	if n > 0 {
		a.AwakeningMeanMin = some(w.min(total) / float64(n))
	}
	shifts, toWake := 0, 0
	for i := first + 1; i < len(w.stages); i++ {
		from, to := w.stages[i-1], w.stages[i]
		if !from.IsScored() || !to.IsScored() || from == to {
			continue
		}
		shifts++
		if from.IsSleep() && to == W {
			toWake++
		}
	}
	hours := w.min(asleep) / 60
	a.FragmentationPerH = some(float64(toWake) / hours)
	if v.staged {
		a.StageShifts = &shifts
		a.StageShiftsPerH = some(float64(shifts) / hours)
	}
}

func some(v float64) *float64 { return &v }

// percent gives 100·n/of, absent where of is nothing.
func percent(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	return some(100 * float64(n) / float64(of))
}
