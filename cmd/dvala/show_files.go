package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"dvala/custody"
	"dvala/estimate"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/seal"
	"dvala/sleep"
)

func isProtocol(raw []byte) bool {
	if hasMembers("dvala", "arms")(raw) {
		return true
	}
	return bytes.HasPrefix(raw, []byte("dvala:")) || bytes.Contains(raw, []byte("\ndvala:"))
}

func isDefinition(raw []byte) bool {
	if hasMembers("format", "items", "sources")(raw) {
		return true
	}
	return len(raw) < protocol.MaxBytes && bytes.Contains(raw, []byte("\nscales:")) && !isProtocol(raw)
}

// isCheckpoint recognises three lines, an empty one and a signature.
func isCheckpoint(raw []byte) bool {
	text, signatures, ok := strings.Cut(string(raw), "\n\n")
	return ok && len(raw) < 1<<16 && strings.Count(text, "\n") == 2 && strings.HasPrefix(signatures, "— ")
}

func isPublicKey(raw []byte) bool {
	_, err := ledger.ParsePublicKey(strings.TrimSpace(string(raw)))
	return err == nil
}

func (s *show) protocol(raw []byte) error {
	byID, err := instrumentsBeside(s.path)
	if err != nil {
		return err
	}
	c, problems := protocol.Parse(raw, protocol.File(s.path), protocol.Instruments(byID))
	if err := problems.Err(); err != nil {
		return err
	}
	p := c.Protocol()
	s.say("Protocol %s, version %s: %s", p.ID, p.Version, p.Title)
	var arms, visits, registry []string
	for _, a := range p.Arms {
		arms = append(arms, a.Label.In("en")+" ("+string(a.Role)+")")
	}
	for _, v := range p.Visits {
		visits = append(visits, fmt.Sprintf("%s (day %d)", v.ID, v.Day))
	}
	for _, r := range p.Registry {
		registry = append(registry, r.Name+" "+r.ID)
	}
	primary := "none"
	if e, ok := c.Primary(); ok {
		primary = e.ID + ": " + e.Variable.Outcome
	}
	key, ok := c.Recipient()
	if !ok {
		key = "not yet made"
	}
	s.pairs(
		"question", p.Question, "registered", strings.Join(registry, ", "),
		"design", fmt.Sprintf("%s, run-in %d days, treatment %d days", p.Design.Kind, p.Design.RunInDays, p.Design.TreatmentDays),
		"participants", fmt.Sprint(p.Design.Participants), "arms", strings.Join(arms, ", "), "visits", strings.Join(visits, ", "),
		"primary", primary, "custodian", p.Custodian.Name, "custodian's key", key, "sha256", c.HashHex(),
	)
	for _, w := range problems.Warnings() {
		s.say("%s", w.Text())
	}
	return nil
}

func (s *show) sealed(raw []byte) error {
	l, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	h := l.Header()
	how := "by the custodian, from a secret that nobody kept"
	if l.Seeded() {
		how = "from a seed: for demonstrations only"
	}
	s.say("Sealed list of %s: %d slots; no arm can be read in it", h.Trial, l.Len())
	s.pairs("drawn", how, "protocol", h.Protocol.String(), "custodian's key", h.Custodian, "sha256", l.Hash().String())
	if h.Extension() {
		s.pairs("extends", h.Extends.String(), "first slot", fmt.Sprint(h.First))
	}
	if n := len(h.Holders.Recipients); n > 0 {
		s.pairs("in an emergency", fmt.Sprintf("%d of %d holders open one slot", h.Holders.Needed, n))
		for i, r := range h.Holders.Recipients {
			s.say("  holder %d  %s", i+1, r)
		}
	}
	for _, cell := range l.Cells() {
		s.say("  %s: %d slots", cell, len(l.Cell(cell)))
	}
	if !s.all {
		return nil
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\nslot\tcell\tcommitment\tkits\n")
	for i := range l.Len() {
		slot, _ := l.Slot(h.First + i)
		var kits []string
		for _, k := range slot.Kits {
			kits = append(kits, k.Visit+" "+k.Number)
		}
		if slot.For != nil {
			kits = append([]string{fmt.Sprintf("further kits of slot %d:", *slot.For)}, kits...)
		}
		fmt.Fprintf(w, "%d\t%s\t%.16s…\t%s\n", slot.Index, slot.Cell, slot.Commitment, strings.Join(kits, ", "))
	}
	return w.Flush()
}

// openings are held against the sealed list that lies beside them.
func (s *show) openings(raw []byte) error {
	beside := filepath.Join(filepath.Dir(s.path), "sealed-list.dvl")
	if _, err := os.Stat(beside); err != nil {
		return fault.New("file-missing", "", "openings mean nothing without the sealed list they open").In(s.path).
			WithHint("put sealed-list.dvl beside them")
	}
	paths := []string{beside}
	for n := 2; ; n++ {
		more := filepath.Join(filepath.Dir(s.path), fmt.Sprintf("sealed-list-%d.dvl", n))
		if _, err := os.Stat(more); err != nil {
			break
		}
		paths = append(paths, more)
	}
	l, err := readLists(paths...)
	if err != nil {
		return err
	}
	o, err := seal.ParseOpenings(bytes.NewReader(raw), l)
	if err != nil {
		return err
	}
	s.say("Openings of %s: %d slots, each held against its commitment in %s", l.Header().Trial, o.Len(), beside)
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	n := map[string]int{}
	var order []string
	for i := range o.Len() {
		what, _ := o.Content(i)
		if n[what]++; n[what] == 1 {
			order = append(order, what)
		}
		if s.all {
			fmt.Fprintf(w, "  slot %d\t%s\n", i, what)
		}
	}
	for _, what := range order {
		fmt.Fprintf(w, "  %s\t%d slots\n", what, n[what])
	}
	return w.Flush()
}

// checkpoint is checked where the public key lies beside it.
func (s *show) checkpoint(raw []byte) error {
	lines := strings.Split(string(raw), "\n")
	checked := "not checked: ledger.pub does not lie beside it"
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), "ledger.pub")); err == nil {
		key, err := ledger.ParsePublicKey(strings.TrimSpace(string(text)))
		if err != nil {
			return err
		}
		if _, err := ledger.OpenCheckpoint(raw, key); err != nil {
			return err
		}
		checked = "by " + key.String() + ", which lies beside it"
	}
	s.say("Checkpoint of the ledger of %s", oneLine(lines[0]))
	s.pairs("entries", oneLine(lines[1]), "root", oneLine(lines[2]), "signature", checked)
	return nil
}

