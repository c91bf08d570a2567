package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// AccountCmd lets staff in. Whoever has the trial's directory under her hands
// begins with it: the first administrator is made here, and a link is printed
// that works once.
type AccountCmd struct {
	Add  AccountAddCmd  `cmd:"" help:"Make an account, give it roles, and print a link that lets its owner in once."`
	Link AccountLinkCmd `cmd:"" help:"Print another link for an account: its owner lost her passkey."`
	List AccountListCmd `cmd:"" help:"List the accounts and their roles."`
	Log  AccountLogCmd  `cmd:"" help:"Print the access log, and check that nothing in it was changed."`
}

// AccountAddCmd makes one.
type AccountAddCmd struct {
	ID   string   `arg:"" help:"The account's ID: small letters, digits, dots and hyphens."`
	Name string   `required:"" help:"The person's whole name, as it stands beside her signatures."`
	Role []string `required:"" placeholder:"ROLE[@SITE]" help:"A role, at one site or at all: administrator, coordinator@lund. May be given again."`
	Mail string   `help:"Where links are sent, and by which single sign-on knows her."`
	Lang string   `enum:",en,sv" default:"" help:"en or sv; left out: pages are in the browser's language, letters in the trial's."`
	PlaceFlags
	Origin string `default:"http://localhost:8080" help:"How browsers reach the server, for the link."`
}

// shellDoor is open to whoever has the directory.
type shellDoor struct{}

func (shellDoor) Allow(c desk.Caller, a desk.Action, _ study.Subject, _ string) (study.Role, error) {
	if c.From != "shell" {
		return "", fault.New(desk.CodeForbidden, string(a), "this is for the shell")
	}
	return study.RoleAdministrator, nil
}

func openAccounts(ctx context.Context, p *Program, place PlaceFlags, origin string) (*access.Service, *peopleStore, error) {
	w, err := place.where()
	if err != nil {
		return nil, nil, err
	}
	if !w.Shared() {
		if w.Dir == "" {
			return nil, nil, fault.New("store-where", "dir", "neither a directory nor a database is named").WithHint("--dir DIR, or --database postgres://…")
		}
		if _, err := os.Stat(w.Dir); err != nil {
			return nil, nil, fault.Wrap("store-none", w.Dir, err).WithHint("dvala init begins a trial")
		}
	}
	rows, err := openPeople(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	s, err := access.New(access.Config{Store: rows, Door: shellDoor{}, Now: p.Now, Rand: rand.Reader, Origin: origin})
	if err != nil {
		_ = rows.Close()
		return nil, nil, err
	}
	return s, rows, nil
}

// Run makes it.
func (c *AccountAddCmd) Run(p *Program) error {
	ctx := context.Background()
	s, rows, err := openAccounts(ctx, p, c.PlaceFlags, c.Origin)
	if err != nil {
		return err
	}
	defer rows.Close()
	grants, err := readGrants(c.Role)
	if err != nil {
		return err
	}
	a, err := s.AddAccount(ctx, access.Shell(), access.Account{ID: c.ID, Name: c.Name, Mail: c.Mail, Lang: c.Lang})
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := s.GiveRole(ctx, access.Shell(), a.ID, g, "made at the shell"); err != nil {
			return err
		}
	}
	return printLink(ctx, p, s, a.ID)
}

// readGrants reads roles with their sites, all problems at once.
func readGrants(words []string) ([]desk.Grant, error) {
	var bad fault.List
	var out []desk.Grant
	for _, w := range words {
		role, site, _ := strings.Cut(w, "@")
		known := false
		for _, r := range access.StaffRoles() {
			known = known || string(r) == role
		}
		if !known {
			bad.Addf(access.CodeAccount, "--role", "%.40q is not a role of staff", role).WithHint("one of %v", access.StaffRoles())
		}
		out = append(out, desk.Grant{Role: study.Role(role), Site: site})
	}
	return out, bad.Err()
}

func printLink(ctx context.Context, p *Program, s *access.Service, account string) error {
	h, err := s.LinkFor(ctx, access.Shell(), account)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s can sign in once, until %s, at\n  %s\nDo so while dvala serve runs, and add a passkey then.\n", account, h.Expires.Local().Format("15:04"), h.URL)
	return err
}

// AccountLinkCmd prints a link.
type AccountLinkCmd struct {
	ID string `arg:"" help:"The account."`
	PlaceFlags
	Origin string `default:"http://localhost:8080" help:"How browsers reach the server."`
}

// Run prints it.
func (c *AccountLinkCmd) Run(p *Program) error {
	ctx := context.Background()
	s, rows, err := openAccounts(ctx, p, c.PlaceFlags, c.Origin)
	if err != nil {
		return err
	}
	defer rows.Close()
	return printLink(ctx, p, s, c.ID)
}

// AccountListCmd lists accounts.
type AccountListCmd struct {
	PlaceFlags
}

// Run lists them.
func (c *AccountListCmd) Run(p *Program) error {
	ctx := context.Background()
	s, rows, err := openAccounts(ctx, p, c.PlaceFlags, "http://localhost")
	if err != nil {
		return err
	}
	defer rows.Close()
	all, err := s.Accounts(ctx, access.Shell())
	if err != nil {
		return err
	}
	for _, a := range all {
		roles := make([]string, 0, len(a.Roles))
		for _, g := range a.Roles {
			r := string(g.Role)
			if g.Site != "" {
				r += "@" + g.Site
			}
			roles = append(roles, r)
		}
		state := ""
		if !a.Closed.IsZero() {
			state = "closed"
		}
		fmt.Fprintf(p.Stdout, "%-20s %-30s %-40s %s %s\n", a.ID, a.Name, strings.Join(roles, " "), counted(a.Passkeys, "passkey"), state)
	}
	return nil
}

// AccountLogCmd prints the access log.
type AccountLogCmd struct {
	PlaceFlags
}

// Run prints it.
func (c *AccountLogCmd) Run(p *Program) error {
	ctx := context.Background()
	s, rows, err := openAccounts(ctx, p, c.PlaceFlags, "http://localhost")
	if err != nil {
		return err
	}
	defer rows.Close()
	for from := int64(1); ; {
		page, err := s.AccessLog(ctx, access.Shell(), from, 1000)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			fmt.Fprintf(p.Stdout, "%6d  %s  %-16s %-20s %-16s %s\n", e.Seq, e.At.UTC().Format("2006-01-02T15:04:05Z"), e.Actor, e.What, e.Account, e.Detail)
		}
		from = page[len(page)-1].Seq + 1
	}
	trial, err := c.read(ctx)
	if err != nil {
		return err
	}
	defer trial.Close()
	anchors := anchorsOf(trial.State()) // read before the log, which may go on meanwhile
	n, head, err := access.VerifyLog(ctx, rows, anchors...)
	if err != nil {
		return err
	}
	kept := "the ledger does not say yet how long it was"
	if len(anchors) > 0 {
		last := anchors[len(anchors)-1]
		kept = fmt.Sprintf("the first %d are as %s of the ledger says", last.Lines, last.Where)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s, unbroken; %s; the last one's hash is %s\n", counted(int(n), "line"), kept, head)
	return err
}
