package desk

import (
	"context"

	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// ReportNow says which report there is: the trial's own, or that of the last dry
// run, whose groups are dummies.
type ReportNow struct {
	There, Dry bool
	File       study.File
	Translated []study.Translation // the same in other languages
	Runs       int                 // dry runs
}

// In gives the report in a language, if there is one in it.
func (r ReportNow) In(l protocol.Language) (study.File, bool) {
	for _, t := range r.Translated {
		if t.Language == l {
			return t.Report, true
		}
	}
	return r.File, r.There && l == "en"
}

// Languages are those in which there is the report, English first.
func (r ReportNow) Languages() []protocol.Language {
	if !r.There {
		return nil
	}
	out := []protocol.Language{"en"}
	for _, t := range r.Translated {
		out = append(out, t.Language)
	}
	return out
}

// Report says which report there is.
func (o *Office) Report(ctx context.Context, c Caller) (r ReportNow, err error) {
	err = o.See(ctx, c, "see-report", "", func(s *study.State) error {
		r.Runs = len(s.DryRuns)
		switch {
		case s.Reported != nil:
			r.File, r.Translated, r.There = s.Reported.Report, s.Reported.Translated, true
		case len(s.DryRuns) > 0:
			last := s.DryRuns[len(s.DryRuns)-1]
			r.File, r.Translated, r.Dry, r.There = last.Report, last.Translated, true, true
		}
		return nil
	})
	return r, err
}

// ReportFile gives the report in a language as it was recorded, checked against
// its hash.
func (o *Office) ReportFile(ctx context.Context, c Caller, l protocol.Language) ([]byte, error) {
	r, err := o.Report(ctx, c)
	if err != nil {
		return nil, err
	}
	if !r.There {
		return nil, fault.New("page-unknown", "report", "there is no report yet")
	}
	file, ok := r.In(l)
	if !ok {
		return nil, fault.New("page-unknown", "report", "there is no report in %q", l).WithHint("it is there in %s", r.Languages())
	}
	return o.store.Blob(file.SHA256)
}
