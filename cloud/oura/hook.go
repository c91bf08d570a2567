package oura

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Event is what Oura tells: that a document was made, changed or deleted.
type Event struct {
	Event  string `json:"event_type"` // create, update or delete
	Type   string `json:"data_type"`  // sleep, daily_sleep, …
	Object string `json:"object_id"`
	Time   string `json:"event_time"`
	User   string `json:"user_id"`
}

// Hook answers Oura's notifications. It must be served over https.
type Hook struct {
	Secret       string      // of the client: signs events
	Verification string      // told to Oura when subscribing
	Take         func(Event) // called once for each event; must be quick
	Now          func() time.Time

	mu   sync.Mutex
	seen map[[32]byte]time.Time
}

// fresh is how old an event may be, or how far ahead its clock.
const fresh = 5 * time.Minute

// maxEvent bounds what is read of an event.
const maxEvent = 64 << 10

// ServeHTTP answers a verification with its challenge, and an event whose
// signature is right, whose time is now, and that was not here before.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		q := r.URL.Query()
		if h.Verification == "" || subtle.ConstantTimeCompare([]byte(q.Get("verification_token")), []byte(h.Verification)) != 1 {
			http.Error(w, "unknown verification token", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": q.Get("challenge")}) // the caller sees a cut answer
	case http.MethodPost:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		if err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		e, code := h.check(r.Header, body)
		if code != http.StatusOK {
			http.Error(w, http.StatusText(code), code)
			return
		}
		if e != nil {
			h.Take(*e)
		}
		w.WriteHeader(http.StatusOK)
	default:
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
	}
}

// Sign gives the signature of an event as Oura makes it: HMAC-SHA256, under the
// client's secret, of the time stamp followed by the body, in capital hex.
func Sign(secret, timestamp string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(timestamp))
	m.Write(body)
	return strings.ToUpper(hex.EncodeToString(m.Sum(nil)))
}

// check gives the event, or nil for one that was taken before: Oura repeats what
// it believes unheard, and is told that all is well.
func (h *Hook) check(head http.Header, body []byte) (*Event, int) {
	timestamp := head.Get("x-oura-timestamp")
	want := Sign(h.Secret, timestamp, body)
	if h.Secret == "" || subtle.ConstantTimeCompare([]byte(strings.ToUpper(head.Get("x-oura-signature"))), []byte(want)) != 1 {
		return nil, http.StatusUnauthorized
	}
	now := time.Now
	if h.Now != nil {
		now = h.Now
	}
	at, ok := stamp(timestamp)
	if age := now().Sub(at); !ok || age > fresh || age < -fresh {
		return nil, http.StatusUnauthorized
	}
	var e Event
	if json.Unmarshal(body, &e) != nil || e.Event == "" || e.Type == "" {
		return nil, http.StatusBadRequest
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil {
		h.seen = map[[32]byte]time.Time{}
	}
	for key, t := range h.seen {
		if now().Sub(t) > 2*fresh {
			delete(h.seen, key) // too old to come again
		}
	}
	key := sha256.Sum256([]byte(want))
	if _, again := h.seen[key]; again {
		return nil, http.StatusOK
	}
	h.seen[key] = now()
	return &e, http.StatusOK
}

// stamp reads seconds or milliseconds since 1970, or RFC 3339.
func stamp(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		if n > 1e11 {
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}
