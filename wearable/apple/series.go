package apple

import (
	"math"
	"sort"
	"time"
)

// series is what was measured of one kind, by the minute, twelve bytes each, so
// that years of it are held in little. The measurements of one minute that
// follow each other in the file are one point.
type series struct {
	chunks [][]point // of chunkSize, but for the last
	sorted bool
}

// point is the sum and the least of up to 63 measurements of one minute.
type point struct {
	key   uint32 // minutes since 2000, times 64, and how many
	sum   float32
	least float32
}

const (
	chunkSize = 4096
	maxCount  = 63
	epoch2000 = 946_684_800                                  // 2000-01-01 in seconds since 1970
	lastKept  = epoch2000 + int64(math.MaxUint32>>6)*60 - 60 // in the year 2127
)

func (p point) minute() int64 { return int64(p.key>>6) + epoch2000/60 }

// add takes a measurement. What lies after lastKept no clock can have told.
func (s *series) add(unix int64, v float64) {
	if unix < epoch2000 || unix > lastKept {
		return
	}
	minute, value := uint32((unix-epoch2000)/60), float32(v)
	if n := len(s.chunks); n > 0 {
		last := s.chunks[n-1]
		if p := &last[len(last)-1]; p.key>>6 == minute && p.key&maxCount < maxCount {
			p.key++
			p.sum += value
			p.least = min(p.least, value)
			return
		}
	}
	if n := len(s.chunks); n == 0 || len(s.chunks[n-1]) == chunkSize {
		s.chunks = append(s.chunks, make([]point, 0, chunkSize))
	}
	n := len(s.chunks) - 1
	s.chunks[n] = append(s.chunks[n], point{minute<<6 | 1, value, value})
	s.sorted = false
}

// at gives a point by its place among all.
func (s *series) at(i int) *point { return &s.chunks[i/chunkSize][i%chunkSize] }

// Len, Less and Swap put the points in order where they lie, with no second copy.
func (s *series) Len() int {
	if len(s.chunks) == 0 {
		return 0
	}
	return (len(s.chunks)-1)*chunkSize + len(s.chunks[len(s.chunks)-1])
}
func (s *series) Less(i, j int) bool { return s.at(i).key>>6 < s.at(j).key>>6 }
func (s *series) Swap(i, j int)      { a, b := s.at(i), s.at(j); *a, *b = *b, *a }

// between gives the mean and the least of what was measured from the minute in
// which from lies until to, nil if nothing was.
func (s *series) between(from, to time.Time) (mean, least *float64) {
	if !s.sorted {
		if !sort.IsSorted(s) {
			sort.Stable(s)
		}
		s.sorted = true
	}
	first, last := from.Unix()/60, to.Unix() // minutes; seconds
	sum, n, low := 0.0, 0, math.Inf(1)
	for i := sort.Search(s.Len(), func(i int) bool { return s.at(i).minute() >= first }); i < s.Len(); i++ {
		p := s.at(i)
		if p.minute()*60 >= last {
			break
		}
		sum += float64(p.sum)
		n += int(p.key & maxCount)
		low = min(low, float64(p.least))
	}
	if n == 0 {
		return nil, nil
	}
	sum /= float64(n)
	return &sum, &low
}
