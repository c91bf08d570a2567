package exchange

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/simulate"
	"dvala/study"
)

const anyHash = "0000000000000000000000000000000000000000000000000000000000000000"

// played is a small example trial lived through in memory, with its slots' arms
// beside it.
func played(t testing.TB, people int) (protocol.Checked, *study.State, map[int]string) {
	t.Helper()
	src, err := os.ReadFile("../examples/mgt-2024/protocol.yaml")
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
	seed := uint64(7)
	file := study.File{SHA256: anyHash, Bytes: 1, Name: "x"}
	start := c.Protocol().Dates.Start.At(7*60, c.Zone())
	_, err = s.Do(study.Open{Opened: study.Opened{
		Trial: c.ID(), Protocol: file, ProtocolHash: c.HashHex(), SealedList: file, Sealing: "seed", Seed: &seed,
		Program: "test", Zones: "test", Simulated: true,
	}}, study.Meta{At: start.Add(-time.Hour), Actor: "test", Role: study.RoleSystem})
	if err != nil {
		t.Fatal(err)
	}
	script := simulate.Script{Model: simulate.Default(), Seed: seed, Protocol: c, Participants: people, Assigned: func(slot int) string { return arms[slot] }}
	if err := script.Play(context.Background(), simulate.NewMemory(s)); err != nil {
		t.Fatal(err)
	}
	return c, s, arms
}

// Before the openings no arm is anywhere in the export, whatever allocation is
// at hand short of the real one; after them it is in one column.
func TestNoArmBeforeTheOpenings(t *testing.T) {
	c, s, arms := played(t, 12)
	dummy, err := estimate.DummyAllocation(c, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	blind, err := Export(c, s, estimate.Allocation{}, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	onDummy, err := Export(c, s, dummy, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := estimate.OpenedAllocation(c, s, arms)
	if err != nil {
		t.Fatal(err)
	}
	open, err := Export(c, s, opened, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range blind {
		for _, a := range c.Protocol().Arms {
			if bytes.Contains(f.Bytes, []byte(a.ID)) {
				t.Errorf("%s holds the arm %s before the openings", f.Name, a.ID)
			}
		}
		if !bytes.Equal(f.Bytes, onDummy[i].Bytes) {
			t.Errorf("%s tells of a dummy allocation", f.Name)
		}
	}
	for _, f := range open {
		if f.Name != "participants.csv" {
			continue
		}
		rows := parse(t, f)
		k := slices.Index(rows[0], "arm")
		if k < 0 {
			t.Fatal("there is no column for the arm after the openings")
		}
		n := 0
		for _, r := range rows[1:] {
			if r[k] != "" {
				n++
			}
		}
		if n != 12 {
			t.Errorf("%d people have an arm, want the 12 randomised", n)
		}
	}
}

func parse(t testing.TB, f File) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(f.Bytes)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return rows
}

// Every column of every file stands in the dictionary with a label, and every
// file is a rectangle.
func TestDictionaryIsWhole(t *testing.T) {
	c, s, _ := played(t, 8)
	files, err := Export(c, s, estimate.Allocation{}, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	last := files[len(files)-1]
	if last.Name != "dictionary.csv" {
		t.Fatalf("the last file is %s", last.Name)
	}
	told := map[string]string{}
	for _, r := range parse(t, last)[1:] {
		if _, twice := told[r[0]+" "+r[1]]; twice {
			t.Errorf("%s %s is told twice", r[0], r[1])
		}
		told[r[0]+" "+r[1]] = r[2]
	}
	for _, f := range files[:len(files)-1] {
		rows := parse(t, f)
		name := strings.TrimSuffix(f.Name, ".csv")
		for _, v := range rows[0] {
			if told[name+" "+v] == "" {
				t.Errorf("%s: the column %s is not in the dictionary", f.Name, v)
			}
		}
		if len(rows) < 2 && !mayBeEmpty[name] {
			t.Errorf("%s has no rows", f.Name)
		}
	}
	again, err := Export(c, s, estimate.Allocation{}, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if !bytes.Equal(files[i].Bytes, again[i].Bytes) {
			t.Errorf("%s differs from one export to the next", files[i].Name)
		}
	}
}

// What a spreadsheet would run is made a text; numbers stay numbers.
func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "=1+1": "'=1+1", "+46": "'+46", "-5": "'-5", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx",
		"'quoted": "''quoted", "＝1": "'＝1", "a=b": "a=b",
	} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
	}
	tab := &table{name: "x", columns: []column{{name: "a"}, {name: "b"}}}
	tab.add(number(-5), text("-5"))
	b, err := tab.csv()
	if err != nil || string(b) != "a,b\n-5,'-5\n" {
		t.Errorf("%q, %v", b, err)
	}
}

// FuzzGuard: no text begins with what begins a formula, and taking one
// apostrophe off gives it back.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"", "=x", "'=x", "−1", "\xff", "＠a", "ordinary"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g := guard(s)
		if g != "" && strings.ContainsRune("=+-@\t\r", rune(g[0])) {
			t.Errorf("%q begins like a formula", g)
		}
		if strings.TrimPrefix(g, "'") != s {
			t.Errorf("%q came back as %q", s, g)
		}
	})
}

// mayBeEmpty are the tables of what need not happen in a trial.
var mayBeEmpty = map[string]bool{
	"corrections": true, "adverse_events": true, "intercurrent_events": true, "withdrawals": true, "deviations": true, "screening_log": true,
	"queries": true, "medications": true, "pregnancies": true, "device_incidents": true, "missed_tasks": true,
	"paradata": true, // made-up people fill in no page
}
