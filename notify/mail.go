package notify

import (
	"context"
	"strings"

	"github.com/wneessen/go-mail"

	"dvala/desk/remind"
	"dvala/fault"
)

// SMTP sends mail through a server of the operator's.
type SMTP struct {
	Host     string
	Port     int    // 587 if 0
	User     string // empty: no sign-in
	Password string
	From     string // as in Dvala <trial@example.org>
	Base     string // https://trial.example.org, before a message's link
	// Plain allows a connection without TLS; for a server on this machine.
	Plain bool
}

// Letter is one mail, as it is read.
type Letter struct {
	Lang, Title, Body string
}

// Mail sends one message as plain text.
func (s SMTP) Mail(ctx context.Context, to string, m remind.Message) error {
	return s.Send(ctx, to, Letter{m.Lang, m.Title, s.text(m)})
}

// Send sends a letter as plain text.
func (s SMTP) Send(ctx context.Context, to string, l Letter) error {
	msg := mail.NewMsg()
	if err := msg.From(s.From); err != nil {
		return fault.Wrap("mail-from", s.From, err)
	}
	if err := msg.To(to); err != nil {
		return fault.New("mail-address", "", "the address is none that mail can go to")
	}
	msg.Subject(l.Title)
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday notice answers it
	msg.SetGenHeader("Content-Language", l.Lang)
	msg.SetBodyString(mail.TypeTextPlain, l.Body)
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		// The server's words may hold the address; the outbox is not the place for it.
		return fault.New("mail-sent", "", "%s", strings.ReplaceAll(err.Error(), to, "…"))
	}
	return nil
}

func (s SMTP) text(m remind.Message) string {
	out := m.Body + "\n"
	if s.Base != "" && m.Link != "" {
		out += "\n" + strings.TrimSuffix(s.Base, "/") + m.Link + "\n"
	}
	if m.Kind != remind.Alert {
		out += "\n" + remind.Say(m.Lang, "mail.why") + "\n"
	}
	return out
}

func (s SMTP) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithTLSPortPolicy(mail.TLSMandatory)}
	if s.Plain {
		options = []mail.Option{mail.WithTLSPortPolicy(mail.NoTLS)}
	}
	if s.Port != 0 {
		options = append(options, mail.WithPort(s.Port))
	}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fault.Wrap("mail-server", s.Host, err)
	}
	return client, nil
}

// Greet signs in at the mail server as to send, and says good-bye.
func (s SMTP) Greet(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fault.Wrap("mail-server", s.Host, err).WithHint("--mail-host, --mail-port, --mail-user and DVALA_MAIL_PASSWORD say where and who; --mail-plain is for a server on this machine")
	}
	return client.Close()
}
