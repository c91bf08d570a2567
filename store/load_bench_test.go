package store

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dvala/instrument"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// BenchmarkSubmissions is durable submissions of a diary, as 64 participants
// give them at once: each is on disk before its participant is told, and she
// waits for that before she gives the next.
func BenchmarkSubmissions(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { submissions(b, In(b.TempDir())) })
	b.Run("postgres", func(b *testing.B) {
		submissions(b, Where{Database: pgtest.Start(b).URL(b), Blobs: b.TempDir()})
	})
}

func submissions(b *testing.B, w Where) {
	trial, _ := begun(b, w)
	people := enrolled(b, trial, b.N)
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				m := keyed(at(1, people[i]), fmt.Sprint("d", i))
				m.Role, m.Actor = study.RoleParticipant, string(people[i])
				from := time.Now()
				if _, err := trial.Do(ctx, wholeDiary(1), m); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(from)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submissions/s")
	b.ReportMetric(float64(took[len(took)*50/100].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkOpening is a cold start at 1,000 entries and ten times as many up to
// DVALA_EVENTS (100,000), with what the heap holds after it.
func BenchmarkOpening(b *testing.B) {
	dir := b.TempDir()
	for n := 1000; n <= mostEvents(); n *= 10 {
		trial := openOrBegin(b, dir)
		grow(b, trial, n)
		if err := trial.Close(); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) {
			var m runtime.MemStats
			for range b.N {
				t := must(Read(ctx, dir))
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&m)
				_ = t.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
			b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
		})
	}
}

// openOrBegin opens the trial in a directory, or begins one there.
func openOrBegin(b *testing.B, dir string) *Trial {
	if trial, err := Open(ctx, dir); err == nil {
		return trial
	}
	trial, _ := begun(b, In(dir))
	return trial
}

// wholeDiary is every question of the Consensus Sleep Diary answered, of the
// night to a day.
func wholeDiary(day int) study.Answer {
	a := instrument.Answers{
		"into-bed": instrument.At(22*60 + 50), "tried-to-sleep": instrument.At(23*60 + 10), "sol": instrument.Number(15),
		"wakings": instrument.Number(2), "waso": instrument.Number(25), "final-waking": instrument.At(6*60 + 40),
		"out-of-bed": instrument.At(7 * 60),
	}
	return study.Answer{Instrument: "csd", Night: start0(day), Language: "sv", Answers: must(json.Marshal(a))}
}

// grow makes a ledger of n entries: people who come in, and then keep a diary,
// each for seven days after the one before has begun. It gives the day on which it
// is, and goes on from there with a ledger that has begun to grow.
func grow(b *testing.B, trial *Trial, n int) (day int) {
	b.Helper()
	if last, ok := trial.State().LastAt(); ok {
		day = int(last.Sub(at(0, "").At)/(24*time.Hour)) + 1
	}
	for ; int(trial.State().Entries) < n; day++ {
		var first, next, last []Item
		more := max(1, min(500, (n-int(trial.State().Entries))/10))
		for i := range more {
			first = append(first, Item{screen(i), at(day, "")})
		}
		for _, r := range must(trial.DoAll(ctx, first)) {
			next = append(next,
				Item{study.Consent{Version: "1.0", Language: "sv"}, at(day, r.Subject)},
				Item{study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(day, r.Subject)})
		}
		must(trial.DoAll(ctx, next))
		order := trial.Order()
		for i := max(0, len(order)-7*more); i < len(order)-more; i++ {
			m := at(day, order[i])
			m.Role, m.Actor, m.Key = study.RoleParticipant, string(order[i]), fmt.Sprint(day, order[i])
			last = append(last, Item{wholeDiary(day), m})
		}
		must(trial.DoAll(ctx, last))
	}
	return day - 1
}
