package store

import (
	"context"
	"database/sql"
	"strings"
)

// maxParams is how many values one statement takes; a few rows at a time are
// several times as fast as one by one.
const maxParams = 400

// insert writes rows under one head ("INSERT INTO t (a, b) VALUES").
func insert(ctx context.Context, tx *sql.Tx, head string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	chunk := max(1, maxParams/width)
	one := "(?" + strings.Repeat(",?", width-1) + ")"
	for len(rows) > 0 {
		n := min(chunk, len(rows))
		args := make([]any, 0, n*width)
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		query := head + " " + one + strings.Repeat(","+one, n-1)
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
