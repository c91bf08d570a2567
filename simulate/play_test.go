package simulate

import (
	"context"
	"os"
	"testing"
	"time"

	"dvala/protocol"
	"dvala/study"
)

func example(t testing.TB, name string) protocol.Checked {
	t.Helper()
	src, err := os.ReadFile("../examples/" + name + "/protocol.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// list is a sealed list's public half with the truth beside it, drawn in turn
// and not at random: nobody here has to be blind.
func list(c protocol.Checked, perCell int) (study.Sealed, func(int) string) {
	s := study.Sealed{SHA256: zeroHash, Trial: c.ID(), Protocol: c.HashHex(), Seeded: true}
	as := c.Assignments()
	var truth []string
	for _, cell := range c.Cells() {
		for i := range perCell {
			slot := study.Slot{Cell: cell.Key}
			for _, v := range c.Protocol().Visits {
				if v.Dispense {
					slot.Kits = append(slot.Kits, study.Kit{Visit: v.ID, Number: "K" + cell.Key + v.ID + string(rune('a'+i%26)) + string(rune('a'+i/26))})
				}
			}
			s.Slots = append(s.Slots, slot)
			truth = append(truth, as[i%len(as)].ID)
		}
	}
	return s, func(slot int) string { return truth[slot] }
}

const zeroHash = "0000000000000000000000000000000000000000000000000000000000000000"

func played(t testing.TB, name string, seed uint64, people int, effect float64) *study.State {
	t.Helper()
	c := example(t, name)
	sealed, assigned := list(c, 60)
	s := study.New(c, sealed, study.BuiltIn)
	file := study.File{SHA256: zeroHash, Bytes: 1, Name: "x"}
	start := c.Protocol().Dates.Start.At(7*60, c.Zone())
	open := study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: file, ProtocolHash: c.HashHex(), SealedList: file, Sealing: "seed", Seed: &seed,
		Program: "test", Zones: "test", Simulated: true,
	}}
	if _, err := s.Do(open, study.Meta{At: start.Add(-time.Hour), Actor: "test", Role: study.RoleSystem}); err != nil {
		t.Fatal(err)
	}
	m := Default()
	m.Effect = effect
	script := Script{Model: m, Seed: seed, Protocol: c, Participants: people, Assigned: assigned}
	if err := script.Play(context.Background(), NewMemory(s)); err != nil {
		t.Fatal(err)
	}
	return s
}

// A played trial breaks no rule, and everybody who was to be randomised is.
func TestPlayWholeTrial(t *testing.T) {
	s := played(t, "mgt-2024", 7, 24, 0)
	randomised, completed, nights, diaries, harms := 0, 0, 0, 0, 0
	for _, p := range s.People {
		if p.Randomised != nil {
			randomised++
		}
		if p.Completed != nil {
			completed++
		}
		nights += len(p.Nights[RingVendor])
		diaries += len(p.Diary)
		harms += len(p.Adverse)
	}
	if randomised != 24 {
		t.Errorf("%d randomised, want 24", randomised)
	}
	if completed < 18 || nights < 24*20 || diaries < 24*20 || harms == 0 {
		t.Errorf("%d completed, %d nights, %d diaries, %d adverse events: too few", completed, nights, diaries, harms)
	}
	if len(s.Order) <= randomised {
		t.Error("nobody was screened in vain")
	}
	t.Logf("%d screened, %d randomised, %d completed, %d nights, %d diaries, %d entries", len(s.Order), randomised, completed, nights, diaries, s.Entries)
}

// The same seed gives the same trial to the byte; another gives another.
func TestPlaySameSeedSameTrial(t *testing.T) {
	digest := func(seed uint64) string {
		d, err := played(t, "mgt-2024", seed, 8, 0).Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first, again := digest(3), digest(3)
	if first != again {
		t.Error("the same seed gave two trials")
	}
	if first == digest(4) {
		t.Error("two seeds gave the same trial")
	}
}

// A crossover is played through its periods.
func TestPlayCrossover(t *testing.T) {
	s := played(t, "crossover", 5, 12, -3)
	done := 0
	for _, p := range s.People {
		if p.Completed != nil {
			done++
		}
	}
	if done < 8 {
		t.Errorf("%d of 12 completed", done)
	}
}
