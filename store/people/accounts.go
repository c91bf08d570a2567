package people

import (
	"context"
	"time"

	"dvala/desk/access"
	"dvala/study"
)

const accountColumns = "SELECT id, name, mail, subject, lang, issuer, external, created, made_by, closed FROM accounts "

func scanAccount(r interface{ Scan(...any) error }) (access.Account, error) {
	var a access.Account
	var created, closed int64
	err := r.Scan(&a.ID, &a.Name, &a.Mail, &a.Subject, &a.Lang, &a.Issuer, &a.External, &created, &a.By, &closed)
	a.Created, a.Closed = moment(created), moment(closed)
	return a, err
}

// Write runs a function in one transaction.
func (s *Store) Write(ctx context.Context, do func(access.Writer) error) error {
	return s.inTx(ctx, func(r rows) error { return do(r) })
}

// Account gives an account by its ID.
func (r rows) Account(ctx context.Context, id string) (access.Account, bool, error) {
	return one(scanAccount(r.q.QueryRowContext(ctx, accountColumns+"WHERE id = $1", id)))
}

// AccountByMail gives the one with an address.
func (r rows) AccountByMail(ctx context.Context, mail string) (access.Account, bool, error) {
	return one(scanAccount(r.q.QueryRowContext(ctx, accountColumns+"WHERE mail = $1 AND mail <> ''", mail)))
}

// AccountByIssuer gives the one that an identity provider knows by an ID.
func (r rows) AccountByIssuer(ctx context.Context, issuer, external string) (access.Account, bool, error) {
	return one(scanAccount(r.q.QueryRowContext(ctx, accountColumns+"WHERE issuer = $1 AND external = $2 AND issuer <> ''", issuer, external)))
}

// Accounts gives all, by ID.
func (r rows) Accounts(ctx context.Context) ([]access.Account, error) {
	rs, err := r.q.QueryContext(ctx, accountColumns+"ORDER BY id")
	return all(rs, err, scanAccount)
}

// PutAccount adds one.
func (r rows) PutAccount(ctx context.Context, a access.Account) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO accounts (id, name, mail, subject, lang, issuer, external, created, made_by, closed) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		a.ID, a.Name, a.Mail, string(a.Subject), a.Lang, a.Issuer, a.External, micro(a.Created), a.By, micro(a.Closed))
	return err
}

// CloseAccount closes one, or with no time opens it.
func (r rows) CloseAccount(ctx context.Context, id string, at time.Time) error {
	_, err := r.q.ExecContext(ctx, "UPDATE accounts SET closed = $2 WHERE id = $1", id, micro(at))
	return err
}

// SetIssuer binds an account to what an identity provider calls it.
func (r rows) SetIssuer(ctx context.Context, id, issuer, external string) error {
	_, err := r.q.ExecContext(ctx, "UPDATE accounts SET issuer = $2, external = $3 WHERE id = $1", id, issuer, external)
	return err
}

// Roles gives the roles of an account that are in force.
func (r rows) Roles(ctx context.Context, account string) ([]access.Given, error) {
	rs, err := r.q.QueryContext(ctx, "SELECT account, role, site, given, given_by, reason FROM roles WHERE account = $1 AND revoked = 0 ORDER BY role, site", account)
	return all(rs, err, func(x interface{ Scan(...any) error }) (access.Given, error) {
		var g access.Given
		var role string
		var at int64
		err := x.Scan(&g.Account, &role, &g.Site, &at, &g.By, &g.Reason)
		g.Role, g.At = study.Role(role), moment(at)
		return g, err
	})
}

// Give adds a role.
func (r rows) Give(ctx context.Context, g access.Given) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO roles (account, role, site, given, given_by, reason, revoked) VALUES ($1, $2, $3, $4, $5, $6, 0)",
		g.Account, string(g.Role), g.Site, micro(g.At), g.By, g.Reason)
	return err
}

// Revoke takes one away.
func (r rows) Revoke(ctx context.Context, g access.Given) (bool, error) {
	return changed(r.q.ExecContext(ctx, "UPDATE roles SET revoked = $4 WHERE account = $1 AND role = $2 AND site = $3 AND revoked = 0",
		g.Account, string(g.Role), g.Site, micro(g.Revoked)))
}

var _ access.Store = (*Store)(nil)
