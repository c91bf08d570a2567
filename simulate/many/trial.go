package many

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"dvala/alloc/design"
	"dvala/estimate"
	"dvala/simulate"
	"dvala/study"
)

// noHash stands where a trial names a file: these trials have none.
var noHash = strings.Repeat("0", 64)

// trial plays trial k and analyses it.
func (p *Plan) trial(ctx context.Context, k int) ([]Found, error) {
	seed := simulate.Stream(p.Seed, "trial", k).Uint64()
	c := p.Protocol
	sealed, groups, err := p.list(seed)
	if err != nil {
		return nil, err
	}
	var attend simulate.Attendant
	if c.Minimises() {
		if attend, err = p.attendant(&sealed, groups, seed); err != nil {
			return nil, err
		}
	}
	s := study.New(c, sealed, study.BuiltIn)
	file := study.File{SHA256: noHash, Name: "none"}
	start := c.Protocol().Dates.Start.At(7*60, c.Zone())
	if _, err := s.Do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: file, ProtocolHash: c.HashHex(), SealedList: file, Sealing: "seed", Seed: &seed,
		Program: "power", Zones: "none", Simulated: true,
	}}, study.Meta{At: start.Add(-time.Hour), Actor: "power", Role: study.RoleSystem}); err != nil {
		return nil, err
	}
	script := simulate.Script{
		Model: p.Model, Seed: seed, Protocol: c, Participants: p.Participants,
		Assigned: func(slot int) string { return groups[slot] }, Attend: attend,
	}
	if err := script.Play(ctx, simulate.NewMemory(s)); err != nil {
		return nil, err
	}
	a, err := estimate.OpenedAllocation(c, s, groups)
	if err != nil {
		return nil, err
	}
	d := estimate.FromState(c, s, a)
	p.fade(d, seed)
	var out []Found
	for _, e := range c.InOrder() {
		e.Sensitivity = nil // it is the main analysis that is counted
		out = append(out, foundIn(estimate.Answer(c, d, e)))
	}
	return out, nil
}

func foundIn(r estimate.Result) Found {
	if r.Failed == "" && (r.Estimate == nil || r.P == nil) {
		r.Failed = "the analysis gave no estimate with a p-value"
	}
	if r.Failed != "" {
		return Found{Failed: r.Failed}
	}
	f := Found{Estimate: *r.Estimate, SE: r.SE, P: *r.P, N: r.N}
	if ratio(r.Summary) {
		f.Estimate = math.Log(f.Estimate)
	}
	return f
}

// ratio says whether an estimand is a ratio, which is told and summed up by its
// logarithm: its error is of that, and it is on either side of 0.
func ratio(summary string) bool { return strings.HasSuffix(summary, "-ratio") }

// list draws a list of the protocol's own design, long enough for everybody to
// be of one cell, so that no trial stops for want of slots.
func (p *Plan) list(seed uint64) (study.Sealed, map[int]string, error) {
	c := p.Protocol
	s := study.Sealed{SHA256: noHash, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	d, err := design.Of(c)
	if err != nil {
		return s, nil, err
	}
	options := d.Options()
	r := simulate.Stream(seed, "list", 0)
	groups := map[int]string{}
	proto := c.Protocol()
	long := p.Participants
	if c.Minimises() {
		long *= 2 // the arms of a pool are taken in no fixed order
	}
	for _, cell := range d.Cells() {
		for _, o := range d.DrawCell(r, nil, long) {
			slot := study.Slot{Cell: cell}
			n := len(s.Slots)
			for _, v := range proto.Visits {
				if !v.Dispense {
					continue
				}
				for spare := range 1 + proto.Randomisation.SpareKits {
					slot.Kits = append(slot.Kits, study.Kit{Visit: v.ID, Number: fmt.Sprintf("%s-%d-%d", v.ID, n, spare)})
				}
			}
			groups[n] = options[o].ID
			s.Slots = append(s.Slots, slot)
		}
	}
	return s, groups, nil
}

// fade takes away diary mornings, more of them the longer the trial has gone:
// of day t a share of DiaryAt90^(t/90) is left.
func (p *Plan) fade(d *estimate.Data, seed uint64) {
	if p.DiaryAt90 == 1 {
		return
	}
	diary := map[string]bool{}
	for _, o := range p.Protocol.Protocol().Outcomes {
		diary[o.ID] = o.Source.Diary != ""
	}
	// A morning is one diary: all that was in it goes together. Who it is and
	// when decides, not the order of the rows.
	gone := func(v estimate.NightValue) bool {
		day := v.Day
		if v.Period > 1 {
			day += p.Protocol.PeriodStart(v.Period)
		}
		if !diary[v.Outcome] || day <= 0 {
			return false
		}
		r := simulate.Stream(seed, "fade"+v.Subject, day)
		return r.Float64() > math.Pow(p.DiaryAt90, float64(day)/90)
	}
	d.Nights = slices.DeleteFunc(d.Nights, gone)
}
