package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/identity"
	"dvala/notify"
	"dvala/store"
	"dvala/store/reminders"
	"dvala/study"
)

// MailFlags say how reminders, links to sign in and notices of emergencies leave
// the server. Without a sender none are sent.
type MailFlags struct {
	MailFrom       string `env:"DVALA_MAIL_FROM" placeholder:"ADDRESS" help:"Send reminders, links to sign in and notices, in this name, as in \"Dvala <trial@example.org>\"; push messages, too."`
	MailHost       string `env:"DVALA_MAIL_HOST" placeholder:"HOST" help:"The mail server. Without it, push messages alone are sent."`
	MailPort       int    `env:"DVALA_MAIL_PORT" default:"587" help:"Its port. (${default})"`
	MailUser       string `env:"DVALA_MAIL_USER" placeholder:"NAME" help:"Who signs in there; the password is in DVALA_MAIL_PASSWORD."`
	MailCheckpoint string `env:"DVALA_MAIL_CHECKPOINT" placeholder:"ADDRESS" help:"Mail the ledger's last signed checkpoint there once a day, as to the custodian."`
	PushKey        string `type:"path" env:"DVALA_PUSH_KEY_FILE" placeholder:"FILE" help:"The key pair for push messages, from dvala key push. (push.key in the directory, made there; in a database: no push messages)"`
	MailPlain      bool   `env:"DVALA_MAIL_PLAIN" help:"Without TLS: for a mail server on this machine."`
}

// pushKeys is the file of the server's key pair for web push.
const pushKeysFile = "push.key"

// pushKeys are what push services know this server by.
type pushKeys struct {
	Public  string `json:"public"`
	Private string `json:"private"`
}

// readPushKeys reads them from a file, or from the trial's directory, where they
// are made if there are none. Servers that share a database are handed the same,
// or have none.
func readPushKeys(dir, path string) (pushKeys, error) {
	var k pushKeys
	handed := path != ""
	if path == "" && dir == "" {
		return k, nil
	}
	if !handed {
		path = filepath.Join(dir, pushKeysFile)
	}
	raw, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(raw, &k); err != nil || k.Public == "" || k.Private == "" {
			return k, fault.New("push-keys", path, "holds no key pair").WithHint("remove it, and every device subscribes anew")
		}
		return k, nil
	case handed || !errors.Is(err, fs.ErrNotExist):
		return k, fault.Wrap("file-unreadable", path, err)
	}
	if k, err = newPushKeys(); err != nil {
		return k, err
	}
	if raw, err = json.Marshal(k); err != nil {
		return k, fault.Wrap("push-keys", path, err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return k, fault.Wrap("file-unwritable", path, err)
	}
	return k, nil
}

// sender makes what sends reminders.
func (f MailFlags) sender(book *reminders.Book, to notify.Addresses, keys pushKeys, base string, now func() time.Time) *notify.Sender {
	contact := f.MailFrom
	if a, err := mail.ParseAddress(f.MailFrom); err == nil {
		contact = a.Address // push services want it bare
	}
	s := &notify.Sender{
		Book: book, Addresses: to, Now: now,
	}
	if keys.Public != "" {
		s.Pusher = notify.WebPush{Public: keys.Public, Private: keys.Private, Contact: contact}
	}
	if f.MailHost != "" {
		s.Mailer = f.server(base)
	}
	return s
}

// server is the mail server, as it is spoken to.
func (f MailFlags) server(base string) notify.SMTP {
	return notify.SMTP{
		Host: f.MailHost, Port: f.MailPort, User: f.MailUser, Password: os.Getenv("DVALA_MAIL_PASSWORD"),
		From: f.MailFrom, Base: base, Plain: f.MailPlain,
	}
}

// addressesOf gives where mail about a trial's people goes: to themselves by the
// vault, and to those who coordinate or investigate at their site.
func addressesOf(trial *store.Trial, vault *identity.Vault, accounts *access.Service) notify.Addresses {
	return notify.Identities{Vault: vault, StaffOf: func(ctx context.Context, who study.Subject) ([]notify.Reader, error) {
		site := ""
		trial.View(func(s *study.State) {
			if p := s.People[who]; p != nil {
				site = p.Site
			}
		})
		all, err := accounts.Accounts(ctx, access.Shell())
		var out []notify.Reader
		for _, a := range all {
			if a.Mail == "" || !a.Closed.IsZero() {
				continue
			}
			for _, g := range a.Roles {
				if (g.Role == study.RoleCoordinator || g.Role == study.RoleInvestigator) && (g.Site == "" || g.Site == site) {
					out = append(out, notify.Reader{Mail: a.Mail, Lang: a.Letters})
					break
				}
			}
		}
		return out, err
	}}
}

// languageOf gives the language of the account that has an address; English where
// nobody has it.
func (d *servedDesk) languageOf(ctx context.Context, mail string) string {
	all, err := d.access.Accounts(ctx, access.Shell())
	if err != nil {
		return "en" // the letter goes all the same
	}
	for _, a := range all {
		if strings.EqualFold(a.Mail, mail) && a.Closed.IsZero() {
			return a.Letters
		}
	}
	return "en"
}
