package annot

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"dvala/civil"
	"dvala/edf"
	"dvala/fault"
	"dvala/sleep"
)

// noxturnalWake is what the program calls wakefulness in its languages; the
// sleep stages are N1, N2, N3 and REM in all that were seen.
var noxturnalWake = []string{"wake", "éveil", "wach", "vaken", "vaka", "vågen", "våken", "vigilia", "veglia", "wakker", "vigília", "hereillä"}

var noxturnal = func() map[string]sleep.Stage {
	m := map[string]sleep.Stage{
		"n1": sleep.N1, "n2": sleep.N2, "n3": sleep.N3, "rem": sleep.R,
		"sleep-n1": sleep.N1, "sleep-n2": sleep.N2, "sleep-n3": sleep.N3, "sleep-rem": sleep.R, "sleep-wake": sleep.W,
		"unscored": sleep.Unscored, "sleep-unscored": sleep.Unscored,
	}
	for _, w := range noxturnalWake {
		m[w] = sleep.W
	}
	return m
}()

// dates are the ways in which a line may tell an instant; the first that reads
// all lines of a file, in order and within two days, is its way.
var dates = []string{
	"02/01/2006 15:04:05", "01/02/2006 15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "02.01.2006 15:04:05",
	"1/2/2006 3:04:05 PM", "2/1/2006 3:04:05 PM", "2006/01/02 15:04:05", "02-01-2006 15:04:05",
}

// readNoxturnal reads the event list: start, end, event and duration, under
// heads in the language of the program and a line of units. Times are those of
// a clock on the wall; the recording is taken to begin with the first stage.
func readNoxturnal(r io.Reader) (Scoring, fault.List, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	in.LazyQuotes = true
	type event struct {
		start, text string
		length      time.Duration
		line        int
	}
	var all []event
	var l fault.List
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return Scoring{}, nil, fault.Wrap("annot-csv", "", at.Err).At(at.Line)
			}
			return Scoring{}, nil, fault.Wrap("annot-read", "", err)
		}
		line, _ := in.FieldPos(0)
		if line <= 2 || len(row) == 1 && strings.TrimSpace(row[0]) == "" {
			continue
		}
		length, ok := time.Duration(0), false
		if len(row) >= 4 {
			length, ok = decimal(strings.Replace(strings.TrimSpace(row[3]), ",", ".", 1))
		}
		if !ok || length < 0 {
			if len(l) < 20 {
				l.Addf("annot-event", "", "not a start, an end, an event and a duration in seconds").At(line)
			}
			continue
		}
		if len(all) >= maxEvents {
			return Scoring{}, nil, fault.New("annot-many", "", "more than %d events", maxEvents).At(line)
		}
		all = append(all, event{strings.Clone(strings.TrimSpace(row[0])), strings.Clone(strings.TrimSpace(row[2])), length, line})
	}
	starts := make([]string, len(all))
	for i, e := range all {
		starts[i] = e.start
	}
	times, ambiguous := instants(starts)
	if times == nil && len(all) > 0 {
		l.Addf("annot-date", "", "times such as %.40q are written in no way that is known", starts[0]).At(all[0].line)
	}
	if err := l.Err(); err != nil {
		return Scoring{}, nil, err
	}
	s := Scoring{Dialect: "noxturnal", Header: edf.Header{StartTime: -1}, Epoch: 30 * time.Second}
	if ambiguous {
		l.Addf("annot-date", "", "days and months cannot be told apart; %q is read as %s", starts[0], times[0].Format("2 January 2006")).AsWarning()
	}
	begin := time.Time{}
	for i, e := range all {
		if _, ok := noxturnal[fold(e.text)]; ok && (begin.IsZero() || times[i].Before(begin)) {
			begin = times[i]
		}
	}
	if begin.IsZero() {
		return s, nil, fault.New("annot-no-stages", "", "none of %d events is a stage", len(all)).
			WithHint("the words for wake that are known are %s", strings.Join(noxturnalWake, ", "))
	}
	s.Header.StartDate = civil.DateOf(begin)
	s.Header.StartTime = begin.Sub(time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, time.UTC))
	for i, e := range all {
		if err := s.add(times[i].Sub(begin), e.length, e.text, noxturnal); err != nil {
			return s, nil, err
		}
	}
	return s, l, nil
}

// instants reads all times in one way, and says whether another would do as
// well and tell other days.
func instants(all []string) (times []time.Time, ambiguous bool) {
	for _, w := range dates {
		t, ok := readAll(all, w)
		switch {
		case !ok:
		case times == nil:
			times = t
		case !t[0].Equal(times[0]):
			return times, true
		}
	}
	return times, false
}

func readAll(all []string, way string) ([]time.Time, bool) {
	out := make([]time.Time, 0, len(all))
	for _, s := range all {
		t, err := time.Parse(way, s)
		if err != nil || len(out) > 0 && t.Sub(out[0]).Abs() > sleep.MaxLength {
			return nil, false
		}
		out = append(out, t)
	}
	return out, len(out) > 0
}
