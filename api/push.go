package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/study"
)

// Push is how a participant's browsers take messages.
type Push struct {
	Key      string   `json:"key,omitempty" doc:"the public key that a browser wants for its push service; absent: no messages are pushed"`
	Browsers []string `json:"browsers" nullable:"false" doc:"the addresses that she has given"`
}

type subscribing struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"2000"`
		Keys     struct {
			P256DH string `json:"p256dh" maxLength:"200"`
			Auth   string `json:"auth" maxLength:"200"`
		} `json:"keys"`
		ExpirationTime any `json:"expirationTime,omitempty" doc:"as a browser gives it; it is not kept"`
	}
}

// pushes gives, takes and forgets where a participant's browsers take messages.
func (s *server) pushes(api huma.API) {
	huma.Register(api, named("see-push", "see-own", "/me/push", "The key for push messages, and the browsers that take them"), func(ctx context.Context, _ *struct{}) (*struct{ Body Push }, error) {
		out := Push{Key: s.opts.PushKey, Browsers: []string{}}
		err := s.booked(ctx, func(b remind.Book, who study.Subject) error {
			list, err := b.Subscriptions(ctx, who)
			for _, x := range list {
				out.Browsers = append(out.Browsers, x.Endpoint)
			}
			return err
		})
		return &struct{ Body Push }{out}, err
	})
	const about = "/me/push"
	huma.Register(api, done("submit", "subscribe", http.MethodPut, about, "Keep where a browser takes push messages, as PushSubscription.toJSON gives it; the same twice is kept once"),
		func(ctx context.Context, in *subscribing) (*noBody, error) {
			sub := remind.Subscription{Endpoint: in.Body.Endpoint, P256DH: in.Body.Keys.P256DH, Auth: in.Body.Keys.Auth}
			if !sub.Known() || sub.P256DH == "" || sub.Auth == "" {
				return nil, problem(fault.New("subscription-form", "endpoint", "this is no browser's push service"))
			}
			return &noBody{}, s.booked(ctx, func(b remind.Book, who study.Subject) error { return b.Subscribe(ctx, who, sub) })
		})
	huma.Register(api, done("submit", "unsubscribe", http.MethodDelete, about, "Forget a browser"),
		func(ctx context.Context, in *struct {
			Endpoint string `query:"endpoint" required:"true" maxLength:"2000"`
		},
		) (*noBody, error) {
			return &noBody{}, s.booked(ctx, func(b remind.Book, who study.Subject) error { return b.Unsubscribe(ctx, who, in.Endpoint) })
		})
}

// booked does something with the book of reminders for a participant.
func (s *server) booked(ctx context.Context, do func(remind.Book, study.Subject) error) error {
	if s.opts.Book == nil {
		return problem(fault.New("not-offered", "", "nobody is reminded here"))
	}
	if err := s.herself(ctx, func(desk.Caller, *study.State, *study.Participant) error { return nil }); err != nil {
		return err
	}
	if err := do(s.opts.Book, desk.CallerOf(ctx).Subject); err != nil {
		return problem(err)
	}
	return nil
}
