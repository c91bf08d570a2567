package sleepasandroid

import (
	"slices"
	"strings"
	"time"

	"dvala/sleep"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

// Phases is what the app's phases mean.
var Phases = map[string]sleep.Stage{"LIGHT": sleep.Light, "DEEP": sleep.N3, "REM": sleep.R, "AWAKE": sleep.W}

// event is one event column's value: LABEL-milliseconds or
// LABEL-milliseconds-value.
type event struct {
	label, value string
	at           time.Time
}

// parseEvent reads one. ok is false for what is none.
func parseEvent(s string) (event, bool) {
	label, rest, ok := strings.Cut(strings.TrimSpace(s), "-")
	if !ok {
		return event{}, false
	}
	ms, value, _ := strings.Cut(rest, "-")
	at, ok := milliseconds(ms)
	return event{strings.ToUpper(label), value, at}, ok
}

// phases reads the events of a sleep into its spans and its heart rate.
func (in *reader) phases(s *session.Session, e entry, place string) {
	var events []event
	for i, h := range e.heading {
		if i >= len(e.values) || !strings.HasPrefix(strings.TrimSpace(h), "Event") || strings.TrimSpace(e.values[i]) == "" {
			continue
		}
		if ev, ok := parseEvent(e.values[i]); ok {
			events = append(events, ev)
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	var asleep, awake current
	loose := 0
	sum, n := 0.0, 0
	for _, ev := range events {
		if ev.label == "HR" {
			if v := table.Number(ev.value); v != nil && *v > 0 && *v < 400 && !ev.at.Before(s.Start) && ev.at.Before(s.End) {
				sum += *v
				n++
				if l := s.Measured.HeartRateLowestBPM; l == nil || *v < *l {
					s.Measured.HeartRateLowestBPM = v
				}
			}
			continue
		}
		name, begins := strings.CutSuffix(ev.label, "_START")
		if !begins {
			name, _ = strings.CutSuffix(ev.label, "_END")
		}
		stage, known := Phases[name]
		if !known || name == ev.label {
			continue
		}
		of := &asleep
		if stage == sleep.W {
			of = &awake
		}
		switch {
		case begins:
			of.close(ev.at)
			of.open, of.stage, of.from = true, stage, ev.at
		case of.open && of.stage == stage:
			of.close(ev.at)
		default:
			loose++ // the end of what another phase has ended, or of what never began
		}
	}
	if n > 0 {
		mean := sum / float64(n)
		s.Measured.HeartRateMeanBPM = &mean
	}
	unfinished := asleep.open || awake.open
	asleep.close(s.End)
	awake.close(s.End)
	s.Spans = append(asleep.spans, awake.spans...) // the last told counts: awake
	if unfinished {
		in.report.Problems.Addf("sleepasandroid-open", place, "the last phase has no end").At(e.line).
			WithHint("it is taken to last until the end of the record").AsWarning()
	}
	if loose > 0 && len(s.Spans) == 0 {
		in.report.Problems.Addf("sleepasandroid-loose", place, "%d phases end that never began", loose).At(e.line).AsWarning()
	}
}

// current is the phase that goes on, of those of which only one can.
type current struct {
	spans []session.Span
	open  bool
	stage sleep.Stage
	from  time.Time
}

func (o *current) close(at time.Time) {
	if o.open && at.After(o.from) {
		o.spans = append(o.spans, session.Span{From: o.from, To: at, Stage: o.stage})
	}
	o.open = false
}