func (s *show) publicKey(raw []byte) error {
	k, err := ledger.ParsePublicKey(strings.TrimSpace(string(raw)))
	if err != nil {
		return err
	}
	s.say("Public key that checks the ledger of %s", k.Origin())
	s.pairs("key", k.String())
	return nil
}

// signingKey shows whose key it is, and of the key nothing but its public half.
func (s *show) signingKey([]byte) error {
	s.say("Signing key of a ledger. It stays on the trial's machine; who has it can sign another history.")
	text, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), "ledger.pub"))
	if err != nil {
		s.say("  its public half, ledger.pub, does not lie beside it")
		return nil
	}
	s.pairs("public half", strings.TrimSpace(string(text)))
	return nil
}

func (s *show) custodianKey(raw []byte) error {
	k, err := custody.ParseKey(raw)
	if err != nil {
		return err
	}
	s.say("Custodian's key. Keep it away from the trial team; nothing of its secret half is shown.")
	s.pairs("public half", k.Recipient().String())
	return nil
}

func (s *show) encrypted(raw []byte) error {
	n := bytes.Count(raw[:min(len(raw), 1<<14)], []byte("\n-> "))
	s.say("Encrypted with age to %d recipient(s), %d bytes: a packing list, or one slot handed over. Who holds the key can open it.", n, len(raw))
	return nil
}

func (s *show) database([]byte) error {
	s.path = filepath.Dir(s.path)
	return s.directory()
}

func (s *show) results(raw []byte) error {
	var r estimate.Results
	if err := json.Unmarshal(raw, &r); err != nil {
		return fault.Wrap("results-form", "", err).In(s.path)
	}
	s.say("Results of %s: %s", r.Trial.ID, r.Trial.Title)
	if r.Dummy {
		s.say("  MADE ON A DUMMY ALLOCATION: the groups are drawn by lot and are not those of the trial")
	}
	s.pairs("question", r.Trial.Question, "screened", fmt.Sprint(r.Flow.Screened), "randomised", fmt.Sprint(r.Flow.Randomised))
	for _, e := range r.Estimands {
		s.say("\n%s, %s", e.ID, e.Place)
		s.say("  %s", e.Sentence)
	}
	return nil
}

func (s *show) night(raw []byte) error {
	var n sleep.Night
	if err := json.Unmarshal(raw, &n); err != nil {
		return err
	}
	s.say("Night to %v, from %s %s", n.Date, n.Source.Vendor, n.Source.Model)
	s.say("%s", figure.HypnogramText(n.Main, s.Width, s.Color))
	a, ok := n.Architecture()
	if !ok {
		s.say("  no sleep scored (%s)", n.Status)
		return nil
	}
	figures := []string{"zone", n.Zone}
	for _, f := range []struct {
		name, unit string
		v          *float64
	}{
		{"total sleep time", "min", a.TSTMin},
		{"sleep onset latency", "min", a.SOLMin},
		{"wake after sleep onset", "min", a.WASOSPTMin},
		{"sleep efficiency", "%", a.SETIBPct},
		{"N1", "min", a.N1Min},
		{"N2", "min", a.N2Min},
		{"light", "min", a.LightMin},
		{"N3", "min", a.N3Min},
		{"REM", "min", a.REMMin},
	} {
		if f.v != nil {
			figures = append(figures, f.name, fmt.Sprintf("%.1f %s", *f.v, f.unit))
		}
	}
	s.pairs(figures...)
	return nil
}

func (s *show) definition(raw []byte) error {
	d, err := instrument.Parse(raw)
	if err != nil {
		return err
	}
	s.say("Instrument %s, definition %s: %s", d.ID, d.Version, d.Title.In("en"))
	s.pairs("form", d.Form, "items", fmt.Sprint(len(d.Items)), "licence", d.Licence.Holder+" ("+string(d.Licence.Status)+")", "sha256", d.SHA256())
	for _, sc := range d.Scales {
		s.say("  score %s: %s, %g to %g %s", sc.ID, sc.Rule, sc.Range[0], sc.Range[1], sc.Unit)
	}
	if n := instrument.Show(d, "en", nil).Notice; n != "" {
		s.say("  %s", n)
	}
	return nil
}
