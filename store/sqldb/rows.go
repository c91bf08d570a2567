package sqldb

import (
	"context"
	"strconv"
	"strings"
)

// Table is a table that rows are written to: its name and its columns, the
// first of which are its key.
type Table struct {
	Name    string
	Columns []string
	Key     int // how many of the columns are the primary key
}

// most is how many values one statement takes. Several rows at a time are several
// times as fast as one by one; on PostgreSQL each statement is a round trip.
var most = map[Dialect]int{SQLite: 400, Postgres: 8000}

// Insert adds rows.
func (t *Tx) Insert(ctx context.Context, into Table, rows [][]any) error {
	return t.rows(ctx, into, rows, "")
}

// Upsert adds rows, or writes them over those of the same key.
func (t *Tx) Upsert(ctx context.Context, into Table, rows [][]any) error {
	var set []string
	for _, c := range into.Columns[into.Key:] {
		set = append(set, c+" = excluded."+c)
	}
	return t.rows(ctx, into, rows, " ON CONFLICT ("+strings.Join(into.Columns[:into.Key], ", ")+") DO UPDATE SET "+strings.Join(set, ", "))
}

func (t *Tx) rows(ctx context.Context, into Table, rows [][]any, tail string) error {
	head := "INSERT INTO " + into.Name + " (" + strings.Join(into.Columns, ", ") + ") VALUES "
	return t.chunks(ctx, rows, func(n int) string { return head + t.Tuples(n, len(into.Columns)) + tail })
}

// Each gives a statement that takes many rows of values at a time.
func (t *Tx) Each(ctx context.Context, rows [][]any, statement func(tuples string) string) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	return t.chunks(ctx, rows, func(n int) string { return statement(t.Tuples(n, width)) })
}

// chunks does a statement for n rows at a time, n being a power of two, so that
// there are few different statements and the driver keeps them prepared.
func (t *Tx) chunks(ctx context.Context, rows [][]any, statement func(n int) string) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	n := 1
	for 2*n*width <= most[t.dialect] {
		n *= 2
	}
	for len(rows) > 0 {
		for n > len(rows) {
			n /= 2
		}
		args := make([]any, 0, n*width)
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if _, err := t.ExecContext(ctx, statement(n), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Tuples gives the placeholders of n rows: ($1, $2), ($3, $4). On SQLite they
// are question marks: its driver looks for each numbered one among all values.
func (t *Tx) Tuples(n, width int) string {
	var b strings.Builder
	at := 0
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteString(", ")
			}
			at++
			if t.dialect == SQLite {
				b.WriteByte('?')
			} else {
				b.WriteString("$" + strconv.Itoa(at))
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}
