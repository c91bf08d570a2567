package people

import (
	"context"
	"time"

	"dvala/study"
)

// SpendBytes adds to what a person's files came to on a day, if they come to no
// more than most with it; false, and nothing is added, where they would. It is
// one statement, so that servers that share the store share the sum.
func (s *Store) SpendBytes(ctx context.Context, who study.Subject, day string, n, most int64, at time.Time) (bool, error) {
	if n > most {
		return false, nil
	}
	return changed(s.write.ExecContext(ctx, "INSERT INTO quotas (subject, day, bytes, at) VALUES ($1, $2, $3, $4) "+
		"ON CONFLICT (subject, day) DO UPDATE SET bytes = quotas.bytes + excluded.bytes WHERE quotas.bytes + excluded.bytes <= $5",
		string(who), day, n, micro(at), most))
}
