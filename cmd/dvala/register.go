package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/estimate"
	"dvala/exchange/registry"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// RegisterCmd writes what a public register asks: the WHO data set and the
// elements of ClinicalTrials.gov, from the protocol alone, or of a trial that is
// under way or reported.
type RegisterCmd struct {
	Protocol string `arg:"" optional:"" help:"The protocol file; of a trial that has begun, give --dir or --database instead: dates and counts are then those that happened, and the results are added once they are reported." type:"existingfile"`
	PlaceFlags
	Out string `help:"Also write who.json and clinicaltrials.json into this directory." type:"path"`
}

// Run writes the items.
func (c *RegisterCmd) Run(p *Program) error {
	checked, of, results, err := c.ofTrial()
	if err != nil {
		return err
	}
	items, record := registry.WHO(checked, of), registry.ClinicalTrials(checked, of)
	if results != nil {
		record = record.WithResults(checked, *results)
	}
	open := 0
	for _, it := range items {
		text := it.Value
		if it.Open != "" {
			open++
			text = "— to be filled in: " + it.Open
		}
		fmt.Fprintf(p.Stdout, "%2d  %s\n      %s\n", it.Number, it.Name, strings.ReplaceAll(text, "\n", "\n      "))
	}
	fmt.Fprintf(p.Stdout, "\n%d of the %d items of the WHO data set are open. A trial is registered before its first participant.\n", open, len(items))
	if c.Out == "" {
		return nil
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fault.Wrap("file-unwritable", c.Out, err)
	}
	for _, f := range []struct {
		name string
		of   any
	}{{"who.json", items}, {"clinicaltrials.json", record}} {
		raw, err := indented(f.of)
		if err != nil {
			return err
		}
		if err := writeWhole(filepath.Join(c.Out, f.name), raw); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.Stdout, "In %s: who.json and clinicaltrials.json (%d elements there are for a person to fill in).\n", c.Out, len(record.Open))
	return nil
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	err := writeJSON(&b, v)
	return b.Bytes(), err
}

// ofTrial gives the protocol, and of a trial what has happened and the results.
func (c *RegisterCmd) ofTrial() (protocol.Checked, registry.Progress, *estimate.Results, error) {
	var none registry.Progress
	switch {
	case !c.named() && c.Protocol == "":
		return protocol.Checked{}, none, nil, fault.New("register-what", "", "there is nothing to register").WithHint("give a protocol file, or --dir or --database for a trial")
	case c.Protocol != "":
		f, err := parseProtocol(c.Protocol)
		if err == nil {
			err = f.problems.Err()
		}
		return f.checked, none, nil, err
	}
	t, err := c.read(context.Background())
	if err != nil {
		return protocol.Checked{}, none, nil, err
	}
	defer t.Close()
	var of registry.Progress
	var file study.File
	t.View(func(s *study.State) {
		of = progress(s)
		if s.Reported != nil {
			file = s.Reported.Results
		}
	})
	if file.SHA256 == "" {
		return t.Protocol(), of, nil, nil
	}
	raw, err := t.Blob(file.SHA256)
	if err != nil {
		return t.Protocol(), of, nil, err
	}
	var r estimate.Results
	if err := json.Unmarshal(raw, &r); err != nil {
		return t.Protocol(), of, nil, fault.Wrap("results-form", file.Name, err)
	}
	if r.Dummy {
		return t.Protocol(), of, nil, fault.New("results-dummy", file.Name, "these results are of a dummy allocation and of nobody")
	}
	return t.Protocol(), of, &r, nil
}

// progress tells from the state what a register asks.
func progress(s *study.State) registry.Progress {
	of := registry.Progress{Locked: s.Locked != nil, Reported: s.Reported != nil}
	for _, who := range s.Order {
		p := s.People[who]
		if p.Enrolled != nil && (of.First.IsZero() || p.EnrolledOn.Before(of.First)) {
			of.First = p.EnrolledOn
		}
		if p.Randomised != nil {
			of.Randomised++
		}
		if c := p.Completed; c != nil && of.Last.Before(c.Date) {
			of.Last = c.Date
		}
		if s.Locked != nil && p.Randomised != nil {
			if last := lastPrimary(s, p); of.Primary.Before(last) {
				of.Primary = last
			}
		}
	}
	return of
}

// lastPrimary gives the day on which the last value of a primary outcome was taken
// from a person: at a visit, or for a night that its estimand speaks of.
func lastPrimary(s *study.State, p *study.Participant) civil.Date {
	var last civil.Date
	take := func(d civil.Date) {
		if last.Before(d) {
			last = d
		}
	}
	proto := s.ProtocolAt(p.Site, s.LockedAt)
	for _, e := range proto.InOrder() {
		o, ok := proto.Outcome(e.Variable.Outcome)
		if !ok || e.Place != protocol.Primary {
			continue
		}
		for _, visit := range append(slices.Clone(e.Variable.Visits), e.Variable.Visit) {
			if r, ok := p.Visits[visit][o.Source.Instrument]; ok {
				take(r.Answered.Date)
			}
		}
		if n := e.Variable.Nights; n != nil {
			for period := 1; period <= max(proto.Protocol().Design.Periods, 1); period++ {
				for day := n.From; day <= n.To; day++ {
					night := p.Randomised.Date.Add(proto.PeriodStart(period) + day)
					_, slept := p.Nights[o.Source.Device][night]
					if _, told := p.Diary[night]; o.Source.Device != "" && slept || o.Source.Diary != "" && told {
						take(night)
					}
				}
			}
		}
	}
	return last
}
