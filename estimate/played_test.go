package estimate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report"
	"dvala/simulate"
	"dvala/study"
)

const anyHash = "0000000000000000000000000000000000000000000000000000000000000000"

// played is an example trial lived through in memory by the commands of a real
// one, with its slots' arms beside it.
func played(t testing.TB, name string, people int, effect float64) (protocol.Checked, *study.State, map[int]string) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "examples", name, "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	sealed := study.Sealed{SHA256: anyHash, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	arms := map[int]string{}
	for _, cell := range c.Cells() {
		for i := range 60 {
			slot := study.Slot{Cell: cell.Key}
			for _, v := range c.Protocol().Visits {
				if v.Dispense {
					slot.Kits = append(slot.Kits, study.Kit{Visit: v.ID, Number: fmt.Sprintf("K%04d%s", len(sealed.Slots), v.ID)})
				}
			}
			arms[len(sealed.Slots)] = c.Assignments()[i%2].ID
			sealed.Slots = append(sealed.Slots, slot)
		}
	}
	s := study.New(c, sealed, study.BuiltIn)
	seed := uint64(11)
	file := study.File{SHA256: anyHash, Bytes: 1, Name: "x"}
	start := c.Protocol().Dates.Start.At(7*60, c.Zone())
	if _, err = s.Do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: file, ProtocolHash: c.HashHex(), SealedList: file, Sealing: "seed", Seed: &seed,
		Program: "test", Zones: "test", Simulated: true,
	}}, study.Meta{At: start.Add(-time.Hour), Actor: "test", Role: study.RoleSystem}); err != nil {
		t.Fatal(err)
	}
	m := simulate.Default()
	m.Effect = effect
	script := simulate.Script{Model: m, Seed: seed, Protocol: c, Participants: people, Assigned: func(slot int) string { return arms[slot] }}
	if err := script.Play(context.Background(), simulate.NewMemory(s)); err != nil {
		t.Fatal(err)
	}
	return c, s, arms
}

