package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/store/sqldb"
)

// rows holds the projections against what the ledger says: they are made once
// more, in a passing file, and compared row by row. A page that was torn or went
// bad below a row of theirs is seen by nothing else, because the ledger's own
// tree does not cover them. PostgreSQL keeps checksums of its pages.
func (d *doctor) rows(ctx context.Context, t *Trial) {
	if t.db.Dialect != sqldb.SQLite {
		return
	}
	n, err := t.compareRows(ctx)
	if err != nil {
		d.add("rows", err)
		return
	}
	d.good("rows", "%d rows beside the ledger say what it says", n)
}

func (t *Trial) compareRows(ctx context.Context) (n int, err error) {
	dir, err := os.MkdirTemp("", "dvala-doctor-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	anew, err := sqldb.OpenSQLite(filepath.Join(dir, "rows.db"))
	if err != nil {
		return 0, err
	}
	defer anew.Close()
	if err := anew.Migrate(ctx, migrations, versions); err != nil {
		return 0, err
	}
	tx, err := anew.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // does nothing after a commit
	w := newProjection()
	for _, who := range t.state.Order {
		w.person(t.state.People[who])
	}
	if err := w.write(ctx, tx, t.state); err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	for _, table := range projections {
		more, err := sameRows(ctx, table, t.db.Read, anew.Write)
		if err != nil {
			return n, fault.Wrap("store-damaged", table.Name, err).WithHint("the ledger is whole: dvala upgrade writes these rows anew from it")
		}
		n += more
	}
	return n, nil
}

// sameRows walks over one table in two places.
func sameRows(ctx context.Context, table sqldb.Table, here, anew querier) (n int, err error) {
	query := "SELECT " + strings.Join(table.Columns, ", ") + " FROM " + table.Name + " ORDER BY " + strings.Join(table.Columns[:table.Key], ", ")
	a, err := here.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	b, err := anew.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	for ; ; n++ {
		has, should := a.Next(), b.Next()
		if !has && !should {
			break
		}
		got, err := rowOf(a, has, table)
		if err != nil {
			return n, err
		}
		want, err := rowOf(b, should, table)
		if err != nil {
			return n, err
		}
		if !slices.Equal(got, want) {
			return n, fmt.Errorf("row %d is %.200q, and the ledger says %.200q", n+1, got, want)
		}
	}
	if err := a.Err(); err != nil {
		return n, err
	}
	return n, b.Err()
}

// rowOf reads a row as text; nothing where there is none.
func rowOf(rows *sql.Rows, there bool, table sqldb.Table) ([]string, error) {
	if !there {
		return nil, nil
	}
	values, into := make([]any, len(table.Columns)), make([]any, len(table.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out, nil
}
