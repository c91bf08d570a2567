package sleep

// Row is one measure of a sleep, ready to be shown, listed or compared.
type Row struct {
	Name  string // as in JSON: sol_min
	Label string // for people: sleep onset latency
	Unit  string // min, %, per h, bits, or "" for a count
	Value *float64
}

// Table lists the measures in the order in which people read them; absent ones
// are listed with no value. Cycles beyond their number and length stand apart.
func (a Architecture) Table() []Row {
	count := func(n *int) *float64 {
		if n == nil {
			return nil
		}
		return some(float64(*n))
	}
	third := func(t *[3]float64, k int) *float64 {
		if t == nil {
			return nil
		}
		return &t[k]
	}
	var cycles, cycleMin *float64
	if a.Cycles != nil {
		cycles, cycleMin = some(float64(a.Cycles.Complete)), a.Cycles.MeanMin
	}
	return []Row{
		{"tib_min", "time in bed", "min", &a.TIBMin},
		{"spt_min", "sleep period time", "min", a.SPTMin},
		{"tst_min", "total sleep time", "min", a.TSTMin},
		{"sol_min", "sleep onset latency", "min", a.SOLMin},
		{"lps_min", "latency to persistent sleep", "min", a.LPSMin},
		{"waso_spt_min", "WASO to last sleep", "min", a.WASOSPTMin},
		{"waso_lights_on_min", "WASO to lights on", "min", a.WASOLightsOnMin},
		{"final_wake_min", "wake after last sleep", "min", a.FinalWakeMin},
		{"se_tib_pct", "sleep efficiency (of TIB)", "%", a.SETIBPct},
		{"se_spt_pct", "sleep efficiency (of SPT)", "%", a.SESPTPct},
		{"maintenance_pct", "sleep maintenance", "%", a.MaintenancePct},
		{"wake_min", "wake", "min", a.WakeMin},
		{"n1_min", "N1", "min", a.N1Min},
		{"n2_min", "N2", "min", a.N2Min},
		{"light_min", "light (N1 and N2)", "min", a.LightMin},
		{"n3_min", "N3", "min", a.N3Min},
		{"rem_min", "REM", "min", a.REMMin},
		{"unstaged_min", "asleep, stage not told", "min", a.UnstagedMin},
		{"n1_pct", "N1 of TST", "%", a.N1Pct},
		{"n2_pct", "N2 of TST", "%", a.N2Pct},
		{"light_pct", "light of TST", "%", a.LightPct},
		{"n3_pct", "N3 of TST", "%", a.N3Pct},
		{"rem_pct", "REM of TST", "%", a.REMPct},
		{"n1_latency_min", "latency to N1 from lights off", "min", a.N1LatencyMin},
		{"n2_latency_min", "latency to N2 from lights off", "min", a.N2LatencyMin},
		{"light_latency_min", "latency to light from lights off", "min", a.LightLatencyMin},
		{"n3_latency_min", "latency to N3 from lights off", "min", a.N3LatencyMin},
		{"rem_latency_min", "latency to REM from lights off", "min", a.REMLatencyMin},
		{"rem_latency_onset_min", "REM latency from sleep onset", "min", a.REMLatencyOnsetMin},
		{"awakenings", "awakenings", "", count(a.Awakenings)},
		{"awakenings_over_5_min", "awakenings over 5 min", "", count(a.AwakeningsOver5Min)},
		{"awakening_mean_min", "mean length of awakenings", "min", a.AwakeningMeanMin},
		{"stage_shifts", "stage shifts", "", count(a.StageShifts)},
		{"stage_shifts_per_h", "stage shifts per hour of sleep", "per h", a.StageShiftsPerH},
		{"fragmentation_per_h", "fragmentation: sleep to wake per hour of sleep", "per h", a.FragmentationPerH},
		{"entropy_bits", "entropy of the stages", "bits", a.EntropyBits},
		{"transition_entropy_bits", "entropy of the transitions", "bits", a.TransitionEntropyBits},
		{"cycles", "complete cycles", "", cycles},
		{"cycle_mean_min", "mean length of cycles", "min", cycleMin},
		{"n3_third1_pct", "N3 in the first third", "%", third(a.N3ThirdsPct, 0)},
		{"n3_third2_pct", "N3 in the second third", "%", third(a.N3ThirdsPct, 1)},
		{"n3_third3_pct", "N3 in the last third", "%", third(a.N3ThirdsPct, 2)},
		{"rem_third1_pct", "REM in the first third", "%", third(a.REMThirdsPct, 0)},
		{"rem_third2_pct", "REM in the second third", "%", third(a.REMThirdsPct, 1)},
		{"rem_third3_pct", "REM in the last third", "%", third(a.REMThirdsPct, 2)},
		{"scored_min", "scored", "min", &a.ScoredMin},
		{"unscored_min", "unscored", "min", &a.UnscoredMin},
		{"unscored_before_onset_min", "unscored before sleep onset", "min", a.UnscoredBeforeOnsetMin},
	}
}

// Get gives one measure of the table by its name; ok is false if there is no
// such measure or it is absent.
func (a Architecture) Get(name string) (value float64, ok bool) {
	for _, r := range a.Table() {
		if r.Name == name && r.Value != nil {
			return *r.Value, true
		}
	}
	return 0, false
}
