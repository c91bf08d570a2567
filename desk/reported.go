package desk

import (
	"context"

	"dvala/fault"
	"dvala/study"
)

// ReportNow says which report there is: the trial's own, or that of the last dry
// run, whose groups are dummies.
type ReportNow struct {
	There, Dry bool
	File       study.File
	Runs       int // dry runs
}

// Report says which report there is.
func (o *Office) Report(ctx context.Context, c Caller) (r ReportNow, err error) {
	err = o.See(ctx, c, "see-report", "", func(s *study.State) error {
		r.Runs = len(s.DryRuns)
		switch {
		case s.Reported != nil:
			r.File, r.There = s.Reported.Report, true
		case len(s.DryRuns) > 0:
			r.File, r.Dry, r.There = s.DryRuns[len(s.DryRuns)-1].Report, true, true
		}
		return nil
	})
	return r, err
}

// ReportFile gives the report as it was recorded, checked against its hash.
func (o *Office) ReportFile(ctx context.Context, c Caller) ([]byte, error) {
	r, err := o.Report(ctx, c)
	if err != nil {
		return nil, err
	}
	if !r.There {
		return nil, fault.New("page-unknown", "report", "there is no report yet")
	}
	return o.store.Blob(r.File.SHA256)
}
