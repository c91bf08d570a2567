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
		heldInOrder(rt, s, q, facts, from)
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

// heldInOrder holds every order of what fits against the walk that is sorted afterwards:
// whole, from a place on, and from its end, which is the same backwards.
func heldInOrder(rt *rapid.T, s *State, q Selection, facts []Fact, from uint64) {
	by := rapid.SampledFrom([]By{"", ByEntry, ByKind, BySubject, ByActor}).Draw(rt, "order")
	o := Sorting{By: by, Down: rapid.Bool().Draw(rt, "down"), Actors: func(names []string) []uint32 {
		of := numbers(len(names))
		slices.SortFunc(of, func(x, y uint32) int { return strings.Compare(names[x], names[y]) })
		return of
	}}
	if rapid.Bool().Draw(rt, "backwards words") {
		o.Kinds = func(x, y Kind) int { return strings.Compare(string(y), string(x)) }
	}
	want := slices.Collect(s.Select(q, 0, false))
	word := func(place uint64) string {
		switch by {
		case ByKind:
			return string(facts[place].Event.Kind())
		case BySubject:
			return string(facts[place].Subject)
		case ByActor:
			return facts[place].Actor
		}
		return ""
	}
	slices.SortStableFunc(want, func(x, y uint64) int {
		if by == ByKind && o.Kinds != nil {
			return o.Kinds(Kind(word(x)), Kind(word(y)))
		}
		return strings.Compare(word(x), word(y))
	})
	if o.Down {
		slices.Reverse(want)
	}
	if got := slices.Collect(s.Ordered(q, o, nil)); !slices.Equal(got, want) {
		rt.Fatalf("by %q: %v, want %v", by, got, want)
	}
	for i, place := range want {
		if got := slices.Collect(s.Ordered(q, o, &place)); !slices.Equal(got, want[i:]) {
			rt.Fatalf("by %q from %d: %v, want %v", by, place, got, want[i:])
		}
		back := slices.Collect(s.Ordered(q, o.Back(), &place))
		slices.Reverse(back)
		if !slices.Equal(back, want[:i+1]) {
			rt.Fatalf("by %q back from %d: %v, want %v", by, place, back, want[:i+1])
		}
	}
	if from >= uint64(len(facts)) && by != "" && by != ByEntry {
		if got := slices.Collect(s.Ordered(q, o, &from)); len(got) > 0 {
			rt.Fatalf("from an entry that there is not come %v", got)
		}
	}
}
