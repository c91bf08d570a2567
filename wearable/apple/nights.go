package apple

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/session"
)

// apart is how far the records of one sleep may lie from each other; from there
// on they are two, which package wearable may still join.
const apart = int64(time.Hour / time.Second)

// long is what a sleep must exceed to count as a night's by itself.
const long = 3 * time.Hour

// nights makes nights of what one pass gathered.
func (e *export) nights(opt Options) (wearable.Result, error) {
	zone, err := session.Options{Zone: opt.Zone}.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	m := maker{export: e, zone: zone, order: opt.Sources}
	report := session.Report{Vendor: "apple", Sessions: m.sessions(), Problems: e.problems}
	report.Days = session.StepDays(m.steps.Dates(), report.Sessions)
	result := session.Nights(report, session.Options{Zone: opt.Zone, SHA256: opt.SHA256})
	for i, n := range result.Nights {
		if from, ok := n.Main.Start(); ok {
			to, _ := n.Main.End()
			measured := e.during(from, to)
			if n.Measured != nil {
				measured.Steps = n.Measured.Steps
			}
			n.Measured = &measured
		} else if n.Status == sleep.Worn {
			n.Status = "" // a time in bed says nothing of what was worn
		}
		made, err := sleep.NewNight(n)
		if err != nil {
			return wearable.Result{}, err
		}
		result.Nights[i] = made
	}
	return result, nil
}

type maker struct {
	*export
	zone  *time.Location // nil: each sleep's own
	order []string       // of sources
}

// sessions groups the samples of each source into sleeps, adds the time in bed,
// and makes sleeps of their own of times in bed in which no source tells sleep.
func (m *maker) sessions() []session.Session {
	// In place: there may be a million of them.
	slices.SortStableFunc(m.samples, func(a, b sample) int {
		return cmp.Or(cmp.Compare(a.source, b.source), compare(a, b))
	})
	var out []session.Session
	var of []int // the source of each sleep
	var beds []sample
	var one []sample // one sleep's
	end := int64(0)
	finish := func() {
		if len(one) > 0 {
			out, of = append(out, m.session(one)), append(of, int(one[0].source))
		}
		one = one[:0]
	}
	for _, s := range m.samples {
		if s.kind == inBed {
			beds = append(beds, s)
			continue
		}
		if n := len(one); n > 0 {
			last := one[n-1]
			if s.source == last.source && s.from.unix == last.from.unix && s.to.unix == last.to.unix && s.kind == last.kind {
				continue // told twice
			}
			if s.source != last.source || s.from.unix-end > apart {
				finish()
			}
		}
		if len(one) == 0 {
			end = s.to.unix
		}
		one, end = append(one, s), max(end, s.to.unix)
	}
	finish()
	out = append(out, m.bed(out, of, beds)...)
	slices.SortStableFunc(out, func(a, b session.Session) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Record, b.Record))
	})
	unique(out)
	return out
}

func compare(a, b sample) int {
	return cmp.Or(cmp.Compare(a.from.unix, b.from.unix), cmp.Compare(a.to.unix, b.to.unix), cmp.Compare(a.kind, b.kind))
}

// unique makes two records of one name two: sources may share a name.
func unique(ss []session.Session) {
	seen := map[string]int{}
	for i := range ss {
		seen[ss[i].Record]++
		if n := seen[ss[i].Record]; n > 1 {
			ss[i].Record += fmt.Sprintf(" (%d)", n)
		}
	}
}

