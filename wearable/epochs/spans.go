package epochs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/sleep"
)

// span is a stretch of one stage.
type span struct {
	from, length time.Duration
	stage        sleep.Stage
	line         int
}

// spans reads every row; what is wrong goes to the problems.
func (t *table) spans() []span {
	out := make([]span, 0, len(t.rows))
	next := time.Duration(0)
	for i, row := range t.rows {
		line := t.line + i
		cell := func(c int) string {
			if c < 0 || c >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[c])
		}
		if len(row) == 1 && cell(0) == "" && t.stage > 0 {
			continue // a blank line at the end
		}
		s := span{from: next, line: line}
		var ok bool
		if s.stage, ok = t.codes.Stage(cell(t.stage)); !ok {
			t.problem(line, "epochs-code", fmt.Sprintf("column %s", t.stageName), "code %.20q is not in the map %s", cell(t.stage), t.codes.Name)
		}
		if t.duration >= 0 {
			if s.length, ok = seconds(cell(t.duration)); !ok || s.length <= 0 {
				t.problem(line, "epochs-duration", "", "%.20q is not a duration in seconds", cell(t.duration))
			}
		}
		if t.onset >= 0 {
			if s.from, ok = t.instant(cell(t.onset)); !ok {
				t.problem(line, "epochs-onset", "", "%.40q is neither seconds nor a time", cell(t.onset))
			}
		}
		next = s.from + max(s.length, t.layout.Epoch)
		if s.length == 0 && t.layout.Epoch == 0 {
			next = s.from + defaultEpoch
		}
		out = append(out, s)
	}
	return out
}

func (t *table) problem(line int, code fault.Code, place, format string, args ...any) {
	if len(t.problems) < maxProblems {
		t.problems.Addf(code, place, format, args...).At(line)
	}
}

// seconds reads decimal seconds to the millisecond.
func seconds(s string) (time.Duration, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 1e8 {
		return 0, false
	}
	return time.Duration(math.Round(v*1000)) * time.Millisecond, true
}

// layouts of times that tables use, beside RFC 3339.
var layouts = []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04"}

// instant reads an onset: seconds, or a time, of which the first one read is
// where the record begins.
func (t *table) instant(s string) (time.Duration, bool) {
	if d, ok := seconds(s); ok {
		return d, true
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	zone := t.layout.Zone
	if zone == nil {
		zone = time.UTC
	}
	for _, l := range layouts {
		if err == nil {
			break
		}
		at, err = time.ParseInLocation(l, s, zone)
	}
	if err != nil || at.Year() < 1900 || at.Year() > 2999 {
		return 0, false
	}
	if t.start.IsZero() {
		t.start = at
	}
	return at.Sub(t.start).Round(time.Millisecond), true
}

// hypnogram lays spans on epochs.
func (t *table) hypnogram(spans []span) (sleep.Hypnogram, error) {
	if len(spans) == 0 {
		return sleep.Hypnogram{}, fault.New("epochs-empty", "", "the table has no rows")
	}
	epoch := t.epochOf(spans)
	if epoch < sleep.MinEpoch || epoch > sleep.MaxEpoch {
		return sleep.Hypnogram{}, fault.New("epoch-length", "", "an epoch of %v", epoch).WithHint("say the length of an epoch")
	}
	begin := spans[0].from
	var stages []sleep.Stage
	for _, s := range spans {
		length := s.length
		if length == 0 {
			length = epoch
		}
		off := s.from - begin
		if off%epoch != 0 || length%epoch != 0 {
			t.problem(s.line, "epochs-grid", "", "from %v for %v does not fit epochs of %v", off, length, epoch)
			continue
		}
		at, n := int(off/epoch), int(length/epoch)
		if off < 0 || at < len(stages) {
			t.problem(s.line, "epochs-order", "", "this epoch is at %v, where there is one already", s.from)
			continue
		}
		if at+n > int(sleep.MaxLength/epoch) {
			return sleep.Hypnogram{}, fault.New("hypnogram-long", "", "this reaches %v beyond the first epoch, more than %v", off+length, sleep.MaxLength).At(s.line)
		}
		for len(stages) < at {
			stages = append(stages, sleep.Unscored)
		}
		for range n {
			stages = append(stages, s.stage)
		}
	}
	if err := t.problems.Err(); err != nil {
		return sleep.Hypnogram{}, err
	}
	start := t.start
	if !t.layout.Start.IsZero() {
		start = t.layout.Start.Add(begin)
	}
	return sleep.NewHypnogram(start, epoch, stages)
}

// epochOf gives the epoch: as told; else the one duration of all rows; else 30 s
// if all durations are multiples of it; else the greatest length of which they
// are multiples. Without durations the steps between onsets serve.
func (t *table) epochOf(spans []span) time.Duration {
	if t.layout.Epoch > 0 {
		return t.layout.Epoch
	}
	common, same := time.Duration(0), true
	for i, s := range spans {
		length := s.length
		if length == 0 && i > 0 && t.onset >= 0 {
			length = s.from - spans[i-1].from
		}
		if length == 0 {
			continue
		}
		same = same && (common == 0 || length == common)
		common = divisor(common, length)
	}
	stretches := t.duration >= 0 && (!same || common > sleep.MaxEpoch)
	if common <= 0 || stretches && common%defaultEpoch == 0 {
		return defaultEpoch
	}
	return common
}

// divisor gives the greatest common one.
func divisor(a, b time.Duration) time.Duration {
	if b < 0 {
		b = -b
	}
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
