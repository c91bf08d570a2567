package notify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"dvala/desk/remind"
	"dvala/fault"
)

// WebPush sends to browsers through their vendors' push services (RFC 8030),
// encrypted for the browser (RFC 8291) and signed with the server's VAPID key
// (RFC 8292), so that the services in between read nothing.
type WebPush struct {
	Public, Private string // the VAPID keys; NewKeys makes a pair
	Contact         string // whom a push service may write to: a mail address
	Client          *http.Client
}

// NewKeys makes a VAPID key pair. The public half goes to the pages, the
// private half stays on the server.
func NewKeys() (public, private string, err error) {
	private, public, err = webpush.GenerateVAPIDKeys()
	if err != nil {
		return "", "", fault.Wrap("push-keys", "", err)
	}
	return public, private, nil
}

// pushFor is how long a push service keeps a message for a device that is off:
// a morning's reminder is of no use in the evening.
const pushFor = 4 * time.Hour

// Push sends one message to one browser.
func (p WebPush) Push(ctx context.Context, to remind.Subscription, m remind.Message) error {
	said, err := json.Marshal(map[string]string{"title": m.Title, "body": m.Body, "link": m.Link, "tag": string(m.Kind)})
	if err != nil {
		return fault.Wrap("push-form", "", err)
	}
	client := p.Client
	if client == nil {
		client = &http.Client{Timeout: 20 * time.Second}
	}
	resp, err := webpush.SendNotificationWithContext(ctx, said, &webpush.Subscription{
		Endpoint: to.Endpoint, Keys: webpush.Keys{P256dh: to.P256DH, Auth: to.Auth},
	}, &webpush.Options{
		HTTPClient: client, Subscriber: p.Contact, VAPIDPublicKey: p.Public, VAPIDPrivateKey: p.Private,
		TTL: int(pushFor.Seconds()), Urgency: webpush.UrgencyNormal,
	})
	if err != nil {
		return fault.New("push-sent", "", "the push service could not be reached")
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return ErrGone
	case resp.StatusCode >= 300:
		return fault.New("push-sent", "", "the push service answered %d", resp.StatusCode)
	}
	return nil
}
