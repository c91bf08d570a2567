package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/study"
)

// Identity is who somebody is and how she is reached. It is kept apart from the
// trial's data, under another key, and every look at it is on the access log.
type Identity struct {
	Known     bool     `json:"known" doc:"false: nothing is known of her, or it was erased" readOnly:"true"`
	Name      string   `json:"name,omitempty"`
	Mail      string   `json:"mail,omitempty"`
	Phone     string   `json:"phone,omitempty"`
	Address   string   `json:"address,omitempty"`
	Born      string   `json:"born,omitempty"`
	Note      string   `json:"note,omitempty"`
	Channels  []string `json:"channels" nullable:"false" doc:"by which she wants to be reminded"`
	Signature bool     `json:"signature" doc:"there is a drawn signature" readOnly:"true"`
	Browsers  int      `json:"browsers" doc:"that take reminders" readOnly:"true"`
}

type identityOut struct{ Body Identity }

type settingIdentity struct {
	OfPerson
	Body struct {
		Name     string   `json:"name,omitempty" maxLength:"400"`
		Mail     string   `json:"mail,omitempty" maxLength:"400"`
		Phone    string   `json:"phone,omitempty" maxLength:"400"`
		Address  string   `json:"address,omitempty" maxLength:"2000"`
		Born     string   `json:"born,omitempty" maxLength:"40"`
		Note     string   `json:"note,omitempty" maxLength:"4000"`
		Channels []string `json:"channels,omitempty"`
	}
}

// identity gives, sets and erases who a person is, for whoever may.
func (s *server) identity(api huma.API) {
	see := asked("see-identity", "/participants/{subject}/identity", "Who somebody is and how she is reached; every look is on the access log")
	see.Tags = []string{"identity"}
	huma.Register(api, see, func(ctx context.Context, in *OfPerson) (*identityOut, error) {
		return identified(s, func(b *contact.Book) (*identityOut, error) {
			p, there, err := b.Of(ctx, desk.CallerOf(ctx), study.Subject(in.Subject))
			return &identityOut{Identity{
				there, p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note, append([]string{}, p.Channels...), p.Signature != "", len(p.Push),
			}}, err
		})
	})
	set := done("set-identity", "set-identity", http.MethodPut, "/participants/{subject}/identity", "Keep who somebody is, in place of what was known; her signature and her browsers stay as they are")
	set.Tags = []string{"identity"}
	huma.Register(api, set, func(ctx context.Context, in *settingIdentity) (*noBody, error) {
		return identified(s, func(b *contact.Book) (*noBody, error) {
			caller, who := desk.CallerOf(ctx), study.Subject(in.Subject)
			p, _, err := b.Of(ctx, caller, who)
			if err != nil {
				return nil, err
			}
			p.Name, p.Mail, p.Phone, p.Address, p.Born, p.Note = in.Body.Name, in.Body.Mail, in.Body.Phone, in.Body.Address, in.Body.Born, in.Body.Note
			p.Channels = in.Body.Channels
			return &noBody{}, b.Set(ctx, caller, who, p)
		})
	})
	erase := done("erase-identity", "erase-identity", http.MethodPost, "/participants/{subject}/identity/erase", "Destroy what could name her, for good, and everything under her key with it")
	erase.Tags = []string{"identity"}
	huma.Register(api, erase, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Reason string `json:"reason" doc:"which must not name her"`
		}
	},
	) (*noBody, error) {
		return identified(s, func(b *contact.Book) (*noBody, error) {
			return &noBody{}, b.Erase(ctx, desk.CallerOf(ctx), study.Subject(in.Subject), in.Body.Reason)
		})
	})
}

// identified serves what is about who people are, where that is kept.
func identified[T any](s *server, do func(*contact.Book) (*T, error)) (*T, error) {
	if s.opts.Contact == nil {
		return nil, problem(fault.New("not-offered", "", "no names are kept in this trial: its people are made up"))
	}
	out, err := do(s.opts.Contact)
	if err != nil {
		return nil, problem(err)
	}
	return out, nil
}
