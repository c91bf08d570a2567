package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// column is one column of a table, with its type as the database spells it.
type column struct{ name, kind string }

// private are tables that are not copied: which migrations a database has had,
// and the background jobs, which belong to the place where they run.
func private(table string) bool {
	return strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") || table == "job_progress"
}

// tables gives the tables of a database with their columns.
func (d *DB) tables(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
},
) (map[string][]column, []string, error) {
	query, args := "SELECT m.name, p.name, p.type FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid", []any{}
	if d.Dialect == Postgres {
		query, args = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = $1 ORDER BY table_name, ordinal_position", []any{d.Schema}
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	all, order := map[string][]column{}, []string(nil)
	for rows.Next() {
		var table string
		var c column
		if err := rows.Scan(&table, &c.name, &c.kind); err != nil {
			return nil, nil, err
		}
		if private(table) {
			continue
		}
		if all[table] == nil {
			order = append(order, table)
		}
		all[table] = append(all[table], c)
	}
	return all, order, rows.Err()
}

// Copy copies the rows of all tables that both databases have, as they are at
// one moment, in one transaction. The tables it copies to are empty.
func Copy(ctx context.Context, from, to *DB) error { return copyAll(ctx, from, to, false) }

// CopyPlain does the same into a new file, and makes the tables there with the
// columns alone: to keep rows, not to work with.
func CopyPlain(ctx context.Context, from, to *DB) error { return copyAll(ctx, from, to, true) }

func copyAll(ctx context.Context, from, to *DB, plain bool) error {
	level := sql.LevelDefault
	if from.Dialect == Postgres {
		level = sql.LevelRepeatableRead
	}
	src, err := from.Read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: level})
	if err != nil {
		return err
	}
	defer src.Rollback() // it has only read
	have, order, err := from.tables(ctx, src)
	if err != nil {
		return err
	}
	dst, err := to.Begin(ctx)
	if err != nil {
		return err
	}
	defer dst.Rollback() // does nothing after a commit
	if plain {
		for _, table := range order {
			if err := makePlain(ctx, dst, table, have[table]); err != nil {
				return err
			}
		}
	}
	into, _, err := to.tables(ctx, dst)
	if err != nil {
		return err
	}
	if err := copyTables(ctx, src, dst, have, into, order); err != nil {
		return err
	}
	return dst.Commit()
}

// copyTables copies table by table. One whose rows point at those of another
// that is still to come is tried again after it.
func copyTables(ctx context.Context, src *sql.Tx, dst *Tx, have, into map[string][]column, order []string) error {
	for len(order) > 0 {
		var later []string
		var why error
		for _, table := range order {
			if into[table] == nil {
				continue
			}
			if _, err := dst.ExecContext(ctx, "SAVEPOINT a_table"); err != nil {
				return err
			}
			if err := copyTable(ctx, src, dst, table, have[table], into[table]); err != nil {
				later, why = append(later, table), fmt.Errorf("%s: %w", table, err)
				if _, err := dst.ExecContext(ctx, "ROLLBACK TO SAVEPOINT a_table"); err != nil {
					return err
				}
			}
			if _, err := dst.ExecContext(ctx, "RELEASE SAVEPOINT a_table"); err != nil {
				return err
			}
		}
		if len(later) == len(order) {
			return why
		}
		order = later
	}
	return nil
}

func makePlain(ctx context.Context, dst *Tx, table string, columns []column) error {
	var list []string
	for _, c := range columns {
		kind := "TEXT"
		switch c.kind {
		case "bytea":
			kind = "BLOB"
		case "bigint", "integer", "smallint", "boolean":
			kind = "INTEGER"
		case "double precision", "real":
			kind = "REAL"
		}
		list = append(list, quoted(c.name)+" "+kind)
	}
	_, err := dst.ExecContext(ctx, "CREATE TABLE "+quoted(table)+" ("+strings.Join(list, ", ")+")")
	return err
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// copyRows is how many rows are held in memory at a time.
const copyRows = 2000

func copyTable(ctx context.Context, src *sql.Tx, dst *Tx, table string, have, into []column) error {
	kinds := map[string]string{}
	for _, c := range into {
		kinds[c.name] = c.kind
	}
	to := Table{Name: quoted(table)}
	var names []string
	for _, c := range have {
		if _, both := kinds[c.name]; both {
			names = append(names, quoted(c.name))
		}
	}
	to.Columns = names
	rows, err := src.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+quoted(table))
	if err != nil {
		return err
	}
	defer rows.Close()
	var some [][]any
	for rows.Next() {
		row, at := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return err
		}
		for i := range row {
			row[i] = as(row[i], kinds[strings.Trim(names[i], `"`)])
		}
		if some = append(some, row); len(some) == copyRows {
			if err := dst.Insert(ctx, to, some); err != nil {
				return err
			}
			some = nil
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return dst.Insert(ctx, to, some)
}

// as gives a value as a column of the other database takes it.
func as(v any, kind string) any {
	switch kind = strings.ToLower(kind); v := v.(type) {
	case int64:
		if kind == "boolean" {
			return v != 0
		}
	case string:
		if kind == "bytea" || kind == "blob" {
			return []byte(v)
		}
	case []byte:
		if kind == "text" {
			return string(v)
		}
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return v
}
