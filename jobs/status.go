package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Status is how a job stands, for a page.
type Status struct {
	ID            ID
	Kind          string
	Args          json.RawMessage
	State         string // available, scheduled, running, retryable, completed, discarded, cancelled
	Done, Total   int    // of an unknown total 0
	Note, Result  string
	Err           string // of the last attempt
	Attempt       int
	Made, Started time.Time
	Ended         time.Time // zero: not yet
}

// Over says whether nothing will be tried any more.
func (s Status) Over() bool { return !s.Ended.IsZero() }

// Status tells how a job stands; false if there is none, or no more.
func (q *Queue) Status(ctx context.Context, id ID) (Status, bool, error) {
	row, err := q.engine.get(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return Status{}, false, nil
	}
	if err != nil {
		return Status{}, false, err
	}
	s := statusOf(row)
	return s, true, q.progress(ctx, &s)
}

// Recent gives the last n jobs of some kinds (none: of all), the newest first.
func (q *Queue) Recent(ctx context.Context, n int, kinds ...string) ([]Status, error) {
	p := river.NewJobListParams().First(min(max(n, 1), 1000)).OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if len(kinds) > 0 {
		p = p.Kinds(kinds...)
	}
	rows, err := q.engine.list(ctx, p)
	if err != nil {
		return nil, err
	}
	out := make([]Status, len(rows))
	for i, row := range rows {
		out[i] = statusOf(row)
		if err := q.progress(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func statusOf(row *rivertype.JobRow) Status {
	s := Status{
		ID: ID(row.ID), Kind: row.Kind, Args: row.EncodedArgs, State: string(row.State), Attempt: row.Attempt, Made: row.CreatedAt,
	}
	if row.AttemptedAt != nil {
		s.Started = *row.AttemptedAt
	}
	if row.FinalizedAt != nil {
		s.Ended = *row.FinalizedAt
	}
	if n := len(row.Errors); n > 0 {
		s.Err = row.Errors[n-1].Error
	}
	return s
}
