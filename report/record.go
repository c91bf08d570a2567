package report

import (
	"strings"
)

// methods are the analysis plan's own words.
func (t trial) methods() section {
	s := section{ID: "methods", Title: t.Say("Methods")}
	for _, p := range paragraphs(t.Trial.Methods) {
		s.Blocks = append(s.Blocks, methodBlock(p))
	}
	if len(s.Blocks) == 0 {
		s.Blocks = append(s.Blocks, block{Text: t.Say("The results carry no description of the methods beyond what stands with each estimand."), Class: "none"})
	}
	return s
}

// paragraphs are parted by an empty line.
func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// methodBlock makes a list of lines that all begin with a hyphen, a heading of
// a line that begins with #, and a paragraph of anything else.
func methodBlock(p string) block {
	if head, ok := strings.CutPrefix(p, "#"); ok && !strings.Contains(p, "\n") {
		return block{Sub: strings.TrimSpace(strings.TrimLeft(head, "#"))}
	}
	var items []string
	for _, l := range strings.Split(p, "\n") {
		item, ok := strings.CutPrefix(strings.TrimSpace(l), "- ")
		if !ok {
			return block{Text: p}
		}
		items = append(items, item)
	}
	return block{Items: items}
}

// reproduce is what one needs to get this file again, or to doubt it.
func (t trial) reproduce() section {
	s := section{ID: "reproduce", Title: t.Say("How to get this report again")}
	v := t.Provenance
	var ps []pair
	add := func(name, value string, mono bool) {
		if value != "" {
			ps = append(ps, pair{name, value, mono})
		}
	}
	add(t.Say("Program"), v.Program, false)
	add(t.Say("Protocol, SHA-256 of its canonical form"), v.ProtocolHash, true)
	add(t.Say("Sealed list, SHA-256"), v.SealedHash, true)
	if v.LockedSize > 0 || v.LockedRoot != "" {
		add(t.Say("Ledger at the lock, tree hash"), v.LockedRoot, true)
		add(t.Say("Ledger at the lock, entries"), number(v.LockedSize), false)
	}
	add(t.Say("Openings, SHA-256"), v.OpeningsHash, true)
	add(t.Say("Data, SHA-256"), v.DataHash, true)
	add(t.Say("Time zone rules"), v.ZoneRules, false)
	if v.Seed != nil {
		add(t.Say("Seed"), number(*v.Seed), true)
	}
	add(t.Say("First person screened"), t.Date(t.Trial.FirstScreened), false)
	add(t.Say("Data locked"), t.Date(t.Trial.LockedAt), false)
	s.Blocks = append(s.Blocks,
		block{Text: t.Say("This file depends on the following and on nothing else: the same protocol, data and allocation through the same program give the same bytes, on any machine.")},
		block{Pairs: ps})
	if t.Trial.External {
		s.Blocks = append(s.Blocks,
			block{Text: t.Say("This trial was run elsewhere: there is no ledger and no sealed list to verify, and what was done before the data reached us must be taken on trust. With the protocol file and the data at hand:")},
			block{Code: "dvala analyse --protocol protocol.yaml --data DATA --out report.html"})
		return s
	}
	s.Blocks = append(s.Blocks,
		block{Text: t.Say("With the trial’s files in the directory TRIAL, either line checks ledger, sealed list, openings and files without any key; the first with a small program that an outsider can read, the second with the program that ran the trial. CHECKPOINT is one that left the machine earlier:")},
		block{Code: "dvala-verify -checkpoint CHECKPOINT TRIAL/export\ndvala verify --checkpoint CHECKPOINT TRIAL"},
		block{Text: t.Say("That history was extended and not rewritten can only be shown against such a checkpoint: ask for one that was mailed, printed, or kept by the custodian. Without it the files can be found consistent with each other, and no more.")})
	return s
}
