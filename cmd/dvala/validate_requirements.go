package main

// requirement is something that the program must do, why it matters, and which
// tests show it.
type requirement struct {
	ID     string   `json:"id"`
	Must   string   `json:"must"`
	Clause string   `json:"clause"` // where it is asked for
	Risk   string   `json:"risk"`   // what happens if it does not hold
	Grave  string   `json:"grave"`  // high, middle, low
	Tests  []string `json:"tests"`
}

// result is that of the worst of its tests.
func (r requirement) result(of map[string]string) string {
	out := passed
	for _, t := range r.Tests {
		switch {
		case of[t] == failed || of[t] == "":
			return failed
		case of[t] == skipped:
			out = skipped
		}
	}
	return out
}

// requirements, each with its clause: 21 CFR Part 11 and ICH E6(R3).
var requirements = []requirement{
	{"R-01", "is the program that was released", "21 CFR 11.10(a); E6(R3) 4.3.4", "another program's results would be believed", "high", []string{"IQ-01"}},
	{"R-02", "keeps what it has acknowledged, on this disk", "21 CFR 11.10(c)", "a participant's answers are lost", "high", []string{"IQ-02", "OQ-03"}},
	{"R-03", "has a clock and time zone rules that can be relied on", "E6(R3) 4.2.2", "nights and windows are counted for the wrong day", "middle", []string{"IQ-03", "IQ-04"}},
	{"R-04", "computes here what it computes elsewhere", "21 CFR 11.10(a)", "a report cannot be made again", "high", []string{"IQ-05", "OQ-07"}},
	{"R-05", "keeps secrets from others on this machine", "21 CFR 11.10(d)", "somebody else signs the ledger", "middle", []string{"IQ-06"}},
	{"R-06", "collects nothing before consent", "E6(R3) 2.8", "data without permission", "high", []string{"OQ-02"}},
	{"R-07", "tells no arm to the server before the openings", "E6(R3) 4.1", "the trial is unblinded", "high", []string{"OQ-01"}},
	{"R-08", "gives each slot once, and refuses when a list has run out", "E6(R3) 3.9.6", "two people share a slot, or the list begins again", "high", []string{"OQ-02"}},
	{"R-09", "keeps the old value, the reason and the person of every correction", "21 CFR 11.10(e)", "what was first said is gone", "high", []string{"OQ-02"}},
	{"R-10", "lets nothing be changed after the lock, and analyses only after it", "E6(R3) 3.16.1", "data are changed when the groups are known", "high", []string{"OQ-04"}},
	{"R-11", "shows when its record was altered", "21 CFR 11.10(e)", "a rewritten history is believed", "high", []string{"OQ-05"}},
	{"R-12", "can be restored elsewhere, the same to the bit", "21 CFR 11.10(c)", "a broken disk ends the trial", "high", []string{"OQ-06"}},
	{"R-13", "gives nobody what her role does not have", "21 CFR 11.10(d),(g)", "a person sees or does what is not hers", "high", []string{"OQ-08"}},
	{"R-14", "runs the operator's own protocol as planned", "21 CFR 11.10(a),(f)", "visits and diaries are asked for on the wrong days", "high", []string{"PQ-01"}},
}
