package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/study"
)

// Contact is who somebody is, and how she is reached. It is kept apart from the
// trial's data, and every look is recorded.
type Contact struct {
	Name      string   `json:"name,omitempty" maxLength:"400"`
	Mail      string   `json:"mail,omitempty" maxLength:"400"`
	Phone     string   `json:"phone,omitempty" maxLength:"400"`
	Address   string   `json:"address,omitempty" maxLength:"2000"`
	Born      string   `json:"born,omitempty" maxLength:"400"`
	Note      string   `json:"note,omitempty" maxLength:"4000"`
	Channels  []string `json:"channels,omitempty" doc:"how she wants to be reminded: mail, push, calendar"`
	Signature string   `json:"signature,omitempty" readOnly:"true" doc:"as she wrote it under the consent; not changed here"`
}

func contactOf(p contact.Person) Contact {
	return Contact{p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note, p.Channels, p.Signature}
}

// ContactBefore is what was known until a change.
type ContactBefore struct {
	Known  bool    `json:"known" doc:"false: nothing was known before"`
	Was    Contact `json:"was"`
	At     string  `json:"at" doc:"of the change"`
	By     string  `json:"by,omitempty"`
	Role   string  `json:"role,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

type contactOut struct {
	ETag string `header:"ETag" doc:"the version, to be sent as If-Match with a change"`
	Body Contact
}

type contactBeforeOut struct {
	Body struct {
		Changes []ContactBefore `json:"changes" nullable:"false" doc:"the oldest first"`
	}
}

// contact gives who somebody is, and changes it as it was read and not otherwise.
func (s *server) contact(api huma.API) {
	const path = "/participants/{subject}/contact"
	huma.Register(api, asked("see-identity", path, "Who somebody is, and how she is reached; that it was looked at is recorded"),
		func(ctx context.Context, in *OfPerson) (*contactOut, error) {
			book, err := s.book()
			if err != nil {
				return nil, problem(err)
			}
			p, version, _, err := book.Read(ctx, desk.CallerOf(ctx), study.Subject(in.Subject))
			if err != nil {
				return nil, problem(err)
			}
			return &contactOut{quoted(version), contactOf(p)}, nil
		})
	before := asked("see-identity", path+"/before", "What was known of her before each change, with who changed it, when and why")
	before.OperationID = "see-identity-before"
	huma.Register(api, before, func(ctx context.Context, in *OfPerson) (*contactBeforeOut, error) {
		book, err := s.book()
		if err != nil {
			return nil, problem(err)
		}
		all, err := book.Formers(ctx, desk.CallerOf(ctx), study.Subject(in.Subject))
		if err != nil {
			return nil, problem(err)
		}
		out := &contactBeforeOut{}
		out.Body.Changes = []ContactBefore{}
		for _, f := range all {
			out.Body.Changes = append(out.Body.Changes, ContactBefore{f.Known, contactOf(f.Person), stampOf(f.At), f.By, string(f.Role), f.Reason})
		}
		return out, nil
	})
	s.setContact(api, path)
}

type contactChange struct {
	Subject string `path:"subject" doc:"the participant's code" example:"P0001"`
	Match   string `header:"If-Match" doc:"the ETag of what was read; a change of anything else is refused"`
	Body    struct {
		Contact
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"wanted of staff who change what is known; kept with what stood there before"`
	}
}

func (s *server) setContact(api huma.API, path string) {
	op := done("set-identity", "set-identity", http.MethodPut, path, "Put this in place of what is known of her, which is kept beside it")
	op.Errors = append(op.Errors, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	huma.Register(api, op, func(ctx context.Context, in *contactChange) (*contactOut, error) {
		book, err := s.book()
		if err == nil && in.Match == "" {
			err = fault.New("version-wanted", "If-Match", "what is changed is named by its ETag").WithHint("GET it first")
		}
		if err != nil {
			return nil, problem(err)
		}
		caller, who := desk.CallerOf(ctx), study.Subject(in.Subject)
		now, _, _, err := book.Read(ctx, caller, who)
		if err != nil {
			return nil, problem(err)
		}
		c := in.Body.Contact
		now.Name, now.Mail, now.Phone, now.Address, now.Born, now.Note, now.Channels = c.Name, c.Mail, c.Phone, c.Address, c.Born, c.Note, c.Channels
		was := contact.Version(strings.Trim(strings.TrimSpace(in.Match), `"`))
		if was == nothing {
			was = ""
		}
		fresh, err := book.Set(ctx, caller, who, now, was, in.Body.Reason)
		if err != nil {
			return nil, problem(err)
		}
		return &contactOut{quoted(fresh), contactOf(now)}, nil
	})
}

// nothing is the version of what is not known.
const nothing contact.Version = "none"

func quoted(v contact.Version) string {
	if v == "" {
		v = nothing
	}
	return `"` + string(v) + `"`
}

func (s *server) book() (*contact.Book, error) {
	if s.opts.Contact == nil {
		return nil, fault.New("not-offered", "contact", "no names are kept in this trial: its people are made up")
	}
	return s.opts.Contact, nil
}
