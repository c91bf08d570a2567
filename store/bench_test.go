package store

import (
	"fmt"
	"sync/atomic"
	"testing"

	"dvala/study"
)

// BenchmarkAppend is one caller: each command is a commit and a sync of its own.
func BenchmarkAppend(b *testing.B) {
	trial := opened(b, b.TempDir())
	b.ResetTimer()
	for i := range b.N {
		do(b, trial, screen(i), at(0, ""))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkAppendConcurrent is 32 callers who wait for each other's syncs.
func BenchmarkAppendConcurrent(b *testing.B) {
	trial := opened(b, b.TempDir())
	b.SetParallelism(16) // of two processors: 32 callers
	var n atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			do(b, trial, screen(int(n.Add(1))), at(0, ""))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkDoAll is one caller with many commands a commit, as the
// demonstration gives them.
func BenchmarkDoAll(b *testing.B) {
	trial := opened(b, b.TempDir())
	items := make([]Item, 500)
	for i := range items {
		items[i] = Item{screen(i), at(0, "")}
	}
	b.ResetTimer()
	for range b.N {
		if _, err := trial.DoAll(ctx, items); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(items))/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkReplay is what opening a directory costs an entry.
func BenchmarkReplay(b *testing.B) {
	dir := b.TempDir()
	trial := opened(b, dir)
	live(b, trial, 30)
	entries := must(trial.Entries(ctx, 0, 1<<20))
	b.ResetTimer()
	for range b.N {
		s := study.New(trial.protocol, trial.sealed, study.BuiltIn)
		for _, e := range entries {
			if _, err := s.Replay(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*len(entries))/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkBlobs stores 100 files of 4 kB together.
func BenchmarkBlobs(b *testing.B) {
	trial := opened(b, b.TempDir())
	for i := range b.N {
		files := make([]Blob, 100)
		for j := range files {
			files[j] = Blob{Bytes: fmt.Appendf(make([]byte, 4096), "%d %d", i, j)}
		}
		if _, err := trial.PutBlobs(files); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "files/s")
}
