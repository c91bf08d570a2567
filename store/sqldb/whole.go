package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"dvala/fault"
)

// Whole asks SQLite whether a file is built as it builds them: its pages and
// trees, and, deep, every index against its table as well. What a row says
// SQLite cannot know.
func Whole(ctx context.Context, db *sql.DB, path string, deep bool) error {
	query := "PRAGMA quick_check(5)"
	if deep {
		query = "PRAGMA integrity_check(5)"
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return torn(path, err.Error())
	}
	defer rows.Close()
	var said []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return torn(path, err.Error())
		}
		said = append(said, line)
	}
	if err := rows.Err(); err != nil {
		return torn(path, err.Error())
	}
	if text := strings.Join(said, "; "); text != "ok" {
		return torn(path, text)
	}
	return nil
}

func torn(path, says string) error {
	return fault.New("store-damaged", path, "SQLite says: %.300s", strings.ReplaceAll(says, "\n", " ")).WithHint("restore the directory from a backup")
}