// Counts in the results are those of the state, for both designs.
func TestPlayedTrialIsCountedWhole(t *testing.T) {
	for _, name := range []string{"mgt-2024", "crossover"} {
		c, s, slots := played(t, name, 24, -6)
		a, err := estimate.OpenedAllocation(c, s, slots)
		if err != nil {
			t.Fatal(err)
		}
		r, err := estimate.Analyse(c, estimate.FromState(c, s, a), false, estimate.Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Estimands {
			if e.Failed != "" {
				t.Errorf("%s %s: %s", name, e.ID, e.Failed)
			}
			left := 0
			for _, d := range e.Dropped {
				left += d.N
			}
			if e.N+left != 24 {
				t.Errorf("%s %s: %d analysed and %d dropped of 24", name, e.ID, e.N, left)
			}
			if strings.Contains(e.Sentence, "significant") || strings.Contains(e.Sentence, "NaN") || e.Sentence == "" {
				t.Errorf("%s %s says: %s", name, e.ID, e.Sentence)
			}
		}
		f := r.Flow
		excluded, sum := 0, 0
		for _, x := range f.Excluded {
			excluded += x.N
		}
		for _, arm := range f.Arms {
			sum += arm.Randomised
			left := 0
			for _, x := range arm.NotAnalysed {
				left += x.N
			}
			if arm.Analysed+left != arm.Randomised {
				t.Errorf("%s: %s has %d analysed and %d not, of %d", name, arm.Arm, arm.Analysed, left, arm.Randomised)
			}
		}
		if f.Screened != len(s.Order) || f.Screened-excluded != f.Randomised || sum != 24 {
			t.Errorf("%s: flow is %+v", name, f)
		}
		for _, m := range r.Missing {
			why := 0
			for _, x := range m.Why {
				why += x.N
			}
			if m.Planned-m.Got != why {
				t.Errorf("%s: %s of %s: %d of %d, and %d reasons", name, m.Outcome, m.Arm, m.Got, m.Planned, why)
			}
		}
		if len(r.Nights) != 2 || len(r.Series) == 0 {
			t.Errorf("%s: %d average nights, %d series", name, len(r.Nights), len(r.Series))
		}
		for _, n := range r.Nights {
			for k := range n.Nights {
				total := 0.0
				for _, shares := range n.Shares {
					total += shares[k]
				}
				if n.Nights[k] > 0 && (total < 1-1e-9 || total > 1+1e-9) {
					t.Fatalf("%s: the shares of step %d sum to %v", name, k, total)
				}
			}
		}
		adverse := 0
		for _, h := range r.Harms.Arms {
			adverse += h.Events
		}
		known := 0
		for _, p := range s.People {
			for _, e := range p.Adverse {
				if p.Randomised != nil && !e.Onset.Before(p.Randomised.Date) {
					known++
				}
			}
		}
		if adverse != known {
			t.Errorf("%s: %d adverse events counted, %d known", name, adverse, known)
		}
		if name == "mgt-2024" && r.Guess == nil {
			t.Error("nobody guessed")
		}
	}
}

// On a dummy allocation the results have the shape of the real ones, and no ID
// of an arm is in them.
func TestDummyTellsNothing(t *testing.T) {
	c, s, slots := played(t, "mgt-2024", 24, -6)
	opened, err := estimate.OpenedAllocation(c, s, slots)
	if err != nil {
		t.Fatal(err)
	}
	dummy, err := estimate.DummyAllocation(c, s, 5)
	if err != nil {
		t.Fatal(err)
	}
	if !dummy.Dummy || len(dummy.Of) != len(opened.Of) {
		t.Fatalf("the dummy is of %d people, the list of %d", len(dummy.Of), len(opened.Of))
	}
	a, err := estimate.Analyse(c, estimate.FromState(c, s, opened), false, estimate.Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := estimate.Analyse(c, estimate.FromState(c, s, dummy), dummy.Dummy, estimate.Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	if !b.Dummy || a.Dummy {
		t.Error("the dummy is not marked as one")
	}
	if x, y := shape(t, a), shape(t, b); !slices.Equal(x, y) {
		t.Errorf("the two have other fields:\n%v\n%v", x, y)
	}
	if a.Trial.Methods != b.Trial.Methods || a.Trial.Methods != estimate.Methods(c) {
		t.Error("the methods are told otherwise once the arms are known")
	}
	if x, y := headings(t, a), headings(t, b); !slices.Equal(x, y) {
		t.Errorf("the two reports have other parts:\n%v\n%v", x, y)
	}
	text, err := b.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, arm := range c.Protocol().Arms {
		if bytes.Contains(text, []byte(arm.ID)) {
			t.Errorf("the dummy results hold the arm %s", arm.ID)
		}
	}
	delete(slots, s.People[s.Order[firstRandomised(s)]].Randomised.Slot)
	if _, err := estimate.OpenedAllocation(c, s, slots); err == nil {
		t.Error("an opening was missing, and nobody said so")
	}
}

func firstRandomised(s *study.State) int {
	return slices.IndexFunc(s.Order, func(id study.Subject) bool { return s.People[id].Randomised != nil })
}

// headings lists the sections of a report, but for the letter to those who took
// part, which a dry run does not write.
func headings(t testing.TB, r estimate.Results) []string {
	t.Helper()
	page, err := report.HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`<section id="([^"]+)"|<h2[^>]*>([^<]*)`).FindAllStringSubmatch(string(page), -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}

// shape lists the fields at the top of results and of its estimands.
func shape(t testing.TB, r estimate.Results) []string {
	t.Helper()
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(b, &top); err != nil {
		t.Fatal(err)
	}
	var out []string
	for k := range top {
		out = append(out, k)
	}
	slices.Sort(out)
	for _, e := range r.Estimands {
		line := fmt.Sprint(e.ID, len(e.Arms), len(e.Times), len(e.Curves), e.Estimand, e.Summary)
		for _, k := range e.Sensitivity {
			line += " " + k.Analysis + " " + k.Summary
		}
		out = append(out, line)
	}
	return out
}

// The same state gives the same bytes, however often.
func TestSameStateSameBytes(t *testing.T) {
	c, s, slots := played(t, "mgt-2024", 16, 0)
	a, err := estimate.OpenedAllocation(c, s, slots)
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for range 3 {
		r, err := estimate.Analyse(c, estimate.FromState(c, s, a), false, estimate.Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		} else if !bytes.Equal(first, b) {
			t.Fatal("the same state gave other bytes")
		}
	}
}
