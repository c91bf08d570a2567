package edf

import (
	"cmp"
	"slices"
	"time"

	"dvala/fault"
	"dvala/sleep"
)

// Dialect is which annotation texts mean which stage. Texts that are not in it
// are no stages: they are arousals, lights, remarks.
type Dialect struct {
	Name   string
	Stages map[string]sleep.Stage
}

// Standard is the dialect of the EDF+ texts for sleep, as the format's standard
// texts list them and Sleep-EDF uses them, and of the AASM names beside them.
// Rechtschaffen and Kales's stages 3 and 4 are N3; movement is unscored.
func Standard() Dialect {
	return Dialect{Name: "edf-standard", Stages: map[string]sleep.Stage{
		"Sleep stage W": sleep.W,
		"Sleep stage 1": sleep.N1, "Sleep stage N1": sleep.N1,
		"Sleep stage 2": sleep.N2, "Sleep stage N2": sleep.N2,
		"Sleep stage 3": sleep.N3, "Sleep stage N3": sleep.N3,
		"Sleep stage 4": sleep.N3, "Sleep stage N4": sleep.N3,
		"Sleep stage R": sleep.R,
		"Sleep stage ?": sleep.Unscored, "Movement time": sleep.Unscored,
	}}
}

// Hypnogram makes epochs of the stages among annotations, whatever their order.
// The first stage's onset is where the epochs begin; each epoch takes the stage
// that holds its middle, and none where no stage does. A stage without duration
// lasts until the next one, the last of them one epoch.
//
//	zone  whose clock the header's start is told by; the format does not say.
//
// Stages that overlap or do not fit the epochs are told as warnings: of two
// that overlap, the later one counts from its onset.
func Hypnogram(h Header, annotations []Annotation, d Dialect, epoch time.Duration, zone *time.Location) (sleep.Hypnogram, fault.List, error) {
	spans := stageSpans(annotations, d, epoch)
	if len(spans) == 0 {
		return sleep.Hypnogram{}, nil, fault.New("edf-no-stages", "annotations", "none of %d annotations is a stage", len(annotations)).
			WithHint("stages are annotations such as “Sleep stage N2”; is the hypnogram in another file?")
	}
	var l fault.List
	begin, end := spans[0].from, spans[0].to
	for i, s := range spans {
		if i > 0 && s.from < spans[i-1].to {
			if !l.Has("edf-stage-overlap") {
				l.Addf("edf-stage-overlap", place(s.from), "a stage begins before the one before it has ended").AsWarning()
			}
			spans[i-1].to = s.from
		}
		if ((s.from-begin)%epoch != 0 || (s.to-s.from)%epoch != 0) && !l.Has("edf-stage-grid") {
			l.Addf("edf-stage-grid", place(s.from), "a stage of %v that epochs of %v do not fit", s.to-s.from, epoch).
				WithHint("each epoch takes the stage at its middle").AsWarning()
		}
		end = max(end, s.to)
	}
	if end-begin > sleep.MaxLength {
		return sleep.Hypnogram{}, nil, fault.New("hypnogram-long", "annotations", "the stages span %v, more than %v", end-begin, sleep.MaxLength)
	}
	stages := make([]sleep.Stage, (end-begin+epoch-1)/epoch)
	k := 0
	for i := range stages {
		mid := begin + time.Duration(i)*epoch + epoch/2
		for k < len(spans) && spans[k].to <= mid {
			k++
		}
		if k < len(spans) && spans[k].from <= mid {
			stages[i] = spans[k].stage
		}
	}
	var start time.Time
	if t, ok := h.Start(zone); ok {
		start = t.Add(begin)
	}
	made, err := sleep.NewHypnogram(start, epoch, stages)
	return made, l, err
}

type span struct {
	from, to time.Duration
	stage    sleep.Stage
}

// stageSpans keeps the annotations that are stages, each with its end.
func stageSpans(annotations []Annotation, d Dialect, epoch time.Duration) []span {
	annotations = slices.Clone(annotations)
	slices.SortStableFunc(annotations, func(a, b Annotation) int { return cmp.Compare(a.Onset, b.Onset) })
	var spans []span
	open := false // whether the last span waits for the next one to end it
	for _, a := range annotations {
		stage, ok := d.Stages[a.Text]
		if !ok {
			continue
		}
		if open {
			spans[len(spans)-1].to = a.Onset
		}
		open = !a.HasDuration || a.Duration == 0
		to := a.Onset + a.Duration
		if open {
			to = a.Onset + epoch
		}
		spans = append(spans, span{a.Onset, to, stage})
	}
	return spans
}

func place(onset time.Duration) string { return "annotation at " + onset.String() }