// session makes one sleep of the samples of one source, in order of time.
func (m *maker) session(samples []sample) session.Session {
	first, last := samples[0], samples[0]
	staged := false
	for _, s := range samples {
		if s.to.unix > last.to.unix {
			last = s
		}
		staged = staged || s.kind >= core
	}
	src := m.sources[first.source]
	zone := m.zoneOf(last)
	out := session.Session{
		Record: fmt.Sprintf("%s %s", src.name, first.from.in(time.UTC).Format(time.RFC3339)),
		Start:  first.from.in(zone), End: last.to.in(zone),
		Model: src.model, Rank: m.rank(src, staged),
	}
	if out.End.Sub(out.Start) > long {
		out.Kind = wearable.Long
	}
	var versions []string
	// What is told last counts where spans overlap: stages over asleep, awake over
	// both, as watches lay it over.
	for _, layer := range []func(kind) bool{
		func(k kind) bool { return k == unspecified },
		func(k kind) bool { return k >= core },
		func(k kind) bool { return k == awake },
	} {
		for _, s := range samples {
			if layer(s.kind) {
				out.Spans = append(out.Spans, session.Span{From: s.from.in(zone), To: s.to.in(zone), Stage: stages[s.kind]})
			}
		}
	}
	for _, s := range samples {
		out.Edited = out.Edited || s.entered
		if v := m.strings[s.version]; v != "" && !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	slices.Sort(versions)
	out.Algorithm = strings.Join(versions, "+")
	return out
}

// zoneOf gives the zone whose clock the sleeper saw. Exports write every time
// with the offset of the phone that exported; a record made elsewhere carries
// its zone inside.
func (m *maker) zoneOf(s sample) *time.Location {
	if m.zone != nil {
		return m.zone
	}
	if name := m.strings[s.zone]; name != "" {
		if zone, err := civil.Zone(name); err == nil {
			return zone
		}
	}
	return s.to.fixed()
}

// rank orders the sources: those named, stages before none, watches before
// others before phones.
func (m *maker) rank(src source, staged bool) int {
	r := int(src.class)
	if staged {
		r += 10
	}
	if i := slices.Index(m.order, src.name); i >= 0 {
		r += 100 * (len(m.order) - i)
	}
	return r
}

// bed states the time in bed of the sleeps it overlaps, all sources taken
// together, and makes a sleep without stages of a time in bed that overlaps
// none. Of several sleeps of one source in one time in bed, the first states it
// and the others add nothing, so that the night they are parts of has it once.
func (m *maker) bed(sessions []session.Session, of []int, beds []sample) []session.Session {
	slices.SortStableFunc(beds, compare)
	var joined []sample
	for _, b := range beds {
		if n := len(joined); n > 0 && b.from.unix <= joined[n-1].to.unix {
			if b.to.unix > joined[n-1].to.unix {
				joined[n-1].to = b.to
			}
			continue
		}
		joined = append(joined, b)
	}
	order := make([]int, len(sessions))
	reach := time.Duration(0) // no sleep is longer
	for i := range order {
		order[i] = i
		reach = max(reach, sessions[i].End.Sub(sessions[i].Start))
	}
	slices.SortStableFunc(order, func(i, j int) int { return sessions[i].Start.Compare(sessions[j].Start) })
	var out []session.Session
	begin := 0
	for _, b := range joined {
		from, to := b.from.in(time.UTC), b.to.in(time.UTC)
		for begin < len(order) && sessions[order[begin]].Start.Add(reach).Before(from) {
			begin++
		}
		stated := map[int]bool{}
		for _, i := range order[begin:] {
			s := &sessions[i]
			if !s.Start.Before(to) {
				break
			}
			if !s.End.After(from) {
				continue
			}
			total := 0.0
			if s.Stated.TIBMin != nil {
				total = *s.Stated.TIBMin
			}
			if !stated[of[i]] {
				total += to.Sub(from).Minutes()
			}
			stated[of[i]], s.Stated.TIBMin = true, &total
		}
		if len(stated) == 0 {
			out = append(out, m.bedOnly(b))
		}
	}
	return out
}

// bedOnly is a time in bed of which nothing tells whether there was sleep in it.
func (m *maker) bedOnly(b sample) session.Session {
	src := m.sources[b.source]
	zone := m.zoneOf(b)
	total := time.Duration(b.to.unix-b.from.unix) * time.Second
	minutes := total.Minutes()
	out := session.Session{
		Record: fmt.Sprintf("%s %s in bed", src.name, b.from.in(time.UTC).Format(time.RFC3339)),
		Start:  b.from.in(zone), End: b.to.in(zone), Model: src.model, Algorithm: m.strings[b.version],
		Edited: b.entered, Rank: -1,
		Stated: sleep.Totals{TIBMin: &minutes},
	}
	if total > long {
		out.Kind = wearable.Long
	}
	return out
}
