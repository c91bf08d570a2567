package store

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/watch"
	"dvala/study"
)

// BenchmarkQuestions is what the questions behind the dashboard and each list
// take, at 1,000 entries and ten times as many up to DVALA_EVENTS (100,000): of a
// trial that ever more people come into, and of one of 200 whose nights are sent
// again and again. Before each question something about one person has
// been written; "again" is the same question with nothing new, "next-day" the
// first one after a midnight. It says the median and the worst of its rounds.
func BenchmarkQuestions(b *testing.B) {
	for _, kind := range []string{"more-people", "same-people"} {
		w := In(b.TempDir())
		trial, _ := begun(b, w)
		for n := 1000; n <= mostEvents(); n *= 10 {
			day := 0
			if kind == "more-people" {
				day = grow(b, trial, n)
			} else {
				day = resend(b, trial, n)
			}
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				for range b.N {
					questions(b, trial, day)
				}
			})
		}
		_ = trial.Close()
	}
}

func mostEvents() int {
	most, err := strconv.Atoi(os.Getenv("DVALA_EVENTS"))
	if err != nil {
		most = 100_000
	}
	return most
}

// questions asks each of them some rounds.
func questions(b *testing.B, trial *Trial, day int) {
	const rounds = 15
	now := at(day, "").At.Add(time.Hour)
	o := desk.NewOffice(trial, func() time.Time { return now })
	monitor := desk.Caller{Account: "mona", Grants: []desk.Grant{{Role: study.RoleMonitor}}}
	everywhere := func(string) bool { return true }
	var signs watch.Board
	n := len(trial.Order())
	ask := map[string]func(*study.State){
		"overview": func(s *study.State) { o.Overview(s) },
		"day":      func(s *study.State) { o.Day(s, now, everywhere) },
		"needs":    func(s *study.State) { o.Needs(s, now, everywhere) },
		"participants": func(s *study.State) {
			o.Lines(s, now, func(line func(int) desk.Line) {
				for place := n / 2; place < min(n, n/2+100); place++ {
					line(place)
				}
			})
		},
		"person":  func(s *study.State) { desk.NewPerson(s, s.Order[n/2], now, "en") },
		"signs":   func(s *study.State) { signs.LastDigits(s, 0.05); signs.Repeats(s); signs.Wearers(s) },
		"quality": func(s *study.State) { signs.Compliance(s, now); signs.Missing(s, now); signs.Enrolment(s, now) },
	}
	for name, q := range ask {
		trial.View(q) // the first of all, which looks at everybody
		measure(b, name, rounds, func(round int) { touchOne(b, trial, day, round) }, func() { trial.View(q) })
		measure(b, name+"-again", rounds, func(int) {}, func() { trial.View(q) })
	}
	trail := func(q desk.TrailQuery) func() {
		return func() {
			if page := must(o.Trail(ctx, monitor, q)); len(page.Entries) == 0 {
				b.Error("an empty trail")
			}
		}
	}
	one := trial.Order()[n/2]
	measure(b, "trail", rounds, func(int) {}, trail(desk.TrailQuery{Newest: true}))
	measure(b, "trail-of-one", rounds, func(int) {}, trail(desk.TrailQuery{Subject: one}))
	measure(b, "trail-rare", rounds, func(int) {}, trail(desk.TrailQuery{Newest: true, Kinds: []study.Kind{study.KindOpened}}))
	for _, by := range []study.By{study.ByEntry, study.ByKind, study.BySubject, study.ByActor} {
		middle := uint64(trial.State().Entries / 2)
		measure(b, "trail-by-"+string(by), rounds, func(int) {}, trail(desk.TrailQuery{By: by, From: middle, Begun: true}))
		measure(b, "trail-by-"+string(by)+"-down", rounds, func(int) {}, trail(desk.TrailQuery{By: by, Newest: true}))
		measure(b, "ledger-by-"+string(by), rounds, func(int) {}, func() {
			if _, page, _, err := o.LedgerIn(ctx, monitor, desk.LedgerQuery{By: study.Sorting{By: by}, From: &middle}); err != nil || len(page) == 0 {
				b.Error("an empty page of the ledger", err)
			}
		})
	}
	measure(b, "ledger", rounds, func(int) {}, func() { must2(o.Ledger(ctx, monitor, trial.State().Entries/2, 100)) })
	for name, q := range ask {
		if name != "person" {
			measure(b, name+"-next-day", 3, func(round int) { now = at(day+1+round, "").At }, func() { trial.View(q) })
			now = at(day, "").At.Add(time.Hour)
		}
	}
	measure(b, "cold", 1, func(int) {}, func() { _ = must(Read(ctx, trial.Dir())).Close() })
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
	b.ReportMetric(float64(n), "people")
}

// measure reports the median and the worst time of some rounds, in milliseconds,
// and the processor time of all of them by round, which other work on the machine
// changes less.
func measure(b *testing.B, what string, rounds int, before func(round int), ask func()) {
	took := make([]time.Duration, rounds)
	var worked time.Duration
	for i := range took {
		before(i)
		from, cpu := time.Now(), processorTime()
		ask()
		took[i] = time.Since(from)
		worked += processorTime() - cpu
	}
	slices.Sort(took)
	b.ReportMetric(float64(worked.Microseconds())/1000/float64(rounds), what+"-cpu-ms")
	b.ReportMetric(float64(took[rounds/2].Microseconds())/1000, what+"-ms")
	b.ReportMetric(float64(took[rounds-1].Microseconds())/1000, what+"-worst-ms")
}

// touchOne writes something about one of all.
func touchOne(b *testing.B, trial *Trial, day, round int) {
	order := trial.Order()
	do(b, trial, study.NoteDeviation{Deviation: study.Deviation{Code: "kit-mix-up"}}, at(day, order[(round*37)%len(order)]))
}

// resend makes a ledger of n entries of 200 people: a diary each, and then nights
// of the ring that come again and again, each another. It gives the day on which
// it is.
func resend(b *testing.B, trial *Trial, n int) int {
	b.Helper()
	const people = 200
	if len(trial.Order()) == 0 {
		settle(b, trial, people)
	}
	order := trial.Order()
	of := map[[2]int]study.RecordNight{}
	for i := 0; int(trial.State().Entries) < n; {
		var items []Item
		for range min(500, n-int(trial.State().Entries)) {
			key := [2]int{1 + i/people%6, i / people / 6 % 90}
			if _, made := of[key]; !made {
				of[key] = night(trial, start0(key[0]), key[1])
			}
			again := at(7, order[i%people])
			again.Reason = "sent anew"
			items = append(items, Item{of[key], again})
			i++
		}
		for _, r := range must(trial.DoAll(ctx, items)) {
			if r.Err != nil {
				b.Fatal(r.Err)
			}
		}
	}
	return 7
}

// settle lets some people come in, and answer on the first mornings as far as the
// entries of the smallest size go.
func settle(b *testing.B, trial *Trial, people int) {
	b.Helper()
	var first, next, diaries []Item
	for i := range people {
		first = append(first, Item{screen(i), at(0, "")})
	}
	for _, r := range must(trial.DoAll(ctx, first)) {
		next = append(next, Item{study.Consent{Version: "1.0", Language: "sv"}, at(0, r.Subject)}, Item{study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, r.Subject)})
		diaries = append(diaries, Item{wholeDiary(1), at(1, r.Subject)})
	}
	must(trial.DoAll(ctx, next))
	must(trial.DoAll(ctx, diaries))
}

func must2[A, B any](a A, _ B, err error) A { return must(a, err) }
