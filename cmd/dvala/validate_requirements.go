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
	Duty   string   `json:"duty,omitempty"` // what the organisation itself has to do, where no test can show it
}

// result is that of the worst of its tests; of a duty there is none.
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
	{"R-01", "is the program that was released", "21 CFR 11.10(a); E6(R3) 4.3.4", "another program's results would be believed", "high", []string{"IQ-01"}, ""},
	{"R-02", "keeps what it has acknowledged, on this disk", "21 CFR 11.10(c)", "a participant's answers are lost", "high", []string{"IQ-02", "OQ-03"}, ""},
	{"R-03", "has a clock and time zone rules that can be relied on", "E6(R3) 4.2.2", "nights and windows are counted for the wrong day", "middle", []string{"IQ-03", "IQ-04"}, ""},
	{"R-04", "computes here what it computes elsewhere", "21 CFR 11.10(a)", "a report cannot be made again", "high", []string{"IQ-05", "OQ-07"}, ""},
	{"R-05", "keeps secrets from others on this machine", "21 CFR 11.10(d)", "somebody else signs the ledger", "middle", []string{"IQ-06"}, ""},
	{"R-06", "collects nothing before consent", "E6(R3) 2.8", "data without permission", "high", []string{"OQ-02"}, ""},
	{"R-07", "tells no arm to the server before the openings", "E6(R3) 4.1", "the trial is unblinded", "high", []string{"OQ-01"}, ""},
	{"R-08", "gives each slot once, and refuses when a list has run out", "E6(R3) 3.9.6", "two people share a slot, or the list begins again", "high", []string{"OQ-02"}, ""},
	{"R-09", "keeps the old value, the reason and the person of every correction", "21 CFR 11.10(e)", "what was first said is gone", "high", []string{"OQ-02"}, ""},
	{"R-10", "lets nothing be changed after the lock, and analyses only after it", "E6(R3) 3.16.1", "data are changed when the groups are known", "high", []string{"OQ-04"}, ""},
	{"R-11", "shows when its record was altered", "21 CFR 11.10(e)", "a rewritten history is believed", "high", []string{"OQ-05"}, ""},
	{"R-12", "can be restored elsewhere, the same to the bit", "21 CFR 11.10(c)", "a broken disk ends the trial", "high", []string{"OQ-06"}, ""},
	{"R-13", "gives nobody what her role does not have", "21 CFR 11.10(d),(g)", "a person sees or does what is not hers", "high", []string{"OQ-08"}, ""},
	{"R-14", "runs the operator's own protocol as planned", "21 CFR 11.10(a),(f)", "visits and diaries are asked for on the wrong days", "high", []string{"PQ-01"}, ""},
	{"R-15", "works with the database, the place for files, the mail server and the sign-in provider that are configured", "21 CFR 11.10(a)", "what is acknowledged is lost, or nobody is reminded or let in", "high", []string{"IQ-07", "IQ-08", "IQ-09", "IQ-10"}, ""},
	{"R-16", "gives complete copies, for people and for programs", "21 CFR 11.10(b)", "an inspector cannot see the record", "middle", []string{"OQ-05", "OQ-11"}, ""},
	{"R-17", "notes of each entry where it came from", "21 CFR 11.10(h)", "an entry from the wrong place is taken for a participant's", "middle", []string{"OQ-09"}, ""},
	{"R-18", "shows with a signature its signer's name, its time and its meaning", "21 CFR 11.50(a), (b)", "nobody knows who answers for what", "high", []string{"OQ-09"}, ""},
	{"R-19", "binds a signature to what was signed", "21 CFR 11.70", "a signature is moved to another record", "high", []string{"OQ-05", "OQ-09"}, ""},
	{"R-20", "gives an account to one person and never again", "21 CFR 11.100(a); 11.300(a)", "two people sign under one name", "high", []string{"OQ-10"}, ""},
	{"R-21", "asks for two components with the first signature of a session", "21 CFR 11.200(a)", "somebody signs at a desk that was left", "high", []string{"OQ-10"}, ""},
	{"R-22", "ends lost ways in at once, and keeps a whole log of uses and misuses", "21 CFR 11.300(c), (d)", "a stolen telephone signs", "high", []string{"OQ-10"}, ""},
	{"R-23", "is described by documents that belong to its version", "21 CFR 11.10(k)(2)", "people follow the manual of another version", "middle", []string{"IQ-01"}, ""},
	{"D-01", "people who build, keep and use the system are trained for it", "21 CFR 11.10(i)", "mistakes that no program sees", "middle", nil, "training, and records of it"},
	{"D-02", "people answer in writing for what is done under their signatures", "21 CFR 11.10(j); 11.100(c)", "a signature is disowned", "middle", nil, "a policy, and to the FDA the letter that electronic signatures are meant as binding"},
	{"D-03", "operating documents are handed out and changed under control", "21 CFR 11.10(k)(1)", "an old procedure is followed", "low", nil, "control of your procedures; the program's own documents are part of its source"},
	{"D-04", "who somebody is was verified before she had an account", "21 CFR 11.100(b)", "a stranger signs", "high", nil, "to see a proof of identity before dvala account add, an invitation, or a role"},
	{"D-05", "keys and codes are looked over at times, and the devices that bear them are tried", "21 CFR 11.300(b), (e)", "a way in that nobody remembers", "middle", nil, "a review of accounts, roles and passkeys (Users and roles) at set times"},
	{"D-06", "biometric signatures can be used by their owners alone", "21 CFR 11.200(b)", "somebody signs with another's finger", "low", nil, "to see that staff enrol their own telephones and keys; the program sees a passkey, never a biometric"},
}
