package study

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is found in the register is what a walk over the facts finds.
func TestSelectIsTheWalk(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := opened(t)
		facts := []Fact{{Meta: completed(s, staff(start, "")), Event: *s.Opened}}
		now := start
		for _, b := range beginnings(rapid.IntRange(0, 4).Draw(rt, "people")) {
			got, _ := s.Do(b.cmd, b.m)
			facts = append(facts, got...)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "commands") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "hours")) * time.Hour)
			cmd, m := anyCommand(rt, t, s, now)
			m.Actor = rapid.SampledFrom([]string{"anna", "Anders", "ivar"}).Draw(rt, "actor")
			got, _ := s.Do(cmd, m)
			facts = append(facts, got...)
		}
		q := Selection{Role: rapid.SampledFrom([]Role{"", "", RoleCoordinator, RoleMonitor}).Draw(rt, "role")}
		if rapid.Bool().Draw(rt, "whose") {
			q.Subject = subjectAt(rapid.IntRange(0, 5).Draw(rt, "who"))
		}
		if rapid.Bool().Draw(rt, "kinds") {
			q.Kinds = []Kind{KindAnswered, rapid.SampledFrom(Kinds()).Draw(rt, "kind")}
		}
		if rapid.Bool().Draw(rt, "by") {
			q.Actor = func(name string) bool { return strings.HasPrefix(name, "an") }
		}
		if rapid.Bool().Draw(rt, "seen") {
			q.See = func(p *Participant) bool { return p != nil && p.place%2 == 0 }
		}
		if rapid.Bool().Draw(rt, "since") {
			q.Since = start.Add(time.Duration(rapid.IntRange(-5, 300).Draw(rt, "from")) * time.Hour)
		}
		if rapid.Bool().Draw(rt, "until") {
			q.Until = start.Add(time.Duration(rapid.IntRange(-5, 300).Draw(rt, "to")) * time.Hour)
		}
		from := uint64(rapid.IntRange(0, len(facts)+3).Draw(rt, "place"))
		var onwards, back []uint64
		for _, f := range facts {
			p := s.People[f.Subject]
			if q.Subject != "" && f.Subject != q.Subject || len(q.Kinds) > 0 && !slices.Contains(q.Kinds, f.Event.Kind()) || q.Role != "" && f.Role != q.Role ||
				q.Actor != nil && !q.Actor(f.Actor) || q.See != nil && !q.See(p) || f.At.Before(q.Since) || !q.Until.IsZero() && !f.At.Before(q.Until) {
				continue
			}
			if f.Index >= from {
				onwards = append(onwards, f.Index)
			}
			if f.Index <= from {
				back = append(back, f.Index)
			}
		}
		slices.Reverse(back)
		if got := slices.Collect(s.Select(q, from, false)); !slices.Equal(got, onwards) {
			rt.Fatalf("forwards %v, want %v", got, onwards)
		}
		if got := slices.Collect(s.Select(q, from, true)); !slices.Equal(got, back) {
			rt.Fatalf("backwards %v, want %v", got, back)
		}
		names := map[string][]Subject{}
		for _, f := range facts {
			for _, file := range Files(f.Event) {
				names[file.SHA256] = append(names[file.SHA256], f.Subject)
			}
		}
		for sum, by := range names {
			for _, who := range append(slices.Clone(s.Order), "", "P9999") {
				want := !slices.ContainsFunc(by, func(x Subject) bool { return x != who })
				if got := s.NamesFile(who, sum); got != want {
					rt.Fatalf("%s is named by %v, and of %q it is said %v", sum, by, who, got)
				}
			}
		}
		for _, who := range s.Order {
			var want []uint64
			for _, f := range facts {
				if f.Subject == who {
					want = append(want, f.Index)
				}
			}
			if got := s.People[who].Entries(); !slices.Equal(got, want) {
				rt.Fatalf("entries about %s: %v, want %v", who, got, want)
			}
		}
	})
}
